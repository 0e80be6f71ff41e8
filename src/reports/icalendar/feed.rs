//! A calendar that people's own calendars subscribe to: one event for each visit, with its real date.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{at, folded, local, text, time_zone, utc};
use crate::domain::calendar::Interval;

/// A calendar of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedCalendar {
    /// The zone in which wall-clock times are meant.
    pub zone: Tz,
    /// Its name.
    pub name: String,
    /// No event is before this date.
    pub from: NaiveDate,
    /// The co-op's domain, the right-hand side of every UID.
    pub domain: String,
    /// The events.
    pub events: Vec<FeedEvent>,
}

/// When an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// From the first day to the last.
    Days(NaiveDate, NaiveDate),
    /// A time of a day, on the wall clock.
    Time(NaiveDate, Interval),
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedEvent {
    /// Its identity, the same in every version.
    pub uid: String,
    /// Which version this is; a later one is greater.
    pub sequence: i64,
    /// When it last changed.
    pub changed_at: DateTime<Utc>,
    /// When it is.
    pub when: When,
    /// Its title.
    pub title: String,
    /// Where it is; may be empty.
    pub location: String,
    /// More about it; may have several lines, or none.
    pub description: String,
    /// Whether it does not take place.
    pub is_cancelled: bool,
}

impl FeedCalendar {
    /// When any of its events last changed.
    pub fn changed_at(&self) -> Option<DateTime<Utc>> {
        self.events.iter().map(|event| event.changed_at).max()
    }
}

/// The calendar as text with CRLF line ends. The same events give the same text.
pub fn feed_calendar(calendar: &FeedCalendar) -> String {
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Co-op Scheduler//Visits//EN".to_owned(),
        "CALSCALE:GREGORIAN".to_owned(),
        "METHOD:PUBLISH".to_owned(),
        format!("X-WR-CALNAME:{}", text(&calendar.name)),
        // How often a calendar should ask again (RFC 7986 section 5.7), and the older name for it.
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H".to_owned(),
        "X-PUBLISHED-TTL:PT1H".to_owned(),
    ];
    lines.extend(time_zone::definition(calendar.zone, calendar.from));
    for event in &calendar.events {
        add(&mut lines, calendar, event);
    }
    lines.push("END:VCALENDAR".to_owned());
    lines.iter().map(|line| folded(line)).collect()
}

/// Adds the content lines of an event, not folded yet.
fn add(lines: &mut Vec<String>, calendar: &FeedCalendar, event: &FeedEvent) {
    let (changed, zone) = (utc(event.changed_at), calendar.zone.name());
    lines.extend([
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}@{}", text(&event.uid), text(&calendar.domain)),
        format!("SEQUENCE:{}", event.sequence),
        format!("DTSTAMP:{changed}"),
        format!("LAST-MODIFIED:{changed}"),
    ]);
    match event.when {
        When::Time(date, time) => lines.extend([
            format!("DTSTART;TZID={zone}:{}", local(at(date, time.starts))),
            format!("DTEND;TZID={zone}:{}", local(at(date, time.ends))),
        ]),
        // The end of whole days is the first day after (RFC 5545 section 3.6.1).
        When::Days(first, last) => lines.extend([
            format!("DTSTART;VALUE=DATE:{}", first.format("%Y%m%d")),
            format!("DTEND;VALUE=DATE:{}", (last + TimeDelta::days(1)).format("%Y%m%d")),
        ]),
    }
    lines.push(format!("SUMMARY:{}", text(&event.title)));
    for (name, value) in [("LOCATION", &event.location), ("DESCRIPTION", &event.description)] {
        if !value.is_empty() {
            lines.push(format!("{name}:{}", text(value)));
        }
    }
    lines.push(format!("STATUS:{}", if event.is_cancelled { "CANCELLED" } else { "CONFIRMED" }));
    lines.push("END:VEVENT".to_owned());
}
