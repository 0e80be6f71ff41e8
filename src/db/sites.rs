//! Sites.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::connection::MultiBackend;
use super::page::{Page, PageRequest};
use super::schema::sites;
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::actor::Scope;
use crate::domain::ids::{MemberId, SiteId};
use crate::domain::site::{Site, SiteFields};

type Row = (
    SiteId,
    MemberId,
    String,
    String,
    String,
    Option<f64>,
    Option<f64>,
    String,
    NaiveDate,
    Option<NaiveDate>,
    i64,
    At,
    At,
);

fn record(row: Row) -> Site {
    let (id, member_id, code, name, address, latitude, longitude, source, from, until, version, created, updated) = row;
    Site {
        id,
        fields: SiteFields {
            member_id,
            code,
            name,
            address,
            latitude,
            longitude,
            coordinates_source: source,
            open_from: from,
            open_until: until,
        },
        version,
        created_at: created.0,
        updated_at: updated.0,
    }
}

fn within(scope: &Scope) -> sites::BoxedQuery<'static, MultiBackend> {
    let query = sites::table.into_boxed();
    match scope {
        Scope::All => query,
        Scope::Parts { members, .. } => query.filter(sites::member_id.eq_any(members.clone())),
    }
}

/// The sites in a scope.
pub fn list(tx: &mut ReadTx, scope: &Scope, page: PageRequest) -> Result<Page<Site>, DbError> {
    let rows: Vec<Row> = within(scope)
        .filter(sites::id.gt(page.start::<SiteId>()))
        .order(sites::id)
        .limit(page.limit + 1)
        .load(tx.connection())?;
    Ok(Page::cut(rows.into_iter().map(record).collect(), page, |site| site.id.0))
}

/// One site.
pub fn find(tx: &mut ReadTx, id: SiteId) -> Result<Option<Site>, DbError> {
    Ok(sites::table.find(id).first(tx.connection()).optional()?.map(record))
}

/// Enters a site.
pub fn insert(tx: &mut WriteTx, fields: &SiteFields, now: DateTime<Utc>) -> Result<SiteId, DbError> {
    let id = SiteId::new();
    diesel::insert_into(sites::table)
        .values((
            sites::id.eq(id),
            sites::member_id.eq(fields.member_id),
            sites::code.eq(&fields.code),
            sites::name.eq(&fields.name),
            sites::address.eq(&fields.address),
            sites::latitude.eq(fields.latitude),
            sites::longitude.eq(fields.longitude),
            sites::coordinates_source.eq(&fields.coordinates_source),
            sites::open_from.eq(fields.open_from),
            sites::open_until.eq(fields.open_until),
            sites::version.eq(1),
            sites::created_at.eq(At(now)),
            sites::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(id)
}

/// Changes a site. The member it belongs to stays.
pub fn update(tx: &mut WriteTx, id: SiteId, fields: &SiteFields, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(sites::table.find(id))
        .set((
            sites::code.eq(&fields.code),
            sites::name.eq(&fields.name),
            sites::address.eq(&fields.address),
            sites::latitude.eq(fields.latitude),
            sites::longitude.eq(fields.longitude),
            sites::coordinates_source.eq(&fields.coordinates_source),
            sites::open_from.eq(fields.open_from),
            sites::open_until.eq(fields.open_until),
            sites::version.eq(sites::version + 1),
            sites::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(())
}
