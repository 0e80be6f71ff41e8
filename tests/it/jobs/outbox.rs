//! The outbox: everything is sent, trouble is retried, refusals are parked, zombies change nothing.

use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use coop_scheduler::db::emails::{self, NewEmail};
use coop_scheduler::domain::email::{Email, EmailState};
use coop_scheduler::jobs::Worked;
use coop_scheduler::jobs::outbox::Sender;
use coop_scheduler::mail::transport::{Failure, MemoryTransport};
use coop_scheduler::operations::PageRequest;

use crate::support::demo_coop::{DemoCoop, noon};

struct Post {
    coop: DemoCoop,
    transport: Arc<MemoryTransport>,
    sender: Sender,
    _folder: tempfile::TempDir,
}

/// An outbox with only the e-mails of this test.
fn post(recipients: &[&str]) -> Post {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("coop.db").display());
    let coop = DemoCoop::imported(&url, folder.path());
    let transport = Arc::new(MemoryTransport::new());
    let app = coop.app.clone().with_transport(transport.clone());
    let sender = app.sender().expect("a sender");
    while sender.work() == Worked::One {}
    let before = transport.delivered().len();
    assert!(before > 0, "submitting the demo's drafts wrote e-mails");
    for recipient in recipients {
        let email = NewEmail {
            event: "test",
            recipient: (*recipient).to_owned(),
            subject: "Test".to_owned(),
            message_id: format!("{recipient}/1"),
            message: b"Subject: Test\r\n\r\nText\r\n".to_vec(),
        };
        coop.app.operations.database.write(|tx| emails::insert(tx, &email, noon())).expect("an e-mail");
    }
    Post { coop, transport, sender, _folder: folder }
}

impl Post {
    fn at(&self, later: TimeDelta) -> Sender {
        let mut sender = self.sender.clone();
        sender.operations.clock = Arc::new(move || noon() + later);
        sender
    }

    fn email(&self, recipient: &str) -> Email {
        let database = &self.coop.app.operations.database;
        let page = database.read(|tx| emails::list(tx, None, PageRequest::ALL)).expect("the outbox");
        page.items.into_iter().find(|email| email.recipient == recipient).expect("the e-mail")
    }

    fn copies(&self, recipient: &str) -> usize {
        self.transport.delivered().iter().filter(|one| one.recipient == recipient).count()
    }
}

#[test]
fn passing_trouble_is_tried_again_later_and_given_up_after_five_days() {
    let post = post(&["a@x.example"]);
    post.transport.fail_next(2, Failure::Retry("450 busy".to_owned()));
    assert_eq!(post.sender.work(), Worked::One);
    let email = post.email("a@x.example");
    assert_eq!((email.state, email.attempts, email.server_text.as_str()), (EmailState::Queued, 1, "450 busy"));
    assert_eq!(post.sender.work(), Worked::Nothing, "not before its time");
    assert_eq!(post.at(TimeDelta::minutes(3)).work(), Worked::One);
    assert_eq!(post.at(TimeDelta::minutes(20)).work(), Worked::One);
    assert_eq!(post.email("a@x.example").state, EmailState::Sent);
    assert_eq!(post.copies("a@x.example"), 1);
}

#[test]
fn an_email_that_fails_for_five_days_is_parked() {
    let post = post(&["a@x.example"]);
    post.transport.fail_next(1, Failure::Retry("450 busy".to_owned()));
    assert_eq!(post.at(TimeDelta::hours(121)).work(), Worked::One);
    assert_eq!(post.email("a@x.example").state, EmailState::Parked);
}

#[test]
fn a_refused_recipient_is_parked_and_the_others_are_sent() {
    let post = post(&["bad@x.example", "good@x.example"]);
    post.transport.fail_next(1, Failure::RecipientRefused("550 no such user".to_owned()));
    while post.sender.work() == Worked::One {}
    let bad = post.email("bad@x.example");
    assert_eq!((bad.state, bad.server_text.as_str()), (EmailState::Parked, "550 no such user"));
    assert_eq!(post.email("good@x.example").state, EmailState::Sent);
}

#[test]
fn a_refused_configuration_parks_nothing() {
    let post = post(&["a@x.example"]);
    post.transport.fail_next(1, Failure::Misconfigured("535 wrong password".to_owned()));
    post.sender.work();
    assert_eq!(post.email("a@x.example").state, EmailState::Queued);
}

#[test]
fn a_worker_that_lost_its_email_changes_nothing() {
    let post = post(&["a@x.example"]);
    let database = &post.coop.app.operations.database;
    let soon = noon() + TimeDelta::seconds(30);
    let slow = database.write(|tx| emails::claim(tx, noon(), soon)).expect("a claim").expect("an e-mail");
    assert_eq!(post.sender.work(), Worked::Nothing, "it is held");
    assert_eq!(post.at(TimeDelta::minutes(1)).work(), Worked::One);
    let renewed = database.write(|tx| emails::renew(tx, &slow, soon)).expect("an answer");
    let finished = database
        .write(|tx| emails::finish(tx, &slow, &emails::Outcome::Parked, "late", Utc::now()))
        .expect("an answer");
    assert!(!renewed && !finished);
    assert_eq!(post.email("a@x.example").state, EmailState::Sent);
}

#[test]
fn four_workers_send_everything_once() {
    let recipients: Vec<String> = (0..40).map(|number| format!("r{number}@x.example")).collect();
    let post = post(&recipients.iter().map(String::as_str).collect::<Vec<_>>());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let sender = Sender { lease: Duration::from_secs(60), ..post.sender.clone() };
            scope.spawn(move || while sender.work() == Worked::One {});
        }
    });
    for recipient in &recipients {
        assert_eq!((post.email(recipient).state, post.copies(recipient)), (EmailState::Sent, 1), "{recipient}");
    }
}
