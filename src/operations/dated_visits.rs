//! Dated visits: laid out when a plan is published, and again from today on when what decides about them changes.
//!
//! The past never changes: what lies before today is neither looked at nor written, whatever is entered about it later.

use std::collections::HashMap;

use chrono::{NaiveDate, TimeDelta};
use serde::Serialize;
use utoipa::ToSchema;

use super::access::{allow, can_see, seen, visible};
use super::audit::note;
use super::error::OperationError;
use super::runner::Context;
use super::{asked, credentials, make_ups, plans};
use crate::db::dated_visits::{NewDatedVisit, Stored};
use crate::db::{self, Page, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::{Action, Owner, Resource, Scope, may};
use crate::domain::calendar::Period;
use crate::domain::dated_visit::{
    CREDENTIAL_ENDED, DatedVisit, DatedVisitKind, DatedVisitState, Facts, WeeklyVisit, lay_out, outcome,
};
use crate::domain::ids::{DatedVisitId, PlanId, SpecialistId, VisitId};
use crate::domain::indirect_weeks::IndirectWeeks;
use crate::domain::plan::{Plan, PlanState};
use crate::domain::school_calendar::SchoolCalendar;
use crate::domain::term::TermFields;

pub use crate::db::dated_visits::Filter;

/// What laying out again changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Renewal {
    /// Dated visits that are new.
    pub created: i64,
    /// That now take place where they did not, or the other way round, or for another reason.
    pub changed: i64,
    /// That the plan no longer holds.
    pub removed: i64,
}

/// The dated visits that the actor can see.
pub fn list(
    tx: &mut ReadTx,
    ctx: &Context,
    filter: &Filter,
    page: PageRequest,
) -> Result<Page<DatedVisit>, OperationError> {
    let scope = visible(ctx, Resource::DatedVisits)?;
    asked::check(tx, None, (filter.from, filter.until))?;
    let mut found = db::dated_visits::list(tx, (&scope, filter), ctx.settings.time_zone, page)?;
    leave_out_credentials(ctx, &mut found.items);
    Ok(found)
}

/// Whose credential ended is told to those who see credentials; others see that the visit is not covered.
pub(super) fn leave_out_credentials(ctx: &Context, visits: &mut [DatedVisit]) {
    let seen = may(&ctx.actor, Action::Read(Resource::Credentials));
    for visit in visits {
        if visit.reason == CREDENTIAL_ENDED && !seen.covers(Owner::specialist(visit.specialist_id)) {
            visit.reason.clear();
        }
    }
}

/// One dated visit, for those who see the member or come, also as cover.
pub fn get(tx: &mut ReadTx, ctx: &Context, id: DatedVisitId) -> Result<DatedVisit, OperationError> {
    let found = db::dated_visits::find(tx, id, ctx.settings.time_zone)?;
    let scope = can_see(ctx, Resource::DatedVisits)?;
    let mut visit = seen(ctx, Resource::DatedVisits, found, |visit| owner_in(&scope, visit))?;
    leave_out_credentials(ctx, std::slice::from_mut(&mut visit));
    Ok(visit)
}

/// To whom a dated visit belongs, as the scope can tell: who covers it has it like the one who was to come.
pub(super) fn owner_in(scope: &Scope, visit: &DatedVisit) -> Owner {
    let planned = Owner { member: Some(visit.member_id), specialist: Some(visit.specialist_id) };
    let cover = Owner { specialist: visit.covered_by_specialist_id, ..planned };
    if scope.covers(planned) { planned } else { cover }
}

/// Lays out a published plan again from today on, for plans that were published before there were dated visits.
///
/// # Errors
/// A conflict for a draft, which nobody follows.
pub fn renew_plan(tx: &mut WriteTx, ctx: &Context, id: PlanId) -> Result<Renewal, OperationError> {
    let plan = plans::get(tx, ctx, id)?;
    allow(ctx, Action::Publish, Resource::Plans, Owner::COOP)?;
    if plan.state == PlanState::Draft {
        return Err(OperationError::conflict(format!("{} is a draft, which nobody follows; publish it", plan.code)));
    }
    let facts = facts(tx, ctx)?;
    let mut done = renew_one(tx, ctx, &facts, &plan, ctx.today())?;
    done.changed += make_ups::follow(tx, ctx, &facts)?;
    note(tx, ctx, "renew", ("plan", &plan.code), &format!("{} dated visits", done.created + done.changed))?;
    Ok(done)
}

/// Lays out what a plan that was just published holds, from its first day on, and takes the days of the plans that it
/// replaces away.
pub(super) fn lay_out_published(tx: &mut WriteTx, ctx: &Context, plan: &Plan) -> Result<(), OperationError> {
    let facts = facts(tx, ctx)?;
    for other in db::plans::list(tx, false, PageRequest::ALL)?.items {
        if other.term_id == plan.term_id && other.id != plan.id {
            renew_one(tx, ctx, &facts, &other, ctx.today())?;
        }
    }
    renew_one(tx, ctx, &facts, plan, plan.effective_from.unwrap_or_else(|| ctx.today()))?;
    make_ups::follow(tx, ctx, &facts)?;
    Ok(())
}

/// Brings a visit in line whose log was taken back: what changed meanwhile passed it by. The past stays.
pub(super) fn follow_again(tx: &mut WriteTx, ctx: &Context, visit: &DatedVisit) -> Result<(), OperationError> {
    if visit.visit_on < ctx.today() {
        return Ok(());
    }
    let facts = facts(tx, ctx)?;
    if let Some(plan) = db::plans::find(tx, visit.plan_id)? {
        renew_one(tx, ctx, &facts, &plan, ctx.today())?;
    }
    make_ups::follow(tx, ctx, &facts)?;
    Ok(())
}

/// Lays every plan out again from today on, and brings make-ups in line, after something changed that decides whether visits take place.
pub(super) fn renew(tx: &mut WriteTx, ctx: &Context) -> Result<Renewal, OperationError> {
    let facts = facts(tx, ctx)?;
    let mut sum = Renewal::default();
    for plan in db::plans::list(tx, false, PageRequest::ALL)?.items {
        let done = renew_one(tx, ctx, &facts, &plan, ctx.today())?;
        sum.created += done.created;
        sum.changed += done.changed;
        sum.removed += done.removed;
    }
    sum.changed += make_ups::follow(tx, ctx, &facts)?;
    Ok(sum)
}

/// What decides whether visits take place.
pub(super) fn facts(tx: &mut ReadTx, ctx: &Context) -> Result<Facts, OperationError> {
    let entries = db::calendar_entries::list(tx, &Scope::All, &Default::default(), PageRequest::ALL)?.items;
    let mut facts =
        Facts { calendar: SchoolCalendar::new(entries.iter().map(|entry| &entry.fields)), ..Facts::default() };
    for site in db::sites::list(tx, &Scope::All, PageRequest::ALL)?.items {
        facts.sites.insert(site.id, Period { from: site.fields.open_from, until: site.fields.open_until });
    }
    for contract in db::work_terms::contracts(tx, None)? {
        let period = Period { from: contract.fields.effective_from, until: contract.fields.effective_until };
        facts.contracts.entry(contract.specialist_id).or_default().push(period);
    }
    facts.credentials = credentials::on_file(tx, ctx)?;
    let terms = db::terms::list(tx, PageRequest::ALL)?.items;
    let terms = terms.iter().map(|term| (term.fields.starts_on, term.fields.ends_on));
    facts.indirect = IndirectWeeks::new(&ctx.settings.three_to_one, terms);
    for away in db::time_away::list(tx, None)? {
        facts.away.entry(away.specialist_id).or_default().push(away.fields);
    }
    Ok(facts)
}

/// The days from `first` on, on which people follow a plan: the first one, and the first one after.
fn followed(plan: &Plan, term: &TermFields, first: NaiveDate) -> (NaiveDate, NaiveDate) {
    let from = plan.effective_from.map_or(first, |day| day.max(first));
    let end = term.ends_on + TimeDelta::days(1);
    (from, plan.followed_until.map_or(end, |day| day.min(end)))
}

/// Brings what is stored of a plan from a date on in line with what the plan and the facts say. A dated visit that stays
/// keeps its identity; one that was logged or has a make-up stays as it is, and so does cover while the school is open and
/// the plan is followed. What the plan no longer holds goes, with make-ups of which nothing was logged: whoever plans the
/// same minutes again would count them twice.
fn renew_one(
    tx: &mut WriteTx,
    ctx: &Context,
    facts: &Facts,
    plan: &Plan,
    first: NaiveDate,
) -> Result<Renewal, OperationError> {
    let term = db::terms::find(tx, plan.term_id)?.ok_or(OperationError::NotFound)?.fields;
    let (days, facts) = (followed(plan, &term, first), &facts.of_term((term.starts_on, term.ends_on)));
    let mut known: HashMap<(VisitId, NaiveDate), Stored> = db::dated_visits::stored(tx, plan.id, first)?
        .into_iter()
        .map(|stored| ((stored.visit, stored.visit_on), stored))
        .collect();
    let (weekly, requests): (Vec<_>, Vec<_>) =
        if days.0 < days.1 { db::dated_visits::weekly(tx, plan.id)?.into_iter().unzip() } else { Default::default() };
    let (mut done, mut new) = (Renewal::default(), Vec::new());
    for (index, visit_on, state, reason) in lay_out(&weekly, days, facts) {
        let visit = &weekly[index];
        match known.remove(&(visit.id, visit_on)) {
            Some(stored) if stored.is_settled => {}
            // Whoever covers it comes as long as they can, whether the specialist is back or not; nobody comes to a closed
            // school.
            Some(Stored { covered_by: Some(cover), .. })
                if matches!(state, DatedVisitState::Planned | DatedVisitState::NotCovered)
                    && can_come(visit, visit_on, cover, facts) => {}
            Some(stored) if stored.covered_by.is_none() && stored.state == state && stored.reason == reason => {}
            Some(stored) => {
                db::dated_visits::settle(tx, (stored.id, stored.covered_by.is_some()), (state, &reason), ctx.now)?;
                done.changed += 1;
            }
            None => new.push(NewDatedVisit {
                id: DatedVisitId::new(),
                plan_id: plan.id,
                visit_id: visit.id,
                specialist_id: visit.specialist_id,
                service_request_id: requests[index],
                site_id: visit.site_id,
                member_id: visit.member_id,
                visit_on,
                starts: visit.time.starts,
                ends: visit.time.ends,
                state,
                reason,
                kind: DatedVisitKind::Weekly,
                makes_up_id: None,
                covered_by_specialist_id: None,
                log_version: 0,
            }),
        }
    }
    done.created = new.len() as i64;
    db::dated_visits::insert(tx, &new)?;
    let gone = known.into_values().filter(|stored| !stored.is_logged);
    let (gone, make_ups): (Vec<_>, Vec<_>) = gone.map(|stored| (stored.id, stored.make_ups)).unzip();
    let make_ups = make_ups.concat();
    done.removed = (gone.len() + make_ups.len()) as i64;
    // Make-ups point to what they make up for.
    db::dated_visits::delete(tx, &make_ups, ctx.now)?;
    db::dated_visits::delete(tx, &gone, ctx.now)?;
    Ok(done)
}

/// Whether somebody could give a visit on a date, as far as calendars, contracts, credentials and absences say.
fn can_come(visit: &WeeklyVisit, date: NaiveDate, who: SpecialistId, facts: &Facts) -> bool {
    outcome(&WeeklyVisit { specialist_id: who, ..visit.clone() }, date, facts).0 == DatedVisitState::Planned
}

/// The dates on which each weekly visit of a plan does not take place.
pub(super) fn off_days(
    tx: &mut ReadTx,
    plan: PlanId,
    from: NaiveDate,
) -> Result<HashMap<VisitId, Vec<NaiveDate>>, OperationError> {
    let mut off: HashMap<VisitId, Vec<NaiveDate>> = HashMap::new();
    for stored in db::dated_visits::stored(tx, plan, from)? {
        if stored.state != DatedVisitState::Planned {
            off.entry(stored.visit).or_default().push(stored.visit_on);
        }
    }
    off.values_mut().for_each(|dates| dates.sort_unstable());
    Ok(off)
}
