//! The outbox: one test a row of the reply policy, on both databases; zombies change nothing.

use std::sync::Arc;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use coop_scheduler::db::emails;
use coop_scheduler::domain::email::{EmailState, ParkedBecause};
use coop_scheduler::domain::mail_queue::MailQueueState;
use coop_scheduler::jobs::Worked;
use coop_scheduler::jobs::outbox::Sender;
use coop_scheduler::mail::transport::{Failure, MemoryTransport};
use coop_scheduler::operations::outbox;

use crate::support::both::DatabaseKind;
use crate::support::outbox::{Outbox, borrowed, recipients};

struct Post {
    outbox: Outbox,
    transport: Arc<MemoryTransport>,
    sender: Sender,
}

fn post(kind: DatabaseKind, recipients: &[&str]) -> Post {
    let outbox = Outbox::new(kind);
    let transport = Arc::new(MemoryTransport::new());
    let sender = outbox.sender(transport.clone());
    outbox.write(recipients);
    Post { outbox, transport, sender }
}

impl Post {
    fn copies(&self, recipient: &str) -> usize {
        self.transport.delivered().iter().filter(|one| one.recipient == recipient).count()
    }

    fn fail(&self, times: usize, failure: fn(String) -> Failure, words: &str) {
        self.transport.fail_next(times, failure(words.to_owned()));
    }

    fn send(&self) -> usize {
        self.outbox.send_all(&self.sender)
    }

    fn state(&self, recipient: &str) -> (EmailState, Option<ParkedBecause>) {
        let email = self.outbox.email(recipient);
        (email.state, email.parked_because)
    }
}

/// Gives each test twice.
macro_rules! on_both {
    ($(fn $name:ident($kind:ident) $body:block)*) => {
        $(fn $name($kind: DatabaseKind) $body)*

        mod sqlite {
            use crate::support::both::DatabaseKind;
            $(#[test] fn $name() { super::$name(DatabaseKind::Sqlite); })*
        }

        mod postgres {
            use crate::support::both::DatabaseKind;
            $(#[test] fn $name() { super::$name(DatabaseKind::Postgres); })*
        }
    };
}

const ACCEPTED: (EmailState, Option<ParkedBecause>) = (EmailState::Accepted, None);
const QUEUED: (EmailState, Option<ParkedBecause>) = (EmailState::Queued, None);

fn parked(because: ParkedBecause) -> (EmailState, Option<ParkedBecause>) {
    (EmailState::Parked, Some(because))
}

on_both! {
    fn an_accepted_email_keeps_the_words_of_the_server(kind) {
        let post = post(kind, &["a@x.example"]);
        assert_eq!(post.send(), 1);
        let email = post.outbox.email("a@x.example");
        assert_eq!((email.state, email.server_text.as_str()), (EmailState::Accepted, "kept in memory as number 1"));
    }

    fn passing_trouble_is_tried_again_later_and_later(kind) {
        let post = post(kind, &["a@x.example"]);
        post.fail(5, Failure::NotNow, "450 busy");
        let mut waits = Vec::new();
        for attempt in 1..=5 {
            assert_eq!(post.send(), 1, "try {attempt}");
            let email = post.outbox.email("a@x.example");
            assert_eq!((email.state, email.attempts, email.server_text.as_str()), (EmailState::Queued, attempt, "450 busy"));
            let wait = email.next_attempt_at - post.outbox.now();
            waits.push(wait.num_minutes());
            // Not before its time.
            assert_eq!(post.send(), 0);
            post.outbox.later(wait.num_minutes() + 1);
        }
        let at_least = [1, 5, 15, 30, 30];
        let at_most = [2, 6, 19, 38, 38];
        assert!(waits.iter().zip(at_least).all(|(wait, least)| *wait >= least), "{waits:?}");
        assert!(waits.iter().zip(at_most).all(|(wait, most)| *wait <= most), "{waits:?}");
        assert_eq!(post.send(), 1);
        assert_eq!((post.state("a@x.example"), post.copies("a@x.example")), (ACCEPTED, 1));
    }

    fn an_email_is_never_given_up_before_five_days_and_then_parked(kind) {
        let post = post(kind, &["a@x.example"]);
        post.fail(400, Failure::NotNow, "450 busy");
        let minutes = |days: i64| days * 24 * 60;
        while post.outbox.now() < crate::support::demo_coop::noon() + TimeDelta::minutes(minutes(5) - 45) {
            post.send();
            assert_eq!(post.state("a@x.example"), QUEUED);
            post.outbox.later(45);
        }
        post.outbox.later(90);
        post.send();
        assert_eq!(post.state("a@x.example"), parked(ParkedBecause::GaveUp));
        // Sent again by a person, it has all the time again.
        let id = post.outbox.email("a@x.example").id;
        let now = post.outbox.now();
        assert!(post.outbox.app.operations.database.write(|tx| emails::resend(tx, id, now)).expect("an answer"));
        assert_eq!(post.send(), 1);
        assert_eq!(post.state("a@x.example"), QUEUED);
    }

    fn a_refused_recipient_is_parked_and_suppressed_and_the_others_are_sent(kind) {
        let post = post(kind, &["Bad@x.example", "good@x.example"]);
        post.outbox.write_events("second", &["Bad@x.example"]);
        post.fail(1, Failure::RecipientRefused, "550 5.1.1 no such user");
        post.send();
        assert_eq!(post.state("good@x.example"), ACCEPTED);
        let mut bad = post.outbox.emails();
        bad.retain(|email| email.recipient == "Bad@x.example");
        let states: Vec<_> = bad.iter().map(|email| (email.parked_because, email.server_text.as_str())).collect();
        let refused = (Some(ParkedBecause::RecipientRefused), "550 5.1.1 no such user");
        assert_eq!(states, [refused, (Some(ParkedBecause::Suppressed), "")]);
        assert_eq!(post.outbox.suppressed(), ["bad@x.example"]);
        post.outbox.later(60 * 24 * 6);
        assert_eq!(post.send(), 0, "5xx is never tried again");
    }

    fn a_refused_message_is_parked_and_its_address_is_not_suppressed(kind) {
        let post = post(kind, &["a@x.example", "b@x.example"]);
        post.fail(1, Failure::MessageRefused, "554 5.6.0 no");
        post.send();
        assert_eq!(post.state("a@x.example"), parked(ParkedBecause::MessageRefused));
        assert_eq!((post.state("b@x.example"), post.outbox.suppressed().len()), (ACCEPTED, 0));
    }

    fn a_refused_configuration_pauses_the_queue_and_parks_nothing(kind) {
        let all = recipients(200);
        let post = post(kind, &borrowed(&all));
        post.fail(2, Failure::Misconfigured, "AUTH: 535 wrong password");
        assert_eq!(post.send(), 1, "one try is enough");
        assert_eq!(post.outbox.count(EmailState::Queued), 200);
        assert!(post.outbox.emails().iter().all(|email| email.attempts == 0));
        let standing = post.outbox.standing();
        assert_eq!(standing.state(post.outbox.now()), MailQueueState::Paused);
        assert_eq!(standing.reason, "AUTH: 535 wrong password");
        post.outbox.later(29);
        assert_eq!(post.send(), 0);
        post.outbox.later(2);
        assert_eq!(post.send(), 1, "one e-mail as a probe");
        assert_eq!(post.outbox.standing().state(post.outbox.now()), MailQueueState::Paused);
        // A week later it is mended: everything leaves, nothing is given up.
        post.outbox.later(60 * 24 * 7);
        assert_eq!(post.send(), 200);
        assert_eq!(post.outbox.count(EmailState::Accepted), 200);
        assert_eq!(post.outbox.standing().state(post.outbox.now()), MailQueueState::Running);
    }

    fn a_restart_tries_one_email_of_a_paused_queue_at_once(kind) {
        let post = post(kind, &["a@x.example", "b@x.example"]);
        post.fail(1, Failure::Misconfigured, "535 wrong password");
        post.send();
        assert_eq!(post.send(), 0);
        outbox::begin(&post.outbox.app.operations).expect("a start");
        assert_eq!(post.send(), 2, "the password file was mended");
    }

    fn the_third_refusal_by_policy_in_a_row_pauses_the_queue(kind) {
        let all = recipients(20);
        let post = post(kind, &borrowed(&all));
        post.fail(3, Failure::PolicyRefused, "554 5.7.1 relay access denied");
        assert_eq!(post.send(), 3);
        assert_eq!((post.outbox.count(EmailState::Parked), post.outbox.count(EmailState::Queued)), (2, 18));
        assert!(post.outbox.standing().paused && post.outbox.suppressed().is_empty());
    }

    fn the_fifth_trouble_in_a_row_opens_the_breaker_and_a_probe_closes_it(kind) {
        let all = recipients(50);
        let post = post(kind, &borrowed(&all));
        post.fail(7, Failure::Trouble, "connecting: refused");
        assert_eq!(post.send(), 5);
        assert_eq!(post.outbox.standing().state(post.outbox.now()), MailQueueState::Waiting);
        assert_eq!(post.send(), 0);
        let mut tries = 0;
        for _ in 0..6 {
            post.outbox.later(1);
            let tried = post.send();
            assert!(tried <= 1, "{tried} tries in a minute");
            tries += tried;
        }
        assert_eq!(tries, 2, "after 1 and after 5 more minutes");
        post.outbox.later(15);
        assert_eq!(post.send(), 50, "all are due by now, and the first one closes the breaker");
        assert_eq!(post.outbox.count(EmailState::Accepted), 50);
    }

    fn asked_to_slow_down_it_waits_before_the_next_one(kind) {
        let all = recipients(10);
        let post = post(kind, &borrowed(&all));
        post.fail(1, Failure::SlowDown, "452 4.3.1 no room");
        assert_eq!(post.send(), 1);
        assert_eq!(post.send(), 0);
        post.outbox.later(3);
        assert_eq!(post.send(), 10);
        assert_eq!(post.outbox.count(EmailState::Accepted), 10);
    }

    fn a_busy_mailbox_keeps_its_other_emails_waiting_and_nobody_elses(kind) {
        let post = post(kind, &["a@x.example", "b@x.example"]);
        post.outbox.write_events("second", &["a@x.example"]);
        post.fail(1, Failure::MailboxNotNow, "450 4.2.1 busy");
        assert_eq!(post.send(), 2);
        assert_eq!((post.copies("a@x.example"), post.copies("b@x.example")), (0, 1));
        post.outbox.later(3);
        assert_eq!(post.send(), 2);
        assert_eq!(post.copies("a@x.example"), 2);
    }

    fn an_unclear_end_is_sent_again_byte_for_byte_and_not_for_ever(kind) {
        let post = post(kind, &["a@x.example", "b@x.example"]);
        post.fail(1, Failure::Ambiguous, "timeout");
        post.send();
        let email = post.outbox.email("a@x.example");
        assert_eq!((email.state, email.ambiguous), (EmailState::Queued, 1));
        post.outbox.later(3);
        assert_eq!(post.send(), 1);
        assert_eq!((post.state("a@x.example"), post.outbox.email("a@x.example").ambiguous), (ACCEPTED, 1));
        post.outbox.write(&["c@x.example"]);
        post.fail(5, Failure::Ambiguous, "timeout");
        for _ in 0..5 {
            post.send();
            post.outbox.later(45);
        }
        assert_eq!(post.state("c@x.example"), parked(ParkedBecause::Unclear));
        assert_eq!(post.outbox.email("c@x.example").ambiguous, 5);
    }

    fn what_is_written_to_a_suppressed_address_is_kept_for_the_office(kind) {
        let post = post(kind, &["a@x.example"]);
        post.fail(1, Failure::RecipientRefused, "550 no such user");
        post.send();
        let coordinator = "A@x.example";
        let email = crate::support::outbox::new_email("later", coordinator);
        let now = post.outbox.now();
        let database = &post.outbox.app.operations.database;
        database.write(|tx| outbox::enqueue(tx, &email, now)).expect("an e-mail");
        assert_eq!(post.state(coordinator), parked(ParkedBecause::Suppressed));
        assert_eq!(post.send(), 0);
    }

    fn a_worker_that_lost_its_email_changes_nothing(kind) {
        let post = post(kind, &["a@x.example"]);
        let database = &post.outbox.app.operations.database;
        let now = post.outbox.now();
        let soon = now + TimeDelta::seconds(30);
        let slow = database.write(|tx| outbox::claim(tx, now, soon)).expect("a claim").expect("an e-mail");
        assert_eq!(post.sender.work(), Worked::Nothing, "it is held");
        post.outbox.later(1);
        assert_eq!(post.sender.work(), Worked::One);
        let renewed = database.write(|tx| emails::renew(tx, &slow, soon)).expect("an answer");
        let late = outbox::Ended {
            outcome: emails::Outcome::Parked(ParkedBecause::RecipientRefused),
            effect: coop_scheduler::domain::mail_queue::Effect::Misconfigured,
            is_about_mailbox: false,
            words: "late".to_owned(),
        };
        let settled = database.write(|tx| outbox::settle(tx, &slow, &late, Utc::now())).expect("an answer");
        assert!(!renewed && !settled);
        assert_eq!(post.state("a@x.example"), ACCEPTED);
        assert!(post.outbox.suppressed().is_empty() && !post.outbox.standing().paused);
    }

    fn four_workers_send_everything_once(kind) {
        let all = recipients(40);
        let post = post(kind, &borrowed(&all));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                let sender = Sender { lease: Duration::from_secs(60), ..post.sender.clone() };
                scope.spawn(move || {
                    // Nothing may mean that another worker was faster.
                    let mut idle = 0;
                    while idle < 40 {
                        idle = if sender.work() == Worked::One { 0 } else { idle + 1 };
                        std::thread::sleep(Duration::from_millis(3));
                    }
                });
            }
        });
        for recipient in &all {
            assert_eq!((post.state(recipient), post.copies(recipient)), (ACCEPTED, 1), "{recipient}");
        }
    }
}
