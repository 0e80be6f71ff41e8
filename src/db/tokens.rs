//! Bearer tokens by the hash of their secret.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use super::accounts;
use super::schema::api_tokens;
use super::sql_types::{At, Json};
use super::{DbError, ReadTx, WriteTx};
use crate::domain::account::Account;
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::token::{Area, Token, TokenFields};

type Row = (TokenId, AccountId, String, bool, Json<Vec<Area>>, String, At, At, Option<At>, Option<At>);

fn record(row: Row) -> Token {
    let (id, account_id, name, read_only, areas, _, created_at, expires_at, last_used_at, revoked_at) = row;
    Token {
        id,
        account_id,
        fields: TokenFields { name, read_only, areas: areas.0, expires_at: Some(expires_at.0) },
        created_at: created_at.0,
        last_used_at: last_used_at.map(|at| at.0),
        revoked_at: revoked_at.map(|at| at.0),
    }
}

/// The token with this hash and its account, whatever their state.
pub fn find(tx: &mut ReadTx, token_sha256: &str) -> Result<Option<(Token, Account)>, DbError> {
    let row: Option<Row> =
        api_tokens::table.filter(api_tokens::token_sha256.eq(token_sha256)).first(tx.connection()).optional()?;
    let Some(token) = row.map(record) else { return Ok(None) };
    Ok(accounts::find(tx, token.account_id)?.map(|account| (token, account)))
}

/// The tokens of an account.
pub fn list(tx: &mut ReadTx, account: AccountId) -> Result<Vec<Token>, DbError> {
    let rows: Vec<Row> =
        api_tokens::table.filter(api_tokens::account_id.eq(account)).order(api_tokens::id).load(tx.connection())?;
    Ok(rows.into_iter().map(record).collect())
}

/// Keeps a new token by the hash of its secret, until it ends.
pub fn insert(
    tx: &mut WriteTx,
    account: AccountId,
    fields: &TokenFields,
    (token_sha256, expires_at): (&str, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<Token, DbError> {
    let id = TokenId::new();
    diesel::insert_into(api_tokens::table)
        .values((
            api_tokens::id.eq(id),
            api_tokens::account_id.eq(account),
            api_tokens::name.eq(&fields.name),
            api_tokens::read_only.eq(fields.read_only),
            api_tokens::areas.eq(Json(fields.areas.clone())),
            api_tokens::token_sha256.eq(token_sha256),
            api_tokens::created_at.eq(At(now)),
            api_tokens::expires_at.eq(At(expires_at)),
        ))
        .execute(tx.connection())?;
    let fields = TokenFields { expires_at: Some(expires_at), ..fields.clone() };
    Ok(Token { id, account_id: account, fields, created_at: now, last_used_at: None, revoked_at: None })
}

/// Writes down that a token is in use, unless that was done since `now - every`.
pub fn touch(tx: &mut WriteTx, id: TokenId, now: DateTime<Utc>, every: TimeDelta) -> Result<(), DbError> {
    let due = api_tokens::last_used_at.is_null().or(api_tokens::last_used_at.le(At(now - every)));
    diesel::update(api_tokens::table.filter(api_tokens::id.eq(id)).filter(due))
        .set(api_tokens::last_used_at.eq(Some(At(now))))
        .execute(tx.connection())?;
    Ok(())
}

/// Switches a token off for good; false when the account has no such active token.
pub fn revoke(tx: &mut WriteTx, account: AccountId, id: TokenId, now: DateTime<Utc>) -> Result<bool, DbError> {
    let active = api_tokens::table
        .filter(api_tokens::id.eq(id))
        .filter(api_tokens::account_id.eq(account))
        .filter(api_tokens::revoked_at.is_null());
    Ok(diesel::update(active).set(api_tokens::revoked_at.eq(Some(At(now)))).execute(tx.connection())? == 1)
}

/// Switches every token of an account off for good.
pub fn revoke_all(tx: &mut WriteTx, account: AccountId, now: DateTime<Utc>) -> Result<(), DbError> {
    let active = api_tokens::table.filter(api_tokens::account_id.eq(account)).filter(api_tokens::revoked_at.is_null());
    diesel::update(active).set(api_tokens::revoked_at.eq(Some(At(now)))).execute(tx.connection())?;
    Ok(())
}
