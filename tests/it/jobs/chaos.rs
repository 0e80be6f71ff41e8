//! SIGKILL of the sending process at every named point and at random moments, against a real SMTP server that forces
//! its log to the disk before it answers: nothing is lost, and a second copy has the same Message-ID and the same bytes.
//!
//! A short version runs with the other tests; `make chaos-mail` kills 200 times on each database.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use coop_scheduler::domain::email::EmailState;

use super::fault_modes::variable;
use crate::support::both::DatabaseKind;
use crate::support::outbox::{Outbox, borrowed};
use crate::support::smtp::{Misbehavior, Moment, Options, Security, SmtpServer, start};

/// Where the process is killed. Two of them from outside: by the mail server after the final dot, and by the clock.
const POINTS: [&str; 7] =
    ["after_claim", "before_data", "after_dot", "after_answer", "before_commit", "after_commit", "random"];

/// A kill at these points must make a copy.
const MAKES_A_COPY: [&str; 3] = ["after_dot", "after_answer", "before_commit"];

/// How many e-mails wait at least when a process starts.
const WAITING_MIN: usize = 12;

struct Life {
    child: Child,
}

impl Life {
    fn start(outbox: &Outbox, server: &SmtpServer, die_at: Option<String>) -> Life {
        let folder = outbox.folder.path();
        let mut command = Command::new(env!("CARGO_BIN_EXE_coop-scheduler"));
        command
            .arg("serve")
            .env("COOP__DATABASE__URL", &outbox.url)
            .env("COOP__MAIL__TRANSPORT", "smtp")
            .env("COOP__MAIL__LEASE_SECONDS", "1")
            .env("COOP__MAIL__SMTP__HOST", "127.0.0.1")
            .env("COOP__MAIL__SMTP__PORT", server.port.to_string())
            .env("COOP__MAIL__SMTP__SECURITY", "none")
            .env("COOP__AUDIT__HEADS_FILE", folder.join("audit-heads.log"))
            .env("COOP__SERVER__PORT", "0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if let Some(die_at) = die_at {
            command.env("COOP_DIE_AT", die_at);
        }
        Life { child: command.spawn().expect("the program") }
    }

    /// Waits until it can be asked, or is dead.
    fn wait_until_it_serves(&mut self) {
        let mut line = String::new();
        let _ = BufReader::new(self.child.stdout.take().expect("its output")).read_line(&mut line);
    }

    /// Waits for its death by a signal.
    fn is_killed_within(&mut self, time: Duration) -> bool {
        let until = Instant::now() + time;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().expect("a status") {
                use std::os::unix::process::ExitStatusExt;
                assert_eq!(status.signal(), Some(9), "{status}");
                return true;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        false
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn nothing_is_lost(kind: DatabaseKind) {
    let kills: usize = variable("COOP_CHAOS_KILLS").and_then(|text| text.parse().ok()).unwrap_or(POINTS.len() * 2);
    let server = start(Options { security: Security::None, ..Options::default() });
    let outbox = Outbox::new(kind);
    let mut written = 0;
    for kill in 0..kills {
        let (point, times) = (POINTS[kill % POINTS.len()], 1 + kill / POINTS.len() % 4);
        if outbox.count(EmailState::Queued) < WAITING_MIN {
            let more: Vec<String> = (written..written + WAITING_MIN).map(|one| format!("r{one}@x.example")).collect();
            written += more.len();
            outbox.write(&borrowed(&more));
        }
        let dies_itself = !["after_dot", "random"].contains(&point);
        let every = u32::try_from(times).expect("few");
        server.misbehave((point == "after_dot").then_some((Moment::Dot, Misbehavior::Kill { every })));
        let mut life = Life::start(&outbox, &server, dies_itself.then(|| format!("{point}:{times}")));
        server.set_pid(life.child.id());
        if point == "random" {
            life.wait_until_it_serves();
            // Spread over the first third of a second without a source of chance: another moment each time.
            std::thread::sleep(Duration::from_millis((kill as u64 * 37) % 331));
        } else {
            assert!(life.is_killed_within(Duration::from_secs(60)), "{point}:{times} was not reached");
        }
        drop(life);
    }
    server.misbehave(None);
    let last = Life::start(&outbox, &server, None);
    let until = Instant::now() + Duration::from_secs(120);
    while outbox.count(EmailState::Queued) > 0 {
        assert!(Instant::now() < until, "{} still wait", outbox.count(EmailState::Queued));
        std::thread::sleep(Duration::from_millis(50));
    }
    drop(last);
    check(&outbox, &server, written);
    let aimed = (0..kills).filter(|kill| MAKES_A_COPY.contains(&POINTS[kill % POINTS.len()])).count();
    println!(
        "{kind:?}: {kills} kills, {written} e-mails, 0 lost, 0 with two bodies, {} copies on the wire; {aimed} kills came \
         when the server had the message and we had not written it down",
        copies(&server)
    );
}

/// Messages that came more than once.
fn copies(server: &SmtpServer) -> usize {
    let log = server.log();
    log.len() - log.iter().map(|(id, _)| id.as_str()).collect::<BTreeSet<_>>().len()
}

fn check(outbox: &Outbox, server: &SmtpServer, written: usize) {
    let emails = outbox.emails();
    assert_eq!(emails.len(), written);
    assert!(emails.iter().all(|email| email.state == EmailState::Accepted));
    let mut bodies: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (id, hash) in server.log() {
        bodies.entry(id).or_default().insert(hash);
    }
    for email in &emails {
        let found = bodies.get(&format!("<{}>", email.message_id)).unwrap_or_else(|| panic!("{email:?} is lost"));
        assert_eq!(found.len(), 1, "{email:?} has two bodies");
    }
    assert_eq!(bodies.len(), written, "nothing else was sent");
}

#[test]
fn sqlite_killed_at_every_point_nothing_is_lost_and_nothing_has_two_bodies() {
    nothing_is_lost(DatabaseKind::Sqlite);
}

#[test]
fn postgres_killed_at_every_point_nothing_is_lost_and_nothing_has_two_bodies() {
    nothing_is_lost(DatabaseKind::Postgres);
}
