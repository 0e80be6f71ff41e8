//! Days on which specialists are away.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::schema::time_away as away;
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::calendar::WallClock;
use crate::domain::ids::{SpecialistId, TimeAwayId};
use crate::domain::time_away::{AwayReason, TimeAway, TimeAwayFields};

type Row =
    (TimeAwayId, SpecialistId, AwayReason, NaiveDate, NaiveDate, Option<WallClock>, Option<WallClock>, i64, At, At);

fn record(row: Row) -> TimeAway {
    let (id, specialist_id, reason, starts_on, ends_on, starts, ends, version, created, updated) = row;
    TimeAway {
        id,
        specialist_id,
        fields: TimeAwayFields { reason, starts_on, ends_on, starts, ends },
        version,
        created_at: created.0,
        updated_at: updated.0,
    }
}

/// Time away of one specialist or of all, by first day.
pub fn list(tx: &mut ReadTx, specialist: Option<SpecialistId>) -> Result<Vec<TimeAway>, DbError> {
    let mut query = away::table.order((away::specialist_id, away::starts_on, away::id)).into_boxed();
    if let Some(specialist) = specialist {
        query = query.filter(away::specialist_id.eq(specialist));
    }
    let rows: Vec<Row> = query.load(tx.connection())?;
    Ok(rows.into_iter().map(record).collect())
}

/// One time away.
pub fn find(tx: &mut ReadTx, id: TimeAwayId) -> Result<Option<TimeAway>, DbError> {
    Ok(away::table.find(id).first(tx.connection()).optional()?.map(record))
}

/// The columns that hold what was entered, in one place for insert and update.
macro_rules! field_columns {
    ($fields:expr) => {
        (
            away::reason.eq($fields.reason),
            away::starts_on.eq($fields.starts_on),
            away::ends_on.eq($fields.ends_on),
            away::starts.eq($fields.starts),
            away::ends.eq($fields.ends),
        )
    };
}

/// Enters time away.
pub fn insert(
    tx: &mut WriteTx,
    specialist: SpecialistId,
    fields: &TimeAwayFields,
    now: DateTime<Utc>,
) -> Result<TimeAwayId, DbError> {
    let id = TimeAwayId::new();
    diesel::insert_into(away::table)
        .values((
            away::id.eq(id),
            away::specialist_id.eq(specialist),
            field_columns!(fields),
            away::version.eq(1),
            away::created_at.eq(At(now)),
            away::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(id)
}

/// Changes time away.
pub fn update(tx: &mut WriteTx, id: TimeAwayId, fields: &TimeAwayFields, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(away::table.find(id))
        .set((field_columns!(fields), away::version.eq(away::version + 1), away::updated_at.eq(At(now))))
        .execute(tx.connection())?;
    Ok(())
}

/// Takes it back.
pub fn delete(tx: &mut WriteTx, id: TimeAwayId) -> Result<(), DbError> {
    diesel::delete(away::table.find(id)).execute(tx.connection())?;
    Ok(())
}
