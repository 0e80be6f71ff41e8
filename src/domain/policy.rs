//! What a co-op decides about how scarce time is shared out and how a good week looks.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What comes first where mandated minutes are short.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fairness {
    /// As many minutes as possible, shared so that the worst-served member is served as well as possible.
    #[default]
    WorstServedFirst,
    /// As many minutes as possible, whoever gets them.
    MostMinutes,
}

/// How strongly long stays at a site are preferred. Never a reason to place fewer minutes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StayPreference {
    /// No more than short drives ask for.
    #[default]
    Any,
    /// Half a day at a site is better than an hour.
    HalfDay,
    /// A whole day at a site is best.
    WholeDay,
}
