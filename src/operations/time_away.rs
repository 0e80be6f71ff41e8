//! When specialists are away: entered by themselves or by the office. Dated visits from today on follow at once.

use super::access::{allow, can_see, same_version, seen, visible};
use super::audit::note;
use super::error::{OperationError, no_faults};
use super::runner::Context;
use super::{dated_visits, specialists};
use crate::db::{self, ReadTx, WriteTx};
use crate::domain::actor::{Action, Owner, Resource};
use crate::domain::ids::{SpecialistId, TimeAwayId};
use crate::domain::time_away::{TimeAway, TimeAwayFields};

const RESOURCE: Resource = Resource::TimeAway;

/// Time away of a specialist, by first day.
pub fn list(tx: &mut ReadTx, ctx: &Context, specialist: SpecialistId) -> Result<Vec<TimeAway>, OperationError> {
    visible(ctx, RESOURCE)?;
    own(tx, ctx, specialist)?;
    Ok(db::time_away::list(tx, Some(specialist))?)
}

/// One time away.
pub fn get(tx: &mut ReadTx, ctx: &Context, id: TimeAwayId) -> Result<TimeAway, OperationError> {
    let found = db::time_away::find(tx, id)?;
    seen(ctx, RESOURCE, found, |away| Owner::specialist(away.specialist_id))
}

/// Enters time away.
pub fn create(
    tx: &mut WriteTx,
    ctx: &Context,
    specialist: SpecialistId,
    fields: &TimeAwayFields,
) -> Result<TimeAway, OperationError> {
    own(tx, ctx, specialist)?;
    allow(ctx, Action::Write(RESOURCE), RESOURCE, Owner::specialist(specialist))?;
    check(tx, specialist, None, fields)?;
    let id = db::time_away::insert(tx, specialist, fields, ctx.now)?;
    follow_up(tx, ctx, "create", (specialist, fields))?;
    get(tx, ctx, id)
}

/// Changes time away.
pub fn change(
    tx: &mut WriteTx,
    ctx: &Context,
    id: TimeAwayId,
    based_on: Option<i64>,
    fields: &TimeAwayFields,
) -> Result<TimeAway, OperationError> {
    let present = get(tx, ctx, id)?;
    allow(ctx, Action::Write(RESOURCE), RESOURCE, Owner::specialist(present.specialist_id))?;
    check(tx, present.specialist_id, Some(id), fields)?;
    same_version(based_on, present.version)?;
    db::time_away::update(tx, id, fields, ctx.now)?;
    follow_up(tx, ctx, "change", (present.specialist_id, fields))?;
    get(tx, ctx, id)
}

/// Takes time away back.
pub fn remove(tx: &mut WriteTx, ctx: &Context, id: TimeAwayId) -> Result<(), OperationError> {
    let present = get(tx, ctx, id)?;
    allow(ctx, Action::Write(RESOURCE), RESOURCE, Owner::specialist(present.specialist_id))?;
    db::time_away::delete(tx, id)?;
    follow_up(tx, ctx, "remove", (present.specialist_id, &present.fields))
}

/// Whoever may see the person and when they are away.
fn own(tx: &mut ReadTx, ctx: &Context, specialist: SpecialistId) -> Result<(), OperationError> {
    let person = specialists::get(tx, ctx, specialist)?;
    let scope = can_see(ctx, RESOURCE)?;
    if scope.covers(Owner::specialist(person.id)) { Ok(()) } else { Err(OperationError::NotFound) }
}

/// The audit trail says that somebody is away and when, not why.
fn follow_up(
    tx: &mut WriteTx,
    ctx: &Context,
    verb: &str,
    (specialist, fields): (SpecialistId, &TimeAwayFields),
) -> Result<(), OperationError> {
    dated_visits::renew(tx, ctx)?;
    let person = specialists::get(tx, ctx, specialist)?;
    let detail = format!("from {} to {}", fields.starts_on, fields.ends_on);
    note(tx, ctx, verb, ("time_away", &person.fields.code), &detail)
}

fn check(
    tx: &mut ReadTx,
    specialist: SpecialistId,
    own: Option<TimeAwayId>,
    fields: &TimeAwayFields,
) -> Result<(), OperationError> {
    no_faults(fields.check())?;
    let others = db::time_away::list(tx, Some(specialist))?;
    let clash = others.iter().find(|other| Some(other.id) != own && other.fields.overlaps(fields));
    match clash {
        None => Ok(()),
        Some(other) => {
            let (from, to) = (other.fields.starts_on, other.fields.ends_on);
            let message = format!("Time away from {from} to {to} is entered already; change that one");
            Err(OperationError::invalid("/starts_on", message))
        }
    }
}
