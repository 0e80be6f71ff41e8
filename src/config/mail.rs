//! Settings of outgoing e-mail.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::fault::Faults;
use crate::domain::text::check_email;

/// Outgoing e-mail.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// How e-mails leave.
    pub transport: MailTransport,
    /// Where `.eml` files go.
    pub folder: PathBuf,
    /// Name of the sender.
    pub from_name: String,
    /// Address of the sender; its host also ends every Message-ID.
    pub from_address: String,
    /// Where answers go.
    pub reply_to: String,
    /// After so many seconds without a sign of life a sending worker has lost its e-mail to another.
    pub lease_seconds: u64,
    /// How long the e-mails of a published plan wait, in minutes; until then the plan can be taken back. 0: not at all.
    pub publish_wait_minutes: i64,
    /// How long a failing e-mail is tried, in hours.
    pub give_up_after_hours: u64,
    /// The mail server.
    pub smtp: Smtp,
    /// What comes back.
    pub bounces: Bounces,
    /// The signature of the domain.
    pub dkim: Dkim,
}

/// How e-mails leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailTransport {
    /// By a mail server.
    Smtp,
    /// As `.eml` files in a folder.
    Folder,
    /// They stay in the outbox.
    None,
}

/// The mail server.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// `starttls`, `tls` or `none`.
    pub security: String,
    /// Empty for no login.
    pub username: String,
    /// File that holds the password alone.
    pub password_file: String,
    /// Certificates to trust beside the system's.
    pub ca_file: String,
    /// Return path; empty for the sender's address.
    pub envelope_from: String,
    /// How long to wait for each reply up to DATA.
    pub reply_seconds_max: u64,
    /// How long to wait for the reply to the final dot.
    pub final_reply_seconds_max: u64,
    /// How long a whole conversation may take.
    pub conversation_seconds_max: u64,
}

/// What comes back.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounces {
    /// The mailbox for bounces; each e-mail has its own address below it. Empty for none.
    pub address: String,
    /// File that holds the key by which those addresses are signed; several lines while a key is replaced.
    pub key_file: String,
}

/// The signature of the domain.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dkim {
    /// The name of the key in the DNS; empty for no signature.
    pub selector: String,
    /// The domain; empty for that of the sender's address.
    pub domain: String,
    /// File that holds the private key: RSA or Ed25519, as PEM (PKCS#8), or RSA as PKCS#1.
    pub key_file: String,
}

impl Mail {
    /// What is wrong.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut range = |key: &str, value: u64, limits: std::ops::RangeInclusive<u64>| {
            if !limits.contains(&value) {
                faults.push(format!("{key} is {value}; write {} to {}", limits.start(), limits.end()));
            }
        };
        range("mail.lease_seconds", self.lease_seconds, 1..=86_400);
        range("mail.publish_wait_minutes", u64::try_from(self.publish_wait_minutes).unwrap_or(u64::MAX), 0..=1_440);
        range("mail.give_up_after_hours", self.give_up_after_hours, 1..=720);
        range("mail.smtp.reply_seconds_max", self.smtp.reply_seconds_max, 1..=600);
        range("mail.smtp.final_reply_seconds_max", self.smtp.final_reply_seconds_max, 1..=3_600);
        let whole = self.smtp.final_reply_seconds_max + self.smtp.reply_seconds_max;
        range("mail.smtp.conversation_seconds_max", self.smtp.conversation_seconds_max, whole..=7_200);
        if self.transport == MailTransport::Smtp && self.smtp.host.is_empty() {
            faults.push("mail.smtp.host is empty; write the mail server's name, or set mail.transport".to_owned());
        }
        if !self.bounces.address.is_empty() && self.bounces.key_file.is_empty() {
            faults.push("mail.bounces.key_file is empty; name the file that holds the key".to_owned());
        }
        if !self.dkim.selector.is_empty() && self.dkim.key_file.is_empty() {
            faults.push("mail.dkim.key_file is empty; name the file that holds the private key".to_owned());
        }
        let addresses = [
            ("mail.from_address", &self.from_address),
            ("mail.reply_to", &self.reply_to),
            ("mail.bounces.address", &self.bounces.address),
        ];
        for (key, address) in
            addresses.iter().filter(|(key, address)| *key != "mail.bounces.address" || !address.is_empty())
        {
            let mut entries = Faults::default();
            check_email(&mut entries, key, address);
            faults.extend(entries.into_vec().iter().map(ToString::to_string));
        }
        faults
    }

    /// The domain of the signature.
    pub fn dkim_domain(&self) -> &str {
        match self.dkim.domain.as_str() {
            "" => self.from_address.rsplit_once('@').map_or("", |(_, host)| host),
            domain => domain,
        }
    }
}
