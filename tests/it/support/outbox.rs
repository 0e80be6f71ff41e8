//! An outbox with only the e-mails of a test, a clock that the test moves, and the sender of the program.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use coop_scheduler::app::App;
use coop_scheduler::config::Config;
use coop_scheduler::db;
use coop_scheduler::db::emails::NewEmail;
use coop_scheduler::domain::email::{Email, EmailState};
use coop_scheduler::domain::mail_queue::Standing;
use coop_scheduler::jobs::Worked;
use coop_scheduler::jobs::outbox::Sender;
use coop_scheduler::mail::compose::{Correspondent, Envelope, compose, message_id};
use coop_scheduler::mail::message::Rendered;
use coop_scheduler::mail::transport::{Login, Password, SmtpSecurity, SmtpSettings, Transport};
use coop_scheduler::operations::PageRequest;

use super::both::DatabaseKind;
use super::demo_coop::{config, noon};
use super::postgres;
use super::smtp::SmtpServer;

/// The program's parts on an empty database.
pub struct Outbox {
    /// The parts.
    pub app: App,
    /// Where the database is.
    pub url: String,
    /// A folder of the test's own.
    pub folder: tempfile::TempDir,
    seconds: Arc<AtomicI64>,
}

impl Outbox {
    /// With an empty outbox.
    pub fn new(kind: DatabaseKind) -> Outbox {
        Outbox::changed(kind, |_, _| {})
    }

    /// The same with other settings.
    pub fn changed(kind: DatabaseKind, change: impl FnOnce(&mut Config, &std::path::Path)) -> Outbox {
        let folder = tempfile::tempdir().expect("a folder");
        let url = match kind {
            DatabaseKind::Sqlite => format!("sqlite:{}", folder.path().join("coop.db").display()),
            DatabaseKind::Postgres => postgres::new_database(),
        };
        let seconds = Arc::new(AtomicI64::new(0));
        let moved = Arc::clone(&seconds);
        let clock = Arc::new(move || noon() + TimeDelta::seconds(moved.load(Ordering::SeqCst)));
        let mut settings = config(&url, folder.path());
        change(&mut settings, folder.path());
        let app = App::build(settings, clock).expect("the program's parts");
        Outbox { app, url, folder, seconds }
    }

    /// Moves the clock on.
    pub fn later(&self, minutes: i64) {
        self.seconds.fetch_add(minutes * 60, Ordering::SeqCst);
    }

    /// What the clock says.
    pub fn now(&self) -> DateTime<Utc> {
        self.app.operations.now()
    }

    /// A sender by this transport.
    pub fn sender(&self, transport: Arc<dyn Transport>) -> Sender {
        self.app.clone().with_transport(transport).sender().expect("a sender")
    }

    /// Sends until nothing is due; how many were tried.
    pub fn send_all(&self, sender: &Sender) -> usize {
        std::iter::from_fn(|| (sender.work() == Worked::One).then_some(())).count()
    }

    /// Writes e-mails to these recipients.
    pub fn write(&self, recipients: &[&str]) {
        self.write_events("test", recipients);
    }

    /// The same, of an event: its name is part of every Message-ID.
    pub fn write_events(&self, event: &str, recipients: &[&str]) {
        let now = self.now();
        let emails: Vec<NewEmail> = recipients.iter().map(|to| new_email(event, to)).collect();
        let written = self
            .app
            .operations
            .database
            .write(|tx| emails.iter().try_for_each(|email| db::emails::insert(tx, email, None, now).map(|_| ())));
        written.expect("e-mails in the outbox");
    }

    /// All of them, in order of entry.
    pub fn emails(&self) -> Vec<Email> {
        self.app.operations.database.read(|tx| db::emails::list(tx, None, PageRequest::ALL)).expect("the outbox").items
    }

    /// The one to this recipient.
    pub fn email(&self, recipient: &str) -> Email {
        self.emails().into_iter().find(|email| email.recipient == recipient).expect("the e-mail")
    }

    /// How many are in a state.
    pub fn count(&self, state: EmailState) -> usize {
        self.emails().iter().filter(|email| email.state == state).count()
    }

    /// How the queue stands.
    pub fn standing(&self) -> Standing {
        self.app.operations.database.read(db::mail_queue::read).expect("the queue")
    }

    /// Addresses to which nothing is sent.
    pub fn suppressed(&self) -> Vec<String> {
        let read = self.app.operations.database.read(|tx| db::suppressed_addresses::list(tx, PageRequest::ALL));
        read.expect("the list").items.into_iter().map(|one| one.address).collect()
    }
}

/// A whole message with a stable Message-ID.
pub fn new_email(event: &str, to: &str) -> NewEmail {
    let id = message_id(event, to, 1, "coop.example.org");
    let content = Rendered {
        subject: "Test".to_owned(),
        text: format!("To {to}.\n"),
        html: format!("<p>To {to}.</p>"),
        attachments: Vec::new(),
    };
    let envelope = Envelope {
        from: Correspondent { name: None, address: "schedule@coop.example.org".to_owned() },
        reply_to: None,
        to: Correspondent { name: None, address: to.to_owned() },
        message_id: id.clone(),
        date: noon(),
    };
    NewEmail {
        event: "test",
        recipient: to.to_owned(),
        subject: content.subject.clone(),
        message_id: id,
        message: compose(&content, &envelope).expect("composed"),
    }
}

/// `r0@x.example`, `r1@x.example` ...
pub fn recipients(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("r{number}@x.example")).collect()
}

/// The same as words to borrow.
pub fn borrowed(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

/// Settings for a test server without TLS, with short patience.
pub fn plain_settings(server: &SmtpServer) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port: server.port,
        security: SmtpSecurity::None,
        login: None,
        envelope_from: "bounces@coop.example.org".to_owned(),
        hello_name: Some("coop.example.org".to_owned()),
        ca_file: None,
        reply_timeout_seconds: 1,
        final_reply_timeout_seconds: 1,
        deadline_seconds: 20,
    }
}

/// Settings for a test server that wants a login over STARTTLS.
pub fn login_settings(server: &SmtpServer, password: &str) -> SmtpSettings {
    SmtpSettings {
        security: SmtpSecurity::Starttls,
        login: Some(Login { username: "coop".to_owned(), password: Password::new(password) }),
        ca_file: Some(server.ca_file.clone()),
        reply_timeout_seconds: 10,
        final_reply_timeout_seconds: 10,
        ..plain_settings(server)
    }
}
