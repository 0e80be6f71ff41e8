//! Visits and shortfalls of plans, with the names people read.

use diesel::prelude::*;

use super::connection::MultiBackend;
use super::page::{Page, PageRequest};
use super::schema::{service_requests, shortfalls, sites, specialists, visits};
use super::sql_types::Json;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::actor::Scope;
use crate::domain::calendar::{WallClock, Weekday};
use crate::domain::ids::{MemberId, PlanId, ServiceRequestId, ShortfallId, SiteId, SpecialistId, VisitId};
use crate::domain::plan::{Remedy, Shortfall, Visit};
use crate::domain::service_request::Priority;

#[derive(Queryable)]
struct VisitRow {
    id: VisitId,
    plan_id: PlanId,
    specialist_id: SpecialistId,
    specialist_code: String,
    specialist_name: String,
    service_request_id: ServiceRequestId,
    service_request_code: String,
    discipline: String,
    priority: Priority,
    site_id: SiteId,
    site_name: String,
    member_id: MemberId,
    weekday: Weekday,
    starts: WallClock,
    ends: WallClock,
}

impl From<VisitRow> for Visit {
    fn from(row: VisitRow) -> Visit {
        Visit {
            id: row.id,
            plan_id: row.plan_id,
            specialist_id: row.specialist_id,
            specialist_code: row.specialist_code,
            specialist_name: row.specialist_name,
            service_request_id: row.service_request_id,
            service_request_code: row.service_request_code,
            discipline: row.discipline,
            priority: row.priority,
            site_id: row.site_id,
            site_name: row.site_name,
            member_id: row.member_id,
            weekday: row.weekday,
            starts: row.starts,
            ends: row.ends,
        }
    }
}

/// The visits of a plan that lie in a scope, in order of entry (specialist, day, time).
pub fn list(tx: &mut ReadTx, plan: PlanId, scope: &Scope, page: PageRequest) -> Result<Page<Visit>, DbError> {
    let mut query = visits::table
        .inner_join(specialists::table.on(specialists::id.eq(visits::specialist_id)))
        .inner_join(service_requests::table.on(service_requests::id.eq(visits::service_request_id)))
        .inner_join(sites::table.on(sites::id.eq(visits::site_id)))
        .filter(visits::plan_id.eq(plan))
        .filter(visits::id.gt(page.start::<VisitId>()))
        .select((
            visits::id,
            visits::plan_id,
            visits::specialist_id,
            specialists::code,
            specialists::name,
            visits::service_request_id,
            service_requests::code,
            service_requests::discipline_code,
            service_requests::priority,
            visits::site_id,
            sites::name,
            service_requests::member_id,
            visits::weekday,
            visits::starts,
            visits::ends,
        ))
        .into_boxed::<MultiBackend>();
    query = match scope {
        Scope::All => query,
        Scope::Parts { members, specialists } => query.filter(
            service_requests::member_id.eq_any(members.clone()).or(visits::specialist_id.eq_any(specialists.clone())),
        ),
    };
    let rows: Vec<VisitRow> = query.order(visits::id).limit(page.limit + 1).load(tx.connection())?;
    Ok(Page::cut(rows.into_iter().map(Visit::from).collect(), page, |visit| visit.id.0))
}

/// A visit about to be stored.
#[derive(Debug, Clone, Copy)]
pub struct NewVisit {
    /// Who comes.
    pub specialist: SpecialistId,
    /// For which request.
    pub service_request: ServiceRequestId,
    /// Where.
    pub site: SiteId,
    /// On which day.
    pub weekday: Weekday,
    /// From.
    pub starts: WallClock,
    /// To.
    pub ends: WallClock,
}

/// Stores a visit of a plan.
pub fn insert(tx: &mut WriteTx, plan: PlanId, visit: &NewVisit) -> Result<(), DbError> {
    diesel::insert_into(visits::table)
        .values((
            visits::id.eq(VisitId::new()),
            visits::plan_id.eq(plan),
            visits::specialist_id.eq(visit.specialist),
            visits::service_request_id.eq(visit.service_request),
            visits::site_id.eq(visit.site),
            visits::weekday.eq(visit.weekday),
            visits::starts.eq(visit.starts),
            visits::ends.eq(visit.ends),
        ))
        .execute(tx.connection())?;
    Ok(())
}

#[derive(Queryable)]
struct ShortfallRow {
    id: ShortfallId,
    plan_id: PlanId,
    service_request_id: ServiceRequestId,
    service_request_code: String,
    discipline: String,
    priority: Priority,
    site_name: String,
    member_id: MemberId,
    minutes: i64,
    reason: String,
    binding: Json<Vec<String>>,
    remedies: Json<Vec<Remedy>>,
}

impl From<ShortfallRow> for Shortfall {
    fn from(row: ShortfallRow) -> Shortfall {
        Shortfall {
            id: row.id,
            plan_id: row.plan_id,
            service_request_id: row.service_request_id,
            service_request_code: row.service_request_code,
            discipline: row.discipline,
            priority: row.priority,
            site_name: row.site_name,
            member_id: row.member_id,
            minutes: row.minutes,
            reason: row.reason,
            causes: Vec::new(),
            binding: row.binding.0,
            remedies: row.remedies.0,
        }
    }
}

/// The shortfalls of a plan that lie in a scope. Their causes are in the plan's document only.
pub fn list_shortfalls(
    tx: &mut ReadTx,
    plan: PlanId,
    scope: &Scope,
    page: PageRequest,
) -> Result<Page<Shortfall>, DbError> {
    let mut query = shortfalls::table
        .inner_join(service_requests::table.on(service_requests::id.eq(shortfalls::service_request_id)))
        .inner_join(sites::table.on(sites::id.eq(service_requests::site_id)))
        .filter(shortfalls::plan_id.eq(plan))
        .filter(shortfalls::id.gt(page.start::<ShortfallId>()))
        .select((
            shortfalls::id,
            shortfalls::plan_id,
            shortfalls::service_request_id,
            service_requests::code,
            service_requests::discipline_code,
            service_requests::priority,
            sites::name,
            service_requests::member_id,
            shortfalls::minutes,
            shortfalls::reason,
            shortfalls::binding,
            shortfalls::remedies,
        ))
        .into_boxed::<MultiBackend>();
    query = match scope {
        Scope::All => query,
        Scope::Parts { members, .. } => query.filter(service_requests::member_id.eq_any(members.clone())),
    };
    let rows: Vec<ShortfallRow> = query.order(shortfalls::id).limit(page.limit + 1).load(tx.connection())?;
    Ok(Page::cut(rows.into_iter().map(Shortfall::from).collect(), page, |shortfall| shortfall.id.0))
}

/// A shortfall about to be stored.
#[derive(Debug, Clone)]
pub struct NewShortfall<'a> {
    /// Of which request.
    pub service_request: ServiceRequestId,
    /// Minutes a week that are missing.
    pub minutes: i64,
    /// Why.
    pub reason: &'a str,
    /// Planning rules in the way.
    pub binding: Vec<String>,
    /// What would change it.
    pub remedies: Vec<Remedy>,
}

/// Stores a shortfall of a plan.
pub fn insert_shortfall(tx: &mut WriteTx, plan: PlanId, shortfall: &NewShortfall<'_>) -> Result<(), DbError> {
    diesel::insert_into(shortfalls::table)
        .values((
            shortfalls::id.eq(ShortfallId::new()),
            shortfalls::plan_id.eq(plan),
            shortfalls::service_request_id.eq(shortfall.service_request),
            shortfalls::minutes.eq(shortfall.minutes),
            shortfalls::reason.eq(shortfall.reason),
            shortfalls::binding.eq(Json(shortfall.binding.clone())),
            shortfalls::remedies.eq(Json(shortfall.remedies.clone())),
        ))
        .execute(tx.connection())?;
    Ok(())
}
