//! What is owed by request and period: the rows of dated visits and logs, given to [`crate::domain::owed`].

use std::collections::HashMap;

use chrono::{NaiveDate, TimeDelta};

use super::access::{can_see, seen, visible};
use super::asked;
use super::error::OperationError;
use super::runner::Context;
use crate::db::{self, Page, PageRequest, ReadTx};
use crate::domain::actor::{Owner, Resource, Scope};
use crate::domain::dated_visit::{DatedVisit, DatedVisitKind, DatedVisitState, is_in_indirect_week};
use crate::domain::ids::{DatedVisitId, MemberId, ServiceRequestId, SiteId, TermId};
use crate::domain::owed::{MakeUp, PlannedVisit, RequestOwed, owed};
use crate::domain::school_calendar::{CalendarKind, SchoolCalendar};
use crate::domain::service_log::LogFields;
use crate::domain::service_request::ServiceRequest;

const RESOURCE: Resource = Resource::Owed;

/// What is counted: of each request the whole term, or the part of it that lies in a period.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counted {
    /// From this date on.
    pub from: Option<NaiveDate>,
    /// Before this date.
    pub until: Option<NaiveDate>,
}

/// What a list of owed minutes is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of one member.
    pub member: Option<MemberId>,
    /// Of one site.
    pub site: Option<SiteId>,
    /// Of one request.
    pub request: Option<ServiceRequestId>,
    /// Of one discipline.
    pub discipline: Option<String>,
    /// Of one term.
    pub term: Option<TermId>,
    /// When.
    pub counted: Counted,
}

/// What is owed of each request that was ever planned and that the actor can see.
pub fn list(
    tx: &mut ReadTx,
    ctx: &Context,
    filter: &Filter,
    page: PageRequest,
) -> Result<Page<RequestOwed>, OperationError> {
    let scope = visible(ctx, RESOURCE)?;
    asked::check(tx, filter.discipline.as_deref(), (filter.counted.from, filter.counted.until))?;
    let only = db::service_requests::Filter {
        term: filter.term,
        site: filter.site,
        state: None,
        id: filter.request,
        member: filter.member,
        discipline: filter.discipline.clone(),
        was_planned: true,
        priority: None,
    };
    let found = db::service_requests::list(tx, &scope, &only, page)?;
    let items = of_requests(tx, ctx, &found.items, filter.counted)?;
    ctx.trail.count(RESOURCE, items.len());
    Ok(Page { items, next: found.next })
}

/// What is owed of one request.
pub fn of_request(
    tx: &mut ReadTx,
    ctx: &Context,
    id: ServiceRequestId,
    counted: &Counted,
) -> Result<RequestOwed, OperationError> {
    let found = db::service_requests::find(tx, id)?;
    let request = seen(ctx, RESOURCE, found, |request| Owner::member(request.member_id))?;
    ctx.trail.code(&request.code);
    asked::check(tx, None, (counted.from, counted.until))?;
    let found = of_requests(tx, ctx, std::slice::from_ref(&request), *counted)?;
    found.into_iter().next().ok_or(OperationError::NotFound)
}

/// The same for a page that shows more of the request; nothing for those who do not see what is owed.
pub fn if_seen(tx: &mut ReadTx, ctx: &Context, id: ServiceRequestId) -> Result<Option<RequestOwed>, OperationError> {
    if can_see(ctx, RESOURCE).is_err() {
        return Ok(None);
    }
    of_request(tx, ctx, id, &Counted::default()).map(Some)
}

/// The same of several requests, in their order.
pub(super) fn of_requests(
    tx: &mut ReadTx,
    ctx: &Context,
    requests: &[ServiceRequest],
    counted: Counted,
) -> Result<Vec<RequestOwed>, OperationError> {
    let terms: HashMap<TermId, (NaiveDate, NaiveDate)> = db::terms::list(tx, PageRequest::ALL)?
        .items
        .into_iter()
        .map(|term| (term.id, (term.fields.starts_on, term.fields.ends_on + TimeDelta::days(1))))
        .collect();
    let period = |request: &ServiceRequest| {
        let (starts, ends) = terms.get(&request.fields.term_id).copied().unwrap_or_default();
        let from = counted.from.map_or(starts, |day| day.clamp(starts, ends));
        (from, counted.until.map_or(ends, |day| day.clamp(from, ends)))
    };
    let periods: HashMap<ServiceRequestId, (NaiveDate, NaiveDate)> =
        requests.iter().map(|request| (request.id, period(request))).collect();
    let whole = (
        periods.values().map(|(from, _)| *from).min().unwrap_or_default(),
        periods.values().map(|(_, until)| *until).max().unwrap_or_default(),
    );
    let ids: Vec<ServiceRequestId> = requests.iter().map(|request| request.id).collect();
    let dated = db::dated_visits::of_requests(tx, &ids, whole, ctx.settings.time_zone)?;
    let mut planned = planned(tx, ctx, &dated, &periods)?;
    let of_one = |request: &ServiceRequest| {
        let (period_from, period_until) = period(request);
        let visits = planned.remove(&request.id).unwrap_or_default();
        RequestOwed {
            service_request_id: request.id,
            service_request_code: request.code.clone(),
            discipline: request.fields.discipline.clone(),
            member_id: request.member_id,
            site_id: request.fields.site_id,
            period_from,
            period_until,
            owed: owed(&visits, &ctx.settings.owed_rules, period_until - TimeDelta::days(1)),
        }
    };
    Ok(requests.iter().map(of_one).collect())
}

/// The weekly visits of each request in its period, each with its log and its make-ups.
fn planned(
    tx: &mut ReadTx,
    ctx: &Context,
    dated: &[DatedVisit],
    periods: &HashMap<ServiceRequestId, (NaiveDate, NaiveDate)>,
) -> Result<HashMap<ServiceRequestId, Vec<PlannedVisit>>, OperationError> {
    let logs = logs(tx, dated)?;
    let no_school = no_school(tx)?;
    let mut make_ups: HashMap<DatedVisitId, Vec<MakeUp>> = HashMap::new();
    for visit in dated {
        if let Some(missed) = visit.makes_up_id {
            make_ups.entry(missed).or_default().push(make_up(visit, &logs));
        }
    }
    let mut planned: HashMap<ServiceRequestId, Vec<PlannedVisit>> = HashMap::new();
    for visit in dated.iter().filter(|visit| visit.kind == DatedVisitKind::Weekly) {
        let period = periods.get(&visit.service_request_id);
        if period.is_some_and(|(from, until)| (*from..*until).contains(&visit.visit_on)) {
            let made_up = make_ups.remove(&visit.id).unwrap_or_default();
            let one = counted(ctx, visit, &no_school, (logs.get(&visit.id).copied(), made_up));
            planned.entry(visit.service_request_id).or_default().push(one);
        }
    }
    Ok(planned)
}

fn logs(tx: &mut ReadTx, visits: &[DatedVisit]) -> Result<HashMap<DatedVisitId, LogFields>, OperationError> {
    let ids: Vec<DatedVisitId> = visits.iter().filter(|one| one.log_version > 0).map(|one| one.id).collect();
    Ok(db::service_logs::of_visits(tx, &ids)?.into_iter().collect())
}

fn make_up(visit: &DatedVisit, logs: &HashMap<DatedVisitId, LogFields>) -> MakeUp {
    MakeUp { minutes: visit.minutes, falls_out: !visit.takes_place(), log: logs.get(&visit.id).copied() }
}

/// Holidays and breaks: days on which nothing is planned, whatever the weekly plan says.
pub(super) fn no_school(tx: &mut ReadTx) -> Result<SchoolCalendar, OperationError> {
    let entries = db::calendar_entries::list(tx, &Scope::All, &Default::default(), PageRequest::ALL)?.items;
    let is_break = |kind| matches!(kind, CalendarKind::Holiday | CalendarKind::Intersession);
    let breaks = entries.iter().map(|entry| &entry.fields).filter(|fields| is_break(fields.kind));
    Ok(SchoolCalendar::new(breaks))
}

fn counted(
    ctx: &Context,
    visit: &DatedVisit,
    no_school: &SchoolCalendar,
    (log, make_ups): (Option<LogFields>, Vec<MakeUp>),
) -> PlannedVisit {
    let is_covered = visit.covered_by_specialist_id.is_some() && visit.state == DatedVisitState::NotCovered;
    PlannedVisit {
        minutes: visit.minutes,
        state: if is_covered { DatedVisitState::Planned } else { visit.state },
        no_school: is_in_indirect_week(visit.state, &visit.reason)
            || no_school.closed(visit.member_id, visit.site_id, visit.visit_on).is_some(),
        is_over: visit.ends_at <= ctx.now,
        log,
        make_ups,
    }
}

/// How many minutes of make-ups can still be added for a visit.
pub(super) fn can_be_made_up(tx: &mut ReadTx, ctx: &Context, visit: &DatedVisit) -> Result<i64, OperationError> {
    let others = db::dated_visits::make_ups_of(tx, visit.id, ctx.settings.time_zone)?;
    let logs = logs(tx, &[&others[..], std::slice::from_ref(visit)].concat())?;
    let made_up = others.iter().map(|one| make_up(one, &logs));
    let no_school = no_school(tx)?;
    let one = counted(ctx, visit, &no_school, (logs.get(&visit.id).copied(), made_up.collect()));
    Ok(one.can_be_made_up(&ctx.settings.owed_rules))
}

/// The make-ups that hold minutes of a visit: nothing is logged of them, and they take place as far as anybody knows.
pub(super) fn open_make_ups(
    tx: &mut ReadTx,
    ctx: &Context,
    visit: &DatedVisit,
) -> Result<Vec<DatedVisit>, OperationError> {
    let mut open = db::dated_visits::make_ups_of(tx, visit.id, ctx.settings.time_zone)?;
    let logs = logs(tx, &open)?;
    open.retain(|one| make_up(one, &logs).open_minutes() > 0);
    open.sort_by_key(|one| (one.visit_on, one.starts));
    Ok(open)
}
