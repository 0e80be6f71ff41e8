//! Publishing: one transaction makes a draft the plan people follow, replaces the old one, moves requests on, and
//! writes the audit entry and every e-mail. The e-mails wait a while, so that the plan can be taken back.

mod take_back;

use std::collections::BTreeSet;

use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::access::{allow, same_version};
use super::audit::note;
use super::error::OperationError;
use super::make_ups::{self, MakeUpClash};
use super::runner::Context;
use super::{credentials, dated_visits, instance, notices, plan_runs, plans};
use crate::db::{self, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::{Action, Owner, Resource, Scope};
use crate::domain::ids::{DatedVisitId, PlanId, ServiceRequestId};
use crate::domain::plan::{Plan, PlanState};
use crate::domain::publication::{self, Undo};
use crate::domain::service_request::{RequestState, RequestVerb};
use crate::domain::term::Term;
use crate::domain::text::in_minutes;
use crate::planning::Instance;

pub use take_back::{emails_wait_until, take_back};

/// How a plan is to be published.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Publication {
    /// First day it is followed; without it the first day of the term, or tomorrow when the term has begun. While a plan
    /// of the term is followed it must be later than today: the past never changes.
    #[serde(default)]
    pub effective_from: Option<NaiveDate>,
    /// The make-ups that fall out because the plan has visits at their times, as `make_up_clashes` of the plan's checks
    /// names them for its first day. Publishing without one of them is refused, so that none falls out unseen.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub make_ups_that_fall_out: Vec<DatedVisitId>,
}

/// Publishes a draft.
///
/// # Errors
/// A conflict when it is not a draft any more, when the e-mails about the plan in use are not out yet, when what it was made
/// from has changed, or when make-ups fall out that are not named: then `changes` says what.
/// Invalid when the first day is outside the term, or would change days that people already worked by another plan.
pub fn publish(
    tx: &mut WriteTx,
    ctx: &Context,
    id: PlanId,
    based_on: Option<i64>,
    publication: &Publication,
) -> Result<Plan, OperationError> {
    let plan = plans::get(tx, ctx, id)?;
    allow(ctx, Action::Publish, Resource::Plans, Owner::COOP)?;
    if let Some(version) = based_on {
        same_version(Some(version), plan.version)?;
    }
    match plan.state {
        PlanState::Draft => {}
        PlanState::Published => return Err(OperationError::conflict(format!("{} is already published", plan.code))),
        PlanState::Superseded => {
            return Err(OperationError::conflict(format!("{} was replaced; make a new plan", plan.code)));
        }
    }
    let term = db::terms::find(tx, plan.term_id)?.ok_or(OperationError::NotFound)?;
    up_to_date(tx, ctx, &plan, &term)?;
    let effective_from = first_day(tx, ctx, &term, publication)?;
    credentials::valid_on_first_day(tx, ctx, id, effective_from)?;
    let fall_out = make_ups_are_named(tx, ctx, (&plan, effective_from), publication)?;

    let replaced = db::plans::published(tx, term.id)?;
    if let Some(old) = &replaced {
        nothing_waits(tx, ctx, old)?;
    }
    ctx.trail.about_everybody();
    let plans = db::publications::standing(tx, term.id)?;
    if let Some(old) = &replaced {
        db::plans::supersede(tx, old.id, ctx.now)?;
        note(tx, ctx, "supersede", ("plan", &old.code), &format!("by {}", plan.code))?;
    }
    db::plans::end_others(tx, term.id, (id, effective_from))?;
    db::plans::publish(tx, id, effective_from, ctx.actor.account_id, ctx.now)?;
    let requests = move_requests_on(tx, ctx, id)?;
    let make_ups = if fall_out > 0 { format!(", {fall_out} make-ups fall out") } else { String::new() };
    note(tx, ctx, "publish", ("plan", &plan.code), &format!("from {effective_from}{make_ups}"))?;
    let published = plans::get(tx, ctx, id)?;
    dated_visits::lay_out_published(tx, ctx, &published)?;
    let emails = notices::plan_published(tx, ctx, &published, &term, replaced.as_ref())?;
    wait(tx, ctx, id, Undo { plans, requests, emails })?;
    Ok(published)
}

/// People are told of one plan after another: nobody is to get e-mails about a plan that is not in use any more.
fn nothing_waits(tx: &mut ReadTx, ctx: &Context, old: &Plan) -> Result<(), OperationError> {
    let kept = db::publications::find(tx, old.id)?;
    match kept.filter(|kept| ctx.now < kept.emails_at) {
        None => Ok(()),
        Some(kept) => {
            let minutes = (kept.emails_at - ctx.now).num_minutes() + 1;
            let message = format!(
                "The e-mails about {} are not out yet; take it back first, or wait {}",
                old.code,
                in_minutes(minutes)
            );
            Err(OperationError::conflict(message))
        }
    }
}

/// Lets the e-mails wait, and keeps what it takes to take the plan back meanwhile.
fn wait(tx: &mut WriteTx, ctx: &Context, id: PlanId, undo: Undo) -> Result<(), OperationError> {
    let minutes = ctx.settings.publish_wait_minutes;
    if minutes == 0 {
        return Ok(());
    }
    let emails_at = ctx.now + TimeDelta::minutes(minutes);
    db::written_emails::hold(tx, &undo.emails, emails_at)?;
    db::publications::tell_drops_later(tx, ctx.now, emails_at)?;
    let publication = publication::Publication { plan_id: id, published_at: ctx.now, emails_at, undo };
    Ok(db::publications::insert(tx, &publication)?)
}

fn up_to_date(tx: &mut ReadTx, ctx: &Context, plan: &Plan, term: &Term) -> Result<(), OperationError> {
    let mut now = instance::build(tx, ctx, term)?;
    let before = db::plan_runs::instance_json(tx, plan.plan_run_id)?.unwrap_or_default();
    plan_runs::leave_out_again(tx, plan.plan_run_id, &mut now)?;
    // Pinned visits were a wish for this plan and are nowhere else.
    if let Ok(before) = Instance::read(before.as_bytes()) {
        now.fixed = before.fixed;
        // Days pass. What credentials say on the day on which the plan really begins is asked when that day is known.
        if now.effective_from.is_some() && before.effective_from.is_some() {
            now.effective_from = before.effective_from;
        }
    }
    if now.sha256() == plan.instance_sha256 {
        return Ok(());
    }
    let detail =
        format!("{} was made from data that has changed since. Make a new plan, then publish that one", plan.code);
    Err(OperationError::Conflict { detail, changes: instance::changes(&before, &now) })
}

/// How many make-ups fall out because the plan has a visit at their time; the office has named each of them.
fn make_ups_are_named(
    tx: &mut ReadTx,
    ctx: &Context,
    (plan, effective_from): (&Plan, NaiveDate),
    publication: &Publication,
) -> Result<usize, OperationError> {
    let facts = dated_visits::facts(tx, ctx)?;
    let clashes = make_ups::clashes_with_plan(tx, ctx, plan, (effective_from, &facts))?;
    let is_named = |id: &DatedVisitId| publication.make_ups_that_fall_out.contains(id);
    let unseen: Vec<&MakeUpClash> = clashes.iter().filter(|clash| !is_named(&clash.make_up_id)).collect();
    if unseen.is_empty() {
        return Ok(clashes.len());
    }
    let ids: Vec<String> = clashes.iter().map(|clash| clash.make_up_id.to_string()).collect();
    let detail = format!(
        "{} has visits at the times of make-ups, which fall out when it is published, and their minutes are owed again. If \
         that is meant, send make_ups_that_fall_out as [\"{}\"]; otherwise make them up at other times first",
        plan.code,
        ids.join("\", \"")
    );
    Err(OperationError::Conflict { detail, changes: unseen.into_iter().map(|one| one.sentence.clone()).collect() })
}

/// The first day of a plan when nothing else is said: tomorrow, or the nearest day of the term.
pub(super) fn usual_first_day(ctx: &Context, term: &Term) -> NaiveDate {
    (ctx.today() + TimeDelta::days(1)).clamp(term.fields.starts_on, term.fields.ends_on)
}

fn first_day(
    tx: &mut ReadTx,
    ctx: &Context,
    term: &Term,
    publication: &Publication,
) -> Result<NaiveDate, OperationError> {
    let today = ctx.today();
    let (first, last) = (term.fields.starts_on, term.fields.ends_on);
    let day = publication.effective_from.unwrap_or_else(|| usual_first_day(ctx, term));
    if !(first..=last).contains(&day) {
        let message = format!("The start date must be from {first} to {last}");
        return Err(OperationError::invalid("/effective_from", message));
    }
    if day <= today
        && let Some(followed) = db::plans::followed_on(tx, Some(term.id), today)?
    {
        let message = format!("{} is followed today, and the past never changes; start after {today}", followed.code);
        return Err(OperationError::invalid("/effective_from", message));
    }
    Ok(day)
}

/// Requests that got at least one visit are planned now; the others stay accepted, so that they can still be withdrawn.
/// Gives those that were not planned before.
fn move_requests_on(tx: &mut WriteTx, ctx: &Context, plan: PlanId) -> Result<Vec<ServiceRequestId>, OperationError> {
    let visits = db::visits::list(tx, plan, &Scope::All, PageRequest::ALL)?.items;
    let served: BTreeSet<ServiceRequestId> = visits.iter().map(|visit| visit.service_request_id).collect();
    let mut moved = Vec::new();
    for id in served {
        let Some(request) = db::service_requests::find(tx, id)? else { continue };
        if request.state != RequestState::Planned
            && let Some(state) = request.state.after(RequestVerb::Plan)
        {
            db::service_requests::move_to(tx, id, state, "", ctx.now)?;
            moved.push(id);
        }
    }
    Ok(moved)
}
