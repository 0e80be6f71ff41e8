//! Accounts and their roles.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::page::{Page, PageRequest};
use super::schema::{account_roles, accounts, api_tokens, passwords};
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::account::{Account, AccountFields, Role};
use crate::domain::ids::{AccountId, MemberId, SpecialistId};

type Row = (AccountId, String, String, Option<At>, Option<At>, i64, At, At);
type RoleRow = (AccountId, i64, String, Option<MemberId>, Option<SpecialistId>);

fn record(row: Row, roles: Vec<Role>) -> Account {
    let (id, name, email, disabled_at, _, version, created_at, updated_at) = row;
    Account {
        id,
        fields: AccountFields { name, email, roles, disabled: disabled_at.is_some() },
        version,
        created_at: created_at.0,
        updated_at: updated_at.0,
    }
}

/// Adds the roles to rows of accounts.
fn records(tx: &mut ReadTx, rows: Vec<Row>) -> Result<Vec<Account>, DbError> {
    let ids: Vec<AccountId> = rows.iter().map(|row| row.0).collect();
    let found: Vec<RoleRow> = account_roles::table
        .filter(account_roles::account_id.eq_any(ids))
        .order((account_roles::account_id, account_roles::place))
        .load(tx.connection())?;
    let mut roles: HashMap<AccountId, Vec<Role>> = HashMap::new();
    for (account, _, code, member, specialist) in found {
        roles.entry(account).or_default().extend(role(&code, member, specialist));
    }
    Ok(rows
        .into_iter()
        .map(|row| (roles.remove(&row.0).unwrap_or_default(), row))
        .map(|(roles, row)| record(row, roles))
        .collect())
}

/// The role in the columns. The table's check constraint leaves no combination that is none; one would give no rights.
fn role(code: &str, member: Option<MemberId>, specialist: Option<SpecialistId>) -> Option<Role> {
    match (code, member, specialist) {
        ("office", None, None) => Some(Role::Office),
        ("finance", None, None) => Some(Role::Finance),
        ("board", None, None) => Some(Role::Board),
        ("coordinator", Some(member_id), None) => Some(Role::Coordinator { member_id }),
        ("member_finance", Some(member_id), None) => Some(Role::MemberFinance { member_id }),
        ("specialist", None, Some(specialist_id)) => Some(Role::Specialist { specialist_id }),
        _ => None,
    }
}

/// All accounts.
pub fn list(tx: &mut ReadTx, page: PageRequest) -> Result<Page<Account>, DbError> {
    let rows: Vec<Row> = accounts::table
        .filter(accounts::id.gt(page.start::<AccountId>()))
        .order(accounts::id)
        .limit(page.limit + 1)
        .load(tx.connection())?;
    Ok(Page::cut(records(tx, rows)?, page, |account| account.id.0))
}

/// One account.
pub fn find(tx: &mut ReadTx, id: AccountId) -> Result<Option<Account>, DbError> {
    let row: Option<Row> = accounts::table.find(id).first(tx.connection()).optional()?;
    Ok(records(tx, row.into_iter().collect())?.pop())
}

/// One account by its e-mail address.
pub fn find_by_email(tx: &mut ReadTx, email: &str) -> Result<Option<Account>, DbError> {
    let row: Option<Row> = accounts::table.filter(accounts::email.eq(email)).first(tx.connection()).optional()?;
    Ok(records(tx, row.into_iter().collect())?.pop())
}

/// Active coordinator accounts of a member.
pub fn coordinators(tx: &mut ReadTx, member: MemberId) -> Result<Vec<Account>, DbError> {
    let asks = account_roles::table
        .filter(account_roles::role.eq("coordinator"))
        .filter(account_roles::member_id.eq(member))
        .select(account_roles::account_id);
    let rows: Vec<Row> = accounts::table
        .filter(accounts::id.eq_any(asks))
        .filter(accounts::disabled_at.is_null())
        .order(accounts::id)
        .load(tx.connection())?;
    records(tx, rows)
}

/// Whether another account than this one works for the office: somebody or a program can get in, and it is not switched off.
pub fn has_other_office(tx: &mut ReadTx, than: AccountId) -> Result<bool, DbError> {
    let office = account_roles::table.filter(account_roles::role.eq("office")).select(account_roles::account_id);
    let with_password = passwords::table.select(passwords::account_id);
    let with_token = api_tokens::table.filter(api_tokens::revoked_at.is_null()).select(api_tokens::account_id);
    let count: i64 = accounts::table
        .filter(accounts::id.eq_any(office))
        .filter(accounts::id.ne(than))
        .filter(accounts::disabled_at.is_null())
        .filter(
            accounts::last_sign_in_at
                .is_not_null()
                .or(accounts::id.eq_any(with_password))
                .or(accounts::id.eq_any(with_token)),
        )
        .count()
        .get_result(tx.connection())?;
    Ok(count > 0)
}

/// When an account last signed in.
pub fn last_sign_in(tx: &mut ReadTx, id: AccountId) -> Result<Option<DateTime<Utc>>, DbError> {
    let at: Option<Option<At>> =
        accounts::table.find(id).select(accounts::last_sign_in_at).first(tx.connection()).optional()?;
    Ok(at.flatten().map(|at| at.0))
}

/// Writes down that an account signed in. This is no change of the account: its version stays.
pub fn signed_in(tx: &mut WriteTx, id: AccountId, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(accounts::table.find(id))
        .set(accounts::last_sign_in_at.eq(Some(At(now))))
        .execute(tx.connection())?;
    Ok(())
}

/// Enters an account.
pub fn insert(tx: &mut WriteTx, fields: &AccountFields, now: DateTime<Utc>) -> Result<AccountId, DbError> {
    let id = AccountId::new();
    diesel::insert_into(accounts::table)
        .values((
            accounts::id.eq(id),
            accounts::name.eq(&fields.name),
            accounts::email.eq(&fields.email),
            accounts::disabled_at.eq(fields.disabled.then_some(At(now))),
            accounts::version.eq(1),
            accounts::created_at.eq(At(now)),
            accounts::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    insert_roles(tx, id, &fields.roles)?;
    Ok(id)
}

/// Changes an account.
pub fn update(tx: &mut WriteTx, id: AccountId, fields: &AccountFields, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(accounts::table.find(id))
        .set((
            accounts::name.eq(&fields.name),
            accounts::email.eq(&fields.email),
            accounts::disabled_at.eq(fields.disabled.then_some(At(now))),
            accounts::version.eq(accounts::version + 1),
            accounts::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    diesel::delete(account_roles::table.filter(account_roles::account_id.eq(id))).execute(tx.connection())?;
    insert_roles(tx, id, &fields.roles)
}

fn insert_roles(tx: &mut WriteTx, id: AccountId, roles: &[Role]) -> Result<(), DbError> {
    for (place, role) in (0_i64..).zip(roles) {
        diesel::insert_into(account_roles::table)
            .values((
                account_roles::account_id.eq(id),
                account_roles::place.eq(place),
                account_roles::role.eq(role.code()),
                account_roles::member_id.eq(role.member_id()),
                account_roles::specialist_id.eq(role.specialist_id()),
            ))
            .execute(tx.connection())?;
    }
    Ok(())
}
