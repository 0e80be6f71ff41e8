//! Cover: who could come to a visit whose specialist is away, and who does.
//!
//! Whether somebody fits is judged by the rules of the plan itself, on the week that the person really has: visits of the
//! plan that take place, cover and make-ups.

mod staff;

use std::collections::HashMap;

use chrono::TimeDelta;

use super::access::{allow, seen, visible};
use super::audit::note;
use super::error::OperationError;
use super::runner::Context;
use super::{dated_visits, locked_months, make_ups};
use crate::db::{self, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::{Action, Owner, Resource, Scope, may};
use crate::domain::cover::{AgencyOption, CoverFields, CoverOption, CoverOptions, ONE_PLACE, Objection, cost_cents};
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

/// What is looked for: visits of the next four weeks whose specialist is away and that nobody covers. A make-up is not
/// covered: it falls out, and its minutes are owed again.
fn uncovered(ctx: &Context) -> db::dated_visits::Filter {
    db::dated_visits::Filter {
        from: Some(ctx.today()),
        until: Some(ctx.today() + TimeDelta::days(DAYS_AHEAD)),
        state: Some(DatedVisitState::NotCovered),
        kind: Some(DatedVisitKind::Weekly),
        ..Default::default()
    }
}

/// How many visits there are to find cover for.
pub fn count_open(tx: &mut ReadTx, ctx: &Context) -> Result<i64, OperationError> {
    let scope = visible(ctx, RESOURCE)?;
    Ok(db::dated_visits::count(tx, &scope, &uncovered(ctx))?)
}

/// The visits to find cover for, the next one first.
pub fn open(tx: &mut ReadTx, ctx: &Context) -> Result<Vec<OpenVisit>, OperationError> {
    let scope = visible(ctx, RESOURCE)?;
    let zone = ctx.settings.time_zone;
    let mut visits = db::dated_visits::list(tx, (&scope, &uncovered(ctx)), zone, PageRequest::ALL)?.items;
    visits.sort_by_key(|visit| (visit.visit_on, visit.starts, visit.id));
    let people = db::specialists::list(tx, &Scope::All, PageRequest::ALL)?.items;
    let names: HashMap<_, _> = people.into_iter().map(|one| (one.id, one.fields.name)).collect();
    let name = |visit: &DatedVisit| names.get(&visit.specialist_id).cloned().unwrap_or_default();
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
        (
            !one.is_free,
            !one.can_be_meant(),
            one.objections.len(),
            one.extra_drive_minutes,
            full,
            one.specialist_code.clone(),
        )
    });
    Ok(options)
}

/// Has somebody cover a visit whose specialist is away, instead of whoever covered it before.
///
/// # Errors
/// Invalid for somebody against whom a fact speaks (not qualified, not there, elsewhere), or only limits and it is not said
/// that this is meant; the rule is named. A conflict for a visit that takes place, is over or logged, and when the month is locked.
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
    let person = may_come(tx, ctx, &visit, fields)?;
    db::dated_visits::cover(tx, id, Some(person.id), DatedVisitState::Planned, ctx.now)?;
    note(tx, ctx, "cover", ("visit", &id.to_string()), &format!("by {}", person.code))?;
    dated_visits::get(tx, ctx, id)
}

/// Whoever is to cover the visit, unless a fact speaks against it, or a limit that is not overruled.
fn may_come(
    tx: &mut ReadTx,
    ctx: &Context,
    visit: &DatedVisit,
    fields: &CoverFields,
) -> Result<Person, OperationError> {
    let mut staff = Staff::read(tx, ctx, visit.plan_id)?;
    let refused = |who: &str, objections: &[Objection], what_now: &str| {
        let named = objections.iter().map(|one| format!("{} ({})", one.sentence, one.rule));
        let named = named.collect::<Vec<_>>().join(" ");
        let message = format!("{who} cannot cover {} like this: {named} {what_now}", visit.service_request_code);
        OperationError::invalid("/specialist_id", message)
    };
    let choose = format!("Choose somebody else; /dated-visits/{}/cover-options lists who can come", visit.id);
    let person = match staff.who_is_there(fields.specialist_id, visit) {
        Ok(person) => person,
        Err((who, objection)) => return Err(refused(&who, &[objection], &choose)),
    };
    let mut objections = staff.fit(tx, ctx, &person, visit)?.objections;
    let covered = DatedVisit { covered_by_specialist_id: Some(person.id), ..visit.clone() };
    // The planner's rules know nothing of others who come for the same request.
    if let Some(other) = make_ups::in_the_way(tx, ctx, &covered)?.first() {
        let what = if other.kind == DatedVisitKind::MakeUp { "a make-up" } else { "a visit" };
        let sentence =
            format!("There is {what} for {} from {} to {} then.", other.service_request_code, other.starts, other.ends);
        objections.push(Objection::new(ONE_PLACE, sentence));
    }
    let (limits, facts): (Vec<_>, Vec<_>) = objections.into_iter().partition(|one| one.can_be_overruled);
    if !facts.is_empty() {
        return Err(refused(&person.code, &facts, &format!("This is a fact and cannot be overruled. {choose}")));
    }
    if !limits.is_empty() && !fields.despite_objections {
        let mean = "If it is meant all the same, send despite_objections as true";
        return Err(refused(&person.code, &limits, mean));
    }
    Ok(person)
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
