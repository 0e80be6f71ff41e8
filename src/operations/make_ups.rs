//! Make-up visits: added for a visit that was missed, at most for what is still owed of it. What happens to them when
//! calendars, absences, contracts and plans change later is in `follow`.

mod follow;

use super::access::{can_see, seen};
use super::audit::note;
use super::error::{OperationError, no_faults};
use super::runner::Context;
use super::{dated_visits, locked_months, owed, service_logs};
use crate::db::{self, ReadTx, WriteTx};
use crate::domain::actor::{Action, Owner, Resource, may};
use crate::domain::calendar::Interval;
use crate::domain::dated_visit::{DatedVisit, DatedVisitKind, DatedVisitState, MakeUpFields, outcome};
use crate::domain::fault::Faults;
use crate::domain::ids::DatedVisitId;

pub use follow::MakeUpClash;
pub(super) use follow::{clashes_with_plan, follow, in_the_way};

/// Adds a make-up for a visit that was missed, or is known to fall out.
///
/// # Errors
/// Every fault of the entries: somebody without the discipline or away, a day before the visit or outside its term, a
/// closed school, another visit at that time, more minutes than are still owed. A conflict where nothing is owed, for a
/// make-up of a make-up, and when the month is locked.
pub fn create(
    tx: &mut WriteTx,
    ctx: &Context,
    missed: DatedVisitId,
    fields: &MakeUpFields,
) -> Result<DatedVisit, OperationError> {
    let missed = service_logs::visit_to_log(tx, ctx, missed)?;
    if missed.kind == DatedVisitKind::MakeUp {
        let message = "This is a make-up itself; add another one to the visit that was missed";
        return Err(OperationError::conflict(message));
    }
    let left = owed::can_be_made_up(tx, ctx, &missed)?;
    if left == 0 {
        let message = "Nothing is still owed of this visit. Log first that it did not take place, and see in its request's \
                       owed minutes by which rule they are owed or not";
        return Err(OperationError::conflict(message));
    }
    let time = check(tx, ctx, &missed, fields, left)?;
    locked_months::still_open(tx, fields.visit_on)?;
    let new = db::dated_visits::NewDatedVisit {
        id: DatedVisitId::new(),
        plan_id: missed.plan_id,
        visit_id: missed.visit_id,
        specialist_id: fields.specialist_id,
        service_request_id: missed.service_request_id,
        site_id: missed.site_id,
        member_id: missed.member_id,
        visit_on: fields.visit_on,
        starts: time.starts,
        ends: time.ends,
        state: DatedVisitState::Planned,
        reason: String::new(),
        kind: DatedVisitKind::MakeUp,
        makes_up_id: Some(missed.id),
        covered_by_specialist_id: None,
        log_version: 0,
    };
    let id = new.id;
    db::dated_visits::insert(tx, &[new])?;
    note(tx, ctx, "create", ("make_up", &id.to_string()), &format!("on {}", fields.visit_on))?;
    dated_visits::get(tx, ctx, id)
}

fn check(
    tx: &mut ReadTx,
    ctx: &Context,
    missed: &DatedVisit,
    fields: &MakeUpFields,
    left: i64,
) -> Result<Interval, OperationError> {
    let mut faults = Faults::default();
    let time = faults.take("/ends", Interval::new(fields.starts, fields.ends));
    who_comes(tx, ctx, missed, fields, &mut faults)?;
    let plan = db::plans::find(tx, missed.plan_id)?.ok_or(OperationError::NotFound)?;
    let term = db::terms::find(tx, plan.term_id)?.ok_or(OperationError::NotFound)?.fields;
    let fits = (missed.visit_on..=term.ends_on).contains(&fields.visit_on);
    faults.require(fits, "/visit_on", || {
        format!(
            "Choose a day from {}, when the visit was missed, to {}, the end of the term",
            missed.visit_on, term.ends_on
        )
    });
    if let Some(time) = time {
        faults.require(i64::from(time.minutes()) <= left, "/ends", || {
            format!("{left} minutes of this visit are still owed; make this one at most so long")
        });
        let wanted = DatedVisit {
            id: DatedVisitId::new(),
            specialist_id: fields.specialist_id,
            covered_by_specialist_id: None,
            visit_on: fields.visit_on,
            starts: time.starts,
            ends: time.ends,
            ..missed.clone()
        };
        takes_place(tx, ctx, &wanted, &mut faults)?;
        if let Some(other) = in_the_way(tx, ctx, &wanted)?.first() {
            let (request, site) = (&other.service_request_code, &other.site_name);
            let (starts, ends) = (other.starts, other.ends);
            faults.note(
                "/starts",
                format!("There is a visit for {request} at {site} from {starts} to {ends}; choose a time beside it"),
            );
        }
    }
    no_faults(faults.into_vec())?;
    time.ok_or(OperationError::NotFound)
}

/// Specialists add make-ups for themselves, the office for anybody; whoever comes holds the discipline that day.
fn who_comes(
    tx: &mut ReadTx,
    ctx: &Context,
    missed: &DatedVisit,
    fields: &MakeUpFields,
    faults: &mut Faults,
) -> Result<(), OperationError> {
    let is_own = may(&ctx.actor, Action::Write(Resource::ServiceLogs)).covers(Owner::specialist(fields.specialist_id));
    let found = db::specialists::find(tx, fields.specialist_id)?.filter(|_| is_own);
    let Some(person) = found else {
        faults.note("/specialist_id", "There is no such specialist, or somebody else must ask them; write your own id");
        return Ok(());
    };
    let (discipline, day) = (&missed.discipline, fields.visit_on);
    let holds = person.fields.disciplines.iter().any(|one| one.code == *discipline && one.is_held_on(day));
    faults.require(holds, "/specialist_id", || {
        format!("{} does not hold {discipline} on {day}; choose somebody who does", person.fields.code)
    });
    Ok(())
}

/// Calendar, contract and absences decide as they do for every visit.
fn takes_place(tx: &mut ReadTx, ctx: &Context, wanted: &DatedVisit, faults: &mut Faults) -> Result<(), OperationError> {
    let (facts, day) = (dated_visits::facts(tx, ctx)?, wanted.visit_on);
    match outcome(&wanted.of_week(wanted.specialist_id), day, &facts) {
        (DatedVisitState::Planned, _) => {
            let teaches = facts.calendar.teaches(wanted.member_id, wanted.site_id, day);
            faults.require(teaches, "/visit_on", || format!("{day} is on a weekend; choose a day with school"));
        }
        (DatedVisitState::Closed, why) => {
            faults.note("/visit_on", format!("The school is closed on {day} ({why}); choose a day with school"));
        }
        (DatedVisitState::EarlyRelease, why) => {
            faults.note("/ends", format!("The school day ends before that on {day} ({why}); end earlier"));
        }
        (DatedVisitState::NotCovered, _) => {
            faults.note(
                "/specialist_id",
                format!("The specialist is away or without a contract on {day}; choose another day"),
            );
        }
    }
    Ok(())
}

/// Cancels a make-up that was never logged.
///
/// # Errors
/// A conflict for a visit of the weekly plan, for a make-up that was logged, and when the month is locked.
pub fn cancel(tx: &mut WriteTx, ctx: &Context, id: DatedVisitId) -> Result<(), OperationError> {
    let found = db::dated_visits::find(tx, id, ctx.settings.time_zone)?;
    let scope = can_see(ctx, Resource::DatedVisits)?;
    let visit = seen(ctx, Resource::DatedVisits, found, |visit| dated_visits::owner_in(&scope, visit))?;
    service_logs::visit_to_log(tx, ctx, id)?;
    if visit.kind == DatedVisitKind::Weekly {
        let message = "This is a visit of the weekly plan; only make-ups are cancelled. Log that it did not take place";
        return Err(OperationError::conflict(message));
    }
    if visit.log_version > 0 {
        let message = "This make-up was logged; log that it did not take place instead";
        return Err(OperationError::conflict(message));
    }
    locked_months::still_open(tx, visit.visit_on)?;
    db::dated_visits::delete(tx, &[id], ctx.now)?;
    // One that fell out for this one's sake comes back.
    let facts = dated_visits::facts(tx, ctx)?;
    follow(tx, ctx, &facts)?;
    note(tx, ctx, "cancel", ("make_up", &id.to_string()), &format!("on {}", visit.visit_on))
}
