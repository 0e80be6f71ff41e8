//! Handing one composed message to the next server, or to what stands in for it.

mod folder;
mod memory;
mod signing;
mod smtp;
mod smtp_settings;
mod verdict;

pub use folder::FolderTransport;
pub use memory::{Delivered, MemoryTransport};
pub use signing::SigningTransport;
pub use smtp::{SetupError, SmtpTransport};
pub use smtp_settings::{Login, Password, SmtpSecurity, SmtpSettings};

/// One message in its envelope, for one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parcel<'a> {
    /// Where bounces go; without one, the address of the settings.
    pub return_path: Option<&'a str>,
    /// To whom.
    pub recipient: &'a str,
    /// The bytes, from [`super::compose::compose`].
    pub message: &'a [u8],
}

/// Takes one message for one recipient. Blocks until it is taken or refused: never call it inside a transaction or
/// a web request.
pub trait Transport: Send + Sync {
    /// Hands over one message.
    fn deliver(&self, parcel: &Parcel<'_>) -> Result<Accepted, Failure>;
}

/// The next server took responsibility for the message. It may still bounce later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// What the server answered, usually with its queue number.
    pub server_text: String,
}

/// The message was not taken, or we cannot know. The text is for the office; it holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The server could not be reached, broke off before the end of the message, or has no time for anybody. It says
    /// nothing about this message: try again later with the same bytes.
    #[error("{0}")]
    Trouble(String),
    /// Not this message now: try again later with the same bytes.
    #[error("{0}")]
    NotNow(String),
    /// Nothing for this recipient now: try again later with the same bytes.
    #[error("{0}")]
    MailboxNotNow(String),
    /// We send too much or too fast: try again later, and send less.
    #[error("{0}")]
    SlowDown(String),
    /// No answer came after the end of the message: the server may have it. Try again later with the same bytes; it
    /// may then see the same Message-ID twice.
    #[error("the server may have the message already: {0}")]
    Ambiguous(String),
    /// This recipient will never be reached; do not try again. Others are not concerned.
    #[error("{0}")]
    RecipientRefused(String),
    /// This message will never be taken; do not try again. Others are not concerned.
    #[error("{0}")]
    MessageRefused(String),
    /// The same by a rule of the server (5.7.x): it may be about this message, or about us.
    #[error("{0}")]
    PolicyRefused(String),
    /// Our settings are wrong, so every message would fail: pause the queue, tell the office, keep the messages.
    #[error("{0}")]
    Misconfigured(String),
}
