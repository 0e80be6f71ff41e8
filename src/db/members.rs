//! Members.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::connection::MultiBackend;
use super::page::{Page, PageRequest};
use super::schema::members;
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::actor::Scope;
use crate::domain::ids::MemberId;
use crate::domain::member::{Member, MemberFields};

type Row = (MemberId, String, String, String, String, NaiveDate, Option<NaiveDate>, i64, At, At);

fn record(row: Row) -> Member {
    let (id, code, name, contact_name, contact_email, member_from, member_until, version, created_at, updated_at) = row;
    Member {
        id,
        fields: MemberFields { code, name, contact_name, contact_email, member_from, member_until },
        version,
        created_at: created_at.0,
        updated_at: updated_at.0,
    }
}

fn within(scope: &Scope) -> members::BoxedQuery<'static, MultiBackend> {
    let query = members::table.into_boxed();
    match scope {
        Scope::All => query,
        Scope::Parts { members: own, .. } => query.filter(members::id.eq_any(own.clone())),
    }
}

/// The members in a scope.
pub fn list(tx: &mut ReadTx, scope: &Scope, page: PageRequest) -> Result<Page<Member>, DbError> {
    let rows: Vec<Row> = within(scope)
        .filter(members::id.gt(page.start::<MemberId>()))
        .order(members::id)
        .limit(page.limit + 1)
        .load(tx.connection())?;
    Ok(Page::cut(rows.into_iter().map(record).collect(), page, |member| member.id.0))
}

/// One member.
pub fn find(tx: &mut ReadTx, id: MemberId) -> Result<Option<Member>, DbError> {
    Ok(members::table.find(id).first(tx.connection()).optional()?.map(record))
}

/// One member by code.
pub fn find_by_code(tx: &mut ReadTx, code: &str) -> Result<Option<Member>, DbError> {
    Ok(members::table.filter(members::code.eq(code)).first(tx.connection()).optional()?.map(record))
}

/// Enters a member.
pub fn insert(tx: &mut WriteTx, fields: &MemberFields, now: DateTime<Utc>) -> Result<MemberId, DbError> {
    let id = MemberId::new();
    diesel::insert_into(members::table)
        .values((
            members::id.eq(id),
            members::code.eq(&fields.code),
            members::name.eq(&fields.name),
            members::contact_name.eq(&fields.contact_name),
            members::contact_email.eq(&fields.contact_email),
            members::member_from.eq(fields.member_from),
            members::member_until.eq(fields.member_until),
            members::version.eq(1),
            members::created_at.eq(At(now)),
            members::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(id)
}

/// Changes a member.
pub fn update(tx: &mut WriteTx, id: MemberId, fields: &MemberFields, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(members::table.find(id))
        .set((
            members::code.eq(&fields.code),
            members::name.eq(&fields.name),
            members::contact_name.eq(&fields.contact_name),
            members::contact_email.eq(&fields.contact_email),
            members::member_from.eq(fields.member_from),
            members::member_until.eq(fields.member_until),
            members::version.eq(members::version + 1),
            members::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(())
}
