//! argon2id behind a turnstile: each hash takes 19 MiB, and a crowd at the door must not take the machine's memory.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::operations::OperationError;

/// Hashes that are worked on at once.
const AT_ONCE: usize = 2;
/// Those who wait beyond this number are asked to come back.
const WAITING_MAX: usize = 100;
/// What an account without a password is compared with, so that it costs the same work.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$Y28tb3Atc2NoZWR1bGVyLg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and compares passwords, a few at once.
#[derive(Debug, Default)]
pub struct PasswordWork {
    crowd: Mutex<Crowd>,
    left: Condvar,
    begun: AtomicU64,
}

#[derive(Debug, Default)]
struct Crowd {
    inside: usize,
    waiting: usize,
}

/// A place inside; given back when dropped.
struct Place<'a>(&'a PasswordWork);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.crowd.lock().unwrap_or_else(PoisonError::into_inner).inside -= 1;
        self.0.left.notify_one();
    }
}

impl PasswordWork {
    /// How many hashes were begun since the start.
    pub fn begun(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    /// The hash of a password, with a salt of its own.
    ///
    /// # Errors
    /// [`OperationError::Busy`] when too many wait.
    pub fn hash(&self, password: &str) -> Result<String, OperationError> {
        let _place = self.enter()?;
        let hash = argon2()?.hash_password(password.as_bytes()).map_err(broken)?;
        Ok(hash.to_string())
    }

    /// Whether a password is the one of a hash. Without a hash it is not, after the same work.
    ///
    /// # Errors
    /// [`OperationError::Busy`] when too many wait.
    pub fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, OperationError> {
        let _place = self.enter()?;
        let parsed = PasswordHash::new(hash.unwrap_or(NOBODY)).map_err(broken)?;
        let fits = argon2()?.verify_password(password.as_bytes(), &parsed).is_ok();
        Ok(fits && hash.is_some())
    }

    fn enter(&self) -> Result<Place<'_>, OperationError> {
        let mut crowd = self.crowd.lock().unwrap_or_else(PoisonError::into_inner);
        if crowd.waiting >= WAITING_MAX {
            return Err(OperationError::Busy);
        }
        crowd.waiting += 1;
        while crowd.inside >= AT_ONCE {
            crowd = self.left.wait(crowd).unwrap_or_else(PoisonError::into_inner);
        }
        crowd.waiting -= 1;
        crowd.inside += 1;
        self.begun.fetch_add(1, Ordering::Relaxed);
        Ok(Place(self))
    }
}

/// OWASP's minimum: 19 MiB, two passes, one lane.
fn argon2() -> Result<Argon2<'static>, OperationError> {
    let parameters = Params::new(19 * 1024, 2, 1, None).map_err(broken)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters))
}

fn broken(error: impl std::fmt::Display) -> OperationError {
    OperationError::internal(format!("a password could not be hashed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c23_a_long_password_is_compared_to_its_last_character() {
        let work = PasswordWork::default();
        let long = "ä".repeat(127);
        let hash = work.hash(&format!("{long}x")).expect("a hash");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(work.verify(&format!("{long}x"), Some(&hash)).expect("an answer"));
        assert!(!work.verify(&format!("{long}y"), Some(&hash)).expect("an answer"));
        assert!(!work.verify("anything", None).expect("the work is done for nobody too"));
        assert_eq!(work.begun(), 4);
    }
}
