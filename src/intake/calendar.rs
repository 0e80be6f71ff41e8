//! Days of a school calendar from a CSV file or from an iCalendar file (RFC 5545).
//!
//! Of an iCalendar file only events that last whole days are taken. A rule of repetition is refused rather than half
//! understood: school calendars are exported with their dates.

use chrono::{NaiveDate, TimeDelta};
use icalendar::parser::{Component, read_calendar, unfold};

use super::FileFault;
use super::cell;
use super::table::{Shape, Table};
use crate::domain::calendar::WallClock;
use crate::domain::ids::{MemberId, SiteId};
use crate::domain::school_calendar::{CalendarEntryFields, CalendarKind};

const SHAPE: Shape = Shape {
    file: "calendar.csv",
    columns: &["kind", "name", "starts_on", "ends_on", "released", "site"],
    optional: &["ends_on", "released", "site"],
};

const ICS_FILE: &str = "calendar.ics";

/// More events than this are no school year.
const EVENTS_MAX: usize = 2_000;

/// Days of a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarRow {
    /// The file, as faults name it.
    pub file: &'static str,
    /// Line in the file.
    pub line: usize,
    /// Code of the site, where the row names one.
    pub site: Option<String>,
    /// What it means for visits.
    pub kind: CalendarKind,
    /// What people call it.
    pub name: String,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    /// When an early release ends the day.
    pub released: Option<WallClock>,
}

impl CalendarRow {
    /// The row as an entry of a calendar.
    pub fn fields(&self, member_id: MemberId, site_id: Option<SiteId>) -> CalendarEntryFields {
        CalendarEntryFields {
            member_id,
            site_id,
            kind: self.kind,
            name: self.name.clone(),
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            released: self.released,
        }
    }

    /// A fault of the row.
    pub fn fault(&self, message: String) -> FileFault {
        FileFault { file: self.file.to_owned(), line: self.line, column: 1, message }
    }

    /// The row, if the rules of an entry are kept.
    fn checked(self, faults: &mut Vec<FileFault>) -> Option<CalendarRow> {
        let found = self.fields(MemberId(uuid::Uuid::nil()), None).check();
        faults.extend(
            found
                .iter()
                .map(|fault| self.fault(format!("{}: {}", fault.pointer.trim_start_matches('/'), fault.message))),
        );
        found.is_empty().then_some(self)
    }
}

/// Reads a CSV file.
///
/// # Errors
/// Every fault, in the order of lines.
pub fn read_csv(text: &str) -> Result<Vec<CalendarRow>, Vec<FileFault>> {
    let mut faults = Vec::new();
    let table = Table::read(&SHAPE, text.as_bytes(), &mut faults);
    let kinds = CalendarKind::ALL.map(|kind| (kind.code(), kind));
    let read = table.rows(&mut faults, |row| {
        let kind = row.required("kind", cell::one_of(&kinds));
        let name = row.required("name", cell::text);
        let starts_on = row.required("starts_on", cell::date);
        let ends_on = row.optional("ends_on", cell::date);
        let released = row.optional("released", str::parse);
        let site = row.optional("site", cell::code);
        Some(CalendarRow {
            file: SHAPE.file,
            line: row.line(),
            site: site?,
            kind: kind?,
            name: name?,
            starts_on: starts_on?,
            ends_on: ends_on?.or(starts_on)?,
            released: released?,
        })
    });
    finish(read, faults)
}

/// Reads an iCalendar file. An event whose CATEGORIES hold the name of a kind is of that kind, the others are of `kind`.
///
/// # Errors
/// Every fault, in the order of events; the line is that of the event's beginning.
pub fn read_ics(text: &str, kind: CalendarKind) -> Result<Vec<CalendarRow>, Vec<FileFault>> {
    let fault = |line: usize, message: &str| FileFault {
        file: ICS_FILE.to_owned(),
        line,
        column: 1,
        message: message.to_owned(),
    };
    let text = text.trim_start_matches('\u{feff}');
    let unfolded = unfold(text);
    let Ok(read) = read_calendar(&unfolded) else {
        return Err(vec![fault(1, "this is not an iCalendar file; export the calendar again as .ics")]);
    };
    let begins = |(_, line): &(usize, &str)| line.trim().eq_ignore_ascii_case("BEGIN:VEVENT");
    let lines: Vec<usize> = text.lines().enumerate().filter(begins).map(|(index, _)| index + 1).collect();
    let is_event = |component: &&Component<'_>| component.name.as_str().eq_ignore_ascii_case("VEVENT");
    let events: Vec<&Component<'_>> = read.components.iter().filter(is_event).collect();
    if events.is_empty() || events.len() != lines.len() || events.len() > EVENTS_MAX {
        let message = format!("the file must hold 1 to {EVENTS_MAX} whole events; export the calendar again");
        return Err(vec![fault(1, &message)]);
    }
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    for (event, line) in events.into_iter().zip(lines) {
        match event_row(event, line, kind) {
            Ok(row) => rows.push(row),
            Err(message) => faults.push(fault(line, &message)),
        }
    }
    finish(rows, faults)
}

fn finish(rows: Vec<CalendarRow>, mut faults: Vec<FileFault>) -> Result<Vec<CalendarRow>, Vec<FileFault>> {
    let rows: Vec<CalendarRow> = rows.into_iter().filter_map(|row| row.checked(&mut faults)).collect();
    if faults.is_empty() {
        return Ok(rows);
    }
    faults.sort();
    Err(faults)
}

fn event_row(event: &Component<'_>, line: usize, kind: CalendarKind) -> Result<CalendarRow, String> {
    let value = |name: &str| event.find_prop(name).map(|property| property.val.as_str().trim().to_owned());
    for name in ["RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"] {
        if value(name).is_some() {
            return Err(format!("this event repeats ({name}); write each of its days as an event of its own"));
        }
    }
    let starts_on = all_day("DTSTART", value("DTSTART"))?.ok_or("this event has no DTSTART; write its first day")?;
    if value("DURATION").is_some() {
        return Err("this event has a DURATION; write the day after its last one as DTEND".to_owned());
    }
    // RFC 5545 section 3.6.1: DTEND is the first day outside; without it the event lasts one day.
    let ends_on = all_day("DTEND", value("DTEND"))?.map_or(starts_on, |day| day - TimeDelta::days(1));
    let categories = value("CATEGORIES").unwrap_or_default().to_lowercase().replace([' ', '-'], "_");
    let named = categories.split(',').find_map(|word| CalendarKind::ALL.into_iter().find(|one| one.code() == word));
    let kind = named.unwrap_or(kind);
    if !kind.closes() {
        return Err("an early release needs a time, which a whole day has not; enter it by CSV or by hand".to_owned());
    }
    let name = text(&value("SUMMARY").unwrap_or_default());
    Ok(CalendarRow { file: ICS_FILE, line, site: None, kind, name, starts_on, ends_on, released: None })
}

/// A date without a time.
fn all_day(name: &str, value: Option<String>) -> Result<Option<NaiveDate>, String> {
    let Some(value) = value else { return Ok(None) };
    if value.len() > 8 && value.as_bytes().get(8) == Some(&b'T') {
        return Err(format!("this event has a time of day in {name}; only whole days are taken, so leave it out"));
    }
    match cell::date(&format!("{}-{}-{}", part(&value, 0..4), part(&value, 4..6), part(&value, 6..8))) {
        Ok(date) if value.len() == 8 => Ok(Some(date)),
        _ => Err(format!("{name} is not a date; write YYYYMMDD, like 20270118")),
    }
}

fn part(text: &str, range: std::ops::Range<usize>) -> &str {
    text.get(range).unwrap_or_default()
}

/// A TEXT value without its escapes (RFC 5545 section 3.3.11).
fn text(value: &str) -> String {
    let (mut plain, mut escaped) = (String::with_capacity(value.len()), false);
    for letter in value.chars() {
        match letter {
            '\\' if !escaped => escaped = true,
            'n' | 'N' if escaped => {
                plain.push(' ');
                escaped = false;
            }
            letter => {
                plain.push(letter);
                escaped = false;
            }
        }
    }
    plain.trim().to_owned()
}
