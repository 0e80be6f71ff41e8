//! The certificate of an erasure: what was taken away, when and by whom, without saying what it was.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::ids::{AccountId, ErasureId};

/// What was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErasureKind {
    /// A member that left, with its sites, requests, staff and accounts.
    Member,
    /// One request.
    ServiceRequest,
    /// A specialist who left, with the account.
    Specialist,
    /// A person's account.
    Account,
}

impl ErasureKind {
    /// As it is stored.
    pub fn code(self) -> &'static str {
        match self {
            ErasureKind::Member => "member",
            ErasureKind::ServiceRequest => "service_request",
            ErasureKind::Specialist => "specialist",
            ErasureKind::Account => "account",
        }
    }
}

/// Proof of an erasure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// Its own identity.
    pub id: ErasureId,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub account_id: AccountId,
    /// Of what kind.
    pub kind: ErasureKind,
    /// The identity of what is gone.
    pub subject_id: uuid::Uuid,
    /// How many records were deleted or emptied, by what was done to which.
    pub counts: BTreeMap<String, usize>,
}

impl Certificate {
    /// SHA-256 over everything it says; stands in the audit trail.
    pub fn sha256(&self) -> String {
        let canonical = serde_json::json!([
            self.id,
            self.at.to_rfc3339_opts(SecondsFormat::Micros, true),
            self.account_id,
            self.kind.code(),
            self.subject_id,
            self.counts,
        ]);
        Sha256::digest(canonical.to_string().as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
