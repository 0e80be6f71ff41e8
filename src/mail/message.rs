//! The e-mails we send, as plain facts, and their rendering.
//!
//! Every message is a struct of facts with a `render` method. Its text and its HTML say the same words; a test
//! compares them. Subjects state the fact. No student appears anywhere: the facts have no place for one.

use askama::Template;

mod account_invitation;
mod costs_from;
mod credential_ends;
mod draft_ready;
mod minutes_to_log;
mod plan_published_for_member;
mod plan_published_for_specialist;
mod request_received;
mod schedule_changed;
mod sign_in_changed;
mod sign_in_code;
mod wording;

pub use account_invitation::AccountInvitation;
pub use costs_from::{CostsFrom, StatementBefore};
pub use credential_ends::CredentialEnds;
pub use draft_ready::{DraftFigures, DraftReady};
pub use minutes_to_log::{MinutesToLog, VisitToLog};
pub use plan_published_for_member::{MetRequest, PlanPublishedForMember, ShortRequest, VisitBySpecialist};
pub use plan_published_for_specialist::{OwnVisit, PlanPublishedForSpecialist, ScheduleChange};
pub use request_received::{OpenTime, RequestReceived};
pub use schedule_changed::{ChangeOfVisit, ScheduleChanged, VisitChange};
pub use sign_in_changed::{SignInChange, SignInChanged};
pub use sign_in_code::SignInCode;

/// An e-mail's content, ready to be composed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line that states the fact.
    pub subject: String,
    /// The plain text body; lines end with LF.
    pub text: String,
    /// The HTML body with the same words.
    pub html: String,
    /// Files that travel with it.
    pub attachments: Vec<Attachment>,
}

/// A file that travels with an e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The name it is saved under.
    pub file_name: String,
    /// Its media type with parameters, like `text/calendar; charset=utf-8`.
    pub content_type: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// A template failed. The templates are checked when the program is compiled, so this means a formatting error.
#[derive(Debug, thiserror::Error)]
#[error("an e-mail could not be rendered")]
pub struct RenderError(#[from] askama::Error);

/// Renders the two bodies of a message.
fn render(
    subject: String,
    text: &impl Template,
    html: &impl Template,
    attachments: Vec<Attachment>,
) -> Result<Rendered, RenderError> {
    Ok(Rendered { text: text.render()?, html: html.render()?, subject, attachments })
}
