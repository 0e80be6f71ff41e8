//! Supervision of assistants: what is planned in weeks, and what took place.

use chrono::{DateTime, Datelike, Months, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar::Period;
use super::fault::{Fault, Faults};
use super::ids::{SpecialistId, SupervisionLogId};
use super::text::check_range;

/// What can be entered about a supervision that took place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupervisionLogFields {
    /// Who was supervised.
    pub assistant_id: SpecialistId,
    /// On which day.
    pub supervised_on: NaiveDate,
    /// How long on that day.
    #[schema(minimum = 5, maximum = 480)]
    pub minutes: i64,
}

impl SupervisionLogFields {
    /// Every fault of the entries.
    pub fn check(&self, today: NaiveDate) -> Vec<Fault> {
        let mut faults = Faults::default();
        check_range(&mut faults, "/minutes", self.minutes, "minutes", 5..=480);
        faults.require(self.supervised_on <= today, "/supervised_on", || {
            format!("Log what took place: write {today} or an earlier day")
        });
        faults.into_vec()
    }
}

/// A supervision that took place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SupervisionLog {
    /// Identity.
    pub id: SupervisionLogId,
    /// Who supervised.
    pub supervisor_id: SpecialistId,
    /// What was entered.
    #[serde(flatten)]
    pub fields: SupervisionLogFields,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
}

/// One supervisor and one assistant in one month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SupervisionMonth {
    /// Who supervises.
    pub supervisor_id: SpecialistId,
    /// Their code.
    pub supervisor_code: String,
    /// Who is supervised.
    pub assistant_id: SpecialistId,
    /// Their code.
    pub assistant_code: String,
    /// First day of the month.
    pub month_from: NaiveDate,
    /// What is planned in the month: minutes of every week that begins in it.
    pub planned_minutes: i64,
    /// What was logged in it.
    pub logged_minutes: i64,
}

/// The month in which a day lies.
pub fn month_of(day: NaiveDate) -> Period {
    let from = day.with_day(1).unwrap_or(day);
    Period { from, until: from.checked_add_months(Months::new(1)) }
}

/// Mondays that both periods hold: weeks that begin in a month while something is in force.
pub fn weeks_beginning(month: Period, in_force: Period) -> i64 {
    let from = month.from.max(in_force.from);
    let until = [month.until, in_force.until].into_iter().flatten().min();
    let Some(until) = until.filter(|until| *until > from) else { return 0 };
    let to_monday = (7 - i64::from(from.weekday().num_days_from_monday())) % 7;
    let first = from + TimeDelta::days(to_monday);
    if first < until { ((until - first).num_days() + 6) / 7 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn weeks_count_where_they_begin() {
        let always = Period { from: day("2020-01-01"), until: None };
        let weeks = |month: &str| weeks_beginning(month_of(day(month)), always);
        // Of 2027: Mondays February 1 to 22, March 1 to 29, May 3 to 31.
        assert_eq!((weeks("2027-02-14"), weeks("2027-03-31"), weeks("2027-05-01")), (4, 5, 5));
        let year: i64 = (1..=12).map(|month| weeks(&format!("2027-{month:02}-01"))).sum();
        assert_eq!(year, 52);
        let part = |from: &str, until: &str| {
            weeks_beginning(month_of(day("2027-03-01")), Period { from: day(from), until: Some(day(until)) })
        };
        assert_eq!((part("2027-03-02", "2027-03-08"), part("2027-03-02", "2027-03-09")), (0, 1));
        assert_eq!((part("2027-04-01", "2027-05-01"), part("2027-01-01", "2027-03-01")), (0, 0));
    }
}
