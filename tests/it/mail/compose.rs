//! The bytes of a message.

use chrono::{DateTime, Utc};
use coop_scheduler::mail::compose::{ComposeError, Correspondent, Envelope, compose, message_id};
use coop_scheduler::mail::message::Rendered;
use proptest::prelude::*;

use super::messages::for_specialist;

pub(super) fn envelope() -> Envelope {
    let date: DateTime<Utc> = "2026-12-18T21:00:00Z".parse().expect("an instant");
    Envelope {
        from: Correspondent {
            name: Some("Shared Services Co-op".to_owned()),
            address: "schedule@coop.example.org".to_owned(),
        },
        reply_to: Some(Correspondent {
            name: Some("Rosalind Hayes".to_owned()),
            address: "rosalind@coop.example.org".to_owned(),
        }),
        to: Correspondent { name: Some("Dana Zoë Whitfield".to_owned()), address: "dana@kipp.example.org".to_owned() },
        message_id: message_id("plan-published/9", "dana@kipp.example.org", 1, "coop.example.org"),
        date,
    }
}

pub(super) fn composed() -> Vec<u8> {
    compose(&for_specialist().render().expect("rendered"), &envelope()).expect("composed")
}

pub(super) fn composed_with_text(text: &str) -> Vec<u8> {
    compose(&plain(text), &envelope()).expect("composed")
}

fn plain(text: &str) -> Rendered {
    Rendered {
        subject: "Your schedule".to_owned(),
        text: text.to_owned(),
        html: format!("<p>{text}</p>"),
        attachments: Vec::new(),
    }
}

#[test]
fn a_message_id_is_stable_and_differs_by_every_part() {
    let id = |event, recipient, version| message_id(event, recipient, version, "coop.example.org");
    // Computed by another program: SHA-256 over each part, its length before it as 8 bytes.
    let expected = "cd041a1988d33b205b8437cd064bc4dbec90ef2117aef45c4ad9fb7ea1bf5eec@coop.example.org";
    assert_eq!(id("plan-published/9", "dana@kipp.example.org", 1), expected);
    let others = [id("a", "bc", 1), id("ab", "c", 1), id("a", "bc", 2), id("a", "bc1", 1)];
    for (place, one) in others.iter().enumerate() {
        assert!(others[place + 1..].iter().all(|other| other != one));
    }
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let first = composed();
    assert_eq!(first, composed());
    let text = String::from_utf8(first).expect("ASCII");
    assert!(text.is_ascii());
    assert!(text.split("\r\n").all(|line| !line.contains(['\r', '\n'])), "a bare CR or LF");
    insta::assert_snapshot!("composed.eml", text.replace("\r\n", "\n"));
}

#[test]
fn a_line_break_in_any_header_source_is_refused() {
    for bad in ["x\r\nBcc: e@example.org", "x\ny", "x\ry", "x\0y"] {
        let name = |name: &str| Correspondent { name: Some(name.to_owned()), address: "a@example.org".to_owned() };
        let address = || Correspondent { name: None, address: format!("{bad}@example.org") };
        let refused = |content: &Rendered, envelope: &Envelope| {
            let error = compose(content, envelope).expect_err("refused");
            assert!(matches!(error, ComposeError::ControlCharacter(_)), "{error}");
        };
        refused(&Rendered { subject: bad.to_owned(), ..plain("Hi") }, &envelope());
        for change in [
            Envelope { from: name(bad), ..envelope() },
            Envelope { from: address(), ..envelope() },
            Envelope { to: name(bad), ..envelope() },
            Envelope { to: address(), ..envelope() },
            Envelope { reply_to: Some(name(bad)), ..envelope() },
            Envelope { message_id: bad.to_owned(), ..envelope() },
        ] {
            refused(&plain("Hi"), &change);
        }
        let mut content = for_specialist().render().expect("rendered");
        content.attachments[0].file_name = bad.to_owned();
        refused(&content, &envelope());
        content.attachments[0].file_name = "my-visits.ics".to_owned();
        content.attachments[0].content_type = bad.to_owned();
        refused(&content, &envelope());
    }
}

#[test]
fn an_address_that_is_not_one_is_refused() {
    let to = Correspondent { name: None, address: "nobody".to_owned() };
    assert_eq!(compose(&plain("Hi"), &Envelope { to, ..envelope() }), Err(ComposeError::Address("To")));
}

proptest! {
    /// Whatever the body holds: ASCII, whole CRLFs, short lines, and no boundary but our own.
    #[test]
    fn any_body_becomes_short_ascii_lines(text in "(?s).{0,400}|(\\.\r?\n|=_alternative_|--){0,40}") {
        let bytes = compose(&plain(&text), &envelope()).expect("composed");
        let written = String::from_utf8(bytes).expect("ASCII");
        prop_assert!(written.is_ascii());
        let body = written.split_once("\r\n\r\n").expect("a body").1;
        prop_assert!(body.split("\r\n").all(|line| line.len() <= 78 && !line.contains(['\r', '\n'])));
        let boundaries = body.split("\r\n").filter(|line| line.starts_with("--=_alternative_")).count();
        prop_assert_eq!(boundaries, 3);
    }
}
