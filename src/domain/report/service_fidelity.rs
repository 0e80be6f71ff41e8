//! Service fidelity: what was asked, planned, delivered and missed in a period, by member, discipline and request.
//!
//! The minutes are those of [`crate::domain::owed`], so that this report and what is owed cannot differ. Who may not see
//! requests gets the sums of a member and discipline over whole months, without why something was missed.

use std::iter::Sum;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ReportHead, ReportPeriod, percent};
use crate::domain::ids::{MemberId, ServiceRequestId};
use crate::domain::owed::{MissedCause, Owed};

/// Which rows are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnlyFidelity {
    /// Minutes were missed and not made up.
    Short,
    /// More was delivered than planned.
    Over,
}

/// Missed minutes by why they were missed. They add up to the missed minutes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct MissedByReason {
    /// The child was absent, excused.
    pub absent_excused: i64,
    /// The child was absent, not excused.
    pub absent_unexcused: i64,
    /// The specialist was absent.
    pub provider_absent: i64,
    /// The school was closed, or the day ended early.
    pub closure: i64,
    /// An activity of the school.
    pub activity: i64,
    /// The child did not take part.
    pub declined: i64,
    /// Anything else.
    pub other: i64,
    /// Visits that were shorter than planned.
    pub shortened: i64,
}

impl MissedByReason {
    /// The words of the columns, in order.
    pub const WORDS: [&'static str; 8] = [
        "Absent, excused",
        "Absent, not excused",
        "Provider absent",
        "School closed",
        "School activity",
        "Declined",
        "Other reason",
        "Visit shorter than planned",
    ];

    /// The minutes in the order of [`MissedByReason::WORDS`].
    pub fn figures(&self) -> [i64; 8] {
        [
            self.absent_excused,
            self.absent_unexcused,
            self.provider_absent,
            self.closure,
            self.activity,
            self.declined,
            self.other,
            self.shortened,
        ]
    }

    fn of(owed: &Owed) -> MissedByReason {
        let mut sum = MissedByReason::default();
        for missed in &owed.missed {
            *sum.cause(missed.cause) += missed.minutes;
        }
        sum
    }

    fn cause(&mut self, cause: MissedCause) -> &mut i64 {
        match cause {
            MissedCause::AbsentExcused => &mut self.absent_excused,
            MissedCause::AbsentUnexcused => &mut self.absent_unexcused,
            MissedCause::ProviderAbsent => &mut self.provider_absent,
            MissedCause::Closure => &mut self.closure,
            MissedCause::Activity => &mut self.activity,
            MissedCause::Declined => &mut self.declined,
            MissedCause::Other => &mut self.other,
            MissedCause::Shortened => &mut self.shortened,
        }
    }
}

impl AddAssign for MissedByReason {
    fn add_assign(&mut self, other: MissedByReason) {
        self.absent_excused += other.absent_excused;
        self.absent_unexcused += other.absent_unexcused;
        self.provider_absent += other.provider_absent;
        self.closure += other.closure;
        self.activity += other.activity;
        self.declined += other.declined;
        self.other += other.other;
        self.shortened += other.shortened;
    }
}

/// What follows from the reasons.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Reasons {
    /// Why minutes were missed.
    pub missed_by_reason: MissedByReason,
    /// Missed, owed, and not made up.
    pub still_owed_minutes: i64,
    /// Missed, not owed, and not made up.
    pub not_owed_minutes: i64,
}

/// The figures of a row. Planned = delivered + missed + to log + to come; missed = made up + still owed + not owed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct FidelityFigures {
    /// Requests that are counted.
    pub requests: i64,
    /// Minutes a week that they ask for.
    pub asked_minutes_per_week: i64,
    /// Planned on days with school.
    pub planned_minutes: i64,
    /// Delivered, at most as planned.
    pub delivered_minutes: i64,
    /// Planned, over, and not delivered.
    pub missed_minutes: i64,
    /// Over, and nobody said what became of it.
    pub to_log_minutes: i64,
    /// Still to come.
    pub to_come_minutes: i64,
    /// Missed and made up.
    pub made_up_minutes: i64,
    /// Delivered beyond what was planned or missed.
    pub over_delivered_minutes: i64,
    /// Delivered or made up, of what is over: a whole percentage, rounded down, 100 only when it is all. Absent while
    /// nothing is over.
    pub delivered_percent: Option<i64>,
    /// Why minutes were missed; absent for those who may not see why.
    pub reasons: Option<Reasons>,
}

impl FidelityFigures {
    /// Of one request.
    pub fn of(owed: &Owed, asked_minutes_per_week: i64, shows_reasons: bool) -> FidelityFigures {
        let reasons = Reasons {
            missed_by_reason: MissedByReason::of(owed),
            still_owed_minutes: owed.still_owed_minutes,
            not_owed_minutes: owed.not_owed_minutes,
        };
        let figures = FidelityFigures {
            requests: 1,
            asked_minutes_per_week,
            planned_minutes: owed.planned_minutes,
            delivered_minutes: owed.delivered_minutes,
            missed_minutes: owed.missed_minutes,
            to_log_minutes: owed.to_log_minutes,
            to_come_minutes: owed.to_come_minutes,
            made_up_minutes: owed.made_up_minutes,
            over_delivered_minutes: owed.over_delivered_minutes,
            delivered_percent: None,
            reasons: shows_reasons.then_some(reasons),
        };
        figures.with_percent()
    }

    fn with_percent(self) -> FidelityFigures {
        let given = self.delivered_minutes + self.made_up_minutes;
        FidelityFigures { delivered_percent: percent(given, self.planned_minutes - self.to_come_minutes), ..self }
    }

    /// Whether it is among the rows that are wanted.
    pub fn is(&self, only: OnlyFidelity) -> bool {
        match only {
            OnlyFidelity::Short => self.missed_minutes > self.made_up_minutes,
            OnlyFidelity::Over => self.over_delivered_minutes > 0,
        }
    }

    /// Without why minutes were missed.
    pub fn without_reasons(self) -> FidelityFigures {
        FidelityFigures { reasons: None, ..self }
    }
}

/// Sums; the reasons only where every part has them.
impl<'a> Sum<&'a FidelityFigures> for FidelityFigures {
    fn sum<I: Iterator<Item = &'a FidelityFigures>>(rows: I) -> FidelityFigures {
        let (mut sum, mut reasons) = (FidelityFigures::default(), Some(Reasons::default()));
        for row in rows {
            sum.requests += row.requests;
            sum.asked_minutes_per_week += row.asked_minutes_per_week;
            sum.planned_minutes += row.planned_minutes;
            sum.delivered_minutes += row.delivered_minutes;
            sum.missed_minutes += row.missed_minutes;
            sum.to_log_minutes += row.to_log_minutes;
            sum.to_come_minutes += row.to_come_minutes;
            sum.made_up_minutes += row.made_up_minutes;
            sum.over_delivered_minutes += row.over_delivered_minutes;
            reasons = reasons.zip(row.reasons).map(|(mut all, one)| {
                all.missed_by_reason += one.missed_by_reason;
                all.still_owed_minutes += one.still_owed_minutes;
                all.not_owed_minutes += one.not_owed_minutes;
                all
            });
        }
        FidelityFigures { reasons, ..sum }.with_percent()
    }
}

/// One row: a request, or all requests of a member and discipline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FidelityRow {
    /// The member that is served.
    pub member_id: MemberId,
    /// Its code.
    pub member: String,
    /// The discipline.
    pub discipline: String,
    /// The request; absent in a row of several.
    pub service_request_id: Option<ServiceRequestId>,
    /// Its number.
    pub service_request_code: Option<String>,
    /// The minutes.
    #[serde(flatten)]
    pub figures: FidelityFigures,
}

/// The report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ServiceFidelity {
    /// When it was made.
    #[serde(flatten)]
    pub head: ReportHead,
    /// For which days.
    #[serde(flatten)]
    pub period: ReportPeriod,
    /// Whether there is a row for each request, with reasons.
    pub by_request: bool,
    /// By member, discipline and request.
    pub rows: Vec<FidelityRow>,
    /// All rows together.
    pub total: FidelityFigures,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(planned: i64, delivered: i64, made_up: i64) -> FidelityFigures {
        let owed = Owed {
            planned_minutes: planned,
            delivered_minutes: delivered,
            missed_minutes: planned - delivered,
            made_up_minutes: made_up,
            ..Owed::default()
        };
        FidelityFigures::of(&owed, 60, true)
    }

    #[test]
    fn a_sum_is_of_its_parts_and_its_percentage_of_the_sum() {
        let sum: FidelityFigures = [row(60, 60, 0), row(120, 59, 1)].iter().sum();
        assert_eq!((sum.planned_minutes, sum.delivered_minutes, sum.requests), (180, 119, 2));
        assert_eq!(sum.delivered_percent, Some(66));
        let hidden: FidelityFigures = [row(60, 60, 0), row(60, 0, 0).without_reasons()].iter().sum();
        assert_eq!((hidden.reasons, hidden.delivered_percent), (None, Some(50)));
    }

    #[test]
    fn made_up_minutes_count_and_short_means_not_made_up() {
        assert_eq!(row(60, 0, 60).delivered_percent, Some(100));
        assert!(row(60, 0, 59).is(OnlyFidelity::Short) && !row(60, 0, 60).is(OnlyFidelity::Short));
        assert_eq!(row(0, 0, 0).delivered_percent, None);
        assert!(!row(60, 60, 0).is(OnlyFidelity::Over));
    }
}
