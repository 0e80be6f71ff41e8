//! The outbox as its worker sees it: what may be sent now, and what a try does to the e-mail, its address and the queue.

use chrono::{DateTime, Utc};

use super::audit::note_program;
use super::error::OperationError;
use super::runner::{OperationSettings, Operations};
use crate::db::emails::{Claimed, NewEmail, Outcome};
use crate::db::{self, WriteTx};
use crate::domain::email::{BounceOutcome, BounceVerdict, EmailState, ParkedBecause, ReturnedMail, SuppressedBecause};
use crate::domain::ids::EmailId;
use crate::domain::mail_queue::{Effect, REFUSALS_MAX, Standing};
use crate::mail::bounce::{self, Report};

/// How a try ended, for everything it concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// For the e-mail.
    pub outcome: Outcome,
    /// For the queue.
    pub effect: Effect,
    /// Whether the recipient's other e-mails should wait as long.
    pub is_about_mailbox: bool,
    /// The mail server's words.
    pub words: String,
}

/// Puts an e-mail into the outbox. For an address to which nothing is sent it is parked at once, so that the office sees
/// what did not reach whom.
pub fn enqueue(tx: &mut WriteTx, email: &NewEmail, now: DateTime<Utc>) -> Result<EmailId, OperationError> {
    let suppressed = db::suppressed_addresses::contains(tx, &email.recipient)?;
    Ok(db::emails::insert(tx, email, suppressed.then_some(ParkedBecause::Suppressed), now)?)
}

/// Claims the next e-mail, if the queue lets one through.
pub fn claim(
    tx: &mut WriteTx,
    now: DateTime<Utc>,
    lease_until: DateTime<Utc>,
) -> Result<Option<Claimed>, OperationError> {
    let standing = db::mail_queue::read(tx)?;
    if !standing.admits(now) {
        return Ok(None);
    }
    let claimed = db::emails::claim(tx, now, lease_until)?;
    if claimed.is_some() && standing.probes() {
        // One probe at a time: others wait until it has ended, or until it is dead for sure.
        let held = Standing { waits_until: Some(lease_until), ..standing };
        db::mail_queue::write(tx, &held)?;
    }
    Ok(claimed)
}

/// Writes down how a try ended; false when the lease was lost meanwhile, and then nothing is changed.
pub fn settle(tx: &mut WriteTx, claimed: &Claimed, ended: &Ended, now: DateTime<Utc>) -> Result<bool, OperationError> {
    let standing = db::mail_queue::read(tx)?;
    let (mut outcome, mut effect) = (ended.outcome, ended.effect);
    if effect == Effect::PolicyRefusal && (standing.paused || standing.refusals + 1 >= REFUSALS_MAX) {
        // So many in a row are more likely about us than about the recipients: this one is kept.
        (outcome, effect) = (Outcome::Kept, Effect::Misconfigured);
    }
    if !db::emails::finish(tx, claimed, &outcome, &ended.words, now)? {
        return Ok(false);
    }
    let next = standing.after(effect, &ended.words, now);
    if next != standing {
        db::mail_queue::write(tx, &next)?;
    }
    if next.paused && !standing.paused {
        note_program(tx, now, "pause", ("mail_queue", "1"), "")?;
    }
    match outcome {
        Outcome::Again(until) if ended.is_about_mailbox => db::emails::postpone(tx, &claimed.recipient, until, now)?,
        Outcome::Parked(ParkedBecause::RecipientRefused) => {
            suppress(tx, &claimed.recipient, SuppressedBecause::Refused, &ended.words, now)?;
        }
        _ => {}
    }
    Ok(true)
}

/// Sends nothing to an address any more; what waits for it is parked.
pub(super) fn suppress(
    tx: &mut WriteTx,
    address: &str,
    because: SuppressedBecause,
    words: &str,
    now: DateTime<Utc>,
) -> Result<(), OperationError> {
    if db::suppressed_addresses::insert(tx, address, because, words, now)? {
        note_program(tx, now, "suppress", ("address", "1"), "")?;
    }
    db::emails::park_suppressed(tx, address, now)?;
    Ok(())
}

/// The program starts, perhaps with other settings: a queue that waits tries one e-mail at once.
pub fn begin(operations: &Operations) -> Result<(), OperationError> {
    operations.database.write(|tx| {
        let standing = db::mail_queue::read(tx)?;
        if standing.waits_until.is_some() {
            let next = Standing { waits_until: None, ..standing };
            db::mail_queue::write(tx, &next)?;
        }
        Ok(())
    })
}

/// Takes back what the mail system hands over, without anybody's name.
pub fn take_back(operations: &Operations, sent: &ReturnedMail) -> Result<BounceVerdict, OperationError> {
    let now = operations.now();
    operations.database.write(|tx| returned(tx, &operations.settings, now, sent))
}

/// Reads a message that came back. It counts only at a return path that we made and as a report that a program wrote;
/// nothing is ever answered.
pub(super) fn returned(
    tx: &mut WriteTx,
    settings: &OperationSettings,
    now: DateTime<Utc>,
    sent: &ReturnedMail,
) -> Result<BounceVerdict, OperationError> {
    let verdict = |outcome, email_id, words: &str| BounceVerdict { outcome, reason: words.to_owned(), email_id };
    let ignored = |email_id, reason: &str| Ok(verdict(BounceOutcome::Ignored, email_id, reason));
    let Some(paths) = &settings.return_paths else {
        return ignored(None, "No address for bounces is set (mail.bounces.address)");
    };
    let addresses = sent.delivered_to.clone().into_iter().chain(bounce::delivered_to(&sent.message));
    let Some(id) = addresses.filter_map(|address| paths.read(&address)).next() else {
        return ignored(None, "It was not sent to a return path of ours");
    };
    let Some(email) = db::emails::find(tx, id)? else {
        return ignored(None, "The e-mail it is about is no longer kept");
    };
    match bounce::read(&sent.message) {
        Report::Nothing(reason) => ignored(Some(id), reason),
        Report::Delayed(words) => {
            if email.state == EmailState::Accepted {
                db::emails::noted(tx, id, &words)?;
            }
            Ok(verdict(BounceOutcome::Noted, Some(id), &words))
        }
        Report::Failed(words) => {
            if !db::emails::returned(tx, id, &words, now)? {
                return ignored(Some(id), "The e-mail it is about is not out: it waits, or is parked already");
            }
            suppress(tx, &email.recipient, SuppressedBecause::Returned, &words, now)?;
            Ok(verdict(BounceOutcome::Suspended, Some(id), &words))
        }
    }
}
