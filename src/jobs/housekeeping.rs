//! Forgets what is no longer needed: answers kept for `Idempotency-Key`, sessions that are over, old failures, visits that
//! calendars no longer show as cancelled. And
//! writes down once an hour how the audit trail stands, and tells of credentials that end.

use std::time::{Duration, Instant};

use chrono::TimeDelta;

use super::Worked;
use super::anchor::Anchor;
use crate::db::{DbError, calendar_events, idempotency, openid, sessions, sign_in, sign_in_codes};
use crate::domain::calendar_feed::CANCELLED_KEPT;
use crate::operations::{Operations, credentials};

/// How often it looks.
const EVERY: Duration = Duration::from_secs(3600);
/// A client that repeats a POST does so within this time.
const ANSWERS_KEPT: TimeDelta = TimeDelta::days(7);
/// A device is known for so long after it was last used to sign in.
const DEVICES_KEPT: TimeDelta = TimeDelta::days(180);
/// Failed tries count no longer than this.
const FAILURES_KEPT: TimeDelta = TimeDelta::days(1);

/// Tidies up, once an hour.
pub struct Housekeeping {
    /// The data.
    pub operations: Operations,
    /// Keeps heads of the audit trail.
    pub anchor: Anchor,
    /// When it last tidied up.
    pub last: Option<Instant>,
}

impl Housekeeping {
    /// Tidies up if it is time.
    pub fn work(&mut self) -> Worked {
        if self.last.is_none_or(|last| last.elapsed() >= EVERY) {
            self.last = Some(Instant::now());
            self.anchor.work();
            self.warn();
            let now = self.operations.now();
            let forgotten = self.operations.database.write(|tx| {
                let answers = idempotency::forget_before(tx, now - ANSWERS_KEPT)?;
                let sessions = sessions::forget(tx, now, now - DEVICES_KEPT)?;
                let failures = sign_in::forget_failures(tx, now - FAILURES_KEPT)?;
                calendar_events::forget_dropped(tx, now - CANCELLED_KEPT)?;
                let codes = sign_in_codes::forget_expired(tx, now)? + openid::forget_expired(tx, now)?;
                Ok::<_, DbError>((answers, sessions, failures, codes))
            });
            match forgotten {
                Ok((answers, sessions, failures, codes)) => {
                    tracing::debug!(answers, sessions, failures, codes, "what is over was forgotten");
                }
                Err(error) => tracing::warn!(%error, "what is over could not be forgotten"),
            }
        }
        Worked::Nothing
    }

    /// Tells people of credentials that end; each step once, however often it looks.
    fn warn(&self) {
        match credentials::warn(&self.operations) {
            Ok(0) => {}
            Ok(warned) => tracing::info!(warned, "credentials end soon; e-mails are in the outbox"),
            Err(error) => tracing::warn!(%error, "credentials could not be looked at"),
        }
    }
}
