//! Plan runs, which are their own job queue.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::page::{Page, PageRequest};
use super::schema::{plan_run_starts as starts, plan_runs as runs, plans};
use super::sql_types::{At, Json};
use super::{DbError, ReadTx, WriteTx};
use crate::domain::ids::{AccountId, LeaseToken, PlanId, PlanRunId, SpecialistId, TermId, VisitId};
use crate::domain::plan_run::{PlanRun, PlanRunFields, PlanRunPurpose, PlanRunState, Progress, ProgressPoint};

#[derive(Queryable, Selectable)]
#[diesel(table_name = runs)]
struct Row {
    id: PlanRunId,
    code: String,
    term_id: TermId,
    state: PlanRunState,
    seconds_max: i64,
    seed: i64,
    instance_sha256: String,
    phase: String,
    best_mandated_minutes: Option<i64>,
    bound_mandated_minutes: Option<i64>,
    elapsed_seconds: i64,
    cancel_requested: bool,
    failure: Option<String>,
    version: i64,
    created_at: At,
    started_at: Option<At>,
    finished_at: Option<At>,
    purpose: PlanRunPurpose,
    progress_curve: Json<Vec<ProgressPoint>>,
}

/// The plan a run starts from, what a visit left in its place is worth, the visits that must stand, and who is left out.
type StartRow = (PlanId, i64, Json<Vec<VisitId>>, Json<Vec<SpecialistId>>);

fn record((row, plan_id, start): (Row, Option<PlanId>, Option<StartRow>)) -> PlanRun {
    let (based_on, minutes, pinned, without) = match start {
        Some((plan, minutes, pinned, without)) => (Some(plan), Some(minutes), pinned.0, without.0),
        None => (None, None, Vec::new(), Vec::new()),
    };
    PlanRun {
        id: row.id,
        code: row.code,
        fields: PlanRunFields {
            term_id: row.term_id,
            seconds_max: row.seconds_max,
            seed: row.seed,
            based_on_plan_id: based_on,
            minutes_per_moved_visit: minutes,
            pinned_visit_ids: pinned,
            without_specialist_ids: without,
        },
        purpose: row.purpose,
        state: row.state,
        progress: Progress {
            phase: row.phase,
            best_mandated_minutes: row.best_mandated_minutes,
            bound_mandated_minutes: row.bound_mandated_minutes,
            elapsed_seconds: row.elapsed_seconds,
            curve: row.progress_curve.0,
        },
        cancel_requested: row.cancel_requested,
        failure: row.failure,
        instance_sha256: row.instance_sha256,
        plan_id,
        version: row.version,
        created_at: row.created_at.0,
        started_at: row.started_at.map(|at| at.0),
        finished_at: row.finished_at.map(|at| at.0),
    }
}

/// The columns of [`StartRow`], absent together.
#[diesel::dsl::auto_type(no_type_alias)]
fn start_columns() -> _ {
    (starts::plan_id, starts::minutes_per_moved_visit, starts::pinned_visit_ids, starts::without_specialist_ids)
        .nullable()
}

/// All runs that make plans: not those of what people only try.
pub fn list(tx: &mut ReadTx, page: PageRequest) -> Result<Page<PlanRun>, DbError> {
    let rows: Vec<(Row, Option<PlanId>, Option<StartRow>)> = runs::table
        .left_join(plans::table)
        .left_join(starts::table)
        .filter(runs::id.gt(page.start::<PlanRunId>()))
        .filter(runs::purpose.ne(PlanRunPurpose::WhatIf))
        .order(runs::id)
        .limit(page.limit + 1)
        .select((Row::as_select(), plans::id.nullable(), start_columns()))
        .load(tx.connection())?;
    Ok(Page::cut(rows.into_iter().map(record).collect(), page, |run| run.id.0))
}

/// One run.
pub fn find(tx: &mut ReadTx, id: PlanRunId) -> Result<Option<PlanRun>, DbError> {
    let row: Option<(Row, Option<PlanId>, Option<StartRow>)> = runs::table
        .left_join(plans::table)
        .left_join(starts::table)
        .filter(runs::id.eq(id))
        .select((Row::as_select(), plans::id.nullable(), start_columns()))
        .first(tx.connection())
        .optional()?;
    Ok(row.map(record))
}

/// The planning instance a run was given, as JSON.
pub fn instance_json(tx: &mut ReadTx, id: PlanRunId) -> Result<Option<String>, DbError> {
    Ok(runs::table.find(id).select(runs::instance_json).first(tx.connection()).optional()?)
}

/// A run that waits or is at work to make a plan of a term, if any.
pub fn open_run(tx: &mut ReadTx, term: TermId) -> Result<Option<String>, DbError> {
    Ok(runs::table
        .filter(runs::term_id.eq(term))
        .filter(runs::purpose.ne(PlanRunPurpose::WhatIf))
        .filter(runs::state.eq_any([PlanRunState::Queued, PlanRunState::Running]))
        .select(runs::code)
        .first(tx.connection())
        .optional()?)
}

/// A run about to be queued.
#[derive(Debug, Clone)]
pub struct NewRun<'a> {
    /// Its number.
    pub code: &'a str,
    /// What was asked, and the plan it starts from.
    pub fields: &'a PlanRunFields,
    /// What it is for.
    pub purpose: PlanRunPurpose,
    /// What the planner is given, as JSON.
    pub instance_json: &'a str,
    /// Its SHA-256.
    pub instance_sha256: &'a str,
    /// Who asked.
    pub requested_by: AccountId,
}

/// Queues a run.
pub fn insert(tx: &mut WriteTx, run: &NewRun<'_>, now: DateTime<Utc>) -> Result<PlanRunId, DbError> {
    let id = PlanRunId::new();
    diesel::insert_into(runs::table)
        .values((
            runs::id.eq(id),
            runs::code.eq(run.code),
            runs::term_id.eq(run.fields.term_id),
            runs::purpose.eq(run.purpose),
            runs::state.eq(PlanRunState::Queued),
            runs::seconds_max.eq(run.fields.seconds_max),
            runs::seed.eq(run.fields.seed),
            runs::instance_json.eq(run.instance_json),
            runs::instance_sha256.eq(run.instance_sha256),
            runs::phase.eq("Waiting to start"),
            runs::elapsed_seconds.eq(0),
            runs::cancel_requested.eq(false),
            runs::requested_by.eq(run.requested_by),
            runs::attempts.eq(0),
            runs::version.eq(1),
            runs::created_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    if let Some(plan) = run.fields.based_on_plan_id {
        diesel::insert_into(starts::table)
            .values((
                starts::plan_run_id.eq(id),
                starts::plan_id.eq(plan),
                starts::minutes_per_moved_visit.eq(run.fields.minutes_per_moved_visit.unwrap_or(0)),
                starts::pinned_visit_ids.eq(Json(run.fields.pinned_visit_ids.clone())),
                starts::without_specialist_ids.eq(Json(run.fields.without_specialist_ids.clone())),
            ))
            .execute(tx.connection())?;
    }
    Ok(id)
}

/// A run that a worker holds.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Which.
    pub id: PlanRunId,
    /// Its number.
    pub code: String,
    /// Proof of the claim.
    pub lease: LeaseToken,
    /// For which term.
    pub term_id: TermId,
    /// How long the planner may search, in seconds.
    pub seconds_max: i64,
    /// Seed of the search.
    pub seed: i64,
    /// What it is for.
    pub purpose: PlanRunPurpose,
    /// The plan it starts from, if any: as the planner wrote it, and what a visit left in its place is worth in minutes.
    pub start: Option<(String, i64)>,
    /// What the planner is given, as JSON.
    pub instance_json: String,
    /// Its SHA-256.
    pub instance_sha256: String,
    /// Tries so far, this one included.
    pub attempts: i64,
    /// Whether somebody asked it to stop before it began.
    pub cancel_requested: bool,
}

/// Claims the oldest run that waits, plans before what people only try, or one whose worker has not been heard of since its lease ran out.
pub fn claim(tx: &mut WriteTx, now: DateTime<Utc>, lease_until: DateTime<Utc>) -> Result<Option<Claimed>, DbError> {
    type Due = (PlanRunId, String, TermId, PlanRunPurpose, i64, i64, String, String, i64, bool);
    let due: Option<Due> = runs::table
        .filter(
            runs::state
                .eq(PlanRunState::Queued)
                .or(runs::state.eq(PlanRunState::Running).and(runs::lease_until.le(At(now)))),
        )
        // By the words of the purpose: plan, replan, what_if.
        .order((runs::purpose, runs::id))
        .select((
            runs::id,
            runs::code,
            runs::term_id,
            runs::purpose,
            runs::seconds_max,
            runs::seed,
            runs::instance_json,
            runs::instance_sha256,
            runs::attempts,
            runs::cancel_requested,
        ))
        .first(tx.connection())
        .optional()?;
    let Some((id, code, term_id, purpose, seconds_max, seed, instance_json, instance_sha256, attempts, cancel)) = due
    else {
        return Ok(None);
    };
    let start = starts::table
        .inner_join(plans::table.on(plans::id.eq(starts::plan_id)))
        .filter(starts::plan_run_id.eq(id))
        .select((plans::document_json, starts::minutes_per_moved_visit))
        .first(tx.connection())
        .optional()?;
    let lease = LeaseToken::new();
    diesel::update(runs::table.find(id))
        .set((
            runs::state.eq(PlanRunState::Running),
            runs::lease_token.eq(Some(lease)),
            runs::lease_until.eq(Some(At(lease_until))),
            runs::attempts.eq(attempts + 1),
            runs::started_at.eq(Some(At(now))),
            runs::version.eq(runs::version + 1),
        ))
        .execute(tx.connection())?;
    Ok(Some(Claimed {
        id,
        code,
        lease,
        term_id,
        seconds_max,
        seed,
        purpose,
        start,
        instance_json,
        instance_sha256,
        attempts: attempts + 1,
        cancel_requested: cancel,
    }))
}

/// What a worker learns when it reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heartbeat {
    /// Go on.
    GoOn,
    /// Somebody asked to stop.
    Stop,
    /// Another worker holds the run now: drop it.
    Lost,
}

/// Writes progress down and renews the lease.
pub fn report(
    tx: &mut WriteTx,
    claimed: &Claimed,
    progress: &Progress,
    lease_until: DateTime<Utc>,
) -> Result<Heartbeat, DbError> {
    let changed =
        diesel::update(runs::table.filter(runs::id.eq(claimed.id)).filter(runs::lease_token.eq(claimed.lease)))
            .set((
                runs::phase.eq(&progress.phase),
                runs::best_mandated_minutes.eq(progress.best_mandated_minutes),
                runs::bound_mandated_minutes.eq(progress.bound_mandated_minutes),
                runs::elapsed_seconds.eq(progress.elapsed_seconds),
                runs::progress_curve.eq(Json(progress.curve.clone())),
                runs::lease_until.eq(Some(At(lease_until))),
                runs::version.eq(runs::version + 1),
            ))
            .execute(tx.connection())?;
    if changed == 0 {
        return Ok(Heartbeat::Lost);
    }
    let stop: bool = runs::table.find(claimed.id).select(runs::cancel_requested).first(tx.connection())?;
    Ok(if stop { Heartbeat::Stop } else { Heartbeat::GoOn })
}

/// Ends a run; false when the lease was lost meanwhile, and then nothing is changed.
pub fn finish(
    tx: &mut WriteTx,
    claimed: &Claimed,
    state: PlanRunState,
    failure: Option<&str>,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let changed =
        diesel::update(runs::table.filter(runs::id.eq(claimed.id)).filter(runs::lease_token.eq(claimed.lease)))
            .set((
                runs::state.eq(state),
                runs::failure.eq(failure),
                runs::lease_token.eq(None::<LeaseToken>),
                runs::lease_until.eq(None::<At>),
                runs::finished_at.eq(Some(At(now))),
                runs::version.eq(runs::version + 1),
            ))
            .execute(tx.connection())?;
    Ok(changed == 1)
}

/// Puts a run back into the queue as if this try had not been; nothing is changed when the lease was lost.
pub fn hand_back(tx: &mut WriteTx, claimed: &Claimed) -> Result<(), DbError> {
    diesel::update(runs::table.filter(runs::id.eq(claimed.id)).filter(runs::lease_token.eq(claimed.lease)))
        .set((
            runs::state.eq(PlanRunState::Queued),
            runs::phase.eq("Waiting to start"),
            runs::attempts.eq(claimed.attempts - 1),
            runs::lease_token.eq(None::<LeaseToken>),
            runs::lease_until.eq(None::<At>),
            runs::version.eq(runs::version + 1),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Asks a run to stop. One that still waits is over at once.
pub fn cancel(tx: &mut WriteTx, id: PlanRunId, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(runs::table.filter(runs::id.eq(id)).filter(runs::state.eq(PlanRunState::Queued)))
        .set((runs::state.eq(PlanRunState::Cancelled), runs::finished_at.eq(Some(At(now)))))
        .execute(tx.connection())?;
    diesel::update(runs::table.find(id))
        .set((runs::cancel_requested.eq(true), runs::version.eq(runs::version + 1)))
        .execute(tx.connection())?;
    Ok(())
}
