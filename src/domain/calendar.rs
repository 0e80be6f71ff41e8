//! Wall-clock time, weekdays, weekly hours and half-open date periods.
//!
//! A weekly plan has no time zone: its times are local wall clock. Zones appear only where a visit gets a date
//! (calendar feeds, delivered minutes).

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::fault::Faults;

/// More intervals than this on one day are a mistake.
pub const INTERVALS_PER_DAY_MAX: usize = 24;

/// Every wall-clock time in a plan is a multiple of this many minutes.
pub const CLOCK_STEP_MINUTES: u16 = 5;

/// A day of the week, Monday first. Written `mon` .. `sun`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Weekday {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Weekday {
    /// All seven, Monday first.
    pub const ALL: [Weekday; 7] =
        [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

    /// The three-letter code used in files and the API.
    pub fn code(self) -> &'static str {
        ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][self as usize]
    }

    /// The English name, as people read it.
    pub fn name(self) -> &'static str {
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"][self as usize]
    }

    /// The weekday of a calendar date.
    pub fn of(date: NaiveDate) -> Weekday {
        Weekday::ALL[date.weekday().num_days_from_monday() as usize]
    }
}

impl FromStr for Weekday {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Weekday::ALL
            .into_iter()
            .find(|day| day.code() == text)
            .ok_or_else(|| format!("\"{text}\" is not a weekday; write mon, tue, wed, thu, fri, sat or sun"))
    }
}

impl fmt::Display for Weekday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A local wall-clock time, written `HH:MM`, on a step of five minutes. Holds minutes since midnight, at most 24:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WallClock(u16);

impl WallClock {
    /// The time so many minutes after midnight; `None` beyond 24:00 or off the five-minute step.
    pub fn from_minutes(minutes: u16) -> Option<WallClock> {
        (minutes <= 24 * 60 && minutes.is_multiple_of(CLOCK_STEP_MINUTES)).then_some(WallClock(minutes))
    }

    /// Minutes since midnight.
    pub fn minutes(self) -> u16 {
        self.0
    }

    /// As people read it: `9:05 a.m.`
    pub fn spoken(self) -> String {
        let (hour, minute) = (self.0 / 60 % 24, self.0 % 60);
        let half = if hour < 12 { "a.m." } else { "p.m." };
        format!("{}:{minute:02} {half}", (hour + 11) % 12 + 1)
    }
}

impl FromStr for WallClock {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bytes = text.as_bytes();
        let digits = |range: std::ops::Range<usize>| -> Option<u16> {
            let part = bytes.get(range)?;
            part.iter().all(u8::is_ascii_digit).then(|| part.iter().fold(0, |n, b| n * 10 + u16::from(b - b'0')))
        };
        let shape = format!("\"{text}\" is not a time; write HH:MM, like 08:30");
        if bytes.len() != 5 || bytes[2] != b':' {
            return Err(shape);
        }
        let (Some(hour), Some(minute)) = (digits(0..2), digits(3..5)) else {
            return Err(shape);
        };
        if minute > 59 || hour * 60 + minute > 24 * 60 {
            return Err(format!("\"{text}\" is not a time of day; write 00:00 to 24:00"));
        }
        WallClock::from_minutes(hour * 60 + minute).ok_or_else(|| {
            format!("\"{text}\" is not on a five-minute step; write for example {hour:02}:{:02}", minute / 5 * 5)
        })
    }
}

impl fmt::Display for WallClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Serialize for WallClock {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for WallClock {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// A stretch of one day, from `starts` up to but not including `ends`. Written `["08:30", "11:00"]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "(WallClock, WallClock)", into = "(WallClock, WallClock)")]
pub struct Interval {
    /// First minute inside.
    pub starts: WallClock,
    /// First minute outside, always later than `starts`.
    pub ends: WallClock,
}

impl Interval {
    /// An interval; an error in plain words when it ends before it starts.
    pub fn new(starts: WallClock, ends: WallClock) -> Result<Interval, String> {
        if starts < ends {
            Ok(Interval { starts, ends })
        } else {
            Err(format!("{starts}-{ends} ends before it starts; the end must be later than the start"))
        }
    }

    /// Length in minutes.
    pub fn minutes(self) -> u16 {
        self.ends.0 - self.starts.0
    }

    /// Whether some minute is in both.
    pub fn overlaps(self, other: Interval) -> bool {
        self.starts < other.ends && other.starts < self.ends
    }

    /// Whether `other` lies inside.
    pub fn contains(self, other: Interval) -> bool {
        self.starts <= other.starts && other.ends <= self.ends
    }
}

impl TryFrom<(WallClock, WallClock)> for Interval {
    type Error = String;

    fn try_from((starts, ends): (WallClock, WallClock)) -> Result<Self, String> {
        Interval::new(starts, ends)
    }
}

impl From<Interval> for (WallClock, WallClock) {
    fn from(interval: Interval) -> Self {
        (interval.starts, interval.ends)
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.starts, self.ends)
    }
}

/// Hours of a week: for each day, intervals in order that do not overlap.
/// Written `{"mon": [["08:30", "11:00"], ["12:00", "14:45"]]}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<Weekday, Vec<Interval>>", into = "BTreeMap<Weekday, Vec<Interval>>")]
pub struct WeeklyHours(BTreeMap<Weekday, Vec<Interval>>);

impl WeeklyHours {
    /// Weekly hours from intervals in any order; an error names the first two that overlap on a day.
    /// Days without intervals are dropped, so that equal hours are equal values.
    pub fn new(days: BTreeMap<Weekday, Vec<Interval>>) -> Result<WeeklyHours, String> {
        let mut kept = BTreeMap::new();
        for (day, mut intervals) in days {
            if intervals.len() > INTERVALS_PER_DAY_MAX {
                return Err(format!(
                    "{day}: {} intervals are too many; write at most {INTERVALS_PER_DAY_MAX}",
                    intervals.len()
                ));
            }
            intervals.sort();
            if let Some(pair) = intervals.windows(2).find(|pair| pair[1].starts < pair[0].ends) {
                return Err(format!("{day}: {} and {} overlap; join them or move one", pair[0], pair[1]));
            }
            if !intervals.is_empty() {
                kept.insert(day, intervals);
            }
        }
        Ok(WeeklyHours(kept))
    }

    /// The intervals of one day, in order.
    pub fn on(&self, day: Weekday) -> &[Interval] {
        self.0.get(&day).map_or(&[], Vec::as_slice)
    }

    /// Every day with its intervals, Monday first; days without any are left out.
    pub fn days(&self) -> impl Iterator<Item = (Weekday, &[Interval])> {
        self.0.iter().map(|(day, intervals)| (*day, intervals.as_slice()))
    }

    /// Whether there is no interval at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The longest interval in minutes; 0 when there is none.
    pub fn longest_minutes(&self) -> u16 {
        self.0.values().flatten().map(|interval| interval.minutes()).max().unwrap_or(0)
    }
}

impl PartialSchema for WeeklyHours {
    fn schema() -> RefOr<Schema> {
        let clock = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^([01][0-9]|2[0-4]):[0-5][05]$"));
        let interval = ArrayBuilder::new().items(clock).min_items(Some(2)).max_items(Some(2));
        let day = ArrayBuilder::new().items(interval).max_items(Some(INTERVALS_PER_DAY_MAX));
        let empty = AdditionalProperties::FreeForm(false);
        let week = ObjectBuilder::new()
            .description(Some("For each weekday, intervals [starts, ends] that do not overlap"))
            .examples([serde_json::json!({"mon": [["08:30", "11:00"], ["12:00", "14:45"]]})])
            .additional_properties(Some(empty));
        let day = Schema::from(day);
        Weekday::ALL.into_iter().fold(week, |week, weekday| week.property(weekday.code(), day.clone())).into()
    }
}

impl ToSchema for WeeklyHours {}

impl TryFrom<BTreeMap<Weekday, Vec<Interval>>> for WeeklyHours {
    type Error = String;

    fn try_from(days: BTreeMap<Weekday, Vec<Interval>>) -> Result<Self, String> {
        WeeklyHours::new(days)
    }
}

impl From<WeeklyHours> for BTreeMap<Weekday, Vec<Interval>> {
    fn from(hours: WeeklyHours) -> Self {
        hours.0
    }
}

/// Notes a fault when a half-open period of dates ends before it begins.
pub fn check_period(faults: &mut Faults, pointer: &str, from: NaiveDate, until: Option<NaiveDate>) {
    faults.require(until.is_none_or(|until| until > from), pointer, || {
        format!("The end must be after {from}; it is the first day that no longer counts")
    });
}

/// Dates from `from` up to but not including `until`; without `until` it has no end yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Period {
    /// First date inside.
    pub from: NaiveDate,
    /// First date outside.
    pub until: Option<NaiveDate>,
}

impl Period {
    /// Whether the date lies inside.
    pub fn contains(&self, date: NaiveDate) -> bool {
        self.from <= date && self.until.is_none_or(|until| date < until)
    }

    /// Whether two periods share a date.
    pub fn overlaps(&self, other: &Period) -> bool {
        self.until.is_none_or(|until| other.from < until) && other.until.is_none_or(|until| self.from < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_strictly() {
        assert_eq!("08:30".parse::<WallClock>().map(WallClock::minutes), Ok(510));
        for bad in ["8:30", "08:31", "24:05", "+8:30", "08-30", "é8:3", "08:60", ""] {
            assert!(bad.parse::<WallClock>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_time_is_spoken_as_people_say_it() {
        let spoken = |text: &str| text.parse::<WallClock>().map(WallClock::spoken);
        assert_eq!(spoken("00:05").as_deref(), Ok("12:05 a.m."));
        assert_eq!(spoken("12:00").as_deref(), Ok("12:00 p.m."));
        assert_eq!(spoken("13:45").as_deref(), Ok("1:45 p.m."));
    }

    #[test]
    fn overlapping_hours_are_refused_and_order_does_not_matter() {
        let read = |text: &str| serde_json::from_str::<WeeklyHours>(text);
        assert!(read(r#"{"mon": [["08:00", "10:00"], ["09:00", "11:00"]]}"#).is_err());
        assert!(read(r#"{"mon": [["10:00", "08:00"]]}"#).is_err());
        let sorted = read(r#"{"mon": [["08:00", "09:00"], ["10:00", "11:00"]], "tue": []}"#).expect("valid");
        let shuffled = read(r#"{"mon": [["10:00", "11:00"], ["08:00", "09:00"]]}"#).expect("valid");
        assert_eq!(sorted, shuffled);
    }
}
