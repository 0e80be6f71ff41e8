//! A weekly visit as an invitation that a calendar takes up by itself (RFC 5546): one file for one series, because all
//! events of a REQUEST or CANCEL must have the same UID.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{at, folded, local, text, time_zone, utc};
use crate::domain::calendar::{Interval, Weekday};
use crate::domain::dated_visit::instant;

/// What an invitation is about, and between whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The zone in which the visits' wall-clock times are meant.
    pub zone: Tz,
    /// The co-op's domain, the right-hand side of every UID.
    pub domain: String,
    /// Who invites: the co-op.
    pub organizer: Participant,
    /// Who is invited.
    pub attendee: Participant,
    /// When the plan was published.
    pub published_at: DateTime<Utc>,
    /// Which version of the series this is; a later one is greater.
    pub sequence: u32,
    /// The visits.
    pub series: WeeklySeries,
}

/// Somebody with an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// Name.
    pub name: String,
    /// E-mail address.
    pub address: String,
}

/// A visit on the same day of every week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeeklySeries {
    /// Its identity, the same in every version.
    pub key: String,
    /// The day.
    pub weekday: Weekday,
    /// From when to when, on the wall clock of the zone.
    pub time: Interval,
    /// The first date on which it may be.
    pub from: NaiveDate,
    /// The first date after it.
    pub until: NaiveDate,
    /// Dates on which it does not take place.
    pub except: Vec<NaiveDate>,
    /// The event's title, like `Gravois Park: Speech, R-1043`.
    pub title: String,
    /// Where it is.
    pub location: String,
    /// More about it; may have several lines.
    pub description: String,
}

impl WeeklySeries {
    /// The first and the last date, if there is any.
    fn days(&self) -> Option<(NaiveDate, NaiveDate)> {
        let first = (0..7)
            .filter_map(|days| self.from.checked_add_days(Days::new(days)))
            .find(|date| Weekday::of(*date) == self.weekday)?;
        let days = self.until.signed_duration_since(first).num_days();
        (days > 0).then(|| (first, first + TimeDelta::days((days - 1) / 7 * 7)))
    }
}

/// The invitation as text with CRLF line ends. A series without any date, because it ends before it begins, is cancelled.
/// The same facts give the same text.
pub fn invitation(facts: &Invitation) -> String {
    let (method, series) = match facts.series.days() {
        Some(days) => ("REQUEST", (days, "CONFIRMED")),
        None => ("CANCEL", ((facts.series.from, facts.series.from), "CANCELLED")),
    };
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Co-op Scheduler//Invitation//EN".to_owned(),
        "CALSCALE:GREGORIAN".to_owned(),
        format!("METHOD:{method}"),
    ];
    lines.extend(time_zone::definition(facts.zone, facts.series.from));
    lines.extend(event(facts, series));
    lines.push("END:VCALENDAR".to_owned());
    lines.iter().map(|line| folded(line)).collect()
}

/// The content lines of the event, not folded yet.
fn event(facts: &Invitation, ((first, last), status): ((NaiveDate, NaiveDate), &str)) -> Vec<String> {
    let series = &facts.series;
    // RFC 5545 section 3.3.10: beside a DTSTART with a TZID, UNTIL is written in UTC.
    let until = utc(instant(facts.zone, at(last, series.time.starts)));
    let published = utc(facts.published_at);
    let zone = facts.zone.name();
    let mut lines = vec![
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}@{}", text(&series.key), text(&facts.domain)),
        format!("SEQUENCE:{}", facts.sequence),
        format!("DTSTAMP:{published}"),
        format!("LAST-MODIFIED:{published}"),
        format!("ORGANIZER;{}", participant(&facts.organizer)),
        format!("ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE;{}", participant(&facts.attendee)),
        format!("DTSTART;TZID={zone}:{}", local(at(first, series.time.starts))),
        format!("DTEND;TZID={zone}:{}", local(at(first, series.time.ends))),
        format!("RRULE:FREQ=WEEKLY;UNTIL={until}"),
        format!("SUMMARY:{}", text(&series.title)),
        format!("LOCATION:{}", text(&series.location)),
        format!("DESCRIPTION:{}", text(&series.description)),
        format!("STATUS:{status}"),
    ];
    let off = |date: &&NaiveDate| (first..=last).contains(*date) && Weekday::of(**date) == series.weekday;
    let off = series.except.iter().filter(off).map(|date| local(at(*date, series.time.starts)));
    let off: Vec<String> = off.collect();
    if !off.is_empty() {
        lines.push(format!("EXDATE;TZID={zone}:{}", off.join(",")));
    }
    lines.push("END:VEVENT".to_owned());
    lines
}

/// `CN="Dana Whitfield":mailto:dana@kipp.example.org`. A parameter's value cannot escape its quotes, so those go.
fn participant(person: &Participant) -> String {
    let name: String = person.name.chars().filter(|letter| *letter != '"' && !letter.is_control()).collect();
    let address: String =
        person.address.chars().filter(|letter| !letter.is_whitespace() && !letter.is_control()).collect();
    format!("CN=\"{name}\":mailto:{address}")
}
