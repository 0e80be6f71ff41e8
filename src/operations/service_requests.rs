//! Service requests: coordinators ask, the office decides.

use chrono::Datelike;

use super::access::{allow, can_see, same_version, seen, visible};
use super::audit::note;
use super::error::{OperationError, no_faults};
use super::runner::Context;
use super::{free_text, notices};
use crate::db::{self, Page, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::{Action, Owner, Resource};
use crate::domain::fault::Fault;
use crate::domain::ids::{MemberId, ServiceRequestId};
use crate::domain::service_request::{RequestState, RequestVerb, ServiceRequest, ServiceRequestFields};

pub use crate::db::service_requests::Filter;

/// The requests that the actor can see.
pub fn list(
    tx: &mut ReadTx,
    ctx: &Context,
    filter: &Filter,
    page: PageRequest,
) -> Result<Page<ServiceRequest>, OperationError> {
    let scope = visible(ctx, Resource::ServiceRequests)?;
    let found = db::service_requests::list(tx, &scope, filter, page)?;
    ctx.trail.count(Resource::ServiceRequests, found.items.len());
    Ok(found)
}

/// One request.
pub fn get(tx: &mut ReadTx, ctx: &Context, id: ServiceRequestId) -> Result<ServiceRequest, OperationError> {
    let found = db::service_requests::find(tx, id)?;
    one(ctx, found)
}

/// One request by its number.
pub fn get_by_code(tx: &mut ReadTx, ctx: &Context, code: &str) -> Result<ServiceRequest, OperationError> {
    let found = db::service_requests::find_by_code(tx, code)?;
    one(ctx, found)
}

fn one(ctx: &Context, found: Option<ServiceRequest>) -> Result<ServiceRequest, OperationError> {
    let request = seen(ctx, Resource::ServiceRequests, found, |request| Owner::member(request.member_id))?;
    ctx.trail.code(&request.code);
    Ok(request)
}

/// Enters a request as a draft.
pub fn create(
    tx: &mut WriteTx,
    ctx: &Context,
    fields: &ServiceRequestFields,
) -> Result<ServiceRequest, OperationError> {
    can_see(ctx, Resource::ServiceRequests)?;
    let member = check(tx, ctx, fields)?;
    let year = ctx.now.with_timezone(&ctx.settings.time_zone).year();
    let code = db::codes::next(tx, &format!("SR-{year}"))?;
    let id = db::service_requests::insert(tx, &code, member, fields, ctx.actor.account_id, ctx.now)?;
    note(tx, ctx, "create", ("service_request", &code), "")?;
    get(tx, ctx, id)
}

/// Changes a request that the office has not decided on yet.
pub fn change(
    tx: &mut WriteTx,
    ctx: &Context,
    id: ServiceRequestId,
    based_on: Option<i64>,
    fields: &ServiceRequestFields,
) -> Result<ServiceRequest, OperationError> {
    let present = get(tx, ctx, id)?;
    allow(ctx, Action::Write(Resource::ServiceRequests), Resource::ServiceRequests, Owner::member(present.member_id))?;
    let member = check(tx, ctx, fields)?;
    same_version(based_on, present.version)?;
    after(&present, RequestVerb::Edit, "changed")?;
    db::service_requests::update(tx, id, member, fields, ctx.now)?;
    note(tx, ctx, "change", ("service_request", &present.code), "")?;
    get(tx, ctx, id)
}

/// Sends a draft to the office; the member's coordinators get a confirmation by e-mail.
pub fn submit(tx: &mut WriteTx, ctx: &Context, id: ServiceRequestId) -> Result<ServiceRequest, OperationError> {
    let request = carry_out(tx, ctx, id, RequestVerb::Submit, "")?;
    notices::request_received(tx, ctx, &request)?;
    Ok(request)
}

/// Takes a request back before it is planned.
pub fn withdraw(tx: &mut WriteTx, ctx: &Context, id: ServiceRequestId) -> Result<ServiceRequest, OperationError> {
    carry_out(tx, ctx, id, RequestVerb::Withdraw, "")
}

/// Stops a request that was planned; the next plan leaves it out.
pub fn end(tx: &mut WriteTx, ctx: &Context, id: ServiceRequestId) -> Result<ServiceRequest, OperationError> {
    carry_out(tx, ctx, id, RequestVerb::End, "")
}

/// The office takes a request into the next plan.
pub fn accept(tx: &mut WriteTx, ctx: &Context, id: ServiceRequestId) -> Result<ServiceRequest, OperationError> {
    carry_out(tx, ctx, id, RequestVerb::Accept, "")
}

/// The office refuses a request and says why.
pub fn decline(
    tx: &mut WriteTx,
    ctx: &Context,
    id: ServiceRequestId,
    reason: &str,
) -> Result<ServiceRequest, OperationError> {
    let mut faults = crate::domain::fault::Faults::default();
    crate::domain::text::check_name(&mut faults, "/reason", reason);
    no_faults(faults.into_vec())?;
    let request = get(tx, ctx, id)?;
    let owner = Owner::member(request.member_id);
    allow(ctx, Action::DecideRequest, Resource::ServiceRequests, owner)?;
    free_text::check(tx, ctx, ("/reason", reason), ("service_request", &request.code))?;
    carry_out(tx, ctx, id, RequestVerb::Decline, reason)
}

fn carry_out(
    tx: &mut WriteTx,
    ctx: &Context,
    id: ServiceRequestId,
    verb: RequestVerb,
    decision_note: &str,
) -> Result<ServiceRequest, OperationError> {
    let present = get(tx, ctx, id)?;
    let action = match verb {
        RequestVerb::Accept | RequestVerb::Decline => Action::DecideRequest,
        _ => Action::Write(Resource::ServiceRequests),
    };
    allow(ctx, action, Resource::ServiceRequests, Owner::member(present.member_id))?;
    let (word, done) = words(verb);
    let state = after(&present, verb, done)?;
    db::service_requests::move_to(tx, id, state, decision_note, ctx.now)?;
    // The reason of a refusal is a sentence that may have to be erased; it stays with the request.
    note(tx, ctx, word, ("service_request", &present.code), "")?;
    get(tx, ctx, id)
}

fn words(verb: RequestVerb) -> (&'static str, &'static str) {
    match verb {
        RequestVerb::Edit => ("change", "changed"),
        RequestVerb::Submit => ("submit", "submitted"),
        RequestVerb::Accept => ("accept", "accepted"),
        RequestVerb::Decline => ("decline", "declined"),
        RequestVerb::Plan => ("plan", "planned"),
        RequestVerb::Withdraw => ("withdraw", "withdrawn"),
        RequestVerb::End => ("end", "ended"),
    }
}

fn after(request: &ServiceRequest, verb: RequestVerb, done: &str) -> Result<RequestState, OperationError> {
    request.state.after(verb).ok_or_else(|| {
        let now = request.state.code();
        OperationError::conflict(format!("{} is {now}, so it cannot be {done} any more or not yet", request.code))
    })
}

/// A consent that has not arrived yet.
pub(super) fn consent_fault(ctx: &Context, fields: &ServiceRequestFields) -> Option<Fault> {
    let today = ctx.today();
    let message = format!("The consent cannot arrive in the future; write {today} or an earlier day");
    fields.consent_on.filter(|day| *day > today).map(|_| Fault::at("/consent_on", message))
}

/// Checks the entries against what exists, and finds the member that asks.
fn check(tx: &mut ReadTx, ctx: &Context, fields: &ServiceRequestFields) -> Result<MemberId, OperationError> {
    let mut faults = fields.check();
    faults.extend(consent_fault(ctx, fields));
    let site = db::sites::find(tx, fields.site_id)?;
    // Another member's site is treated like one that does not exist.
    let may_ask = |member: MemberId| {
        let action = Action::Write(Resource::ServiceRequests);
        allow(ctx, action, Resource::ServiceRequests, Owner::member(member)).is_ok()
    };
    let member = site.map(|site| site.fields.member_id).filter(|member| may_ask(*member));
    if member.is_none() {
        faults.push(Fault::at("/site_id", "There is no such site, or it is not yours; take an id from /api/v1/sites"));
    }
    if db::terms::find(tx, fields.term_id)?.is_none() {
        faults.push(Fault::at("/term_id", "There is no such term; take an id from /api/v1/terms"));
    }
    let disciplines = db::disciplines::list(tx)?;
    if !disciplines.iter().any(|one| one.code == fields.discipline) {
        let codes: Vec<&str> = disciplines.iter().map(|one| one.code.as_str()).collect();
        let message = format!("There is no such discipline; choose one of {}", codes.join(", "));
        faults.push(Fault::at("/discipline", message));
    }
    if let Some(specialist) = fields.current_specialist_id
        && db::specialists::find(tx, specialist)?.is_none()
    {
        faults
            .push(Fault::at("/current_specialist_id", "There is no such specialist; leave it out if you do not know"));
    }
    no_faults(faults)?;
    member.ok_or(OperationError::NotFound)
}
