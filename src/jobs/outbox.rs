//! Sends the outbox: one e-mail at a time, at least once, byte for byte the same on every try.
//!
//! | answer | the e-mail | the queue |
//! |---|---|---|
//! | accepted | accepted, with the server's words | goes on |
//! | no server, or it broke off before the final dot | again after 1, 5, 15 and then every 30 minutes and a little more, for five days, then parked | the fifth in a row opens the breaker |
//! | 4xx | the same; at RCPT the recipient's other e-mails wait too | goes on |
//! | 452 | the same | slows down |
//! | no answer after the final dot | the same, counted as ambiguous; parked after five of them | counts as trouble |
//! | 5xx at RCPT | parked, the address is suppressed | goes on |
//! | 5xx after the final dot | parked | goes on |
//! | 5.7.x at RCPT or later | parked; the third in a row is kept | the third in a row pauses it |
//! | 5xx before RCPT, or about our login | kept as it was | paused, with one try every 30 minutes |
//!
//! What a try does to the queue is in [`crate::domain::mail_queue`], and what an answer means in
//! [`crate::mail::transport`].

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::Worked;
use crate::db::emails::{self, Claimed, Outcome};
use crate::domain::email::ParkedBecause;
use crate::domain::mail_queue::Effect;
use crate::mail::compose::{Correspondent, Envelope, compose, message_id};
use crate::mail::failpoint;
use crate::mail::message::Rendered;
use crate::mail::transport::{Accepted, Failure, Parcel, Transport};
use crate::operations::outbox::{self, Ended};
use crate::operations::{OperationError, Operations};

/// For tests: calls a function at the named points of sending.
pub use crate::mail::failpoint::arm as call_at_points;

/// Minutes until the next try, by the number of tries so far; the last one goes on.
const WAITS_MINUTES: [i64; 4] = [1, 5, 15, 30];
/// How often the end of a try is written down again while the database is busy or away, waiting longer each time.
const SETTLE_TRIES: u32 = 8;
const SETTLE_PAUSE: Duration = Duration::from_millis(100);
/// So many copies may have arrived, at most.
const AMBIGUOUS_MAX: i64 = 5;

/// What the sender needs.
#[derive(Clone)]
pub struct Sender {
    /// The outbox.
    pub operations: Operations,
    /// How e-mails leave.
    pub transport: Arc<dyn Transport>,
    /// After so long without a sign of life another worker may take an e-mail over.
    pub lease: Duration,
    /// How long a failing e-mail is tried.
    pub give_up_after: Duration,
}

impl Sender {
    /// Sends one e-mail that is due.
    pub fn work(&self) -> Worked {
        match self.send_next() {
            Ok(worked) => worked,
            Err(error) => {
                // Left in the queue: the lease runs out and it is claimed again.
                tracing::error!(%error, source = ?std::error::Error::source(&error), "the outbox could not be worked on");
                Worked::Nothing
            }
        }
    }

    /// Sends a message that stands for itself, past the outbox, and gives the mail server's words.
    ///
    /// # Errors
    /// What went wrong, with the command that was answered.
    pub fn send_test(&self, address: &str) -> Result<String, String> {
        let settings = &self.operations.settings;
        let (from_name, from_address) = &settings.mail_from;
        let now = self.operations.now();
        let text = format!("This is a test of {}. If you read this, its e-mails can reach you.\n", settings.coop_name);
        let content = Rendered {
            subject: format!("A test of {}", settings.coop_name),
            html: format!("<p>{}</p>", text.trim().replace('&', "&amp;").replace('<', "&lt;")),
            text,
            attachments: Vec::new(),
        };
        let envelope = Envelope {
            from: Correspondent { name: Some(from_name.clone()), address: from_address.clone() },
            reply_to: None,
            to: Correspondent { name: None, address: address.to_owned() },
            message_id: message_id(&format!("test/{now}"), address, 1, settings.mail_domain()),
            date: now,
        };
        let message = compose(&content, &envelope).map_err(|error| error.to_string())?;
        let parcel = Parcel { return_path: None, recipient: address, message: &message };
        match self.transport.deliver(&parcel) {
            Ok(accepted) => Ok(accepted.server_text),
            Err(failure) => Err(failure.to_string()),
        }
    }

    fn send_next(&self) -> Result<Worked, OperationError> {
        let now = self.operations.now();
        let database = &self.operations.database;
        let Some(claimed) = database.write(|tx| outbox::claim(tx, now, now + in_time(self.lease)))? else {
            return Ok(Worked::Nothing);
        };
        failpoint::reach("after_claim");
        let answer = self.deliver(&claimed);
        failpoint::reach("after_answer");
        let now = self.operations.now();
        let ended = self.judge(&claimed, answer, now);
        let kept = self.settle(&claimed, &ended, now)?;
        failpoint::reach("after_commit");
        if !kept {
            tracing::warn!(id = %claimed.id, "another worker took this e-mail over; it may arrive twice, with the same Message-ID");
        }
        Ok(Worked::One)
    }

    /// Writes down how a try ended. Worth some patience: what is not written down is sent again.
    fn settle(&self, claimed: &Claimed, ended: &Ended, now: DateTime<Utc>) -> Result<bool, OperationError> {
        let mut tries = 0;
        loop {
            let settled = self.operations.database.write(|tx| {
                let kept = outbox::settle(tx, claimed, ended, now)?;
                failpoint::reach("before_commit");
                Ok::<_, OperationError>(kept)
            });
            match settled {
                Err(OperationError::Busy | OperationError::Unavailable(_)) if tries < SETTLE_TRIES => {
                    tries += 1;
                    std::thread::sleep(SETTLE_PAUSE * tries);
                }
                settled => return settled,
            }
        }
    }

    /// Talks to the mail server, which may take minutes, and gives signs of life meanwhile. No transaction is open.
    fn deliver(&self, claimed: &Claimed) -> Result<Accepted, Failure> {
        let return_path = self.operations.settings.return_paths.as_ref().map(|paths| paths.of(claimed.id));
        let parcel =
            Parcel { return_path: return_path.as_deref(), recipient: &claimed.recipient, message: &claimed.message };
        std::thread::scope(|scope| {
            let (done, wait) = channel::<()>();
            scope.spawn(move || {
                // Ends when the other side of the channel is dropped.
                while wait.recv_timeout(self.lease / 3) == Err(RecvTimeoutError::Timeout) {
                    let until = self.operations.now() + in_time(self.lease);
                    if let Err(error) = self.operations.database.write(|tx| emails::renew(tx, claimed, until)) {
                        tracing::warn!(%error, "the claim on an e-mail could not be renewed");
                    }
                }
            });
            let answer = self.transport.deliver(&parcel);
            drop(done);
            answer
        })
    }

    fn judge(&self, claimed: &Claimed, answer: Result<Accepted, Failure>, now: DateTime<Utc>) -> Ended {
        let again = self.again(claimed, now);
        let parked = |because, effect| (Outcome::Parked(because), effect);
        let is_about_mailbox = matches!(answer, Err(Failure::MailboxNotNow(_)));
        let words = match &answer {
            Ok(accepted) => accepted.server_text.clone(),
            Err(failure) => failure.to_string(),
        };
        let (outcome, effect) = match answer {
            Ok(_) => (Outcome::Accepted, Effect::Talks),
            Err(Failure::Trouble(_)) => (again, Effect::Trouble),
            Err(Failure::NotNow(_) | Failure::MailboxNotNow(_)) => (again, Effect::Talks),
            Err(Failure::SlowDown(_)) => (again, Effect::SlowDown),
            Err(Failure::Ambiguous(_)) => match again {
                Outcome::Again(at) if claimed.ambiguous + 1 < AMBIGUOUS_MAX => {
                    (Outcome::AgainAmbiguous(at), Effect::Trouble)
                }
                _ => parked(ParkedBecause::Unclear, Effect::Trouble),
            },
            Err(Failure::RecipientRefused(_)) => parked(ParkedBecause::RecipientRefused, Effect::Talks),
            Err(Failure::MessageRefused(_)) => parked(ParkedBecause::MessageRefused, Effect::Talks),
            Err(Failure::PolicyRefused(_)) => parked(ParkedBecause::MessageRefused, Effect::PolicyRefusal),
            Err(Failure::Misconfigured(_)) => {
                tracing::error!(%words, "the mail server refuses our configuration: the outbox is paused, its e-mails are kept");
                (Outcome::Kept, Effect::Misconfigured)
            }
        };
        Ended { outcome, effect, is_about_mailbox, words }
    }

    /// The next try, or none when it was tried for long enough.
    fn again(&self, claimed: &Claimed, now: DateTime<Utc>) -> Outcome {
        let tried_for = (now - claimed.trying_since).to_std().unwrap_or_default();
        if tried_for >= self.give_up_after {
            return Outcome::Parked(ParkedBecause::GaveUp);
        }
        let tries = usize::try_from(claimed.attempts).unwrap_or(1).max(1);
        let wait = WAITS_MINUTES[tries.min(WAITS_MINUTES.len()) - 1] * 60;
        // The random part of the identity spreads e-mails that failed together, differently for each try.
        let chance = i64::from(claimed.id.0.as_bytes()[12 + tries % 4]);
        let spread = (wait / 4).max(60) * chance / 256;
        Outcome::Again(now + TimeDelta::seconds(wait + spread))
    }
}

fn in_time(length: Duration) -> TimeDelta {
    TimeDelta::from_std(length).unwrap_or(TimeDelta::MAX / 2)
}
