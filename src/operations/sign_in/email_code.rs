//! Signing in by a code that is e-mailed. It is typed into the browser that asked and works in no other, so that a
//! scanner of links finds nothing to follow, and a code that somebody else asked for is worth nothing.
//!
//! An address without an account is answered in the same way: it has a code too, which nobody gets.

use chrono::TimeDelta;

use super::throttle::{self, Door};
use super::{Attempt, Caller, find_account, hash, new_secret, note, sessions};
use crate::db::sign_in_codes::SignInCode;
use crate::db::{self, WriteTx};
use crate::domain::account::Account;
use crate::domain::login_session::Means;
use crate::operations::{OperationError, Operations, accounts, notices};

/// A code works for so long.
const WORKS_FOR: TimeDelta = TimeDelta::minutes(10);
/// A code may be given so often before it is gone.
const TRIES_MAX: i64 = 5;

/// How asking for a code came out.
#[derive(Debug, Clone)]
pub enum Asked {
    /// If there is such an account, a code is on its way. The browser keeps this secret.
    Written(String),
    /// Too many were asked for; ask again after so many seconds.
    Wait(i64),
}

/// Eight digits; only their hash is kept.
fn new_code() -> String {
    format!("{:08}", rand::random_range(0..100_000_000_u32))
}

/// What is kept of a code. A change of the account, such as another address, makes the code useless.
fn code_hash(browser: &str, code: &str, account: Option<&Account>) -> String {
    hash(&format!("code\n{browser}\n{code}\n{}", account.map_or(0, |account| account.version)))
}

/// Has a code e-mailed to an address, if it belongs to an account.
///
/// # Errors
/// [`OperationError::NotFound`] when such codes are switched off.
pub fn ask(operations: &Operations, email: &str, caller: &Caller) -> Result<Asked, OperationError> {
    if !operations.settings.sign_in.email_codes {
        return Err(OperationError::NotFound);
    }
    let (now, email, browser, code) = (operations.now(), email.trim(), new_secret(), new_code());
    let expires_at = now + WORKS_FOR;
    operations.database.write(|tx| {
        let account = find_account(tx, email)?.filter(|account| !account.fields.disabled);
        let subjects = throttle::subjects(tx, Door::EmailCode, account.as_ref(), email, caller)?;
        if let Some(seconds) = throttle::admit(tx, &subjects, now)? {
            return Ok(Asked::Wait(seconds));
        }
        let code_sha256 = code_hash(&browser, &code, account.as_ref());
        let account_id = account.as_ref().map(|account| account.id);
        db::sign_in_codes::set(tx, &hash(&browser), &SignInCode { account_id, code_sha256, tries: 0, expires_at })?;
        note(tx, operations, account_id, "ask for a code")?;
        if let Some(account) = &account {
            let ctx = operations.context(accounts::actor(account.clone()));
            // Each code is an event of its own; its name tells nothing of the secret.
            let event = hash(&format!("event\n{browser}"));
            notices::sign_in_code(tx, &ctx, account, (&code, &event), expires_at)?;
        }
        Ok(Asked::Written(browser.clone()))
    })
}

/// Signs in with the code that was e-mailed to whom this browser asked for. A second factor still follows.
pub fn give(operations: &Operations, browser: &str, code: &str, caller: &Caller) -> Result<Attempt, OperationError> {
    let code: String = code.chars().filter(|one| !one.is_whitespace()).collect();
    operations.database.write(|tx| {
        let Some(account) = fitting(tx, operations, browser, &code)? else { return Ok(Attempt::Wrong) };
        db::sign_in_codes::forget(tx, &hash(browser))?;
        db::sign_in_codes::forget_of(tx, account.id)?;
        let subjects = throttle::subjects(tx, Door::EmailCode, Some(&account), &account.fields.email, caller)?;
        throttle::succeeded(tx, &subjects)?;
        let opened = sessions::open(tx, operations, &account, (Means::EmailCode, None), caller)?;
        note(tx, operations, Some(account.id), "sign in by e-mailed code")?;
        Ok(Attempt::Accepted(opened))
    })
}

/// The account that a code lets in; counts the try.
fn fitting(
    tx: &mut WriteTx,
    operations: &Operations,
    browser: &str,
    code: &str,
) -> Result<Option<Account>, OperationError> {
    let now = operations.now();
    let found = db::sign_in_codes::find(tx, &hash(browser))?;
    let Some(sent) = found.filter(|one| now < one.expires_at && one.tries < TRIES_MAX) else { return Ok(None) };
    let sent = SignInCode { tries: sent.tries + 1, ..sent };
    db::sign_in_codes::set(tx, &hash(browser), &sent)?;
    let account = match sent.account_id {
        Some(id) => db::accounts::find(tx, id)?.filter(|account| !account.fields.disabled),
        None => None,
    };
    // Hashes are compared, so that the time it takes tells nothing about the code.
    let fits = code_hash(browser, code, account.as_ref()) == sent.code_sha256;
    if fits && account.is_some() {
        return Ok(account);
    }
    note(tx, operations, sent.account_id, "refuse e-mailed code")?;
    Ok(None)
}
