//! Months whose logs no longer change.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::schema::locked_months as months;
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::ids::{AccountId, LockedMonthId};
use crate::domain::month::Month;
use crate::domain::service_log::LockedMonth;

type Row = (LockedMonthId, Month, AccountId, At);

fn record((id, month, locked_by, at): Row) -> LockedMonth {
    LockedMonth { id, month, locked_by, locked_at: at.0 }
}

/// All of them, by month.
pub fn list(tx: &mut ReadTx) -> Result<Vec<LockedMonth>, DbError> {
    let rows: Vec<Row> = months::table.order(months::month).load(tx.connection())?;
    Ok(rows.into_iter().map(record).collect())
}

/// The lock of a month, if there is one.
pub fn find(tx: &mut ReadTx, month: Month) -> Result<Option<LockedMonth>, DbError> {
    let row: Option<Row> = months::table.filter(months::month.eq(month)).first(tx.connection()).optional()?;
    Ok(row.map(record))
}

/// Locks a month.
pub fn insert(tx: &mut WriteTx, month: Month, account: AccountId, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::insert_into(months::table)
        .values((
            months::id.eq(LockedMonthId::new()),
            months::month.eq(month),
            months::account_id.eq(account),
            months::locked_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(())
}
