//! CSV folders read into typed rows, or every fault of every file by line and column.
//!
//! [`read`] is pure: it takes the bytes of the files and the codes that the database already holds, and touches neither
//! disk nor database. It answers with a complete [`Intake`] or with *all* faults, so that one round of mending is
//! enough and nothing is ever half written. `docs/import.md` explains every column to those who write the files.
//!
//! No file has a column for free text about a student: the only names are those of members, sites and staff.
//!
//! | module | what it holds |
//! |---|---|
//! | [`members`], [`sites`], [`specialists`], [`availability`], [`credentials`], [`travel`], [`requests`] | the rows of each file and their rules |
//! | [`estimate`] | travel estimated from coordinates |
//! | [`limits`] | how large a figure, a cell or a file may be |
//! | `table`, `cell` | reading CSV with positions; reading one cell |

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use availability::AvailabilityRow;
use credentials::CredentialRow;
use estimate::Coordinates;
use members::MemberRow;
use requests::RequestRow;
use sites::SiteRow;
use specialists::SpecialistRow;
use table::{Shape, Table};
use travel::TravelRow;

pub mod availability;
pub mod calendar;
mod cell;
pub mod credentials;
pub mod estimate;
pub mod limits;
pub mod members;
pub mod requests;
pub mod sites;
pub mod specialists;
mod table;
pub mod travel;

/// Every file of an import folder with its columns, in the order in which they are read.
const SHAPES: [&Shape; 7] = [
    &members::SHAPE,
    &sites::SHAPE,
    &specialists::SHAPE,
    &availability::SHAPE,
    &credentials::SHAPE,
    &travel::SHAPE,
    &requests::SHAPE,
];

/// What the database already holds, so that a folder may refer to it.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Codes of the members.
    pub member_codes: BTreeSet<String>,
    /// Codes of the sites, with their coordinates where they have any.
    pub sites: BTreeMap<String, Option<Coordinates>>,
    /// Codes of the specialists.
    pub specialist_codes: BTreeSet<String>,
    /// Disciplines that some specialist holds.
    pub disciplines: BTreeSet<String>,
    /// Pairs of site codes, from and to, whose travel is known.
    pub travel: BTreeSet<(String, String)>,
}

/// The rows of an import folder, all of them sound.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intake {
    /// Rows of `members.csv`.
    pub members: Vec<MemberRow>,
    /// Rows of `sites.csv`.
    pub sites: Vec<SiteRow>,
    /// Rows of `specialists.csv`.
    pub specialists: Vec<SpecialistRow>,
    /// Rows of `availability.csv`.
    pub availability: Vec<AvailabilityRow>,
    /// Rows of `credentials.csv`.
    pub credentials: Vec<CredentialRow>,
    /// Rows of `travel.csv`, their way back, and the estimates that fill the gaps.
    pub travel: Vec<TravelRow>,
    /// Rows of `requests.csv`.
    pub requests: Vec<RequestRow>,
}

/// One fault of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FileFault {
    /// Name of the file.
    pub file: String,
    /// Line in the file, the header being line 1.
    pub line: usize,
    /// Number of the column, the first being 1, as in a spreadsheet.
    pub column: usize,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

/// Codes that a row may refer to: those of the database and those that the folder itself declares.
///
/// Declared codes are taken from the raw cells, so that a site with a misspelled date does not make every request of
/// that site a fault too.
struct Codes {
    members: BTreeSet<String>,
    sites: BTreeSet<String>,
    specialists: BTreeSet<String>,
    disciplines: BTreeSet<String>,
}

/// Reads an import folder, given as file names and contents.
///
/// Every file is optional. On failure the faults are ordered by file name, line and column.
pub fn read(
    files: &BTreeMap<String, Vec<u8>>,
    known: &Known,
    settings: &estimate::Settings,
) -> Result<Intake, Vec<FileFault>> {
    let mut faults = Vec::new();
    let mut tables = BTreeMap::new();
    for (name, bytes) in files {
        match SHAPES.into_iter().find(|shape| shape.file == name) {
            Some(shape) => {
                tables.insert(shape.file, Table::read(shape, bytes, &mut faults));
            }
            None => faults.push(unknown_file(name)),
        }
    }
    let mut table = |shape: &'static Shape| tables.remove(shape.file).unwrap_or_else(|| Table::empty(shape));
    let member_table = table(&members::SHAPE);
    let site_table = table(&sites::SHAPE);
    let specialist_table = table(&specialists::SHAPE);
    let codes = Codes::gather(known, &member_table, &site_table, &specialist_table);

    let sites = sites::read(&site_table, &codes, &mut faults);
    let intake = Intake {
        members: members::read(&member_table, &mut faults),
        specialists: specialists::read(&specialist_table, &codes, &mut faults),
        availability: availability::read(&table(&availability::SHAPE), &codes, &mut faults),
        credentials: credentials::read(&table(&credentials::SHAPE), &codes, &mut faults),
        travel: travel::read(&table(&travel::SHAPE), &codes, (&site_table, &sites), known, settings, &mut faults),
        requests: requests::read(&table(&requests::SHAPE), &codes, &mut faults),
        sites,
    };
    if faults.is_empty() {
        Ok(intake)
    } else {
        faults.sort();
        Err(faults)
    }
}

impl Codes {
    fn gather(known: &Known, members: &Table, sites: &Table, specialists: &Table) -> Codes {
        let declared = |table: &Table| table.column("code").map(str::to_owned).collect::<Vec<_>>();
        let disciplines = specialists.column("disciplines").flat_map(str::split_whitespace).map(str::to_owned);
        Codes {
            members: known.member_codes.iter().cloned().chain(declared(members)).collect(),
            sites: known.sites.keys().cloned().chain(declared(sites)).collect(),
            specialists: known.specialist_codes.iter().cloned().chain(declared(specialists)).collect(),
            disciplines: known.disciplines.iter().cloned().chain(disciplines).collect(),
        }
    }
}

fn unknown_file(name: &str) -> FileFault {
    let expected = SHAPES.map(|shape| shape.file).join(", ");
    let message = format!("this file is not part of an import; the files are {expected}");
    FileFault { file: name.to_owned(), line: 1, column: 1, message }
}
