//! Accounts and the hashes of their tokens.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::page::{Page, PageRequest};
use super::schema::{accounts, api_tokens};
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::account::{Account, AccountFields, Role, Token, TokenFields};
use crate::domain::ids::{AccountId, MemberId, SpecialistId, TokenId};

type Row = (AccountId, String, String, String, Option<MemberId>, Option<SpecialistId>, Option<At>, i64, At, At);

fn record(row: Row) -> Account {
    let (id, name, email, role, member_id, specialist_id, disabled_at, version, created_at, updated_at) = row;
    // The table's check constraint leaves no other combination.
    let access = match (role.as_str(), member_id, specialist_id) {
        ("coordinator", Some(member_id), _) => Role::Coordinator { member_id },
        ("specialist", _, Some(specialist_id)) => Role::Specialist { specialist_id },
        ("office", ..) => Role::Office,
        _ => Role::Finance,
    };
    Account {
        id,
        fields: AccountFields { name, email, access, disabled: disabled_at.is_some() },
        version,
        created_at: created_at.0,
        updated_at: updated_at.0,
    }
}

fn role_columns(role: Role) -> (&'static str, Option<MemberId>, Option<SpecialistId>) {
    match role {
        Role::Office => ("office", None, None),
        Role::Finance => ("finance", None, None),
        Role::Coordinator { member_id } => ("coordinator", Some(member_id), None),
        Role::Specialist { specialist_id } => ("specialist", None, Some(specialist_id)),
    }
}

/// All accounts.
pub fn list(tx: &mut ReadTx, page: PageRequest) -> Result<Page<Account>, DbError> {
    let rows: Vec<Row> = accounts::table
        .filter(accounts::id.gt(page.start::<AccountId>()))
        .order(accounts::id)
        .limit(page.limit + 1)
        .load(tx.connection())?;
    Ok(Page::cut(rows.into_iter().map(record).collect(), page, |account| account.id.0))
}

/// One account.
pub fn find(tx: &mut ReadTx, id: AccountId) -> Result<Option<Account>, DbError> {
    Ok(accounts::table.find(id).first(tx.connection()).optional()?.map(record))
}

/// One account by its e-mail address.
pub fn find_by_email(tx: &mut ReadTx, email: &str) -> Result<Option<Account>, DbError> {
    Ok(accounts::table.filter(accounts::email.eq(email)).first(tx.connection()).optional()?.map(record))
}

/// Active coordinator accounts of a member.
pub fn coordinators(tx: &mut ReadTx, member: MemberId) -> Result<Vec<Account>, DbError> {
    let rows: Vec<Row> = accounts::table
        .filter(accounts::member_id.eq(member))
        .filter(accounts::disabled_at.is_null())
        .order(accounts::id)
        .load(tx.connection())?;
    Ok(rows.into_iter().map(record).collect())
}

/// Enters an account.
pub fn insert(tx: &mut WriteTx, fields: &AccountFields, now: DateTime<Utc>) -> Result<AccountId, DbError> {
    let id = AccountId::new();
    let (role, member, specialist) = role_columns(fields.access);
    diesel::insert_into(accounts::table)
        .values((
            accounts::id.eq(id),
            accounts::name.eq(&fields.name),
            accounts::email.eq(&fields.email),
            accounts::role.eq(role),
            accounts::member_id.eq(member),
            accounts::specialist_id.eq(specialist),
            accounts::disabled_at.eq(fields.disabled.then_some(At(now))),
            accounts::version.eq(1),
            accounts::created_at.eq(At(now)),
            accounts::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(id)
}

/// Changes an account.
pub fn update(tx: &mut WriteTx, id: AccountId, fields: &AccountFields, now: DateTime<Utc>) -> Result<(), DbError> {
    let (role, member, specialist) = role_columns(fields.access);
    diesel::update(accounts::table.find(id))
        .set((
            accounts::name.eq(&fields.name),
            accounts::email.eq(&fields.email),
            accounts::role.eq(role),
            accounts::member_id.eq(member),
            accounts::specialist_id.eq(specialist),
            accounts::disabled_at.eq(fields.disabled.then_some(At(now))),
            accounts::version.eq(accounts::version + 1),
            accounts::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(())
}

type TokenRow = (TokenId, AccountId, String, At, Option<At>, Option<At>);

fn token_record((id, account_id, name, created_at, expires_at, revoked_at): TokenRow) -> Token {
    Token {
        id,
        account_id,
        fields: TokenFields { name, expires_at: expires_at.map(|at| at.0) },
        created_at: created_at.0,
        revoked_at: revoked_at.map(|at| at.0),
    }
}

const TOKEN_COLUMNS: (
    api_tokens::id,
    api_tokens::account_id,
    api_tokens::name,
    api_tokens::created_at,
    api_tokens::expires_at,
    api_tokens::revoked_at,
) = (
    api_tokens::id,
    api_tokens::account_id,
    api_tokens::name,
    api_tokens::created_at,
    api_tokens::expires_at,
    api_tokens::revoked_at,
);

/// The token with this hash and its account, whatever their state.
pub fn find_token(tx: &mut ReadTx, token_sha256: &str) -> Result<Option<(Token, Account)>, DbError> {
    let token: Option<TokenRow> = api_tokens::table
        .filter(api_tokens::token_sha256.eq(token_sha256))
        .select(TOKEN_COLUMNS)
        .first(tx.connection())
        .optional()?;
    let Some(token) = token.map(token_record) else { return Ok(None) };
    Ok(find(tx, token.account_id)?.map(|account| (token, account)))
}

/// The tokens of an account.
pub fn tokens(tx: &mut ReadTx, account: AccountId) -> Result<Vec<Token>, DbError> {
    let rows: Vec<TokenRow> = api_tokens::table
        .filter(api_tokens::account_id.eq(account))
        .select(TOKEN_COLUMNS)
        .order(api_tokens::id)
        .load(tx.connection())?;
    Ok(rows.into_iter().map(token_record).collect())
}

/// Keeps a new token by the hash of its secret.
pub fn insert_token(
    tx: &mut WriteTx,
    account: AccountId,
    fields: &TokenFields,
    token_sha256: &str,
    now: DateTime<Utc>,
) -> Result<TokenId, DbError> {
    let id = TokenId::new();
    diesel::insert_into(api_tokens::table)
        .values((
            api_tokens::id.eq(id),
            api_tokens::account_id.eq(account),
            api_tokens::name.eq(&fields.name),
            api_tokens::token_sha256.eq(token_sha256),
            api_tokens::created_at.eq(At(now)),
            api_tokens::expires_at.eq(fields.expires_at.map(At)),
            api_tokens::revoked_at.eq(None::<At>),
        ))
        .execute(tx.connection())?;
    Ok(id)
}

/// Switches a token off for good; false when the account has no such active token.
pub fn revoke_token(tx: &mut WriteTx, account: AccountId, id: TokenId, now: DateTime<Utc>) -> Result<bool, DbError> {
    let changed = diesel::update(
        api_tokens::table
            .filter(api_tokens::id.eq(id))
            .filter(api_tokens::account_id.eq(account))
            .filter(api_tokens::revoked_at.is_null()),
    )
    .set(api_tokens::revoked_at.eq(Some(At(now))))
    .execute(tx.connection())?;
    Ok(changed == 1)
}
