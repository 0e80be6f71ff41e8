//! The outbox as the office sees it.

use super::access::{allow_write, visible};
use super::audit::note;
use super::error::OperationError;
use super::runner::Context;
use crate::db::{self, Page, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::Resource;
use crate::domain::email::{Email, EmailState};
use crate::domain::ids::EmailId;

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

/// One e-mail.
pub fn get(tx: &mut ReadTx, ctx: &Context, id: EmailId) -> Result<Email, OperationError> {
    visible(ctx, Resource::Emails)?;
    db::emails::find(tx, id)?.ok_or(OperationError::NotFound)
}

/// Puts a parked e-mail back into the queue.
pub fn resend(tx: &mut WriteTx, ctx: &Context, id: EmailId) -> Result<Email, OperationError> {
    get(tx, ctx, id)?;
    allow_write(ctx, Resource::Emails)?;
    if !db::emails::resend(tx, id, ctx.now)? {
        return Err(OperationError::conflict("Only a parked e-mail can be sent again; this one is not parked"));
    }
    note(tx, ctx, "resend", ("email", &id.to_string()), "")?;
    get(tx, ctx, id)
}
