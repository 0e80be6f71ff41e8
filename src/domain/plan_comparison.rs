//! What a plan reaches in the measures that people weigh, and what changes from one plan to another, with names.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar::{WallClock, Weekday};
use super::ids::PlanId;
use super::plan::PlanState;
use super::service_request::Priority;

/// Minutes a week of one priority.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Reached {
    /// Asked for.
    pub requested_minutes: i64,
    /// Planned.
    pub placed_minutes: i64,
    /// No plan with these people, hours and rules places more.
    pub placed_at_most_minutes: i64,
}

/// The member that goes shortest of mandated minutes, as a share of what it asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WorstServed {
    /// Its code.
    pub member_code: String,
    /// Its name.
    pub member_name: String,
    /// Mandated minutes a week asked for.
    pub requested_minutes: i64,
    /// Of these planned.
    pub placed_minutes: i64,
}

/// What a plan reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlanMeasures {
    /// Of which plan.
    pub plan_id: PlanId,
    /// Its number.
    pub plan_code: String,
    /// Where it stands.
    pub state: PlanState,
    /// IEP-mandated minutes.
    pub mandated: Reached,
    /// Evaluation minutes. Their limit counts plans with at least these mandated minutes.
    pub evaluation: Reached,
    /// Consult minutes. Their limit counts plans with at least these mandated and evaluation minutes.
    pub consult: Reached,
    /// Requests that the plan was made for.
    pub requests: i64,
    /// Of these, how many are met to the last minute.
    pub requests_met: i64,
    /// Who goes shortest; absent where nobody asked for mandated minutes.
    pub worst_served: Option<WorstServed>,
    /// Visits a week.
    pub visits: i64,
    /// Specialists with at least one visit.
    pub specialists: i64,
    /// Pairs of a specialist and a request that meet.
    pub pairs: i64,
    /// Of these, how many met before.
    pub pairs_kept: i64,
    /// Driving minutes a week between schools.
    pub travel_minutes: i64,
    /// Pay of the planned minutes a week, in cents.
    pub staff_cost_cents: i64,
}

impl PlanMeasures {
    /// Minutes a week asked for, of every priority.
    pub fn requested_minutes(&self) -> i64 {
        [self.mandated, self.evaluation, self.consult].iter().map(|one| one.requested_minutes).sum()
    }

    /// Of these planned.
    pub fn placed_minutes(&self) -> i64 {
        [self.mandated, self.evaluation, self.consult].iter().map(|one| one.placed_minutes).sum()
    }

    /// No plan places more minutes of every priority together without giving up some of a higher one.
    pub fn placed_at_most_minutes(&self) -> i64 {
        [self.mandated, self.evaluation, self.consult].iter().map(|one| one.placed_at_most_minutes).sum()
    }

    /// How many minutes the plan stays below the limit; 0 means that it is proven best.
    pub fn minutes_below_limit(&self) -> i64 {
        (self.placed_at_most_minutes() - self.placed_minutes()).max(0)
    }
}

/// By what changes are grouped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GroupBy {
    /// By specialist. A visit that goes to another person is told with both.
    #[default]
    Specialist,
    /// By the school that asked.
    School,
    /// By request.
    Request,
}

/// What became of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanChangeKind {
    /// The same person at another time, another place or for another length.
    Moved,
    /// Another person, at the same or another time.
    NewPerson,
    /// Only in the plan after.
    Added,
    /// Only in the plan before.
    Removed,
}

/// A visit on one side of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangedVisit {
    /// Code of the specialist.
    pub specialist_code: String,
    /// Their name; the code, where nobody of that code is known any more.
    pub specialist_name: String,
    /// Name of the site where the specialist is.
    pub site_name: String,
    /// On which day.
    pub weekday: Weekday,
    /// From.
    #[schema(value_type = String, example = "08:30")]
    pub starts: WallClock,
    /// To.
    #[schema(value_type = String, example = "09:15")]
    pub ends: WallClock,
}

impl ChangedVisit {
    /// Length in minutes.
    pub fn minutes(&self) -> i64 {
        i64::from(self.ends.minutes()) - i64::from(self.starts.minutes())
    }
}

/// A visit that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlanChange {
    /// What became of it.
    pub kind: PlanChangeKind,
    /// Number of its request.
    pub request_code: String,
    /// Discipline of the request.
    pub discipline: String,
    /// Weight of the request.
    pub priority: Priority,
    /// Name of the school that asked.
    pub school_name: String,
    /// The visit before; absent when it was added.
    pub before: Option<ChangedVisit>,
    /// The visit after; absent when it was removed.
    pub after: Option<ChangedVisit>,
}

/// The changes that concern one specialist, school or request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangeGroup {
    /// Code of the specialist, school or request.
    pub code: String,
    /// Name of the specialist or school; the number of the request.
    pub name: String,
    /// Of a specialist the disciplines, of a school its member, of a request its discipline and school.
    pub detail: String,
    /// Minutes a week in the plan before.
    pub minutes_before: i64,
    /// Minutes a week in the plan after.
    pub minutes_after: i64,
    /// Visits that stay as they are.
    pub visits_kept: i64,
    /// Visits that change, by day and time.
    pub changes: Vec<PlanChange>,
}

/// How many visits change, and whom that touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangeCounts {
    /// Visits that stay as they are.
    pub kept: i64,
    /// Visits that get another time, place or length.
    pub moved: i64,
    /// Visits that get another specialist.
    pub new_person: i64,
    /// Visits that are new.
    pub added: i64,
    /// Visits that fall away.
    pub removed: i64,
    /// Specialists with at least one change.
    pub specialists_touched: i64,
    /// Schools with at least one change.
    pub schools_touched: i64,
    /// Requests with at least one change.
    pub requests_touched: i64,
    /// Requests of which a visit goes to another specialist.
    pub requests_with_new_person: i64,
}

impl ChangeCounts {
    /// Visits that change in any way.
    pub fn changed(&self) -> i64 {
        self.moved + self.new_person + self.added + self.removed
    }
}

/// What changes from one plan to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlanComparison {
    /// What the plan before reaches.
    pub before: PlanMeasures,
    /// What the plan after reaches.
    pub after: PlanMeasures,
    /// How many visits change.
    pub counts: ChangeCounts,
    /// Those with a change, in order of names.
    pub groups: Vec<ChangeGroup>,
}

/// What an extra hour of staff would bring, as far as the linear program behind the limits sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HourPrice {
    /// Of which discipline.
    pub discipline: String,
    /// On which day.
    pub weekday: Weekday,
    /// Mandated minutes that one more hour would bring, rounded.
    pub minutes: i64,
}

/// What the planner found out beside the plan itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlanFindings {
    /// What the plan reaches.
    pub measures: PlanMeasures,
    /// What an extra hour would bring, the most first.
    pub prices: Vec<HourPrice>,
    /// Whether time ran out, or somebody stopped the search, before it ended by itself.
    pub was_cut_short: bool,
}
