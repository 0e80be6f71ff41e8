//! The second factor: six digits that change every 30 seconds (RFC 6238), and recovery codes for a lost phone.

use chrono::{DateTime, Utc};
use totp_rs::{Builder, Secret, Totp};

use super::sessions::{self, Next};
use super::throttle::{self, Subject};
use super::{Attempt, Caller, Opened, hash, note, tell};
use crate::db::second_factors::SecondFactor;
use crate::db::{self, WriteTx};
use crate::domain::account::Account;
use crate::domain::login_session::LoginSession;
use crate::mail::message::SignInChange;
use crate::operations::{OperationError, Operations};

/// Recovery codes that are made at once.
const RECOVERY_CODES: usize = 10;

/// What an authenticator app is told.
#[derive(Debug, Clone)]
pub struct SetUp {
    /// The secret in groups of four.
    pub secret: String,
    /// The same as a link that apps open.
    pub link: String,
}

/// How a code came out.
#[derive(Debug, Clone)]
pub enum Confirmed {
    /// It is set up. The codes are shown once, the session goes on under a new secret.
    Done(Opened, Vec<String>),
    /// The code did not fit.
    Wrong,
    /// Too many tries.
    Wait(i64),
}

fn totp(secret: &str, issuer: &str, name: &str) -> Result<Totp, OperationError> {
    let secret = Secret::try_from_base32(secret).map_err(broken)?;
    let plain = |text: &str| text.replace(':', " ");
    let builder = Builder::new().with_secret(secret).with_issuer(Some(plain(issuer))).with_account_name(plain(name));
    builder.build().map_err(broken)
}

fn broken(error: impl std::fmt::Display) -> OperationError {
    OperationError::internal(format!("a second factor could not be used: {error}"))
}

/// The time step of a code that fits now and was not used before: each works once.
fn step_of(secret: &str, last_step: i64, code: &str, now: DateTime<Utc>) -> Result<Option<i64>, OperationError> {
    let code: String = code.chars().filter(|one| !one.is_whitespace()).collect();
    let digits = code.len() == 6 && code.bytes().all(|one| one.is_ascii_digit());
    let step = totp(secret, "", "account")?.check(&code, now.timestamp().unsigned_abs());
    Ok(step.filter(|_| digits).and_then(|step| i64::try_from(step).ok()).filter(|step| *step > last_step))
}

/// Whether a code of the app or a recovery code fits; it is used up by that.
pub(super) fn uses_up(
    tx: &mut WriteTx,
    operations: &Operations,
    account: &Account,
    code: &str,
    now: DateTime<Utc>,
) -> Result<bool, OperationError> {
    let factor = db::second_factors::find(tx, account.id)?;
    let Some(secret) = &factor.secret else { return Ok(false) };
    if let Some(last_step) = step_of(secret, factor.last_step, code, now)? {
        db::second_factors::set(tx, account.id, &SecondFactor { last_step, ..factor })?;
        return Ok(true);
    }
    let is_used = db::second_factors::use_recovery_code(tx, account.id, &recovery_hash(account, code))?;
    if is_used {
        note(tx, operations, Some(account.id), "use recovery code")?;
        tell(tx, operations, account, SignInChange::RecoveryCode)?;
    }
    Ok(is_used)
}

fn recovery_hash(account: &Account, code: &str) -> String {
    let code: String = code.chars().filter(char::is_ascii_alphanumeric).map(|one| one.to_ascii_lowercase()).collect();
    hash(&format!("recovery\n{}\n{code}", account.id))
}

/// Completes a sign-in with a code. The session gets a new secret.
pub fn give_code(
    operations: &Operations,
    secret: &str,
    code: &str,
    caller: &Caller,
) -> Result<Attempt, OperationError> {
    let now = operations.now();
    operations.database.write(|tx| {
        let (session, account, next) = owner(tx, operations, secret, now)?;
        if next != Next::Code {
            return Ok(Attempt::Wrong);
        }
        let subjects = [Subject::codes(&account)];
        if let Some(seconds) = throttle::admit(tx, &subjects, now)? {
            note(tx, operations, Some(account.id), "refuse code")?;
            return Ok(Attempt::Wait(seconds));
        }
        if !uses_up(tx, operations, &account, code, now)? {
            note(tx, operations, Some(account.id), "refuse code")?;
            return Ok(Attempt::Wrong);
        }
        throttle::succeeded(tx, &subjects)?;
        db::sessions::end(tx, account.id, session.id)?;
        note(tx, operations, Some(account.id), "give code")?;
        let proofs = (session.began_with, Some(now));
        Ok(Attempt::Accepted(sessions::open(tx, operations, &account, proofs, caller)?))
    })
}

/// Begins to set a second factor up, instead of one that was begun before. One in use stays until the new one works.
///
/// # Errors
/// [`OperationError::ProofRequired`] when the last proof is too old.
pub fn begin(operations: &Operations, secret: &str) -> Result<(), OperationError> {
    let now = operations.now();
    operations.database.write(|tx| {
        let (session, account, next) = owner(tx, operations, secret, now)?;
        may_set_up(&session, next, now)?;
        let factor = db::second_factors::find(tx, account.id)?;
        let waiting_secret = Some(Secret::generate().to_base32());
        db::second_factors::set(tx, account.id, &SecondFactor { waiting_secret, ..factor })?;
        Ok(())
    })
}

/// What the app is to be told, once begun.
pub fn set_up(operations: &Operations, secret: &str) -> Result<Option<SetUp>, OperationError> {
    let now = operations.now();
    operations.database.read(|tx| {
        let Some((session, account, next)) = sessions::alive(tx, operations, secret, now)? else {
            return Err(OperationError::SignInRequired);
        };
        may_set_up(&session, next, now)?;
        let Some(waiting) = db::second_factors::find(tx, account.id)?.waiting_secret else { return Ok(None) };
        let link = totp(&waiting, &operations.settings.coop_name, &account.fields.email)?.to_url().map_err(broken)?;
        let groups: Vec<String> =
            waiting.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
        Ok(Some(SetUp { secret: groups.join(" "), link: link.to_string() }))
    })
}

/// Puts the second factor in use with a first code, and gives recovery codes. Every other session ends.
pub fn confirm(
    operations: &Operations,
    secret: &str,
    code: &str,
    caller: &Caller,
) -> Result<Confirmed, OperationError> {
    let now = operations.now();
    operations.database.write(|tx| {
        let (session, account, next) = owner(tx, operations, secret, now)?;
        may_set_up(&session, next, now)?;
        let Some(waiting) = db::second_factors::find(tx, account.id)?.waiting_secret else {
            return Ok(Confirmed::Wrong);
        };
        let subjects = [Subject::codes(&account)];
        if let Some(seconds) = throttle::admit(tx, &subjects, now)? {
            return Ok(Confirmed::Wait(seconds));
        }
        let Some(last_step) = step_of(&waiting, 0, code, now)? else { return Ok(Confirmed::Wrong) };
        throttle::succeeded(tx, &subjects)?;
        let factor = SecondFactor { secret: Some(waiting), waiting_secret: None, last_step };
        db::second_factors::set(tx, account.id, &factor)?;
        let codes = new_recovery_codes(tx, &account)?;
        db::sessions::end_all(tx, account.id)?;
        note(tx, operations, Some(account.id), "set up second factor")?;
        tell(tx, operations, &account, SignInChange::SecondFactor)?;
        let proofs = (session.began_with, Some(now));
        Ok(Confirmed::Done(sessions::open(tx, operations, &account, proofs, caller)?, codes))
    })
}

/// Ten codes of 80 bits each; only their hashes are kept.
fn new_recovery_codes(tx: &mut WriteTx, account: &Account) -> Result<Vec<String>, OperationError> {
    let code = || {
        let digits: String = rand::random::<[u8; 10]>().iter().map(|byte| format!("{byte:02x}")).collect();
        [&digits[..5], &digits[5..10], &digits[10..15], &digits[15..]].join("-")
    };
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| code()).collect();
    let hashes: Vec<String> = codes.iter().map(|code| recovery_hash(account, code)).collect();
    db::second_factors::set_recovery_codes(tx, account.id, &hashes)?;
    Ok(codes)
}

/// The owner of a session that works, whatever must still come.
pub(super) fn owner(
    tx: &mut WriteTx,
    operations: &Operations,
    secret: &str,
    now: DateTime<Utc>,
) -> Result<(LoginSession, Account, Next), OperationError> {
    sessions::alive(tx, operations, secret, now)?.ok_or(OperationError::SignInRequired)
}

/// Who still has to give a code of the present factor cannot replace it.
fn may_set_up(session: &LoginSession, next: Next, now: DateTime<Utc>) -> Result<(), OperationError> {
    match next {
        Next::Code => Err(OperationError::SignInRequired),
        _ if !session.is_proven(now) => Err(OperationError::ProofRequired),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c27_codes_are_those_of_rfc_6238_and_each_works_once() {
        // "12345678901234567890", the secret of the RFC's appendix B; six of its eight digits.
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924")] {
            let now = DateTime::from_timestamp(seconds, 0).expect("a time");
            let step = step_of(secret, 0, code, now).expect("an answer").expect("the code fits");
            assert_eq!(step, seconds / 30);
            assert_eq!(step_of(secret, step, code, now).expect("an answer"), None, "used");
            for bad in ["", "28708", "2870822", "００５９２４", "abcdef", "+05924"] {
                assert_eq!(step_of(secret, 0, bad, now).expect("an answer"), None, "{bad}");
            }
            let later = now + chrono::TimeDelta::seconds(90);
            assert_eq!(step_of(secret, 0, code, later).expect("an answer"), None, "too late");
        }
    }
}
