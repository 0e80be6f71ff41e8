//! `availability.csv`: when specialists can work, one interval a row.

use std::collections::BTreeMap;

use super::table::{Shape, Table};
use super::{Codes, FileFault, cell};
use crate::domain::calendar::{Interval, Period, WallClock, Weekday};

pub(super) const SHAPE: Shape = Shape {
    file: "availability.csv",
    columns: &["specialist", "weekday", "starts", "ends", "effective_from", "effective_until"],
    optional: &[],
};

/// One interval of a weekday on which a specialist can work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AvailabilityRow {
    /// Line in the file.
    pub line: usize,
    /// Code of the specialist.
    pub specialist: String,
    /// The day of the week.
    pub weekday: Weekday,
    /// From when to when.
    pub interval: Interval,
    /// The dates for which it holds.
    pub effective: Period,
}

pub(super) fn read(table: &Table, codes: &Codes, faults: &mut Vec<FileFault>) -> Vec<AvailabilityRow> {
    let known = &codes.specialists;
    let rows = table.rows(faults, |row| {
        let specialist = row.required("specialist", cell::one_of_codes(known, "specialist", "specialists.csv"));
        let weekday = row.required("weekday", str::parse::<Weekday>);
        let starts = row.required("starts", str::parse::<WallClock>);
        let ends = row.required("ends", str::parse::<WallClock>);
        let effective = cell::period(row, "effective_from", "effective_until");
        let (starts, ends) = (starts?, ends?);
        let interval = row.parsed("ends", |_| Interval::new(starts, ends));
        Some(AvailabilityRow {
            line: row.line(),
            specialist: specialist?,
            weekday: weekday?,
            interval: interval?,
            effective: effective?,
        })
    });
    refuse_overlaps(table, &rows, faults);
    rows
}

/// Notes each row that overlaps an earlier one of the same specialist and weekday on a common date.
fn refuse_overlaps(table: &Table, rows: &[AvailabilityRow], faults: &mut Vec<FileFault>) {
    let mut days: BTreeMap<(&str, Weekday), Vec<&AvailabilityRow>> = BTreeMap::new();
    for row in rows {
        let earlier = days.entry((&row.specialist, row.weekday)).or_default();
        let overlaps = |other: &&&AvailabilityRow| {
            other.interval.starts < row.interval.ends
                && row.interval.starts < other.interval.ends
                && other.effective.overlaps(&row.effective)
        };
        if let Some(other) = earlier.iter().find(overlaps) {
            let message = format!(
                "{} overlaps {} on line {} for {} on {}; join the two or move one",
                row.interval, other.interval, other.line, row.specialist, row.weekday
            );
            faults.push(table.fault(row.line, "starts", message));
        }
        earlier.push(row);
    }
}
