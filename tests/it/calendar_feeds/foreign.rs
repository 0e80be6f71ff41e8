//! Programs that read calendars and that nobody here wrote.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::support::smtp::python;

/// An event as PyPI's `icalendar` reads it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Event {
    pub uid: String,
    pub sequence: i64,
    /// In UTC; the date alone for whole days.
    pub starts: String,
    pub minutes: i64,
    pub summary: String,
    pub location: String,
    pub description: String,
    pub status: String,
}

const READER: &str = r#"
import json, sys, icalendar
from datetime import datetime, timezone
events = []
for event in icalendar.Calendar.from_ical(sys.stdin.buffer.read()).walk("VEVENT"):
    assert not event.errors, event.errors
    start, end = event["DTSTART"].dt, event["DTEND"].dt
    exact = isinstance(start, datetime)
    events.append({
        "uid": str(event["UID"]), "sequence": int(event["SEQUENCE"]),
        "starts": start.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") if exact else start.isoformat(),
        "minutes": int((end - start).total_seconds() // 60),
        "summary": str(event["SUMMARY"]), "location": str(event.get("LOCATION", "")),
        "description": str(event.get("DESCRIPTION", "")), "status": str(event["STATUS"]),
    })
print(json.dumps(events))
"#;

/// The events of a calendar.
pub fn read(text: &str) -> Vec<Event> {
    serde_json::from_slice(&run(READER, text.as_bytes())).expect("JSON")
}

/// What a script of Python prints about its input.
fn run(script: &str, input: &[u8]) -> Vec<u8> {
    let mut process = Command::new(python())
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    process.stdin.take().expect("its input").write_all(input).expect("written");
    let output = process.wait_with_output().expect("its output");
    assert!(output.status.success(), "Python cannot read\n{}", String::from_utf8_lossy(input));
    output.stdout
}

/// An invitation in an e-mail, as PyPI's `icalendar` and `dateutil` read it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Invited {
    pub method: String,
    pub uid: String,
    pub sequence: i64,
    /// How many dates it has, and the first and last of them.
    pub dates: i64,
    pub first: String,
    pub last: String,
}

const MAIL_READER: &str = r#"
import json, sys, icalendar
from email import message_from_bytes
from dateutil.rrule import rrulestr
found = []
for part in message_from_bytes(sys.stdin.buffer.read()).walk():
    if part.get_content_type() != "text/calendar":
        continue
    calendar = icalendar.Calendar.from_ical(part.get_payload(decode=True))
    [event] = calendar.walk("VEVENT")
    assert part.get_param("method") == str(calendar["METHOD"]) and not event.errors
    dates = [one.date().isoformat() for one in rrulestr(event["RRULE"].to_ical().decode(), dtstart=event["DTSTART"].dt)]
    found.append({"method": str(calendar["METHOD"]), "uid": str(event["UID"]), "sequence": int(event["SEQUENCE"]),
        "dates": len(dates), "first": min(dates, default=""), "last": max(dates, default="")})
print(json.dumps(found))
"#;

/// The invitations that travel with a message.
pub fn read_invitations(message: &[u8]) -> Vec<Invited> {
    serde_json::from_slice(&run(MAIL_READER, message)).expect("JSON")
}

/// A CalDAV server on a random port, ended with this value.
pub struct Radicale {
    process: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Radicale {
    /// Starts it on an empty folder, for everybody.
    pub fn start() -> Radicale {
        let folder = tempfile::tempdir().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|one| one.local_addr()).expect("a free port").port();
        let process = Command::new(python())
            .args(["-m", "radicale", "--config", ""])
            .args([
                "--server-hosts",
                &format!("127.0.0.1:{port}"),
                "--auth-type",
                "none",
                "--rights-type",
                "authenticated",
            ])
            .args(["--storage-filesystem-folder", &folder.path().display().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Radicale starts");
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(started.elapsed() < Duration::from_secs(60), "Radicale does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        Radicale { process, port, _folder: folder }
    }

    /// Keeps a calendar under a name; the status of the answer.
    pub fn put(&self, name: &str, text: &str) -> u16 {
        let reply = self.ask("PUT", name, text);
        reply.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
    }

    /// Gives a calendar back.
    pub fn get(&self, name: &str) -> String {
        let reply = self.ask("GET", name, "");
        reply.split_once("\r\n\r\n").expect("a body").1.to_owned()
    }

    fn ask(&self, method: &str, name: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("a connection");
        // `anybody:` in base64; without a name Radicale gives nobody a folder.
        let head = format!(
            "{method} /anybody/{name}/ HTTP/1.0\r\nAuthorization: Basic YW55Ym9keTo=\r\nContent-Type: text/calendar\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).expect("sent");
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply).expect("an answer");
        String::from_utf8_lossy(&reply).into_owned()
    }
}

impl Drop for Radicale {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
