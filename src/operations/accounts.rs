//! Accounts: who may do what, and who belongs to an account.

pub mod hand_over;
pub mod tokens;

use chrono::{DateTime, Utc};

use super::access::{allow_write, same_version, visible};
use super::audit::{Trail, note};
use super::error::{OperationError, no_faults};
use super::notices;
use super::runner::{Context, Operations};
use crate::db::{self, Page, PageRequest, ReadTx, WriteTx};
use crate::domain::account::{Account, AccountFields, Role, role_codes};
use crate::domain::actor::{Actor, Resource};
use crate::domain::fault::Fault;
use crate::domain::ids::AccountId;
use crate::mail::message::SignInChange;

/// The actor behind an account: everything that its roles allow.
pub fn actor(account: Account) -> Actor {
    Actor { account_id: account.id, name: account.fields.name, roles: account.fields.roles, limit: None }
}

/// All accounts, for the office.
pub fn list(tx: &mut ReadTx, ctx: &Context, page: PageRequest) -> Result<Page<Account>, OperationError> {
    visible(ctx, Resource::Accounts)?;
    Ok(db::accounts::list(tx, page)?)
}

/// One account, for the office.
pub fn get(tx: &mut ReadTx, ctx: &Context, id: AccountId) -> Result<Account, OperationError> {
    visible(ctx, Resource::Accounts)?;
    db::accounts::find(tx, id)?.ok_or(OperationError::NotFound)
}

/// The actor's own account.
pub fn me(tx: &mut ReadTx, ctx: &Context) -> Result<Account, OperationError> {
    db::accounts::find(tx, ctx.actor.account_id)?.ok_or(OperationError::NotFound)
}

/// How far somebody is with the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// There is no link to set a password, or it is over.
    NotInvited,
    /// A link works until then.
    Invited(DateTime<Utc>),
    /// The person can sign in.
    Active,
    /// Switched off.
    Disabled,
}

/// An account as the office looks after it.
#[derive(Debug, Clone)]
pub struct Person {
    /// The account.
    pub account: Account,
    /// How far it is.
    pub progress: Progress,
    /// When the person last signed in to the pages.
    pub last_sign_in_at: Option<DateTime<Utc>>,
}

/// All accounts with how far each is, for the office.
pub fn people(tx: &mut ReadTx, ctx: &Context) -> Result<Vec<Person>, OperationError> {
    let accounts = list(tx, ctx, PageRequest::ALL)?.items;
    accounts.into_iter().map(|account| with_progress(tx, ctx, account)).collect()
}

/// One account with how far it is, for the office.
pub fn person(tx: &mut ReadTx, ctx: &Context, id: AccountId) -> Result<Person, OperationError> {
    let account = get(tx, ctx, id)?;
    with_progress(tx, ctx, account)
}

fn with_progress(tx: &mut ReadTx, ctx: &Context, account: Account) -> Result<Person, OperationError> {
    let last_sign_in_at = db::accounts::last_sign_in(tx, account.id)?;
    let invited = db::sign_in::invited_until(tx, account.id)?.filter(|until| ctx.now < *until);
    let progress = if account.fields.disabled {
        Progress::Disabled
    } else if last_sign_in_at.is_some() || db::sign_in::password_hash(tx, account.id)?.is_some() {
        Progress::Active
    } else {
        invited.map_or(Progress::NotInvited, Progress::Invited)
    };
    Ok(Person { account, progress, last_sign_in_at })
}

/// Enters an account.
pub fn create(tx: &mut WriteTx, ctx: &Context, fields: &AccountFields) -> Result<Account, OperationError> {
    allow_write(ctx, Resource::Accounts)?;
    check(tx, fields)?;
    let id = db::accounts::insert(tx, fields, ctx.now)?;
    note(tx, ctx, "create", ("account", &id.to_string()), &role_codes(&fields.roles))?;
    get(tx, ctx, id)
}

/// Changes an account; takes effect on its next call.
///
/// # Errors
/// A conflict when nobody would be left to look after the co-op.
pub fn change(
    tx: &mut WriteTx,
    ctx: &Context,
    id: AccountId,
    based_on: Option<i64>,
    fields: &AccountFields,
) -> Result<Account, OperationError> {
    let present = get(tx, ctx, id)?;
    allow_write(ctx, Resource::Accounts)?;
    check(tx, fields)?;
    same_version(based_on, present.version)?;
    keep_an_office(tx, ctx, &present, fields)?;
    store(tx, ctx, &present, fields)?;
    note(tx, ctx, "change", ("account", &id.to_string()), &changed(&present.fields, fields))?;
    get(tx, ctx, id)
}

/// Somebody must stay who can look after accounts; and nobody shuts the door behind themselves by mistake.
fn keep_an_office(
    tx: &mut ReadTx,
    ctx: &Context,
    present: &Account,
    fields: &AccountFields,
) -> Result<(), OperationError> {
    let works = |fields: &AccountFields| !fields.disabled && fields.roles.contains(&Role::Office);
    if !works(&present.fields) || works(fields) {
        return Ok(());
    }
    if !db::accounts::has_other_office(tx, present.id)? {
        let message = "This is the last account of the office; make another one first, or hand it over";
        return Err(OperationError::conflict(message));
    }
    if present.id == ctx.actor.account_id {
        let message = "You cannot take the office from your own account; ask another office account to do it";
        return Err(OperationError::conflict(message));
    }
    Ok(())
}

/// Writes the entries. What the account was open with before ends when its rights or its address change.
pub(super) fn store(
    tx: &mut WriteTx,
    ctx: &Context,
    present: &Account,
    fields: &AccountFields,
) -> Result<(), OperationError> {
    db::accounts::update(tx, present.id, fields, ctx.now)?;
    let before = &present.fields;
    if before.email != fields.email {
        notices::sign_in_changed(tx, ctx, present, SignInChange::Address)?;
    }
    if before.roles != fields.roles || before.disabled != fields.disabled || before.email != fields.email {
        db::sessions::end_all(tx, present.id)?;
        db::sign_in::forget_invitation(tx, present.id)?;
        // What it was told before may be more than it may be told now.
        db::idempotency::forget_all(tx, present.id)?;
    }
    Ok(())
}

/// What an entry of the audit trail says of a change.
fn changed(before: &AccountFields, after: &AccountFields) -> String {
    let mut parts = Vec::new();
    if before.roles != after.roles {
        parts.push(format!("roles {} to {}", role_codes(&before.roles), role_codes(&after.roles)));
    }
    if before.disabled != after.disabled {
        parts.push(if after.disabled { "switched off" } else { "switched on" }.to_owned());
    }
    if before.email != after.email {
        // The old one would stay for good.
        parts.push("another address".to_owned());
    }
    parts.join("; ")
}

fn check(tx: &mut ReadTx, fields: &AccountFields) -> Result<(), OperationError> {
    let mut faults = fields.check();
    for (index, role) in fields.roles.iter().enumerate() {
        if let Some(member) = role.member_id()
            && db::members::find(tx, member)?.is_none()
        {
            let message = "There is no such member; take an id from /api/v1/members";
            faults.push(Fault::at(format!("/roles/{index}/member_id"), message));
        }
        if let Some(specialist) = role.specialist_id()
            && db::specialists::find(tx, specialist)?.is_none()
        {
            let message = "There is no such specialist; take an id from /api/v1/specialists";
            faults.push(Fault::at(format!("/roles/{index}/specialist_id"), message));
        }
    }
    no_faults(faults)
}

/// The office account of these entries, made if there is none; and the context in which it acts.
pub(super) fn office_account(
    tx: &mut WriteTx,
    operations: &Operations,
    fields: &AccountFields,
) -> Result<(Account, Context), OperationError> {
    let now = operations.now();
    let (id, is_new) = match db::accounts::find_by_email(tx, &fields.email)? {
        Some(account) if account.fields.roles.contains(&Role::Office) => (account.id, false),
        Some(_) => return Err(OperationError::conflict("This address belongs to an account of another role")),
        None => (db::accounts::insert(tx, fields, now)?, true),
    };
    let account = db::accounts::find(tx, id)?.ok_or(OperationError::NotFound)?;
    let (settings, origin) = (operations.settings.clone(), operations.origin.clone());
    let ctx = Context { actor: actor(account.clone()), now, settings, origin, trail: Trail::default() };
    if is_new {
        note(tx, &ctx, "create", ("account", &id.to_string()), "")?;
    }
    Ok((account, ctx))
}
