//! Visits as iCalendar files (RFC 5545): calendars to subscribe to, and invitations that travel with e-mails.

mod feed;
mod invitation;
mod time_zone;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use crate::domain::calendar::WallClock;

pub use feed::{FeedCalendar, FeedEvent, When, feed_calendar};
pub use invitation::{Invitation, Participant, WeeklySeries, invitation};

/// The longest content line, in octets without its CRLF.
const LINE_OCTETS_MAX: usize = 75;

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
