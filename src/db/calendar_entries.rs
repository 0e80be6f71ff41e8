//! Days on which schools are closed or end early.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::connection::MultiBackend;
use super::page::{Page, PageRequest};
use super::schema::calendar_entries as entries;
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::actor::Scope;
use crate::domain::calendar::WallClock;
use crate::domain::ids::{CalendarEntryId, MemberId, SiteId};
use crate::domain::school_calendar::{CalendarEntry, CalendarEntryFields, CalendarKind};

type Row = (
    CalendarEntryId,
    MemberId,
    Option<SiteId>,
    CalendarKind,
    String,
    NaiveDate,
    NaiveDate,
    Option<WallClock>,
    i64,
    At,
    At,
);

fn record(row: Row) -> CalendarEntry {
    let (id, member_id, site_id, kind, name, starts_on, ends_on, released, version, created, updated) = row;
    CalendarEntry {
        id,
        fields: CalendarEntryFields { member_id, site_id, kind, name, starts_on, ends_on, released },
        version,
        created_at: created.0,
        updated_at: updated.0,
    }
}

/// What a list of calendar entries is narrowed to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// Of one member.
    pub member: Option<MemberId>,
    /// With a day from this one on.
    pub from: Option<NaiveDate>,
    /// With a day before this one.
    pub until: Option<NaiveDate>,
}

/// The entries in a scope.
pub fn list(
    tx: &mut ReadTx,
    scope: &Scope,
    filter: &Filter,
    page: PageRequest,
) -> Result<Page<CalendarEntry>, DbError> {
    let mut query = entries::table.filter(entries::id.gt(page.start::<CalendarEntryId>())).into_boxed::<MultiBackend>();
    if let Scope::Parts { members, .. } = scope {
        query = query.filter(entries::member_id.eq_any(members.clone()));
    }
    if let Some(member) = filter.member {
        query = query.filter(entries::member_id.eq(member));
    }
    if let Some(from) = filter.from {
        query = query.filter(entries::ends_on.ge(from));
    }
    if let Some(until) = filter.until {
        query = query.filter(entries::starts_on.lt(until));
    }
    let rows: Vec<Row> = query.order(entries::id).limit(page.limit + 1).load(tx.connection())?;
    Ok(Page::cut(rows.into_iter().map(record).collect(), page, |entry| entry.id.0))
}

/// One entry.
pub fn find(tx: &mut ReadTx, id: CalendarEntryId) -> Result<Option<CalendarEntry>, DbError> {
    Ok(entries::table.find(id).first(tx.connection()).optional()?.map(record))
}

/// The columns that hold what was entered, in one place for insert and update.
macro_rules! field_columns {
    ($fields:expr) => {
        (
            entries::member_id.eq($fields.member_id),
            entries::site_id.eq($fields.site_id),
            entries::kind.eq($fields.kind),
            entries::name.eq(&$fields.name),
            entries::starts_on.eq($fields.starts_on),
            entries::ends_on.eq($fields.ends_on),
            entries::released.eq($fields.released),
        )
    };
}

/// Enters days.
pub fn insert(tx: &mut WriteTx, fields: &CalendarEntryFields, now: DateTime<Utc>) -> Result<CalendarEntryId, DbError> {
    let id = CalendarEntryId::new();
    diesel::insert_into(entries::table)
        .values((
            entries::id.eq(id),
            field_columns!(fields),
            entries::version.eq(1),
            entries::created_at.eq(At(now)),
            entries::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(id)
}

/// Changes days.
pub fn update(
    tx: &mut WriteTx,
    id: CalendarEntryId,
    fields: &CalendarEntryFields,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    diesel::update(entries::table.find(id))
        .set((field_columns!(fields), entries::version.eq(entries::version + 1), entries::updated_at.eq(At(now))))
        .execute(tx.connection())?;
    Ok(())
}

/// Takes days away.
pub fn delete(tx: &mut WriteTx, id: CalendarEntryId) -> Result<(), DbError> {
    diesel::delete(entries::table.find(id)).execute(tx.connection())?;
    Ok(())
}
