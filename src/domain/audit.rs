//! The audit trail: who did what, when.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::ids::{AccountId, AuditEntryId};

/// One thing that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditEntry {
    /// Identity, in order of time.
    pub id: AuditEntryId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; absent where the program itself acted.
    pub account_id: Option<AccountId>,
    /// What, as a verb: `submit`, `publish`.
    pub action: String,
    /// On what kind of record.
    pub subject_kind: String,
    /// The record's human code, or its identity where it has none.
    pub subject_code: String,
    /// What changed, in words; empty where the action says it all.
    pub detail: String,
}
