//! Sends the outbox: one e-mail at a time, at least once, byte for byte the same on every try.
//!
//! | answer | what happens |
//! |---|---|
//! | accepted | sent |
//! | passing trouble | tried again after 1, 5, 15 and then every 30 minutes, for five days, then parked |
//! | the recipient is refused | parked: a person must look |
//! | our configuration is refused | tried again like passing trouble and logged as an error, never parked before its time |

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::Worked;
use crate::db::emails::{self, Claimed, Outcome};
use crate::mail::transport::{Accepted, Failure, Transport};
use crate::operations::{OperationError, Operations};

/// Minutes until the next try, by the number of tries so far; the last one goes on.
const WAITS_MINUTES: [i64; 4] = [1, 5, 15, 30];

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

    fn send_next(&self) -> Result<Worked, OperationError> {
        let now = self.operations.now();
        let database = &self.operations.database;
        let Some(claimed) = database.write(|tx| emails::claim(tx, now, now + in_time(self.lease)))? else {
            return Ok(Worked::Nothing);
        };
        let answer = self.deliver(&claimed);
        let now = self.operations.now();
        let (outcome, server_text) = self.judge(&claimed, answer, now);
        if !database.write(|tx| emails::finish(tx, &claimed, &outcome, &server_text, now))? {
            tracing::warn!(id = %claimed.id, "another worker took this e-mail over; it may arrive twice, with the same Message-ID");
        }
        Ok(Worked::One)
    }

    /// Talks to the mail server, which may take minutes, and gives signs of life meanwhile. No transaction is open.
    fn deliver(&self, claimed: &Claimed) -> Result<Accepted, Failure> {
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
            let answer = self.transport.deliver(&claimed.recipient, &claimed.message);
            drop(done);
            answer
        })
    }

    fn judge(&self, claimed: &Claimed, answer: Result<Accepted, Failure>, now: DateTime<Utc>) -> (Outcome, String) {
        match answer {
            Ok(accepted) => (Outcome::Sent, accepted.server_text),
            Err(Failure::RecipientRefused(text)) => (Outcome::Parked, text),
            Err(Failure::Retry(text)) => (self.again(claimed, now), text),
            Err(Failure::Misconfigured(text)) => {
                tracing::error!(%text, "the mail server refuses our configuration; e-mails wait in the outbox");
                (self.again(claimed, now), text)
            }
        }
    }

    fn again(&self, claimed: &Claimed, now: DateTime<Utc>) -> Outcome {
        let age = (now - claimed.created_at).to_std().unwrap_or_default();
        if age >= self.give_up_after {
            return Outcome::Parked;
        }
        let tries = usize::try_from(claimed.attempts).unwrap_or(1).clamp(1, WAITS_MINUTES.len());
        // The identity's random part spreads e-mails that failed together.
        let spread = i64::from(claimed.id.0.as_bytes()[15]) * 60 / 256;
        Outcome::Again(now + TimeDelta::minutes(WAITS_MINUTES[tries - 1]) + TimeDelta::seconds(spread))
    }
}

fn in_time(length: Duration) -> TimeDelta {
    TimeDelta::from_std(length).unwrap_or(TimeDelta::MAX / 2)
}
