//! Invitations: a link by which a person sets the password, the first one or a forgotten one. Looking at it uses
//! nothing up, and it never signs anybody in.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{hash, new_secret, note, tell};
use crate::db::{self, ReadTx, WriteTx};
use crate::domain::account::{Account, AccountFields, Role};
use crate::domain::actor::Resource;
use crate::domain::fault::Fault;
use crate::domain::ids::AccountId;
use crate::domain::password;
use crate::mail::message::SignInChange;
use crate::operations::access::allow_write;
use crate::operations::error::no_faults;
use crate::operations::{Context, OperationError, Operations, accounts, audit, notices};

/// An invitation without its secret, which goes to the invited person only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Invitation {
    /// Who is invited.
    pub account_id: AccountId,
    /// Where the e-mail goes.
    pub email: String,
    /// Until when the link works.
    pub expires_at: DateTime<Utc>,
}

/// Sends an account a link to set its password, instead of an earlier one.
///
/// # Errors
/// A conflict when the account is switched off.
pub fn invite(tx: &mut WriteTx, ctx: &Context, id: AccountId) -> Result<Invitation, OperationError> {
    let account = accounts::get(tx, ctx, id)?;
    allow_write(ctx, Resource::Accounts)?;
    if account.fields.disabled {
        return Err(OperationError::conflict("This account is switched off; switch it on before you invite"));
    }
    let (link, expires_at) = enter(tx, ctx, &account)?;
    // Each invitation is an event of its own; its name tells nothing of the secret.
    let event = hash(&format!("event\n{link}"));
    notices::invitation(tx, ctx, &account, (&link, &event), expires_at)?;
    audit::note(tx, ctx, "invite", ("account", &id.to_string()), "")?;
    Ok(Invitation { account_id: id, email: account.fields.email, expires_at })
}

/// Makes the first office account, or another one, from the command line; gives a link to set its password.
pub fn invite_office_account(
    operations: &Operations,
    name: &str,
    email: &str,
) -> Result<(Account, String, DateTime<Utc>), OperationError> {
    let fields =
        AccountFields { name: name.to_owned(), email: email.to_owned(), roles: vec![Role::Office], disabled: false };
    no_faults(fields.check())?;
    operations.database.write(|tx| {
        let (account, ctx) = accounts::office_account(tx, operations, &fields)?;
        let (link, expires_at) = enter(tx, &ctx, &account)?;
        audit::note(tx, &ctx, "invite", ("account", &account.id.to_string()), "")?;
        Ok((account, link, expires_at))
    })
}

fn enter(tx: &mut WriteTx, ctx: &Context, account: &Account) -> Result<(String, DateTime<Utc>), OperationError> {
    let secret = new_secret();
    let expires_at = ctx.now + TimeDelta::hours(ctx.settings.sign_in.invitation_hours);
    db::sign_in::invite(tx, account.id, &hash(&secret), ctx.now, expires_at)?;
    Ok((format!("{}/invitation/{secret}", ctx.settings.public_url), expires_at))
}

/// Whom a link invites.
///
/// # Errors
/// [`OperationError::NotFound`] for a link that never worked or does no longer.
pub fn look(operations: &Operations, secret: &str) -> Result<Account, OperationError> {
    let now = operations.now();
    operations.database.read(|tx| invited(tx, secret, now))
}

fn invited(tx: &mut ReadTx, secret: &str, now: DateTime<Utc>) -> Result<Account, OperationError> {
    let found = db::sign_in::invitation(tx, &hash(secret))?.filter(|(_, until)| now < *until);
    let (id, _) = found.ok_or(OperationError::NotFound)?;
    db::accounts::find(tx, id)?.filter(|account| !account.fields.disabled).ok_or(OperationError::NotFound)
}

/// Sets the password and uses the link up. Every session of the account ends; the second factor stays. Gives the secret
/// by which this device is known from now on, where no second factor is asked for.
///
/// # Errors
/// [`OperationError::NotFound`] for a link that does not work, [`OperationError::Invalid`] for the password.
pub fn accept(operations: &Operations, secret: &str, new: &str) -> Result<Option<String>, OperationError> {
    let now = operations.now();
    operations.database.read(|tx| {
        let account = invited(tx, secret, now)?;
        let has_factor = db::second_factors::find(tx, account.id)?.secret.is_some();
        let about = [&account.fields.name, &account.fields.email, &operations.settings.coop_name];
        let fault = password::check(new, has_factor, &about.map(String::as_str)).err();
        no_faults(fault.map(|message| Fault::at("/password", message)).into_iter().collect())
    })?;
    let password_hash = operations.password_work.hash(&password::normalized(new))?;
    operations.database.write(|tx| {
        let account = invited(tx, secret, now)?;
        let is_first = db::sign_in::password_hash(tx, account.id)?.is_none();
        db::sign_in::forget_invitation(tx, account.id)?;
        db::sign_in::set_password(tx, account.id, &password_hash, now)?;
        db::sessions::end_all(tx, account.id)?;
        note(tx, operations, Some(account.id), "set password")?;
        if !is_first {
            tell(tx, operations, &account, SignInChange::Password)?;
        }
        // Whoever opens the link holds the mailbox, and is not to be shut out by others who guess. Where there is a second
        // factor, only a sign-in with it makes a device known.
        if db::second_factors::find(tx, account.id)?.secret.is_some() {
            return Ok(None);
        }
        let device = new_secret();
        db::sessions::remember_device(tx, account.id, &hash(&device), None, now)?;
        Ok(Some(device))
    })
}

/// Gives a sample account a password, without an invitation. For the demonstration.
pub fn give_password(operations: &Operations, id: AccountId, new: &str) -> Result<(), OperationError> {
    let password_hash = operations.password_work.hash(&password::normalized(new))?;
    operations.database.write(|tx| Ok(db::sign_in::set_password(tx, id, &password_hash, operations.now())?))
}
