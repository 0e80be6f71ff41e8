//! Work of specialists' weeks that is not visits.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::schema::indirect_blocks as blocks;
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::calendar::{WallClock, Weekday};
use crate::domain::ids::{IndirectBlockId, SpecialistId};
use crate::domain::workload::{IndirectBlock, IndirectBlockFields, IndirectKind};

#[derive(Queryable)]
struct Row {
    id: IndirectBlockId,
    specialist_id: SpecialistId,
    kind: IndirectKind,
    minutes_per_week: i64,
    weekday: Option<Weekday>,
    starts: Option<WallClock>,
    assistant_id: Option<SpecialistId>,
    effective_from: NaiveDate,
    effective_until: Option<NaiveDate>,
    version: i64,
    created_at: At,
    updated_at: At,
}

fn record(row: Row) -> IndirectBlock {
    IndirectBlock {
        id: row.id,
        specialist_id: row.specialist_id,
        fields: IndirectBlockFields {
            kind: row.kind,
            minutes_per_week: row.minutes_per_week,
            weekday: row.weekday,
            starts: row.starts,
            assistant_id: row.assistant_id,
            effective_from: row.effective_from,
            effective_until: row.effective_until,
        },
        version: row.version,
        created_at: row.created_at.0,
        updated_at: row.updated_at.0,
    }
}

/// Blocks of one specialist or of all, by first day.
pub fn list(tx: &mut ReadTx, specialist: Option<SpecialistId>) -> Result<Vec<IndirectBlock>, DbError> {
    let mut query = blocks::table.order((blocks::specialist_id, blocks::effective_from, blocks::id)).into_boxed();
    if let Some(specialist) = specialist {
        query = query.filter(blocks::specialist_id.eq(specialist));
    }
    let rows: Vec<Row> = query.load(tx.connection())?;
    Ok(rows.into_iter().map(record).collect())
}

/// One block.
pub fn find(tx: &mut ReadTx, id: IndirectBlockId) -> Result<Option<IndirectBlock>, DbError> {
    Ok(blocks::table.find(id).first(tx.connection()).optional()?.map(record))
}

/// The columns that hold what was entered, in one place for insert and update.
macro_rules! field_columns {
    ($fields:expr) => {
        (
            blocks::kind.eq($fields.kind),
            blocks::minutes_per_week.eq($fields.minutes_per_week),
            blocks::weekday.eq($fields.weekday),
            blocks::starts.eq($fields.starts),
            blocks::assistant_id.eq($fields.assistant_id),
            blocks::effective_from.eq($fields.effective_from),
            blocks::effective_until.eq($fields.effective_until),
        )
    };
}

/// Enters a block.
pub fn insert(
    tx: &mut WriteTx,
    specialist: SpecialistId,
    fields: &IndirectBlockFields,
    now: DateTime<Utc>,
) -> Result<IndirectBlockId, DbError> {
    let id = IndirectBlockId::new();
    diesel::insert_into(blocks::table)
        .values((
            blocks::id.eq(id),
            blocks::specialist_id.eq(specialist),
            field_columns!(fields),
            blocks::version.eq(1),
            blocks::created_at.eq(At(now)),
            blocks::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(id)
}

/// Changes a block.
pub fn update(
    tx: &mut WriteTx,
    id: IndirectBlockId,
    fields: &IndirectBlockFields,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    diesel::update(blocks::table.find(id))
        .set((field_columns!(fields), blocks::version.eq(blocks::version + 1), blocks::updated_at.eq(At(now))))
        .execute(tx.connection())?;
    Ok(())
}

/// Takes a block away.
pub fn delete(tx: &mut WriteTx, id: IndirectBlockId) -> Result<(), DbError> {
    diesel::delete(blocks::table.find(id)).execute(tx.connection())?;
    Ok(())
}
