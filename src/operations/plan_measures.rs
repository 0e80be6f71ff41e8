//! What a plan reaches, in the measures that people weigh, counted from the planner's own files. For the office.

use std::collections::{BTreeMap, BTreeSet};

use super::access::{can_see, visible};
use super::error::OperationError;
use super::overview::read_files;
use super::plans;
use super::runner::Context;
use crate::db::ReadTx;
use crate::domain::actor::Resource;
use crate::domain::ids::PlanId;
use crate::domain::plan::Plan;
use crate::domain::plan_comparison::{HourPrice, PlanFindings, PlanMeasures, Reached, WorstServed};
use crate::planning::plan_document::{self, Amount, PlanStatus};
use crate::planning::{Instance, PlanDocument};

/// Whether the actor may see what whole plans reach.
pub fn may_see(ctx: &Context) -> Result<(), OperationError> {
    can_see(ctx, Resource::PlanDocuments).map(drop)
}

/// What a plan reaches.
pub fn get(tx: &mut ReadTx, ctx: &Context, id: PlanId) -> Result<PlanMeasures, OperationError> {
    visible(ctx, Resource::PlanDocuments)?;
    let plan = plans::get(tx, ctx, id)?;
    let (instance, document) = read_files(tx, &plan)?;
    Ok(of(&plan, &instance, &document))
}

/// What the planner found out beside the plan itself.
pub fn findings(tx: &mut ReadTx, ctx: &Context, id: PlanId) -> Result<PlanFindings, OperationError> {
    visible(ctx, Resource::PlanDocuments)?;
    let plan = plans::get(tx, ctx, id)?;
    let (instance, document) = read_files(tx, &plan)?;
    let mut prices: Vec<HourPrice> = document.prices.iter().map(price).filter(|price| price.minutes > 0).collect();
    prices.sort_by(|a, b| (b.minutes, &a.discipline, a.weekday).cmp(&(a.minutes, &b.discipline, b.weekday)));
    Ok(PlanFindings {
        measures: of(&plan, &instance, &document),
        prices,
        was_cut_short: document.status == PlanStatus::TimeLimit,
    })
}

fn price(found: &plan_document::Price) -> HourPrice {
    // The planner's price is a fraction of an hour's minutes; people read whole ones.
    let minutes = found.minutes_per_extra_hour.round() as i64;
    HourPrice { discipline: found.discipline.clone(), weekday: found.day, minutes }
}

/// What a plan reaches, from files that were read already.
pub(super) fn of(plan: &Plan, instance: &Instance, document: &PlanDocument) -> PlanMeasures {
    let (totals, bounds) = (&document.totals, &document.bounds);
    let reached = |amount: Amount, at_most: u32| Reached {
        requested_minutes: i64::from(amount.requested),
        placed_minutes: i64::from(amount.placed),
        placed_at_most_minutes: i64::from(at_most),
    };
    let specialists: BTreeSet<&str> = document.visits.iter().map(|visit| visit.specialist.as_str()).collect();
    let short = document.shortfalls.iter().filter(|shortfall| shortfall.minutes > 0).count();
    PlanMeasures {
        plan_id: plan.id,
        plan_code: plan.code.clone(),
        state: plan.state,
        mandated: reached(totals.all.mandated, bounds.mandated_placed_at_most),
        evaluation: reached(totals.all.evaluation, bounds.evaluation_placed_at_most),
        consult: reached(totals.all.consult, bounds.consult_placed_at_most),
        requests: instance.requests.len() as i64,
        requests_met: instance.requests.len().saturating_sub(short) as i64,
        worst_served: worst_served(instance, document),
        visits: document.visits.len() as i64,
        specialists: specialists.len() as i64,
        pairs: i64::from(totals.pairs),
        pairs_kept: i64::from(totals.pairs_kept),
        travel_minutes: i64::from(totals.travel_minutes),
        staff_cost_cents: totals.staff_cost_cents,
    }
}

/// The member with the lowest share of its mandated minutes, compared as exact fractions; of equal ones the first.
fn worst_served(instance: &Instance, document: &PlanDocument) -> Option<WorstServed> {
    let names: BTreeMap<&str, &str> =
        instance.members.iter().map(|member| (member.code.as_str(), member.name.as_str())).collect();
    let asking = document.totals.by_member.iter().filter(|(_, amounts)| amounts.mandated.requested > 0);
    let worst = asking.min_by(|(_, a), (_, b)| {
        let (a, b) = (a.mandated, b.mandated);
        let crossed = |one: Amount, other: Amount| u64::from(one.placed) * u64::from(other.requested);
        crossed(a, b).cmp(&crossed(b, a))
    })?;
    let (code, amounts) = worst;
    Some(WorstServed {
        member_code: code.clone(),
        member_name: names.get(code.as_str()).copied().unwrap_or(code).to_owned(),
        requested_minutes: i64::from(amounts.mandated.requested),
        placed_minutes: i64::from(amounts.mandated.placed),
    })
}
