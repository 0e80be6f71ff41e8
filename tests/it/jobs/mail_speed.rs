//! How fast e-mails are written down and leave, beside Python's own client in the same run, and that a mail server that
//! stalls slows nobody down. Left out unless `make bench-mail` asks for it: figures need a quiet machine.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use coop_scheduler::domain::email::EmailState;
use coop_scheduler::mail::transport::{SmtpSettings, SmtpTransport};
use coop_scheduler::operations::outbox::enqueue;

use super::fault_modes::variable;
use crate::support::app::TestApp;
use crate::support::both::DatabaseKind;
use crate::support::outbox::{Outbox, new_email, plain_settings};
use crate::support::smtp::{Misbehavior, Moment, Options, Security, SmtpServer, python, start};

/// E-mails of a published plan of a region.
const EMAILS: usize = 1_200;

fn is_asked_for() -> bool {
    variable("COOP_BENCH_MAIL").is_some()
}

/// Memory of this process, in KiB.
fn memory() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// Seconds in which Python's smtplib sends as many messages, one connection each.
fn python_seconds(server: &SmtpServer) -> f64 {
    let script = "import smtplib, sys, time\n\
        message = open(sys.argv[2], 'rb').read()\n\
        began = time.monotonic()\n\
        for n in range(int(sys.argv[3])):\n\
        \x20   with smtplib.SMTP('127.0.0.1', int(sys.argv[1])) as smtp: smtp.sendmail('a@x.example', [f'r{n}@x.example'], message)\n\
        print(time.monotonic() - began)";
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), new_email("bench", "r@x.example").message).expect("written");
    let output = Command::new(python())
        .args(["-c", script, &server.port.to_string()])
        .arg(file.path())
        .arg(EMAILS.to_string())
        .output()
        .expect("python");
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("seconds")
}

#[test]
fn a_regions_emails_are_written_at_once_and_leave_as_fast_as_the_server_takes_them() {
    if !is_asked_for() {
        return;
    }
    let server = start(Options { security: Security::None, ..Options::default() });
    for kind in [DatabaseKind::Sqlite, DatabaseKind::Postgres] {
        let outbox = Outbox::new(kind);
        let emails: Vec<_> = (0..EMAILS).map(|n| new_email("bench", &format!("r{n}@x.example"))).collect();
        let now = outbox.now();
        let began = Instant::now();
        let database = &outbox.app.operations.database;
        database
            .write(|tx| emails.iter().try_for_each(|email| enqueue(tx, email, now).map(drop)))
            .expect("one transaction");
        let written = began.elapsed().as_secs_f64();
        let patient =
            SmtpSettings { reply_timeout_seconds: 60, final_reply_timeout_seconds: 600, ..plain_settings(&server) };
        let sender = outbox.sender(Arc::new(SmtpTransport::new(patient).expect("good settings")));
        let (began, before) = (Instant::now(), memory());
        assert_eq!(outbox.send_all(&sender), EMAILS);
        let (sent, grown) = (began.elapsed().as_secs_f64(), memory() - before);
        assert_eq!(outbox.count(EmailState::Accepted), EMAILS);
        let peer = python_seconds(&server);
        println!(
            "{kind:?}: {EMAILS} e-mails written in {written:.2} s, sent in {sent:.1} s; smtplib alone, without an outbox, \
             {peer:.1} s: {:.2} times as long; memory grew by {grown} KiB",
            sent / peer
        );
    }
}

/// The 99th percentile of answer times, in microseconds.
fn p99(app: &TestApp) -> u128 {
    let mut times: Vec<u128> = (0..500)
        .map(|_| {
            let began = Instant::now();
            app.office.get("/emails?limit=50").expect(200);
            began.elapsed().as_micros()
        })
        .collect();
    times.sort_unstable();
    times[times.len() * 99 / 100]
}

#[test]
fn a_mail_server_that_stalls_slows_no_page_down() {
    if !is_asked_for() {
        return;
    }
    let stalled = Some((Moment::Dot, Misbehavior::Stall));
    let server = start(Options { security: Security::None, fault: stalled, ..Options::default() });
    for kind in [DatabaseKind::Sqlite, DatabaseKind::Postgres] {
        let app = TestApp::start(kind);
        let now = app.app.operations.now();
        let emails: Vec<_> = (0..200).map(|n| new_email("bench", &format!("r{n}@x.example"))).collect();
        let write = app
            .app
            .operations
            .database
            .write(|tx| emails.iter().try_for_each(|email| enqueue(tx, email, now).map(drop)));
        write.expect("e-mails");
        let patient = SmtpSettings { final_reply_timeout_seconds: 5, ..plain_settings(&server) };
        let transport = Arc::new(SmtpTransport::new(patient).expect("good settings"));
        let (mut idle, mut stalled) = (Vec::new(), Vec::new());
        p99(&app);
        for _ in 0..5 {
            idle.push(p99(&app));
            let sender = app.app.clone().with_transport(transport.clone()).sender().expect("a sender");
            let stop = AtomicBool::new(false);
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    while !stop.load(Ordering::Relaxed) {
                        sender.work();
                        std::thread::sleep(Duration::from_millis(250));
                    }
                });
                stalled.push(p99(&app));
                stop.store(true, Ordering::Relaxed);
            });
        }
        idle.sort_unstable();
        stalled.sort_unstable();
        println!(
            "{kind:?}: p99 idle {} us, while the mail server stalls {} us: {:.2} times",
            idle[2],
            stalled[2],
            stalled[2] as f64 / idle[2] as f64
        );
    }
}
