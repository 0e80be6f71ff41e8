//! The audit trail.

use super::access::visible;
use super::error::OperationError;
use super::runner::Context;
use crate::db::{self, Page, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::Resource;
use crate::domain::audit::AuditEntry;

/// The trail, for the office.
pub fn list(tx: &mut ReadTx, ctx: &Context, page: PageRequest) -> Result<Page<AuditEntry>, OperationError> {
    visible(ctx, Resource::Audit)?;
    Ok(db::audit::list(tx, page)?)
}

/// Notes what the actor did: verb, kind of record, its code, and what changed.
pub(super) fn note(
    tx: &mut WriteTx,
    ctx: &Context,
    action: &str,
    (subject_kind, subject_code): (&str, &str),
    detail: &str,
) -> Result<(), OperationError> {
    let entry = (action, subject_kind, subject_code, detail);
    Ok(db::audit::append(tx, ctx.now, Some(ctx.actor.account_id), entry)?)
}
