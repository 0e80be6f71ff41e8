//! What days of a calendar would do to visits, before they are entered or taken away. Nothing is stored.

use chrono::NaiveDate;

use super::{CalendarFile, RESOURCE, get, may_enter, read_file};
use crate::db::{self, PageRequest, ReadTx};
use crate::domain::actor::{Action, Owner, Scope};
use crate::domain::dated_visit::{DatedVisit, DatedVisitState, is_in_indirect_week};
use crate::domain::ids::CalendarEntryId;
use crate::domain::school_calendar::{CalendarEntry, CalendarEntryFields, SchoolCalendar};
use crate::operations::access::allow;
use crate::operations::dated_visits;
use crate::operations::error::OperationError;
use crate::operations::runner::Context;

/// What an import would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportPreview {
    /// Entries that would be new.
    pub new: Vec<CalendarEntryFields>,
    /// How many are there already.
    pub unchanged: i64,
    /// Visits that would no longer take place.
    pub visits: Vec<DatedVisit>,
}

/// The visits from today on that would no longer take place if these days were entered.
///
/// # Errors
/// Whatever would keep them from being entered.
pub fn of_days(tx: &mut ReadTx, ctx: &Context, all: &[CalendarEntryFields]) -> Result<Vec<DatedVisit>, OperationError> {
    for fields in all {
        may_enter(tx, ctx, fields)?;
    }
    touched(tx, ctx, all)
}

/// What importing a file would do.
///
/// # Errors
/// Every fault of the file.
pub fn of_file(tx: &mut ReadTx, ctx: &Context, file: &CalendarFile) -> Result<ImportPreview, OperationError> {
    let (new, unchanged) = read_file(tx, ctx, file)?;
    let visits = touched(tx, ctx, &new)?;
    Ok(ImportPreview { new, unchanged, visits })
}

/// Entries that would be taken away, and the visits from today on that their schools would be open to again.
///
/// # Errors
/// [`OperationError::NotFound`] for an entry that the actor cannot see, [`OperationError::Forbidden`] for one that the actor
/// cannot change.
pub fn of_removal(
    tx: &mut ReadTx,
    ctx: &Context,
    ids: &[CalendarEntryId],
) -> Result<(Vec<CalendarEntry>, Vec<DatedVisit>), OperationError> {
    let mut gone = Vec::new();
    for id in ids {
        let entry = get(tx, ctx, *id)?;
        allow(ctx, Action::Write(RESOURCE), RESOURCE, Owner::member(entry.fields.member_id))?;
        gone.push(entry);
    }
    let all = db::calendar_entries::list(tx, &Scope::All, &Default::default(), PageRequest::ALL)?.items;
    let stay = SchoolCalendar::new(all.iter().filter(|entry| !ids.contains(&entry.id)).map(|entry| &entry.fields));
    let fields: Vec<CalendarEntryFields> = gone.iter().map(|entry| entry.fields.clone()).collect();
    let leave = SchoolCalendar::new(&fields);
    let mut visits = from_today(tx, ctx, &fields)?;
    visits.retain(|visit| {
        // A week without visits (3:1) stays so, whatever the calendar says.
        matches!(visit.state, DatedVisitState::Closed | DatedVisitState::EarlyRelease)
            && !is_in_indirect_week(visit.state, &visit.reason)
            && keeps_out(&leave, visit)
            && !keeps_out(&stay, visit)
    });
    Ok((gone, visits))
}

/// Visits that would take place now and would not with these days.
pub(super) fn touched(
    tx: &mut ReadTx,
    ctx: &Context,
    days: &[CalendarEntryFields],
) -> Result<Vec<DatedVisit>, OperationError> {
    let calendar = SchoolCalendar::new(days);
    let mut visits = from_today(tx, ctx, days)?;
    visits.retain(|visit| {
        let comes = visit.state == DatedVisitState::Planned || visit.covered_by_specialist_id.is_some();
        comes && visit.log_version == 0 && keeps_out(&calendar, visit)
    });
    Ok(visits)
}

fn keeps_out(calendar: &SchoolCalendar, visit: &DatedVisit) -> bool {
    let (member, site, date) = (visit.member_id, visit.site_id, visit.visit_on);
    let is_cut = calendar.released(member, site, date).is_some_and(|(time, _)| visit.ends > time);
    is_cut || calendar.closed(member, site, date).is_some()
}

/// The visits that the actor can see between the first and the last of these days, none before today, in order of time.
fn from_today(tx: &mut ReadTx, ctx: &Context, days: &[CalendarEntryFields]) -> Result<Vec<DatedVisit>, OperationError> {
    let first: Option<NaiveDate> = days.iter().map(|one| one.starts_on).min();
    let last = days.iter().map(|one| one.ends_on).max();
    let (Some(first), Some(last)) = (first, last) else { return Ok(Vec::new()) };
    let from = first.max(ctx.today());
    let filter = dated_visits::Filter { from: Some(from), until: last.succ_opt(), ..Default::default() };
    if last < from {
        return Ok(Vec::new());
    }
    let mut visits = dated_visits::list(tx, ctx, &filter, PageRequest::ALL)?.items;
    visits.sort_by(|a, b| (a.visit_on, &a.site_name, a.starts, a.id).cmp(&(b.visit_on, &b.site_name, b.starts, b.id)));
    Ok(visits)
}
