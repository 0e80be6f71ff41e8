//! argon2id behind a turnstile: each hash takes 19 MiB, and a crowd at the door must not take the machine's memory.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

use argon2::password_hash::phc::{Output, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};

use crate::operations::OperationError;

/// Hashes that are worked on at once.
const AT_ONCE: usize = 2;
/// Those who wait beyond this number are asked to come back.
const WAITING_MAX: usize = 100;
/// What an account without a password is compared with, so that it costs the same work.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$Y28tb3Atc2NoZWR1bGVyLg$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and compares passwords, a few at once.
#[derive(Default)]
pub struct PasswordWork {
    crowd: Mutex<Crowd>,
    left: Condvar,
    begun: AtomicU64,
}

#[derive(Default)]
struct Crowd {
    inside: usize,
    waiting: usize,
    /// Memory of those who left. Given back to the allocator, each thread would keep its own.
    spare: Vec<Vec<Block>>,
}

/// A place inside with its memory; both are given back when dropped.
struct Place<'a> {
    work: &'a PasswordWork,
    blocks: Vec<Block>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut crowd = self.work.crowd.lock().unwrap_or_else(PoisonError::into_inner);
        crowd.inside -= 1;
        crowd.spare.push(std::mem::take(&mut self.blocks));
        drop(crowd);
        self.work.left.notify_one();
    }
}

impl Place<'_> {
    /// argon2id of a password.
    fn compute(&mut self, password: &str, salt: &[u8], parameters: Params) -> Result<Output, OperationError> {
        self.blocks.resize(parameters.block_count(), Block::default());
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters);
        let mut out = [0; 32];
        argon2
            .hash_password_into_with_memory(password.as_bytes(), salt, &mut out, self.blocks.as_mut_slice())
            .map_err(broken)?;
        Output::new(&out).map_err(broken)
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
        let (salt, parameters) = (Salt::generate(), parameters()?);
        let output = self.enter()?.compute(password, &salt, parameters.clone())?;
        let hash = PasswordHash {
            algorithm: ARGON2ID_IDENT,
            version: Some(Version::V0x13.into()),
            params: (&parameters).try_into().map_err(broken)?,
            salt: Some(salt),
            hash: Some(output),
        };
        Ok(hash.to_string())
    }

    /// Whether a password is the one of a hash. Without a hash it is not, after the same work.
    ///
    /// # Errors
    /// [`OperationError::Busy`] when too many wait.
    pub fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, OperationError> {
        let parsed = PasswordHash::new(hash.unwrap_or(NOBODY)).map_err(broken)?;
        let parameters = Params::try_from(&parsed).map_err(broken)?;
        let salt = parsed.salt.ok_or_else(|| broken("no salt"))?;
        let output = self.enter()?.compute(password, &salt, parameters)?;
        // Outputs are compared in the same time whatever they are.
        Ok(parsed.hash == Some(output) && hash.is_some())
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
        Ok(Place { work: self, blocks: crowd.spare.pop().unwrap_or_default() })
    }
}

/// OWASP's minimum: 19 MiB, two passes, one lane.
fn parameters() -> Result<Params, OperationError> {
    Params::new(19 * 1024, 2, 1, None).map_err(broken)
}

fn broken(error: impl std::fmt::Display) -> OperationError {
    OperationError::internal(format!("a password could not be hashed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c40_hashes_are_those_of_the_standard_and_memory_is_used_again() {
        use argon2::PasswordVerifier;
        let work = PasswordWork::default();
        for password in ["lamp otter violin", "größe 木 otter lampe"] {
            let hash = work.hash(password).expect("a hash");
            let parsed = PasswordHash::new(&hash).expect("a PHC string");
            assert!(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok(), "{hash}");
            assert!(work.verify(password, Some(&hash)).expect("an answer"));
        }
        assert_eq!(work.crowd.lock().expect("no panic").spare.len(), 1, "one after another used the same memory");
    }

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
