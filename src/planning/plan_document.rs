//! What the planner answers: the document `coop-plan/1`.

mod read;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::change::Change;
use crate::domain::calendar::{WallClock, Weekday};
use crate::domain::fault::Fault;
use crate::domain::service_request::Priority;

/// The `format` of every plan file.
pub const PLAN_FORMAT: &str = "coop-plan/1";
/// Largest plan file in bytes.
pub const PLAN_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Most entries of any list of a plan.
pub const PLAN_ENTRIES_MAX: usize = 100_000;

/// A plan and what is known about it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlanDocument {
    /// Always [`PLAN_FORMAT`].
    pub format: String,
    /// Name of the instance.
    pub instance_name: String,
    /// [`super::Instance::sha256`] of the instance.
    pub instance_sha256: String,
    /// How the search ended.
    pub status: PlanStatus,
    /// The timetable, in order of specialist, day and start.
    pub visits: Vec<Visit>,
    /// What was asked and not given, in the order of the instance.
    pub shortfalls: Vec<Shortfall>,
    /// What the plan reaches.
    pub totals: Totals,
    /// What no plan can exceed.
    pub bounds: Bounds,
    /// Mandated minutes that members which lend staff could place alone; `no_lender_worse_than_alone` rests on it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lenders: Vec<Lender>,
    /// What an extra hour of staff would bring.
    pub prices: Vec<Price>,
    /// What fewer moved visits cost in minutes; only for a plan that stays close to another one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trade_offs: Vec<TradeOff>,
    /// How the plan was made.
    pub run: Run,
}

/// How the search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanStatus {
    /// As many mandated, evaluation and consult minutes as the bounds allow.
    Optimal,
    /// The search ended by itself; the bounds tell how far from the best it can be.
    WithinGap,
    /// Time ran out, or somebody stopped the search.
    TimeLimit,
}

/// One visit of the week.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visit {
    /// Code of the specialist.
    pub specialist: String,
    /// Code of the request.
    pub request: String,
    /// Code of the site where the specialist is.
    pub site: String,
    /// Day of the week.
    pub day: Weekday,
    /// Start.
    pub starts: WallClock,
    /// End.
    pub ends: WallClock,
}

impl Visit {
    /// Length in minutes; 0 when it ends before it starts.
    pub fn minutes(&self) -> u32 {
        u32::from(self.ends.minutes().saturating_sub(self.starts.minutes()))
    }
}

/// Minutes of a request that are not in the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shortfall {
    /// Code of the request.
    pub request: String,
    /// Minutes a week not given.
    pub minutes: u32,
    /// Why, in one plain sentence.
    pub reason: String,
    /// Names of the rules that stand in the way.
    pub binding: Vec<String>,
    /// Why, minute by minute: they add up to `minutes`. Empty when nobody looked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
    /// Changes that were tried on this plan and found to help.
    pub remedies: Vec<Remedy>,
}

/// Why a part of a shortfall is not given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// What kind of cause.
    pub cause: CauseKind,
    /// Minutes a week that are missing for it.
    pub minutes: u32,
    /// Names of the rules that stand in the way.
    pub rules: Vec<String>,
    /// The cause in one plain sentence.
    pub sentence: String,
}

/// What keeps minutes from being given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CauseKind {
    /// Nobody holds what the request asks for.
    NobodyQualifies,
    /// Those who hold it have no minutes left, and they are few.
    FewQualifyAndAreFull,
    /// Everybody of the discipline has no minutes left.
    NoHoursLeft,
    /// Those with minutes left have as many sites or requests in the week as they may have.
    CapReached,
    /// Free hours of specialists never meet a window of the request.
    NoWindowOverlaps,
    /// The drive there and back takes what is free.
    DriveDoesNotFit,
    /// What is free is shorter than the shortest visit, or the longest visit is too short.
    VisitLengthDoesNotFit,
    /// The minutes went to requests that weigh more.
    LostToHigherPriority,
    /// The request's own windows and visits a week hold no more.
    RequestAllowsNoMore,
    /// No obstacle is known; the search found no place.
    NotFound,
}

impl Shortfall {
    /// A shortfall of which no cause is known yet.
    pub(crate) fn unexplained(request: &str, minutes: u32) -> Shortfall {
        Shortfall {
            request: request.to_string(),
            minutes,
            reason: String::new(),
            binding: Vec::new(),
            causes: Vec::new(),
            remedies: Vec::new(),
        }
    }
}

/// A change and what it was found to bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// The change in plain words.
    pub change: String,
    /// Minutes a week gained over the whole co-op.
    pub minutes_gained: u32,
    /// How many of them are mandated.
    pub mandated_minutes_gained: u32,
    /// How many of them are for the request of the shortfall.
    pub minutes_gained_for_request: u32,
    /// What the change costs a week; 0 for nothing.
    pub cents_per_week: i64,
    /// Visits of this plan that stand otherwise afterwards.
    pub visits_moved: u32,
    /// The change as the planner can apply it. Empty when it is only told.
    pub apply: Vec<Change>,
}

/// Asked and given minutes a week.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amount {
    /// Asked.
    pub requested: u32,
    /// Given.
    pub placed: u32,
}

/// Amounts by priority.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amounts {
    /// IEP minutes.
    pub mandated: Amount,
    /// Evaluations.
    pub evaluation: Amount,
    /// Consults.
    pub consult: Amount,
}

impl Amounts {
    /// The amount of a priority.
    pub fn of(&mut self, priority: Priority) -> &mut Amount {
        match priority {
            Priority::Mandated => &mut self.mandated,
            Priority::Evaluation => &mut self.evaluation,
            Priority::Consult => &mut self.consult,
        }
    }
}

/// What a plan reaches.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Totals {
    /// Minutes by priority over the whole co-op.
    #[serde(flatten)]
    pub all: Amounts,
    /// The same by code of the member.
    pub by_member: BTreeMap<String, Amounts>,
    /// Pairs of a specialist and a request that meet.
    pub pairs: u32,
    /// Pairs that already meet today.
    pub pairs_kept: u32,
    /// Driving minutes between sites a week.
    pub travel_minutes: u32,
    /// Driving miles between sites a week, to three decimals.
    pub travel_miles: f64,
    /// Pay of the placed minutes a week.
    pub staff_cost_cents: i64,
}

/// What no plan can exceed; see `docs/planning-model.md` for how each is proven.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// Mandated minutes of any plan.
    pub mandated_placed_at_most: u32,
    /// Evaluation minutes of any plan with at least the mandated minutes of this one.
    pub evaluation_placed_at_most: u32,
    /// Consult minutes of any plan with at least the mandated and evaluation minutes of this one.
    pub consult_placed_at_most: u32,
    /// Hundredths of a percent of its mandated minutes that the worst-served member gets in any plan, rounded up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst_share_at_most_basis_points: Option<u32>,
}

/// What a member that lends staff could place alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lender {
    /// Code of the member.
    pub member: String,
    /// Its own mandated minutes in a plan with its own specialists only, found by the same search.
    pub alone_mandated_minutes: u32,
    /// Proven: no plan with its own specialists only places more of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alone_at_most_minutes: Option<u32>,
}

/// What an extra hour would bring in the relaxation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Discipline.
    pub discipline: String,
    /// Day of the week.
    pub day: Weekday,
    /// Mandated minutes gained by one more hour, at the margin.
    pub minutes_per_extra_hour: f64,
}

/// What is given up for fewer moved visits, and what is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TradeOff {
    /// Mandated minutes that one visit left in its place was taken to be worth.
    pub minutes_per_moved_visit: u32,
    /// Mandated minutes of the plan found so.
    pub mandated_minutes: u32,
    /// Visits that stand otherwise than in the plan before.
    pub visits_moved: u32,
    /// Specialists with such a visit.
    pub people_touched: u32,
}

/// How a plan was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// Wall-clock seconds.
    pub seconds: f64,
    /// Seed of the search.
    pub seed: u64,
    /// Name of the solver behind the bounds.
    pub solver: String,
    /// Work spent, in steps of the search.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<u64>,
}

impl PlanDocument {
    /// Reads a plan file. On failure every fault found, each with its JSON pointer.
    pub fn read(bytes: &[u8]) -> Result<PlanDocument, Vec<Fault>> {
        read::plan(bytes)
    }
}
