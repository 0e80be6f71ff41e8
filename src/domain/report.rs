//! Reports of the school year: what each is about and for which days. Their rows are in the modules below; all figures
//! are whole minutes, counts or whole percents.

pub mod evaluation_clocks;
pub mod service_fidelity;
pub mod time_and_effort;
pub mod unscheduled_time;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fault::{Fault, Faults};
use super::month::Month;

/// The longest period of a report, in days.
pub const PERIOD_DAYS_MAX: i64 = 366;

/// Which report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportKind {
    /// What was delivered of what was planned.
    ServiceFidelity,
    /// What the plan leaves of each week.
    UnscheduledTime,
    /// Until when evaluations are due.
    EvaluationClocks,
    /// For whom each specialist worked.
    TimeAndEffort,
}

impl ReportKind {
    /// All of them, in the order in which they are offered.
    pub const ALL: [ReportKind; 4] = [
        ReportKind::ServiceFidelity,
        ReportKind::TimeAndEffort,
        ReportKind::UnscheduledTime,
        ReportKind::EvaluationClocks,
    ];

    /// As it stands in addresses and names of files.
    pub fn code(self) -> &'static str {
        match self {
            ReportKind::ServiceFidelity => "service-fidelity",
            ReportKind::UnscheduledTime => "unscheduled-time",
            ReportKind::EvaluationClocks => "evaluation-clocks",
            ReportKind::TimeAndEffort => "time-and-effort",
        }
    }

    /// Reads the code.
    pub fn read(code: &str) -> Option<ReportKind> {
        ReportKind::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            ReportKind::ServiceFidelity => "Service fidelity",
            ReportKind::UnscheduledTime => "Unscheduled time",
            ReportKind::EvaluationClocks => "Evaluation clocks",
            ReportKind::TimeAndEffort => "Time and effort",
        }
    }
}

/// A half-open period of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportPeriod {
    /// First day.
    pub period_from: NaiveDate,
    /// First day after it.
    pub period_until: NaiveDate,
}

impl ReportPeriod {
    /// Every fault of the days.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        let days = self.period_until.signed_duration_since(self.period_from).num_days();
        faults.require((1..=PERIOD_DAYS_MAX).contains(&days), "/until", || {
            format!(
                "A report is about 1 to {PERIOD_DAYS_MAX} days from {}, but it ends before {}; write the first day \
                 after the period, like {}",
                self.period_from,
                self.period_until,
                Month::of(self.period_from).first_day_after()
            )
        });
        faults.into_vec()
    }

    /// Every fault of days that must be whole months.
    pub fn check_months(&self) -> Vec<Fault> {
        let mut faults = Faults::of(self.check());
        for (pointer, day) in [("/from", self.period_from), ("/until", self.period_until)] {
            faults.require(day.day() == 1, pointer, || {
                let (this, next) = (Month::of(day).first_day(), Month::of(day).first_day_after());
                format!("You see whole months here: write the first day of a month, like {this} or {next}")
            });
        }
        faults.into_vec()
    }

    /// The same days widened to whole months.
    pub fn whole_months(self) -> ReportPeriod {
        let last = self.last_day();
        ReportPeriod {
            period_from: Month::of(self.period_from).first_day(),
            period_until: Month::of(last).first_day_after(),
        }
    }

    /// The last day inside.
    pub fn last_day(self) -> NaiveDate {
        self.period_until.checked_sub_signed(TimeDelta::days(1)).unwrap_or(self.period_from).max(self.period_from)
    }

    /// Whether a day lies inside.
    pub fn contains(self, day: NaiveDate) -> bool {
        (self.period_from..self.period_until).contains(&day)
    }
}

/// When a report was made, for the head of its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportHead {
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// The date of that moment where the co-op is.
    pub made_on: NaiveDate,
}

/// A whole percentage, rounded down, so that 100 means all of it; nothing of nothing has none.
pub fn percent(part: i64, whole: i64) -> Option<i64> {
    // Wider, so that no number of minutes is too large.
    let percent = i128::from(part).checked_mul(100)?.checked_div(i128::from(whole))?;
    i64::try_from(percent).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(from: &str, until: &str) -> ReportPeriod {
        let day = |text: &str| text.parse().expect("a date");
        ReportPeriod { period_from: day(from), period_until: day(until) }
    }

    #[test]
    fn a_hundred_percent_is_all_of_it_and_nothing_has_none() {
        assert_eq!(percent(1_199, 1_200), Some(99));
        assert_eq!((percent(1_200, 1_200), percent(0, 60), percent(0, 0)), (Some(100), Some(0), None));
        assert_eq!(percent(i64::MAX - 1, i64::MAX), Some(99));
    }

    #[test]
    fn a_period_has_a_day_and_is_no_longer_than_a_year() {
        let faults = |from: &str, until: &str| period(from, until).check().len();
        assert_eq!((faults("2027-01-04", "2027-01-05"), faults("2028-01-01", "2029-01-01")), (0, 0));
        assert_eq!((faults("2027-01-04", "2027-01-04"), faults("2027-01-04", "2028-01-06")), (1, 1));
        assert_eq!(faults("9999-12-31", "0001-01-01"), 1);
    }

    #[test]
    fn whole_months_begin_and_end_with_a_month() {
        let wide = period("2027-01-04", "2027-02-02").whole_months();
        assert_eq!(wide, period("2027-01-01", "2027-03-01"));
        assert!(wide.check_months().is_empty() && wide.whole_months() == wide);
        let faults = period("2027-01-04", "2027-02-02").check_months();
        assert_eq!(faults.iter().map(|fault| fault.pointer.as_str()).collect::<Vec<_>>(), ["/from", "/until"]);
    }

    #[test]
    fn a_report_is_read_as_it_is_written() {
        for kind in ReportKind::ALL {
            assert_eq!(ReportKind::read(kind.code()), Some(kind));
        }
        assert_eq!(ReportKind::read("students"), None);
    }
}
