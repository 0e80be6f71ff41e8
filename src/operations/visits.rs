//! Visits and shortfalls of a plan: everybody sees their own part.

use std::collections::HashMap;

use super::access::visible;
use super::error::OperationError;
use super::overview::stored_file_is_broken;
use super::plans;
use super::runner::Context;
use crate::db::{self, Page, PageRequest, ReadTx};
use crate::domain::actor::{Resource, Scope};
use crate::domain::ids::PlanId;
use crate::domain::plan::{Cause, CauseKind, Remedy, Shortfall, Visit};
use crate::planning::PlanDocument;
use crate::planning::plan_document;

/// The visits that the actor can see.
pub fn list(tx: &mut ReadTx, ctx: &Context, plan: PlanId, page: PageRequest) -> Result<Page<Visit>, OperationError> {
    let scope = visible(ctx, Resource::Visits)?;
    plans::get(tx, ctx, plan)?;
    let found = db::visits::list(tx, plan, &scope, page)?;
    ctx.trail.count(Resource::Visits, found.items.len());
    Ok(found)
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
    let mut found = db::visits::list_shortfalls(tx, plan, &scope, page)?;
    add_causes(tx, plan, &mut found.items)?;
    ctx.trail.count(Resource::Shortfalls, found.items.len());
    Ok(found)
}

/// All shortfalls of a plan in a scope.
pub(super) fn shortfalls_of(tx: &mut ReadTx, plan: PlanId, scope: &Scope) -> Result<Vec<Shortfall>, OperationError> {
    let mut found = db::visits::list_shortfalls(tx, plan, scope, PageRequest::ALL)?.items;
    add_causes(tx, plan, &mut found)?;
    Ok(found)
}

/// Adds the causes, which only the planner's own document holds.
fn add_causes(tx: &mut ReadTx, plan: PlanId, shortfalls: &mut [Shortfall]) -> Result<(), OperationError> {
    if shortfalls.is_empty() {
        return Ok(());
    }
    let document = db::plans::document_json(tx, plan)?.ok_or(OperationError::NotFound)?;
    let document = PlanDocument::read(document.as_bytes()).map_err(stored_file_is_broken)?;
    let causes: HashMap<&str, &[plan_document::Cause]> =
        document.shortfalls.iter().map(|one| (one.request.as_str(), one.causes.as_slice())).collect();
    for shortfall in shortfalls {
        let causes = causes.get(shortfall.service_request_code.as_str()).copied().unwrap_or_default();
        shortfall.causes = causes.iter().map(cause).collect();
    }
    Ok(())
}

fn cause(found: &plan_document::Cause) -> Cause {
    use plan_document::CauseKind as Found;
    let kind = match found.cause {
        Found::NobodyQualifies => CauseKind::NobodyQualifies,
        Found::FewQualifyAndAreFull => CauseKind::FewQualifyAndAreFull,
        Found::NoHoursLeft => CauseKind::NoHoursLeft,
        Found::CapReached => CauseKind::CapReached,
        Found::NoWindowOverlaps => CauseKind::NoWindowOverlaps,
        Found::DriveDoesNotFit => CauseKind::DriveDoesNotFit,
        Found::VisitLengthDoesNotFit => CauseKind::VisitLengthDoesNotFit,
        Found::LostToHigherPriority => CauseKind::LostToHigherPriority,
        Found::RequestAllowsNoMore => CauseKind::RequestAllowsNoMore,
        Found::NotFound => CauseKind::NotFound,
    };
    Cause {
        cause: kind,
        minutes: i64::from(found.minutes),
        rules: found.rules.clone(),
        sentence: found.sentence.clone(),
    }
}

/// A remedy as it is stored and told.
pub(super) fn remedy(found: &plan_document::Remedy) -> Remedy {
    Remedy {
        change: found.change.clone(),
        minutes_gained: i64::from(found.minutes_gained),
        mandated_minutes_gained: i64::from(found.mandated_minutes_gained),
        minutes_gained_for_request: i64::from(found.minutes_gained_for_request),
        cents_per_week: found.cents_per_week,
        visits_moved: i64::from(found.visits_moved),
    }
}
