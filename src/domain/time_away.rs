//! Days on which a specialist is away. The reason is a class; there is no text, so that nothing medical can be written.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar::{Interval, WallClock};
use super::fault::{Fault, Faults};
use super::ids::{SpecialistId, TimeAwayId};
use super::school_calendar::check_days;

/// Why somebody is away, no closer than this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AwayReason {
    /// Ill.
    Illness,
    /// Family.
    Family,
    /// Vacation.
    Vacation,
    /// A professional day, such as training.
    Professional,
    /// A day that the contract does not cover.
    OffContract,
    /// Anything else.
    Other,
}

/// What can be entered about time away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeAwayFields {
    /// Class of the reason.
    pub reason: AwayReason,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    /// For a part of each day: from when, on the wall clock; whole days when absent.
    #[schema(value_type = Option<String>, example = "12:00")]
    #[serde(default)]
    pub starts: Option<WallClock>,
    /// Until when.
    #[schema(value_type = Option<String>, example = "15:00")]
    #[serde(default)]
    pub ends: Option<WallClock>,
}

impl TimeAwayFields {
    /// Every fault of the entries.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        check_days(&mut faults, self.starts_on, self.ends_on);
        match (self.starts, self.ends) {
            (Some(starts), Some(ends)) => {
                faults.take("/ends", Interval::new(starts, ends));
            }
            (None, None) => {}
            _ => faults.note("/ends", "Write both times for a part of the day, or neither for whole days"),
        }
        faults.into_vec()
    }

    /// Whether it covers any minute of a time on a date.
    pub fn touches(&self, date: NaiveDate, time: Interval) -> bool {
        let within = self.starts_on <= date && date <= self.ends_on;
        let starts = self.starts.is_none_or(|starts| starts < time.ends);
        let ends = self.ends.is_none_or(|ends| time.starts < ends);
        within && starts && ends
    }

    /// Whether some minute is covered by both.
    pub fn overlaps(&self, other: &TimeAwayFields) -> bool {
        let days = self.starts_on <= other.ends_on && other.starts_on <= self.ends_on;
        let before = |one: &TimeAwayFields, two: &TimeAwayFields| {
            one.ends.zip(two.starts).is_some_and(|(ends, starts)| ends <= starts)
        };
        days && !before(self, other) && !before(other, self)
    }
}

/// Days on which a specialist is away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TimeAway {
    /// Identity.
    pub id: TimeAwayId,
    /// Who is away.
    pub specialist_id: SpecialistId,
    /// What was entered.
    #[serde(flatten)]
    pub fields: TimeAwayFields,
    /// Goes up with each change; the ETag.
    pub version: i64,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}
