//! Make-ups follow what changes after they were added: closed days, absences, ends of contracts, another plan. One that
//! cannot take place falls out with the reason, and its minutes are owed again; when the cause goes away, it comes back.

use std::collections::HashSet;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::db::{self, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::Scope;
use crate::domain::calendar::{Interval, WallClock, Weekday};
use crate::domain::dated_visit::{
    DatedVisit, DatedVisitKind, DatedVisitState, Facts, MADE_UP_OTHERWISE, TIME_TAKEN, outcome, outcome_in_plan,
};
use crate::domain::ids::{DatedVisitId, SpecialistId};
use crate::domain::plan::Plan;
use crate::domain::service_log::LogOutcome;
use crate::domain::text::in_minutes;
use crate::operations::error::OperationError;
use crate::operations::owed;
use crate::operations::runner::Context;

/// Whether a make-up takes place, and why not.
type Outcome = (DatedVisitState, String);

/// Brings every make-up from today on of which nothing is logged in line with the facts and with the visits of the plans;
/// gives how many changed. A visit of a weekly plan, also as cover, comes before a make-up.
pub(in crate::operations) fn follow(tx: &mut WriteTx, ctx: &Context, facts: &Facts) -> Result<i64, OperationError> {
    let (mut changed, mut out) = (0, Vec::new());
    for make_up in open(tx, ctx, ctx.today())? {
        let by_facts = outcome(&make_up.of_week(make_up.specialist_id), make_up.visit_on, facts);
        if by_facts.0 == DatedVisitState::Planned && !make_up.takes_place() {
            out.push(make_up);
            continue;
        }
        let is_weekly = |other: &DatedVisit| other.kind == DatedVisitKind::Weekly;
        let is_taken = by_facts.0 == DatedVisitState::Planned && in_the_way(tx, ctx, &make_up)?.iter().any(is_weekly);
        changed += settle(tx, ctx, &make_up, if is_taken { fallen(TIME_TAKEN) } else { by_facts })?;
    }
    // Those come back last: their time and their minutes may have been given away meanwhile.
    for make_up in out {
        let outcome = if !in_the_way(tx, ctx, &make_up)?.is_empty() {
            fallen(TIME_TAKEN)
        } else if make_up.minutes > still_owed(tx, ctx, &make_up)? {
            fallen(MADE_UP_OTHERWISE)
        } else {
            (DatedVisitState::Planned, String::new())
        };
        changed += settle(tx, ctx, &make_up, outcome)?;
    }
    Ok(changed)
}

fn fallen(why: &str) -> Outcome {
    (DatedVisitState::NotCovered, why.to_owned())
}

fn settle(
    tx: &mut WriteTx,
    ctx: &Context,
    make_up: &DatedVisit,
    (state, reason): Outcome,
) -> Result<i64, OperationError> {
    if (make_up.state, &make_up.reason) == (state, &reason) {
        return Ok(0);
    }
    db::dated_visits::settle(tx, (make_up.id, false), (state, &reason), ctx.now)?;
    Ok(1)
}

/// Make-ups from a day on of which nothing is logged, or what was logged was taken back; by date, the one that was added
/// first before others.
fn open(tx: &mut ReadTx, ctx: &Context, from: NaiveDate) -> Result<Vec<DatedVisit>, OperationError> {
    let filter =
        db::dated_visits::Filter { from: Some(from), kind: Some(DatedVisitKind::MakeUp), ..Default::default() };
    let zone = ctx.settings.time_zone;
    let mut open = db::dated_visits::list(tx, (&Scope::All, &filter), zone, PageRequest::ALL)?.items;
    let ids: Vec<DatedVisitId> = open.iter().filter(|one| one.log_version > 0).map(|one| one.id).collect();
    let logs = db::service_logs::of_visits(tx, &ids)?.into_iter();
    let logged: HashSet<DatedVisitId> =
        logs.filter(|(_, log)| log.outcome != LogOutcome::NotLogged).map(|(id, _)| id).collect();
    open.retain(|one| !logged.contains(&one.id));
    open.sort_by_key(|one| (one.visit_on, one.id));
    Ok(open)
}

/// The visits that take place and cannot be given beside this one: by the same specialist, or for the same request.
pub(in crate::operations) fn in_the_way(
    tx: &mut ReadTx,
    ctx: &Context,
    wanted: &DatedVisit,
) -> Result<Vec<DatedVisit>, OperationError> {
    let day = db::dated_visits::Filter {
        from: Some(wanted.visit_on),
        until: wanted.visit_on.succ_opt(),
        state: Some(DatedVisitState::Planned),
        ..Default::default()
    };
    let of_person = db::dated_visits::Filter { specialist: Some(wanted.given_by()), ..day };
    let of_request = db::dated_visits::Filter { request: Some(wanted.service_request_id), ..day };
    let mut found: Vec<DatedVisit> = Vec::new();
    for filter in [of_person, of_request] {
        let zone = ctx.settings.time_zone;
        let visits = db::dated_visits::list(tx, (&Scope::All, &filter), zone, PageRequest::ALL)?.items;
        found.extend(visits.into_iter().filter(|other| wanted.clashes_with(other)));
    }
    Ok(found)
}

/// What can still be made up of the visit that a make-up is for, without this make-up, which fell out.
fn still_owed(tx: &mut ReadTx, ctx: &Context, make_up: &DatedVisit) -> Result<i64, OperationError> {
    match missed_by(tx, ctx, make_up)? {
        Some(missed) => owed::can_be_made_up(tx, ctx, &missed),
        None => Ok(0),
    }
}

fn missed_by(tx: &mut ReadTx, ctx: &Context, make_up: &DatedVisit) -> Result<Option<DatedVisit>, OperationError> {
    let Some(id) = make_up.makes_up_id else { return Ok(None) };
    Ok(db::dated_visits::find(tx, id, ctx.settings.time_zone)?)
}

/// A make-up that stays when a draft is published, though the draft has a visit at its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MakeUpClash {
    /// The make-up, which falls out when the draft is published.
    pub make_up_id: DatedVisitId,
    /// Who was to give it.
    pub specialist_id: SpecialistId,
    /// Their code.
    pub specialist_code: String,
    /// For which request.
    pub service_request_code: String,
    /// The date.
    pub visit_on: NaiveDate,
    /// From, on the wall clock.
    #[schema(value_type = String, example = "13:00")]
    pub starts: WallClock,
    /// To, on the wall clock.
    #[schema(value_type = String, example = "13:30")]
    pub ends: WallClock,
    /// Minutes that are owed again.
    pub minutes: i64,
    /// Who gives the visit of the draft.
    pub visit_specialist_id: SpecialistId,
    /// From when that is, on the wall clock.
    #[schema(value_type = String, example = "13:15")]
    pub visit_starts: WallClock,
    /// Until when.
    #[schema(value_type = String, example = "13:45")]
    pub visit_ends: WallClock,
    /// All of it as a sentence.
    pub sentence: String,
}

/// The make-ups that stay when a draft is followed from a day on and that are at the time of one of its visits: of the same
/// specialist or for the same request. What goes with the days of the plan that is replaced is not among them.
pub(in crate::operations) fn clashes_with_plan(
    tx: &mut ReadTx,
    ctx: &Context,
    draft: &Plan,
    (first, facts): (NaiveDate, &Facts),
) -> Result<Vec<MakeUpClash>, OperationError> {
    let term = db::terms::find(tx, draft.term_id)?.ok_or(OperationError::NotFound)?;
    let mut make_ups = open(tx, ctx, first.max(ctx.today()))?;
    make_ups.retain(|one| one.takes_place() && one.visit_on <= term.fields.ends_on);
    if make_ups.is_empty() {
        return Ok(Vec::new());
    }
    let weekly = db::dated_visits::weekly(tx, draft.id)?;
    let facts = &facts.of_term((term.fields.starts_on, term.fields.ends_on));
    let mut clashes = Vec::new();
    for make_up in make_ups {
        let at_its_time = weekly.iter().find(|(visit, request)| {
            visit.weekday == Weekday::of(make_up.visit_on)
                && visit.time.overlaps(make_up.time())
                && (visit.specialist_id == make_up.specialist_id || *request == make_up.service_request_id)
                && outcome_in_plan(visit, make_up.visit_on, facts).0 == DatedVisitState::Planned
        });
        if let Some((visit, _)) = at_its_time
            && stays(tx, ctx, draft, &make_up, first)?
        {
            clashes.push(clash(&make_up, visit.specialist_id, visit.time));
        }
    }
    Ok(clashes)
}

/// Whether a make-up stays when the plan that holds the visit it is for is replaced from a day on.
fn stays(
    tx: &mut ReadTx,
    ctx: &Context,
    draft: &Plan,
    make_up: &DatedVisit,
    first: NaiveDate,
) -> Result<bool, OperationError> {
    let of_term = db::plans::find(tx, make_up.plan_id)?.is_some_and(|plan| plan.term_id == draft.term_id);
    let missed = missed_by(tx, ctx, make_up)?;
    Ok(!of_term || missed.is_some_and(|missed| missed.visit_on < first || missed.log_version > 0))
}

fn clash(make_up: &DatedVisit, visit_specialist_id: SpecialistId, visit: Interval) -> MakeUpClash {
    let who = if visit_specialist_id == make_up.specialist_id { "the same person" } else { "the same request" };
    let sentence = format!(
        "On {} {} is to make up {} of {} from {} to {}, and the plan has a visit of {who} from {} to {}: the \
         make-up falls out, and its minutes are owed again",
        make_up.visit_on.format("%A, %B %-d,"),
        make_up.specialist_code,
        in_minutes(make_up.minutes),
        make_up.service_request_code,
        make_up.starts.spoken(),
        make_up.ends.spoken(),
        visit.starts.spoken(),
        visit.ends.spoken(),
    );
    MakeUpClash {
        make_up_id: make_up.id,
        specialist_id: make_up.specialist_id,
        specialist_code: make_up.specialist_code.clone(),
        service_request_code: make_up.service_request_code.clone(),
        visit_on: make_up.visit_on,
        starts: make_up.starts,
        ends: make_up.ends,
        minutes: make_up.minutes,
        visit_specialist_id,
        visit_starts: visit.starts,
        visit_ends: visit.ends,
        sentence,
    }
}
