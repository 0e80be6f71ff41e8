//! The signature of the domain (DKIM, RFC 6376; Ed25519 by RFC 8463): relaxed canonicalization of header and body.
//!
//! The same message and key give the same bytes: neither algorithm draws a random number and the signature holds no
//! time, so a message that is sent twice is still one message. lettre's own signer would bring the crate `rsa`, which
//! has a known leak by timing and no fix (RUSTSEC-2023-0071), and the present time; ring is what our TLS uses already.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use sha2::{Digest, Sha256};

/// Headers that are signed when they are there. Each is named once more than it occurs, so that none can be added.
const SIGNED: [&str; 10] = [
    "from",
    "to",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "auto-submitted",
    "list-unsubscribe",
];
/// How many characters of the signature stand on a line.
const LINE: usize = 68;

/// Signs messages for a domain.
pub struct Signer {
    selector: String,
    domain: String,
    key: Key,
}

enum Key {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Ed25519KeyPair),
}

/// Why a key cannot be used. Says nothing of its content.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum KeyError {
    /// Selector or domain is not a name of the DNS.
    #[error("\"{0}\" is not a name of the DNS")]
    Name(String),
    /// The file is not a private key in PEM.
    #[error(
        "the key is not a private key in PEM, as `openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048` writes it"
    )]
    Pem,
    /// The key is of another kind, or too short.
    #[error("the key is neither RSA of 2048 to 4096 bits nor Ed25519")]
    Kind,
}

impl Signer {
    /// A signer with a private key in PEM: PKCS#8, or PKCS#1 for RSA.
    pub fn new(selector: &str, domain: &str, pem: &str) -> Result<Signer, KeyError> {
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
        };
        if let Some(bad) = [selector, domain].into_iter().find(|name| !is_name(name)) {
            return Err(KeyError::Name(bad.to_owned()));
        }
        let (label, der) = unwrapped(pem).ok_or(KeyError::Pem)?;
        let rsa = |pair: RsaKeyPair| Key::Rsa(Box::new(pair));
        let key = match label.as_str() {
            "RSA PRIVATE KEY" => RsaKeyPair::from_der(&der).ok().map(rsa),
            "PRIVATE KEY" => {
                let ed25519 = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).ok().map(Key::Ed25519);
                ed25519.or_else(|| RsaKeyPair::from_pkcs8(&der).ok().map(rsa))
            }
            _ => return Err(KeyError::Pem),
        };
        Ok(Signer { selector: selector.to_owned(), domain: domain.to_owned(), key: key.ok_or(KeyError::Kind)? })
    }

    /// The message with its signature before it; none when it cannot be signed.
    pub fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let text = std::str::from_utf8(message).ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        let headers = headers(head);
        let mut names = Vec::new();
        let mut hashed = String::new();
        for name in SIGNED {
            // From the last one upwards, as the verifier takes them.
            for (_, value) in headers.iter().rev().filter(|(known, _)| known == name) {
                names.push(name);
                hashed.push_str(&format!("{name}:{value}\r\n"));
            }
            names.push(name);
        }
        let algorithm = match self.key {
            Key::Rsa(_) => "rsa-sha256",
            Key::Ed25519(_) => "ed25519-sha256",
        };
        let body_hash = STANDARD.encode(Sha256::digest(relaxed_body(body)));
        let fields = [
            format!("v=1; a={algorithm}; c=relaxed/relaxed; d={}; s={};", self.domain, self.selector),
            // A list may be broken after its colons.
            format!("h={};", names.join(":")),
            format!("bh={body_hash};"),
            "b=".to_owned(),
        ];
        hashed.push_str(&format!("dkim-signature:{}", fields.join(" ")));
        let signature = STANDARD.encode(self.signature(hashed.as_bytes())?);
        let lines: Vec<&str> =
            (0..signature.len()).step_by(LINE).map(|at| &signature[at..signature.len().min(at + LINE)]).collect();
        let written = format!("DKIM-Signature: {}{}\r\n", fields.join("\r\n "), lines.join("\r\n "));
        Some([written.as_bytes(), message].concat())
    }

    fn signature(&self, hashed: &[u8]) -> Option<Vec<u8>> {
        match &self.key {
            Key::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), hashed, &mut signature).ok()?;
                Some(signature)
            }
            Key::Ed25519(pair) => Some(pair.sign(&Sha256::digest(hashed)).as_ref().to_vec()),
        }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({}, {}, key <set>)", self.selector, self.domain)
    }
}

/// Names in small letters and values of a header, by the relaxed canonicalization (RFC 6376, section 3.4.2).
fn headers(head: &str) -> Vec<(String, String)> {
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let one = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.trim().to_ascii_lowercase(), value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")))
    };
    unfolded.split("\r\n").filter_map(one).collect()
}

/// The body by the relaxed canonicalization (RFC 6376, section 3.4.4).
fn relaxed_body(body: &str) -> String {
    let mut lines: Vec<String> = body.split("\r\n").map(relaxed_line).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.iter().flat_map(|line| [line.as_str(), "\r\n"]).collect()
}

/// Runs of blanks become one, and none stays at the end.
fn relaxed_line(line: &str) -> String {
    let mut relaxed = String::with_capacity(line.len());
    for letter in line.chars() {
        match letter {
            ' ' | '\t' if relaxed.ends_with(' ') => {}
            ' ' | '\t' => relaxed.push(' '),
            other => relaxed.push(other),
        }
    }
    relaxed.truncate(relaxed.trim_end_matches(' ').len());
    relaxed
}

/// The label and the bytes of the first block of a PEM file.
fn unwrapped(pem: &str) -> Option<(String, Vec<u8>)> {
    let (_, rest) = pem.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (inside, _) = rest.split_once("-----END ")?;
    let packed: String = inside.chars().filter(|letter| !letter.is_whitespace()).collect();
    Some((label.to_owned(), STANDARD.decode(packed).ok()?))
}
