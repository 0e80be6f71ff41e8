//! Publications whose e-mails wait, with what they changed, and putting back what they changed.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::connection::AnyConnection;
use super::schema::{dated_visits as dated, dropped_visits as dropped, plans, publications};
use super::sql_types::{At, Instant, Json};
use super::{DbError, ReadTx, WriteTx};
use crate::domain::ids::{AccountId, PlanId, TermId};
use crate::domain::plan::PlanState;
use crate::domain::publication::{PlanStanding, Publication, Undo};

/// How the plans of a term stand that are or were published.
pub fn standing(tx: &mut ReadTx, term: TermId) -> Result<Vec<PlanStanding>, DbError> {
    type Row = (PlanId, PlanState, Option<chrono::NaiveDate>, Option<At>);
    let rows: Vec<Row> = plans::table
        .filter(plans::term_id.eq(term))
        .filter(plans::state.ne(PlanState::Draft))
        .order(plans::id)
        .select((plans::id, plans::state, plans::followed_until, plans::superseded_at))
        .load(tx.connection())?;
    let standing = |(id, state, followed_until, superseded): Row| {
        let superseded_at = superseded.map(|at| at.0);
        PlanStanding { id, state, followed_until, superseded_at }
    };
    Ok(rows.into_iter().map(standing).collect())
}

/// Keeps a publication until its e-mails go.
pub fn insert(tx: &mut WriteTx, publication: &Publication) -> Result<(), DbError> {
    diesel::delete(publications::table.find(publication.plan_id)).execute(tx.connection())?;
    diesel::insert_into(publications::table)
        .values((
            publications::plan_id.eq(publication.plan_id),
            publications::published_at.eq(At(publication.published_at)),
            publications::emails_at.eq(At(publication.emails_at)),
            publications::undo.eq(Json(publication.undo.clone())),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// The publication of a plan, as long as it is kept.
pub fn find(tx: &mut ReadTx, plan: PlanId) -> Result<Option<Publication>, DbError> {
    let row: Option<(PlanId, At, At, Json<Undo>)> = publications::table.find(plan).first(tx.connection()).optional()?;
    let publication = |(plan_id, published, emails, undo): (PlanId, At, At, Json<Undo>)| Publication {
        plan_id,
        published_at: published.0,
        emails_at: emails.0,
        undo: undo.0,
    };
    Ok(row.map(publication))
}

/// Forgets publications whose e-mails are out.
pub fn forget_before(tx: &mut WriteTx, now: DateTime<Utc>) -> Result<usize, DbError> {
    Ok(diesel::delete(publications::table.filter(publications::emails_at.le(At(now)))).execute(tx.connection())?)
}

/// Makes a published plan a draft again.
pub fn take_back(tx: &mut WriteTx, id: PlanId, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::delete(publications::table.find(id)).execute(tx.connection())?;
    diesel::update(plans::table.find(id))
        .set((
            plans::state.eq(PlanState::Draft),
            plans::effective_from.eq(None::<chrono::NaiveDate>),
            plans::published_at.eq(None::<At>),
            plans::published_by.eq(None::<AccountId>),
            plans::version.eq(plans::version + 1),
            plans::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Lets a plan stand as it stood before.
pub fn restore(tx: &mut WriteTx, before: &PlanStanding, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(plans::table.find(before.id))
        .set((
            plans::state.eq(before.state),
            plans::followed_until.eq(before.followed_until),
            plans::superseded_at.eq(before.superseded_at.map(At)),
            plans::version.eq(plans::version + 1),
            plans::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Lets what a publication dropped be told when its e-mails go, not before.
pub fn tell_drops_later(tx: &mut WriteTx, published_at: DateTime<Utc>, at: DateTime<Utc>) -> Result<(), DbError> {
    let untold = dropped::table.filter(dropped::dropped_at.eq(At(published_at))).filter(dropped::tell_at.is_not_null());
    diesel::update(untold).set(dropped::tell_at.eq(Some(At(at)))).execute(tx.connection())?;
    Ok(())
}

/// Puts the visits of other plans back that a publication dropped, with the identity, cover and make-ups that they had.
pub fn put_visits_back(
    tx: &mut WriteTx,
    (taken_back, published_at): (PlanId, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<usize, DbError> {
    let gone = || {
        dropped::table
            .filter(dropped::dropped_at.eq(At(published_at)))
            .filter(dropped::was_cover.eq(false))
            .filter(dropped::plan_id.ne(taken_back))
            .filter(dropped::visit_id.is_not_null())
    };
    let rows = gone().select((
        dropped::dated_visit_id,
        dropped::plan_id,
        dropped::visit_id.assume_not_null(),
        dropped::specialist_id,
        dropped::service_request_id,
        dropped::site_id,
        dropped::member_id.assume_not_null(),
        dropped::visit_on,
        dropped::starts,
        dropped::ends,
        dropped::state.assume_not_null(),
        dropped::reason.assume_not_null(),
        dropped::kind,
        dropped::makes_up_id,
        dropped::covered_by_specialist_id,
        0_i64.into_sql::<diesel::sql_types::BigInt>(),
        // For calendars that saw it as cancelled meanwhile.
        dropped::revision + 1,
        Some(At(now)).into_sql::<diesel::sql_types::Nullable<Instant>>(),
        dropped::told_school,
        dropped::told_staff,
        true.into_sql::<diesel::sql_types::Bool>(),
    ));
    let columns = (
        dated::id,
        dated::plan_id,
        dated::visit_id,
        dated::specialist_id,
        dated::service_request_id,
        dated::site_id,
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
        dated::revision,
        dated::changed_at,
        dated::told_school,
        dated::told_staff,
        dated::is_untold,
    );
    let put = match tx.connection() {
        AnyConnection::Postgres(connection) => {
            rows.insert_into(dated::table).into_columns(columns).execute(connection)?
        }
        AnyConnection::Sqlite(connection) => {
            rows.insert_into(dated::table).into_columns(columns).execute(connection)?
        }
    };
    let back = dropped::table.filter(dropped::dropped_at.eq(At(published_at))).filter(dropped::plan_id.ne(taken_back));
    diesel::delete(back).execute(tx.connection())?;
    Ok(put)
}
