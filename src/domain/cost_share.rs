//! Stored cost-share statements.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fault::{Fault, Faults};
use super::ids::{CostShareId, PlanId};

/// What a statement is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CostShareFields {
    /// A plan that is or was published.
    pub plan_id: PlanId,
    /// First day of the period.
    pub period_from: NaiveDate,
    /// First day after the period.
    pub period_until: NaiveDate,
}

impl CostShareFields {
    /// Every fault of the entries.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        let days = self.period_until.signed_duration_since(self.period_from).num_days();
        faults.require((1..=366).contains(&days), "/period_until", || {
            format!("A period lasts 1 to 366 days from {}; write the first day after it", self.period_from)
        });
        faults.into_vec()
    }
}

/// That a statement exists; its lines are read on their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CostShareHead {
    /// Identity.
    pub id: CostShareId,
    /// The number people use, `CS-2026-0007`.
    pub code: String,
    /// What it was asked for.
    #[serde(flatten)]
    pub fields: CostShareFields,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}
