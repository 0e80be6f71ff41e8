//! Specialists as persons, with the disciplines and qualifications they hold.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::connection::MultiBackend;
use super::page::{Page, PageRequest};
use super::schema::{specialist_disciplines, specialist_qualifications, specialists};
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::actor::Scope;
use crate::domain::ids::SpecialistId;
use crate::domain::specialist::{Holding, Specialist, SpecialistFields};

type Row = (SpecialistId, String, String, String, i64, At, At);
type HoldingRow = (SpecialistId, String, NaiveDate, Option<NaiveDate>);
type Holdings = HashMap<SpecialistId, Vec<Holding>>;

fn within(scope: &Scope) -> specialists::BoxedQuery<'static, MultiBackend> {
    let query = specialists::table.into_boxed();
    match scope {
        Scope::All => query,
        Scope::Parts { specialists: own, .. } => query.filter(specialists::id.eq_any(own.clone())),
    }
}

/// The specialists in a scope.
pub fn list(tx: &mut ReadTx, scope: &Scope, page: PageRequest) -> Result<Page<Specialist>, DbError> {
    let rows: Vec<Row> = within(scope)
        .filter(specialists::id.gt(page.start::<SpecialistId>()))
        .order(specialists::id)
        .limit(page.limit + 1)
        .load(tx.connection())?;
    Ok(Page::cut(with_holdings(tx, rows)?, page, |specialist| specialist.id.0))
}

/// One specialist.
pub fn find(tx: &mut ReadTx, id: SpecialistId) -> Result<Option<Specialist>, DbError> {
    let row: Option<Row> = specialists::table.find(id).first(tx.connection()).optional()?;
    Ok(with_holdings(tx, row.into_iter().collect())?.pop())
}

fn with_holdings(tx: &mut ReadTx, rows: Vec<Row>) -> Result<Vec<Specialist>, DbError> {
    let ids: Vec<SpecialistId> = rows.iter().map(|row| row.0).collect();
    let disciplines: Vec<HoldingRow> = specialist_disciplines::table
        .filter(specialist_disciplines::specialist_id.eq_any(ids.clone()))
        .order((specialist_disciplines::discipline_code, specialist_disciplines::held_from))
        .load(tx.connection())?;
    let qualifications: Vec<HoldingRow> = specialist_qualifications::table
        .filter(specialist_qualifications::specialist_id.eq_any(ids))
        .order((specialist_qualifications::qualification, specialist_qualifications::held_from))
        .load(tx.connection())?;
    let mut disciplines = by_specialist(disciplines);
    let mut qualifications = by_specialist(qualifications);
    let record = |(id, code, name, email, version, created_at, updated_at): Row| Specialist {
        id,
        fields: SpecialistFields {
            code,
            name,
            email,
            disciplines: disciplines.remove(&id).unwrap_or_default(),
            qualifications: qualifications.remove(&id).unwrap_or_default(),
        },
        version,
        created_at: created_at.0,
        updated_at: updated_at.0,
    };
    Ok(rows.into_iter().map(record).collect())
}

fn by_specialist(rows: Vec<HoldingRow>) -> Holdings {
    let mut held = Holdings::new();
    for (specialist, code, held_from, held_until) in rows {
        held.entry(specialist).or_default().push(Holding { code, held_from, held_until });
    }
    held
}

/// Enters a specialist.
pub fn insert(tx: &mut WriteTx, fields: &SpecialistFields, now: DateTime<Utc>) -> Result<SpecialistId, DbError> {
    let id = SpecialistId::new();
    diesel::insert_into(specialists::table)
        .values((
            specialists::id.eq(id),
            specialists::code.eq(&fields.code),
            specialists::name.eq(&fields.name),
            specialists::email.eq(&fields.email),
            specialists::version.eq(1),
            specialists::created_at.eq(At(now)),
            specialists::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    insert_holdings(tx, id, fields)?;
    Ok(id)
}

/// Changes a specialist.
pub fn update(
    tx: &mut WriteTx,
    id: SpecialistId,
    fields: &SpecialistFields,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    diesel::update(specialists::table.find(id))
        .set((
            specialists::code.eq(&fields.code),
            specialists::name.eq(&fields.name),
            specialists::email.eq(&fields.email),
            specialists::version.eq(specialists::version + 1),
            specialists::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    diesel::delete(specialist_disciplines::table.filter(specialist_disciplines::specialist_id.eq(id)))
        .execute(tx.connection())?;
    diesel::delete(specialist_qualifications::table.filter(specialist_qualifications::specialist_id.eq(id)))
        .execute(tx.connection())?;
    insert_holdings(tx, id, fields)
}

fn insert_holdings(tx: &mut WriteTx, id: SpecialistId, fields: &SpecialistFields) -> Result<(), DbError> {
    for held in &fields.disciplines {
        diesel::insert_into(specialist_disciplines::table)
            .values((
                specialist_disciplines::specialist_id.eq(id),
                specialist_disciplines::discipline_code.eq(&held.code),
                specialist_disciplines::held_from.eq(held.held_from),
                specialist_disciplines::held_until.eq(held.held_until),
            ))
            .execute(tx.connection())?;
    }
    for held in &fields.qualifications {
        diesel::insert_into(specialist_qualifications::table)
            .values((
                specialist_qualifications::specialist_id.eq(id),
                specialist_qualifications::qualification.eq(&held.code),
                specialist_qualifications::held_from.eq(held.held_from),
                specialist_qualifications::held_until.eq(held.held_until),
            ))
            .execute(tx.connection())?;
    }
    Ok(())
}
