//! The audit trail: only ever appended to, each entry chained to the one before it.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use uuid::Uuid;

use super::connection::MultiBackend;
use super::page::{Page, PageRequest};
use super::schema::audit_entries as entries;
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::audit::{AuditEntry, AuditFields, Chain, Concerned, Head, Outcome};
use crate::domain::ids::{AccountId, AuditEntryId, MemberId};

/// Entries that are followed at once.
const CHUNK: i64 = 1000;

#[derive(Queryable)]
struct Row {
    id: AuditEntryId,
    at: At,
    account_id: Option<AccountId>,
    action: String,
    subject_kind: String,
    subject_code: String,
    detail: String,
    seq: i64,
    means: String,
    address: String,
    members: String,
    outcome: String,
    hash: String,
}

impl From<Row> for AuditEntry {
    fn from(row: Row) -> AuditEntry {
        let outcome = match row.outcome.as_str() {
            "refused" => Outcome::Refused,
            "failed" => Outcome::Failed,
            _ => Outcome::Done,
        };
        AuditEntry {
            seq: row.seq,
            id: row.id,
            fields: AuditFields {
                at: row.at.0,
                account_id: row.account_id,
                means: row.means,
                address: row.address,
                action: row.action,
                subject_kind: row.subject_kind,
                subject_code: row.subject_code,
                members: Concerned::read(&row.members),
                detail: row.detail,
                outcome,
            },
            hash: row.hash,
        }
    }
}

/// What a list of entries is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// What may concern this member.
    pub member: Option<MemberId>,
    /// What this account did.
    pub account: Option<AccountId>,
    /// On records of this kind.
    pub kind: Option<String>,
    /// On the record of this code.
    pub code: Option<String>,
    /// Not before.
    pub from: Option<DateTime<Utc>>,
    /// Before.
    pub until: Option<DateTime<Utc>>,
}

fn narrowed(filter: &Filter) -> entries::BoxedQuery<'static, MultiBackend> {
    let mut query = entries::table.into_boxed();
    if let Some(member) = filter.member {
        query = query.filter(entries::members.eq("*").or(entries::members.like(format!("% {member} %"))));
    }
    if let Some(account) = filter.account {
        query = query.filter(entries::account_id.eq(account));
    }
    if let Some(kind) = &filter.kind {
        // Kinds are words with an underscore; nothing else may become a pattern.
        let kind: String = kind.chars().filter(|letter| letter.is_ascii_lowercase() || *letter == '_').collect();
        query = query.filter(entries::subject_kind.like(format!("%{kind}%")));
    }
    if let Some(code) = &filter.code {
        query = query.filter(entries::subject_code.eq(code.clone()));
    }
    if let Some(from) = filter.from {
        query = query.filter(entries::at.ge(At(from)));
    }
    if let Some(until) = filter.until {
        query = query.filter(entries::at.lt(At(until)));
    }
    query
}

/// A number as the identity by which lists are read on.
fn cursor(seq: i64) -> Uuid {
    Uuid::from_u128(u128::from(seq.unsigned_abs()))
}

/// Entries in order.
pub fn list(tx: &mut ReadTx, filter: &Filter, page: PageRequest) -> Result<Page<AuditEntry>, DbError> {
    let after = i64::try_from(page.start::<Uuid>().as_u128()).unwrap_or(i64::MAX);
    let rows: Vec<Row> = narrowed(filter)
        .filter(entries::seq.gt(after))
        .order(entries::seq)
        .limit(page.limit + 1)
        .load(tx.connection())?;
    Ok(Page::cut(rows.into_iter().map(AuditEntry::from).collect(), page, |entry| cursor(entry.seq)))
}

/// Appends an entry, chained to the last one. Writers take turns ([`super::Database::write`]), so the last one is the
/// last one.
pub fn append(tx: &mut WriteTx, fields: &AuditFields) -> Result<(), DbError> {
    let last = head(tx)?;
    let (seq, id) = (last.seq + 1, AuditEntryId::new());
    diesel::insert_into(entries::table)
        .values((
            entries::id.eq(id),
            entries::at.eq(At(fields.at)),
            entries::account_id.eq(fields.account_id),
            entries::action.eq(&fields.action),
            entries::subject_kind.eq(&fields.subject_kind),
            entries::subject_code.eq(&fields.subject_code),
            entries::detail.eq(&fields.detail),
            entries::seq.eq(seq),
            entries::means.eq(&fields.means),
            entries::address.eq(&fields.address),
            entries::members.eq(fields.members.stored()),
            entries::outcome.eq(fields.outcome.code()),
            entries::hash.eq(last.chained(seq, id, fields)),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// The last entry.
pub fn head(tx: &mut ReadTx) -> Result<Head, DbError> {
    let last: Option<(i64, String)> = entries::table
        .select((entries::seq, entries::hash))
        .order(entries::seq.desc())
        .first(tx.connection())
        .optional()?;
    match last {
        None => Ok(Head::genesis()),
        Some((seq, hash)) if !hash.is_empty() => Ok(Head { seq, hash }),
        // The trail is older than its chain and has no entry since.
        Some(_) => verify(tx, Vec::new())?.map_err(|fault| DbError::Other(broken(fault))),
    }
}

fn broken(fault: String) -> diesel::result::Error {
    diesel::result::Error::DeserializationError(fault.into())
}

/// Whether an entry is stored in the very form in which it was written. Another spelling of the same value would keep its
/// hash and be missing in the lists that are narrowed by it.
fn is_found_by_what_it_tells(tx: &mut ReadTx, row: &Row) -> Result<bool, DbError> {
    let outcomes = [Outcome::Done, Outcome::Refused, Outcome::Failed];
    if Concerned::read(&row.members).stored() != row.members
        || !outcomes.iter().any(|outcome| outcome.code() == row.outcome)
    {
        return Ok(false);
    }
    let same = entries::table.filter(entries::seq.eq(row.seq)).filter(entries::at.eq(At(row.at.0))).into_boxed();
    let same = match row.account_id {
        Some(account) => same.filter(entries::account_id.eq(account)),
        None => same.filter(entries::account_id.is_null()),
    };
    Ok(same.count().get_result::<i64>(tx.connection())? == 1)
}

/// Follows the whole trail: its last entry, or what is wrong.
pub fn verify(tx: &mut ReadTx, anchors: Vec<Head>) -> Result<Result<Head, String>, DbError> {
    let mut chain = Chain::new(anchors);
    let mut after = i64::MIN;
    loop {
        let rows: Vec<Row> =
            entries::table.filter(entries::seq.gt(after)).order(entries::seq).limit(CHUNK).load(tx.connection())?;
        let Some(last) = rows.last() else { return Ok(chain.end()) };
        after = last.seq;
        for row in rows {
            if !is_found_by_what_it_tells(tx, &row)? {
                return Ok(Err(format!("entry {} is not stored as it was written: lists would pass it over", row.seq)));
            }
            if let Err(fault) = chain.follow(&AuditEntry::from(row)) {
                return Ok(Err(fault));
            }
        }
    }
}
