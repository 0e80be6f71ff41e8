//! Named moments at which a test may end the process, to prove that no moment is a bad one.
//!
//! | point | when |
//! |---|---|
//! | `after_claim` | an e-mail is claimed and nothing is sent yet |
//! | `before_data` | the server took sender and recipient |
//! | `after_answer` | the server's answer is here and not yet written down |
//! | `before_commit` | it is written down in a transaction that is still open |
//! | `after_commit` | the transaction is closed |
//!
//! A release build holds nothing of it. The moment between the final dot and the answer is the test server's to choose:
//! it ends the process itself.

use std::sync::OnceLock;

static HOOK: OnceLock<fn(&str)> = OnceLock::new();

/// Calls this at every point from now on. Only once, at the start of the program.
pub fn arm(hook: fn(&str)) {
    let _ = HOOK.set(hook);
}

/// A point is reached.
pub fn reach(point: &str) {
    if cfg!(debug_assertions)
        && let Some(hook) = HOOK.get()
    {
        hook(point);
    }
}
