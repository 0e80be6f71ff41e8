//! Settings of what a school year holds: logging, reports, other work, costs.

use serde::{Deserialize, Serialize};

/// Logging what was delivered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logging {
    /// The most minutes that can be logged for a visit, in percent of its length.
    pub percent_max: i64,
}

/// Reports of the school year.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reports {
    /// Calendar days from a parent's consent until an evaluation is due.
    pub evaluation_days: u32,
}

/// What a week of work may hold.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workload {
    /// Disciplines for which a credential must be on file.
    pub credentials_required: Vec<String>,
    /// Disciplines that work three weeks with visits and one without.
    pub three_to_one: Vec<String>,
    /// Minutes a week that everybody has for planning.
    pub planning_minutes_per_week: i64,
    /// Most sites of a specialist in a week; 0 for no limit.
    pub sites_per_week_max: i64,
    /// Most requests of a specialist; 0 for no limit.
    pub requests_max: i64,
}

/// Cost-share rules.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Costs {
    /// What a mile is paid.
    pub travel_cents_per_mile: i64,
    /// Administration as a part of staff cost, in hundredths of a percent.
    pub administration_basis_points: i64,
    /// The part of administration that is shared equally, in hundredths of a percent.
    pub administration_equal_share_basis_points: i64,
}
