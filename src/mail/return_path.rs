//! The return path of one e-mail: an address that names the e-mail and that only we can make.
//!
//! `bounces+0190...c1d2@coop.example.org`: the name before the `+` and the host are settings, then 32 hexadecimal digits
//! of the e-mail's identity and 20 of a keyed hash over it (HMAC-SHA256, the first 80 bits). Whoever does not have the
//! key cannot name an e-mail, so a forged report changes nothing.

use std::fmt;

use ring::hmac;
use uuid::Uuid;

use crate::domain::ids::EmailId;

/// Length of the identity and of the hash, in hexadecimal digits.
const ID_DIGITS: usize = 32;
const HASH_DIGITS: usize = 20;
/// RFC 5321 section 4.5.3.1.1: what stands before the `@` has at most 64 octets.
const LOCAL_MAX: usize = 64;
/// A key must not be guessed.
const KEY_BYTES_MIN: usize = 32;

/// Makes and recognizes return paths.
#[derive(Clone)]
pub struct ReturnPaths {
    local: String,
    host: String,
    keys: Vec<hmac::Key>,
}

/// Why return paths cannot be made.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ReturnPathError {
    /// The address is not one, has a `+`, or a name that leaves no room.
    #[error(
        "\"{0}\" cannot be the address for bounces; write one like bounces@coop.example.org, with at most 11 letters before the @"
    )]
    Address(String),
    /// A key is too short.
    #[error("each line of the key file must hold at least 32 characters, such as the output of `openssl rand -hex 32`")]
    Key,
}

impl ReturnPaths {
    /// Return paths at this address. The first line of the keys signs, all of them are recognized, so that a key can be
    /// replaced while reports about earlier e-mails still come.
    pub fn new(address: &str, keys: &str) -> Result<ReturnPaths, ReturnPathError> {
        let refused = || ReturnPathError::Address(address.to_owned());
        let (local, host) = address.split_once('@').ok_or_else(refused)?;
        let fits = !local.is_empty() && !host.is_empty() && !local.contains('+');
        if !fits || !address.is_ascii() || local.len() + 1 + ID_DIGITS + HASH_DIGITS > LOCAL_MAX {
            return Err(refused());
        }
        let keys: Vec<&str> = keys.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        if keys.is_empty() || keys.iter().any(|key| key.len() < KEY_BYTES_MIN) {
            return Err(ReturnPathError::Key);
        }
        let keys = keys.iter().map(|key| hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes())).collect();
        Ok(ReturnPaths { local: local.to_owned(), host: host.to_owned(), keys })
    }

    /// The return path of an e-mail.
    pub fn of(&self, email: EmailId) -> String {
        let id = email.0.simple().to_string();
        let hash = self.keys.first().map(|key| hash(key, &id)).unwrap_or_default();
        format!("{}+{id}{hash}@{}", self.local, self.host)
    }

    /// The e-mail that an address names, if we made it. Servers on the way may have changed the case of letters.
    pub fn read(&self, address: &str) -> Option<EmailId> {
        let address = address.trim().trim_start_matches('<').trim_end_matches('>').to_ascii_lowercase();
        let (local, host) = address.rsplit_once('@')?;
        let (name, token) = local.split_once('+')?;
        let is_ours = name.eq_ignore_ascii_case(&self.local) && host.eq_ignore_ascii_case(&self.host);
        if !is_ours || token.len() != ID_DIGITS + HASH_DIGITS || !token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let (id, given) = token.split_at(ID_DIGITS);
        // Both hashes are of one length; how many digits fit tells nothing useful about 80 bits.
        let known = self.keys.iter().any(|key| same(&hash(key, id), given));
        if known { Uuid::parse_str(id).ok().map(EmailId) } else { None }
    }
}

fn hash(key: &hmac::Key, id: &str) -> String {
    let tag = hmac::sign(key, id.as_bytes());
    let digits: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    digits.chars().take(HASH_DIGITS).collect()
}

/// Compares without stopping at the first difference.
fn same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

impl fmt::Debug for ReturnPaths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReturnPaths({}+<signed>@{}, {} keys)", self.local, self.host, self.keys.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef0123456789abcdef";
    const OTHER: &str = "fedcba9876543210fedcba9876543210";

    fn paths(keys: &str) -> ReturnPaths {
        ReturnPaths::new("bounces@coop.example.org", keys).expect("good settings")
    }

    #[test]
    fn only_our_own_addresses_are_read() {
        let (paths, email) = (paths(KEY), EmailId::new());
        let address = paths.of(email);
        assert!(address.split_once('@').expect("a host").0.len() <= 64, "{address}");
        assert_eq!(paths.read(&address), Some(email));
        assert_eq!(paths.read(&format!("<{}>", address.to_ascii_uppercase())), Some(email));
        let (local, host) = address.split_once('@').expect("a host");
        let digit = if local.ends_with('0') { '1' } else { '0' };
        let changed = format!("{}{digit}@{host}", &local[..local.len() - 1]);
        let other_email = address.replacen(&email.0.simple().to_string(), &EmailId::new().0.simple().to_string(), 1);
        for forged in
            [changed, other_email, format!("{local}@example.org"), "bounces@coop.example.org".to_owned(), String::new()]
        {
            assert_eq!(paths.read(&forged), None, "{forged}");
        }
    }

    #[test]
    fn a_replaced_key_is_still_recognized_and_another_is_not() {
        let email = EmailId::new();
        let old = paths(KEY).of(email);
        assert_eq!(paths(&format!("{OTHER}\n{KEY}\n")).read(&old), Some(email));
        assert_ne!(paths(&format!("{OTHER}\n{KEY}\n")).of(email), old);
        assert_eq!(paths(OTHER).read(&old), None);
    }

    #[test]
    fn settings_that_would_not_work_are_refused_and_keys_do_not_show() {
        for address in
            ["", "bounces", "@x", "bounces@", "bounces+x@coop.example.org", "a-name-too-long@coop.example.org"]
        {
            assert!(ReturnPaths::new(address, KEY).is_err(), "{address}");
        }
        assert_eq!(ReturnPaths::new("bounces@coop.example.org", "short").err(), Some(ReturnPathError::Key));
        assert!(!format!("{:?}", paths(KEY)).contains(KEY));
    }
}
