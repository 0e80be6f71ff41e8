//! E-mails about an account itself: how to get in, and that this changed.

use super::{Event, post};
use crate::db::{self, WriteTx};
use crate::domain::account::Account;
use crate::domain::email::{INVITATION, SIGN_IN_CODE};
use crate::mail::message::{AccountInvitation, SignInChange, SignInChanged, SignInCode};
use crate::operations::{Context, OperationError};

/// Sends somebody the link to set a password.
pub(in crate::operations) fn invitation(
    tx: &mut WriteTx,
    ctx: &Context,
    account: &Account,
    (link, event): (&str, &str),
    expires_at: chrono::DateTime<chrono::Utc>,
) -> Result<(), OperationError> {
    let fields = &account.fields;
    let mail = AccountInvitation {
        coop_name: ctx.settings.coop_name.clone(),
        recipient_name: fields.name.clone(),
        has_password: db::sign_in::password_hash(tx, account.id)?.is_some(),
        address: fields.email.clone(),
        works_until: expires_at.with_timezone(&ctx.settings.time_zone).naive_local(),
        link: link.to_owned(),
    };
    let rendered = mail.render().map_err(OperationError::internal)?;
    let event = Event { name: INVITATION, subject: event, version: account.version };
    post(tx, ctx, &event, (&fields.name, &fields.email), &rendered).map(drop)
}

/// Sends somebody a code to sign in with.
pub(in crate::operations) fn sign_in_code(
    tx: &mut WriteTx,
    ctx: &Context,
    account: &Account,
    (code, event): (&str, &str),
    expires_at: chrono::DateTime<chrono::Utc>,
) -> Result<(), OperationError> {
    let fields = &account.fields;
    let mail = SignInCode {
        coop_name: ctx.settings.coop_name.clone(),
        recipient_name: fields.name.clone(),
        code: code.to_owned(),
        works_until: expires_at.with_timezone(&ctx.settings.time_zone).naive_local(),
    };
    let rendered = mail.render().map_err(OperationError::internal)?;
    let event = Event { name: SIGN_IN_CODE, subject: event, version: account.version };
    post(tx, ctx, &event, (&fields.name, &fields.email), &rendered).map(drop)
}

/// Tells the owner of an account, at the address that it had before, that something about signing in changed.
///
/// Whoever did it is not asked whether the owner should know.
pub(in crate::operations) fn sign_in_changed(
    tx: &mut WriteTx,
    ctx: &Context,
    account: &Account,
    change: SignInChange,
) -> Result<(), OperationError> {
    let fields = &account.fields;
    let mail = SignInChanged {
        coop_name: ctx.settings.coop_name.clone(),
        recipient_name: fields.name.clone(),
        change,
        at: ctx.now.with_timezone(&ctx.settings.time_zone).naive_local(),
        link: format!("{}/account", ctx.settings.public_url),
    };
    let rendered = mail.render().map_err(OperationError::internal)?;
    // The same change can happen again, even at the same moment: each is an event of its own.
    let subject = format!("{}/{}/{:032x}", account.id, change.key(), rand::random::<u128>());
    let event = Event { name: "sign_in_changed", subject: &subject, version: account.version };
    post(tx, ctx, &event, (&fields.name, &fields.email), &rendered).map(drop)
}
