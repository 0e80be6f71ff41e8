//! Planning terms.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::page::{Page, PageRequest};
use super::schema::terms;
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::ids::TermId;
use crate::domain::term::{Term, TermFields, TermKind};

type Row = (TermId, String, String, NaiveDate, NaiveDate, i64, At, At, TermKind, i64);

fn record((id, code, name, starts_on, ends_on, version, created_at, updated_at, kind, _): Row) -> Term {
    Term {
        id,
        fields: TermFields { code, name, kind, starts_on, ends_on },
        version,
        created_at: created_at.0,
        updated_at: updated_at.0,
    }
}

/// All terms.
pub fn list(tx: &mut ReadTx, page: PageRequest) -> Result<Page<Term>, DbError> {
    let rows: Vec<Row> = terms::table
        .filter(terms::id.gt(page.start::<TermId>()))
        .order(terms::id)
        .limit(page.limit + 1)
        .load(tx.connection())?;
    Ok(Page::cut(rows.into_iter().map(record).collect(), page, |term| term.id.0))
}

/// One term.
pub fn find(tx: &mut ReadTx, id: TermId) -> Result<Option<Term>, DbError> {
    Ok(terms::table.find(id).first(tx.connection()).optional()?.map(record))
}

/// One term by code.
pub fn find_by_code(tx: &mut ReadTx, code: &str) -> Result<Option<Term>, DbError> {
    Ok(terms::table.filter(terms::code.eq(code)).first(tx.connection()).optional()?.map(record))
}

/// How often a published plan of each term was taken back; terms without any are left out.
pub fn plans_taken_back(tx: &mut ReadTx) -> Result<HashMap<TermId, i64>, DbError> {
    let some = terms::table.filter(terms::plans_taken_back.gt(0)).select((terms::id, terms::plans_taken_back));
    Ok(some.load::<(TermId, i64)>(tx.connection())?.into_iter().collect())
}

/// Counts a published plan that was taken back. The term itself does not change.
pub fn count_taken_back(tx: &mut WriteTx, id: TermId) -> Result<(), DbError> {
    diesel::update(terms::table.find(id))
        .set(terms::plans_taken_back.eq(terms::plans_taken_back + 1))
        .execute(tx.connection())?;
    Ok(())
}

/// Enters a term.
pub fn insert(tx: &mut WriteTx, fields: &TermFields, now: DateTime<Utc>) -> Result<TermId, DbError> {
    let id = TermId::new();
    diesel::insert_into(terms::table)
        .values((
            terms::id.eq(id),
            terms::code.eq(&fields.code),
            terms::name.eq(&fields.name),
            terms::kind.eq(fields.kind),
            terms::starts_on.eq(fields.starts_on),
            terms::ends_on.eq(fields.ends_on),
            terms::version.eq(1),
            terms::created_at.eq(At(now)),
            terms::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(id)
}

/// Changes a term.
pub fn update(tx: &mut WriteTx, id: TermId, fields: &TermFields, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(terms::table.find(id))
        .set((
            terms::code.eq(&fields.code),
            terms::name.eq(&fields.name),
            terms::kind.eq(fields.kind),
            terms::starts_on.eq(fields.starts_on),
            terms::ends_on.eq(fields.ends_on),
            terms::version.eq(terms::version + 1),
            terms::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(())
}
