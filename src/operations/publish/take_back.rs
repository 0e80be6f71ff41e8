//! Takes a plan back while its e-mails wait: everything stands as it stood before, and nobody hears of it.

use chrono::{DateTime, Utc};

use crate::db::{self, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::{Action, Owner, Resource, Scope, may};
use crate::domain::ids::{DatedVisitId, PlanId};
use crate::domain::plan::{Plan, PlanState};
use crate::domain::service_request::RequestState;
use crate::operations::access::allow;
use crate::operations::audit::note;
use crate::operations::error::OperationError;
use crate::operations::runner::Context;
use crate::operations::{dated_visits, plans};

/// When the e-mails of a plan go out that can be taken back until then, for those who may do it.
pub fn emails_wait_until(tx: &mut ReadTx, ctx: &Context, plan: &Plan) -> Result<Option<DateTime<Utc>>, OperationError> {
    if plan.state != PlanState::Published || may(&ctx.actor, Action::Publish).is_nothing() {
        return Ok(None);
    }
    let kept = db::publications::find(tx, plan.id)?;
    Ok(kept.map(|kept| kept.emails_at).filter(|at| ctx.now < *at))
}

/// Takes a published plan back: it is a draft again, the plan before is in use again with its visits, cover and make-ups,
/// requests are accepted again, and its e-mails are not sent.
///
/// # Errors
/// A conflict when it is not in use, when its e-mails are out, or when something rests on it already: a logged visit or a
/// statement.
pub fn take_back(tx: &mut WriteTx, ctx: &Context, id: PlanId) -> Result<Plan, OperationError> {
    let plan = plans::get(tx, ctx, id)?;
    allow(ctx, Action::Publish, Resource::Plans, Owner::COOP)?;
    if plan.state != PlanState::Published {
        return Err(OperationError::conflict(format!("{} is not in use; there is nothing to take back", plan.code)));
    }
    let kept = db::publications::find(tx, id)?.filter(|kept| ctx.now < kept.emails_at);
    let Some(kept) = kept else {
        let message = format!("The e-mails about {} are out; make and publish another plan instead", plan.code);
        return Err(OperationError::conflict(message));
    };
    nothing_rests_on(tx, ctx, &plan)?;
    ctx.trail.about_everybody();
    if db::written_emails::take_back(tx, &kept.undo.emails)? != kept.undo.emails.len() {
        let message = format!("An e-mail about {} is out already; publish another plan instead", plan.code);
        return Err(OperationError::conflict(message));
    }
    let own: Vec<DatedVisitId> = visits(tx, ctx, id)?.into_iter().map(|visit| visit.id).collect();
    db::schedule_news::remove_of_visits(tx, &own)?;
    db::dated_visits::delete(tx, &own, ctx.now)?;
    db::publications::take_back(tx, id, ctx.now)?;
    db::terms::count_taken_back(tx, plan.term_id)?;
    for before in &kept.undo.plans {
        db::publications::restore(tx, before, ctx.now)?;
    }
    db::publications::put_visits_back(tx, (id, kept.published_at), ctx.now)?;
    for request in &kept.undo.requests {
        let found = db::service_requests::find(tx, *request)?;
        if found.is_some_and(|found| found.state == RequestState::Planned) {
            db::service_requests::move_to(tx, *request, RequestState::Accepted, "", ctx.now)?;
        }
    }
    // What was entered meanwhile counts for the plan before too.
    dated_visits::renew(tx, ctx)?;
    note(tx, ctx, "take back", ("plan", &plan.code), "")?;
    plans::get(tx, ctx, id)
}

fn visits(
    tx: &mut ReadTx,
    ctx: &Context,
    plan: PlanId,
) -> Result<Vec<crate::domain::dated_visit::DatedVisit>, OperationError> {
    let (filter, zone) = (db::dated_visits::Filter::default(), ctx.settings.time_zone);
    let mut all = db::dated_visits::list(tx, (&Scope::All, &filter), zone, PageRequest::ALL)?.items;
    all.retain(|visit| visit.plan_id == plan);
    Ok(all)
}

fn nothing_rests_on(tx: &mut ReadTx, ctx: &Context, plan: &Plan) -> Result<(), OperationError> {
    let is_logged = visits(tx, ctx, plan.id)?.iter().any(|visit| visit.log_version > 0);
    let is_costed = db::cost_shares::latest(tx, plan.id)?.is_some();
    let what = match (is_logged, is_costed) {
        (true, _) => "A visit of it was logged",
        (false, true) => "A cost share was made of it",
        (false, false) => return Ok(()),
    };
    Err(OperationError::conflict(format!("{what}; {} stays. Publish another plan instead", plan.code)))
}
