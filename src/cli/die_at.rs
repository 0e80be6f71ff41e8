//! For tests: ends the process by SIGKILL at a point of sending, as `COOP_DIE_AT=after_answer:3` says (the third time).
//! Release builds never get here.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::jobs::outbox::call_at_points;

static POINT: OnceLock<(String, u32)> = OnceLock::new();
static SEEN: AtomicU32 = AtomicU32::new(0);

/// Waits for the point, if one is named.
pub fn arm() {
    let Some(text) = crate::config::die_at() else { return };
    let (name, times) = text.split_once(':').unwrap_or((&text, "1"));
    let _ = POINT.set((name.to_owned(), times.parse().unwrap_or(1)));
    call_at_points(|reached| {
        let Some((name, times)) = POINT.get() else { return };
        if reached == name && SEEN.fetch_add(1, Ordering::SeqCst) + 1 == *times {
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        }
    });
}
