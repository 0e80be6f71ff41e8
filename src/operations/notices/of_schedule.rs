//! E-mails about changes of visits with a date.

use super::{Event, post};
use crate::db::{self, ReadTx, WriteTx};
use crate::mail::compose::message_id;
use crate::mail::message::ScheduleChanged;
use crate::operations::{Context, OperationError};

/// Tells somebody of changes.
pub(in crate::operations) fn schedule_changed(
    tx: &mut WriteTx,
    ctx: &Context,
    subject: &str,
    to: (&str, &str),
    mail: &ScheduleChanged,
) -> Result<(), OperationError> {
    let rendered = mail.render().map_err(OperationError::internal)?;
    let event = Event { name: "schedule_changed", subject, version: 1 };
    post(tx, ctx, &event, to, &rendered).map(drop)
}

/// Whether an e-mail of an event, in its first version, was written to somebody already.
pub(in crate::operations) fn is_written(
    tx: &mut ReadTx,
    ctx: &Context,
    (name, subject): (&str, &str),
    address: &str,
) -> Result<bool, OperationError> {
    let id = message_id(&format!("{name}/{subject}"), address, 1, ctx.settings.mail_domain());
    Ok(db::written_emails::is_written(tx, &id)?)
}
