//! Workers: one carries out plan runs, one sends the outbox, one writes e-mails that
//! no single action causes, one tidies up. Ordinary threads; every job is a row that survives them.
//!
//! A worker claims a job by a lease with a fencing token and gives it up by the same token, so that a worker that was
//! paused or killed loses its job to another and can change nothing afterwards.

pub mod anchor;
pub mod housekeeping;
pub mod letters;
pub mod outbox;
pub mod plan_run;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long an idle worker waits before it looks again.
const PAUSE: Duration = Duration::from_millis(250);

/// Workers that run until they are stopped.
pub struct Workers {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

/// What a worker did when it was asked to work once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worked {
    /// One job; there may be more.
    One,
    /// Nothing was due.
    Nothing,
}

impl Workers {
    /// No workers yet.
    #[allow(clippy::new_without_default, reason = "workers are started one by one, never by default")]
    pub fn new() -> Workers {
        Workers { stop: Arc::new(AtomicBool::new(false)), threads: Vec::new() }
    }

    /// Starts a worker that calls `work` again and again until the workers are stopped.
    pub fn start(&mut self, name: &'static str, mut work: impl FnMut(&AtomicBool) -> Worked + Send + 'static) {
        let stop = Arc::clone(&self.stop);
        let run = move || {
            while !stop.load(Ordering::Relaxed) {
                if work(&stop) == Worked::Nothing {
                    std::thread::sleep(PAUSE);
                }
            }
        };
        match std::thread::Builder::new().name(name.to_owned()).spawn(run) {
            Ok(thread) => self.threads.push(thread),
            Err(error) => tracing::error!(%error, name, "a worker could not be started"),
        }
    }

    /// Asks the workers to stop and waits until they have: a plan run is handed back, an e-mail is finished.
    pub fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a worker ended by a panic");
            }
        }
    }
}
