//! A specialist's published week as an iCalendar file (RFC 5545).
//!
//! Every visit is one weekly event from its first day in the plan to its last. Its UID is the visit's identity and
//! never changes; `sequence` goes up with every version, so that a calendar replaces what it has.

mod feed;
mod time_zone;

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::domain::calendar::{Interval, WallClock, Weekday};
use crate::domain::dated_visit::instant;

pub use feed::{FeedCalendar, FeedEvent, When, feed_calendar};

/// The longest content line, in octets without its CRLF.
const LINE_OCTETS_MAX: usize = 75;

/// A specialist's week, from the first day of a plan to its last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeekCalendar {
    /// The zone in which the visits' wall-clock times are meant.
    pub zone: Tz,
    /// The first date of the plan.
    pub from: NaiveDate,
    /// The first date after the plan.
    pub until: NaiveDate,
    /// Which version of the week this is; 0 for the first. A later one must be greater.
    pub sequence: u32,
    /// When this version was published.
    pub published_at: DateTime<Utc>,
    /// The co-op's domain, the right-hand side of every UID.
    pub domain: String,
    /// The weekly visits.
    pub visits: Vec<WeeklyVisit>,
}

/// One weekly visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeeklyVisit {
    /// The visit's identity, the same in every version: letters, digits and `-`.
    pub key: String,
    /// The day.
    pub weekday: Weekday,
    /// From when to when, on the wall clock of the zone.
    pub time: Interval,
    /// Dates on which it does not take place.
    pub except: Vec<NaiveDate>,
    /// The event's title, like `Gravois Park: Speech, R-1043`.
    pub title: String,
    /// Where it is.
    pub location: String,
    /// More about it; may have several lines.
    pub description: String,
}

/// The calendar as text with CRLF line ends. The same week gives the same text.
///
/// A visit whose weekday does not occur between `from` and `until` has no event.
pub fn week_calendar(week: &WeekCalendar) -> String {
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Co-op Scheduler//Week//EN".to_owned(),
        "CALSCALE:GREGORIAN".to_owned(),
        "METHOD:PUBLISH".to_owned(),
        "X-WR-CALNAME:My co-op visits".to_owned(),
    ];
    lines.extend(time_zone::definition(week.zone, week.from));
    lines.extend(week.visits.iter().filter_map(|visit| event(week, visit)).flatten());
    lines.push("END:VCALENDAR".to_owned());
    lines.iter().map(|line| folded(line)).collect()
}

/// The content lines of a visit's event, not folded yet.
fn event(week: &WeekCalendar, visit: &WeeklyVisit) -> Option<Vec<String>> {
    let first = (0..7)
        .filter_map(|days| week.from.checked_add_days(Days::new(days)))
        .find(|date| Weekday::of(*date) == visit.weekday)?;
    let days = week.until.signed_duration_since(first).num_days();
    if days <= 0 {
        return None;
    }
    let last = first + TimeDelta::days((days - 1) / 7 * 7);
    // RFC 5545 section 3.3.10: beside a DTSTART with a TZID, UNTIL is written in UTC.
    let until = utc(instant(week.zone, at(last, visit.time.starts)));
    let published = utc(week.published_at);
    let zone = week.zone.name();
    let mut lines = vec![
        "BEGIN:VEVENT".to_owned(),
        format!("UID:visit-{}@{}", text(&visit.key), text(&week.domain)),
        format!("SEQUENCE:{}", week.sequence),
        format!("DTSTAMP:{published}"),
        format!("LAST-MODIFIED:{published}"),
        format!("DTSTART;TZID={zone}:{}", local(at(first, visit.time.starts))),
        format!("DTEND;TZID={zone}:{}", local(at(first, visit.time.ends))),
        format!("RRULE:FREQ=WEEKLY;UNTIL={until}"),
        format!("SUMMARY:{}", text(&visit.title)),
        format!("LOCATION:{}", text(&visit.location)),
        format!("DESCRIPTION:{}", text(&visit.description)),
        "STATUS:CONFIRMED".to_owned(),
    ];
    let off = |date: &&NaiveDate| (first..=last).contains(*date) && Weekday::of(**date) == visit.weekday;
    let off = visit.except.iter().filter(off).map(|date| local(at(*date, visit.time.starts)));
    let off: Vec<String> = off.collect();
    if !off.is_empty() {
        lines.push(format!("EXDATE;TZID={zone}:{}", off.join(",")));
    }
    lines.push("END:VEVENT".to_owned());
    Some(lines)
}

/// A TEXT value (RFC 5545 section 3.3.11): backslash, semicolon, comma and line breaks escaped, other control
/// characters dropped, so that no text from outside can begin a line of its own.
fn text(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for letter in value.replace("\r\n", "\n").chars() {
        match letter {
            '\\' | ';' | ',' => escaped.extend(['\\', letter]),
            '\n' | '\r' => escaped.push_str("\\n"),
            letter if letter.is_control() => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// A content line with its CRLF, cut into pieces of at most 75 octets (RFC 5545 section 3.1), never inside a letter.
/// Every piece after the first begins with a space, which counts.
fn folded(line: &str) -> String {
    let mut written = String::with_capacity(line.len() + 2);
    let mut octets = 0;
    for letter in line.chars() {
        if octets + letter.len_utf8() > LINE_OCTETS_MAX {
            written.push_str("\r\n ");
            octets = 1;
        }
        written.push(letter);
        octets += letter.len_utf8();
    }
    written + "\r\n"
}

fn at(date: NaiveDate, time: WallClock) -> NaiveDateTime {
    date.and_time(NaiveTime::MIN) + minutes(time)
}

fn local(time: NaiveDateTime) -> String {
    time.format("%Y%m%dT%H%M%S").to_string()
}

fn utc(instant: DateTime<Utc>) -> String {
    instant.format("%Y%m%dT%H%M%SZ").to_string()
}

fn minutes(time: WallClock) -> TimeDelta {
    TimeDelta::minutes(i64::from(time.minutes()))
}
