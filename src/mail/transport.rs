//! Handing one composed message to the next server, or to what stands in for it.

mod folder;
mod memory;
mod smtp;
mod smtp_settings;

pub use folder::FolderTransport;
pub use memory::{Delivered, MemoryTransport};
pub use smtp::{SetupError, SmtpTransport};
pub use smtp_settings::{Login, Password, SmtpSecurity, SmtpSettings};

/// Takes one message for one recipient. Blocks until it is taken or refused: never call it inside a transaction or
/// a web request.
pub trait Transport: Send + Sync {
    /// Hands over the bytes of one message, from [`super::compose::compose`].
    fn deliver(&self, recipient: &str, message: &[u8]) -> Result<Accepted, Failure>;
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
    /// Try again later with the same bytes. After a lost reply the text starts with "ambiguous": the server may
    /// have the message already, and will then see the same Message-ID twice.
    #[error("{0}")]
    Retry(String),
    /// This message will never reach this recipient; do not try again. Others are not concerned.
    #[error("{0}")]
    RecipientRefused(String),
    /// Our settings are wrong, so every message would fail: pause the queue, tell the office, keep the messages.
    #[error("{0}")]
    Misconfigured(String),
}
