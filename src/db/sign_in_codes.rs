//! Codes that were e-mailed, by the hash of the secret of the browser that asked.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::schema::sign_in_codes as codes;
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::ids::AccountId;

/// A code that was e-mailed, or would have been if the address had an account.
#[derive(Debug, Clone)]
pub struct SignInCode {
    /// Whom it lets in.
    pub account_id: Option<AccountId>,
    /// What is kept of the code.
    pub code_sha256: String,
    /// How often a code was given.
    pub tries: i64,
    /// Until when it works.
    pub expires_at: DateTime<Utc>,
}

/// The code that a browser asked for.
pub fn find(tx: &mut ReadTx, browser_sha256: &str) -> Result<Option<SignInCode>, DbError> {
    let row: Option<(Option<AccountId>, String, i64, At)> = codes::table
        .find(browser_sha256)
        .select((codes::account_id, codes::code_sha256, codes::tries, codes::expires_at))
        .first(tx.connection())
        .optional()?;
    Ok(row.map(|(account_id, code_sha256, tries, expires_at)| SignInCode {
        account_id,
        code_sha256,
        tries,
        expires_at: expires_at.0,
    }))
}

/// Enters or replaces the code of a browser.
pub fn set(tx: &mut WriteTx, browser_sha256: &str, code: &SignInCode) -> Result<(), DbError> {
    forget(tx, browser_sha256)?;
    diesel::insert_into(codes::table)
        .values((
            codes::browser_sha256.eq(browser_sha256),
            codes::account_id.eq(code.account_id),
            codes::code_sha256.eq(&code.code_sha256),
            codes::tries.eq(code.tries),
            codes::expires_at.eq(At(code.expires_at)),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Takes a browser's code away.
pub fn forget(tx: &mut WriteTx, browser_sha256: &str) -> Result<(), DbError> {
    diesel::delete(codes::table.find(browser_sha256)).execute(tx.connection())?;
    Ok(())
}

/// Takes every code of an account away.
pub fn forget_of(tx: &mut WriteTx, account: AccountId) -> Result<(), DbError> {
    diesel::delete(codes::table.filter(codes::account_id.eq(account))).execute(tx.connection())?;
    Ok(())
}

/// Forgets codes that are too old.
pub fn forget_expired(tx: &mut WriteTx, now: DateTime<Utc>) -> Result<usize, DbError> {
    Ok(diesel::delete(codes::table.filter(codes::expires_at.le(At(now)))).execute(tx.connection())?)
}
