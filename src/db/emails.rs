//! The outbox: e-mails wait here until a worker that holds a lease has sent them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::page::{Page, PageRequest};
use super::schema::emails;
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::email::{Email, EmailState, ParkedBecause};
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
    /// How many of them may have arrived.
    pub ambiguous: i64,
    /// When the tries began that count towards giving up.
    pub trying_since: DateTime<Utc>,
}

/// The whole message of an e-mail.
pub fn message(tx: &mut ReadTx, id: EmailId) -> Result<Option<Vec<u8>>, DbError> {
    Ok(emails::table.find(id).select(emails::message).first(tx.connection()).optional()?)
}

/// Puts an e-mail into the outbox: due at once, or parked at once with the reason.
pub fn insert(
    tx: &mut WriteTx,
    email: &NewEmail,
    parked: Option<ParkedBecause>,
    now: DateTime<Utc>,
) -> Result<EmailId, DbError> {
    let id = EmailId::new();
    let state = if parked.is_some() { EmailState::Parked } else { EmailState::Queued };
    diesel::insert_into(emails::table)
        .values((
            emails::id.eq(id),
            emails::event.eq(email.event),
            emails::recipient.eq(&email.recipient),
            emails::subject.eq(&email.subject),
            emails::message_id.eq(&email.message_id),
            emails::message.eq(&email.message),
            emails::state.eq(state),
            emails::attempts.eq(0),
            emails::next_attempt_at.eq(At(now)),
            emails::server_text.eq(""),
            emails::created_at.eq(At(now)),
            emails::finished_at.eq(parked.map(|_| At(now))),
            emails::parked_because.eq(parked),
            emails::ambiguous.eq(0),
        ))
        .execute(tx.connection())?;
    Ok(id)
}

/// Claims the e-mail that has been due longest, for as long as the lease runs.
/// A claim of somebody whose lease ran out may be taken over; the new token shuts the old holder out.
pub fn claim(tx: &mut WriteTx, now: DateTime<Utc>, lease_until: DateTime<Utc>) -> Result<Option<Claimed>, DbError> {
    type Due = (EmailId, String, Vec<u8>, i64, Option<At>, i64);
    let due: Option<Due> = emails::table
        .filter(emails::state.eq(EmailState::Queued))
        .filter(emails::next_attempt_at.le(At(now)))
        .filter(emails::lease_until.is_null().or(emails::lease_until.le(At(now))))
        .order((emails::next_attempt_at, emails::id))
        .select((
            emails::id,
            emails::recipient,
            emails::message,
            emails::attempts,
            emails::trying_since,
            emails::ambiguous,
        ))
        .first(tx.connection())
        .optional()?;
    let Some((id, recipient, message, attempts, trying_since, ambiguous)) = due else { return Ok(None) };
    let trying_since = trying_since.map_or(now, |at| at.0);
    let lease = LeaseToken::new();
    diesel::update(emails::table.find(id))
        .set((
            emails::lease_token.eq(Some(lease)),
            emails::lease_until.eq(Some(At(lease_until))),
            emails::attempts.eq(attempts + 1),
            emails::trying_since.eq(Some(At(trying_since))),
        ))
        .execute(tx.connection())?;
    Ok(Some(Claimed { id, lease, recipient, message, attempts: attempts + 1, ambiguous, trying_since }))
}

/// A sign of life: keeps a claim for longer; false when it was lost.
pub fn renew(tx: &mut WriteTx, claimed: &Claimed, lease_until: DateTime<Utc>) -> Result<bool, DbError> {
    let held = emails::table.filter(emails::id.eq(claimed.id)).filter(emails::lease_token.eq(claimed.lease));
    let changed = diesel::update(held).set(emails::lease_until.eq(Some(At(lease_until)))).execute(tx.connection())?;
    Ok(changed == 1)
}

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The server took it.
    Accepted,
    /// Try again then.
    Again(DateTime<Utc>),
    /// Try again then; the server may have it already.
    AgainAmbiguous(DateTime<Utc>),
    /// It was not this e-mail's fault: it waits as if it had not been tried.
    Kept,
    /// A person must look.
    Parked(ParkedBecause),
}

/// Writes down how a try ended; false when the lease was lost meanwhile, and then nothing is changed.
pub fn finish(
    tx: &mut WriteTx,
    claimed: &Claimed,
    outcome: &Outcome,
    server_text: &str,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let (state, next, because) = match outcome {
        Outcome::Accepted => (EmailState::Accepted, now, None),
        Outcome::Again(at) | Outcome::AgainAmbiguous(at) => (EmailState::Queued, *at, None),
        Outcome::Kept => (EmailState::Queued, now, None),
        Outcome::Parked(because) => (EmailState::Parked, now, Some(*because)),
    };
    let attempts = claimed.attempts - i64::from(*outcome == Outcome::Kept);
    let unclear = matches!(outcome, Outcome::AgainAmbiguous(_) | Outcome::Parked(ParkedBecause::Unclear));
    let held = emails::table.filter(emails::id.eq(claimed.id)).filter(emails::lease_token.eq(claimed.lease));
    let changed = diesel::update(held)
        .set((
            emails::state.eq(state),
            emails::attempts.eq(attempts),
            emails::ambiguous.eq(claimed.ambiguous + i64::from(unclear)),
            emails::next_attempt_at.eq(At(next)),
            emails::lease_token.eq(None::<LeaseToken>),
            emails::lease_until.eq(None::<At>),
            emails::server_text.eq(server_text),
            emails::finished_at.eq((state != EmailState::Queued).then_some(At(now))),
            emails::parked_because.eq(because),
        ))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// Other e-mails to the same address that wait: not before then. Their time of trying runs, too: one of them at a time
/// asks for all.
pub fn postpone(tx: &mut WriteTx, recipient: &str, until: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), DbError> {
    let waiting = || {
        emails::table
            .filter(emails::recipient.eq(recipient))
            .filter(emails::state.eq(EmailState::Queued))
            .filter(emails::lease_token.is_null())
            .filter(emails::next_attempt_at.lt(At(until)))
    };
    diesel::update(waiting().filter(emails::trying_since.is_null()))
        .set(emails::trying_since.eq(Some(At(now))))
        .execute(tx.connection())?;
    diesel::update(waiting()).set(emails::next_attempt_at.eq(At(until))).execute(tx.connection())?;
    Ok(())
}

/// Parks what waits for an address to which nothing is sent any more, and is not under way.
pub fn park_suppressed(tx: &mut WriteTx, recipient: &str, now: DateTime<Utc>) -> Result<(), DbError> {
    let spellings = [recipient.to_owned(), recipient.to_ascii_lowercase()];
    let waiting = emails::table
        .filter(emails::recipient.eq_any(spellings))
        .filter(emails::state.eq(EmailState::Queued))
        .filter(emails::lease_token.is_null());
    diesel::update(waiting)
        .set((
            emails::state.eq(EmailState::Parked),
            emails::parked_because.eq(Some(ParkedBecause::Suppressed)),
            emails::finished_at.eq(Some(At(now))),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Makes everything that waits due now, with all the time there is to try it.
pub fn wake_all(tx: &mut WriteTx, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::update(emails::table.filter(emails::state.eq(EmailState::Queued)))
        .set((emails::next_attempt_at.eq(At(now)), emails::trying_since.eq(None::<At>)))
        .execute(tx.connection())?;
    Ok(())
}

/// An accepted e-mail came back for good; false when it was not accepted (any more).
pub fn returned(tx: &mut WriteTx, id: EmailId, server_text: &str, now: DateTime<Utc>) -> Result<bool, DbError> {
    let accepted = emails::table.filter(emails::id.eq(id)).filter(emails::state.eq(EmailState::Accepted));
    let changed = diesel::update(accepted)
        .set((
            emails::state.eq(EmailState::Parked),
            emails::parked_because.eq(Some(ParkedBecause::Returned)),
            emails::server_text.eq(server_text),
            emails::finished_at.eq(Some(At(now))),
        ))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// Keeps the words of a report of passing trouble.
pub fn noted(tx: &mut WriteTx, id: EmailId, server_text: &str) -> Result<(), DbError> {
    diesel::update(emails::table.find(id)).set(emails::server_text.eq(server_text)).execute(tx.connection())?;
    Ok(())
}

/// Puts a parked e-mail back into the queue; false when it is not parked.
pub fn resend(tx: &mut WriteTx, id: EmailId, now: DateTime<Utc>) -> Result<bool, DbError> {
    let changed = diesel::update(emails::table.filter(emails::id.eq(id)).filter(emails::state.eq(EmailState::Parked)))
        .set((
            emails::state.eq(EmailState::Queued),
            emails::next_attempt_at.eq(At(now)),
            emails::finished_at.eq(None::<At>),
            emails::trying_since.eq(None::<At>),
            emails::parked_because.eq(None::<ParkedBecause>),
        ))
        .execute(tx.connection())?;
    Ok(changed == 1)
}

/// How many e-mails are still waiting.
pub fn count_queued(tx: &mut ReadTx) -> Result<i64, DbError> {
    count(tx, EmailState::Queued)
}

/// How many e-mails are in a state.
pub fn count(tx: &mut ReadTx, state: EmailState) -> Result<i64, DbError> {
    Ok(emails::table.filter(emails::state.eq(state)).count().get_result(tx.connection())?)
}

/// How many tries may have arrived although no answer came.
pub fn count_ambiguous(tx: &mut ReadTx) -> Result<i64, DbError> {
    let tries: Vec<i64> =
        emails::table.filter(emails::ambiguous.gt(0)).select(emails::ambiguous).load(tx.connection())?;
    Ok(tries.iter().sum())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = emails)]
struct Row {
    id: EmailId,
    event: String,
    recipient: String,
    subject: String,
    message_id: String,
    state: EmailState,
    attempts: i64,
    next_attempt_at: At,
    server_text: String,
    created_at: At,
    finished_at: Option<At>,
    ambiguous: i64,
    parked_because: Option<ParkedBecause>,
}

fn record(row: Row) -> Email {
    Email {
        id: row.id,
        event: row.event,
        recipient: row.recipient,
        subject: row.subject,
        message_id: row.message_id,
        state: row.state,
        parked_because: row.parked_because,
        attempts: row.attempts,
        ambiguous: row.ambiguous,
        next_attempt_at: row.next_attempt_at.0,
        server_text: row.server_text,
        created_at: row.created_at.0,
        finished_at: row.finished_at.map(|at| at.0),
    }
}

/// The outbox, in order of entry.
pub fn list(tx: &mut ReadTx, state: Option<EmailState>, page: PageRequest) -> Result<Page<Email>, DbError> {
    let mut query = emails::table.filter(emails::id.gt(page.start::<EmailId>())).select(Row::as_select()).into_boxed();
    if let Some(state) = state {
        query = query.filter(emails::state.eq(state));
    }
    let rows: Vec<Row> = query.order(emails::id).limit(page.limit + 1).load(tx.connection())?;
    Ok(Page::cut(rows.into_iter().map(record).collect(), page, |email| email.id.0))
}

/// One e-mail.
pub fn find(tx: &mut ReadTx, id: EmailId) -> Result<Option<Email>, DbError> {
    let row: Option<Row> = emails::table.find(id).select(Row::as_select()).first(tx.connection()).optional()?;
    Ok(row.map(record))
}

/// The last e-mails that entered, the newest first, in one state.
pub fn newest(tx: &mut ReadTx, state: EmailState, limit: i64) -> Result<Vec<Email>, DbError> {
    let rows: Vec<Row> = emails::table
        .filter(emails::state.eq(state))
        .order(emails::id.desc())
        .limit(limit)
        .select(Row::as_select())
        .load(tx.connection())?;
    Ok(rows.into_iter().map(record).collect())
}
