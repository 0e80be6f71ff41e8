//! The audit trail: only ever appended to.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::page::{Page, PageRequest};
use super::schema::audit_entries as entries;
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::audit::AuditEntry;
use crate::domain::ids::{AccountId, AuditEntryId};

type Row = (AuditEntryId, At, Option<AccountId>, String, String, String, String);

fn record((id, at, account_id, action, subject_kind, subject_code, detail): Row) -> AuditEntry {
    AuditEntry { id, at: at.0, account_id, action, subject_kind, subject_code, detail }
}

/// Entries in order of time.
pub fn list(tx: &mut ReadTx, page: PageRequest) -> Result<Page<AuditEntry>, DbError> {
    let rows: Vec<Row> = entries::table
        .filter(entries::id.gt(page.start::<AuditEntryId>()))
        .order(entries::id)
        .limit(page.limit + 1)
        .load(tx.connection())?;
    Ok(Page::cut(rows.into_iter().map(record).collect(), page, |entry| entry.id.0))
}

/// Appends an entry.
pub fn append(
    tx: &mut WriteTx,
    now: DateTime<Utc>,
    account: Option<AccountId>,
    (action, subject_kind, subject_code, detail): (&str, &str, &str, &str),
) -> Result<(), DbError> {
    diesel::insert_into(entries::table)
        .values((
            entries::id.eq(AuditEntryId::new()),
            entries::at.eq(At(now)),
            entries::account_id.eq(account),
            entries::action.eq(action),
            entries::subject_kind.eq(subject_kind),
            entries::subject_code.eq(subject_code),
            entries::detail.eq(detail),
        ))
        .execute(tx.connection())?;
    Ok(())
}
