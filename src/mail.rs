//! E-mails: what they say, how they are written down as bytes, how they leave.
//!
//! 1. [`message`]: a typed message becomes a subject, a text and an HTML body with the same words.
//! 2. [`compose`]: those become the bytes of one RFC 5322 message. The same inputs give the same bytes, so that a
//!    message that is sent twice can be recognized as one.
//! 3. [`transport`]: the bytes go to one recipient, by SMTP, into a folder, or into memory.
//! 4. [`return_path`] and [`bounce`]: what comes back is known by an address that only we can make.
//!
//! Nobody can promise "exactly once" over SMTP: when the reply to the final dot is lost, the sender cannot know. We
//! promise that no e-mail is lost and that a second copy has the same Message-ID and the same bytes.

pub mod bounce;
pub mod compose;
pub mod dkim;
pub mod failpoint;
pub mod message;
pub mod return_path;
pub mod samples;
pub mod transport;
