//! A real SMTP server for tests: aiosmtpd in its own process on a free loopback port.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde::Serialize;
use serde_json::{Value, json};
use tempfile::TempDir;

/// How the server protects connections.
#[derive(Debug, Clone, Copy, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Security {
    /// Plain text first, then STARTTLS, which it insists on.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// None, and no STARTTLS offered.
    None,
}

/// When the server misbehaves.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// In place of its greeting.
    Connect,
    /// At EHLO.
    Ehlo,
    /// At MAIL.
    Mail,
    /// At RCPT.
    Rcpt,
    /// At DATA; a drop or a stall comes after the first line of the message.
    Data,
    /// After the final dot. A drop or a stall comes after it has kept the message.
    Dot,
}

/// How the server misbehaves.
#[derive(Debug, Clone, Copy)]
pub enum Misbehavior {
    /// It gives this answer.
    Reply(&'static str),
    /// It closes the connection without an answer.
    Drop,
    /// It never answers.
    Stall,
    /// After every so many messages that it kept, it ends the process named by [`SmtpServer::set_pid`].
    Kill {
        /// How many.
        every: u32,
    },
}

/// What the server is like. By default: STARTTLS, no login, no fault.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How it protects connections.
    pub security: Security,
    /// The name and password it insists on.
    pub login: Option<(&'static str, &'static str)>,
    /// When and how it misbehaves, on every connection.
    pub fault: Option<(Moment, Misbehavior)>,
}

/// A message that the server took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// Whether it came over TLS.
    pub encrypted: bool,
    /// The bytes between DATA and the dot.
    pub content: Vec<u8>,
}

/// A running server; dropping it ends its process.
pub struct SmtpServer {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    /// The authority of its certificate, as PEM.
    pub ca_file: PathBuf,
    folder: TempDir,
    process: Child,
}

/// The Python of the project's own folder, with what the tests need.
pub fn python() -> PathBuf {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin/python");
    assert!(python.exists(), "{} is missing: `make test` sets it up (by .ci/python-tools)", python.display());
    python
}

/// Starts a server and waits until it listens.
pub fn start(options: Options) -> SmtpServer {
    let folder = tempfile::tempdir().expect("a temporary folder");
    set_fault(folder.path(), options.fault);
    let arguments = json!({"folder": folder.path(), "security": options.security, "login": options.login});
    let mut process = Command::new(python())
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/support/smtp_server.py"))
        .arg(arguments.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the SMTP server starts");
    let mut line = String::new();
    BufReader::new(process.stdout.take().expect("its output")).read_line(&mut line).expect("its port");
    let port = line.trim().parse().expect("a port; its error output says what went wrong");
    SmtpServer { port, ca_file: folder.path().join("ca.pem"), folder, process }
}

fn set_fault(folder: &Path, fault: Option<(Moment, Misbehavior)>) {
    let fault = fault.map(|(at, misbehavior)| match misbehavior {
        Misbehavior::Reply(text) => json!({"at": at, "do": "reply", "text": text}),
        Misbehavior::Drop => json!({"at": at, "do": "drop", "text": null}),
        Misbehavior::Stall => json!({"at": at, "do": "stall", "text": null}),
        Misbehavior::Kill { every } => json!({"at": at, "do": "kill", "every": every}),
    });
    fs::write(folder.join("fault.new"), json!(fault).to_string()).expect("a fault");
    fs::rename(folder.join("fault.new"), folder.join("fault.json")).expect("a fault in its place");
}

impl SmtpServer {
    /// Lets it misbehave otherwise from now on, or not at all.
    pub fn misbehave(&self, fault: Option<(Moment, Misbehavior)>) {
        set_fault(self.folder.path(), fault);
    }

    /// Names the process that [`Misbehavior::Kill`] ends.
    pub fn set_pid(&self, pid: u32) {
        fs::write(self.folder.path().join("pid"), pid.to_string()).expect("a number");
    }

    /// Message-ID and hash of the bytes of everything it took, as it forced them to the disk.
    pub fn log(&self) -> Vec<(String, String)> {
        let text = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        let read = |line: &str| {
            let line: Value = serde_json::from_str(line).expect("a line of the log");
            let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
            (text("id"), text("hash"))
        };
        text.lines().map(read).collect()
    }

    /// The messages it took so far, in order. A message is here before the server answers its final dot.
    pub fn received(&self) -> Vec<Received> {
        let read = |number: usize| fs::read(self.folder.path().join(format!("{number}.json"))).ok();
        (1..).map_while(read).map(|bytes| message(&bytes)).collect()
    }

    /// The commands it saw so far, in order, over all connections.
    pub fn commands(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.path().join("commands")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn message(bytes: &[u8]) -> Received {
    let value: Value = serde_json::from_slice(bytes).expect("the server's JSON");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    Received {
        from: text(&value["from"]),
        to: value["to"].as_array().expect("recipients").iter().map(text).collect(),
        encrypted: value["encrypted"] == true,
        // Written as Latin-1: one character a byte.
        content: text(&value["content"]).chars().map(|letter| letter as u8).collect(),
    }
}
