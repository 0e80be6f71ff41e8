//! What the planner answers: the document `coop-plan/1`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::document::{self, Place};
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
    /// Changes that were tried on this plan and found to help.
    pub remedies: Vec<Remedy>,
}

/// A change and what it was found to bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// The change in plain words.
    pub change: String,
    /// Minutes of the request gained, everything else standing as planned.
    pub minutes_gained: u32,
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
}

/// What a member that lends staff could place alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lender {
    /// Code of the member.
    pub member: String,
    /// Its own mandated minutes in a plan with its own specialists only, found by the same search.
    pub alone_mandated_minutes: u32,
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
}

impl PlanDocument {
    /// Reads a plan file. On failure every fault found, each with its JSON pointer.
    pub fn read(bytes: &[u8]) -> Result<PlanDocument, Vec<Fault>> {
        document::read(bytes, PLAN_BYTES_MAX, whole)
    }
}

fn whole(place: &Place) -> Option<PlanDocument> {
    let keys = [
        "format",
        "instance_name",
        "instance_sha256",
        "status",
        "visits",
        "shortfalls",
        "totals",
        "bounds",
        "lenders",
        "prices",
        "run",
    ];
    let fields = place.object(&keys)?;
    let format = fields.required::<String>("format");
    if format.as_ref().is_some_and(|format| format != PLAN_FORMAT) {
        fields.at("format")?.note(format!("must be \"{PLAN_FORMAT}\""));
    }
    let instance_name = fields.required("instance_name");
    let instance_sha256 = fields.required("instance_sha256");
    let status = fields.required("status");
    let visits = fields.at("visits").and_then(|list| list.list(PLAN_ENTRIES_MAX, |visit| visit.leaf()));
    let shortfalls = fields.at("shortfalls").and_then(|list| list.list(PLAN_ENTRIES_MAX, shortfall));
    let totals = fields.at("totals").and_then(|place| totals(&place));
    let bounds = fields.required("bounds");
    let lenders = fields.maybe("lenders", |list| list.list(PLAN_ENTRIES_MAX, |lender| lender.leaf()));
    let prices = fields.at("prices").and_then(|list| list.list(PLAN_ENTRIES_MAX, |price| price.leaf()));
    let run = fields.required("run");
    Some(PlanDocument {
        format: format?,
        instance_name: instance_name?,
        instance_sha256: instance_sha256?,
        status: status?,
        visits: visits?,
        shortfalls: shortfalls?,
        totals: totals?,
        bounds: bounds?,
        lenders: lenders?.unwrap_or_default(),
        prices: prices?,
        run: run?,
    })
}

fn shortfall(place: &Place) -> Option<Shortfall> {
    let fields = place.object(&["request", "minutes", "reason", "binding", "remedies"])?;
    let (request, minutes, reason) =
        (fields.required("request"), fields.required("minutes"), fields.required("reason"));
    let binding = fields.required("binding");
    let remedies = fields.at("remedies").and_then(|list| {
        list.list(PLAN_ENTRIES_MAX, |place| {
            let fields = place.object(&["change", "minutes_gained"])?;
            let (change, minutes_gained) = (fields.required("change"), fields.required("minutes_gained"));
            Some(Remedy { change: change?, minutes_gained: minutes_gained? })
        })
    });
    Some(Shortfall { request: request?, minutes: minutes?, reason: reason?, binding: binding?, remedies: remedies? })
}

fn totals(place: &Place) -> Option<Totals> {
    let keys = [
        "mandated",
        "evaluation",
        "consult",
        "by_member",
        "pairs",
        "pairs_kept",
        "travel_minutes",
        "travel_miles",
        "staff_cost_cents",
    ];
    let fields = place.object(&keys)?;
    let (mandated, evaluation, consult) =
        (fields.required("mandated"), fields.required("evaluation"), fields.required("consult"));
    let by_member = fields.at("by_member").and_then(|table| table.table(|amounts| amounts.leaf()));
    let (pairs, pairs_kept) = (fields.required("pairs"), fields.required("pairs_kept"));
    let (travel_minutes, travel_miles) = (fields.required("travel_minutes"), fields.required("travel_miles"));
    let staff_cost_cents = fields.required("staff_cost_cents");
    Some(Totals {
        all: Amounts { mandated: mandated?, evaluation: evaluation?, consult: consult? },
        by_member: by_member?,
        pairs: pairs?,
        pairs_kept: pairs_kept?,
        travel_minutes: travel_minutes?,
        travel_miles: travel_miles?,
        staff_cost_cents: staff_cost_cents?,
    })
}
