//! Unscheduled time: what the plan in use leaves of each specialist's week.

use std::iter::Sum;

use serde::Serialize;
use utoipa::ToSchema;

use super::ReportHead;
use crate::domain::ids::{PlanId, SpecialistId};

/// Minutes a week.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct WeekFigures {
    /// The most minutes of visits: what the contract says, and no more than other work leaves.
    pub direct_minutes_max: i64,
    /// Minutes of visits in the plan.
    pub planned_direct_minutes: i64,
    /// What the plan leaves of the most.
    pub direct_minutes_left: i64,
    /// All minutes of the week: as paid, or the weekly hours where that is not entered.
    pub week_minutes: i64,
    /// Reserved for work that is not visits.
    pub other_work_minutes: i64,
    /// Drives between sites on the same day.
    pub travel_minutes: i64,
    /// One piece kept free for evaluations, by the contract.
    pub evaluation_block_minutes: i64,
    /// What visits, other work, drives and evaluations leave of the week; negative where it is too short for them.
    pub unscheduled_minutes: i64,
}

impl WeekFigures {
    /// With what is left worked out.
    pub fn worked_out(self) -> WeekFigures {
        let kept = self.other_work_minutes + self.evaluation_block_minutes;
        WeekFigures {
            direct_minutes_left: self.direct_minutes_max - self.planned_direct_minutes,
            unscheduled_minutes: self.week_minutes - self.planned_direct_minutes - self.travel_minutes - kept,
            ..self
        }
    }

    /// All of them, in order.
    pub fn figures(&self) -> [i64; 8] {
        [
            self.direct_minutes_max,
            self.planned_direct_minutes,
            self.direct_minutes_left,
            self.week_minutes,
            self.other_work_minutes,
            self.travel_minutes,
            self.evaluation_block_minutes,
            self.unscheduled_minutes,
        ]
    }
}

impl<'a> Sum<&'a WeekFigures> for WeekFigures {
    fn sum<I: Iterator<Item = &'a WeekFigures>>(rows: I) -> WeekFigures {
        let added = rows.fold(WeekFigures::default(), |sum, row| WeekFigures {
            direct_minutes_max: sum.direct_minutes_max + row.direct_minutes_max,
            planned_direct_minutes: sum.planned_direct_minutes + row.planned_direct_minutes,
            week_minutes: sum.week_minutes + row.week_minutes,
            other_work_minutes: sum.other_work_minutes + row.other_work_minutes,
            travel_minutes: sum.travel_minutes + row.travel_minutes,
            evaluation_block_minutes: sum.evaluation_block_minutes + row.evaluation_block_minutes,
            ..sum
        });
        added.worked_out()
    }
}

/// The week of one specialist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnscheduledRow {
    /// Whose week.
    pub specialist_id: SpecialistId,
    /// Their code.
    pub specialist: String,
    /// Their name.
    pub specialist_name: String,
    /// The minutes.
    #[serde(flatten)]
    pub figures: WeekFigures,
}

/// The report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnscheduledTime {
    /// When it was made.
    #[serde(flatten)]
    pub head: ReportHead,
    /// The plan in use; absent while there is none, and then there are no rows.
    pub plan_id: Option<PlanId>,
    /// Its number.
    pub plan_code: Option<String>,
    /// By code.
    pub rows: Vec<UnscheduledRow>,
    /// All rows together.
    pub total: WeekFigures,
}
