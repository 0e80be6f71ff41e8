//! Password hashes, invitations, and how often signing in failed.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::schema::{invitations, passwords, sign_in_failures};
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::ids::AccountId;

/// The hash of an account's password, if it has one.
pub fn password_hash(tx: &mut ReadTx, account: AccountId) -> Result<Option<String>, DbError> {
    Ok(passwords::table.find(account).select(passwords::hash).first(tx.connection()).optional()?)
}

/// Enters or replaces the hash of an account's password.
pub fn set_password(tx: &mut WriteTx, account: AccountId, hash: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::delete(passwords::table.find(account)).execute(tx.connection())?;
    diesel::insert_into(passwords::table)
        .values((passwords::account_id.eq(account), passwords::hash.eq(hash), passwords::changed_at.eq(At(now))))
        .execute(tx.connection())?;
    Ok(())
}

/// Enters an invitation in place of an earlier one of the account.
pub fn invite(
    tx: &mut WriteTx,
    account: AccountId,
    secret_sha256: &str,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), DbError> {
    forget_invitation(tx, account)?;
    diesel::insert_into(invitations::table)
        .values((
            invitations::account_id.eq(account),
            invitations::secret_sha256.eq(secret_sha256),
            invitations::created_at.eq(At(now)),
            invitations::expires_at.eq(At(expires_at)),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Whom an invitation is for, and until when.
pub fn invitation(tx: &mut ReadTx, secret_sha256: &str) -> Result<Option<(AccountId, DateTime<Utc>)>, DbError> {
    let row: Option<(AccountId, At)> = invitations::table
        .filter(invitations::secret_sha256.eq(secret_sha256))
        .select((invitations::account_id, invitations::expires_at))
        .first(tx.connection())
        .optional()?;
    Ok(row.map(|(account, at)| (account, at.0)))
}

/// Until when the invitation of an account works, if it has one.
pub fn invited_until(tx: &mut ReadTx, account: AccountId) -> Result<Option<DateTime<Utc>>, DbError> {
    let at: Option<At> =
        invitations::table.find(account).select(invitations::expires_at).first(tx.connection()).optional()?;
    Ok(at.map(|at| at.0))
}

/// Takes an account's invitation away.
pub fn forget_invitation(tx: &mut WriteTx, account: AccountId) -> Result<(), DbError> {
    diesel::delete(invitations::table.find(account)).execute(tx.connection())?;
    Ok(())
}

/// How often signing in failed.
#[derive(Debug, Clone, Copy)]
pub struct Failures {
    /// How often in a row, tries under way included.
    pub count: i64,
    /// Until when no other try is made.
    pub wait_until: DateTime<Utc>,
    /// The last try.
    pub last_at: DateTime<Utc>,
}

/// The failures of a subject.
pub fn failures(tx: &mut ReadTx, subject_sha256: &str) -> Result<Option<Failures>, DbError> {
    let row: Option<(i64, At, At)> = sign_in_failures::table
        .find(subject_sha256)
        .select((sign_in_failures::failures, sign_in_failures::wait_until, sign_in_failures::last_at))
        .first(tx.connection())
        .optional()?;
    Ok(row.map(|(count, wait_until, last_at)| Failures { count, wait_until: wait_until.0, last_at: last_at.0 }))
}

/// Writes the failures of a subject.
pub fn set_failures(tx: &mut WriteTx, subject_sha256: &str, failures: &Failures) -> Result<(), DbError> {
    clear_failures(tx, subject_sha256)?;
    diesel::insert_into(sign_in_failures::table)
        .values((
            sign_in_failures::subject_sha256.eq(subject_sha256),
            sign_in_failures::failures.eq(failures.count),
            sign_in_failures::wait_until.eq(At(failures.wait_until)),
            sign_in_failures::last_at.eq(At(failures.last_at)),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Forgets the failures of a subject.
pub fn clear_failures(tx: &mut WriteTx, subject_sha256: &str) -> Result<(), DbError> {
    diesel::delete(sign_in_failures::table.find(subject_sha256)).execute(tx.connection())?;
    Ok(())
}

/// Forgets failures since which nobody tried again.
pub fn forget_failures(tx: &mut WriteTx, before: DateTime<Utc>) -> Result<usize, DbError> {
    let old = sign_in_failures::table.filter(sign_in_failures::last_at.lt(At(before)));
    Ok(diesel::delete(old).execute(tx.connection())?)
}
