//! What publishing a plan changed, so that it can be taken back until its e-mails go out.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::ids::{EmailId, PlanId, ServiceRequestId};
use super::plan::PlanState;

/// How a plan stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanStanding {
    /// Which plan.
    pub id: PlanId,
    /// Its state.
    pub state: PlanState,
    /// First day on which it was no longer followed.
    pub followed_until: Option<NaiveDate>,
    /// When another took over.
    pub superseded_at: Option<DateTime<Utc>>,
}

/// What it takes to take a publication back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// The other plans of the term as they stood before.
    pub plans: Vec<PlanStanding>,
    /// Requests that were accepted before and planned after it.
    pub requests: Vec<ServiceRequestId>,
    /// The e-mails that tell of it.
    pub emails: Vec<EmailId>,
}

/// A publication whose e-mails wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// The plan.
    pub plan_id: PlanId,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// When its e-mails go out.
    pub emails_at: DateTime<Utc>,
    /// What it changed.
    pub undo: Undo,
}
