//! Visits of plans with their dates.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;

use super::connection::{AnyConnection, MultiBackend};
use super::page::{Page, PageRequest};
use super::schema::{dated_visits as dated, service_requests, sites, specialists, visits};
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx, calendar_events};
use crate::domain::actor::Scope;
use crate::domain::calendar::{Interval, WallClock, Weekday};
use crate::domain::dated_visit::{DatedVisit, DatedVisitKind, DatedVisitState, WeeklyVisit, instants};
use crate::domain::ids::{DatedVisitId, MemberId, PlanId, ServiceRequestId, SiteId, SpecialistId, VisitId};
use crate::domain::schedule_news::{Told, told_when_laid_out};
use crate::domain::service_log::LogOutcome;

/// Rows that go to the database at once: both databases limit the values of a statement.
const ROWS_AT_ONCE: usize = 500;

/// What a list of dated visits is narrowed to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// On this date or later.
    pub from: Option<NaiveDate>,
    /// Before this date.
    pub until: Option<NaiveDate>,
    /// Of one specialist, or covered by them.
    pub specialist: Option<SpecialistId>,
    /// At one site.
    pub site: Option<SiteId>,
    /// In one state.
    pub state: Option<DatedVisitState>,
    /// For one request.
    pub request: Option<ServiceRequestId>,
    /// From the weekly plan, or to make up.
    pub kind: Option<DatedVisitKind>,
}

#[derive(Queryable)]
struct Row {
    id: DatedVisitId,
    plan_id: PlanId,
    visit_id: VisitId,
    specialist_id: SpecialistId,
    specialist_code: String,
    service_request_id: ServiceRequestId,
    service_request_code: String,
    discipline: String,
    site_id: SiteId,
    site_name: String,
    member_id: MemberId,
    visit_on: NaiveDate,
    starts: WallClock,
    ends: WallClock,
    state: DatedVisitState,
    reason: String,
    kind: DatedVisitKind,
    makes_up_id: Option<DatedVisitId>,
    covered_by_specialist_id: Option<SpecialistId>,
    log_version: i64,
}

fn record(row: Row, zone: Tz) -> DatedVisit {
    let time = Interval { starts: row.starts, ends: row.ends };
    let (starts_at, ends_at) = instants(zone, row.visit_on, time);
    DatedVisit {
        id: row.id,
        plan_id: row.plan_id,
        visit_id: row.visit_id,
        specialist_id: row.specialist_id,
        specialist_code: row.specialist_code,
        service_request_id: row.service_request_id,
        service_request_code: row.service_request_code,
        discipline: row.discipline,
        site_id: row.site_id,
        site_name: row.site_name,
        member_id: row.member_id,
        visit_on: row.visit_on,
        starts: row.starts,
        ends: row.ends,
        starts_at,
        ends_at,
        minutes: i64::from(time.minutes()),
        state: row.state,
        reason: row.reason,
        kind: row.kind,
        makes_up_id: row.makes_up_id,
        covered_by_specialist_id: row.covered_by_specialist_id,
        log_version: row.log_version,
    }
}

/// Every column of a [`Row`], with the tables it comes from.
macro_rules! joined {
    () => {
        dated::table
            .inner_join(specialists::table.on(specialists::id.eq(dated::specialist_id)))
            .inner_join(service_requests::table.on(service_requests::id.eq(dated::service_request_id)))
            .inner_join(sites::table.on(sites::id.eq(dated::site_id)))
            .select((
                dated::id,
                dated::plan_id,
                dated::visit_id,
                dated::specialist_id,
                specialists::code,
                dated::service_request_id,
                service_requests::code,
                service_requests::discipline_code,
                dated::site_id,
                sites::name,
                dated::member_id,
                dated::visit_on,
                dated::starts,
                dated::ends,
                dated::state,
                dated::reason,
                dated::kind,
                dated::makes_up_id,
                dated::covered_by_specialist_id,
                dated::log_version,
            ))
    };
}

/// Narrows a query that has the table of dated visits to a scope, days, a specialist, a site and a request. A macro,
/// because each query has a type of its own.
macro_rules! narrow {
    ($query:ident, $scope:expr, $filter:expr) => {
        if let Scope::Parts { members, specialists } = $scope {
            let covering: Vec<Option<SpecialistId>> = specialists.iter().copied().map(Some).collect();
            let covers = dated::covered_by_specialist_id.eq_any(covering);
            let own = dated::member_id.eq_any(members.clone()).or(dated::specialist_id.eq_any(specialists.clone()));
            $query = $query.filter(own.nullable().or(covers));
        }
        if let Some(from) = $filter.from {
            $query = $query.filter(dated::visit_on.ge(from));
        }
        if let Some(until) = $filter.until {
            $query = $query.filter(dated::visit_on.lt(until));
        }
        if let Some(specialist) = $filter.specialist {
            let covers = dated::covered_by_specialist_id.eq(Some(specialist));
            $query = $query.filter(dated::specialist_id.eq(specialist).nullable().or(covers));
        }
        if let Some(site) = $filter.site {
            $query = $query.filter(dated::site_id.eq(site));
        }
        if let Some(request) = $filter.request {
            $query = $query.filter(dated::service_request_id.eq(request));
        }
    };
}

pub(super) use narrow;

/// One dated visit.
pub fn find(tx: &mut ReadTx, id: DatedVisitId, zone: Tz) -> Result<Option<DatedVisit>, DbError> {
    let row: Option<Row> = joined!().filter(dated::id.eq(id)).first(tx.connection()).optional()?;
    Ok(row.map(|row| record(row, zone)))
}

/// The dated visits of some requests that lie in a period, and the make-ups of them whenever they are.
pub fn of_requests(
    tx: &mut ReadTx,
    requests: &[ServiceRequestId],
    (from, until): (NaiveDate, NaiveDate),
    zone: Tz,
) -> Result<Vec<DatedVisit>, DbError> {
    let mut found = Vec::new();
    for requests in requests.chunks(ROWS_AT_ONCE) {
        let lies_in = dated::visit_on.ge(from).and(dated::visit_on.lt(until));
        let rows: Vec<Row> = joined!()
            .filter(dated::service_request_id.eq_any(requests.to_vec()))
            .filter(lies_in.or(dated::kind.eq(DatedVisitKind::MakeUp)))
            .order(dated::id)
            .load(tx.connection())?;
        found.extend(rows.into_iter().map(|row| record(row, zone)));
    }
    Ok(found)
}

/// The make-ups of a dated visit.
pub fn make_ups_of(tx: &mut ReadTx, id: DatedVisitId, zone: Tz) -> Result<Vec<DatedVisit>, DbError> {
    let rows: Vec<Row> = joined!().filter(dated::makes_up_id.eq(id)).order(dated::id).load(tx.connection())?;
    Ok(rows.into_iter().map(|row| record(row, zone)).collect())
}

/// The dated visits in a scope, in the order in which they were laid out.
pub fn list(
    tx: &mut ReadTx,
    (scope, filter): (&Scope, &Filter),
    zone: Tz,
    page: PageRequest,
) -> Result<Page<DatedVisit>, DbError> {
    let mut query = joined!().filter(dated::id.gt(page.start::<DatedVisitId>())).into_boxed::<MultiBackend>();
    narrow!(query, scope, filter);
    if let Some(state) = filter.state {
        query = query.filter(dated::state.eq(state));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(dated::kind.eq(kind));
    }
    let rows: Vec<Row> = query.order(dated::id).limit(page.limit + 1).load(tx.connection())?;
    Ok(Page::cut(rows.into_iter().map(|row| record(row, zone)).collect(), page, |visit| visit.id.0))
}

/// How many dated visits there are in a scope.
pub fn count(tx: &mut ReadTx, scope: &Scope, filter: &Filter) -> Result<i64, DbError> {
    let mut query = dated::table.select(diesel::dsl::count_star()).into_boxed::<MultiBackend>();
    narrow!(query, scope, filter);
    if let Some(state) = filter.state {
        query = query.filter(dated::state.eq(state));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(dated::kind.eq(kind));
    }
    Ok(query.first(tx.connection())?)
}

/// The weekly visits of a plan with the site that is served, in order of entry, and the request of each. A visit by video
/// is from elsewhere, but the school that is served decides whether it takes place.
pub fn weekly(tx: &mut ReadTx, plan: PlanId) -> Result<Vec<(WeeklyVisit, ServiceRequestId)>, DbError> {
    type Row = (VisitId, SpecialistId, MemberId, SiteId, Weekday, WallClock, WallClock, ServiceRequestId, String);
    let rows: Vec<Row> = visits::table
        .inner_join(service_requests::table.on(service_requests::id.eq(visits::service_request_id)))
        .filter(visits::plan_id.eq(plan))
        .order(visits::id)
        .select((
            visits::id,
            visits::specialist_id,
            service_requests::member_id,
            service_requests::site_id,
            visits::weekday,
            visits::starts,
            visits::ends,
            visits::service_request_id,
            service_requests::discipline_code,
        ))
        .load(tx.connection())?;
    let visit = |(id, specialist_id, member_id, site_id, weekday, starts, ends, request, discipline): Row| {
        let time = Interval { starts, ends };
        (WeeklyVisit { id, specialist_id, member_id, site_id, weekday, time, discipline }, request)
    };
    Ok(rows.into_iter().map(visit).collect())
}

/// What is stored of a weekly visit of a plan from a date on: the date and the weekly visit, with identity, state and
/// reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Identity.
    pub id: DatedVisitId,
    /// Of which weekly visit.
    pub visit: VisitId,
    /// The date.
    pub visit_on: NaiveDate,
    /// Whether it takes place.
    pub state: DatedVisitState,
    /// Why not.
    pub reason: String,
    /// Who covers it.
    pub covered_by: Option<SpecialistId>,
    /// Whether something is logged about it, not taken back, or it has a make-up, so that laying out again leaves it alone.
    pub is_settled: bool,
    /// Whether it, or a make-up of it, was ever logged, so that it stays whatever plan is followed.
    pub is_logged: bool,
    /// Its make-ups.
    pub make_ups: Vec<DatedVisitId>,
}

/// What is stored of the weekly visits of a plan from a date on. Make-ups are nobody's pattern and are left out.
pub fn stored(tx: &mut ReadTx, plan: PlanId, from: NaiveDate) -> Result<Vec<Stored>, DbError> {
    type Row = (DatedVisitId, VisitId, NaiveDate, DatedVisitState, String, Option<SpecialistId>, i64);
    let made_up: Vec<(Option<DatedVisitId>, DatedVisitId, i64)> = dated::table
        .filter(dated::plan_id.eq(plan))
        .filter(dated::kind.eq(DatedVisitKind::MakeUp))
        .order(dated::id)
        .select((dated::makes_up_id, dated::id, dated::log_version))
        .load(tx.connection())?;
    let mut make_ups: HashMap<DatedVisitId, (Vec<DatedVisitId>, bool)> = HashMap::new();
    for (missed, id, log_version) in made_up {
        let (ids, is_logged) = make_ups.entry(missed.unwrap_or(id)).or_default();
        ids.push(id);
        *is_logged |= log_version > 0;
    }
    let rows: Vec<Row> = dated::table
        .filter(dated::plan_id.eq(plan))
        .filter(dated::visit_on.ge(from))
        .filter(dated::kind.eq(DatedVisitKind::Weekly))
        .order(dated::id)
        .select((
            dated::id,
            dated::visit_id,
            dated::visit_on,
            dated::state,
            dated::reason,
            dated::covered_by_specialist_id,
            dated::log_version,
        ))
        .load(tx.connection())?;
    let was_logged: Vec<DatedVisitId> = rows.iter().filter(|row| row.6 > 0).map(|row| row.0).collect();
    let logs = super::service_logs::of_visits(tx, &was_logged)?.into_iter();
    let logged: HashSet<DatedVisitId> =
        logs.filter(|(_, log)| log.outcome != LogOutcome::NotLogged).map(|(id, _)| id).collect();
    let mut stored = |(id, visit, visit_on, state, reason, cover, log_version): Row| {
        let (make_ups, one_is_logged) = make_ups.remove(&id).unwrap_or_default();
        let (covered_by, is_logged) = (cover, log_version > 0 || one_is_logged);
        let is_settled = logged.contains(&id) || !make_ups.is_empty();
        Stored { id, visit, visit_on, state, reason, covered_by, is_settled, is_logged, make_ups }
    };
    Ok(rows.into_iter().map(&mut stored).collect())
}

/// Dated visits about to be stored.
#[derive(Debug, Clone, Insertable)]
// Without defaults SQLite takes many rows in one statement, and diesel begins no transaction of its own for them.
#[diesel(table_name = dated, treat_none_as_default_value = false)]
pub struct NewDatedVisit {
    /// Identity.
    pub id: DatedVisitId,
    /// Of which plan.
    pub plan_id: PlanId,
    /// Of which weekly visit.
    pub visit_id: VisitId,
    /// Who comes.
    pub specialist_id: SpecialistId,
    /// For which request.
    pub service_request_id: ServiceRequestId,
    /// The site that is served.
    pub site_id: SiteId,
    /// The member that is served.
    pub member_id: MemberId,
    /// The date.
    pub visit_on: NaiveDate,
    /// From.
    pub starts: WallClock,
    /// To.
    pub ends: WallClock,
    /// Whether it takes place.
    pub state: DatedVisitState,
    /// Why not.
    pub reason: String,
    /// Where it comes from.
    pub kind: DatedVisitKind,
    /// For a make-up, what it makes up for.
    pub makes_up_id: Option<DatedVisitId>,
    /// Who covers it.
    pub covered_by_specialist_id: Option<SpecialistId>,
    /// Version of its log; 0 for a new one.
    pub log_version: i64,
}

/// A new one with what people know of it.
#[derive(Insertable)]
#[diesel(table_name = dated, treat_none_as_default_value = false)]
struct Laid {
    #[diesel(embed)]
    visit: NewDatedVisit,
    told_school: Told,
    told_staff: Told,
    is_untold: bool,
}

impl Laid {
    fn new(visit: &NewDatedVisit) -> Laid {
        let (told_school, told_staff) = told_when_laid_out(visit.kind, visit.state, visit.covered_by_specialist_id);
        // Nobody knows of a make-up yet.
        let is_untold = visit.kind == DatedVisitKind::MakeUp;
        Laid { visit: visit.clone(), told_school, told_staff, is_untold }
    }
}

/// Stores many.
pub fn insert(tx: &mut WriteTx, rows: &[NewDatedVisit]) -> Result<(), DbError> {
    for rows in rows.chunks(ROWS_AT_ONCE) {
        let rows: Vec<Laid> = rows.iter().map(Laid::new).collect();
        let insert = || diesel::insert_into(dated::table);
        // Of both databases together diesel knows only inserts of one row.
        match tx.connection() {
            AnyConnection::Postgres(connection) => insert().values(rows).execute(connection)?,
            AnyConnection::Sqlite(connection) => insert().values(rows).execute(connection)?,
        };
    }
    Ok(())
}

/// A visit changed once more, for the calendars that show it and for those who are to be told.
macro_rules! changed {
    ($now:expr) => {
        (dated::revision.eq(dated::revision + 1), dated::changed_at.eq(Some(At($now))), dated::is_untold.eq(true))
    };
}

/// Keeps for calendars that somebody no longer covers a visit, unless it stays so.
fn keep_cover_that_ends(
    tx: &mut WriteTx,
    id: DatedVisitId,
    by: Option<SpecialistId>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let before: Option<SpecialistId> =
        dated::table.find(id).select(dated::covered_by_specialist_id).first(tx.connection())?;
    match before.filter(|before| Some(*before) != by) {
        Some(before) => calendar_events::keep_cover_taken_back(tx, id, before, now),
        None => Ok(()),
    }
}

/// Changes who covers one, and whether it takes place.
pub fn cover(
    tx: &mut WriteTx,
    id: DatedVisitId,
    by: Option<SpecialistId>,
    state: DatedVisitState,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    keep_cover_that_ends(tx, id, by, now)?;
    diesel::update(dated::table.find(id))
        .set((dated::covered_by_specialist_id.eq(by), dated::state.eq(state), dated::reason.eq(""), changed!(now)))
        .execute(tx.connection())?;
    Ok(())
}

/// Changes whether one takes place, and takes cover away: who covers one comes as long as nothing is changed about it.
pub fn settle(
    tx: &mut WriteTx,
    (id, is_covered): (DatedVisitId, bool),
    (state, reason): (DatedVisitState, &str),
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    if is_covered {
        keep_cover_that_ends(tx, id, None, now)?;
    }
    let nobody: Option<SpecialistId> = None;
    diesel::update(dated::table.find(id))
        .set((
            dated::state.eq(state),
            dated::reason.eq(reason),
            dated::covered_by_specialist_id.eq(nobody),
            changed!(now),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Which version of its log counts.
pub fn log_version(tx: &mut ReadTx, id: DatedVisitId) -> Result<i64, DbError> {
    Ok(dated::table.find(id).select(dated::log_version).first(tx.connection())?)
}

/// Says which version of its log counts.
pub fn logged(tx: &mut WriteTx, id: DatedVisitId, version: i64) -> Result<(), DbError> {
    diesel::update(dated::table.find(id)).set(dated::log_version.eq(version)).execute(tx.connection())?;
    Ok(())
}

/// Takes away what a plan no longer holds; calendars show it as cancelled for a while.
pub fn delete(tx: &mut WriteTx, ids: &[DatedVisitId], now: DateTime<Utc>) -> Result<(), DbError> {
    for ids in ids.chunks(ROWS_AT_ONCE) {
        calendar_events::keep_dropped(tx, ids, now)?;
        diesel::delete(dated::table.filter(dated::id.eq_any(ids.to_vec()))).execute(tx.connection())?;
    }
    Ok(())
}
