//! Signatures, checked by dkimpy, which others wrote.

use std::fs;
use std::process::Command;
use std::sync::Arc;

use coop_scheduler::mail::dkim::{KeyError, Signer};
use coop_scheduler::mail::transport::{MemoryTransport, Parcel, SigningTransport, Transport};
use proptest::prelude::*;

use super::compose::{composed, composed_with_text};
use crate::support::smtp::python;

/// A key made by OpenSSL, and the record of the DNS that belongs to it.
struct Pair {
    pem: String,
    record: String,
}

fn openssl(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("openssl").args(arguments).output().expect("openssl");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn pair(kind: &str) -> Pair {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key.pem");
    let key = path.to_str().expect("a path");
    match kind {
        "ed25519" => openssl(&["genpkey", "-algorithm", "ed25519", "-out", key]),
        "pkcs1" => openssl(&["genrsa", "-traditional", "-out", key, "2048"]),
        _ => openssl(&["genpkey", "-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key]),
    };
    let public = openssl(&["pkey", "-in", key, "-pubout", "-outform", "DER"]);
    // RFC 8463: of an Ed25519 key the record holds the 32 bytes alone.
    let (name, bytes) =
        if kind == "ed25519" { ("ed25519", &public[public.len() - 32..]) } else { ("rsa", &public[..]) };
    let packed = base64(bytes);
    Pair { pem: fs::read_to_string(&path).expect("the key"), record: format!("v=DKIM1; k={name}; p={packed}") }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = chunk.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            text.push(char::from(LETTERS[(number >> (18 - 6 * place) & 63) as usize]));
        }
        text.push_str(&"=".repeat(3 - chunk.len()));
    }
    text
}

/// Whether dkimpy takes the signature.
fn verifies(message: &[u8], record: &str) -> bool {
    let script = "import sys, dkim\n\
        record = sys.argv[1].encode()\n\
        print(dkim.verify(open(sys.argv[2], 'rb').read(), dnsfunc=lambda name, timeout=5: record if name == b'co-op._domainkey.coop.example.org.' else b''))";
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), message).expect("written");
    let output = Command::new(python()).args(["-c", script, record]).arg(file.path()).output().expect("python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim() == "True"
}

fn signer(pair: &Pair) -> Signer {
    Signer::new("co-op", "coop.example.org", &pair.pem).expect("a key")
}

#[test]
fn another_program_takes_our_signatures() {
    for kind in ["rsa", "pkcs1", "ed25519"] {
        let pair = pair(kind);
        let signed = signer(&pair).sign(&composed()).expect("signed");
        assert!(verifies(&signed, &pair.record), "{kind}: {}", String::from_utf8_lossy(&signed));
        assert_eq!(signed, signer(&pair).sign(&composed()).expect("signed"), "{kind}: the same bytes each time");
        assert!(signed.ends_with(&composed()), "what was composed is not changed");
        assert!(signed.split(|byte| *byte == b'\n').all(|line| line.len() < 200), "{kind}");
    }
}

#[test]
fn a_changed_or_added_header_and_a_changed_body_are_found() {
    let pair = pair("ed25519");
    let signed = String::from_utf8(signer(&pair).sign(&composed()).expect("signed")).expect("ASCII");
    let subject = signed.lines().find(|line| line.starts_with("Subject: ")).expect("a subject");
    for changed in [
        signed.replacen(subject, "Subject: Send money", 1),
        signed.replacen("\r\nFrom: ", "\r\nFrom: Somebody <x@example.com>\r\nFrom: ", 1),
        signed.replacen("\r\nSubject: ", "\r\nSubject: Another\r\nSubject: ", 1),
        signed.replacen("Fox Park", "Fox Perk", 1),
    ] {
        assert_ne!(changed, signed);
        assert!(!verifies(changed.as_bytes(), &pair.record));
    }
}

#[test]
fn the_signature_leaves_with_the_message() {
    let memory = Arc::new(MemoryTransport::new());
    let transport = SigningTransport::new(memory.clone(), signer(&pair("ed25519")));
    let message = composed();
    transport.deliver(&Parcel { return_path: None, recipient: "a@x.example", message: &message }).expect("taken");
    assert!(memory.delivered()[0].message.starts_with(b"DKIM-Signature: v=1; a=ed25519-sha256;"));
}

#[test]
fn a_key_that_is_none_is_refused_without_a_word_of_it() {
    let refused = |pem: &str| Signer::new("co-op", "coop.example.org", pem).err();
    assert_eq!(refused("secret"), Some(KeyError::Pem));
    assert_eq!(refused("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"), Some(KeyError::Kind));
    let pair = pair("ed25519");
    assert_eq!(Signer::new("a b", "x", &pair.pem).err(), Some(KeyError::Name("a b".to_owned())));
    let shown = format!("{:?}", signer(&pair));
    assert!(!pair.pem.lines().filter(|line| !line.starts_with('-')).any(|line| shown.contains(line)), "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    /// Blanks and empty lines are where canonicalizations go wrong.
    #[test]
    fn any_body_keeps_its_signature(text in "([ \t]|\r?\n|\\.|[a-zé]){0,60}") {
        thread_local!(static PAIR: Pair = pair("ed25519"));
        let message = composed_with_text(&text);
        let (signed, record) = PAIR.with(|pair| (signer(pair).sign(&message).expect("signed"), pair.record.clone()));
        prop_assert!(verifies(&signed, &record), "{text:?}");
    }
}
