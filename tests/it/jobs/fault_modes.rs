//! Every way in which a real SMTP server can misbehave, for many e-mails at once: what state they end in, how often the
//! server was bothered, and that all of it goes right once the server is mended.
//!
//! `make chaos-mail` runs it with 50 e-mails a mode.

use std::sync::Arc;

use coop_scheduler::domain::email::{EmailState, ParkedBecause};
use coop_scheduler::domain::mail_queue::MailQueueState;
use coop_scheduler::mail::transport::{SmtpSettings, SmtpTransport};

use crate::support::both::DatabaseKind;
use crate::support::outbox::{Outbox, borrowed, login_settings, plain_settings, recipients};
use crate::support::smtp::{Misbehavior, Moment, Options, Security, start};

/// How a mode must end while it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The breaker opens after five tries; all wait.
    Breaker,
    /// Each is tried once; all wait.
    EachWaits,
    /// One is tried, then the queue waits.
    Slower,
    /// The queue is paused after one try (or the third, for refusals by policy); so many are parked.
    Paused(usize),
    /// All are parked, their addresses suppressed.
    Refused,
    /// All are parked.
    Parked,
}

const MODES: [(&str, Moment, Misbehavior, End); 17] = [
    ("421 as greeting", Moment::Connect, Misbehavior::Reply("421 4.3.2 closing"), End::Breaker),
    ("554 as greeting", Moment::Connect, Misbehavior::Reply("554 5.7.1 go away"), End::Paused(0)),
    ("drop at greeting", Moment::Connect, Misbehavior::Drop, End::Breaker),
    ("550 at EHLO", Moment::Ehlo, Misbehavior::Reply("550 5.7.1 not you"), End::Paused(0)),
    ("451 at MAIL", Moment::Mail, Misbehavior::Reply("451 4.3.0 later"), End::Breaker),
    ("550 5.7.1 at MAIL", Moment::Mail, Misbehavior::Reply("550 5.7.1 not you"), End::Paused(0)),
    ("450 at RCPT", Moment::Rcpt, Misbehavior::Reply("450 4.2.1 busy"), End::EachWaits),
    ("452 at RCPT", Moment::Rcpt, Misbehavior::Reply("452 4.3.1 no room"), End::Slower),
    ("550 at RCPT", Moment::Rcpt, Misbehavior::Reply("550 5.1.1 no such user"), End::Refused),
    ("554 5.7.1 at RCPT", Moment::Rcpt, Misbehavior::Reply("554 5.7.1 relay denied"), End::Paused(2)),
    ("drop at RCPT", Moment::Rcpt, Misbehavior::Drop, End::Breaker),
    ("drop in the message", Moment::Data, Misbehavior::Drop, End::Breaker),
    ("421 after the dot", Moment::Dot, Misbehavior::Reply("421 4.3.2 closing"), End::Breaker),
    ("451 after the dot", Moment::Dot, Misbehavior::Reply("451 4.3.0 later"), End::EachWaits),
    ("554 after the dot", Moment::Dot, Misbehavior::Reply("554 5.6.0 no"), End::Parked),
    ("drop after the dot", Moment::Dot, Misbehavior::Drop, End::Breaker),
    ("stall after the dot", Moment::Dot, Misbehavior::Stall, End::Breaker),
];

/// How many e-mails a mode; at least six, one more than open the breaker.
fn count() -> usize {
    let text = variable("COOP_FAULT_EMAILS");
    text.and_then(|text| text.parse().ok()).unwrap_or(8)
}

/// A variable that makes a test longer.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn every_mode_ends_right(kind: DatabaseKind) {
    let count = count();
    for (name, moment, misbehavior, end) in MODES {
        let server =
            start(Options { security: Security::None, fault: Some((moment, misbehavior)), ..Options::default() });
        let outbox = Outbox::new(kind);
        let transport = SmtpTransport::new(plain_settings(&server)).expect("good settings");
        let sender = outbox.sender(Arc::new(transport));
        outbox.write(&borrowed(&recipients(count)));
        let tried = outbox.send_all(&sender);
        let (queued, parked) = (outbox.count(EmailState::Queued), outbox.count(EmailState::Parked));
        let state = outbox.standing().state(outbox.now());
        let (expected_tries, expected_parked, expected_state) = match end {
            End::Breaker => (5, 0, MailQueueState::Waiting),
            End::EachWaits => (count, 0, MailQueueState::Running),
            End::Slower => (1, 0, MailQueueState::Waiting),
            End::Paused(0) => (1, 0, MailQueueState::Paused),
            End::Paused(parked) => (parked + 1, parked, MailQueueState::Paused),
            End::Refused | End::Parked => (count, count, MailQueueState::Running),
        };
        assert_eq!((tried, parked, state), (expected_tries, expected_parked, expected_state), "{name}");
        assert_eq!(queued, count - parked, "{name}");
        assert_eq!(outbox.suppressed().len(), if end == End::Refused { count } else { 0 }, "{name}");
        is_mended(&outbox, &sender, &server, name);
    }
}

/// The server is mended: what waits arrives, what was refused is not tried again, no message has two bodies.
fn is_mended(
    outbox: &Outbox,
    sender: &coop_scheduler::jobs::outbox::Sender,
    server: &crate::support::smtp::SmtpServer,
    name: &str,
) {
    let parked = outbox.count(EmailState::Parked);
    let ambiguous: i64 = outbox.emails().iter().map(|email| email.ambiguous).sum();
    server.misbehave(None);
    for _ in 0..4 {
        outbox.later(40);
        outbox.send_all(sender);
    }
    let emails = outbox.emails();
    assert_eq!(outbox.count(EmailState::Accepted), emails.len() - parked, "{name}");
    let log = server.log();
    let mut ids: Vec<&str> = Vec::new();
    for email in emails.iter().filter(|email| email.state == EmailState::Accepted) {
        let id = format!("<{}>", email.message_id);
        let hashes: Vec<&str> = log.iter().filter(|(one, _)| *one == id).map(|(_, hash)| hash.as_str()).collect();
        assert!(!hashes.is_empty(), "{name}: {id} is lost");
        assert!(hashes.iter().all(|hash| *hash == hashes[0]), "{name}: {id} has two bodies");
        ids.push(&email.message_id);
    }
    let copies = log.len() - ids.len();
    let unclear_after_the_dot = ["drop after the dot", "stall after the dot"].contains(&name);
    assert_eq!(copies > 0, unclear_after_the_dot, "{name}: {copies} copies");
    if unclear_after_the_dot {
        assert_eq!(i64::try_from(copies).expect("few"), ambiguous, "{name}: every copy is counted as ambiguous");
    }
    println!("{name}: {} accepted, {parked} parked, {copies} copies with the same Message-ID and bytes", ids.len());
}

#[test]
fn sqlite_every_mode_ends_right() {
    every_mode_ends_right(DatabaseKind::Sqlite);
}

#[test]
fn postgres_every_mode_ends_right() {
    every_mode_ends_right(DatabaseKind::Postgres);
}

#[test]
fn no_server_at_all_opens_the_breaker() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its address").port();
    drop(listener);
    let server = start(Options { security: Security::None, ..Options::default() });
    let outbox = Outbox::new(DatabaseKind::Sqlite);
    let gone = SmtpSettings { port, ..plain_settings(&server) };
    let sender = outbox.sender(Arc::new(SmtpTransport::new(gone).expect("good settings")));
    outbox.write(&borrowed(&recipients(20)));
    assert_eq!(outbox.send_all(&sender), 5);
    let mut tries = 0;
    for _ in 0..60 {
        outbox.later(1);
        tries += outbox.send_all(&sender);
    }
    assert!((3..=6).contains(&tries), "{tries} tries in an hour");
    assert_eq!((outbox.count(EmailState::Queued), outbox.count(EmailState::Parked)), (20, 0));
}

#[test]
fn a_wrong_password_pauses_until_it_is_mended() {
    let server = start(Options { login: Some(("coop", "right")), ..Options::default() });
    let outbox = Outbox::new(DatabaseKind::Sqlite);
    let sender = |password| {
        outbox.sender(Arc::new(SmtpTransport::new(login_settings(&server, password)).expect("good settings")))
    };
    outbox.write(&borrowed(&recipients(10)));
    assert_eq!(outbox.send_all(&sender("wrong")), 1);
    let standing = outbox.standing();
    assert!(
        standing.paused && standing.reason.starts_with("AUTH: ") && !standing.reason.contains("wrong"),
        "{standing:?}"
    );
    coop_scheduler::operations::outbox::begin(&outbox.app.operations).expect("a restart");
    assert_eq!(outbox.send_all(&sender("right")), 10);
    assert_eq!((outbox.count(EmailState::Accepted), server.received().len()), (10, 10));
}

#[test]
fn a_mailbox_that_always_answers_421_holds_up_nobody() {
    let server = start(Options { security: Security::None, ..Options::default() });
    let outbox = Outbox::new(DatabaseKind::Sqlite);
    let sender = outbox.sender(Arc::new(SmtpTransport::new(plain_settings(&server)).expect("good settings")));
    outbox.write_events("first", &["421=a@x.example"]);
    for event in ["second", "third", "fourth", "fifth", "sixth", "seventh"] {
        outbox.write_events(event, &["421=a@x.example"]);
    }
    outbox.write(&borrowed(&recipients(10)));
    for _ in 0..6 {
        outbox.send_all(&sender);
        outbox.later(20);
    }
    assert_eq!((outbox.count(EmailState::Accepted), outbox.count(EmailState::Queued)), (10, 7));
    for _ in 0..5 * 24 {
        outbox.send_all(&sender);
        outbox.later(60);
    }
    outbox.send_all(&sender);
    assert_eq!(outbox.count(EmailState::Parked), 7);
    assert!(
        outbox
            .emails()
            .iter()
            .filter(|one| one.state == EmailState::Parked)
            .all(|one| one.parked_because == Some(ParkedBecause::GaveUp))
    );
}
