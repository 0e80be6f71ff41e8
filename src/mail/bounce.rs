//! Reading what comes back: reports of delivery by RFC 3464, and nothing else.
//!
//! A report counts by its machine-readable part only. What a person or a vacation robot wrote, a report without that
//! part, one that says "delivered": none of them is a bounce.

/// What a returned message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// Delivery failed for good (`Action: failed`, status 5.x.x), in the words of the mail system.
    Failed(String),
    /// Passing trouble (`Action: delayed`, or failed with 4.x.x), in the words of the mail system.
    Delayed(String),
    /// Not a report of trouble; why, in a sentence.
    Nothing(&'static str),
}

/// Longer messages are not read: the part that counts stands in front.
const BYTES_MAX: usize = 1_048_576;
/// How much of the mail system's words is kept, in characters.
const WORDS_MAX: usize = 500;

/// The addresses to which a message was delivered here, as the mail system wrote them down.
pub fn delivered_to(message: &str) -> Vec<String> {
    let headers = headers(head(message));
    let names = ["delivered-to", "x-original-to", "envelope-to", "to"];
    let found = |name: &&str| values(&headers, name).map(address_of).collect::<Vec<_>>();
    names.iter().flat_map(found).collect()
}

/// Reads a returned message.
pub fn read(message: &str) -> Report {
    let message = &message[..message.floor_char_boundary(BYTES_MAX)];
    let top = headers(head(message));
    let content_type = values(&top, "content-type").next().unwrap_or_default().to_ascii_lowercase();
    if !content_type.trim_start().starts_with("multipart/report") || !content_type.contains("delivery-status") {
        return Report::Nothing("It is not a report of delivery (RFC 3464); a person or a robot wrote it");
    }
    let Some(status) = delivery_status(message) else {
        return Report::Nothing("The report has no part that a program can read");
    };
    // The first block is about the message, each further one about a recipient; ours have one recipient.
    let recipients: Vec<Headers> = blocks(&status).into_iter().filter(|block| has(block, "action")).collect();
    let words = |block: &Headers| {
        let said = values(block, "diagnostic-code").chain(values(block, "status")).next().unwrap_or_default();
        said.chars().filter(|letter| !letter.is_control()).take(WORDS_MAX).collect::<String>()
    };
    for block in &recipients {
        let action = values(block, "action").next().unwrap_or_default().trim().to_ascii_lowercase();
        let status = values(block, "status").next().unwrap_or_default().trim().to_owned();
        match (action.as_str(), status.split('.').next()) {
            ("failed", Some("5")) => return Report::Failed(words(block)),
            ("failed", Some("4")) | ("delayed", _) => return Report::Delayed(words(block)),
            _ => {}
        }
    }
    Report::Nothing("The report says of nobody that delivery failed or was delayed")
}

type Headers = Vec<(String, String)>;

/// The header of a message or part, up to the first empty line.
fn head(text: &str) -> &str {
    let ends = ["\r\n\r\n", "\n\n"].iter().filter_map(|gap| text.find(gap)).min();
    &text[..ends.unwrap_or(text.len())]
}

/// Lines of a header, unfolded, with names in small letters.
fn headers(text: &str) -> Headers {
    let mut found: Headers = Vec::new();
    for line in text.lines() {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = found.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            found.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    found
}

fn values<'a>(headers: &'a Headers, name: &str) -> impl Iterator<Item = &'a str> {
    let name = name.to_owned();
    headers.iter().filter(move |(known, _)| *known == name).map(|(_, value)| value.as_str())
}

fn has(headers: &Headers, name: &str) -> bool {
    values(headers, name).next().is_some()
}

/// The body of the first part `message/delivery-status`.
fn delivery_status(message: &str) -> Option<String> {
    let lines: Vec<&str> = message.lines().collect();
    let begins = lines.iter().enumerate().skip(1).find(|(_, line)| {
        let line = line.to_ascii_lowercase();
        line.starts_with("content-type:") && line.contains("message/delivery-status")
    })?;
    // Back to the boundary above, so that the end of the part is known.
    let boundary = lines[..begins.0].iter().rev().find(|line| line.starts_with("--"))?.trim_end();
    let body = lines[begins.0..].iter().skip_while(|line| !line.trim().is_empty()).skip(1);
    Some(body.take_while(|line| !line.starts_with(boundary)).copied().collect::<Vec<_>>().join("\n"))
}

/// The blocks of a delivery status, divided by empty lines.
fn blocks(status: &str) -> Vec<Headers> {
    status.split("\n\n").map(headers).filter(|block| !block.is_empty()).collect()
}

/// `a@b` out of `"A" <a@b>` or ` a@b `.
fn address_of(value: &str) -> String {
    let inside = value.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(address, _)| address);
    inside.unwrap_or(value).trim().to_owned()
}
