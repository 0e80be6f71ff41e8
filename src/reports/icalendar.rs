//! A specialist's published week as an iCalendar file (RFC 5545).
//!
//! Every visit is one weekly event from its first day in the plan to its last. Its UID is the visit's identity and
//! never changes; `sequence` goes up with every version, so that a calendar replaces what it has.

mod time_zone;

use ::icalendar::{Calendar, CalendarDateTime, Component, Event, EventLike, EventStatus, Property};
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use crate::domain::calendar::{Interval, WallClock, Weekday};

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
    let mut calendar = Calendar::empty();
    for (name, value) in [
        ("VERSION", "2.0"),
        ("PRODID", "-//Co-op Scheduler//Week//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
        // This crate does not escape X- properties, so nothing from outside may go into one.
        ("X-WR-CALNAME", "My co-op visits"),
    ] {
        calendar.append_property((name, value));
    }
    calendar.extend(week.visits.iter().filter_map(|visit| event(week, visit)));
    with_time_zone(&calendar.to_string(), &time_zone::definition(week.zone, week.from))
}

/// The crate has no VTIMEZONE, so its text goes in before the first event. No content line can look like that
/// event's first line: inside a value every line break is escaped.
fn with_time_zone(calendar: &str, definition: &str) -> String {
    let place = ["\r\nBEGIN:VEVENT\r\n", "\r\nEND:VCALENDAR\r\n"].iter().find_map(|mark| calendar.find(mark));
    let (before, after) = calendar.split_at(place.map_or(calendar.len(), |place| place + 2));
    format!("{before}{definition}{after}")
}

fn event(week: &WeekCalendar, visit: &WeeklyVisit) -> Option<Event> {
    let first = (0..7)
        .filter_map(|days| week.from.checked_add_days(Days::new(days)))
        .find(|date| Weekday::of(*date) == visit.weekday)?;
    let days = week.until.signed_duration_since(first).num_days();
    if days <= 0 {
        return None;
    }
    let last = first + TimeDelta::days((days - 1) / 7 * 7);
    // RFC 5545 section 3.3.10: beside a DTSTART with a TZID, UNTIL is written in UTC.
    let until = instant(week.zone, last.and_time(NaiveTime::MIN) + minutes(visit.time.starts));

    let mut event = Event::new();
    event
        .uid(&format!("visit-{}@{}", one_line(&visit.key), one_line(&week.domain)))
        .sequence(week.sequence)
        .timestamp(week.published_at)
        .last_modified(week.published_at)
        .starts(at(week.zone, first, visit.time.starts))
        .ends(at(week.zone, first, visit.time.ends))
        .summary(&one_line(&visit.title))
        .location(&one_line(&visit.location))
        .description(&lines(&visit.description))
        .status(EventStatus::Confirmed)
        .append_property(Property::new("RRULE", format!("FREQ=WEEKLY;UNTIL={}", until.format("%Y%m%dT%H%M%SZ"))));
    Some(event)
}

fn at(zone: Tz, date: NaiveDate, time: WallClock) -> CalendarDateTime {
    CalendarDateTime::WithTimezone {
        date_time: date.and_time(NaiveTime::MIN) + minutes(time),
        tzid: zone.name().to_owned(),
    }
}

fn minutes(time: WallClock) -> TimeDelta {
    TimeDelta::minutes(i64::from(time.minutes()))
}

/// The instant of a local time. A time that occurs twice is the first; one that the clocks skip is read with the
/// offset before the skip, as RFC 5545 section 3.3.5 asks.
fn instant(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    let found = zone.from_local_datetime(&local).earliest();
    match found {
        Some(instant) => instant.with_timezone(&Utc),
        None => instant(zone, local - TimeDelta::hours(1)) + TimeDelta::hours(1),
    }
}

/// Text without line breaks and other control characters.
fn one_line(text: &str) -> String {
    text.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Text whose only control characters are LF line ends, which the crate escapes. It would let a CR through.
fn lines(text: &str) -> String {
    text.lines().map(one_line).collect::<Vec<_>>().join("\n")
}
