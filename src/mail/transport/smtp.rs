//! Delivery by SMTP, command by command, so that every failure is judged by the command that it answered: see
//! [`super::verdict`].
//!
//! Waiting has three limits: a short one for each reply up to DATA, a long one for the reply to the final dot, and a
//! deadline for the whole conversation, which a server that sends one byte now and then cannot stretch.

use std::cell::Cell;
use std::fs;
use std::iter;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;

use super::verdict::{Stage, out_of_step, plain, verdict};
use super::{Accepted, Failure, Parcel, SmtpSecurity, SmtpSettings, Transport};
use crate::mail::failpoint;

/// How long to wait for the reply to QUIT, which changes nothing any more.
const QUIT_TIMEOUT: Duration = Duration::from_secs(2);

/// Delivers by SMTP, one connection a message.
pub struct SmtpTransport {
    server: Arc<Server>,
}

/// The server as the settings describe it.
struct Server {
    settings: SmtpSettings,
    envelope_from: Address,
    hello_name: ClientId,
    tls: Option<TlsParameters>,
}

/// How far a conversation is, for whoever waits for it.
#[derive(Default)]
struct Progress(AtomicU8);

impl Progress {
    const OPEN: u8 = 0;
    const SENDING: u8 = 1;
    const ABANDONED: u8 = 2;

    /// From here on the message may be taken; false when nobody waits for it any more, and then it must not be sent.
    fn begin_message(&self) -> bool {
        self.0.compare_exchange(Self::OPEN, Self::SENDING, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    /// Nobody waits any more; false when the message may be taken all the same.
    fn abandon(&self) -> bool {
        self.0.compare_exchange(Self::OPEN, Self::ABANDONED, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    fn is_abandoned(&self) -> bool {
        self.0.load(Ordering::SeqCst) == Self::ABANDONED
    }
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
        if settings.deadline_seconds == 0 {
            return Err(SetupError::Timeout("deadline_seconds"));
        }
        let envelope_from =
            settings.envelope_from.parse().map_err(|_| SetupError::EnvelopeFrom(settings.envelope_from.clone()))?;
        let hello_name = settings.hello_name.clone().map_or_else(ClientId::default, ClientId::Domain);
        let tls = match settings.security {
            SmtpSecurity::Starttls | SmtpSecurity::Tls => Some(tls_parameters(&settings)?),
            SmtpSecurity::None => None,
        };
        Ok(SmtpTransport { server: Arc::new(Server { settings, envelope_from, hello_name, tls }) })
    }
}

impl Server {
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
        .map_err(|error| verdict(Stage::Connecting, &error))?;

        if let (SmtpSecurity::Starttls, Some(tls)) = (self.settings.security, &self.tls) {
            connection.starttls(tls, &self.hello_name).map_err(|error| verdict(Stage::StartTls, &error))?;
        }
        if let Some(login) = &self.settings.login {
            // The settings were checked; this is the last line of defense for the password.
            if !connection.is_encrypted() {
                return Err(Failure::Misconfigured("AUTH: the connection is not encrypted".to_owned()));
            }
            let credentials = Credentials::new(login.username.clone(), login.password.reveal().to_owned());
            connection
                .auth(&[Mechanism::Plain, Mechanism::Login], &credentials)
                .map_err(|error| verdict(Stage::Auth, &error))?;
        }
        Ok(connection)
    }

    /// MAIL, RCPT, DATA, the message, the final dot.
    fn send(&self, connection: &mut SmtpConnection, letter: &Letter, progress: &Progress) -> Result<Response, Failure> {
        let given_up = || Failure::Trouble("the deadline passed".to_owned());
        if progress.is_abandoned() {
            return Err(given_up());
        }
        let sender = Mail::new(Some(letter.sender.clone()), Vec::new());
        connection.command(sender).map_err(|error| verdict(Stage::Mail, &error))?;
        let recipient = Rcpt::new(letter.recipient.clone(), Vec::new());
        connection.command(recipient).map_err(|error| verdict(Stage::Rcpt, &error))?;
        failpoint::reach("before_data");
        let go_ahead = connection.command(Data).map_err(|error| verdict(Stage::Data, &error))?;
        if !go_ahead.has_code(354) {
            return Err(out_of_step(Stage::Data, go_ahead.code()));
        }

        let patience = Duration::from_secs(self.settings.final_reply_timeout_seconds);
        connection.set_timeout(Some(patience)).map_err(|error| Failure::Trouble(format!("DATA: {error}")))?;
        if !progress.begin_message() {
            return Err(given_up());
        }
        // lettre writes CRLF and the dot itself; ours would leave an empty line at the end of the message.
        let body = letter.message.strip_suffix(b"\r\n").unwrap_or(&letter.message);
        let all_written = Cell::new(false);
        let last = iter::from_fn(|| {
            all_written.set(true);
            None
        });
        let answer = connection.message_iter(iter::once(body).chain(last)).map_err(|error| {
            // Once all is written the dot may have left: only an answer of the server settles the matter.
            verdict(if all_written.get() { Stage::Dot } else { Stage::Data }, &error)
        })?;
        if answer.has_code(250) { Ok(answer) } else { Err(out_of_step(Stage::Dot, answer.code())) }
    }

    fn hold(&self, letter: &Letter, progress: &Progress) -> Result<Accepted, Failure> {
        let mut connection = self.connect()?;
        let outcome = self.send(&mut connection, letter, progress);
        // A failed goodbye changes nothing, and must not take as long as the final reply may.
        if connection.set_timeout(Some(QUIT_TIMEOUT)).is_ok() {
            connection.abort();
        }
        outcome.map(|answer| Accepted { server_text: plain(&answer.message().collect::<Vec<_>>().join(" ")) })
    }
}

/// What a conversation is about.
struct Letter {
    sender: Address,
    recipient: Address,
    message: Vec<u8>,
}

impl Transport for SmtpTransport {
    fn deliver(&self, parcel: &Parcel<'_>) -> Result<Accepted, Failure> {
        // Non-ASCII addresses need SMTPUTF8 on every server up to the mailbox; none of ours can promise that.
        let recipient: Address =
            parcel.recipient.parse().ok().filter(|_| parcel.recipient.is_ascii()).ok_or_else(|| {
                Failure::RecipientRefused("the recipient is not an e-mail address we can use".to_owned())
            })?;
        let sender = match parcel.return_path {
            Some(address) => address
                .parse()
                .map_err(|_| Failure::Misconfigured("the return path is not an e-mail address".to_owned()))?,
            None => self.server.envelope_from.clone(),
        };
        let letter = Letter { sender, recipient, message: parcel.message.to_vec() };
        // A thread of its own can be left behind when the deadline passes: it sends nothing any more once it is
        // abandoned, and ends with the next answer or timeout.
        let progress = Arc::new(Progress::default());
        let (tell, hear) = channel();
        let (server, seen) = (Arc::clone(&self.server), Arc::clone(&progress));
        let conversation = move || {
            let _ = tell.send(server.hold(&letter, &seen));
        };
        if let Err(error) = std::thread::Builder::new().name("smtp".to_owned()).spawn(conversation) {
            return Err(Failure::Trouble(format!("no thread for the conversation: {error}")));
        }
        let seconds = self.server.settings.deadline_seconds;
        match hear.recv_timeout(Duration::from_secs(seconds)) {
            Ok(answer) => answer,
            Err(trouble) => {
                let text = match trouble {
                    RecvTimeoutError::Timeout => format!("the whole conversation took longer than {seconds} seconds"),
                    RecvTimeoutError::Disconnected => "the conversation ended without an answer".to_owned(),
                };
                Err(if progress.abandon() { Failure::Trouble(text) } else { Failure::Ambiguous(text) })
            }
        }
    }
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
