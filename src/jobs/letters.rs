//! Writes the e-mails that no single action causes: changes of visits, gathered and summed up, and what is still to log.

use std::time::{Duration, Instant};

use super::Worked;
use crate::operations::{Operations, minutes_to_log, schedule_news};

/// How often it looks.
const EVERY: Duration = Duration::from_secs(30);

/// Writes what is due, twice a minute.
pub struct Letters {
    operations: Operations,
    last: Option<Instant>,
    /// The last Monday of which everybody was reminded, so that it is not looked again and again.
    reminded: Option<chrono::NaiveDate>,
}

impl Letters {
    /// A writer that has not looked yet.
    pub fn new(operations: Operations) -> Letters {
        Letters { operations, last: None, reminded: None }
    }

    /// Writes what is due if it is time to look.
    pub fn work(&mut self) -> Worked {
        if self.last.is_none_or(|last| last.elapsed() >= EVERY) {
            self.last = Some(Instant::now());
            match schedule_news::tell(&self.operations) {
                Ok(0) => {}
                Ok(written) => tracing::info!(written, "visits changed; e-mails are in the outbox"),
                Err(error) => tracing::warn!(%error, "changes of visits could not be told"),
            }
            self.remind();
        }
        Worked::Nothing
    }

    fn remind(&mut self) {
        let Some(monday) = minutes_to_log::due(&self.operations).filter(|monday| self.reminded != Some(*monday)) else {
            return;
        };
        match minutes_to_log::remind(&self.operations, monday) {
            Ok(written) => {
                self.reminded = Some(monday);
                tracing::info!(written, "reminders of minutes to log are in the outbox");
            }
            Err(error) => tracing::warn!(%error, "nobody could be reminded of minutes to log"),
        }
    }
}
