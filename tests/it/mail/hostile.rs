//! Names and texts that somebody may have chosen to do harm, all the way to a real mail server, and read there by
//! another program.

use std::sync::Arc;

use coop_scheduler::db::emails::NewEmail;
use coop_scheduler::domain::email::EmailState;
use coop_scheduler::jobs::Worked;
use coop_scheduler::mail::compose::{Correspondent, Envelope, compose, message_id};
use coop_scheduler::mail::message::Rendered;
use coop_scheduler::mail::samples;
use coop_scheduler::mail::transport::{MemoryTransport, Parcel, SmtpTransport, Transport};
use coop_scheduler::operations::outbox::enqueue;
use serde_json::{Value, json};

use super::compose::envelope;
use crate::support::both::DatabaseKind;
use crate::support::outbox::{Outbox, new_email, plain_settings};
use crate::support::smtp::{Options, Security, python, start};

/// Display names and subjects: right to left with an override, emoji with joiners, quotation marks, brackets, encoded
/// words, commas, very long ones.
fn names() -> Vec<String> {
    [
        "\u{202e}gro.live@ana\u{202c}",
        "שרה כהן",
        "👩🏽\u{200d}🏫 Ana 🏳️\u{200d}🌈",
        "Ana \"The Boss\" <root@localhost>, Ben",
        "=?utf-8?Q?=0D=0ABcc:_evil@x.example?=",
        "Ana (comment) ; group: a@x.example;",
        "\\",
    ]
    .iter()
    .map(|name| (*name).to_owned())
    .chain(["é".repeat(500), "x".repeat(2_000)])
    .collect()
}

/// What Python's own reader of e-mails makes of a message.
fn read_by_python(message: &[u8]) -> Value {
    let script = "import sys, json, email, email.policy, email.utils, email.header\n\
        raw = open(sys.argv[1], 'rb').read()\n\
        m = email.message_from_bytes(raw, policy=email.policy.default)\n\
        # The newer reader keeps the spaces between the parts of a long name, which RFC 2047 section 6.2 takes away.\n\
        name, address = email.utils.parseaddr(email.message_from_bytes(raw)['To'].replace('\\n', ''))\n\
        name = str(email.header.make_header(email.header.decode_header(name)))\n\
        print(json.dumps({'subject': m['Subject'], 'to': [[name, address]],\n\
          'headers': sorted(set(n.lower() for n in m.keys())), 'count': len(m.keys()),\n\
          'text': m.get_body(('plain',)).get_content()}))";
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), message).expect("written");
    let output = std::process::Command::new(python()).args(["-c", script]).arg(file.path()).output().expect("python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn hostile_names_and_texts_arrive_as_they_are_and_add_no_header() {
    let server = start(Options { security: Security::None, ..Options::default() });
    let transport = SmtpTransport::new(plain_settings(&server)).expect("good settings");
    let text = format!(".\r\n..\r\nMAIL FROM:<e@x>\r\n\r\n.\r\nQUIT\r\n{}\r\nFrom here\r\n", "x".repeat(998));
    for (number, name) in names().into_iter().enumerate() {
        let content = Rendered {
            subject: name.clone(),
            text: text.clone(),
            html: "<p>Hi</p>".to_owned(),
            attachments: Vec::new(),
        };
        let to = Correspondent { name: Some(name.clone()), address: "dana@kipp.example.org".to_owned() };
        let message = compose(&content, &Envelope { to, ..envelope() }).expect("composed");
        assert!(message.split(|byte| *byte == b'\n').all(|line| line.len() <= 998 + 1), "{name}: a line is too long");
        transport
            .deliver(&Parcel { return_path: None, recipient: "dana@kipp.example.org", message: &message })
            .expect("accepted");
        let received = server.received();
        assert_eq!(received.len(), number + 1, "{name}");
        assert_eq!(received[number].content, message, "{name}");
        let read = read_by_python(&message);
        // Nothing that looks like an encoded word, and no more than 250 characters.
        let mut shown: String = name.replace("=?", "= ?").chars().take(250).collect();
        if name.chars().count() > 250 {
            shown.push('…');
        }
        assert_eq!(read["to"], json!([[shown, "dana@kipp.example.org"]]));
        assert_eq!(read["subject"], json!(shown));
        let known = [
            "auto-submitted",
            "content-type",
            "date",
            "from",
            "message-id",
            "mime-version",
            "reply-to",
            "subject",
            "to",
        ];
        assert_eq!((&read["headers"], &read["count"]), (&json!(known), &json!(known.len())), "{name}");
        let arrived = read["text"].as_str().expect("a text").replace('\r', "");
        assert!(arrived.contains("\n.\nQUIT\n") && arrived.contains(&"x".repeat(998)), "{arrived}");
    }
}

#[test]
fn ten_thousand_recipients_are_ten_thousand_envelopes() {
    let outbox = Outbox::new(DatabaseKind::Sqlite);
    let emails: Vec<NewEmail> = (0..10_000).map(|number| new_email("all", &format!("r{number}@x.example"))).collect();
    let now = outbox.now();
    let began = std::time::Instant::now();
    let database = &outbox.app.operations.database;
    database
        .write(|tx| emails.iter().try_for_each(|email| enqueue(tx, email, now).map(drop)))
        .expect("one transaction");
    println!("10,000 e-mails are written down in {:?}", began.elapsed());
    let transport = Arc::new(MemoryTransport::new());
    let sender = outbox.sender(transport.clone());
    // Each is two commits that are forced to the disk; all of them only where the long tests are asked for.
    let wanted = if std::env::var("COOP_FAULT_EMAILS").is_ok() { 10_000 } else { 300 };
    let sent = (0..wanted).filter(|_| sender.work() == Worked::One).count();
    println!("... and {sent} sent in {:?}", began.elapsed());
    assert_eq!(outbox.count(EmailState::Accepted), wanted);
    let mut recipients: Vec<String> = transport.delivered().into_iter().map(|one| one.recipient).collect();
    recipients.sort_unstable();
    recipients.dedup();
    assert_eq!(recipients.len(), wanted);
}

#[test]
fn every_kind_of_email_has_a_sample_that_can_be_composed() {
    let made = samples::all("Shared Services Co-op", "https://coop.example.org");
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/mail/templates");
    let parts = ["email_layout.html", "email_parts.html"];
    let kinds = std::fs::read_dir(folder).expect("the templates").filter(|entry| {
        let name = entry.as_ref().expect("an entry").file_name().into_string().expect("a name");
        name.ends_with(".html") && !parts.contains(&name.as_str())
    });
    assert_eq!(made.len(), kinds.count(), "a new kind of e-mail needs a sample in src/mail/samples.rs");
    for sample in made {
        let rendered = sample.rendered.expect("rendered");
        let id = message_id(sample.name, "a@x.example", 1, "coop.example.org");
        compose(&rendered, &Envelope { message_id: id, ..envelope() }).expect("composed");
        assert!(!rendered.text.is_empty() && !sample.about.is_empty(), "{}", sample.name);
    }
}
