//! Stored cost-share statements.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::page::{Page, PageRequest};
use super::schema::cost_shares as shares;
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::cost_share::{CostShareFields, CostShareHead};
use crate::domain::ids::{AccountId, CostShareId, PlanId};

type Row = (CostShareId, String, PlanId, NaiveDate, NaiveDate, At);

const COLUMNS: (
    shares::id,
    shares::code,
    shares::plan_id,
    shares::period_from,
    shares::period_until,
    shares::created_at,
) = (shares::id, shares::code, shares::plan_id, shares::period_from, shares::period_until, shares::created_at);

fn record((id, code, plan_id, period_from, period_until, created_at): Row) -> CostShareHead {
    CostShareHead { id, code, fields: CostShareFields { plan_id, period_from, period_until }, created_at: created_at.0 }
}

/// All statements.
pub fn list(tx: &mut ReadTx, page: PageRequest) -> Result<Page<CostShareHead>, DbError> {
    let rows: Vec<Row> = shares::table
        .filter(shares::id.gt(page.start::<CostShareId>()))
        .order(shares::id)
        .limit(page.limit + 1)
        .select(COLUMNS)
        .load(tx.connection())?;
    Ok(Page::cut(rows.into_iter().map(record).collect(), page, |share| share.id.0))
}

/// One statement: its head and its lines as JSON.
pub fn find(tx: &mut ReadTx, id: CostShareId) -> Result<Option<(CostShareHead, String)>, DbError> {
    let row: Option<(Row, String)> =
        shares::table.find(id).select((COLUMNS, shares::statement_json)).first(tx.connection()).optional()?;
    Ok(row.map(|(row, json)| (record(row), json)))
}

/// The newest statement of a plan.
pub fn latest(tx: &mut ReadTx, plan: PlanId) -> Result<Option<(CostShareHead, String)>, DbError> {
    let row: Option<(Row, String)> = shares::table
        .filter(shares::plan_id.eq(plan))
        .order(shares::id.desc())
        .select((COLUMNS, shares::statement_json))
        .first(tx.connection())
        .optional()?;
    Ok(row.map(|(row, json)| (record(row), json)))
}

/// Stores a statement.
pub fn insert(
    tx: &mut WriteTx,
    code: &str,
    fields: &CostShareFields,
    statement_json: &str,
    by: AccountId,
    now: DateTime<Utc>,
) -> Result<CostShareId, DbError> {
    let id = CostShareId::new();
    diesel::insert_into(shares::table)
        .values((
            shares::id.eq(id),
            shares::code.eq(code),
            shares::plan_id.eq(fields.plan_id),
            shares::period_from.eq(fields.period_from),
            shares::period_until.eq(fields.period_until),
            shares::statement_json.eq(statement_json),
            shares::created_by.eq(by),
            shares::created_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(id)
}
