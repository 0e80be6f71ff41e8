//! Accounts, tokens, and who a token belongs to.

use sha2::{Digest, Sha256};

use super::access::{allow_write, same_version, visible};
use super::audit::{Trail, note, note_dead_token};
use super::error::{OperationError, no_faults};
use super::free_text;
use super::runner::{Context, Operations};
use crate::db::{self, Page, PageRequest, ReadTx, WriteTx};
use crate::domain::account::{Account, AccountFields, NewToken, Role, Token, TokenFields};
use crate::domain::actor::{Actor, Resource};
use crate::domain::fault::Fault;
use crate::domain::ids::{AccountId, TokenId};

/// The actor behind a bearer token.
///
/// # Errors
/// [`OperationError::SignInRequired`] for an unknown, expired or revoked token or a disabled account: one answer for
/// all, so that nothing can be learned from it.
pub fn actor_of_token(operations: &Operations, secret: &str) -> Result<Actor, OperationError> {
    let now = operations.now();
    let found = operations.database.read(|tx| db::accounts::find_token(tx, &hash(secret)))?;
    let (token, account) = found.ok_or(OperationError::SignInRequired)?;
    let works = token.revoked_at.is_none()
        && token.fields.expires_at.is_none_or(|until| now < until)
        && !account.fields.disabled;
    if !works {
        note_dead_token(operations, account.id, &token.id.to_string())?;
        return Err(OperationError::SignInRequired);
    }
    operations.origin.recognize(account.id, format!("token {}", token.id));
    Ok(actor(account))
}

/// The actor behind an account.
pub fn actor(account: Account) -> Actor {
    Actor { account_id: account.id, name: account.fields.name, role: account.fields.access }
}

fn hash(secret: &str) -> String {
    Sha256::digest(secret.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
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

/// Enters an account.
pub fn create(tx: &mut WriteTx, ctx: &Context, fields: &AccountFields) -> Result<Account, OperationError> {
    allow_write(ctx, Resource::Accounts)?;
    check(tx, fields)?;
    let id = db::accounts::insert(tx, fields, ctx.now)?;
    note(tx, ctx, "create", ("account", &id.to_string()), "")?;
    get(tx, ctx, id)
}

/// Changes an account; takes effect on its next call.
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
    if id == ctx.actor.account_id && (fields.disabled || fields.access != Role::Office) {
        let message = "You cannot take the office from your own account; ask another office account to do it";
        return Err(OperationError::conflict(message));
    }
    db::accounts::update(tx, id, fields, ctx.now)?;
    let before = &present.fields;
    if before.access != fields.access || before.disabled != fields.disabled || before.email != fields.email {
        db::sessions::end_all(tx, id)?;
        db::sign_in::forget_invitation(tx, id)?;
    }
    note(tx, ctx, "change", ("account", &id.to_string()), "")?;
    get(tx, ctx, id)
}

fn check(tx: &mut ReadTx, fields: &AccountFields) -> Result<(), OperationError> {
    let mut faults = fields.check();
    match fields.access {
        Role::Coordinator { member_id } if db::members::find(tx, member_id)?.is_none() => {
            faults.push(Fault::at("/access/member_id", "There is no such member; take an id from /api/v1/members"));
        }
        Role::Specialist { specialist_id } if db::specialists::find(tx, specialist_id)?.is_none() => {
            let message = "There is no such specialist; take an id from /api/v1/specialists";
            faults.push(Fault::at("/access/specialist_id", message));
        }
        _ => {}
    }
    no_faults(faults)
}

/// The tokens of an account, for the office.
pub fn tokens(tx: &mut ReadTx, ctx: &Context, account: AccountId) -> Result<Vec<Token>, OperationError> {
    get(tx, ctx, account)?;
    Ok(db::accounts::tokens(tx, account)?)
}

/// Makes a token and shows its secret once.
pub fn create_token(
    tx: &mut WriteTx,
    ctx: &Context,
    account: AccountId,
    fields: &TokenFields,
) -> Result<NewToken, OperationError> {
    get(tx, ctx, account)?;
    allow_write(ctx, Resource::Accounts)?;
    no_faults(fields.check())?;
    free_text::check(tx, ctx, ("/name", &fields.name), ("token", ""))?;
    // 256 bits from the operating system's generator; only the hash is kept.
    let secret: String = rand::random::<[u8; 32]>().iter().map(|byte| format!("{byte:02x}")).collect();
    let secret = format!("coop_{secret}");
    let id = db::accounts::insert_token(tx, account, fields, &hash(&secret), ctx.now)?;
    note(tx, ctx, "create", ("token", &id.to_string()), &format!("account {account}"))?;
    let token = Token { id, account_id: account, fields: fields.clone(), created_at: ctx.now, revoked_at: None };
    Ok(NewToken { token, secret })
}

/// Switches a token off for good.
pub fn revoke_token(tx: &mut WriteTx, ctx: &Context, account: AccountId, id: TokenId) -> Result<(), OperationError> {
    get(tx, ctx, account)?;
    allow_write(ctx, Resource::Accounts)?;
    if !db::accounts::revoke_token(tx, account, id, ctx.now)? {
        return Err(OperationError::NotFound);
    }
    note(tx, ctx, "revoke", ("token", &id.to_string()), &format!("account {account}"))
}

/// Makes an office account, or takes the one there is, from the command line; gives an API token for it.
pub fn create_office_account(
    operations: &Operations,
    name: &str,
    email: &str,
) -> Result<(Account, NewToken), OperationError> {
    let fields =
        AccountFields { name: name.to_owned(), email: email.to_owned(), access: Role::Office, disabled: false };
    no_faults(fields.check())?;
    operations.database.write(|tx| {
        let (account, ctx) = office_account(tx, operations, &fields)?;
        let token = TokenFields { name: "Command line".to_owned(), expires_at: None };
        let token = create_token(tx, &ctx, account.id, &token)?;
        Ok((account, token))
    })
}

/// The office account of these entries, made if there is none; and the context in which it acts.
pub(super) fn office_account(
    tx: &mut WriteTx,
    operations: &Operations,
    fields: &AccountFields,
) -> Result<(Account, Context), OperationError> {
    let now = operations.now();
    let (id, is_new) = match db::accounts::find_by_email(tx, &fields.email)? {
        Some(account) if account.fields.access == Role::Office => (account.id, false),
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
