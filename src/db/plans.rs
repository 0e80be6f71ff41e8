//! Plans.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::connection::MultiBackend;
use super::page::{Page, PageRequest};
use super::schema::{plans, terms};
use super::sql_types::{At, Json};
use super::{DbError, ReadTx, WriteTx};
use crate::domain::ids::{AccountId, PlanId, PlanRunId, TermId};
use crate::domain::plan::{Plan, PlanState, TradeOff};

type Row = (
    PlanId,
    String,
    TermId,
    PlanRunId,
    PlanState,
    String,
    (Option<NaiveDate>, Option<NaiveDate>),
    Json<Vec<TradeOff>>,
    Option<At>,
    Option<At>,
    i64,
    At,
    At,
);

#[allow(clippy::type_complexity, reason = "a list of columns has no simpler name")]
const COLUMNS: (
    plans::id,
    plans::code,
    plans::term_id,
    plans::plan_run_id,
    plans::state,
    plans::instance_sha256,
    (plans::effective_from, plans::followed_until),
    plans::trade_offs,
    plans::published_at,
    plans::superseded_at,
    plans::version,
    plans::created_at,
    plans::updated_at,
) = (
    plans::id,
    plans::code,
    plans::term_id,
    plans::plan_run_id,
    plans::state,
    plans::instance_sha256,
    (plans::effective_from, plans::followed_until),
    plans::trade_offs,
    plans::published_at,
    plans::superseded_at,
    plans::version,
    plans::created_at,
    plans::updated_at,
);

fn record(row: Row) -> Plan {
    let (
        id,
        code,
        term_id,
        plan_run_id,
        state,
        sha,
        days,
        trade_offs,
        published,
        superseded,
        version,
        created,
        updated,
    ) = row;
    let (effective_from, followed_until) = days;
    Plan {
        id,
        code,
        term_id,
        plan_run_id,
        state,
        instance_sha256: sha,
        effective_from,
        followed_until,
        trade_offs: trade_offs.0,
        published_at: published.map(|at| at.0),
        superseded_at: superseded.map(|at| at.0),
        version,
        created_at: created.0,
        updated_at: updated.0,
    }
}

/// Plans; without `drafts` only those that are or were published.
pub fn list(tx: &mut ReadTx, drafts: bool, page: PageRequest) -> Result<Page<Plan>, DbError> {
    let mut query = plans::table.filter(plans::id.gt(page.start::<PlanId>())).select(COLUMNS).into_boxed();
    if !drafts {
        query = query.filter(plans::state.ne(PlanState::Draft));
    }
    let rows: Vec<Row> = query.order(plans::id).limit(page.limit + 1).load(tx.connection())?;
    Ok(Page::cut(rows.into_iter().map(record).collect(), page, |plan| plan.id.0))
}

/// One plan.
pub fn find(tx: &mut ReadTx, id: PlanId) -> Result<Option<Plan>, DbError> {
    let row: Option<Row> = plans::table.find(id).select(COLUMNS).first(tx.connection()).optional()?;
    Ok(row.map(record))
}

/// The published plan of a term.
pub fn published(tx: &mut ReadTx, term: TermId) -> Result<Option<Plan>, DbError> {
    let row: Option<Row> = plans::table
        .filter(plans::term_id.eq(term))
        .filter(plans::state.eq(PlanState::Published))
        .select(COLUMNS)
        .first(tx.connection())
        .optional()?;
    Ok(row.map(record))
}

/// The plan that people follow on a day, of one term or of any, if there is one: it may be superseded by now. Nobody
/// follows a plan after its term has ended.
pub fn followed_on(tx: &mut ReadTx, term: Option<TermId>, day: NaiveDate) -> Result<Option<Plan>, DbError> {
    let mut query = plans::table
        .inner_join(terms::table.on(terms::id.eq(plans::term_id)))
        .filter(terms::ends_on.ge(day))
        .filter(plans::effective_from.le(day))
        .filter(plans::followed_until.is_null().or(plans::followed_until.gt(day)))
        .order(plans::published_at.desc())
        .select(COLUMNS)
        .into_boxed::<MultiBackend>();
    if let Some(term) = term {
        query = query.filter(plans::term_id.eq(term));
    }
    let row: Option<Row> = query.first(tx.connection()).optional()?;
    Ok(row.map(record))
}

/// The plan that was published last, over all terms.
pub fn latest_published(tx: &mut ReadTx) -> Result<Option<Plan>, DbError> {
    let row: Option<Row> = plans::table
        .filter(plans::state.eq(PlanState::Published))
        .order(plans::published_at.desc())
        .select(COLUMNS)
        .first(tx.connection())
        .optional()?;
    Ok(row.map(record))
}

/// The whole plan as the planner wrote it.
pub fn document_json(tx: &mut ReadTx, id: PlanId) -> Result<Option<String>, DbError> {
    Ok(plans::table.find(id).select(plans::document_json).first(tx.connection()).optional()?)
}

/// Stores a draft.
pub fn insert(
    tx: &mut WriteTx,
    code: &str,
    (term, run): (TermId, PlanRunId),
    (instance_sha256, document_json, trade_offs): (&str, &str, &[TradeOff]),
    now: DateTime<Utc>,
) -> Result<PlanId, DbError> {
    let id = PlanId::new();
    diesel::insert_into(plans::table)
        .values((
            plans::id.eq(id),
            plans::code.eq(code),
            plans::term_id.eq(term),
            plans::plan_run_id.eq(run),
            plans::state.eq(PlanState::Draft),
            plans::instance_sha256.eq(instance_sha256),
            plans::document_json.eq(document_json),
            plans::trade_offs.eq(Json(trade_offs.to_vec())),
            plans::version.eq(1),
            plans::created_at.eq(At(now)),
            plans::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(id)
}

/// Makes a draft the published plan.
pub fn publish(
    tx: &mut WriteTx,
    id: PlanId,
    effective_from: NaiveDate,
    by: AccountId,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    diesel::update(plans::table.find(id))
        .set((
            plans::state.eq(PlanState::Published),
            plans::effective_from.eq(Some(effective_from)),
            plans::published_at.eq(Some(At(now))),
            plans::published_by.eq(Some(by)),
            plans::version.eq(plans::version + 1),
            plans::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Ends every other plan of a term on the day that a plan begins. One that would have begun later is never followed.
pub fn end_others(tx: &mut WriteTx, term: TermId, begins: (PlanId, NaiveDate)) -> Result<(), DbError> {
    let (id, day) = begins;
    let others = || {
        plans::table
            .filter(plans::term_id.eq(term))
            .filter(plans::id.ne(id))
            .filter(plans::followed_until.is_null().or(plans::followed_until.gt(day)))
    };
    diesel::update(others().filter(plans::effective_from.le(day)))
        .set(plans::followed_until.eq(Some(day)))
        .execute(tx.connection())?;
    diesel::update(others().filter(plans::effective_from.gt(day)))
        .set(plans::followed_until.eq(plans::effective_from))
        .execute(tx.connection())?;
    Ok(())
}

/// Replaces a published plan.
pub fn supersede(tx: &mut WriteTx, id: PlanId, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(plans::table.find(id))
        .set((
            plans::state.eq(PlanState::Superseded),
            plans::superseded_at.eq(Some(At(now))),
            plans::version.eq(plans::version + 1),
            plans::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(())
}
