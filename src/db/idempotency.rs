//! Answers to POSTs that carried an `Idempotency-Key`.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::schema::idempotency_keys as keys;
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::ids::AccountId;

/// What was asked under a key, and what was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// Hash of method, path and body.
    pub fingerprint: String,
    /// The answer, as the caller of [`insert`] wrote it.
    pub answer: String,
}

/// The answer given under a key, if any.
pub fn find(tx: &mut ReadTx, account: AccountId, key: &str) -> Result<Option<Remembered>, DbError> {
    let row: Option<(String, String)> =
        keys::table.find((account, key)).select((keys::fingerprint, keys::answer)).first(tx.connection()).optional()?;
    Ok(row.map(|(fingerprint, answer)| Remembered { fingerprint, answer }))
}

/// Remembers an answer.
pub fn insert(
    tx: &mut WriteTx,
    account: AccountId,
    key: &str,
    remembered: &Remembered,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    diesel::insert_into(keys::table)
        .values((
            keys::account_id.eq(account),
            keys::key.eq(key),
            keys::fingerprint.eq(&remembered.fingerprint),
            keys::answer.eq(&remembered.answer),
            keys::created_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Forgets every answer given to an account.
pub fn forget_all(tx: &mut WriteTx, account: AccountId) -> Result<(), DbError> {
    diesel::delete(keys::table.filter(keys::account_id.eq(account))).execute(tx.connection())?;
    Ok(())
}

/// Forgets answers older than a moment.
pub fn forget_before(tx: &mut WriteTx, moment: DateTime<Utc>) -> Result<usize, DbError> {
    Ok(diesel::delete(keys::table.filter(keys::created_at.lt(At(moment)))).execute(tx.connection())?)
}
