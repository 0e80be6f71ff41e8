//! Licences and certificates of specialists, and which warnings about their end were sent.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::connection::MultiBackend;
use super::page::{Page, PageRequest};
use super::schema::credentials;
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::actor::Scope;
use crate::domain::credential::{Credential, CredentialFields, CredentialKind};
use crate::domain::ids::{CredentialId, SpecialistId};

/// What a list of credentials is narrowed to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// No longer valid on this day.
    pub ending_before: Option<NaiveDate>,
    /// Of one specialist.
    pub specialist: Option<SpecialistId>,
}

#[derive(Queryable)]
struct Row {
    id: CredentialId,
    specialist_id: SpecialistId,
    discipline: String,
    kind: CredentialKind,
    issuer: String,
    us_state: Option<String>,
    valid_from: NaiveDate,
    valid_until: Option<NaiveDate>,
    version: i64,
    created_at: At,
    updated_at: At,
}

type Columns = (
    credentials::id,
    credentials::specialist_id,
    credentials::discipline_code,
    credentials::kind,
    credentials::issuer,
    credentials::us_state,
    credentials::valid_from,
    credentials::valid_until,
    credentials::version,
    credentials::created_at,
    credentials::updated_at,
);

const COLUMNS: Columns = (
    credentials::id,
    credentials::specialist_id,
    credentials::discipline_code,
    credentials::kind,
    credentials::issuer,
    credentials::us_state,
    credentials::valid_from,
    credentials::valid_until,
    credentials::version,
    credentials::created_at,
    credentials::updated_at,
);

fn record(row: Row) -> Credential {
    Credential {
        id: row.id,
        specialist_id: row.specialist_id,
        fields: CredentialFields {
            discipline: row.discipline,
            kind: row.kind,
            issuer: row.issuer,
            us_state: row.us_state,
            valid_from: row.valid_from,
            valid_until: row.valid_until,
        },
        version: row.version,
        created_at: row.created_at.0,
        updated_at: row.updated_at.0,
    }
}

/// The credentials in a scope.
pub fn list(
    tx: &mut ReadTx,
    (scope, filter): (&Scope, &Filter),
    page: PageRequest,
) -> Result<Page<Credential>, DbError> {
    let mut query = credentials::table
        .filter(credentials::id.gt(page.start::<CredentialId>()))
        .select(COLUMNS)
        .into_boxed::<MultiBackend>();
    if let Scope::Parts { specialists, .. } = scope {
        query = query.filter(credentials::specialist_id.eq_any(specialists.clone()));
    }
    if let Some(day) = filter.ending_before {
        query = query.filter(credentials::valid_until.le(day));
    }
    if let Some(specialist) = filter.specialist {
        query = query.filter(credentials::specialist_id.eq(specialist));
    }
    let rows: Vec<Row> = query.order(credentials::id).limit(page.limit + 1).load(tx.connection())?;
    Ok(Page::cut(rows.into_iter().map(record).collect(), page, |one| one.id.0))
}

/// All credentials of one specialist or of everybody, by first day.
pub fn all(tx: &mut ReadTx, specialist: Option<SpecialistId>) -> Result<Vec<Credential>, DbError> {
    let filter = Filter { specialist, ..Filter::default() };
    let mut all = list(tx, (&Scope::All, &filter), PageRequest::ALL)?.items;
    all.sort_by_key(|one| (one.specialist_id, one.fields.valid_from, one.id));
    Ok(all)
}

/// One credential.
pub fn find(tx: &mut ReadTx, id: CredentialId) -> Result<Option<Credential>, DbError> {
    let row: Option<Row> = credentials::table.find(id).select(COLUMNS).first(tx.connection()).optional()?;
    Ok(row.map(record))
}

/// The columns that hold what was entered, in one place for insert and update.
macro_rules! field_columns {
    ($fields:expr) => {
        (
            credentials::discipline_code.eq(&$fields.discipline),
            credentials::kind.eq($fields.kind),
            credentials::issuer.eq(&$fields.issuer),
            credentials::us_state.eq(&$fields.us_state),
            credentials::valid_from.eq($fields.valid_from),
            credentials::valid_until.eq($fields.valid_until),
        )
    };
}

/// Enters a credential.
pub fn insert(
    tx: &mut WriteTx,
    specialist: SpecialistId,
    fields: &CredentialFields,
    now: DateTime<Utc>,
) -> Result<CredentialId, DbError> {
    let id = CredentialId::new();
    diesel::insert_into(credentials::table)
        .values((
            credentials::id.eq(id),
            credentials::specialist_id.eq(specialist),
            field_columns!(fields),
            credentials::version.eq(1),
            credentials::created_at.eq(At(now)),
            credentials::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(id)
}

/// Changes a credential.
pub fn update(
    tx: &mut WriteTx,
    id: CredentialId,
    fields: &CredentialFields,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    diesel::update(credentials::table.find(id))
        .set((
            field_columns!(fields),
            credentials::version.eq(credentials::version + 1),
            credentials::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Takes a credential off the file.
pub fn delete(tx: &mut WriteTx, id: CredentialId) -> Result<(), DbError> {
    diesel::delete(credentials::table.find(id)).execute(tx.connection())?;
    Ok(())
}

/// The last warning about a credential: for which end, and how many days ahead.
pub fn warned(tx: &mut ReadTx, id: CredentialId) -> Result<Option<(NaiveDate, i64)>, DbError> {
    let found: Option<(Option<NaiveDate>, Option<i64>)> = credentials::table
        .find(id)
        .select((credentials::warned_until, credentials::warned_days))
        .first(tx.connection())
        .optional()?;
    Ok(found.and_then(|(until, days)| until.zip(days)))
}

/// Notes a warning.
pub fn set_warned(tx: &mut WriteTx, id: CredentialId, until: NaiveDate, days: i64) -> Result<(), DbError> {
    diesel::update(credentials::table.find(id))
        .set((credentials::warned_until.eq(Some(until)), credentials::warned_days.eq(Some(days))))
        .execute(tx.connection())?;
    Ok(())
}
