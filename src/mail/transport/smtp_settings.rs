//! Where and how to hand over e-mails by SMTP.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;

/// The settings of the SMTP server that takes our e-mails.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpSettings {
    /// The server's name or address. Its certificate must be for this name.
    pub host: String,
    /// The server's port: usually 587 for `starttls`, 465 for `tls`.
    pub port: u16,
    /// How the connection is protected.
    #[serde(default)]
    pub security: SmtpSecurity,
    /// Name and password, when the server asks for them.
    #[serde(default)]
    pub login: Option<Login>,
    /// The sender address of the SMTP envelope, to which bounces go.
    pub envelope_from: String,
    /// The name we give in EHLO; without it, the name of this machine.
    #[serde(default)]
    pub hello_name: Option<String>,
    /// A PEM file with certificate authorities to trust besides those of the system.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// How long to wait for each reply before the message itself is sent, in seconds.
    #[serde(default = "reply_timeout_seconds")]
    pub reply_timeout_seconds: u64,
    /// How long to wait for the reply to the final dot, in seconds. RFC 5321 section 4.5.3.2.6 asks for 10 minutes:
    /// a client that gives up earlier makes duplicates.
    #[serde(default = "final_reply_timeout_seconds")]
    pub final_reply_timeout_seconds: u64,
    /// How long a whole conversation may take, in seconds.
    #[serde(default = "deadline_seconds")]
    pub deadline_seconds: u64,
}

fn deadline_seconds() -> u64 {
    900
}

fn reply_timeout_seconds() -> u64 {
    60
}

fn final_reply_timeout_seconds() -> u64 {
    600
}

/// How an SMTP connection is protected. There is no "TLS if offered": it can be switched off from outside.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmtpSecurity {
    /// Starts in plain text and must change to TLS before anything else.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// No protection; only for a server on this machine, and without a login.
    None,
}

/// A name and a password.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The name.
    pub username: String,
    /// The password.
    pub password: Password,
}

/// A password that does not show itself.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Password(String);

impl Password {
    /// A password.
    pub fn new(password: impl Into<String>) -> Password {
        Password(password.into())
    }

    /// The password itself, for the one place that sends it.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<set>")
    }
}
