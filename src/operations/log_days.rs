//! Days as specialists log them: the visits of a day with what became of each, and what is still to log from before.

use std::collections::{HashMap, HashSet};

use chrono::{NaiveDate, TimeDelta};

use super::access::visible;
use super::error::OperationError;
use super::runner::Context;
use super::service_logs::on_day;
use crate::db::{self, PageRequest, ReadTx};
use crate::domain::account::Role;
use crate::domain::actor::{Resource, Scope};
use crate::domain::dated_visit::{DatedVisit, DatedVisitState};
use crate::domain::ids::{DatedVisitId, SpecialistId};
use crate::domain::month::Month;
use crate::domain::service_log::{LogFields, LogOutcome, ServiceLog, minutes_max};

/// So many days back what was not logged is shown.
const DAYS_BACK: i64 = 90;

/// A visit of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitOfDay {
    /// The visit.
    pub visit: DatedVisit,
    /// Every version of its log, the first one first.
    pub versions: Vec<ServiceLog>,
    /// Whether it has begun.
    pub has_begun: bool,
    /// The most minutes that can be logged.
    pub minutes_max: i64,
}

impl VisitOfDay {
    /// What was logged, unless it was taken back.
    pub fn logged(&self) -> Option<&ServiceLog> {
        self.versions.last().filter(|log| log.outcome != LogOutcome::NotLogged)
    }

    /// The version that a change is based on.
    pub fn version(&self) -> i64 {
        self.visit.log_version
    }
}

/// A day of one specialist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogDay {
    /// Whose day.
    pub specialist: SpecialistId,
    /// The date.
    pub date: NaiveDate,
    /// Whether its month is locked.
    pub is_locked: bool,
    /// Its visits by time.
    pub visits: Vec<VisitOfDay>,
    /// Visits of other days that are over and not logged, and whose months are open; by date and time.
    pub earlier: Vec<DatedVisit>,
    /// The next visit after now.
    pub next: Option<DatedVisit>,
}

/// The specialist that the actor is; the first one of several.
pub fn own_specialist(ctx: &Context) -> Result<SpecialistId, OperationError> {
    let own = ctx.actor.roles.iter().find_map(|role: &Role| role.specialist_id());
    own.ok_or(OperationError::NotFound)
}

/// A day of the specialist that the actor is.
///
/// # Errors
/// [`OperationError::NotFound`] for everybody else.
pub fn of_day(tx: &mut ReadTx, ctx: &Context, date: NaiveDate) -> Result<LogDay, OperationError> {
    visible(ctx, Resource::ServiceLogs)?;
    let specialist = own_specialist(ctx)?;
    let mut visits = Vec::new();
    for visit in on_day(tx, ctx, specialist, date)? {
        let versions = db::service_logs::versions(tx, visit.id)?;
        let has_begun = visit.starts_at <= ctx.now;
        let minutes_max = minutes_max(visit.minutes, ctx.settings.logged_percent_max);
        visits.push(VisitOfDay { visit, versions, has_begun, minutes_max });
    }
    let locked: HashSet<Month> = db::locked_months::list(tx)?.into_iter().map(|one| one.month).collect();
    let (mut earlier, next) = around(tx, ctx, specialist)?;
    earlier.retain(|visit| visit.visit_on != date && !locked.contains(&Month::of(visit.visit_on)));
    Ok(LogDay { specialist, date, is_locked: locked.contains(&Month::of(date)), visits, earlier, next })
}

/// What is to log of the last weeks up to now, and the next visit.
fn around(
    tx: &mut ReadTx,
    ctx: &Context,
    specialist: SpecialistId,
) -> Result<(Vec<DatedVisit>, Option<DatedVisit>), OperationError> {
    let filter = db::dated_visits::Filter {
        from: Some(ctx.today() - TimeDelta::days(DAYS_BACK)),
        until: Some(ctx.today() + TimeDelta::days(DAYS_BACK)),
        specialist: Some(specialist),
        state: Some(DatedVisitState::Planned),
        ..Default::default()
    };
    let zone = ctx.settings.time_zone;
    let mut visits = db::dated_visits::list(tx, (&Scope::All, &filter), zone, PageRequest::ALL)?.items;
    visits.retain(|visit| visit.covered_by_specialist_id.unwrap_or(visit.specialist_id) == specialist);
    visits.sort_by_key(|visit| (visit.visit_on, visit.starts));
    let ids: Vec<DatedVisitId> = visits.iter().filter(|one| one.log_version > 0).map(|one| one.id).collect();
    let logs: HashMap<DatedVisitId, LogFields> = db::service_logs::of_visits(tx, &ids)?.into_iter().collect();
    let is_open = |visit: &DatedVisit| logs.get(&visit.id).is_none_or(|log| log.outcome == LogOutcome::NotLogged);
    let next = visits.iter().find(|visit| visit.starts_at > ctx.now).cloned();
    visits.retain(|visit| visit.ends_at <= ctx.now && is_open(visit));
    Ok((visits, next))
}
