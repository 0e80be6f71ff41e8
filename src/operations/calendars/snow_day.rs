//! A day on which the schools of a member, or of all, stay closed: found out on the same morning.

use super::{CalendarEntryFields, RESOURCE, create_all, others, preview};
use crate::db::{self, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::{Action, Owner, Scope, may};
use crate::domain::calendar::Period;
use crate::domain::dated_visit::DatedVisit;
use crate::domain::ids::MemberId;
use crate::domain::member::Member;
use crate::domain::school_calendar::{CalendarEntry, CalendarKind};
use crate::operations::access::can_see;
use crate::operations::error::OperationError;
use crate::operations::runner::Context;

/// What such a day is called unless it is changed later.
pub const NAME: &str = "Snow day";

/// What closing would do.
#[derive(Debug, Clone, PartialEq)]
pub struct SnowDay {
    /// Whose schools would be closed.
    pub members: Vec<Member>,
    /// Members that are closed today anyway.
    pub closed_already: Vec<Member>,
    /// Visits that would no longer take place.
    pub visits: Vec<DatedVisit>,
}

/// What closing the schools of a member today would do; those of every member whose calendar the actor keeps when none is
/// named. Nothing is stored.
///
/// # Errors
/// [`OperationError::NotFound`] for a member whose calendar the actor does not keep.
pub fn effects(tx: &mut ReadTx, ctx: &Context, member: Option<MemberId>) -> Result<SnowDay, OperationError> {
    let (members, closed_already) = chosen(tx, ctx, member)?;
    let visits = preview::touched(tx, ctx, &days(ctx, &members))?;
    Ok(SnowDay { members, closed_already, visits })
}

/// Closes them. Members that are closed today anyway are left as they are.
///
/// # Errors
/// As for [`effects`], and a conflict when all of them are closed already.
pub fn close(tx: &mut WriteTx, ctx: &Context, member: Option<MemberId>) -> Result<Vec<CalendarEntry>, OperationError> {
    let (members, _) = chosen(tx, ctx, member)?;
    if members.is_empty() {
        return Err(OperationError::conflict("These schools are closed today already"));
    }
    create_all(tx, ctx, &days(ctx, &members))
}

fn days(ctx: &Context, members: &[Member]) -> Vec<CalendarEntryFields> {
    let day = |member: &Member| CalendarEntryFields {
        member_id: member.id,
        site_id: None,
        kind: CalendarKind::Closure,
        name: NAME.to_owned(),
        starts_on: ctx.today(),
        ends_on: ctx.today(),
        released: None,
    };
    members.iter().map(day).collect()
}

/// The members that are meant and still open today, and those that are closed.
fn chosen(
    tx: &mut ReadTx,
    ctx: &Context,
    member: Option<MemberId>,
) -> Result<(Vec<Member>, Vec<Member>), OperationError> {
    can_see(ctx, RESOURCE)?;
    let kept = may(&ctx.actor, Action::Write(RESOURCE));
    let mut meant = db::members::list(tx, &Scope::All, PageRequest::ALL)?.items;
    meant.retain(|one| {
        let joined = Period { from: one.fields.member_from, until: one.fields.member_until };
        let is_meant = member.is_none_or(|id| id == one.id) && joined.contains(ctx.today());
        is_meant && kept.covers(Owner::member(one.id))
    });
    if meant.is_empty() {
        return Err(OperationError::NotFound);
    }
    let (mut open, mut closed) = (Vec::new(), Vec::new());
    for one in meant {
        let known = others(tx, one.id, None)?;
        let wanted = days(ctx, std::slice::from_ref(&one));
        let is_closed = known.iter().any(|other| wanted.iter().any(|day| other.overlaps(day)));
        if is_closed { closed.push(one) } else { open.push(one) }
    }
    Ok((open, closed))
}
