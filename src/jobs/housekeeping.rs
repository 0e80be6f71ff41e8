//! Forgets what is no longer needed: answers kept for `Idempotency-Key`.

use std::time::{Duration, Instant};

use chrono::TimeDelta;

use super::Worked;
use crate::db::idempotency;
use crate::operations::Operations;

/// How often it looks.
const EVERY: Duration = Duration::from_secs(3600);
/// A client that repeats a POST does so within this time.
const ANSWERS_KEPT: TimeDelta = TimeDelta::days(7);

/// Tidies up, once an hour.
pub struct Housekeeping {
    /// The data.
    pub operations: Operations,
    /// When it last tidied up.
    pub last: Option<Instant>,
}

impl Housekeeping {
    /// Tidies up if it is time.
    pub fn work(&mut self) -> Worked {
        if self.last.is_none_or(|last| last.elapsed() >= EVERY) {
            self.last = Some(Instant::now());
            let moment = self.operations.now() - ANSWERS_KEPT;
            match self.operations.database.write(|tx| idempotency::forget_before(tx, moment)) {
                Ok(forgotten) => tracing::debug!(forgotten, "old answers forgotten"),
                Err(error) => tracing::warn!(%error, "old answers could not be forgotten"),
            }
        }
        Worked::Nothing
    }
}
