//! The outbox as the office sees it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ids::EmailId;

/// Where an e-mail stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmailState {
    /// Waiting for its next try.
    Queued,
    /// Taken over by the mail server (or written to the folder).
    Sent,
    /// Refused for good, or tried for five days; a person must look.
    Parked,
}

/// The event of an e-mail with a link to set a password.
pub const INVITATION: &str = "invitation";
/// The event of an e-mail with a code to sign in with.
pub const SIGN_IN_CODE: &str = "sign_in_code";

/// Whether the text of an e-mail opens an account, so that nobody but its recipient may read it.
pub fn opens_an_account(event: &str) -> bool {
    [INVITATION, SIGN_IN_CODE].contains(&event)
}

/// An e-mail of the outbox, without its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Email {
    /// Identity.
    pub id: EmailId,
    /// What caused it: `request_received`, `plan_published`.
    pub event: String,
    /// To whom.
    pub recipient: String,
    /// Its subject line.
    pub subject: String,
    /// Stable over every try, so that a duplicate can be recognised.
    pub message_id: String,
    /// Where it stands.
    pub state: EmailState,
    /// How often it was tried.
    pub attempts: i64,
    /// When it will be tried next.
    pub next_attempt_at: DateTime<Utc>,
    /// The mail server's last words.
    pub server_text: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was sent or parked.
    pub finished_at: Option<DateTime<Utc>>,
}
