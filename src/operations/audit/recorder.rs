//! Writes entries about views and refusals: those that come at once share a transaction, and each is answered only when
//! its entry is safe. So nothing that was shown is missing, and a commit is paid once for all who wait for it.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::db::Database;
use crate::domain::audit::AuditFields;
use crate::operations::OperationError;

/// Entries in one transaction.
const BATCH_MAX: usize = 200;

/// Writes entries together.
#[derive(Default)]
pub struct Recorder {
    queue: Mutex<Queue>,
    written: Condvar,
}

#[derive(Default)]
struct Queue {
    next: u64,
    waiting: Vec<(u64, AuditFields)>,
    /// Whether somebody writes at this moment.
    is_writing: bool,
    /// Outcomes that are not fetched yet.
    outcomes: BTreeMap<u64, bool>,
}

/// Tells everybody who waits how it ended, also when writing panicked.
struct Turn<'a> {
    recorder: &'a Recorder,
    batch: Vec<(u64, AuditFields)>,
    is_written: bool,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut queue = self.recorder.lock();
        queue.is_writing = false;
        queue.outcomes.extend(self.batch.iter().map(|(ticket, _)| (*ticket, self.is_written)));
        drop(queue);
        self.recorder.written.notify_all();
    }
}

impl Recorder {
    /// Writes an entry, and returns when it is safe.
    ///
    /// # Errors
    /// [`OperationError::Busy`] when it could not be written: then nothing may be shown.
    pub fn record(&self, database: &Database, fields: AuditFields) -> Result<(), OperationError> {
        let mut queue = self.lock();
        let ticket = queue.next;
        queue.next += 1;
        queue.waiting.push((ticket, fields));
        loop {
            if let Some(is_written) = queue.outcomes.remove(&ticket) {
                return if is_written { Ok(()) } else { Err(OperationError::Busy) };
            }
            if queue.is_writing {
                queue = self.written.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            queue.is_writing = true;
            let many = queue.waiting.len().min(BATCH_MAX);
            let batch = queue.waiting.drain(..many).collect();
            drop(queue);
            self.write(database, batch);
            queue = self.lock();
        }
    }

    fn write(&self, database: &Database, batch: Vec<(u64, AuditFields)>) {
        let mut turn = Turn { recorder: self, batch, is_written: false };
        let entries: Vec<&AuditFields> = turn.batch.iter().map(|(_, fields)| fields).collect();
        let outcome = database.write(|tx| entries.iter().try_for_each(|fields| super::append(tx, fields)));
        match outcome {
            Ok(()) => turn.is_written = true,
            Err(error) => {
                let reason: &dyn std::error::Error = &error;
                tracing::error!(error = %reason, source = ?reason.source(), "the audit trail could not be written");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
