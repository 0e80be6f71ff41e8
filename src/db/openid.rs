//! Sign-ins by OpenID Connect that are under way, and which account a provider's person is.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::schema::{openid_identities as identities, openid_sign_ins as begun};
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::ids::AccountId;

/// A sign-in that was begun and not finished.
#[derive(Debug, Clone)]
pub struct Begun {
    /// The name of the provider.
    pub provider: String,
    /// The page to go to afterwards.
    pub return_to: String,
    /// Until when it can be finished.
    pub expires_at: DateTime<Utc>,
}

/// Enters or replaces what a browser began.
pub fn begin(tx: &mut WriteTx, browser_sha256: &str, begun: &Begun) -> Result<(), DbError> {
    diesel::delete(begun::table.find(browser_sha256)).execute(tx.connection())?;
    diesel::insert_into(begun::table)
        .values((
            begun::browser_sha256.eq(browser_sha256),
            begun::provider.eq(&begun.provider),
            begun::return_to.eq(&begun.return_to),
            begun::expires_at.eq(At(begun.expires_at)),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Takes what a browser began: nobody gets it a second time.
pub fn take(tx: &mut WriteTx, browser_sha256: &str) -> Result<Option<Begun>, DbError> {
    let row: Option<(String, String, At)> = begun::table
        .find(browser_sha256)
        .select((begun::provider, begun::return_to, begun::expires_at))
        .first(tx.connection())
        .optional()?;
    let taken = diesel::delete(begun::table.find(browser_sha256)).execute(tx.connection())?;
    let begun = |(provider, return_to, expires_at): (_, _, At)| Begun { provider, return_to, expires_at: expires_at.0 };
    Ok(row.filter(|_| taken == 1).map(begun))
}

/// Forgets what can no longer be finished.
pub fn forget_expired(tx: &mut WriteTx, now: DateTime<Utc>) -> Result<usize, DbError> {
    Ok(diesel::delete(begun::table.filter(begun::expires_at.le(At(now)))).execute(tx.connection())?)
}

/// The account of a provider's person.
pub fn account_of(tx: &mut ReadTx, issuer: &str, subject: &str) -> Result<Option<AccountId>, DbError> {
    Ok(identities::table.find((issuer, subject)).select(identities::account_id).first(tx.connection()).optional()?)
}

/// Whether an account is a person of the provider already.
pub fn is_linked(tx: &mut ReadTx, issuer: &str, account: AccountId) -> Result<bool, DbError> {
    let own = identities::table.filter(identities::account_id.eq(account)).filter(identities::issuer.eq(issuer));
    Ok(own.count().get_result::<i64>(tx.connection())? > 0)
}

/// Writes down which account a provider's person is.
pub fn link(
    tx: &mut WriteTx,
    issuer: &str,
    subject: &str,
    account: AccountId,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    diesel::insert_into(identities::table)
        .values((
            identities::issuer.eq(issuer),
            identities::subject.eq(subject),
            identities::account_id.eq(account),
            identities::created_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Forgets whom a provider takes an account for: the next sign-in goes by the e-mail address again.
pub fn unlink(tx: &mut WriteTx, account: AccountId) -> Result<usize, DbError> {
    let own = identities::table.filter(identities::account_id.eq(account));
    Ok(diesel::delete(own).execute(tx.connection())?)
}
