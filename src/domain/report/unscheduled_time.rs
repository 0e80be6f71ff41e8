//! Unscheduled time: what the plan in use leaves of each specialist's week.

use std::iter::Sum;

use serde::Serialize;
use utoipa::ToSchema;

use super::ReportHead;
use crate::domain::ids::{PlanId, SpecialistId};

/// Minutes a week.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct WeekFigures {
    /// Direct minutes that the contract allows.
    pub contract_direct_minutes: i64,
    /// Direct minutes that the plan holds.
    pub planned_direct_minutes: i64,
    /// What the plan leaves of the contract's direct minutes.
    pub direct_minutes_left: i64,
    /// Weekly hours in which visits may lie.
    pub hours_minutes: i64,
    /// Drives between sites on the same day.
    pub travel_minutes: i64,
    /// Kept free for evaluations.
    pub evaluation_block_minutes: i64,
    /// What visits, drives and evaluations leave of the weekly hours.
    pub unscheduled_minutes: i64,
}

impl WeekFigures {
    /// With what is left worked out.
    pub fn worked_out(self) -> WeekFigures {
        let taken = self.planned_direct_minutes + self.travel_minutes + self.evaluation_block_minutes;
        WeekFigures {
            direct_minutes_left: self.contract_direct_minutes - self.planned_direct_minutes,
            unscheduled_minutes: self.hours_minutes - taken,
            ..self
        }
    }
}

impl<'a> Sum<&'a WeekFigures> for WeekFigures {
    fn sum<I: Iterator<Item = &'a WeekFigures>>(rows: I) -> WeekFigures {
        rows.fold(WeekFigures::default(), |sum, row| WeekFigures {
            contract_direct_minutes: sum.contract_direct_minutes + row.contract_direct_minutes,
            planned_direct_minutes: sum.planned_direct_minutes + row.planned_direct_minutes,
            direct_minutes_left: sum.direct_minutes_left + row.direct_minutes_left,
            hours_minutes: sum.hours_minutes + row.hours_minutes,
            travel_minutes: sum.travel_minutes + row.travel_minutes,
            evaluation_block_minutes: sum.evaluation_block_minutes + row.evaluation_block_minutes,
            unscheduled_minutes: sum.unscheduled_minutes + row.unscheduled_minutes,
        })
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
