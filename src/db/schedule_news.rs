//! Changes of visits that people are still to be told of.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::schema::{dated_visits as dated, dropped_visits as dropped, schedule_news as news};
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::calendar::{Interval, WallClock};
use crate::domain::dated_visit::{DatedVisitKind, DatedVisitState};
use crate::domain::ids::*;
use crate::domain::schedule_news::{ChangedVisit, Reader, Told};

type Facts = (SpecialistId, ServiceRequestId, SiteId, NaiveDate, WallClock, WallClock, DatedVisitKind);

/// What somebody is still to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Identity.
    pub id: ScheduleNewsId,
    /// Who.
    pub reader: Reader,
    /// Of which visit.
    pub visit: DatedVisitId,
    /// Who comes by plan.
    pub specialist_id: SpecialistId,
    /// For which request.
    pub service_request_id: ServiceRequestId,
    /// The site that is served.
    pub site_id: SiteId,
    /// The date.
    pub visit_on: NaiveDate,
    /// From when to when.
    pub time: Interval,
    /// Where it comes from.
    pub kind: DatedVisitKind,
    /// Why the school is closed or ends early.
    pub reason: String,
    /// What they know.
    pub told: Told,
    /// What there is to know.
    pub news: Told,
    /// Whether it does not wait for the summary of a day.
    pub at_once: bool,
    /// When they are told.
    pub due_at: DateTime<Utc>,
}

/// Visits that changed and of which nobody was told yet, some at a time.
pub fn untold(tx: &mut ReadTx, limit: i64) -> Result<Vec<ChangedVisit>, DbError> {
    type Row = (DatedVisitId, Facts, MemberId, String, (Told, Told), (DatedVisitState, Option<SpecialistId>));
    let rows: Vec<Row> = dated::table
        .filter(dated::is_untold.eq(true))
        .order(dated::id)
        .limit(limit)
        .select((
            dated::id,
            (
                dated::specialist_id,
                dated::service_request_id,
                dated::site_id,
                dated::visit_on,
                dated::starts,
                dated::ends,
                dated::kind,
            ),
            dated::member_id,
            dated::reason,
            (dated::told_school, dated::told_staff),
            (dated::state, dated::covered_by_specialist_id),
        ))
        .load(tx.connection())?;
    let visit = |(id, facts, member, reason, told, (state, cover)): Row| {
        changed(id, facts, member, reason, told, Told::of(state, cover))
    };
    Ok(rows.into_iter().map(visit).collect())
}

/// The same of make-ups and of cover that are gone.
pub fn untold_drops(tx: &mut ReadTx, now: DateTime<Utc>, limit: i64) -> Result<Vec<ChangedVisit>, DbError> {
    type Row = (DatedVisitId, Facts, MemberId, (Told, Told));
    let rows: Vec<Row> = dropped::table
        .filter(dropped::tell_at.le(Some(At(now))))
        .filter(dropped::member_id.is_not_null())
        .order(dropped::id)
        .limit(limit)
        .select((
            dropped::dated_visit_id,
            (
                dropped::specialist_id,
                dropped::service_request_id,
                dropped::site_id,
                dropped::visit_on,
                dropped::starts,
                dropped::ends,
                dropped::kind,
            ),
            dropped::member_id.assume_not_null(),
            (dropped::told_school, dropped::told_staff),
        ))
        .load(tx.connection())?;
    let visit = |(id, facts, member, told): Row| changed(id, facts, member, String::new(), told, Told::Nothing);
    Ok(rows.into_iter().map(visit).collect())
}

fn changed(
    id: DatedVisitId,
    (specialist_id, service_request_id, site_id, visit_on, starts, ends, kind): Facts,
    member_id: MemberId,
    reason: String,
    (told_school, told_staff): (Told, Told),
    now: Told,
) -> ChangedVisit {
    let time = Interval { starts, ends };
    ChangedVisit {
        id,
        specialist_id,
        service_request_id,
        site_id,
        member_id,
        visit_on,
        time,
        kind,
        reason,
        told_school,
        told_staff,
        now,
    }
}

/// Writes down what schools and staff know of a visit now.
pub fn gathered(tx: &mut WriteTx, id: DatedVisitId, (school, staff): (Told, Told)) -> Result<(), DbError> {
    diesel::update(dated::table.find(id))
        .set((dated::told_school.eq(school), dated::told_staff.eq(staff), dated::is_untold.eq(false)))
        .execute(tx.connection())?;
    Ok(())
}

/// Nothing more is to be told of a visit that is gone.
pub fn drop_gathered(tx: &mut WriteTx, id: DatedVisitId) -> Result<(), DbError> {
    diesel::update(dropped::table.filter(dropped::dated_visit_id.eq(id)))
        .set(dropped::tell_at.eq(None::<At>))
        .execute(tx.connection())?;
    Ok(())
}

type Row = (ScheduleNewsId, Reader, DatedVisitId, Facts, String, (Told, Told), (bool, At));

#[allow(clippy::type_complexity, reason = "a list of columns has no simpler name")]
const COLUMNS: (
    news::id,
    news::reader,
    news::dated_visit_id,
    (
        news::specialist_id,
        news::service_request_id,
        news::site_id,
        news::visit_on,
        news::starts,
        news::ends,
        news::kind,
    ),
    news::reason,
    (news::told, news::news),
    (news::at_once, news::due_at),
) = (
    news::id,
    news::reader,
    news::dated_visit_id,
    (
        news::specialist_id,
        news::service_request_id,
        news::site_id,
        news::visit_on,
        news::starts,
        news::ends,
        news::kind,
    ),
    news::reason,
    (news::told, news::news),
    (news::at_once, news::due_at),
);

fn record((id, reader, visit, facts, reason, (told, now), (at_once, due)): Row) -> News {
    let (specialist_id, service_request_id, site_id, visit_on, starts, ends, kind) = facts;
    let time = Interval { starts, ends };
    News {
        id,
        reader,
        visit,
        specialist_id,
        service_request_id,
        site_id,
        visit_on,
        time,
        kind,
        reason,
        told,
        news: now,
        at_once,
        due_at: due.0,
    }
}

/// What is still to be told of some visits, by visit and reader.
pub fn pending(tx: &mut ReadTx, visits: &[DatedVisitId]) -> Result<HashMap<(DatedVisitId, Reader), News>, DbError> {
    let rows: Vec<Row> =
        news::table.filter(news::dated_visit_id.eq_any(visits.to_vec())).select(COLUMNS).load(tx.connection())?;
    Ok(rows.into_iter().map(record).map(|one| ((one.visit, one.reader), one)).collect())
}

/// What is to be told by now.
pub fn due(tx: &mut ReadTx, now: DateTime<Utc>) -> Result<Vec<News>, DbError> {
    let rows: Vec<Row> =
        news::table.filter(news::due_at.le(At(now))).order(news::id).select(COLUMNS).load(tx.connection())?;
    Ok(rows.into_iter().map(record).collect())
}

/// Which of some visits stand.
pub fn standing(tx: &mut ReadTx, visits: &[DatedVisitId]) -> Result<HashSet<DatedVisitId>, DbError> {
    let mut found = HashSet::new();
    for visits in visits.chunks(500) {
        let rows: Vec<DatedVisitId> =
            dated::table.filter(dated::id.eq_any(visits.to_vec())).select(dated::id).load(tx.connection())?;
        found.extend(rows);
    }
    Ok(found)
}

/// Keeps news, in place of what the reader was to be told of the same visit.
pub fn put(tx: &mut WriteTx, one: &News, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::delete(news::table.find(one.id)).execute(tx.connection())?;
    diesel::insert_into(news::table)
        .values((
            news::id.eq(one.id),
            news::reader.eq(one.reader),
            news::dated_visit_id.eq(one.visit),
            news::specialist_id.eq(one.specialist_id),
            news::service_request_id.eq(one.service_request_id),
            news::site_id.eq(one.site_id),
            news::visit_on.eq(one.visit_on),
            (news::starts.eq(one.time.starts), news::ends.eq(one.time.ends)),
            (news::kind.eq(one.kind), news::reason.eq(&one.reason)),
            (news::told.eq(one.told), news::news.eq(one.news)),
            (news::at_once.eq(one.at_once), news::due_at.eq(At(one.due_at)), news::created_at.eq(At(now))),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Lets news wait longer.
pub fn postpone(tx: &mut WriteTx, ids: &[ScheduleNewsId], until: DateTime<Utc>) -> Result<(), DbError> {
    for ids in ids.chunks(500) {
        let some = news::table.filter(news::id.eq_any(ids.to_vec()));
        diesel::update(some).set(news::due_at.eq(At(until))).execute(tx.connection())?;
    }
    Ok(())
}

/// Takes away what is told of visits no more.
pub fn remove_of_visits(tx: &mut WriteTx, visits: &[DatedVisitId]) -> Result<(), DbError> {
    for visits in visits.chunks(500) {
        diesel::delete(news::table.filter(news::dated_visit_id.eq_any(visits.to_vec()))).execute(tx.connection())?;
    }
    Ok(())
}

/// Takes away what was told, or is told no more.
pub fn remove(tx: &mut WriteTx, ids: &[ScheduleNewsId]) -> Result<(), DbError> {
    for ids in ids.chunks(500) {
        diesel::delete(news::table.filter(news::id.eq_any(ids.to_vec()))).execute(tx.connection())?;
    }
    Ok(())
}
