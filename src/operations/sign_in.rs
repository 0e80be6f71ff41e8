//! Signing in to the pages: password, second factor, sessions, invitations.
//!
//! Whoever tries must not learn whether an account exists: a known and an unknown address take the same steps, cost the
//! same work and get the same answers. Hashing happens outside of transactions.

pub mod email_code;
mod hashing;
pub mod invitations;
pub mod openid;
pub mod own_account;
pub mod resets;
pub mod second_factor;
pub mod sessions;
mod throttle;

use std::net::IpAddr;

use sha2::{Digest, Sha256};

pub use hashing::PasswordWork;

use super::audit::note_sign_in as note;
use super::error::OperationError;
use super::runner::Operations;
use super::{accounts, notices};
use crate::db::{self, ReadTx, WriteTx};
use crate::domain::account::Account;
use crate::domain::login_session::Means;
use crate::domain::password;
use crate::mail::message::SignInChange;
use throttle::{Door, Subject};

/// Limits of signing in.
#[derive(Debug, Clone, Copy)]
pub struct SignInSettings {
    /// A session ends when it was not used for so many minutes.
    pub idle_minutes: i64,
    /// A session of the office or of finance ends after so many hours.
    pub office_hours_max: i64,
    /// Any other session ends after so many hours.
    pub hours_max: i64,
    /// An invitation works for so many hours.
    pub invitation_hours: i64,
    /// Whether people can sign in by a code that is e-mailed to them.
    pub email_codes: bool,
}

/// From where somebody tries.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// The network address.
    pub address: Option<IpAddr>,
    /// The browser and system in words.
    pub agent: String,
    /// The secret of a device that signed in before.
    pub device: Option<String>,
}

/// A session that has just begun; its secrets are shown once.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The secret of the session.
    pub secret: String,
    /// The secret by which the device is known from now on.
    pub device: Option<String>,
}

/// How a try ended.
#[derive(Debug, Clone)]
pub enum Attempt {
    /// It was the person.
    Accepted(Opened),
    /// It was not, or there is no such person.
    Wrong,
    /// Too many tries: not looked at. Try again after so many seconds.
    Wait(i64),
}

/// 256 bits from the operating system's generator.
pub(super) fn new_secret() -> String {
    rand::random::<[u8; 32]>().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What is kept of a secret.
pub(super) fn hash(secret: &str) -> String {
    Sha256::digest(secret.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Tells the owner of an account what changed about signing in.
fn tell(
    tx: &mut WriteTx,
    operations: &Operations,
    account: &Account,
    change: SignInChange,
) -> Result<(), OperationError> {
    let ctx = operations.context(accounts::actor(account.clone()));
    notices::sign_in_changed(tx, &ctx, account, change)
}

/// The account behind an address, however its letters were typed.
fn find_account(tx: &mut ReadTx, email: &str) -> Result<Option<Account>, OperationError> {
    match db::accounts::find_by_email(tx, email)? {
        Some(account) => Ok(Some(account)),
        None => Ok(db::accounts::find_by_email(tx, &email.to_lowercase())?),
    }
}

/// What a try is counted under.
struct Admitted {
    account: Option<Account>,
    hash: Option<String>,
    subjects: Vec<Subject>,
}

/// Signs in with a password.
///
/// # Errors
/// Only when something is broken or overloaded; a wrong password is an [`Attempt`].
pub fn sign_in(
    operations: &Operations,
    email: &str,
    password: &str,
    caller: &Caller,
) -> Result<Attempt, OperationError> {
    let (now, email) = (operations.now(), email.trim());
    let admitted = operations.database.write(|tx| {
        let account = find_account(tx, email)?.filter(|account| !account.fields.disabled);
        let subjects = throttle::subjects(tx, Door::Password, account.as_ref(), email, caller)?;
        if let Some(seconds) = throttle::admit(tx, &subjects, now)? {
            // Not written down: anybody could fill the trail with it, and the failures before it are there.
            return Ok(Err(seconds));
        }
        let hash = match &account {
            Some(account) => db::sign_in::password_hash(tx, account.id)?,
            None => None,
        };
        Ok::<_, OperationError>(Ok(Admitted { account, hash, subjects }))
    })?;
    let admitted = match admitted {
        Ok(admitted) => admitted,
        Err(seconds) => return Ok(Attempt::Wait(seconds)),
    };
    let fits = operations.password_work.verify(&password::normalized(password), admitted.hash.as_deref())?;
    operations.database.write(|tx| {
        let known = admitted.account.as_ref();
        let still = match known.filter(|_| fits) {
            Some(account) if db::sign_in::password_hash(tx, account.id)? == admitted.hash => {
                db::accounts::find(tx, account.id)?.filter(|account| !account.fields.disabled)
            }
            _ => None,
        };
        let Some(account) = still else {
            note(tx, operations, known.map(|account| account.id), "refuse sign-in")?;
            return Ok(Attempt::Wrong);
        };
        throttle::succeeded(tx, &admitted.subjects)?;
        let opened = sessions::open(tx, operations, &account, (Means::Password, None), caller)?;
        note(tx, operations, Some(account.id), "sign in")?;
        Ok(Attempt::Accepted(opened))
    })
}
