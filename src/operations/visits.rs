//! Visits and shortfalls of a plan: everybody sees their own part.

use super::access::visible;
use super::error::OperationError;
use super::plans;
use super::runner::Context;
use crate::db::{self, Page, PageRequest, ReadTx};
use crate::domain::actor::Resource;
use crate::domain::ids::PlanId;
use crate::domain::plan::{Shortfall, Visit};

/// The visits that the actor can see.
pub fn list(tx: &mut ReadTx, ctx: &Context, plan: PlanId, page: PageRequest) -> Result<Page<Visit>, OperationError> {
    let scope = visible(ctx, Resource::Visits)?;
    plans::get(tx, ctx, plan)?;
    Ok(db::visits::list(tx, plan, scope, page)?)
}

/// The shortfalls that the actor can see.
pub fn list_shortfalls(
    tx: &mut ReadTx,
    ctx: &Context,
    plan: PlanId,
    page: PageRequest,
) -> Result<Page<Shortfall>, OperationError> {
    let scope = visible(ctx, Resource::Shortfalls)?;
    plans::get(tx, ctx, plan)?;
    Ok(db::visits::list_shortfalls(tx, plan, scope, page)?)
}
