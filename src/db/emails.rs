//! The outbox: e-mails wait here until a worker that holds a lease has sent them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::page::{Page, PageRequest};
use super::schema::emails;
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::email::{Email, EmailState};
use crate::domain::ids::{EmailId, LeaseToken};

/// An e-mail that is ready to go.
#[derive(Debug, Clone)]
pub struct NewEmail {
    /// What caused it.
    pub event: &'static str,
    /// To whom.
    pub recipient: String,
    /// Its subject line.
    pub subject: String,
    /// Stable identity of the message.
    pub message_id: String,
    /// The whole message, byte for byte.
    pub message: Vec<u8>,
}

/// An e-mail that a worker holds.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Which.
    pub id: EmailId,
    /// Proof of the claim.
    pub lease: LeaseToken,
    /// To whom.
    pub recipient: String,
    /// The whole message.
    pub message: Vec<u8>,
    /// Tries so far, this one included.
    pub attempts: i64,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// The whole message of an e-mail.
pub fn message(tx: &mut ReadTx, id: EmailId) -> Result<Option<Vec<u8>>, DbError> {
    Ok(emails::table.find(id).select(emails::message).first(tx.connection()).optional()?)
}

/// Puts an e-mail into the outbox; it is due at once.
pub fn insert(tx: &mut WriteTx, email: &NewEmail, now: DateTime<Utc>) -> Result<EmailId, DbError> {
    let id = EmailId::new();
    diesel::insert_into(emails::table)
        .values((
            emails::id.eq(id),
            emails::event.eq(email.event),
            emails::recipient.eq(&email.recipient),
            emails::subject.eq(&email.subject),
            emails::message_id.eq(&email.message_id),
            emails::message.eq(&email.message),
            emails::state.eq(EmailState::Queued),
            emails::attempts.eq(0),
            emails::next_attempt_at.eq(At(now)),
            emails::server_text.eq(""),
            emails::created_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(id)
}

/// Claims the e-mail that has been due longest, for as long as the lease runs.
/// A claim of somebody whose lease ran out may be taken over; the new token shuts the old holder out.
pub fn claim(tx: &mut WriteTx, now: DateTime<Utc>, lease_until: DateTime<Utc>) -> Result<Option<Claimed>, DbError> {
    let due: Option<(EmailId, String, Vec<u8>, i64, At)> = emails::table
        .filter(emails::state.eq(EmailState::Queued))
        .filter(emails::next_attempt_at.le(At(now)))
        .filter(emails::lease_until.is_null().or(emails::lease_until.le(At(now))))
        .order((emails::next_attempt_at, emails::id))
        .select((emails::id, emails::recipient, emails::message, emails::attempts, emails::created_at))
        .first(tx.connection())
        .optional()?;
    let Some((id, recipient, message, attempts, created_at)) = due else { return Ok(None) };
    let lease = LeaseToken::new();
    diesel::update(emails::table.find(id))
        .set((
            emails::lease_token.eq(Some(lease)),
            emails::lease_until.eq(Some(At(lease_until))),
            emails::attempts.eq(attempts + 1),
        ))
        .execute(tx.connection())?;
    Ok(Some(Claimed { id, lease, recipient, message, attempts: attempts + 1, created_at: created_at.0 }))
}

/// A sign of life: keeps a claim for longer; false when it was lost.
pub fn renew(tx: &mut WriteTx, claimed: &Claimed, lease_until: DateTime<Utc>) -> Result<bool, DbError> {
    let held = emails::table.filter(emails::id.eq(claimed.id)).filter(emails::lease_token.eq(claimed.lease));
    let changed = diesel::update(held).set(emails::lease_until.eq(Some(At(lease_until)))).execute(tx.connection())?;
    Ok(changed == 1)
}

/// How a try ended.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// The server took it.
    Sent,
    /// Try again then.
    Again(DateTime<Utc>),
    /// A person must look.
    Parked,
}

/// Writes down how a try ended; false when the lease was lost meanwhile, and then nothing is changed.
pub fn finish(
    tx: &mut WriteTx,
    claimed: &Claimed,
    outcome: &Outcome,
    server_text: &str,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let (state, next, finished) = match outcome {
        Outcome::Sent => (EmailState::Sent, now, Some(At(now))),
        Outcome::Again(at) => (EmailState::Queued, *at, None),
        Outcome::Parked => (EmailState::Parked, now, Some(At(now))),
    };
    let changed =
        diesel::update(emails::table.filter(emails::id.eq(claimed.id)).filter(emails::lease_token.eq(claimed.lease)))
            .set((
                emails::state.eq(state),
                emails::next_attempt_at.eq(At(next)),
                emails::lease_token.eq(None::<LeaseToken>),
                emails::lease_until.eq(None::<At>),
                emails::server_text.eq(server_text),
                emails::finished_at.eq(finished),
            ))
            .execute(tx.connection())?;
    Ok(changed == 1)
}

/// Puts a parked e-mail back into the queue; false when it is not parked.
pub fn resend(tx: &mut WriteTx, id: EmailId, now: DateTime<Utc>) -> Result<bool, DbError> {
    let changed = diesel::update(emails::table.filter(emails::id.eq(id)).filter(emails::state.eq(EmailState::Parked)))
        .set((
            emails::state.eq(EmailState::Queued),
            emails::next_attempt_at.eq(At(now)),
            emails::finished_at.eq(None::<At>),
        ))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// How many e-mails are still waiting.
pub fn count_queued(tx: &mut ReadTx) -> Result<i64, DbError> {
    Ok(emails::table.filter(emails::state.eq(EmailState::Queued)).count().get_result(tx.connection())?)
}

type Row = (EmailId, String, String, String, String, EmailState, i64, At, String, At, Option<At>);

fn record(row: Row) -> Email {
    let (id, event, recipient, subject, message_id, state, attempts, next, server_text, created_at, finished_at) = row;
    Email {
        id,
        event,
        recipient,
        subject,
        message_id,
        state,
        attempts,
        next_attempt_at: next.0,
        server_text,
        created_at: created_at.0,
        finished_at: finished_at.map(|at| at.0),
    }
}

const COLUMNS: (
    emails::id,
    emails::event,
    emails::recipient,
    emails::subject,
    emails::message_id,
    emails::state,
    emails::attempts,
    emails::next_attempt_at,
    emails::server_text,
    emails::created_at,
    emails::finished_at,
) = (
    emails::id,
    emails::event,
    emails::recipient,
    emails::subject,
    emails::message_id,
    emails::state,
    emails::attempts,
    emails::next_attempt_at,
    emails::server_text,
    emails::created_at,
    emails::finished_at,
);

/// The outbox, in order of entry.
pub fn list(tx: &mut ReadTx, state: Option<EmailState>, page: PageRequest) -> Result<Page<Email>, DbError> {
    let mut query = emails::table.filter(emails::id.gt(page.start::<EmailId>())).select(COLUMNS).into_boxed();
    if let Some(state) = state {
        query = query.filter(emails::state.eq(state));
    }
    let rows: Vec<Row> = query.order(emails::id).limit(page.limit + 1).load(tx.connection())?;
    Ok(Page::cut(rows.into_iter().map(record).collect(), page, |email| email.id.0))
}

/// One e-mail.
pub fn find(tx: &mut ReadTx, id: EmailId) -> Result<Option<Email>, DbError> {
    let row: Option<Row> = emails::table.find(id).select(COLUMNS).first(tx.connection()).optional()?;
    Ok(row.map(record))
}
