//! From where something is asked for, and by which means: written into the audit trail.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use crate::domain::ids::AccountId;

/// Longest part of an address line that is written down.
const ASKED_LENGTH_MAX: usize = 200;

/// From where something is asked for. Clones share what becomes known about who asks.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    address: Option<IpAddr>,
    asked: String,
    names_nobody: bool,
    known: Arc<OnceLock<(AccountId, String)>>,
}

impl Origin {
    /// A request from a network address for something, `GET /overview`.
    pub fn request(address: Option<IpAddr>, asked: &str) -> Origin {
        let asked = asked.chars().filter(|letter| !letter.is_control()).take(ASKED_LENGTH_MAX).collect();
        Origin { address, asked, ..Origin::default() }
    }

    /// The person says that what is sent names no student.
    pub fn naming_nobody(self, names_nobody: bool) -> Origin {
        Origin { names_nobody, ..self }
    }

    /// Whether the person says that what is sent names no student.
    pub fn names_nobody(&self) -> bool {
        self.names_nobody
    }

    /// Now it is known who asks, by a token or a session; the first one counts.
    pub fn recognize(&self, account: AccountId, means: String) {
        // A request has one means. A second one, of a session that has just begun, changes nothing.
        let _ = self.known.set((account, means));
    }

    /// Who asks, if it is known.
    pub fn account(&self) -> Option<AccountId> {
        self.known.get().map(|(account, _)| *account)
    }

    /// By which means.
    pub fn means(&self) -> &str {
        match self.known.get() {
            Some((_, means)) => means,
            None if self.asked.is_empty() => "command line",
            None => "web",
        }
    }

    /// The network address, empty when there is none.
    pub fn address(&self) -> String {
        self.address.map(|address| address.to_canonical().to_string()).unwrap_or_default()
    }

    /// What is asked for; empty on the command line.
    pub fn asked(&self) -> &str {
        &self.asked
    }
}
