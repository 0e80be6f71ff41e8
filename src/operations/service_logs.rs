//! Logging what became of dated visits: by the specialist who came or the office, until the month is locked. A change is
//! a new version; none is ever taken away.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::access::{allow, can_see, same_version, seen, visible};
use super::audit::note;
use super::dated_visits::owner_in;
use super::error::{OperationError, no_faults};
use super::runner::Context;
use super::{asked, dated_visits, locked_months};
use crate::db::{self, Page, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::{Action, Owner, Resource, Scope, may};
use crate::domain::dated_visit::{DatedVisit, DatedVisitState};
use crate::domain::ids::{DatedVisitId, SpecialistId};
use crate::domain::service_log::{LogFields, LogOutcome, ServiceLog};

pub use crate::db::service_logs::Filter;

const RESOURCE: Resource = Resource::ServiceLogs;

/// What counts of all logs that the actor can see; of one request only for those who see for which request a visit was.
///
/// # Errors
/// [`OperationError::NotFound`] also for the logs of one request, where the actor sees minutes only.
pub fn list(
    tx: &mut ReadTx,
    ctx: &Context,
    filter: &Filter,
    page: PageRequest,
) -> Result<Page<ServiceLog>, OperationError> {
    let mut scope = visible(ctx, RESOURCE)?;
    if filter.request.is_some() {
        scope = can_see(ctx, Resource::MissedReasons)?;
    }
    asked::check(tx, None, (filter.from, filter.until))?;
    let mut found = db::service_logs::list(tx, &scope, filter, page)?;
    ctx.trail.count(RESOURCE, found.items.len());
    minutes_only(ctx, &mut found.items);
    Ok(found)
}

/// What counts of the log of one visit.
///
/// # Errors
/// [`OperationError::NotFound`] also for a visit that was never logged.
pub fn current(tx: &mut ReadTx, ctx: &Context, id: DatedVisitId) -> Result<ServiceLog, OperationError> {
    versions(tx, ctx, id)?.pop().ok_or(OperationError::NotFound)
}

/// Every version of the log of one visit, the first one first.
pub fn versions(tx: &mut ReadTx, ctx: &Context, id: DatedVisitId) -> Result<Vec<ServiceLog>, OperationError> {
    visit_seen(tx, ctx, id)?;
    let mut versions = db::service_logs::versions(tx, id)?;
    minutes_only(ctx, &mut versions);
    Ok(versions)
}

/// For which request a visit is, in what group, and why it did not take place is for those who are concerned; finance sees
/// minutes.
fn minutes_only(ctx: &Context, logs: &mut [ServiceLog]) {
    let scope = may(&ctx.actor, Action::Read(Resource::MissedReasons));
    for log in logs {
        let planned = Owner { member: Some(log.member_id), specialist: Some(log.specialist_id) };
        let cover = Owner { specialist: log.covered_by_specialist_id, ..planned };
        if !scope.covers(planned) && !scope.covers(cover) {
            log.reason = None;
            log.group_size = None;
            log.service_request_id = None;
            log.service_request_code = None;
        }
    }
}

fn visit_seen(tx: &mut ReadTx, ctx: &Context, id: DatedVisitId) -> Result<DatedVisit, OperationError> {
    let found = db::dated_visits::find(tx, id, ctx.settings.time_zone)?;
    let scope = can_see(ctx, RESOURCE)?;
    seen(ctx, RESOURCE, found, |visit| owner_in(&scope, visit))
}

/// The visit, for those who may say what became of it and add make-ups for it.
pub(super) fn visit_to_log(tx: &mut ReadTx, ctx: &Context, id: DatedVisitId) -> Result<DatedVisit, OperationError> {
    let visit = visit_seen(tx, ctx, id)?;
    let (may_write, may_read) = (may(&ctx.actor, Action::Write(RESOURCE)), can_see(ctx, RESOURCE)?);
    let mut owner = owner_in(&may_write, &visit);
    if !may_write.covers(owner) {
        owner = owner_in(&may_read, &visit);
    }
    allow(ctx, Action::Write(RESOURCE), RESOURCE, owner)?;
    Ok(visit)
}

/// Logs what became of a visit, or changes what was logged, based on its version.
///
/// # Errors
/// Every fault of the entries. A conflict for a visit that has not begun, one that is logged already when no version is
/// given, and when the month is locked. What is sent again unchanged is answered with what is there.
pub fn log(
    tx: &mut WriteTx,
    ctx: &Context,
    id: DatedVisitId,
    based_on: Option<i64>,
    fields: &LogFields,
) -> Result<ServiceLog, OperationError> {
    let visit = visit_to_log(tx, ctx, id)?;
    no_faults(fields.check(&visit, ctx.settings.logged_percent_max))?;
    has_begun(ctx, &visit)?;
    locked_months::still_open(tx, visit.visit_on)?;
    let present = db::service_logs::versions(tx, id)?.pop();
    let (version, before) = present.as_ref().map_or((0, LogFields::NOT_LOGGED), |log| (log.version, log.fields()));
    if let Some(present) = present.filter(|_| before == *fields && based_on.is_none_or(|on| on == version)) {
        return Ok(present);
    }
    match based_on {
        Some(_) => same_version(based_on, version)?,
        None if version > 0 => return Err(logged_already(version)),
        None if fields.outcome == LogOutcome::NotLogged => {
            return Err(OperationError::conflict(
                "Nothing is logged for this visit, so that nothing can be taken back",
            ));
        }
        None => {}
    }
    add(tx, ctx, &visit, fields)
}

fn logged_already(version: i64) -> OperationError {
    OperationError::conflict(format!(
        "This visit is logged already. To change that, read its log and send the ETag, \"{version}\", as If-Match"
    ))
}

/// How long a visit is planned for, for those who may log it.
pub fn planned_minutes(tx: &mut ReadTx, ctx: &Context, id: DatedVisitId) -> Result<i64, OperationError> {
    Ok(visit_to_log(tx, ctx, id)?.minutes)
}

/// Logs that a visit took place as planned.
pub fn log_as_planned(tx: &mut WriteTx, ctx: &Context, id: DatedVisitId) -> Result<ServiceLog, OperationError> {
    let visit = visit_to_log(tx, ctx, id)?;
    log(tx, ctx, id, None, &LogFields::delivered(visit.minutes))
}

/// A day on which everything went as planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DayToLog {
    /// The date, not later than today.
    pub date: NaiveDate,
}

/// What logging a whole day did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayLogged {
    /// Visits that are logged now.
    pub logged: Vec<ServiceLog>,
    /// Visits that were logged before, and stay as they were.
    pub already_logged: i64,
    /// Visits that have not begun.
    pub not_begun: i64,
    /// Visits that were not to take place that day: log them one by one if they did.
    pub not_taking_place: i64,
}

/// Logs all visits of a specialist on a day as planned that are not logged yet. Sent again, it finds nothing to do.
///
/// # Errors
/// Invalid for a day that is to come, a conflict when its month is locked.
pub fn log_day_as_planned(
    tx: &mut WriteTx,
    ctx: &Context,
    specialist: SpecialistId,
    day: &DayToLog,
) -> Result<DayLogged, OperationError> {
    can_see(ctx, RESOURCE)?;
    db::specialists::find(tx, specialist)?.ok_or(OperationError::NotFound)?;
    allow(ctx, Action::Write(RESOURCE), RESOURCE, Owner::specialist(specialist))?;
    if day.date > ctx.today() {
        let message = format!("{} is to come; log it when it is there", day.date);
        return Err(OperationError::invalid("/date", message));
    }
    locked_months::still_open(tx, day.date)?;
    let mut done = DayLogged::default();
    for visit in on_day(tx, ctx, specialist, day.date)? {
        let is_logged = visit.log_version > 0
            && db::service_logs::versions(tx, visit.id)?.pop().is_some_and(|log| log.outcome != LogOutcome::NotLogged);
        if is_logged {
            done.already_logged += 1;
        } else if visit.state != DatedVisitState::Planned {
            done.not_taking_place += 1;
        } else if visit.starts_at > ctx.now {
            done.not_begun += 1;
        } else {
            ctx.trail.about(visit.member_id);
            done.logged.push(add(tx, ctx, &visit, &LogFields::delivered(visit.minutes))?);
        }
    }
    Ok(done)
}

/// The visits to which a specialist comes on a day, own ones and those they cover, by time.
pub(super) fn on_day(
    tx: &mut ReadTx,
    ctx: &Context,
    specialist: SpecialistId,
    date: NaiveDate,
) -> Result<Vec<DatedVisit>, OperationError> {
    let until = date.succ_opt();
    let filter =
        db::dated_visits::Filter { from: Some(date), until, specialist: Some(specialist), ..Default::default() };
    let zone = ctx.settings.time_zone;
    let mut visits = db::dated_visits::list(tx, (&Scope::All, &filter), zone, PageRequest::ALL)?.items;
    visits.retain(|visit| visit.covered_by_specialist_id.unwrap_or(visit.specialist_id) == specialist);
    visits.sort_by_key(|visit| (visit.starts, visit.id));
    Ok(visits)
}

/// Takes back the last version: what was logged before it is logged again, or nothing.
pub fn undo(tx: &mut WriteTx, ctx: &Context, id: DatedVisitId, version: i64) -> Result<ServiceLog, OperationError> {
    let visit = visit_to_log(tx, ctx, id)?;
    locked_months::still_open(tx, visit.visit_on)?;
    let mut versions = db::service_logs::versions(tx, id)?;
    let last = versions.pop().ok_or(OperationError::NotFound)?;
    same_version(Some(version), last.version)?;
    let before = versions.pop().map_or(LogFields::NOT_LOGGED, |log| log.fields());
    add(tx, ctx, &visit, &before)
}

/// Nothing that is to come can be logged.
fn has_begun(ctx: &Context, visit: &DatedVisit) -> Result<(), OperationError> {
    if visit.starts_at <= ctx.now {
        return Ok(());
    }
    let (day, time) = (visit.visit_on, visit.starts.spoken());
    let time = time.trim_end_matches('.');
    Err(OperationError::conflict(format!("This visit begins on {day} at {time}. Log it when it has begun")))
}

/// Adds a version, which counts from now on. What was logged stays out of the audit trail, which keeps it for good.
fn add(tx: &mut WriteTx, ctx: &Context, visit: &DatedVisit, fields: &LogFields) -> Result<ServiceLog, OperationError> {
    let version = db::dated_visits::log_version(tx, visit.id)? + 1;
    db::service_logs::insert(tx, (visit.id, version), fields, ctx.actor.account_id, ctx.now)?;
    db::dated_visits::logged(tx, visit.id, version)?;
    if fields.outcome == LogOutcome::NotLogged {
        dated_visits::follow_again(tx, ctx, visit)?;
    }
    note(tx, ctx, "log", ("visit", &visit.id.to_string()), &format!("version {version}"))?;
    db::service_logs::versions(tx, visit.id)?.pop().ok_or(OperationError::NotFound)
}
