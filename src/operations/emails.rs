//! The outbox as the office sees it.

use chrono::TimeDelta;

use super::access::{allow_write, can_see, visible};
use super::audit::note;
use super::error::OperationError;
use super::outbox;
use super::runner::Context;
use crate::db::{self, Page, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::Resource;
use crate::domain::email::{BounceVerdict, Email, EmailState, ReturnedMail, SuppressedAddress};
use crate::domain::ids::{EmailId, SuppressedAddressId};
use crate::domain::mail_queue::{MailQueue, MailQueueState, Standing};
use crate::mail::compose::{Correspondent, Envelope, compose, message_id};
use crate::mail::message::Rendered;
use crate::mail::samples;

/// The outbox.
pub fn list(
    tx: &mut ReadTx,
    ctx: &Context,
    state: Option<EmailState>,
    page: PageRequest,
) -> Result<Page<Email>, OperationError> {
    visible(ctx, Resource::Emails)?;
    Ok(db::emails::list(tx, state, page)?)
}

/// The last e-mails that entered in a state, the newest first.
pub fn newest(tx: &mut ReadTx, ctx: &Context, state: EmailState, limit: i64) -> Result<Vec<Email>, OperationError> {
    visible(ctx, Resource::Emails)?;
    Ok(db::emails::newest(tx, state, limit)?)
}

/// One e-mail.
pub fn get(tx: &mut ReadTx, ctx: &Context, id: EmailId) -> Result<Email, OperationError> {
    visible(ctx, Resource::Emails)?;
    db::emails::find(tx, id)?.ok_or(OperationError::NotFound)
}

/// Puts a parked e-mail back into the queue.
pub fn resend(tx: &mut WriteTx, ctx: &Context, id: EmailId) -> Result<Email, OperationError> {
    let email = get(tx, ctx, id)?;
    allow_write(ctx, Resource::Emails)?;
    if email.state == EmailState::Parked && db::suppressed_addresses::contains(tx, &email.recipient)? {
        return Err(OperationError::conflict(
            "Nothing is sent to this address. Take it off the list of suppressed addresses first",
        ));
    }
    if !db::emails::resend(tx, id, ctx.now)? {
        return Err(OperationError::conflict("Only a parked e-mail can be sent again; this one is not parked"));
    }
    note(tx, ctx, "resend", ("email", &id.to_string()), "")?;
    get(tx, ctx, id)
}

/// How the queue stands.
pub fn queue(tx: &mut ReadTx, ctx: &Context) -> Result<MailQueue, OperationError> {
    visible(ctx, Resource::Emails)?;
    let standing = db::mail_queue::read(tx)?;
    Ok(MailQueue {
        state: standing.state(ctx.now),
        queued: db::emails::count(tx, EmailState::Queued)?,
        parked: db::emails::count(tx, EmailState::Parked)?,
        accepted: db::emails::count(tx, EmailState::Accepted)?,
        ambiguous_total: db::emails::count_ambiguous(tx)?,
        suppressed_addresses: db::suppressed_addresses::count(tx)?,
        reason: standing.reason,
        since: standing.since,
        waits_until: standing.waits_until,
    })
}

/// Why e-mails are not leaving, for whoever may see the outbox; nothing while they do.
pub fn alert(tx: &mut ReadTx, ctx: &Context) -> Result<Option<String>, OperationError> {
    if can_see(ctx, Resource::Emails).is_err() {
        return Ok(None);
    }
    let standing = db::mail_queue::read(tx)?;
    Ok(match standing.state(ctx.now) {
        MailQueueState::Running => None,
        MailQueueState::Waiting => Some("The mail server cannot take them; it is tried again.".to_owned()),
        MailQueueState::Paused => Some("The mail server refuses us. All of them are kept.".to_owned()),
    })
}

/// Tries everything that waits again, now.
pub fn resume(tx: &mut WriteTx, ctx: &Context) -> Result<MailQueue, OperationError> {
    visible(ctx, Resource::Emails)?;
    allow_write(ctx, Resource::Emails)?;
    db::mail_queue::write(tx, &Standing::default())?;
    let wait = TimeDelta::minutes(ctx.settings.publish_wait_minutes);
    db::emails::wake_all(tx, ctx.now - wait, ctx.now)?;
    note(tx, ctx, "resume", ("mail_queue", "1"), "")?;
    queue(tx, ctx)
}

/// Addresses to which nothing is sent.
pub fn suppressed(
    tx: &mut ReadTx,
    ctx: &Context,
    page: PageRequest,
) -> Result<Page<SuppressedAddress>, OperationError> {
    visible(ctx, Resource::Emails)?;
    Ok(db::suppressed_addresses::list(tx, page)?)
}

/// One of them.
pub fn suppressed_one(
    tx: &mut ReadTx,
    ctx: &Context,
    id: SuppressedAddressId,
) -> Result<SuppressedAddress, OperationError> {
    visible(ctx, Resource::Emails)?;
    db::suppressed_addresses::find(tx, id)?.ok_or(OperationError::NotFound)
}

/// Takes an address off that list. What was parked for it stays parked until somebody sends it again.
pub fn unsuppress(tx: &mut WriteTx, ctx: &Context, id: SuppressedAddressId) -> Result<(), OperationError> {
    visible(ctx, Resource::Emails)?;
    db::suppressed_addresses::find(tx, id)?.ok_or(OperationError::NotFound)?;
    allow_write(ctx, Resource::Emails)?;
    db::suppressed_addresses::delete(tx, id)?;
    note(tx, ctx, "remove", ("suppressed_address", &id.to_string()), "")
}

/// Reads a message that came back to one of our return paths, given by somebody of the office.
pub fn take_returned(tx: &mut WriteTx, ctx: &Context, sent: &ReturnedMail) -> Result<BounceVerdict, OperationError> {
    visible(ctx, Resource::Emails)?;
    allow_write(ctx, Resource::Emails)?;
    let verdict = outbox::returned(tx, &ctx.settings, ctx.now, sent)?;
    note(tx, ctx, "take back", ("email", &verdict.email_id.map_or("none".to_owned(), |id| id.to_string())), "")?;
    Ok(verdict)
}

/// A kind of e-mail as it looks, with made-up content.
#[derive(Debug, Clone)]
pub struct Template {
    /// Its name in addresses.
    pub name: &'static str,
    /// When it is sent and to whom.
    pub about: &'static str,
    /// The subject line.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The whole message, to be opened in a mail program.
    pub message: Vec<u8>,
}

/// Every kind of e-mail, with made-up content.
pub fn templates(ctx: &Context) -> Result<Vec<Template>, OperationError> {
    visible(ctx, Resource::Emails)?;
    let (from_name, from_address) = &ctx.settings.mail_from;
    let person = |name: &str, address: &str| Correspondent { name: Some(name.to_owned()), address: address.to_owned() };
    let made = samples::all(&ctx.settings.coop_name, &ctx.settings.public_url);
    let template = |sample: samples::Sample| {
        let rendered = sample.rendered.map_err(OperationError::internal)?;
        let envelope = Envelope {
            from: person(from_name, from_address),
            reply_to: Some(Correspondent { name: None, address: ctx.settings.mail_reply_to.clone() }),
            to: person("Somebody", "somebody@example.org"),
            message_id: message_id(sample.name, "sample", 1, "example.org"),
            date: ctx.now,
        };
        let message = compose(&rendered, &envelope).map_err(OperationError::internal)?;
        let Rendered { subject, text, .. } = rendered;
        Ok(Template { name: sample.name, about: sample.about, subject, text, message })
    };
    made.into_iter().map(template).collect()
}
