//! Calendars of members: entered one by one or imported; the office for all, a coordinator for the own member.

pub mod preview;
pub mod snow_day;
pub mod weekly_minutes;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::access::{allow, can_see, same_version, seen, visible};
use super::audit::note;
use super::error::{OperationError, no_faults};
use super::runner::Context;
use super::{asked, dated_visits};
use crate::db::{self, Page, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::{Action, Owner, Resource, Scope};
use crate::domain::fault::Fault;
use crate::domain::ids::{CalendarEntryId, MemberId, SiteId};
use crate::domain::school_calendar::{CalendarEntry, CalendarEntryFields, CalendarKind};
use crate::intake::calendar::{self, CalendarRow};

pub use crate::db::calendar_entries::Filter;

const RESOURCE: Resource = Resource::CalendarEntries;

/// The entries that the actor can see.
pub fn list(
    tx: &mut ReadTx,
    ctx: &Context,
    filter: &Filter,
    page: PageRequest,
) -> Result<Page<CalendarEntry>, OperationError> {
    let scope = visible(ctx, RESOURCE)?;
    asked::check(tx, None, (filter.from, filter.until))?;
    Ok(db::calendar_entries::list(tx, &scope, filter, page)?)
}

/// One entry.
pub fn get(tx: &mut ReadTx, ctx: &Context, id: CalendarEntryId) -> Result<CalendarEntry, OperationError> {
    let found = db::calendar_entries::find(tx, id)?;
    seen(ctx, RESOURCE, found, |entry| Owner::member(entry.fields.member_id))
}

/// Enters days; dated visits from today on follow at once. A snow day is one call on the same morning.
pub fn create(tx: &mut WriteTx, ctx: &Context, fields: &CalendarEntryFields) -> Result<CalendarEntry, OperationError> {
    let entered = create_all(tx, ctx, std::slice::from_ref(fields))?;
    entered.into_iter().next().ok_or(OperationError::NotFound)
}

/// Enters days of several calendars at once, such as a holiday of all members: all of them or nothing.
pub fn create_all(
    tx: &mut WriteTx,
    ctx: &Context,
    all: &[CalendarEntryFields],
) -> Result<Vec<CalendarEntry>, OperationError> {
    let mut entered = Vec::new();
    for fields in all {
        may_enter(tx, ctx, fields)?;
        let id = db::calendar_entries::insert(tx, fields, ctx.now)?;
        entered.push(get(tx, ctx, id)?);
    }
    // Once for all of them: every followed plan is looked at.
    dated_visits::renew(tx, ctx)?;
    for fields in all {
        noted(tx, ctx, "create", fields)?;
    }
    Ok(entered)
}

/// Whether these days can be entered: sound, by somebody who keeps the calendar, and not there already.
fn may_enter(tx: &mut ReadTx, ctx: &Context, fields: &CalendarEntryFields) -> Result<(), OperationError> {
    can_see(ctx, RESOURCE)?;
    no_faults(fields.check())?;
    whose(tx, ctx, fields.member_id, fields.site_id)?;
    no_overlap(&others(tx, fields.member_id, None)?, fields)
}

/// Changes days. They stay with their member.
pub fn change(
    tx: &mut WriteTx,
    ctx: &Context,
    id: CalendarEntryId,
    based_on: Option<i64>,
    fields: &CalendarEntryFields,
) -> Result<CalendarEntry, OperationError> {
    let present = get(tx, ctx, id)?;
    allow(ctx, Action::Write(RESOURCE), RESOURCE, Owner::member(present.fields.member_id))?;
    no_faults(fields.check())?;
    if fields.member_id != present.fields.member_id {
        return Err(OperationError::invalid(
            "/member_id",
            "Days stay with their member; take them away and enter new ones",
        ));
    }
    whose(tx, ctx, fields.member_id, fields.site_id)?;
    no_overlap(&others(tx, fields.member_id, Some(id))?, fields)?;
    same_version(based_on, present.version)?;
    db::calendar_entries::update(tx, id, fields, ctx.now)?;
    dated_visits::renew(tx, ctx)?;
    noted(tx, ctx, "change", fields)?;
    get(tx, ctx, id)
}

/// Takes days away, such as a snow day that did not come.
pub fn remove(tx: &mut WriteTx, ctx: &Context, id: CalendarEntryId) -> Result<(), OperationError> {
    remove_all(tx, ctx, &[id])
}

/// Takes several entries away: all of them or nothing.
pub fn remove_all(tx: &mut WriteTx, ctx: &Context, ids: &[CalendarEntryId]) -> Result<(), OperationError> {
    let mut gone = Vec::new();
    for id in ids {
        let present = get(tx, ctx, *id)?;
        allow(ctx, Action::Write(RESOURCE), RESOURCE, Owner::member(present.fields.member_id))?;
        db::calendar_entries::delete(tx, *id)?;
        gone.push(present.fields);
    }
    dated_visits::renew(tx, ctx)?;
    gone.iter().try_for_each(|fields| noted(tx, ctx, "remove", fields))
}

fn noted(tx: &mut WriteTx, ctx: &Context, verb: &str, fields: &CalendarEntryFields) -> Result<(), OperationError> {
    let member = db::members::find(tx, fields.member_id)?.ok_or(OperationError::NotFound)?;
    ctx.trail.about(member.id);
    let detail = format!("{} from {} to {}", fields.kind.code(), fields.starts_on, fields.ends_on);
    note(tx, ctx, verb, ("calendar_entry", &member.fields.code), &detail)
}

/// The member must be one whose calendar the actor keeps, the site one of its own.
fn whose(tx: &mut ReadTx, ctx: &Context, member: MemberId, site: Option<SiteId>) -> Result<(), OperationError> {
    let is_own = allow(ctx, Action::Write(RESOURCE), RESOURCE, Owner::member(member)).is_ok();
    if !is_own || db::members::find(tx, member)?.is_none() {
        let message = "There is no such member, or it is not yours; take an id from /api/v1/members";
        return Err(OperationError::invalid("/member_id", message));
    }
    if let Some(site) = site {
        let found = db::sites::find(tx, site)?;
        if found.is_none_or(|found| found.fields.member_id != member) {
            let message = "The member has no such site; take an id from /api/v1/sites";
            return Err(OperationError::invalid("/site_id", message));
        }
    }
    Ok(())
}

fn others(
    tx: &mut ReadTx,
    member: MemberId,
    own: Option<CalendarEntryId>,
) -> Result<Vec<CalendarEntryFields>, OperationError> {
    let filter = Filter { member: Some(member), ..Filter::default() };
    let all = db::calendar_entries::list(tx, &Scope::All, &filter, PageRequest::ALL)?.items;
    Ok(all.into_iter().filter(|entry| Some(entry.id) != own).map(|entry| entry.fields).collect())
}

fn no_overlap(others: &[CalendarEntryFields], fields: &CalendarEntryFields) -> Result<(), OperationError> {
    match others.iter().find(|other| other.overlaps(fields)) {
        None => Ok(()),
        Some(other) => Err(OperationError::invalid("/starts_on", overlap_words(other))),
    }
}

fn overlap_words(other: &CalendarEntryFields) -> String {
    let (name, from, to) = (&other.name, other.starts_on, other.ends_on);
    format!("\"{name}\" from {from} to {to} has some of these days already; change that one, or leave these days out")
}

/// A file of days to be imported into one calendar: CSV or iCalendar, one of the two.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarFile {
    /// The member whose calendar it is.
    pub member_id: MemberId,
    /// Only for this site; for all of the member when absent. A row of CSV may name a site of its own.
    #[serde(default)]
    pub site_id: Option<SiteId>,
    /// Text of a CSV file.
    #[serde(default)]
    pub csv: Option<String>,
    /// Text of an `.ics` file (RFC 5545) with all-day events.
    #[serde(default)]
    pub ics: Option<String>,
    /// What the events of an `.ics` file mean, where their CATEGORIES do not say it; `holiday` when absent.
    #[serde(default)]
    pub kind: Option<CalendarKind>,
}

/// What an import of days did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct CalendarImport {
    /// New entries.
    pub created: i64,
    /// Entries that were there already.
    pub unchanged: i64,
    /// Dated visits that changed by it.
    pub dated_visits_changed: i64,
}

/// Imports a file of days: all of it or nothing. What is there already is left as it is.
///
/// # Errors
/// [`OperationError::Invalid`] with every fault as `file:line:column: what to do`.
pub fn import(tx: &mut WriteTx, ctx: &Context, file: &CalendarFile) -> Result<CalendarImport, OperationError> {
    let (new, unchanged) = read_file(tx, ctx, file)?;
    for fields in &new {
        db::calendar_entries::insert(tx, fields, ctx.now)?;
    }
    let dated_visits_changed = dated_visits::renew(tx, ctx)?.changed;
    let member = db::members::find(tx, file.member_id)?.ok_or(OperationError::NotFound)?;
    ctx.trail.about(member.id);
    note(tx, ctx, "import", ("calendar_entry", &member.fields.code), &format!("{} new", new.len()))?;
    Ok(CalendarImport { created: new.len() as i64, unchanged, dated_visits_changed })
}

/// The days of a file that are new, and how many are there already; nothing is stored.
fn read_file(
    tx: &mut ReadTx,
    ctx: &Context,
    file: &CalendarFile,
) -> Result<(Vec<CalendarEntryFields>, i64), OperationError> {
    can_see(ctx, RESOURCE)?;
    whose(tx, ctx, file.member_id, file.site_id)?;
    let (pointer, read) = match (&file.csv, &file.ics) {
        (Some(text), None) => ("/csv", calendar::read_csv(text)),
        (None, Some(text)) => ("/ics", calendar::read_ics(text, file.kind.unwrap_or(CalendarKind::Holiday))),
        _ => return Err(OperationError::invalid("", "Send the text of one file, as csv or as ics")),
    };
    let rows = read.map_err(|faults| {
        OperationError::Invalid(faults.iter().map(|fault| Fault::at(pointer, fault.to_string())).collect())
    })?;
    let (mut known, mut faults, mut new) = (others(tx, file.member_id, None)?, Vec::new(), Vec::new());
    let mut unchanged = 0;
    let sites = db::sites::list(tx, &Scope::All, PageRequest::ALL)?.items;
    let site_of = |row: &CalendarRow| match &row.site {
        None => Ok(file.site_id),
        Some(code) => sites
            .iter()
            .find(|site| site.fields.code == *code && site.fields.member_id == file.member_id)
            .map(|site| Some(site.id))
            .ok_or_else(|| format!("the member has no site {code}")),
    };
    for row in &rows {
        let fields = match site_of(row) {
            Ok(site_id) => row.fields(file.member_id, site_id),
            Err(message) => {
                faults.push(Fault::at(pointer, row.fault(message).to_string()));
                continue;
            }
        };
        if known.contains(&fields) {
            unchanged += 1;
        } else if let Some(other) = known.iter().find(|other| other.overlaps(&fields)) {
            faults.push(Fault::at(pointer, row.fault(overlap_words(other)).to_string()));
        } else {
            known.push(fields.clone());
            new.push(fields);
        }
    }
    no_faults(faults)?;
    Ok((new, unchanged))
}
