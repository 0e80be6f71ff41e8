//! Supervision of assistants that took place.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::schema::supervision_logs as logs;
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::ids::{AccountId, SpecialistId, SupervisionLogId};
use crate::domain::supervision::{SupervisionLog, SupervisionLogFields};

type Row = (SupervisionLogId, SpecialistId, SpecialistId, NaiveDate, i64, AccountId, At);

fn record(row: Row) -> SupervisionLog {
    let (id, supervisor_id, assistant_id, supervised_on, minutes, _, created_at) = row;
    SupervisionLog {
        id,
        supervisor_id,
        fields: SupervisionLogFields { assistant_id, supervised_on, minutes },
        created_at: created_at.0,
    }
}

/// Logs in which a specialist is supervisor or assistant, by day.
pub fn of_specialist(tx: &mut ReadTx, specialist: SpecialistId) -> Result<Vec<SupervisionLog>, DbError> {
    let rows: Vec<Row> = logs::table
        .filter(logs::supervisor_id.eq(specialist).or(logs::assistant_id.eq(specialist)))
        .order((logs::supervised_on, logs::id))
        .load(tx.connection())?;
    Ok(rows.into_iter().map(record).collect())
}

/// Logs of a period, by day.
pub fn of_period(tx: &mut ReadTx, (from, until): (NaiveDate, NaiveDate)) -> Result<Vec<SupervisionLog>, DbError> {
    let rows: Vec<Row> = logs::table
        .filter(logs::supervised_on.ge(from))
        .filter(logs::supervised_on.lt(until))
        .order((logs::supervised_on, logs::id))
        .load(tx.connection())?;
    Ok(rows.into_iter().map(record).collect())
}

/// One log.
pub fn find(tx: &mut ReadTx, id: SupervisionLogId) -> Result<Option<SupervisionLog>, DbError> {
    Ok(logs::table.find(id).first(tx.connection()).optional()?.map(record))
}

/// Enters a log, and by whom.
pub fn insert(
    tx: &mut WriteTx,
    supervisor: SpecialistId,
    fields: &SupervisionLogFields,
    (by, now): (AccountId, DateTime<Utc>),
) -> Result<SupervisionLogId, DbError> {
    let id = SupervisionLogId::new();
    diesel::insert_into(logs::table)
        .values((
            logs::id.eq(id),
            logs::supervisor_id.eq(supervisor),
            logs::assistant_id.eq(fields.assistant_id),
            logs::supervised_on.eq(fields.supervised_on),
            logs::minutes.eq(fields.minutes),
            logs::account_id.eq(by),
            logs::created_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(id)
}

/// Takes a log away.
pub fn delete(tx: &mut WriteTx, id: SupervisionLogId) -> Result<(), DbError> {
    diesel::delete(logs::table.find(id)).execute(tx.connection())?;
    Ok(())
}
