//! What is tried on plans: the changes, and what came of them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;

use super::page::{Page, PageRequest};
use super::schema::{plan_runs as runs, scenarios};
use super::sql_types::{At, Json};
use super::{DbError, ReadTx, WriteTx};
use crate::domain::ids::{PlanId, PlanRunId, ScenarioId};
use crate::domain::plan_run::{PlanRunState, Progress};
use crate::domain::scenario::{Measures, Scenario};

type Own = (
    ScenarioId,
    String,
    String,
    PlanId,
    PlanRunId,
    Json<Vec<Value>>,
    Json<Vec<String>>,
    i64,
    Option<Json<Measures>>,
    Option<At>,
    i64,
    At,
);
type OfRun = (PlanRunState, String, Option<i64>, Option<i64>, i64, bool, Option<String>, Option<At>, i64);

/// The columns of a record, from the scenario and from its run.
#[diesel::dsl::auto_type(no_type_alias)]
fn columns() -> _ {
    let own = (
        scenarios::id,
        scenarios::code,
        scenarios::name,
        scenarios::plan_id,
        scenarios::plan_run_id,
        scenarios::changes,
        scenarios::sentences,
        scenarios::cents_per_week,
        scenarios::measures,
        scenarios::archived_at,
        scenarios::version,
        scenarios::created_at,
    );
    let of_run = (
        runs::state,
        runs::phase,
        runs::best_mandated_minutes,
        runs::bound_mandated_minutes,
        runs::elapsed_seconds,
        runs::cancel_requested,
        runs::failure,
        runs::finished_at,
        runs::version,
    );
    (own, of_run)
}

fn record((own, of_run): (Own, OfRun)) -> Scenario {
    let (id, code, name, plan_id, plan_run_id, changes, sentences, cents, measures, archived, version, created) = own;
    let (state, phase, best, bound, elapsed_seconds, cancel_requested, failure, finished, version_of_run) = of_run;
    Scenario {
        id,
        code,
        name,
        plan_id,
        plan_run_id,
        changes: changes.0,
        sentences: sentences.0,
        cents_per_week: cents,
        state,
        progress: Progress {
            phase,
            best_mandated_minutes: best,
            bound_mandated_minutes: bound,
            elapsed_seconds,
            curve: Vec::new(),
        },
        cancel_requested,
        failure,
        measures: measures.map(|measures| measures.0),
        archived_at: archived.map(|at| at.0),
        // Either of the two may have changed.
        version: version + version_of_run,
        created_at: created.0,
        finished_at: finished.map(|at| at.0),
    }
}

/// What was tried on a plan and was not put away.
pub fn list(tx: &mut ReadTx, plan: PlanId, page: PageRequest) -> Result<Page<Scenario>, DbError> {
    let rows: Vec<(Own, OfRun)> = scenarios::table
        .inner_join(runs::table)
        .filter(scenarios::plan_id.eq(plan))
        .filter(scenarios::archived_at.is_null())
        .filter(scenarios::id.gt(page.start::<ScenarioId>()))
        .order(scenarios::id)
        .limit(page.limit + 1)
        .select(columns())
        .load(tx.connection())?;
    Ok(Page::cut(rows.into_iter().map(record).collect(), page, |scenario| scenario.id.0))
}

/// One scenario.
pub fn find(tx: &mut ReadTx, id: ScenarioId) -> Result<Option<Scenario>, DbError> {
    let row: Option<(Own, OfRun)> = scenarios::table
        .inner_join(runs::table)
        .filter(scenarios::id.eq(id))
        .select(columns())
        .first(tx.connection())
        .optional()?;
    Ok(row.map(record))
}

/// Its plan as the planner wrote it, once it is planned.
pub fn document_json(tx: &mut ReadTx, id: ScenarioId) -> Result<Option<String>, DbError> {
    let found: Option<Option<String>> =
        scenarios::table.find(id).select(scenarios::document_json).first(tx.connection()).optional()?;
    Ok(found.flatten())
}

/// The plan that a run's scenario is tried on.
pub fn plan_of_run(tx: &mut ReadTx, run: PlanRunId) -> Result<Option<PlanId>, DbError> {
    let plan = scenarios::table.filter(scenarios::plan_run_id.eq(run)).select(scenarios::plan_id);
    Ok(plan.first(tx.connection()).optional()?)
}

/// A scenario about to be stored.
#[derive(Debug, Clone)]
pub struct NewScenario<'a> {
    /// Its number.
    pub code: &'a str,
    /// What people call it.
    pub name: &'a str,
    /// The plan it is tried on.
    pub plan: PlanId,
    /// The run that plans it.
    pub run: PlanRunId,
    /// The changes.
    pub changes: Vec<Value>,
    /// The same in plain words.
    pub sentences: Vec<String>,
    /// What they cost a week.
    pub cents_per_week: i64,
}

/// Stores a scenario that is still to be planned.
pub fn insert(tx: &mut WriteTx, scenario: &NewScenario<'_>, now: DateTime<Utc>) -> Result<ScenarioId, DbError> {
    let id = ScenarioId::new();
    diesel::insert_into(scenarios::table)
        .values((
            scenarios::id.eq(id),
            scenarios::code.eq(scenario.code),
            scenarios::name.eq(scenario.name),
            scenarios::plan_id.eq(scenario.plan),
            scenarios::plan_run_id.eq(scenario.run),
            scenarios::changes.eq(Json(scenario.changes.clone())),
            scenarios::sentences.eq(Json(scenario.sentences.clone())),
            scenarios::cents_per_week.eq(scenario.cents_per_week),
            scenarios::version.eq(1),
            scenarios::created_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(id)
}

/// Stores what came of the scenario of a run.
pub fn store_result(tx: &mut WriteTx, run: PlanRunId, document_json: &str, measures: &Measures) -> Result<(), DbError> {
    diesel::update(scenarios::table.filter(scenarios::plan_run_id.eq(run)))
        .set((
            scenarios::document_json.eq(Some(document_json)),
            scenarios::measures.eq(Some(Json(measures.clone()))),
            scenarios::version.eq(scenarios::version + 1),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Puts a scenario away: it is no longer listed or compared.
pub fn archive(tx: &mut WriteTx, id: ScenarioId, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(scenarios::table.find(id))
        .set((scenarios::archived_at.eq(Some(At(now))), scenarios::version.eq(scenarios::version + 1)))
        .execute(tx.connection())?;
    Ok(())
}
