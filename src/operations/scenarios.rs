//! "What if": the office tries changes on a plan. Each is planned by a worker like any plan, and can never be published.

mod one_more;

use chrono::{DateTime, Datelike, Utc};
use serde_json::Value;

use super::access::{allow_write, visible};
use super::audit::{note, note_program};
use super::error::{OperationError, no_faults};
use super::free_text;
use super::overview::{read_files, read_instance};
use super::runner::Context;
use crate::db::plan_runs::{Claimed, NewRun};
use crate::db::scenarios::NewScenario;
use crate::db::{self, Page, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::Resource;
use crate::domain::ids::{PlanId, ScenarioId};
use crate::domain::plan::Plan;
use crate::domain::plan_run::{PlanRunFields, PlanRunPurpose, PlanRunState};
use crate::domain::scenario::{
    ComparedScenario, Measures, Minutes, SCHOOL_WEEKS_A_YEAR, Scenario, ScenarioComparison, ScenarioFields,
};
use crate::planning::change::{self, Effect};
use crate::planning::plan_document::Amount;
use crate::planning::{Change, Instance, PlanDocument};

pub use one_more::one_more;

/// Most scenarios of one plan that may wait or be planned at a time.
const OPEN_MAX: usize = 40;
/// What leaving a visit in its place is worth: a scenario shows the most that a change can bring, and keeps visits only
/// where that costs nothing.
const MINUTES_PER_MOVED_VISIT: i64 = 0;
/// The search is the same for every scenario, so that only the changes make a difference.
const SEED: i64 = 1;

/// What was tried on a plan and was not put away.
pub fn list(tx: &mut ReadTx, ctx: &Context, plan: PlanId, page: PageRequest) -> Result<Page<Scenario>, OperationError> {
    plan_of(tx, ctx, plan)?;
    Ok(db::scenarios::list(tx, plan, page)?)
}

/// One scenario with its progress and what came of it.
pub fn get(tx: &mut ReadTx, ctx: &Context, id: ScenarioId) -> Result<Scenario, OperationError> {
    visible(ctx, Resource::Scenarios)?;
    db::scenarios::find(tx, id)?.ok_or(OperationError::NotFound)
}

/// The plan of a scenario as the planner wrote it (format `coop-plan/1`), once it is planned.
pub fn document_json(tx: &mut ReadTx, ctx: &Context, id: ScenarioId) -> Result<String, OperationError> {
    visible(ctx, Resource::Scenarios)?;
    ctx.trail.exported("scenario_document");
    ctx.trail.code(&id.to_string());
    db::scenarios::document_json(tx, id)?.ok_or(OperationError::NotFound)
}

fn plan_of(tx: &mut ReadTx, ctx: &Context, id: PlanId) -> Result<Plan, OperationError> {
    visible(ctx, Resource::Scenarios)?;
    db::plans::find(tx, id)?.ok_or(OperationError::NotFound)
}

/// Queues the planning of changes on a plan.
///
/// # Errors
/// Invalid entries; faults of changes have pointers such as `/changes/0/request`. Too many when a lot is waiting already.
pub fn create(
    tx: &mut WriteTx,
    ctx: &Context,
    plan: PlanId,
    fields: &ScenarioFields,
) -> Result<Scenario, OperationError> {
    let plan = plan_of(tx, ctx, plan)?;
    allow_write(ctx, Resource::Scenarios)?;
    no_faults(fields.check())?;
    free_text::check(tx, ctx, ("/name", &fields.name), ("scenario", &plan.code))?;
    let changes = change::changes_in(&Value::Array(fields.changes.clone())).map_err(OperationError::Invalid)?;
    let base = read_instance(tx, &plan)?;
    queue(tx, ctx, &plan, &base, Asked { name: &fields.name, changes: &changes, seconds_max: fields.seconds_max })
}

/// A scenario that is asked for.
struct Asked<'a> {
    name: &'a str,
    changes: &'a [Change],
    seconds_max: i64,
}

fn queue(
    tx: &mut WriteTx,
    ctx: &Context,
    plan: &Plan,
    base: &Instance,
    asked: Asked<'_>,
) -> Result<Scenario, OperationError> {
    let open = db::scenarios::list(tx, plan.id, PageRequest::ALL)?.items;
    if open.iter().filter(|one| !one.state.is_over()).count() >= OPEN_MAX {
        return Err(OperationError::TooMany(format!(
            "{OPEN_MAX} trials of {} are waiting already; wait for them or cancel some",
            plan.code
        )));
    }
    let changed = change::apply(base, asked.changes).map_err(OperationError::Invalid)?;
    let year = ctx.now.with_timezone(&ctx.settings.time_zone).year();
    let code = db::codes::next(tx, &format!("WHATIF-{year}"))?;
    let run = PlanRunFields {
        without_specialist_ids: Vec::new(),
        seed: SEED,
        based_on_plan_id: Some(plan.id),
        minutes_per_moved_visit: Some(MINUTES_PER_MOVED_VISIT),
        ..PlanRunFields::of_term(plan.term_id, asked.seconds_max)
    };
    let run = NewRun {
        code: &code,
        fields: &run,
        purpose: PlanRunPurpose::WhatIf,
        instance_json: &String::from_utf8(changed.canonical_bytes()).map_err(OperationError::internal)?,
        instance_sha256: &changed.sha256(),
        requested_by: ctx.actor.account_id,
    };
    let run = db::plan_runs::insert(tx, &run, ctx.now)?;
    let scenario = NewScenario {
        code: &code,
        name: asked.name,
        plan: plan.id,
        run,
        changes: as_json(asked.changes)?,
        sentences: asked.changes.iter().map(|change| change.sentence(base)).collect(),
        cents_per_week: change::cents_per_week(base, asked.changes),
    };
    let id = db::scenarios::insert(tx, &scenario, ctx.now)?;
    ctx.trail.about_everybody();
    note(tx, ctx, "start", ("scenario", &code), &format!("on {}", plan.code))?;
    get(tx, ctx, id)
}

fn as_json(changes: &[Change]) -> Result<Vec<Value>, OperationError> {
    changes.iter().map(|change| serde_json::to_value(change).map_err(OperationError::internal)).collect()
}

/// Asks the planning of a scenario to stop. What was found so far is kept if there is a plan.
pub fn cancel(tx: &mut WriteTx, ctx: &Context, id: ScenarioId) -> Result<Scenario, OperationError> {
    let scenario = get(tx, ctx, id)?;
    allow_write(ctx, Resource::Scenarios)?;
    if scenario.state.is_over() {
        return Err(OperationError::conflict(format!("{} is already over", scenario.code)));
    }
    db::plan_runs::cancel(tx, scenario.plan_run_id, ctx.now)?;
    note(tx, ctx, "cancel", ("scenario", &scenario.code), "")?;
    get(tx, ctx, id)
}

/// Puts a scenario away: it is no longer listed or compared. One that is still planned is stopped.
pub fn archive(tx: &mut WriteTx, ctx: &Context, id: ScenarioId) -> Result<Scenario, OperationError> {
    let scenario = get(tx, ctx, id)?;
    allow_write(ctx, Resource::Scenarios)?;
    if scenario.archived_at.is_some() {
        return Err(OperationError::conflict(format!("{} was put away already", scenario.code)));
    }
    if !scenario.state.is_over() {
        db::plan_runs::cancel(tx, scenario.plan_run_id, ctx.now)?;
    }
    db::scenarios::archive(tx, id, ctx.now)?;
    note(tx, ctx, "archive", ("scenario", &scenario.code), "")?;
    get(tx, ctx, id)
}

/// The plan and every planned scenario, side by side.
pub fn compare(tx: &mut ReadTx, ctx: &Context, plan: PlanId) -> Result<ScenarioComparison, OperationError> {
    let plan = plan_of(tx, ctx, plan)?;
    let term = db::terms::find(tx, plan.term_id)?.ok_or(OperationError::NotFound)?;
    let days = term.fields.ends_on.signed_duration_since(term.fields.starts_on).num_days() + 1;
    let weeks_of_term = (days + 6) / 7;
    let (_, document) = read_files(tx, &plan)?;
    let base = measured(&document, &Effect::between(&document, &document));
    let all = db::scenarios::list(tx, plan.id, PageRequest::ALL)?.items;
    let unfinished = all.iter().filter(|one| !one.state.is_over()).count() as i64;
    let compared = all.into_iter().filter(|one| one.state == PlanRunState::Succeeded).filter_map(|mut scenario| {
        let measures = scenario.measures.take()?;
        Some(ComparedScenario::of(&scenario, measures, &base, weeks_of_term))
    });
    let scenarios = compared.collect();
    Ok(ScenarioComparison {
        plan_id: plan.id,
        plan_code: plan.code,
        base,
        weeks_per_year: SCHOOL_WEEKS_A_YEAR,
        weeks_of_term,
        scenarios,
        unfinished,
    })
}

/// What a scenario's plan reaches, beside the plan it started from.
pub(super) fn measures_of(run: &Claimed, document: &PlanDocument) -> Result<Measures, OperationError> {
    let base = run.start.as_ref().map(|(text, _)| text.as_str()).unwrap_or_default();
    let base = PlanDocument::read(base.as_bytes())
        .map_err(|_| OperationError::conflict("The plan that this was tried on cannot be read"))?;
    Ok(measured(document, &Effect::between(&base, document)))
}

/// Stores what came of a scenario.
pub(super) fn store(
    tx: &mut WriteTx,
    run: &Claimed,
    (plan_json, measures): (&str, &Measures),
    now: DateTime<Utc>,
) -> Result<(), OperationError> {
    db::scenarios::store_result(tx, run.id, plan_json, measures)?;
    let detail = format!("{} minutes a week planned", measures.placed());
    note_program(tx, now, "store", ("scenario", &run.code), &detail)?;
    Ok(())
}

fn measured(document: &PlanDocument, effect: &Effect) -> Measures {
    let totals = &document.totals;
    let minutes = |amount: Amount| Minutes { requested: i64::from(amount.requested), placed: i64::from(amount.placed) };
    let members = totals.by_member.iter().map(|(code, amounts)| (code, minutes(amounts.mandated)));
    let asking: Vec<(&String, Minutes)> = members.filter(|(_, mandated)| mandated.requested > 0).collect();
    let share = |mandated: &Minutes| mandated.placed * 10_000 / mandated.requested;
    // The first by code when several are served equally badly.
    let worst = asking.iter().min_by_key(|(_, mandated)| share(mandated));
    Measures {
        mandated: minutes(totals.all.mandated),
        evaluation: minutes(totals.all.evaluation),
        consult: minutes(totals.all.consult),
        worst_share_basis_points: worst.map(|(_, mandated)| share(mandated)),
        worst_member_code: worst.map(|(code, _)| (*code).clone()),
        members_below: asking.iter().filter(|(_, mandated)| mandated.placed < mandated.requested).count() as i64,
        visits: document.visits.len() as i64,
        visits_kept: i64::from(effect.visits_kept),
        visits_moved: i64::from(effect.visits_moved),
        people_touched: i64::from(effect.people_touched),
        pairs: i64::from(totals.pairs),
        pairs_kept: i64::from(totals.pairs_kept),
        travel_minutes: i64::from(totals.travel_minutes),
        staff_cost_cents: totals.staff_cost_cents,
    }
}
