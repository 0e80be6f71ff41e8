//! Weeks of specialists in a plan: visits with the drives between them, and how full each week is.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, TimeDelta};

use super::access::{seen, visible};
use super::dated_visits;
use super::error::OperationError;
use super::overview::read_instance;
use super::plans;
use super::runner::Context;
use crate::db::{self, PageRequest, ReadTx};
use crate::domain::actor::{Owner, Resource, Scope};
use crate::domain::calendar::Weekday;
use crate::domain::dated_visit::{DatedVisitKind, DatedVisitState};
use crate::domain::ids::{PlanId, ServiceRequestId, SiteId, SpecialistId, VisitId};
use crate::domain::plan::Visit;
use crate::domain::service_request::Mode;
use crate::domain::specialist::Specialist;
use crate::domain::travel::TravelFields;

/// The member that a site belongs to, as far as a specialist who works there needs to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// The member's code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its place in the list of all members, from 0.
    pub place: usize,
}

/// The week of one specialist.
#[derive(Debug, Clone, PartialEq)]
pub struct SpecialistWeek {
    /// Whose week.
    pub specialist: Specialist,
    /// Visits by day and time.
    pub visits: Vec<Visit>,
    /// The member of each site in the week.
    pub hosts: BTreeMap<SiteId, Host>,
    /// The drives of the week, by where they start and end.
    pub drives: BTreeMap<(SiteId, SiteId), TravelFields>,
    /// Requests that are met by video, from where the specialist is.
    pub by_video: BTreeSet<ServiceRequestId>,
    /// The dates of the week.
    pub dates: BTreeMap<Weekday, NaiveDate>,
    /// Visits that do not take place in this week, and why in a few words.
    pub off: BTreeMap<VisitId, String>,
}

/// How full the week of a specialist is.
#[derive(Debug, Clone, PartialEq)]
pub struct SpecialistLoad {
    /// Whose week.
    pub specialist: Specialist,
    /// Visits a week.
    pub visits: i64,
    /// Different sites a week.
    pub sites: i64,
    /// Minutes a week in visits.
    pub minutes: i64,
    /// The most minutes a week that the plan was made with; 0 for somebody who was not part of it.
    pub minutes_max: i64,
}

/// The week of a specialist in which a date lies, by code, for those who may see both the person and the visits.
pub fn of_specialist(
    tx: &mut ReadTx,
    ctx: &Context,
    (plan, code): (PlanId, &str),
    date: NaiveDate,
) -> Result<SpecialistWeek, OperationError> {
    let scope = visible(ctx, Resource::Visits)?;
    plans::get(tx, ctx, plan)?;
    let found = db::specialists::list(tx, &visible(ctx, Resource::Specialists)?, PageRequest::ALL)?.items;
    let found = found.into_iter().find(|one| one.fields.code == code);
    let specialist = seen(ctx, Resource::Specialists, found, |one| Owner::specialist(one.id))?;
    let mut visits = db::visits::list(tx, plan, &scope, PageRequest::ALL)?.items;
    visits.retain(|visit| visit.specialist_id == specialist.id);
    visits.sort_by_key(|visit| (visit.weekday, visit.starts));
    let hosts = hosts(tx, &visits)?;
    let drives = drives(tx, &visits)?;
    let mut by_video = BTreeSet::new();
    for visit in &visits {
        let request = db::service_requests::find(tx, visit.service_request_id)?;
        if request.is_some_and(|request| request.fields.mode == Mode::Teletherapy) {
            by_video.insert(visit.service_request_id);
        }
    }
    let dates = dates(date);
    let off = off(tx, ctx, &specialist, &dates)?;
    Ok(SpecialistWeek { specialist, visits, hosts, drives, by_video, dates, off })
}

/// The seven dates of the week in which a date lies.
fn dates(date: NaiveDate) -> BTreeMap<Weekday, NaiveDate> {
    let monday = date - TimeDelta::days(Weekday::of(date) as i64);
    Weekday::ALL.into_iter().map(|day| (day, monday + TimeDelta::days(day as i64))).collect()
}

fn off(
    tx: &mut ReadTx,
    ctx: &Context,
    specialist: &Specialist,
    dates: &BTreeMap<Weekday, NaiveDate>,
) -> Result<BTreeMap<VisitId, String>, OperationError> {
    let filter = dated_visits::Filter {
        from: dates.get(&Weekday::Mon).copied(),
        until: dates.get(&Weekday::Sun).map(|sunday| *sunday + TimeDelta::days(1)),
        specialist: Some(specialist.id),
        kind: Some(DatedVisitKind::Weekly),
        ..Default::default()
    };
    let dated = dated_visits::list(tx, ctx, &filter, PageRequest::ALL)?.items;
    let dated = dated.into_iter().filter(|visit| visit.state != DatedVisitState::Planned);
    Ok(dated.map(|visit| (visit.visit_id, off_words(visit.state, visit.reason))).collect())
}

fn off_words(state: DatedVisitState, reason: String) -> String {
    match state {
        DatedVisitState::Planned => reason,
        DatedVisitState::Closed => format!("no visit: {reason}"),
        DatedVisitState::EarlyRelease => format!("no visit, the day ends early: {reason}"),
        DatedVisitState::NotCovered if reason.is_empty() => "not covered: away".to_owned(),
        DatedVisitState::NotCovered => format!("not covered: {reason}"),
    }
}

fn hosts(tx: &mut ReadTx, visits: &[Visit]) -> Result<BTreeMap<SiteId, Host>, OperationError> {
    let members = db::members::list(tx, &Scope::All, PageRequest::ALL)?.items;
    let mut hosts = BTreeMap::new();
    for visit in visits {
        if hosts.contains_key(&visit.site_id) {
            continue;
        }
        let site = db::sites::find(tx, visit.site_id)?.ok_or(OperationError::NotFound)?;
        let place = members.iter().position(|member| member.id == site.fields.member_id);
        if let Some((place, member)) = place.and_then(|place| members.get(place).map(|member| (place, member))) {
            let (code, name) = (member.fields.code.clone(), member.fields.name.clone());
            hosts.insert(visit.site_id, Host { code, name, place });
        }
    }
    Ok(hosts)
}

/// The drives between visits that follow each other on a day at different sites.
fn drives(tx: &mut ReadTx, visits: &[Visit]) -> Result<BTreeMap<(SiteId, SiteId), TravelFields>, OperationError> {
    let mut drives = BTreeMap::new();
    for pair in visits.windows(2) {
        let way = (pair[0].site_id, pair[1].site_id);
        if pair[0].weekday == pair[1].weekday
            && way.0 != way.1
            && let Some(travel) = db::travel::find(tx, way.0, way.1)?
        {
            drives.insert(way, travel.fields);
        }
    }
    Ok(drives)
}

/// How full the weeks of all specialists are that the actor can see, in order of entry.
pub fn loads(tx: &mut ReadTx, ctx: &Context, plan: PlanId) -> Result<Vec<SpecialistLoad>, OperationError> {
    let people = visible(ctx, Resource::Specialists)?;
    let scope = visible(ctx, Resource::Visits)?;
    let plan = plans::get(tx, ctx, plan)?;
    let instance = read_instance(tx, &plan)?;
    let limits: BTreeMap<&str, i64> = instance
        .specialists
        .iter()
        .map(|one| (one.code.as_str(), i64::from(one.direct_minutes_per_week_max)))
        .collect();
    let mut visits: BTreeMap<SpecialistId, Vec<Visit>> = BTreeMap::new();
    for visit in db::visits::list(tx, plan.id, &scope, PageRequest::ALL)?.items {
        visits.entry(visit.specialist_id).or_default().push(visit);
    }
    let specialists = db::specialists::list(tx, &people, PageRequest::ALL)?.items;
    let load = |specialist: Specialist| {
        let own = visits.remove(&specialist.id).unwrap_or_default();
        let mut sites: Vec<SiteId> = own.iter().map(|visit| visit.site_id).collect();
        sites.sort_unstable();
        sites.dedup();
        SpecialistLoad {
            visits: own.len() as i64,
            sites: sites.len() as i64,
            minutes: own.iter().map(Visit::minutes).sum(),
            minutes_max: limits.get(specialist.fields.code.as_str()).copied().unwrap_or(0),
            specialist,
        }
    };
    Ok(specialists.into_iter().map(load).collect())
}
