//! How people want e-mails about changes: each account chooses for itself.

use super::access::{allow_write, can_see};
use super::audit::note;
use super::error::OperationError;
use super::runner::Context;
use crate::db::{self, ReadTx, WriteTx};
use crate::domain::actor::Resource;
use crate::domain::ids::AccountId;
use crate::domain::schedule_news::{EmailChoices, ScheduleEmails};

const RESOURCE: Resource = Resource::EmailChoices;

/// What the own account chose.
pub fn get(tx: &mut ReadTx, ctx: &Context) -> Result<EmailChoices, OperationError> {
    can_see(ctx, RESOURCE)?;
    let own = own(ctx)?;
    Ok(db::email_choices::find(tx, own)?)
}

/// Chooses for the own account. What waits for a summary already still comes with it.
pub fn put(tx: &mut WriteTx, ctx: &Context, chosen: &EmailChoices) -> Result<EmailChoices, OperationError> {
    allow_write(ctx, RESOURCE)?;
    let own = own(ctx)?;
    db::email_choices::put(tx, own, *chosen, ctx.now)?;
    let detail = match chosen.schedule {
        ScheduleEmails::EachChange => "each change",
        ScheduleEmails::DailySummary => "daily summary",
    };
    note(tx, ctx, "choose e-mails", ("account", &own.to_string()), detail)?;
    Ok(*chosen)
}

/// A visitor of a demonstration has no account.
fn own(ctx: &Context) -> Result<AccountId, OperationError> {
    ctx.account().ok_or(OperationError::NotFound)
}
