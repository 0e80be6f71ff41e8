//! What was planned and delivered in a period, in as few columns as reports need: one query for all requests at once.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::connection::MultiBackend;
use super::schema::{dated_visits as dated, service_logs as logs, service_requests as requests, terms, visits};
use super::{DbError, ReadTx};
use crate::domain::actor::Scope;
use crate::domain::calendar::WallClock;
use crate::domain::dated_visit::{DatedVisitKind, DatedVisitState, is_in_indirect_week};
use crate::domain::ids::{DatedVisitId, MemberId, ServiceRequestId, SiteId, SpecialistId};
use crate::domain::service_log::{LogFields, LogOutcome, MissedReason};
use crate::domain::service_request::RequestState;

/// Which part of the co-op.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of one member.
    pub member: Option<MemberId>,
    /// Of one discipline.
    pub discipline: Option<String>,
}

/// A request that a plan was made for, in short.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Asked {
    /// Identity.
    pub id: ServiceRequestId,
    /// Its number.
    pub code: String,
    /// The member that asks.
    pub member_id: MemberId,
    /// Discipline asked for.
    pub discipline: String,
    /// Minutes a week.
    pub minutes_per_week: i64,
}

/// The requests in a scope whose term meets a period, and that were ever planned, in order of entry.
pub fn asked(
    tx: &mut ReadTx,
    scope: &Scope,
    filter: &Filter,
    (from, until): (NaiveDate, NaiveDate),
) -> Result<Vec<Asked>, DbError> {
    let mut query = requests::table
        .inner_join(terms::table.on(terms::id.eq(requests::term_id)))
        .filter(terms::starts_on.lt(until))
        .filter(terms::ends_on.ge(from))
        .filter(requests::state.eq_any(vec![RequestState::Planned, RequestState::Ended]))
        .order(requests::id)
        .select((
            requests::id,
            requests::code,
            requests::member_id,
            requests::discipline_code,
            requests::minutes_per_week,
        ))
        .into_boxed::<MultiBackend>();
    if let Scope::Parts { members, .. } = scope {
        query = query.filter(requests::member_id.eq_any(members.clone()));
    }
    if let Some(member) = filter.member {
        query = query.filter(requests::member_id.eq(member));
    }
    if let Some(discipline) = &filter.discipline {
        query = query.filter(requests::discipline_code.eq(discipline.clone()));
    }
    Ok(query.load(tx.connection())?)
}

/// A visit with its date and what counts of its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    /// Identity.
    pub id: DatedVisitId,
    /// For which request.
    pub service_request_id: ServiceRequestId,
    /// The member that is served.
    pub member_id: MemberId,
    /// The site that is served.
    pub site_id: SiteId,
    /// Who gives it: who covers it, or who was to come.
    pub given_by: SpecialistId,
    /// Whether somebody covers it.
    pub is_covered: bool,
    /// The date.
    pub visit_on: NaiveDate,
    /// From.
    pub starts: WallClock,
    /// To.
    pub ends: WallClock,
    /// Whether it takes place.
    pub state: DatedVisitState,
    /// Whether its week is one without visits (3:1).
    pub is_in_indirect_week: bool,
    /// For a make-up, what it makes up for.
    pub makes_up_id: Option<DatedVisitId>,
    /// What was logged, if anything ever was.
    pub log: Option<LogFields>,
}

type DatedRow = (
    (DatedVisitId, ServiceRequestId, MemberId, SiteId),
    (SpecialistId, Option<SpecialistId>),
    (NaiveDate, WallClock, WallClock, DatedVisitState, String, Option<DatedVisitId>),
    (Option<LogOutcome>, Option<i64>, Option<MissedReason>),
);

fn dated_visit((ids, people, when, log): DatedRow) -> Dated {
    let ((outcome, minutes, reason), (specialist, cover)) = (log, people);
    Dated {
        id: ids.0,
        service_request_id: ids.1,
        member_id: ids.2,
        site_id: ids.3,
        given_by: cover.unwrap_or(specialist),
        is_covered: cover.is_some(),
        visit_on: when.0,
        starts: when.1,
        ends: when.2,
        state: when.3,
        is_in_indirect_week: is_in_indirect_week(when.3, &when.4),
        makes_up_id: when.5,
        log: outcome.map(|outcome| LogFields {
            outcome,
            minutes: minutes.filter(|minutes| *minutes > 0),
            reason,
            group_size: None,
        }),
    }
}

/// The dated visits of a part of the co-op that lie in a period, and all make-ups from its first day on, whenever they
/// are given: a make-up is never before what it makes up for.
pub fn of_period(
    tx: &mut ReadTx,
    scope: &Scope,
    filter: &Filter,
    (from, until): (NaiveDate, NaiveDate),
) -> Result<Vec<Dated>, DbError> {
    let counts = logs::dated_visit_id.eq(dated::id).and(logs::version.eq(dated::log_version));
    let mut query = dated::table
        .left_join(logs::table.on(counts))
        .filter(dated::visit_on.ge(from))
        .filter(dated::visit_on.lt(until).or(dated::kind.eq(DatedVisitKind::MakeUp)))
        .select((
            (dated::id, dated::service_request_id, dated::member_id, dated::site_id),
            (dated::specialist_id, dated::covered_by_specialist_id),
            (dated::visit_on, dated::starts, dated::ends, dated::state, dated::reason, dated::makes_up_id),
            (logs::outcome.nullable(), logs::minutes.nullable(), logs::reason.nullable()),
        ))
        .into_boxed::<MultiBackend>();
    if let Scope::Parts { members, .. } = scope {
        query = query.filter(dated::member_id.eq_any(members.clone()));
    }
    if let Some(member) = filter.member {
        query = query.filter(dated::member_id.eq(member));
    }
    let rows: Vec<DatedRow> = query.load(tx.connection())?;
    Ok(rows.into_iter().map(dated_visit).collect())
}

/// A visit with the place where the specialist is, which by video is another one than the site that is served.
pub type Placed = (Dated, SiteId);

/// The dated visits of a period, also make-ups, that specialists in a scope give or were to give.
pub fn of_specialists(
    tx: &mut ReadTx,
    scope: &Scope,
    (from, until): (NaiveDate, NaiveDate),
) -> Result<Vec<Placed>, DbError> {
    let counts = logs::dated_visit_id.eq(dated::id).and(logs::version.eq(dated::log_version));
    let mut query = dated::table
        .inner_join(visits::table.on(visits::id.eq(dated::visit_id)))
        .left_join(logs::table.on(counts))
        .filter(dated::visit_on.ge(from))
        .filter(dated::visit_on.lt(until))
        .select((
            (
                (dated::id, dated::service_request_id, dated::member_id, dated::site_id),
                (dated::specialist_id, dated::covered_by_specialist_id),
                (dated::visit_on, dated::starts, dated::ends, dated::state, dated::reason, dated::makes_up_id),
                (logs::outcome.nullable(), logs::minutes.nullable(), logs::reason.nullable()),
            ),
            visits::site_id,
        ))
        .into_boxed::<MultiBackend>();
    if let Scope::Parts { specialists, .. } = scope {
        let covers = dated::covered_by_specialist_id.eq_any(specialists.iter().copied().map(Some).collect::<Vec<_>>());
        query = query.filter(dated::specialist_id.eq_any(specialists.clone()).nullable().or(covers));
    }
    let rows: Vec<(DatedRow, SiteId)> = query.load(tx.connection())?;
    Ok(rows.into_iter().map(|(row, place)| (dated_visit(row), place)).collect())
}
