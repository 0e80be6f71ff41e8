//! What time away does: the visits it touches, who could come instead, and whether to plan again.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, TimeDelta};

use super::access::{can_see, seen};
use super::cover::{self, Staff};
use super::error::{OperationError, no_faults};
use super::runner::Context;
use super::{overview, specialists, time_away};
use crate::db::{self, PageRequest, ReadTx};
use crate::domain::actor::{Action, Owner, Resource, Scope, may};
use crate::domain::calendar::{Interval, WallClock};
use crate::domain::cover::{AwayEffects, ReplanSuggestion, TouchedVisit};
use crate::domain::dated_visit::{DatedVisit, DatedVisitKind, DatedVisitState};
use crate::domain::ids::{SpecialistId, TimeAwayId};
use crate::domain::plan_run::{MINUTES_PER_MOVED_VISIT, PlanRunFields};
use crate::domain::time_away::{AwayReason, TimeAwayFields};

/// For so many visits it is looked who could cover them.
const LOOKED_AT_MAX: usize = 100;
/// From so many calendar weeks with touched visits on, a plan without the person is worth a try.
const WEEKS_TO_REPLAN: usize = 2;
/// How long the planner may search for it, in seconds.
const REPLAN_SECONDS: i64 = 60;

/// Time away that is not entered yet.
#[derive(Debug, Clone, Copy, Default)]
pub struct AwayTimes {
    /// First day; today when absent.
    pub starts_on: Option<NaiveDate>,
    /// Last day; the first day when absent.
    pub ends_on: Option<NaiveDate>,
    /// For a part of each day: from when.
    pub starts: Option<WallClock>,
    /// Until when.
    pub ends: Option<WallClock>,
}

impl AwayTimes {
    fn fields(&self, today: NaiveDate) -> TimeAwayFields {
        let starts_on = self.starts_on.unwrap_or(today);
        let ends_on = self.ends_on.unwrap_or(starts_on);
        TimeAwayFields { reason: AwayReason::Other, starts_on, ends_on, starts: self.starts, ends: self.ends }
    }
}

/// What time away that is entered does from today on.
pub fn of(tx: &mut ReadTx, ctx: &Context, id: TimeAwayId) -> Result<AwayEffects, OperationError> {
    let away = time_away::get(tx, ctx, id)?;
    effects(tx, ctx, away.specialist_id, &away.fields)
}

/// What time away would do if it were entered; nothing is stored.
///
/// # Errors
/// Every fault of the entries.
pub fn preview(
    tx: &mut ReadTx,
    ctx: &Context,
    specialist: SpecialistId,
    times: &AwayTimes,
) -> Result<AwayEffects, OperationError> {
    let fields = &times.fields(ctx.today());
    let found = specialists::get(tx, ctx, specialist)?;
    let person = seen(ctx, Resource::TimeAway, Some(found), |one| Owner::specialist(one.id))?;
    no_faults(fields.check())?;
    effects(tx, ctx, person.id, fields)
}

fn effects(
    tx: &mut ReadTx,
    ctx: &Context,
    specialist: SpecialistId,
    fields: &TimeAwayFields,
) -> Result<AwayEffects, OperationError> {
    can_see(ctx, Resource::TimeAway)?;
    let sees_others = may(&ctx.actor, Action::Read(Resource::Cover)) == Scope::All;
    let mut visits = touched(tx, ctx, specialist, fields)?;
    visits.sort_by_key(|visit| (visit.visit_on, visit.starts, visit.id));
    let weeks: BTreeSet<NaiveDate> = visits.iter().map(|visit| monday(visit.visit_on)).collect();
    let minutes = visits.iter().map(|visit| visit.minutes).sum();
    let mut staff: Option<Staff> = None;
    let (mut told, mut coverable_minutes) = (Vec::new(), 0);
    for (place, visit) in visits.into_iter().enumerate() {
        if place >= LOOKED_AT_MAX || visit.kind == DatedVisitKind::MakeUp {
            told.push(TouchedVisit { visit, free_people: None, first: None });
            continue;
        }
        let mut known = match staff.take() {
            Some(known) if known.plan == visit.plan_id => known,
            _ => Staff::read(tx, ctx, visit.plan_id)?,
        };
        let options = cover::options_of(tx, ctx, &mut known, &visit)?;
        staff = Some(known);
        let free = options.iter().filter(|one| one.is_free).count();
        coverable_minutes += if free > 0 { visit.minutes } else { 0 };
        let first = options.into_iter().next().filter(|one| one.is_free && sees_others);
        told.push(TouchedVisit { visit, free_people: Some(free as i64), first });
    }
    let replan = if sees_others { replan(tx, ctx, specialist, weeks.len())? } else { None };
    Ok(AwayEffects { visits: told, minutes, coverable_minutes, replan })
}

/// Visits from today on that would take place, or that fall out because of the absence already, and that nobody covers.
fn touched(
    tx: &mut ReadTx,
    ctx: &Context,
    specialist: SpecialistId,
    fields: &TimeAwayFields,
) -> Result<Vec<DatedVisit>, OperationError> {
    let filter = db::dated_visits::Filter {
        from: Some(fields.starts_on.max(ctx.today())),
        until: fields.ends_on.succ_opt(),
        specialist: Some(specialist),
        ..Default::default()
    };
    let zone = ctx.settings.time_zone;
    let mut visits = db::dated_visits::list(tx, (&Scope::All, &filter), zone, PageRequest::ALL)?.items;
    visits.retain(|visit| {
        let comes = visit.covered_by_specialist_id.unwrap_or(visit.specialist_id) == specialist;
        let open = matches!(visit.state, DatedVisitState::Planned | DatedVisitState::NotCovered);
        let time = Interval { starts: visit.starts, ends: visit.ends };
        comes && open && visit.log_version == 0 && fields.touches(visit.visit_on, time)
    });
    Ok(visits)
}

fn monday(date: NaiveDate) -> NaiveDate {
    date - TimeDelta::days(i64::from(date.weekday().num_days_from_monday()))
}

fn replan(
    tx: &mut ReadTx,
    ctx: &Context,
    specialist: SpecialistId,
    weeks: usize,
) -> Result<Option<ReplanSuggestion>, OperationError> {
    let Some(plan) = overview::plan_in_use(tx, ctx)?.filter(|_| weeks >= WEEKS_TO_REPLAN) else { return Ok(None) };
    let plan_run = PlanRunFields {
        based_on_plan_id: Some(plan.id),
        minutes_per_moved_visit: Some(MINUTES_PER_MOVED_VISIT),
        without_specialist_ids: vec![specialist],
        ..PlanRunFields::of_term(plan.term_id, REPLAN_SECONDS)
    };
    let reason = format!(
        "Visits of {weeks} weeks are touched. A plan close to {} without this person shows how many minutes others can \
         take over, and how few visits move; publish it from the first day, and plan again for the day they are back",
        plan.code
    );
    Ok(Some(ReplanSuggestion { reason, plan_run }))
}
