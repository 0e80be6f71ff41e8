//! What comes back: only a report of a mail server, at an address that only we can make, changes anything.

use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;

use coop_scheduler::domain::email::{BounceOutcome, EmailState, ParkedBecause, ReturnedMail};
use coop_scheduler::domain::ids::EmailId;
use coop_scheduler::mail::bounce::{Report, read};
use coop_scheduler::mail::return_path::ReturnPaths;
use coop_scheduler::mail::transport::MemoryTransport;
use coop_scheduler::operations::outbox::take_back;
use proptest::prelude::*;

use crate::support::both::DatabaseKind;
use crate::support::outbox::Outbox;

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// A report as Postfix writes it.
fn report(to: &str, action: &str, status: &str) -> String {
    format!(
        "Return-Path: <>\r\nDelivered-To: {to}\r\nFrom: MAILER-DAEMON@mx.example.org (Mail Delivery System)\r\n\
         Subject: Undelivered Mail Returned to Sender\r\nTo: {to}\r\nAuto-Submitted: auto-replied\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"B/mx.example.org\"\r\n\r\n\
         This is a MIME-encapsulated message.\r\n\r\n--B/mx.example.org\r\nContent-Description: Notification\r\n\
         Content-Type: text/plain; charset=us-ascii\r\n\r\nI'm sorry. Action: failed. Status: 5.0.0\r\n\r\n\
         --B/mx.example.org\r\nContent-Description: Delivery report\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mx.example.org\r\nArrival-Date: Mon,  2 Nov 2026 12:00:00 -0600\r\n\r\n\
         Final-Recipient: rfc822; ana@x.example\r\nAction: {action}\r\nStatus: {status}\r\n\
         Diagnostic-Code: smtp; 550 {status} <ana@x.example>:\r\n    Recipient address rejected\r\n\r\n\
         --B/mx.example.org\r\nContent-Type: message/rfc822\r\n\r\nSubject: Test\r\n\r\nText\r\n\r\n--B/mx.example.org--\r\n"
    )
}

const VACATION: &str = "From: ana@x.example\r\nSubject: Out of office\r\nAuto-Submitted: auto-replied\r\n\
                        Content-Type: text/plain\r\n\r\nI am away. Action: failed\r\nStatus: 5.1.1\r\n";

fn outbox(kind: DatabaseKind) -> Outbox {
    let outbox = Outbox::changed(kind, |settings, folder| {
        let key = folder.join("bounce-key");
        std::fs::write(&key, format!("{KEY}\n")).expect("a key");
        settings.mail.bounces.address = "bounces@coop.example.org".to_owned();
        settings.mail.bounces.key_file = key.to_string_lossy().into_owned();
    });
    outbox.write(&["ana@x.example", "ben@x.example"]);
    outbox.write_events("second", &["ana@x.example"]);
    outbox
}

fn paths() -> ReturnPaths {
    ReturnPaths::new("bounces@coop.example.org", KEY).expect("good settings")
}

fn give(outbox: &Outbox, message: String) -> BounceOutcome {
    let sent = ReturnedMail { message, delivered_to: None };
    take_back(&outbox.app.operations, &sent).expect("a verdict").outcome
}

fn a_report_of_failure_suspends_the_address(kind: DatabaseKind) {
    let outbox = outbox(kind);
    let transport = Arc::new(MemoryTransport::new());
    let sender = outbox.sender(transport.clone());
    sender.work();
    let first = outbox.email("ana@x.example");
    assert_eq!(first.state, EmailState::Accepted);
    let path = paths().of(first.id);
    assert_eq!(transport.delivered()[0].return_path.as_deref(), Some(path.as_str()), "each leaves with its own");

    assert_eq!(give(&outbox, report(&path, "delayed", "4.4.1")), BounceOutcome::Noted);
    let noted = outbox.email("ana@x.example");
    assert!(noted.state == EmailState::Accepted && noted.server_text.contains("4.4.1"), "{noted:?}");
    assert_eq!(give(&outbox, report(&path, "failed", "5.1.1")), BounceOutcome::Suspended);
    let emails = outbox.emails();
    let why: Vec<_> = emails.iter().map(|email| (email.recipient.as_str(), email.parked_because)).collect();
    assert_eq!(
        why,
        [
            ("ana@x.example", Some(ParkedBecause::Returned)),
            ("ben@x.example", None),
            ("ana@x.example", Some(ParkedBecause::Suppressed))
        ]
    );
    assert!(emails[0].server_text.contains("Recipient address rejected"), "{}", emails[0].server_text);
    assert_eq!(outbox.suppressed(), ["ana@x.example"]);
    assert_eq!(give(&outbox, report(&path, "failed", "5.1.1")), BounceOutcome::Ignored, "once is enough");
    assert_eq!(outbox.emails().len(), 3, "nothing is ever answered");
}

#[test]
fn sqlite_a_report_of_failure_suspends_the_address() {
    a_report_of_failure_suspends_the_address(DatabaseKind::Sqlite);
}

#[test]
fn postgres_a_report_of_failure_suspends_the_address() {
    a_report_of_failure_suspends_the_address(DatabaseKind::Postgres);
}

#[test]
fn forged_reports_vacation_replies_and_junk_change_nothing() {
    let outbox = outbox(DatabaseKind::Sqlite);
    let sender = outbox.sender(Arc::new(MemoryTransport::new()));
    outbox.send_all(&sender);
    let email = outbox.email("ana@x.example");
    let (path, before) = (paths().of(email.id), outbox.emails());
    let forged = ReturnPaths::new("bounces@coop.example.org", "another key of thirty-two letters").expect("settings");
    let unknown = paths().of(EmailId::new());
    for message in [
        report("bounces@coop.example.org", "failed", "5.1.1"),
        report("schedule@coop.example.org", "failed", "5.1.1"),
        report(&forged.of(email.id), "failed", "5.1.1"),
        report(&unknown, "failed", "5.1.1"),
        report(&path, "delivered", "2.0.0"),
        report(&path, "relayed", "2.0.0"),
        report(&path, "failed", "2.0.0"),
        // Signed, but no report.
        format!("Delivered-To: {path}\r\n{VACATION}"),
        report(&path, "failed", "5.1.1").replace("multipart/report", "multipart/mixed"),
        report(&path, "failed", "5.1.1").replace("message/delivery-status", "text/plain"),
        // Signed in the body only.
        format!("Subject: Hi\r\n\r\nDelivered-To: {path}\r\n{}", report("x@y", "failed", "5.1.1")),
        String::new(),
        "\r\n\r\n".to_owned(),
    ] {
        assert_eq!(give(&outbox, message.clone()), BounceOutcome::Ignored, "{message}");
    }
    assert_eq!((outbox.emails(), outbox.suppressed().len()), (before, 0));
}

#[test]
fn a_pipe_of_the_mail_system_hands_reports_over() {
    let outbox = outbox(DatabaseKind::Sqlite);
    outbox.send_all(&outbox.sender(Arc::new(MemoryTransport::new())));
    let path = paths().of(outbox.email("ana@x.example").id);
    let pipe = |arguments: &[&str], message: &str| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_coop-scheduler"))
            .args(["mail", "bounce"])
            .args(arguments)
            .env("COOP__DATABASE__URL", &outbox.url)
            .env("COOP__MAIL__BOUNCES__ADDRESS", "bounces@coop.example.org")
            .env("COOP__MAIL__BOUNCES__KEY_FILE", outbox.folder.path().join("bounce-key"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program");
        child.stdin.take().expect("its input").write_all(message.as_bytes()).expect("written");
        let output = child.wait_with_output().expect("its end");
        assert!(output.status.success(), "the mail system must never answer");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert!(pipe(&[], VACATION).starts_with("Ignored: "));
    assert!(pipe(&["--to", &path], &report("x@y", "failed", "5.1.1")).starts_with("Suspended: "));
    assert_eq!(outbox.suppressed(), ["ana@x.example"]);
}

proptest! {
    /// Whatever comes, it is read without a panic, and only a status of a machine's part counts.
    #[test]
    fn any_bytes_are_read(text in "(?s).{0,300}", at in 0_usize..1_400) {
        let _ = read(&text);
        let mut broken = report("bounces@coop.example.org", "failed", "5.1.1");
        broken.truncate(broken.floor_char_boundary(at));
        prop_assert!(matches!(read(&broken), Report::Nothing(_) | Report::Failed(_)));
    }
}
