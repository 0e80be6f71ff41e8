//! Delivery by SMTP, command by command, so that every failure is judged by the command it answered.
//!
//! | what happens | verdict |
//! |---|---|
//! | no connection, TLS failure, timeout, drop, 4xx anywhere | [`Failure::Retry`] |
//! | no reply to the final dot | [`Failure::Retry`], marked as ambiguous |
//! | 5xx at RCPT, DATA or the final dot | [`Failure::RecipientRefused`] |
//! | 5xx at the greeting, EHLO, STARTTLS, AUTH or MAIL; no STARTTLS or AUTH offered | [`Failure::Misconfigured`] |

use std::cell::Cell;
use std::fs;
use std::iter;
use std::net::IpAddr;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;

use super::{Accepted, Failure, SmtpSecurity, SmtpSettings, Transport};

/// How long to wait for the reply to QUIT, which changes nothing any more.
const QUIT_TIMEOUT: Duration = Duration::from_secs(2);

/// How much of a server's answer is kept, in characters.
const ANSWER_CHARACTERS_MAX: usize = 500;

/// Delivers by SMTP, one connection a message.
pub struct SmtpTransport {
    settings: SmtpSettings,
    envelope_from: Address,
    hello_name: ClientId,
    tls: Option<TlsParameters>,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// `security = "none"` with a server that is not on this machine.
    #[error(
        "security \"none\" is only for a server on this machine, and \"{0}\" is not; write \"starttls\" or \"tls\""
    )]
    PlainTextToAnotherMachine(String),
    /// A login without TLS would show the password to everybody on the way.
    #[error("a login needs security \"starttls\" or \"tls\"; take the login away or set the security")]
    LoginWithoutTls,
    /// The sender is not an e-mail address.
    #[error("envelope_from \"{0}\" is not an e-mail address")]
    EnvelopeFrom(String),
    /// A timeout of zero would fail at once.
    #[error("{0} must be at least 1")]
    Timeout(&'static str),
    /// The file with certificate authorities cannot be used.
    #[error("ca_file cannot be used: {0}")]
    CaFile(String),
    /// TLS could not be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
}

impl SmtpTransport {
    /// Checks the settings and reads the certificate authorities. Does not connect.
    pub fn new(settings: SmtpSettings) -> Result<SmtpTransport, SetupError> {
        if settings.security == SmtpSecurity::None {
            if !is_this_machine(&settings.host) {
                return Err(SetupError::PlainTextToAnotherMachine(settings.host));
            }
            if settings.login.is_some() {
                return Err(SetupError::LoginWithoutTls);
            }
        }
        if settings.reply_timeout_seconds == 0 {
            return Err(SetupError::Timeout("reply_timeout_seconds"));
        }
        if settings.final_reply_timeout_seconds == 0 {
            return Err(SetupError::Timeout("final_reply_timeout_seconds"));
        }
        let envelope_from =
            settings.envelope_from.parse().map_err(|_| SetupError::EnvelopeFrom(settings.envelope_from.clone()))?;
        let hello_name = settings.hello_name.clone().map_or_else(ClientId::default, ClientId::Domain);
        let tls = match settings.security {
            SmtpSecurity::Starttls | SmtpSecurity::Tls => Some(tls_parameters(&settings)?),
            SmtpSecurity::None => None,
        };
        Ok(SmtpTransport { settings, envelope_from, hello_name, tls })
    }

    /// Connects, protects the connection and logs in.
    fn connect(&self) -> Result<SmtpConnection, Failure> {
        let tls_from_start = self.tls.as_ref().filter(|_| self.settings.security == SmtpSecurity::Tls);
        let mut connection = SmtpConnection::connect(
            (self.settings.host.as_str(), self.settings.port),
            Some(Duration::from_secs(self.settings.reply_timeout_seconds)),
            &self.hello_name,
            tls_from_start,
            None,
        )
        .map_err(|error| about_us("connecting", &error))?;

        if let (SmtpSecurity::Starttls, Some(tls)) = (self.settings.security, &self.tls) {
            connection.starttls(tls, &self.hello_name).map_err(|error| about_us("STARTTLS", &error))?;
        }
        if let Some(login) = &self.settings.login {
            // The settings were checked; this is the last line of defense for the password.
            if !connection.is_encrypted() {
                return Err(Failure::Misconfigured("AUTH: the connection is not encrypted".to_owned()));
            }
            let credentials = Credentials::new(login.username.clone(), login.password.reveal().to_owned());
            connection
                .auth(&[Mechanism::Plain, Mechanism::Login], &credentials)
                .map_err(|error| about_us("AUTH", &error))?;
        }
        Ok(connection)
    }

    /// MAIL, RCPT, DATA, the message, the final dot.
    fn send(&self, connection: &mut SmtpConnection, recipient: Address, message: &[u8]) -> Result<Response, Failure> {
        let sender = Mail::new(Some(self.envelope_from.clone()), Vec::new());
        connection.command(sender).map_err(|error| about_us("MAIL", &error))?;
        connection.command(Rcpt::new(recipient, Vec::new())).map_err(|error| about_recipient("RCPT", &error))?;
        let go_ahead = connection.command(Data).map_err(|error| about_recipient("DATA", &error))?;
        if !go_ahead.has_code(354) {
            return Err(Failure::Retry(out_of_step("DATA", &go_ahead)));
        }

        let patience = Duration::from_secs(self.settings.final_reply_timeout_seconds);
        connection.set_timeout(Some(patience)).map_err(|error| Failure::Retry(format!("DATA: {error}")))?;
        // lettre writes CRLF and the dot itself; ours would leave an empty line at the end of the message.
        let body = message.strip_suffix(b"\r\n").unwrap_or(message);
        let all_written = Cell::new(false);
        let last = iter::from_fn(|| {
            all_written.set(true);
            None
        });
        let answer = connection.message_iter(iter::once(body).chain(last)).map_err(|error| {
            let verdict = about_recipient("final dot", &error);
            match verdict {
                // The dot may have left: only an answer of the server settles the matter.
                Failure::Retry(text) if all_written.get() && !error.is_transient() => ambiguous(&text),
                settled => settled,
            }
        })?;
        if answer.has_code(250) { Ok(answer) } else { Err(ambiguous(&out_of_step("final dot", &answer))) }
    }
}

impl Transport for SmtpTransport {
    fn deliver(&self, recipient: &str, message: &[u8]) -> Result<Accepted, Failure> {
        // Non-ASCII addresses need SMTPUTF8 on every server up to the mailbox; none of ours can promise that.
        let recipient: Address =
            recipient.parse().ok().filter(|_| recipient.is_ascii()).ok_or_else(|| {
                Failure::RecipientRefused("the recipient is not an e-mail address we can use".to_owned())
            })?;
        let mut connection = self.connect()?;
        let outcome = self.send(&mut connection, recipient, message);
        // A failed goodbye changes nothing, and must not take as long as the final reply may.
        if connection.set_timeout(Some(QUIT_TIMEOUT)).is_ok() {
            connection.abort();
        }
        outcome.map(|answer| Accepted { server_text: plain(&answer.message().collect::<Vec<_>>().join(" ")) })
    }
}

/// Judges a failure of a command that says nothing about the recipient.
fn about_us(command: &str, error: &SmtpError) -> Failure {
    let text = plain(&format!("{command}: {error}"));
    if error.is_permanent() || error.is_client() { Failure::Misconfigured(text) } else { Failure::Retry(text) }
}

/// Judges a failure of a command that names the recipient or carries the message.
fn about_recipient(command: &str, error: &SmtpError) -> Failure {
    let text = plain(&format!("{command}: {error}"));
    if error.is_permanent() { Failure::RecipientRefused(text) } else { Failure::Retry(text) }
}

fn ambiguous(text: &str) -> Failure {
    Failure::Retry(format!("ambiguous, the server may have the message already: {text}"))
}

fn out_of_step(command: &str, answer: &Response) -> String {
    plain(&format!("{command}: unexpected answer {}", answer.code()))
}

/// A server's answer as one short line.
fn plain(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(ANSWER_CHARACTERS_MAX).collect()
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Verified certificates always: the system's authorities, and those of `ca_file`.
fn tls_parameters(settings: &SmtpSettings) -> Result<TlsParameters, SetupError> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(path) = &settings.ca_file {
        let pem = fs::read(path).map_err(|error| SetupError::CaFile(error.to_string()))?;
        let certificates = Certificate::from_pem(&pem).map_err(|error| SetupError::CaFile(error.to_string()))?;
        builder = builder.add_root_certificate(certificates);
    }
    builder.build_rustls().map_err(|error| SetupError::Tls(error.to_string()))
}
