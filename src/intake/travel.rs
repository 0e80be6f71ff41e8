//! `travel.csv`: drives between sites; pairs that are missing are estimated from coordinates.
//!
//! A row counts for both directions unless the way back has a row of its own.

use std::collections::{BTreeMap, BTreeSet};

use super::estimate::{Coordinates, Settings, estimate};
use super::limits::{TRAVEL_MILES_HUNDREDTHS, TRAVEL_MINUTES};
use super::sites::SiteRow;
use super::table::{Shape, Table};
use super::{Codes, FileFault, Known, cell};

pub(super) const SHAPE: Shape =
    Shape { file: "travel.csv", columns: &["from_site", "to_site", "minutes", "miles", "estimated"], optional: &[] };

/// A drive from one site to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TravelRow {
    /// Line in the file, also for the way back of that line; `None` when the drive was estimated here.
    pub line: Option<usize>,
    /// Code of the site where it begins.
    pub from_site: String,
    /// Code of the site where it ends.
    pub to_site: String,
    /// Minutes from door to door.
    pub minutes: i64,
    /// Hundredths of a mile.
    pub miles_hundredths: i64,
    /// Whether it was estimated, here or by those who wrote the file.
    pub estimated: bool,
}

pub(super) fn read(
    table: &Table,
    codes: &Codes,
    (site_table, sites): (&Table, &[SiteRow]),
    known: &Known,
    settings: &Settings,
    faults: &mut Vec<FileFault>,
) -> Vec<TravelRow> {
    let mut given: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut rows = table.rows(faults, |row| {
        let from = row.required("from_site", cell::one_of_codes(&codes.sites, "site", "sites.csv"));
        let to = row.required("to_site", cell::one_of_codes(&codes.sites, "site", "sites.csv"));
        let minutes = row.required("minutes", cell::whole(TRAVEL_MINUTES));
        let miles = row.required("miles", cell::decimal(2, TRAVEL_MILES_HUNDREDTHS, "5.10 (up to 1000.00)"));
        let estimated = row.optional("estimated", cell::one_of(&[("yes", true), ("no", false)]));
        let (from_site, to_site) = (from?, to?);
        if from_site == to_site {
            row.note("to_site", format!("to_site: {to_site} is where the drive begins; leave the row out"));
            return None;
        }
        if let Some(line) = given.insert((from_site.clone(), to_site.clone()), row.line()) {
            row.note("from_site", format!("{from_site} to {to_site} is already on line {line}; remove one"));
            return None;
        }
        Some(TravelRow {
            line: Some(row.line()),
            from_site,
            to_site,
            minutes: minutes?,
            miles_hundredths: miles?,
            estimated: estimated?.unwrap_or(false),
        })
    });
    let ways_back: Vec<TravelRow> = rows
        .iter()
        .map(|row| TravelRow { from_site: row.to_site.clone(), to_site: row.from_site.clone(), ..row.clone() })
        .filter(|back| !given.contains_key(&(back.from_site.clone(), back.to_site.clone())))
        .collect();
    rows.extend(ways_back);
    let is_given = |a: &str, b: &str| {
        [(a, b), (b, a)].into_iter().any(|(from, to)| {
            let pair = (from.to_owned(), to.to_owned());
            given.contains_key(&pair) || known.travel.contains(&pair)
        })
    };
    rows.extend(fill_gaps((site_table, sites), known, settings, is_given, faults));
    rows
}

/// Estimates both directions of every pair of sites, one of them from this folder, that has no row, and notes a
/// fault for each site whose drives can be neither found nor estimated.
fn fill_gaps(
    (site_table, sites): (&Table, &[SiteRow]),
    known: &Known,
    settings: &Settings,
    is_given: impl Fn(&str, &str) -> bool,
    faults: &mut Vec<FileFault>,
) -> Vec<TravelRow> {
    let in_folder: BTreeSet<&str> = sites.iter().map(|site| site.code.as_str()).collect();
    let mut estimates = Vec::new();
    for (index, site) in sites.iter().enumerate() {
        let open_together = sites.iter().enumerate().filter(|(_, other)| site.open.overlaps(&other.open));
        let of_folder = open_together.map(|(place, other)| (Some(place), other.code.as_str(), other.coordinates));
        let of_database = known.sites.iter().filter(|(code, _)| !in_folder.contains(code.as_str()));
        let others = of_folder.chain(of_database.map(|(code, coordinates)| (None, code.as_str(), *coordinates)));
        let mut unjoined = Vec::new();
        for (place, other, coordinates) in others.filter(|(_, other, _)| *other != site.code) {
            match (site.coordinates, coordinates) {
                _ if is_given(&site.code, other) => {}
                // A pair of the folder is met twice; it is estimated once.
                (Some(_), Some(_)) if place.is_some_and(|place| place < index) => {}
                (Some(here), Some(there)) => estimates.extend(both_ways(&site.code, here, other, there, settings)),
                // The other site is told, where it stands.
                (Some(_), None) if place.is_some() => {}
                _ => unjoined.push(other),
            }
        }
        if !unjoined.is_empty() {
            faults.push(unjoined_fault(site_table, site, &unjoined));
        }
    }
    estimates
}

fn both_ways(a: &str, here: Coordinates, b: &str, there: Coordinates, settings: &Settings) -> [TravelRow; 2] {
    let drive = estimate(here, there, settings);
    [(a, b), (b, a)].map(|(from, to)| TravelRow {
        line: None,
        from_site: from.to_owned(),
        to_site: to.to_owned(),
        minutes: drive.minutes,
        miles_hundredths: drive.miles_hundredths,
        estimated: true,
    })
}

fn unjoined_fault(site_table: &Table, site: &SiteRow, unjoined: &[&str]) -> FileFault {
    let column = if site.coordinates.is_none() { "latitude" } else { "code" };
    let more = match unjoined.len() - 1 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!(
        "travel from {} to {}{more} is unknown; add rows to travel.csv, or coordinates to both sites to have it estimated",
        site.code, unjoined[0]
    );
    site_table.fault(site.line, column, message)
}
