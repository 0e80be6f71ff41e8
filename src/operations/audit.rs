//! The audit trail: what is done is noted in the transaction that does it; what is seen of restricted records before
//! it is shown; what is refused when the answer is decided.

mod recorder;
mod trail;

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};

use super::access::visible;
use super::error::OperationError;
use super::origin::Origin;
use super::runner::{Context, Operations};
use crate::db::{self, Page, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::{Resource, Scope};
use crate::domain::audit::{AuditEntry, AuditFields, Concerned, EVENTS, Head, Outcome};
use crate::domain::ids::{AccountId, MemberId};
use crate::reports::csv::{Cell, encode};

pub use crate::db::audit::Filter;
pub use recorder::Recorder;
pub use trail::Trail;

/// The trail, for the office.
pub fn list(
    tx: &mut ReadTx,
    ctx: &Context,
    filter: &Filter,
    page: PageRequest,
) -> Result<Page<AuditEntry>, OperationError> {
    visible(ctx, Resource::Audit)?;
    Ok(db::audit::list(tx, filter, page)?)
}

/// Entries as CSV, with names of accounts and codes of members as they are now. That it was taken along is an entry too.
pub fn csv(tx: &mut ReadTx, ctx: &Context, filter: &Filter) -> Result<Vec<u8>, OperationError> {
    let mut entries = list(tx, ctx, filter, PageRequest::ALL)?.items;
    if let Some(member) = filter.member {
        entries.iter_mut().for_each(|entry| leave_out_others(entry, member));
    }
    ctx.trail.exported("audit_entry");
    filter.member.into_iter().for_each(|member| ctx.trail.about(member));
    let accounts = db::accounts::list(tx, PageRequest::ALL)?.items;
    let accounts: BTreeMap<_, _> = accounts.into_iter().map(|one| (one.id, one.fields.email)).collect();
    let members = db::members::list(tx, &Scope::All, PageRequest::ALL)?.items;
    let members: BTreeMap<_, _> = members.into_iter().map(|one| (one.id, one.fields.code)).collect();
    let header =
        ["seq", "at", "account", "means", "address", "action", "kind", "code", "members", "detail", "outcome", "hash"];
    let row = |entry: &AuditEntry| {
        let fields = &entry.fields;
        let account = fields.account_id.and_then(|id| accounts.get(&id)).cloned().unwrap_or_default();
        let concerned = match &fields.members {
            Concerned::Nobody => String::new(),
            Concerned::Everybody => "all".to_owned(),
            Concerned::Members(ids) => {
                let code = |id: &MemberId| members.get(id).cloned().unwrap_or_else(|| id.to_string());
                ids.iter().map(code).collect::<Vec<_>>().join(" ")
            }
        };
        let text = |text: &str| Cell::Text(text.to_owned());
        [
            Cell::Integer(entry.seq),
            Cell::Text(fields.at.to_rfc3339_opts(SecondsFormat::Micros, true)),
            Cell::Text(account),
            text(&fields.means),
            text(&fields.address),
            text(&fields.action),
            text(&fields.subject_kind),
            text(&fields.subject_code),
            Cell::Text(concerned),
            text(&fields.detail),
            text(fields.outcome.code()),
            text(&entry.hash),
        ]
    };
    Ok(encode(header, &entries.iter().map(row).collect::<Vec<_>>()))
}

/// The entries that may concern a member, without what they tell of other members.
pub(super) fn of_member(tx: &mut ReadTx, member: MemberId) -> Result<Vec<AuditEntry>, OperationError> {
    let filter = Filter { member: Some(member), ..Filter::default() };
    let mut entries = db::audit::list(tx, &filter, PageRequest::ALL)?.items;
    entries.iter_mut().for_each(|entry| leave_out_others(entry, member));
    Ok(entries)
}

/// What was asked for may name records of other members, and so may the code of a record between two.
fn leave_out_others(entry: &mut AuditEntry, member: MemberId) {
    let own = vec![member];
    match &entry.fields.members {
        Concerned::Members(ids) if *ids == own => {}
        Concerned::Members(_) => {
            entry.fields.members = Concerned::Members(own);
            entry.fields.subject_code.clear();
            entry.fields.detail.clear();
        }
        Concerned::Everybody | Concerned::Nobody => entry.fields.detail.clear(),
    }
}

/// The last entry, for the person who runs the server.
pub fn head(operations: &Operations) -> Result<Head, OperationError> {
    operations.database.read(|tx| Ok(db::audit::head(tx)?))
}

/// Follows the whole trail: its last entry, or what is wrong, in a sentence.
pub fn verify(operations: &Operations, anchors: &[Head]) -> Result<Result<Head, String>, OperationError> {
    operations.database.read(|tx| Ok(db::audit::verify(tx, anchors.to_vec())?))
}

/// Notes what the actor did: verb, kind of record, its code, and what changed. Never what a person typed: entries
/// cannot be erased.
pub(super) fn note(
    tx: &mut WriteTx,
    ctx: &Context,
    action: &str,
    subject: (&str, &str),
    detail: &str,
) -> Result<(), OperationError> {
    let concerned = ctx.trail.concerned();
    let fields = entry(&ctx.origin, ctx.now, action, subject);
    let account_id = ctx.account();
    append(tx, &AuditFields { account_id, detail: detail.to_owned(), members: concerned, ..fields })
}

/// Notes what the program did by itself.
pub(super) fn note_program(
    tx: &mut WriteTx,
    now: DateTime<Utc>,
    action: &str,
    subject: (&str, &str),
    detail: &str,
) -> Result<(), OperationError> {
    let fields = entry(&Origin::default(), now, action, subject);
    let outcome = if action == "fail" { Outcome::Failed } else { Outcome::Done };
    let (means, members) = ("program".to_owned(), Concerned::Everybody);
    append(tx, &AuditFields { means, members, detail: detail.to_owned(), outcome, ..fields })
}

/// Notes what happened to an account while it was not yet, or not only, known who acts. A verb that begins with
/// `refuse` was refused.
pub(super) fn note_sign_in(
    tx: &mut WriteTx,
    operations: &Operations,
    account: Option<AccountId>,
    action: &str,
) -> Result<(), OperationError> {
    let code = account.map_or_else(|| "unknown".to_owned(), |id| id.to_string());
    let fields = entry(&operations.origin, operations.now(), action, ("account", &code));
    let outcome = if action.starts_with("refuse") { Outcome::Refused } else { Outcome::Done };
    append(tx, &AuditFields { account_id: account, outcome, ..fields })
}

/// Notes that a token was shown that no longer works.
pub(super) fn note_dead_token(operations: &Operations, account: AccountId, id: &str) -> Result<(), OperationError> {
    let fields = entry(&operations.origin, operations.now(), "refuse", ("token", id));
    let fields = AuditFields { account_id: Some(account), outcome: Outcome::Refused, ..fields };
    operations.recorder.record(&operations.database, fields)
}

/// Whether an answer of this status is an entry.
pub fn is_noted(status: u16) -> bool {
    of_status(status).is_some()
}

fn of_status(status: u16) -> Option<(&'static str, Outcome)> {
    match status {
        401 | 403 | 404 => Some(("refuse", Outcome::Refused)),
        500.. => Some(("fail", Outcome::Failed)),
        _ => None,
    }
}

/// Notes that a known account was refused, or that an answer broke, by the status of the answer. Not that it asked for
/// too much: that would be the work which the limit saves.
pub fn note_answer(operations: &Operations, status: u16) -> Result<(), OperationError> {
    let Some((action, outcome)) = of_status(status) else { return Ok(()) };
    let Some(account) = operations.origin.account() else { return Ok(()) };
    let fields = entry(&operations.origin, operations.now(), action, ("address", operations.origin.asked()));
    let fields = AuditFields { account_id: known(account), outcome, detail: status.to_string(), ..fields };
    operations.recorder.record(&operations.database, fields)
}

/// Notes that restricted records were seen or taken along; nothing when there were none.
pub(super) fn note_views(operations: &Operations, ctx: &Context) -> Result<(), OperationError> {
    let Some(seen) = ctx.trail.seen() else { return Ok(()) };
    let fields = entry(&ctx.origin, ctx.now, seen.action, (&seen.kinds, &seen.code));
    let detail = [ctx.origin.asked(), &seen.counts].join(" ").trim().to_owned();
    let fields = AuditFields { account_id: ctx.account(), members: ctx.trail.concerned(), detail, ..fields };
    operations.recorder.record(&operations.database, fields)
}

/// The visitor of a demonstration has no account.
pub(super) fn known(account: AccountId) -> Option<AccountId> {
    Some(account).filter(|id| !id.0.is_nil())
}

fn entry(origin: &Origin, at: DateTime<Utc>, action: &str, (subject_kind, subject_code): (&str, &str)) -> AuditFields {
    AuditFields {
        at,
        account_id: None,
        means: origin.means().to_owned(),
        address: origin.address(),
        action: action.to_owned(),
        subject_kind: subject_kind.to_owned(),
        subject_code: subject_code.to_owned(),
        members: Concerned::Nobody,
        detail: String::new(),
        outcome: Outcome::Done,
    }
}

fn append(tx: &mut WriteTx, fields: &AuditFields) -> Result<(), OperationError> {
    let is_listed = |kind: &str| EVENTS.contains(&(fields.action.as_str(), kind));
    debug_assert!(
        fields.subject_kind.split(", ").all(is_listed),
        "{} {} is a new kind of event: add it to EVENTS and to the coverage test",
        fields.action,
        fields.subject_kind
    );
    Ok(db::audit::append(tx, fields)?)
}
