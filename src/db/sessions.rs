//! Sessions by the hash of their secret, and devices that signed in before.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::accounts;
use super::schema::{known_devices, login_sessions as sessions};
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::account::Account;
use crate::domain::ids::{AccountId, LoginSessionId};
use crate::domain::login_session::{LoginSession, Means};

type Row = (LoginSessionId, AccountId, String, At, At, At, At, Option<At>, String, String, Means);

fn record(row: Row) -> LoginSession {
    let (id, account_id, _, created_at, last_used_at, ends_at, proven_at, second_factor_at, agent, address, began_with) =
        row;
    LoginSession {
        id,
        account_id,
        created_at: created_at.0,
        last_used_at: last_used_at.0,
        ends_at: ends_at.0,
        proven_at: proven_at.0,
        second_factor_at: second_factor_at.map(|at| at.0),
        agent,
        address,
        began_with,
    }
}

/// The session with this hash and its account, whatever their state.
pub fn find(tx: &mut ReadTx, secret_sha256: &str) -> Result<Option<(LoginSession, Account)>, DbError> {
    let row: Option<Row> =
        sessions::table.filter(sessions::secret_sha256.eq(secret_sha256)).first(tx.connection()).optional()?;
    let Some(session) = row.map(record) else { return Ok(None) };
    Ok(accounts::find(tx, session.account_id)?.map(|account| (session, account)))
}

/// The sessions of an account, the oldest first.
pub fn list(tx: &mut ReadTx, account: AccountId) -> Result<Vec<LoginSession>, DbError> {
    let rows: Vec<Row> =
        sessions::table.filter(sessions::account_id.eq(account)).order(sessions::id).load(tx.connection())?;
    Ok(rows.into_iter().map(record).collect())
}

/// Enters a session.
pub fn insert(tx: &mut WriteTx, session: &LoginSession, secret_sha256: &str) -> Result<(), DbError> {
    diesel::insert_into(sessions::table)
        .values((
            sessions::id.eq(session.id),
            sessions::account_id.eq(session.account_id),
            sessions::secret_sha256.eq(secret_sha256),
            sessions::created_at.eq(At(session.created_at)),
            sessions::last_used_at.eq(At(session.last_used_at)),
            sessions::ends_at.eq(At(session.ends_at)),
            sessions::proven_at.eq(At(session.proven_at)),
            sessions::second_factor_at.eq(session.second_factor_at.map(At)),
            sessions::agent.eq(&session.agent),
            sessions::address.eq(&session.address),
            sessions::began_with.eq(session.began_with),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Writes down that a session is in use.
pub fn touch(tx: &mut WriteTx, id: LoginSessionId, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(sessions::table.find(id)).set(sessions::last_used_at.eq(At(now))).execute(tx.connection())?;
    Ok(())
}

/// Writes down that the person has just proven again who it is.
pub fn prove(tx: &mut WriteTx, id: LoginSessionId, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(sessions::table.find(id)).set(sessions::proven_at.eq(At(now))).execute(tx.connection())?;
    Ok(())
}

/// Ends one session of an account; false when it has no such session.
pub fn end(tx: &mut WriteTx, account: AccountId, id: LoginSessionId) -> Result<bool, DbError> {
    let own = sessions::table.filter(sessions::id.eq(id)).filter(sessions::account_id.eq(account));
    Ok(diesel::delete(own).execute(tx.connection())? == 1)
}

/// Ends every session of an account and forgets its devices.
pub fn end_all(tx: &mut WriteTx, account: AccountId) -> Result<(), DbError> {
    diesel::delete(sessions::table.filter(sessions::account_id.eq(account))).execute(tx.connection())?;
    diesel::delete(known_devices::table.filter(known_devices::account_id.eq(account))).execute(tx.connection())?;
    Ok(())
}

/// Forgets sessions that are over, and devices that were not used since a moment.
pub fn forget(tx: &mut WriteTx, now: DateTime<Utc>, devices_before: DateTime<Utc>) -> Result<usize, DbError> {
    let over = diesel::delete(sessions::table.filter(sessions::ends_at.le(At(now)))).execute(tx.connection())?;
    let old = known_devices::table.filter(known_devices::last_used_at.lt(At(devices_before)));
    Ok(over + diesel::delete(old).execute(tx.connection())?)
}

/// Whether the account signed in on this device before.
pub fn is_known_device(tx: &mut ReadTx, account: AccountId, secret_sha256: &str) -> Result<bool, DbError> {
    let owner: Option<AccountId> =
        known_devices::table.find(secret_sha256).select(known_devices::account_id).first(tx.connection()).optional()?;
    Ok(owner == Some(account))
}

/// Remembers a device of an account, instead of an earlier secret of the same device.
pub fn remember_device(
    tx: &mut WriteTx,
    account: AccountId,
    secret_sha256: &str,
    earlier: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    if let Some(earlier) = earlier {
        let own = known_devices::table
            .filter(known_devices::secret_sha256.eq(earlier))
            .filter(known_devices::account_id.eq(account));
        diesel::delete(own).execute(tx.connection())?;
    }
    diesel::insert_into(known_devices::table)
        .values((
            known_devices::secret_sha256.eq(secret_sha256),
            known_devices::account_id.eq(account),
            known_devices::last_used_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(())
}
