//! The same against smtp-sink of Postfix, where `COOP_SMTP_SINK` names it (`make chaos-mail` does).

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use coop_scheduler::domain::email::EmailState;
use coop_scheduler::mail::transport::{SmtpSecurity, SmtpSettings, SmtpTransport};

use super::fault_modes::variable;
use crate::support::both::DatabaseKind;
use crate::support::outbox::{Outbox, borrowed, recipients};

struct Sink {
    child: Child,
    port: u16,
}

impl Sink {
    fn start(program: &str, options: &[&str]) -> Sink {
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its address").port();
        let libraries = Path::new(program).ancestors().nth(3).expect("a folder").join("usr/lib/postfix");
        let child = Command::new(program)
            .args(["-4", "-u", "nobody"])
            .args(options)
            .arg(format!("127.0.0.1:{port}"))
            .arg("64")
            .env("LD_LIBRARY_PATH", libraries)
            .stderr(Stdio::null())
            .spawn()
            .expect("smtp-sink");
        let sink = Sink { child, port };
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return sink;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("smtp-sink does not listen");
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn smtp_sink_misbehaves_and_every_email_ends_right() {
    let Some(program) = variable("COOP_SMTP_SINK").filter(|program| !program.is_empty()) else {
        println!("smtp-sink is not named; left out");
        return;
    };
    // Options of smtp-sink; then how many are tried, accepted, parked.
    let modes: [(&[&str], usize, usize, usize); 9] = [
        (&[], 50, 50, 0),
        (&["-f", "RCPT"], 50, 0, 50),
        (&["-r", "RCPT"], 50, 0, 0),
        (&["-r", "MAIL"], 5, 0, 0),
        (&["-r", "DATA"], 50, 0, 0),
        (&["-q", "CONNECT"], 5, 0, 0),
        (&["-q", "DATA"], 5, 0, 0),
        (&["-q", "."], 5, 0, 0),
        (&["-Q", "."], 5, 0, 0),
    ];
    for (options, tried, accepted, parked) in modes {
        let sink = Sink::start(&program, options);
        let outbox = Outbox::new(DatabaseKind::Sqlite);
        let settings = SmtpSettings {
            host: "127.0.0.1".to_owned(),
            port: sink.port,
            security: SmtpSecurity::None,
            login: None,
            envelope_from: "bounces@coop.example.org".to_owned(),
            hello_name: Some("coop.example.org".to_owned()),
            ca_file: None,
            reply_timeout_seconds: 5,
            final_reply_timeout_seconds: 5,
            deadline_seconds: 20,
        };
        let sender = outbox.sender(Arc::new(SmtpTransport::new(settings).expect("good settings")));
        outbox.write(&borrowed(&recipients(50)));
        let found = (outbox.send_all(&sender), outbox.count(EmailState::Accepted), outbox.count(EmailState::Parked));
        assert_eq!(found, (tried, accepted, parked), "{options:?}: {:?}", outbox.emails().first());
        println!("smtp-sink {options:?}: {tried} tried, {accepted} accepted, {parked} parked");
    }
}
