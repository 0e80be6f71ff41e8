//! Plans as people read them.

use chrono::NaiveDate;

use super::access::{seen, visible};
use super::error::OperationError;
use super::runner::Context;
use crate::db::{self, Page, PageRequest, ReadTx};
use crate::domain::actor::{Action, Owner, Resource, Scope, may};
use crate::domain::ids::{PlanId, TermId};
use crate::domain::plan::{Plan, PlanState};

pub use super::publish::{Publication, emails_wait_until, publish, take_back};

fn sees_drafts(ctx: &Context) -> bool {
    may(&ctx.actor, Action::Read(Resource::PlanDocuments)) == Scope::All
}

/// The plans that the actor can see: drafts are for the office only.
pub fn list(tx: &mut ReadTx, ctx: &Context, page: PageRequest) -> Result<Page<Plan>, OperationError> {
    visible(ctx, Resource::Plans)?;
    Ok(db::plans::list(tx, sees_drafts(ctx), page)?)
}

/// One plan.
pub fn get(tx: &mut ReadTx, ctx: &Context, id: PlanId) -> Result<Plan, OperationError> {
    let found = db::plans::find(tx, id)?.filter(|plan| plan.state != PlanState::Draft || sees_drafts(ctx));
    seen(ctx, Resource::Plans, found, |_| Owner::COOP)
}

/// One plan, by its number.
pub fn get_by_code(tx: &mut ReadTx, ctx: &Context, code: &str) -> Result<Plan, OperationError> {
    let all = list(tx, ctx, PageRequest::ALL)?.items;
    all.into_iter().find(|plan| plan.code == code).ok_or(OperationError::NotFound)
}

/// The plan of a term that people follow on a day: what they did on a day of the past stays readable after another plan
/// took over.
///
/// # Errors
/// [`OperationError::NotFound`] when nobody follows a plan on that day.
pub fn followed_on(tx: &mut ReadTx, ctx: &Context, term: TermId, day: NaiveDate) -> Result<Plan, OperationError> {
    let found = db::plans::followed_on(tx, Some(term), day)?;
    seen(ctx, Resource::Plans, found, |_| Owner::COOP)
}

/// The whole plan as the planner wrote it (format `coop-plan/1`), for the office.
pub fn document_json(tx: &mut ReadTx, ctx: &Context, id: PlanId) -> Result<String, OperationError> {
    visible(ctx, Resource::PlanDocuments)?;
    ctx.trail.exported("plan_document");
    ctx.trail.code(&id.to_string());
    db::plans::document_json(tx, id)?.ok_or(OperationError::NotFound)
}
