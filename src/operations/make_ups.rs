//! Make-up visits: added for a visit that was missed, at most for what is still owed of it. What happens to them when
//! calendars, absences, contracts and plans change later is in `follow`.

mod fits;
mod follow;

use chrono::NaiveDate;

use super::access::{can_see, seen};
use super::audit::note;
use super::cover::Staff;
use super::error::{OperationError, no_faults};
use super::runner::Context;
use super::{dated_visits, locked_months, owed, service_logs};
use crate::db::{self, ReadTx, WriteTx};
use crate::domain::actor::{Action, Owner, Resource, Scope, may};
use crate::domain::calendar::Interval;
use crate::domain::dated_visit::{DatedVisit, DatedVisitKind, DatedVisitState, MakeUpFields, outcome};
use crate::domain::fault::Faults;
use crate::domain::ids::DatedVisitId;
use crate::domain::specialist::Specialist;
use crate::domain::text::in_minutes;

pub(super) use fits::{tried, windows};
pub use follow::MakeUpClash;
pub(super) use follow::{clashes_with_plan, follow, in_the_way};

/// Adds a make-up for a visit that was missed, or is known to fall out.
///
/// # Errors
/// Every fault of the entries: somebody without the discipline or away, a day before the visit or outside its term, a
/// closed school, a time at which the school takes no visits or the specialist does not work or is elsewhere, more minutes
/// than are still owed. A conflict where nothing is owed or other make-ups hold it, for a make-up of a make-up, and when the
/// month is locked.
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
        return Err(OperationError::conflict(nothing_left(&owed::open_make_ups(tx, ctx, &missed)?)));
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
    let person = who_comes(tx, ctx, fields)?;
    let time = faults.take("/ends", Interval::new(fields.starts, fields.ends));
    holds_discipline(&person, missed, fields.visit_on, &mut faults);
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
        if i64::from(time.minutes()) > left {
            faults.note("/ends", too_long(left, &owed::open_make_ups(tx, ctx, missed)?));
        }
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
        } else {
            keeps_to_times(tx, ctx, &wanted, fields.despite_objections, &mut faults)?;
        }
    }
    no_faults(faults.into_vec())?;
    time.ok_or(OperationError::NotFound)
}

/// Why no minute is left: other make-ups hold them, or nothing is owed.
fn nothing_left(open: &[DatedVisit]) -> String {
    if open.is_empty() {
        return "Nothing is still owed of this visit. Log first that it did not take place, and see in its request's owed \
                minutes by which rule they are owed or not"
            .to_owned();
    }
    format!("{}; 0 are still free. Cancel it first to choose another time", held(open))
}

fn too_long(left: i64, open: &[DatedVisit]) -> String {
    let are = if left == 1 { "is" } else { "are" };
    let most = format!("{} of this visit {are} still free; make this one at most so long", in_minutes(left));
    if open.is_empty() { most } else { format!("{}. {most}", held(open)) }
}

/// `The make-up on January 22 at 9:00 a.m. holds 30 minutes of this visit`
fn held(open: &[DatedVisit]) -> String {
    let one = |make_up: &DatedVisit| {
        let (day, time) = (make_up.visit_on.format("%B %-d"), make_up.starts.spoken());
        format!("the make-up on {day} at {time} holds {} of this visit", in_minutes(make_up.minutes))
    };
    let words = open.iter().map(one).collect::<Vec<_>>().join(", ");
    format!("T{}", words.strip_prefix('t').unwrap_or(&words))
}

/// What suggested times keep to holds for entered ones; only the office agrees with people to go beyond hours and limits.
fn keeps_to_times(
    tx: &mut ReadTx,
    ctx: &Context,
    wanted: &DatedVisit,
    is_meant: bool,
    faults: &mut Faults,
) -> Result<(), OperationError> {
    let is_office = may(&ctx.actor, Action::Write(Resource::ServiceLogs)) == Scope::All;
    let mut staff = Staff::read(tx, ctx, wanted.plan_id)?;
    let Some(person) = staff.who_can(wanted).into_iter().find(|one| one.id == wanted.specialist_id) else {
        faults.require(!faults.is_empty(), "/specialist_id", || {
            "The specialist does not hold what the request needs, or has no contract or hours in this term; choose somebody \
             else"
                .to_owned()
        });
        return Ok(());
    };
    for one in tried(tx, ctx, &mut staff, (&person, wanted))?.against {
        if is_meant && is_office && one.can_be_overruled {
            continue;
        }
        let otherwise =
            if is_office && one.can_be_overruled { ", or send despite_objections if everybody agreed" } else { "" };
        let message = format!(
            "{}. Choose a time that fits: /dated-visits/{{id}}/make-up-times of the missed visit has some{otherwise}",
            one.sentence.trim_end_matches('.')
        );
        faults.note(one.pointer, message);
    }
    Ok(())
}

/// Specialists add make-ups for themselves, the office for anybody. Of anybody else nothing more is looked at: where they
/// are and whether they are away would show in what is wrong.
fn who_comes(tx: &mut ReadTx, ctx: &Context, fields: &MakeUpFields) -> Result<Specialist, OperationError> {
    let is_own = may(&ctx.actor, Action::Write(Resource::ServiceLogs)).covers(Owner::specialist(fields.specialist_id));
    let found = db::specialists::find(tx, fields.specialist_id)?.filter(|_| is_own);
    found.ok_or_else(|| {
        let message = "There is no such specialist, or somebody else must ask them; write your own id";
        OperationError::invalid("/specialist_id", message)
    })
}

/// Whoever comes holds the discipline that day.
fn holds_discipline(person: &Specialist, missed: &DatedVisit, day: NaiveDate, faults: &mut Faults) {
    let discipline = &missed.discipline;
    let holds = person.fields.disciplines.iter().any(|one| one.code == *discipline && one.is_held_on(day));
    faults.require(holds, "/specialist_id", || {
        format!("{} does not hold {discipline} on {day}; choose somebody who does", person.fields.code)
    });
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
