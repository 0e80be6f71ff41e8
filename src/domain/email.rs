//! The outbox as the office sees it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ids::{EmailId, SuppressedAddressId};

/// Where an e-mail stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmailState {
    /// Waiting for its next try.
    Queued,
    /// Taken over by the next mail server (or written to the folder). Not the same as delivered: it may come back.
    Accepted,
    /// Not sent by itself any more; a person must look.
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

/// Why an e-mail is parked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ParkedBecause {
    /// The mail server refused the recipient for good.
    RecipientRefused,
    /// The mail server refused this message for good.
    MessageRefused,
    /// It was tried for as long as e-mails are tried.
    GaveUp,
    /// It may have arrived several times: the server broke off after the end of the message again and again.
    Unclear,
    /// Nothing is sent to this address; see the suppressed addresses.
    Suppressed,
    /// It was accepted and came back.
    Returned,
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
    /// Why, if it is parked.
    pub parked_because: Option<ParkedBecause>,
    /// How often it was tried.
    pub attempts: i64,
    /// How many of these tries may have arrived although no answer came.
    pub ambiguous: i64,
    /// When it will be tried next.
    pub next_attempt_at: DateTime<Utc>,
    /// The mail server's last words.
    pub server_text: String,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was accepted or parked.
    pub finished_at: Option<DateTime<Utc>>,
}

/// Why nothing is sent to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuppressedBecause {
    /// The mail server refused it for good.
    Refused,
    /// An e-mail to it came back for good.
    Returned,
}

/// An address to which nothing is sent until the office takes it off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SuppressedAddress {
    /// Identity.
    pub id: SuppressedAddressId,
    /// The address, in small letters.
    pub address: String,
    /// Why.
    pub because: SuppressedBecause,
    /// The mail server's words.
    pub server_text: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// An e-mail that came back, as the mail system has it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnedMail {
    /// The whole message with its header.
    pub message: String,
    /// The address to which it was sent, where the message does not say it in a `Delivered-To` or `X-Original-To` line.
    #[serde(default)]
    pub delivered_to: Option<String>,
}

/// What a returned message was good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BounceOutcome {
    /// The e-mail is parked as returned, and nothing more is sent to its address.
    Suspended,
    /// Passing trouble: the words are kept with the e-mail, nothing else changes.
    Noted,
    /// Not a report about one of our e-mails: nothing changes.
    Ignored,
}

/// What a returned message was good for, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BounceVerdict {
    /// What came of it.
    pub outcome: BounceOutcome,
    /// Why, in a sentence.
    pub reason: String,
    /// The e-mail that it is about.
    pub email_id: Option<EmailId>,
}
