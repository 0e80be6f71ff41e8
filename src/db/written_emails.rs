//! What the program must know and do about e-mails that it wrote: whether one was written, when it goes, that it does not.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::schema::emails;
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::email::EmailState;
use crate::domain::ids::EmailId;

/// E-mails in one statement.
const ROWS_AT_ONCE: usize = 500;

/// Whether an e-mail with this identity was written.
pub fn is_written(tx: &mut ReadTx, message_id: &str) -> Result<bool, DbError> {
    let found = emails::table.filter(emails::message_id.eq(message_id)).count();
    let count: i64 = found.get_result(tx.connection())?;
    Ok(count > 0)
}

/// Lets e-mails that wait go at this time, not before.
pub fn hold(tx: &mut WriteTx, ids: &[EmailId], until: DateTime<Utc>) -> Result<(), DbError> {
    for ids in ids.chunks(ROWS_AT_ONCE) {
        let waiting =
            emails::table.filter(emails::id.eq_any(ids.to_vec())).filter(emails::state.eq(EmailState::Queued));
        diesel::update(waiting).set(emails::next_attempt_at.eq(At(until))).execute(tx.connection())?;
    }
    Ok(())
}

/// Takes e-mails away that nobody has begun to send; how many.
pub fn take_back(tx: &mut WriteTx, ids: &[EmailId]) -> Result<usize, DbError> {
    let mut taken = 0;
    for ids in ids.chunks(ROWS_AT_ONCE) {
        let untouched = emails::table
            .filter(emails::id.eq_any(ids.to_vec()))
            .filter(emails::state.eq(EmailState::Queued))
            .filter(emails::attempts.eq(0));
        taken += diesel::delete(untouched).execute(tx.connection())?;
    }
    Ok(taken)
}
