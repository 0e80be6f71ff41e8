//! From rendered content to the bytes of one RFC 5322 message.
//!
//! The result is a pure function of its inputs. lettre would draw a random Message-ID, a random multipart boundary
//! and the present time; all three are given here, so that a second delivery after a lost reply carries the very
//! same bytes and can be recognized.

use chrono::{DateTime, Utc};
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment as AttachedPart, Body, Mailbox, Message, MultiPart, SinglePart};
use sha2::{Digest, Sha256};

use super::message::{Attachment, Rendered};

/// Longest subject or name, in characters.
const HEADER_CHARACTERS_MAX: usize = 250;

/// Who writes to whom, and the two facts that make the message recognizable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The co-op.
    pub from: Correspondent,
    /// Where an answer goes, when that is not `from`.
    pub reply_to: Option<Correspondent>,
    /// The one recipient.
    pub to: Correspondent,
    /// From [`message_id`], without angle brackets.
    pub message_id: String,
    /// When the event happened; whole seconds are kept.
    pub date: DateTime<Utc>,
}

/// A name and an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correspondent {
    /// The name shown, if any.
    pub name: Option<String>,
    /// The address, like `keisha@momentum.example.org`.
    pub address: String,
}

/// Why a message was not composed. Nothing of it may be sent.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ComposeError {
    /// A value for a header holds a line break, a NUL or another control character: it could forge a header.
    #[error("the {0} holds a line break or another control character")]
    ControlCharacter(&'static str),
    /// An address is not one.
    #[error("the address in {0} cannot be read")]
    Address(&'static str),
    /// The media type of an attachment cannot be read.
    #[error("the media type of an attachment cannot be read")]
    ContentType,
    /// A body could not be encoded, or a required header is missing.
    #[error("the message could not be encoded")]
    Encoding,
}

/// The stable Message-ID of one event for one recipient: hex SHA-256 of the parts, at the co-op's domain.
///
/// `version` counts the versions of the event (a plan published again has the next one). The parts are hashed with
/// their lengths, so that no two different lists of parts give the same text to hash.
pub fn message_id(event_key: &str, recipient: &str, version: i64, domain: &str) -> String {
    let mut hash = Sha256::new();
    for part in [event_key, recipient, &version.to_string()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    format!("{}@{domain}", hex(&hash.finalize()))
}

/// The bytes of the message: text and HTML as `multipart/alternative`, attachments beside them.
///
/// All bytes are ASCII, no line is longer than 78 octets except a header that cannot be folded, and every line ends
/// with CRLF, so that any SMTP server takes it unchanged.
pub fn compose(content: &Rendered, envelope: &Envelope) -> Result<Vec<u8>, ComposeError> {
    let boundary = |part: &str| format!("=_{part}_{}", &hex(&Sha256::digest(&envelope.message_id))[..24]);

    let alternative = MultiPart::alternative()
        .boundary(boundary("alternative"))
        .singlepart(text_part(&content.text, ContentType::TEXT_PLAIN)?)
        .singlepart(text_part(&content.html, ContentType::TEXT_HTML)?);
    let body = if content.attachments.is_empty() {
        alternative
    } else {
        let mut mixed = MultiPart::mixed().boundary(boundary("mixed")).multipart(alternative);
        for attachment in &content.attachments {
            mixed = mixed.singlepart(attachment_part(attachment)?);
        }
        mixed
    };

    let mut message = Message::builder()
        .message_id(Some(format!("<{}>", one_line("Message-ID", &envelope.message_id)?)))
        .date(envelope.date.into())
        .from(mailbox("From", &envelope.from)?)
        .to(mailbox("To", &envelope.to)?)
        .subject(header_text("Subject", &content.subject)?)
        // RFC 3834: keeps vacation replies and other robots from answering.
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
    if let Some(reply_to) = &envelope.reply_to {
        message = message.reply_to(mailbox("Reply-To", reply_to)?);
    }
    Ok(message.multipart(body).map_err(|_| ComposeError::Encoding)?.formatted())
}

/// Quoted-printable always: short lines, and a boundary that starts with `=_` can never occur inside.
fn text_part(body: &str, content_type: ContentType) -> Result<SinglePart, ComposeError> {
    let encoded = Body::new_with_encoding(body.to_owned(), ContentTransferEncoding::QuotedPrintable)
        .map_err(|_| ComposeError::Encoding)?;
    Ok(SinglePart::builder().header(content_type).body(encoded))
}

fn attachment_part(attachment: &Attachment) -> Result<SinglePart, ComposeError> {
    let file_name = one_line("name of an attachment", &attachment.file_name)?;
    let content_type = one_line("media type of an attachment", &attachment.content_type)?;
    let content_type = ContentType::parse(content_type).map_err(|_| ComposeError::ContentType)?;
    let encoded = Body::new_with_encoding(attachment.content.clone(), ContentTransferEncoding::Base64)
        .map_err(|_| ComposeError::Encoding)?;
    Ok(AttachedPart::new(file_name.to_owned()).body(encoded, content_type))
}

fn mailbox(header: &'static str, correspondent: &Correspondent) -> Result<Mailbox, ComposeError> {
    let name = correspondent.name.as_deref().map(|name| header_text(header, name)).transpose()?;
    let address = one_line(header, &correspondent.address)?.parse().map_err(|_| ComposeError::Address(header))?;
    Ok(Mailbox::new(name, address))
}

/// Lets a value through that cannot break out of its header.
fn one_line<'a>(header: &'static str, value: &'a str) -> Result<&'a str, ComposeError> {
    if value.contains(char::is_control) { Err(ComposeError::ControlCharacter(header)) } else { Ok(value) }
}

/// Text of a person for a header: one line, short enough that no line of the message grows beyond 998 octets, and
/// nothing in it that a reader would take for an encoded word (RFC 2047).
fn header_text(header: &'static str, value: &str) -> Result<String, ComposeError> {
    let plain = one_line(header, value)?.replace("=?", "= ?");
    let mut short: String = plain.chars().take(HEADER_CHARACTERS_MAX).collect();
    if short.len() < plain.len() {
        short.push('…');
    }
    Ok(short)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
