//! `sites.csv`: the campuses of the members.

use std::collections::BTreeMap;

use super::estimate::Coordinates;
use super::limits::{LATITUDE_MICRODEGREES, LONGITUDE_MICRODEGREES};
use super::table::{RowReader, Shape, Table};
use super::{Codes, FileFault, cell};
use crate::domain::calendar::Period;

pub(super) const SHAPE: Shape = Shape {
    file: "sites.csv",
    columns: &[
        "code",
        "member",
        "name",
        "address",
        "latitude",
        "longitude",
        "coordinates_source",
        "open_from",
        "open_until",
    ],
    optional: &[],
};

/// A site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteRow {
    /// Line in the file.
    pub line: usize,
    /// Immutable code.
    pub code: String,
    /// Code of its member.
    pub member: String,
    /// Name, as people read it.
    pub name: String,
    /// Street address.
    pub address: Option<String>,
    /// Where it is; needed only where travel is to be estimated.
    pub coordinates: Option<Coordinates>,
    /// Where the coordinates come from; there when they are.
    pub coordinates_source: Option<String>,
    /// When it is open.
    pub open: Period,
}

pub(super) fn read(table: &Table, codes: &Codes, faults: &mut Vec<FileFault>) -> Vec<SiteRow> {
    let mut seen = BTreeMap::new();
    table.rows(faults, |row| {
        cell::only_once(row, "code", &mut seen);
        let code = row.required("code", cell::code);
        let member = row.required("member", cell::one_of_codes(&codes.members, "member", "members.csv"));
        let name = row.required("name", cell::text);
        let address = row.optional("address", cell::text);
        let coordinates = read_coordinates(row);
        let open = cell::period(row, "open_from", "open_until");
        let (coordinates, coordinates_source) = coordinates?;
        Some(SiteRow {
            line: row.line(),
            code: code?,
            member: member?,
            name: name?,
            address: address?,
            coordinates,
            coordinates_source,
            open: open?,
        })
    })
}

/// Latitude, longitude and their source stand together or not at all.
fn read_coordinates(row: &mut RowReader<'_>) -> Option<(Option<Coordinates>, Option<String>)> {
    let latitude = row.optional("latitude", cell::decimal(6, LATITUDE_MICRODEGREES, "38.620090"));
    let longitude = row.optional("longitude", cell::decimal(6, LONGITUDE_MICRODEGREES, "-90.255390"));
    let source = row.optional("coordinates_source", cell::text);
    match (latitude?, longitude?, source?) {
        (Some(latitude_microdegrees), Some(longitude_microdegrees), Some(source)) => {
            Some((Some(Coordinates { latitude_microdegrees, longitude_microdegrees }), Some(source)))
        }
        (None, None, None) => Some((None, None)),
        (Some(_), Some(_), None) => {
            row.note("coordinates_source", "coordinates_source is empty; say where the coordinates come from".into());
            None
        }
        (latitude, _, _) => {
            let column = if latitude.is_none() { "latitude" } else { "longitude" };
            let message =
                format!("{column} is empty; write latitude, longitude and coordinates_source, or none of them");
            row.note(column, message);
            None
        }
    }
}
