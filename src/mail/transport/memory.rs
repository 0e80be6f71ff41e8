//! Messages kept in memory, for tests. A test can make the next deliveries fail.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Accepted, Failure, Parcel, Transport};

/// Keeps what it is given.
#[derive(Debug, Default)]
pub struct MemoryTransport {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    delivered: Vec<Delivered>,
    failures: VecDeque<Failure>,
}

/// A message that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// Where bounces of it go, if it says so.
    pub return_path: Option<String>,
    /// The address it was for.
    pub recipient: String,
    /// Its bytes.
    pub message: Vec<u8>,
}

impl MemoryTransport {
    /// An empty one.
    pub fn new() -> MemoryTransport {
        MemoryTransport::default()
    }

    /// Lets the next `times` deliveries fail this way, after those asked for before.
    pub fn fail_next(&self, times: usize, failure: Failure) {
        self.state().failures.extend(std::iter::repeat_n(failure, times));
    }

    /// Everything taken so far, in order.
    pub fn delivered(&self) -> Vec<Delivered> {
        self.state().delivered.clone()
    }

    /// A panic of another thread leaves the lists whole, so a poisoned lock is as good as any.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for MemoryTransport {
    fn deliver(&self, parcel: &Parcel<'_>) -> Result<Accepted, Failure> {
        let mut state = self.state();
        if let Some(failure) = state.failures.pop_front() {
            return Err(failure);
        }
        state.delivered.push(Delivered {
            return_path: parcel.return_path.map(str::to_owned),
            recipient: parcel.recipient.to_owned(),
            message: parcel.message.to_vec(),
        });
        Ok(Accepted { server_text: format!("kept in memory as number {}", state.delivered.len()) })
    }
}
