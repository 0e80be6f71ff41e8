//! What was logged about dated visits: one row a version, never changed.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::connection::MultiBackend;
use super::dated_visits::narrow;
use super::page::{Page, PageRequest};
use super::schema::{dated_visits as dated, service_logs as logs, service_requests};
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::actor::Scope;
use crate::domain::calendar::{Interval, WallClock};
use crate::domain::ids::{AccountId, DatedVisitId, MemberId, ServiceLogId, ServiceRequestId, SiteId, SpecialistId};
use crate::domain::service_log::{LogFields, LogOutcome, MissedReason, ServiceLog};

/// Identities that go to the database at once: both databases limit the values of a statement.
const IDS_AT_ONCE: usize = 500;

/// What a list of logs is narrowed to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// Of visits on this date or later.
    pub from: Option<NaiveDate>,
    /// Of visits before this date.
    pub until: Option<NaiveDate>,
    /// Of one specialist's visits, also those that they cover.
    pub specialist: Option<SpecialistId>,
    /// At one site.
    pub site: Option<SiteId>,
    /// Of one member.
    pub member: Option<MemberId>,
    /// For one request.
    pub request: Option<ServiceRequestId>,
    /// With this outcome.
    pub outcome: Option<LogOutcome>,
}

#[derive(Queryable)]
struct Row {
    id: ServiceLogId,
    dated_visit_id: DatedVisitId,
    version: i64,
    visit_on: NaiveDate,
    starts: WallClock,
    ends: WallClock,
    service_request_id: ServiceRequestId,
    service_request_code: String,
    member_id: MemberId,
    specialist_id: SpecialistId,
    covered_by_specialist_id: Option<SpecialistId>,
    outcome: LogOutcome,
    minutes: i64,
    reason: Option<MissedReason>,
    group_size: Option<i64>,
    logged_by: AccountId,
    logged_at: At,
}

impl From<Row> for ServiceLog {
    fn from(row: Row) -> ServiceLog {
        ServiceLog {
            id: row.id,
            dated_visit_id: row.dated_visit_id,
            version: row.version,
            visit_on: row.visit_on,
            planned_minutes: i64::from(Interval { starts: row.starts, ends: row.ends }.minutes()),
            service_request_id: Some(row.service_request_id),
            service_request_code: Some(row.service_request_code),
            member_id: row.member_id,
            specialist_id: row.specialist_id,
            covered_by_specialist_id: row.covered_by_specialist_id,
            outcome: row.outcome,
            minutes: row.minutes,
            reason: row.reason,
            group_size: row.group_size,
            logged_by: row.logged_by,
            logged_at: row.logged_at.0,
        }
    }
}

/// Every column of a [`Row`], with the tables it comes from.
macro_rules! joined {
    () => {
        logs::table
            .inner_join(dated::table.on(dated::id.eq(logs::dated_visit_id)))
            .inner_join(service_requests::table.on(service_requests::id.eq(dated::service_request_id)))
            .select((
                logs::id,
                logs::dated_visit_id,
                logs::version,
                dated::visit_on,
                dated::starts,
                dated::ends,
                dated::service_request_id,
                service_requests::code,
                dated::member_id,
                dated::specialist_id,
                dated::covered_by_specialist_id,
                logs::outcome,
                logs::minutes,
                logs::reason,
                logs::group_size,
                logs::account_id,
                logs::logged_at,
            ))
    };
}

/// The versions that count, in a scope, in the order in which they were logged.
pub fn list(tx: &mut ReadTx, scope: &Scope, filter: &Filter, page: PageRequest) -> Result<Page<ServiceLog>, DbError> {
    let mut query = joined!()
        .filter(logs::version.eq(dated::log_version))
        .filter(logs::id.gt(page.start::<ServiceLogId>()))
        .into_boxed::<MultiBackend>();
    narrow!(query, scope, filter);
    if let Some(member) = filter.member {
        query = query.filter(dated::member_id.eq(member));
    }
    if let Some(outcome) = filter.outcome {
        query = query.filter(logs::outcome.eq(outcome));
    }
    let rows: Vec<Row> = query.order(logs::id).limit(page.limit + 1).load(tx.connection())?;
    Ok(Page::cut(rows.into_iter().map(ServiceLog::from).collect(), page, |log| log.id.0))
}

/// Every version of the log of a visit, the first one first.
pub fn versions(tx: &mut ReadTx, visit: DatedVisitId) -> Result<Vec<ServiceLog>, DbError> {
    let rows: Vec<Row> = joined!().filter(logs::dated_visit_id.eq(visit)).order(logs::version).load(tx.connection())?;
    Ok(rows.into_iter().map(ServiceLog::from).collect())
}

/// Every version of every log of a member, in the order in which they were logged.
pub fn of_member(tx: &mut ReadTx, member: MemberId) -> Result<Vec<ServiceLog>, DbError> {
    let rows: Vec<Row> = joined!().filter(dated::member_id.eq(member)).order(logs::id).load(tx.connection())?;
    Ok(rows.into_iter().map(ServiceLog::from).collect())
}

/// What counts of some visits.
pub fn of_visits(tx: &mut ReadTx, visits: &[DatedVisitId]) -> Result<Vec<(DatedVisitId, LogFields)>, DbError> {
    type Row = (DatedVisitId, LogOutcome, i64, Option<MissedReason>, Option<i64>);
    let mut found = Vec::new();
    for visits in visits.chunks(IDS_AT_ONCE) {
        let rows: Vec<Row> = logs::table
            .inner_join(dated::table.on(dated::id.eq(logs::dated_visit_id)))
            .filter(logs::version.eq(dated::log_version))
            .filter(logs::dated_visit_id.eq_any(visits.to_vec()))
            .select((logs::dated_visit_id, logs::outcome, logs::minutes, logs::reason, logs::group_size))
            .load(tx.connection())?;
        let fields = |(visit, outcome, minutes, reason, group_size): Row| {
            let minutes = Some(minutes).filter(|minutes| *minutes > 0);
            (visit, LogFields { outcome, minutes, reason, group_size })
        };
        found.extend(rows.into_iter().map(fields));
    }
    Ok(found)
}

/// Adds a version. That it counts is said by [`super::dated_visits::logged`].
pub fn insert(
    tx: &mut WriteTx,
    (visit, version): (DatedVisitId, i64),
    fields: &LogFields,
    account: AccountId,
    now: DateTime<Utc>,
) -> Result<ServiceLogId, DbError> {
    let id = ServiceLogId::new();
    diesel::insert_into(logs::table)
        .values((
            logs::id.eq(id),
            logs::dated_visit_id.eq(visit),
            logs::version.eq(version),
            logs::outcome.eq(fields.outcome),
            logs::minutes.eq(fields.minutes.unwrap_or(0)),
            logs::reason.eq(fields.reason),
            logs::group_size.eq(fields.group_size),
            logs::account_id.eq(account),
            logs::logged_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(id)
}
