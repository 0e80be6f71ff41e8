//! Cover: who could come to a visit whose specialist is away, and who does.
//!
//! Whether somebody fits is judged by the rules of the plan itself, on the week that the person really has: visits of the
//! plan that take place, cover and make-ups.

mod staff;

use chrono::TimeDelta;

use super::access::{allow, seen, visible};
use super::audit::note;
use super::error::OperationError;
use super::runner::Context;
use super::{dated_visits, locked_months};
use crate::db::{self, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::{Action, Owner, Resource, Scope, may};
use crate::domain::cover::{AgencyOption, CoverFields, CoverOption, CoverOptions, cost_cents};
use crate::domain::dated_visit::{DatedVisit, DatedVisitKind, DatedVisitState};
use crate::domain::ids::DatedVisitId;

pub(super) use staff::{Person, Staff};

const RESOURCE: Resource = Resource::Cover;

/// For so many days it is looked for visits that nobody comes to.
const DAYS_AHEAD: i64 = 28;

/// A visit that nobody comes to.
#[derive(Debug, Clone)]
pub struct OpenVisit {
    /// The visit.
    pub visit: DatedVisit,
    /// Who is away.
    pub specialist_name: String,
}

/// Whether the actor finds cover.
pub fn may_find(ctx: &Context) -> bool {
    may(&ctx.actor, Action::Read(RESOURCE)) == Scope::All
}

/// The visits of the next four weeks whose specialist is away and that nobody covers, the next one first.
pub fn open(tx: &mut ReadTx, ctx: &Context) -> Result<Vec<OpenVisit>, OperationError> {
    let scope = visible(ctx, RESOURCE)?;
    let filter = db::dated_visits::Filter {
        from: Some(ctx.today()),
        until: Some(ctx.today() + TimeDelta::days(DAYS_AHEAD)),
        state: Some(DatedVisitState::NotCovered),
        ..Default::default()
    };
    let zone = ctx.settings.time_zone;
    let mut visits = db::dated_visits::list(tx, (&scope, &filter), zone, PageRequest::ALL)?.items;
    visits.sort_by_key(|visit| (visit.visit_on, visit.starts, visit.id));
    let people = db::specialists::list(tx, &Scope::All, PageRequest::ALL)?.items;
    let name = |visit: &DatedVisit| {
        let person = people.iter().find(|one| one.id == visit.specialist_id);
        person.map(|one| one.fields.name.clone()).unwrap_or_default()
    };
    Ok(visits.into_iter().map(|visit| OpenVisit { specialist_name: name(&visit), visit }).collect())
}

/// Who could cover a visit, for the office.
///
/// # Errors
/// A conflict when the term of its plan cannot be planned, because facts are missing that the rules need.
pub fn options(tx: &mut ReadTx, ctx: &Context, id: DatedVisitId) -> Result<CoverOptions, OperationError> {
    let visit = visit(tx, ctx, id)?;
    let mut staff = Staff::read(tx, ctx, visit.plan_id)?;
    let options = options_of(tx, ctx, &mut staff, &visit)?;
    let rate = staff.instance.policy.agency_cents_per_hour.get(&visit.discipline);
    let agency =
        rate.map(|cents| AgencyOption { cents_per_hour: *cents, cost_cents: cost_cents(visit.minutes, *cents) });
    Ok(CoverOptions { visit, options, agency })
}

/// Everybody who is qualified and there that day, the free ones first.
pub(super) fn options_of(
    tx: &mut ReadTx,
    ctx: &Context,
    staff: &mut Staff,
    visit: &DatedVisit,
) -> Result<Vec<CoverOption>, OperationError> {
    let mut options = Vec::new();
    for person in staff.who_can(visit) {
        if person.id == visit.specialist_id || !staff.is_there(person.id, visit) {
            continue;
        }
        let fit = staff.fit(tx, ctx, &person, visit)?;
        options.push(CoverOption {
            specialist_id: person.id,
            specialist_code: person.code,
            specialist_name: person.name,
            is_free: fit.objections.is_empty(),
            is_free_by_video: fit.is_free_by_video,
            objections: fit.objections,
            minutes: visit.minutes,
            extra_drive_minutes: fit.extra_drive_minutes,
            week_minutes: fit.week_minutes,
            week_minutes_max: person.week_minutes_max,
            cost_cents: cost_cents(visit.minutes, person.cents_per_hour),
        });
    }
    options.sort_by_key(|one| {
        let full = one.week_minutes * 1000 / one.week_minutes_max.max(1);
        (!one.is_free, one.objections.len(), one.extra_drive_minutes, full, one.specialist_code.clone())
    });
    Ok(options)
}

/// Has somebody cover a visit whose specialist is away, instead of whoever covered it before.
///
/// # Errors
/// Invalid for somebody who does not hold what it needs or is not there, or against whom a rule of the plan speaks and it
/// is not said that this is meant. A conflict for a visit that takes place, is over or logged, and when the month is locked.
pub fn assign(
    tx: &mut WriteTx,
    ctx: &Context,
    id: DatedVisitId,
    fields: &CoverFields,
) -> Result<DatedVisit, OperationError> {
    let visit = visit(tx, ctx, id)?;
    allow(ctx, Action::Write(RESOURCE), RESOURCE, Owner::member(visit.member_id))?;
    can_be_settled(tx, ctx, &visit)?;
    if visit.state != DatedVisitState::NotCovered && visit.covered_by_specialist_id.is_none() {
        let message = "This visit needs no cover: its specialist comes, or the school is closed. Enter first when the \
                       specialist is away";
        return Err(OperationError::conflict(message));
    }
    let mut staff = Staff::read(tx, ctx, visit.plan_id)?;
    let person = staff.who_can(&visit).into_iter().find(|one| one.id == fields.specialist_id);
    let Some(person) = person.filter(|one| one.id != visit.specialist_id && staff.is_there(one.id, &visit)) else {
        let message = format!(
            "Choose somebody who holds what {} needs and is there on {}; /dated-visits/{id}/cover-options lists them",
            visit.service_request_code, visit.visit_on
        );
        return Err(OperationError::invalid("/specialist_id", message));
    };
    let fit = staff.fit(tx, ctx, &person, &visit)?;
    if !fit.objections.is_empty() && !fields.despite_objections {
        let message =
            format!("{} If it is meant all the same, send despite_objections as true", fit.objections.join(" "));
        return Err(OperationError::invalid("/specialist_id", message));
    }
    db::dated_visits::cover(tx, id, Some(person.id), DatedVisitState::Planned, ctx.now)?;
    note(tx, ctx, "cover", ("visit", &id.to_string()), &format!("by {}", person.code))?;
    dated_visits::get(tx, ctx, id)
}

/// Takes cover back: nobody comes, unless the specialist is there after all.
///
/// # Errors
/// A conflict for a visit that nobody covers, is over or logged, and when the month is locked.
pub fn release(tx: &mut WriteTx, ctx: &Context, id: DatedVisitId) -> Result<DatedVisit, OperationError> {
    let visit = visit(tx, ctx, id)?;
    allow(ctx, Action::Write(RESOURCE), RESOURCE, Owner::member(visit.member_id))?;
    can_be_settled(tx, ctx, &visit)?;
    if visit.covered_by_specialist_id.is_none() {
        return Err(OperationError::conflict("Nobody covers this visit"));
    }
    db::dated_visits::cover(tx, id, None, DatedVisitState::NotCovered, ctx.now)?;
    dated_visits::renew(tx, ctx)?;
    note(tx, ctx, "release", ("visit", &id.to_string()), "cover taken back")?;
    dated_visits::get(tx, ctx, id)
}

fn visit(tx: &mut ReadTx, ctx: &Context, id: DatedVisitId) -> Result<DatedVisit, OperationError> {
    let found = db::dated_visits::find(tx, id, ctx.settings.time_zone)?;
    seen(ctx, RESOURCE, found, |visit| Owner::member(visit.member_id))
}

fn can_be_settled(tx: &mut ReadTx, ctx: &Context, visit: &DatedVisit) -> Result<(), OperationError> {
    if visit.kind == DatedVisitKind::MakeUp {
        let message = "This is a make-up; cancel it and add another one with whoever can come";
        return Err(OperationError::conflict(message));
    }
    if visit.visit_on < ctx.today() || visit.log_version > 0 {
        let message = "This visit is over or logged. Log that it did not take place, and add a make-up";
        return Err(OperationError::conflict(message));
    }
    locked_months::still_open(tx, visit.visit_on)
}
