//! Bearer tokens: made for one purpose, shown once, limited, ending, switched off at once.

use chrono::{DateTime, TimeDelta, Utc};

use super::{actor, get, office_account};
use crate::db::{self, ReadTx, WriteTx};
use crate::domain::account::{Account, AccountFields, Role};
use crate::domain::actor::{Actor, Resource};
use crate::domain::ids::{AccountId, TokenId};
use crate::domain::token::{LASTS_DEFAULT, NewToken, Token, TokenFields, TokenLimit};
use crate::mail::message::SignInChange;
use crate::operations::access::allow_write;
use crate::operations::audit::{note, note_dead_token};
use crate::operations::error::{OperationError, no_faults};
use crate::operations::runner::{Context, Operations};
use crate::operations::sign_in::sessions::SignedIn;
use crate::operations::sign_in::{hash, new_secret};
use crate::operations::{free_text, notices};

/// That a token is in use is written down no more often than this.
const TOUCHED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// The actor behind a bearer token: what its owner may do now, as far as the token reaches.
///
/// # Errors
/// [`OperationError::SignInRequired`] for an unknown, expired or revoked token or a disabled account: one answer for
/// all, so that nothing can be learned from it.
pub fn actor_of_token(operations: &Operations, secret: &str) -> Result<Actor, OperationError> {
    let now = operations.now();
    let found = operations.database.read(|tx| db::tokens::find(tx, &hash(secret)))?;
    let (token, account) = found.ok_or(OperationError::SignInRequired)?;
    if !token.is_alive(now) || account.fields.disabled {
        note_dead_token(operations, account.id, &token.id.to_string())?;
        return Err(OperationError::SignInRequired);
    }
    operations.origin.recognize(account.id, format!("token {}", token.id));
    if token.last_used_at.is_none_or(|at| at + TOUCHED_EVERY <= now) {
        match operations.database.write(|tx| db::tokens::touch(tx, token.id, now, TOUCHED_EVERY)) {
            // While something long is written, this can wait for the next call.
            Ok(()) | Err(db::DbError::Busy) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Actor { limit: Some(token.fields.limit()), ..actor(account) })
}

/// The tokens of an account, for the office.
pub fn list(tx: &mut ReadTx, ctx: &Context, account: AccountId) -> Result<Vec<Token>, OperationError> {
    get(tx, ctx, account)?;
    Ok(db::tokens::list(tx, account)?)
}

/// Makes a token and shows its secret once.
///
/// # Errors
/// [`OperationError::Forbidden`] when a token asks for one that reaches further than itself.
pub fn create(
    tx: &mut WriteTx,
    ctx: &Context,
    account: AccountId,
    fields: &TokenFields,
) -> Result<NewToken, OperationError> {
    let owner = get(tx, ctx, account)?;
    allow_write(ctx, Resource::Accounts)?;
    no_faults(fields.check(ctx.now))?;
    let limit = TokenLimit { ends: Some(ends(ctx, fields)), ..fields.limit() };
    if ctx.actor.limit.as_ref().is_some_and(|own| !limit.is_within(own)) {
        let message = "A token makes no token that reaches further than itself. Sign in to make this one";
        return Err(OperationError::Forbidden(message.to_owned()));
    }
    enter(tx, ctx, &owner, fields)
}

/// When a token ends: as asked for, otherwise after the usual time, and not after the one that makes it.
fn ends(ctx: &Context, fields: &TokenFields) -> DateTime<Utc> {
    let usual = ctx.now + LASTS_DEFAULT;
    let own = ctx.actor.limit.as_ref().and_then(|own| own.ends);
    fields.expires_at.unwrap_or_else(|| own.map_or(usual, |own| own.min(usual)))
}

fn enter(tx: &mut WriteTx, ctx: &Context, owner: &Account, fields: &TokenFields) -> Result<NewToken, OperationError> {
    free_text::check(tx, ctx, ("/name", &fields.name), ("token", ""))?;
    let secret = format!("coop_{}", new_secret());
    let token = db::tokens::insert(tx, owner.id, fields, (&hash(&secret), ends(ctx, fields)), ctx.now)?;
    note(tx, ctx, "create", ("token", &token.id.to_string()), &format!("account {}", owner.id))?;
    notices::sign_in_changed(tx, ctx, owner, SignInChange::Token)?;
    Ok(NewToken { token, secret })
}

/// Switches a token off for good.
pub fn revoke(tx: &mut WriteTx, ctx: &Context, account: AccountId, id: TokenId) -> Result<(), OperationError> {
    get(tx, ctx, account)?;
    allow_write(ctx, Resource::Accounts)?;
    if !db::tokens::revoke(tx, account, id, ctx.now)? {
        return Err(OperationError::NotFound);
    }
    note(tx, ctx, "revoke", ("token", &id.to_string()), &format!("account {account}"))
}

/// The own tokens that work, for the page of the own account.
pub fn own(operations: &Operations, signed_in: &SignedIn) -> Result<Vec<Token>, OperationError> {
    let id = signed_in.actor.account_id;
    let mut found = operations.database.read(|tx| db::tokens::list(tx, id))?;
    found.retain(|token| token.is_alive(signed_in.now));
    Ok(found)
}

/// Makes a token for oneself, after a proof of the last ten minutes.
pub fn create_own(
    operations: &Operations,
    signed_in: &SignedIn,
    fields: &TokenFields,
) -> Result<NewToken, OperationError> {
    if !signed_in.session.is_proven(signed_in.now) {
        return Err(OperationError::ProofRequired);
    }
    operations.change(signed_in.actor.clone(), |tx, ctx| create_for_actor(tx, ctx, fields))
}

/// Makes a token for the actor's own account: by the page, or from the command line of the server.
pub fn create_for_actor(tx: &mut WriteTx, ctx: &Context, fields: &TokenFields) -> Result<NewToken, OperationError> {
    no_faults(fields.check(ctx.now))?;
    let account = super::me(tx, ctx)?;
    enter(tx, ctx, &account, fields)
}

/// Switches one of the own tokens off for good.
pub fn revoke_own(operations: &Operations, signed_in: &SignedIn, id: TokenId) -> Result<(), OperationError> {
    operations.change(signed_in.actor.clone(), |tx, ctx| {
        if !db::tokens::revoke(tx, ctx.actor.account_id, id, ctx.now)? {
            return Err(OperationError::NotFound);
        }
        let owner = format!("account {}", ctx.actor.account_id);
        note(tx, ctx, "revoke", ("token", &id.to_string()), &owner)
    })
}

/// Makes an office account, or takes the one there is, from the command line; gives an API token for it.
pub fn create_for_office(
    operations: &Operations,
    name: &str,
    email: &str,
) -> Result<(Account, NewToken), OperationError> {
    let fields =
        AccountFields { name: name.to_owned(), email: email.to_owned(), roles: vec![Role::Office], disabled: false };
    no_faults(fields.check())?;
    operations.database.write(|tx| {
        let (account, ctx) = office_account(tx, operations, &fields)?;
        let token = create(tx, &ctx, account.id, &TokenFields::for_everything("Command line"))?;
        Ok((account, token))
    })
}
