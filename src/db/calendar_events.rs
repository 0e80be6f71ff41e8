//! Visits with their dates as people's calendars show them, also those that were dropped a short while ago.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::connection::{AnyConnection, MultiBackend};
use super::schema::{dated_visits as dated, dropped_visits as dropped, service_requests, sites, specialists};
use super::sql_types::{At, Instant};
use super::{DbError, ReadTx, WriteTx};
use crate::domain::calendar::{Interval, WallClock};
use crate::domain::calendar_feed::{CalendarVisit, Standing};
use crate::domain::dated_visit::{DatedVisitKind, DatedVisitState};
use crate::domain::ids::{DatedVisitId, PlanId, SiteId, SpecialistId};
use crate::domain::schedule_news::Told;

/// Whose visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Of a specialist, by plan or as cover.
    Specialist(SpecialistId),
    /// At a site.
    Site(SiteId),
}

#[derive(Queryable)]
struct Row {
    id: DatedVisitId,
    plan_id: PlanId,
    specialist_id: SpecialistId,
    specialist_code: String,
    request_code: String,
    discipline: String,
    site_id: SiteId,
    site_name: String,
    site_address: String,
    visit_on: NaiveDate,
    starts: WallClock,
    ends: WallClock,
    kind: DatedVisitKind,
    revision: i64,
}

impl Row {
    fn visit(self, covered_by: Option<SpecialistId>, changed_at: Option<At>, standing: Standing) -> CalendarVisit {
        CalendarVisit {
            id: self.id,
            plan_id: self.plan_id,
            specialist_id: self.specialist_id,
            specialist_code: self.specialist_code,
            request_code: self.request_code,
            discipline: self.discipline,
            site_id: self.site_id,
            site_name: self.site_name,
            site_address: self.site_address,
            visit_on: self.visit_on,
            time: Interval { starts: self.starts, ends: self.ends },
            kind: self.kind,
            covered_by,
            revision: self.revision,
            changed_at: changed_at.map(|at| at.0),
            standing,
        }
    }
}

/// A table of visits joined with what names them, and the columns of a [`Row`].
macro_rules! joined {
    ($visits:ident, $id:ident, $($more:expr),*) => {
        $visits::table
            .inner_join(specialists::table.on(specialists::id.eq($visits::specialist_id)))
            .inner_join(service_requests::table.on(service_requests::id.eq($visits::service_request_id)))
            .inner_join(sites::table.on(sites::id.eq($visits::site_id)))
            .select((
                (
                    $visits::$id,
                    $visits::plan_id,
                    $visits::specialist_id,
                    specialists::code,
                    service_requests::code,
                    service_requests::discipline_code,
                    $visits::site_id,
                    sites::name,
                    sites::address,
                    $visits::visit_on,
                    $visits::starts,
                    $visits::ends,
                    $visits::kind,
                    $visits::revision,
                ),
                $($more,)*
            ))
    };
}

/// The visits that stand from a date on.
pub fn standing(tx: &mut ReadTx, whose: Whose, from: NaiveDate) -> Result<Vec<CalendarVisit>, DbError> {
    type Standing4 = (Row, DatedVisitState, String, Option<SpecialistId>, Option<At>);
    let query = joined!(dated, id, dated::state, dated::reason, dated::covered_by_specialist_id, dated::changed_at)
        .filter(dated::visit_on.ge(from))
        .order(dated::id);
    // Two queries on two indices: with "or" SQLite reads the whole table.
    let mut rows: Vec<Standing4> = match whose {
        Whose::Specialist(id) => query.filter(dated::specialist_id.eq(id)).load(tx.connection())?,
        Whose::Site(id) => query.filter(dated::site_id.eq(id)).load(tx.connection())?,
    };
    if let Whose::Specialist(id) = whose {
        let covers: Vec<Standing4> = query
            .filter(dated::covered_by_specialist_id.eq(Some(id)))
            .filter(dated::specialist_id.ne(id))
            .load(tx.connection())?;
        rows.extend(covers);
    }
    let visit = |(row, state, reason, covered_by, changed_at): Standing4| {
        row.visit(covered_by, changed_at, Standing::Stands { state, reason })
    };
    Ok(rows.into_iter().map(visit).collect())
}

/// What was dropped since an instant of the visits from a date on.
pub fn dropped(
    tx: &mut ReadTx,
    whose: Whose,
    from: NaiveDate,
    since: DateTime<Utc>,
) -> Result<Vec<CalendarVisit>, DbError> {
    let query = joined!(dropped, dated_visit_id, dropped::was_cover, dropped::dropped_at)
        .filter(dropped::visit_on.ge(from))
        .filter(dropped::dropped_at.ge(At(since)))
        .order((dropped::dropped_at, dropped::id))
        .into_boxed::<MultiBackend>();
    let query = match whose {
        Whose::Specialist(id) => query.filter(dropped::specialist_id.eq(id)),
        Whose::Site(id) => query.filter(dropped::site_id.eq(id)).filter(dropped::was_cover.eq(false)),
    };
    let rows: Vec<(Row, bool, At)> = query.load(tx.connection())?;
    let visit = |(row, was_cover, dropped_at): (Row, bool, At)| {
        row.visit(None, Some(dropped_at), if was_cover { Standing::CoverTakenBack } else { Standing::Dropped })
    };
    Ok(rows.into_iter().map(visit).collect())
}

/// Keeps, for a while, which visits are about to be deleted.
pub(super) fn keep_dropped(tx: &mut WriteTx, ids: &[DatedVisitId], now: DateTime<Utc>) -> Result<(), DbError> {
    let kept = dated::table.filter(dated::id.eq_any(ids.to_vec())).select((
        dated::id,
        dated::id,
        dated::plan_id,
        dated::specialist_id,
        dated::service_request_id,
        dated::site_id,
        dated::visit_on,
        dated::starts,
        dated::ends,
        dated::kind,
        false.into_sql::<diesel::sql_types::Bool>(),
        dated::revision + 1,
        At(now).into_sql::<Instant>(),
        // What it takes to put it back, and to tell of it.
        (
            dated::visit_id.nullable(),
            dated::member_id.nullable(),
            dated::state.nullable(),
            dated::reason.nullable(),
            dated::makes_up_id,
            dated::covered_by_specialist_id,
            dated::told_school,
            dated::told_staff,
        ),
    ));
    let columns = (
        dropped::id,
        dropped::dated_visit_id,
        dropped::plan_id,
        dropped::specialist_id,
        dropped::service_request_id,
        dropped::site_id,
        dropped::visit_on,
        dropped::starts,
        dropped::ends,
        dropped::kind,
        dropped::was_cover,
        dropped::revision,
        dropped::dropped_at,
        (
            dropped::visit_id,
            dropped::member_id,
            dropped::state,
            dropped::reason,
            dropped::makes_up_id,
            dropped::covered_by_specialist_id,
            dropped::told_school,
            dropped::told_staff,
        ),
    );
    match tx.connection() {
        AnyConnection::Postgres(connection) => {
            kept.insert_into(dropped::table).into_columns(columns).execute(connection)?
        }
        AnyConnection::Sqlite(connection) => {
            kept.insert_into(dropped::table).into_columns(columns).execute(connection)?
        }
    };
    // The e-mails about a plan tell which visits it has; make-ups and cover are told by themselves.
    let known = dropped::told_school.ne(Told::Nothing).and(dropped::kind.eq(DatedVisitKind::MakeUp));
    let untold =
        dropped::table.filter(dropped::id.eq_any(ids.to_vec())).filter(known.or(dropped::told_staff.like("covered:%")));
    diesel::update(untold).set(dropped::tell_at.eq(Some(At(now)))).execute(tx.connection())?;
    Ok(())
}

/// Keeps, for a while, that somebody no longer covers a visit.
pub(super) fn keep_cover_taken_back(
    tx: &mut WriteTx,
    id: DatedVisitId,
    by: SpecialistId,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    keep_dropped(tx, &[id], now)?;
    diesel::update(dropped::table.find(id))
        .set((
            dropped::id.eq(DatedVisitId::new()),
            dropped::specialist_id.eq(by),
            dropped::was_cover.eq(true),
            // The visit itself stands and tells.
            dropped::tell_at.eq(None::<At>),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Forgets what was dropped before an instant; how many there were.
pub fn forget_dropped(tx: &mut WriteTx, before: DateTime<Utc>) -> Result<usize, DbError> {
    Ok(diesel::delete(dropped::table.filter(dropped::dropped_at.lt(At(before)))).execute(tx.connection())?)
}
