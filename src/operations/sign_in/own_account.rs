//! What people do with their own account: see and end sessions, change the password, prove again who they are.

use super::second_factor::{owner, uses_up};
use super::sessions::{self, Next, SignedIn};
use super::throttle::{self, Subject};
use super::{Attempt, Caller, note, tell};
use crate::db;
use crate::domain::fault::Fault;
use crate::domain::ids::LoginSessionId;
use crate::domain::login_session::{LoginSession, Means};
use crate::domain::password;
use crate::mail::message::SignInChange;
use crate::operations::error::no_faults;
use crate::operations::{OperationError, Operations};

/// What the page of the own account shows.
#[derive(Debug, Clone)]
pub struct OwnAccount {
    /// All sessions, the oldest first.
    pub sessions: Vec<LoginSession>,
    /// Whether a second factor is in use.
    pub has_second_factor: bool,
    /// Recovery codes that are left.
    pub recovery_codes: i64,
}

/// Everything about the own account.
pub fn get(operations: &Operations, signed_in: &SignedIn) -> Result<OwnAccount, OperationError> {
    let id = signed_in.actor.account_id;
    operations.database.read(|tx| {
        Ok(OwnAccount {
            sessions: db::sessions::list(tx, id)?,
            has_second_factor: db::second_factors::find(tx, id)?.secret.is_some(),
            recovery_codes: db::second_factors::recovery_codes_left(tx, id)?,
        })
    })
}

/// Ends one of the own sessions.
pub fn end_session(operations: &Operations, signed_in: &SignedIn, id: LoginSessionId) -> Result<(), OperationError> {
    let account = signed_in.actor.account_id;
    operations.database.write(|tx| {
        if !db::sessions::end(tx, account, id)? {
            return Err(OperationError::NotFound);
        }
        note(tx, operations, Some(account), "end session")
    })
}

/// Changes the own password. Every session ends; the one that asked goes on under a new secret. The present password is
/// not asked for while the session may do without ([`LoginSession::may_replace_password`]).
///
/// # Errors
/// [`OperationError::Invalid`] when the new password is not accepted.
pub fn change_password(
    operations: &Operations,
    secret: &str,
    (present, new): (&str, &str),
    caller: &Caller,
) -> Result<Attempt, OperationError> {
    let now = operations.now();
    let admitted = operations.database.write(|tx| {
        let (session, account, next) = owner(tx, operations, secret, now)?;
        if next != Next::Nothing {
            return Err(OperationError::SignInRequired);
        }
        let has_factor = db::second_factors::find(tx, account.id)?.secret.is_some();
        let fields = &account.fields;
        let about = [fields.name.as_str(), fields.email.as_str(), operations.settings.coop_name.as_str()];
        let fault = password::check(new, has_factor, &about).err().map(|message| Fault::at("/new", message));
        no_faults(fault.into_iter().collect())?;
        let subjects = vec![Subject::codes(&account)];
        if let Some(seconds) = throttle::admit(tx, &subjects, now)? {
            return Ok(Err(seconds));
        }
        let before = db::sign_in::password_hash(tx, account.id)?;
        Ok(Ok((before, subjects, session.may_replace_password(now))))
    })?;
    let (before, subjects, may_replace) = match admitted {
        Ok(admitted) => admitted,
        Err(seconds) => return Ok(Attempt::Wait(seconds)),
    };
    if !may_replace && !operations.password_work.verify(&password::normalized(present), before.as_deref())? {
        let account = operations.origin.account();
        operations.database.write(|tx| note(tx, operations, account, "refuse proof"))?;
        return Ok(Attempt::Wrong);
    }
    let hash = operations.password_work.hash(&password::normalized(new))?;
    operations.database.write(|tx| {
        let (session, account, _) = owner(tx, operations, secret, now)?;
        throttle::succeeded(tx, &subjects)?;
        db::sign_in::set_password(tx, account.id, &hash, now)?;
        db::sign_in::forget_invitation(tx, account.id)?;
        db::sessions::end_all(tx, account.id)?;
        note(tx, operations, Some(account.id), "change password")?;
        tell(tx, operations, &account, SignInChange::Password)?;
        let proofs = (Means::Password, session.second_factor_at);
        Ok(Attempt::Accepted(sessions::open(tx, operations, &account, proofs, caller)?))
    })
}

/// How proving again came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// It was the person.
    Accepted,
    /// It was not.
    Wrong,
    /// Too many tries; try again after so many seconds.
    Wait(i64),
}

/// Proves again who it is: with the password, or with a code where there is a second factor.
pub fn prove(operations: &Operations, secret: &str, given: &str) -> Result<Proof, OperationError> {
    let now = operations.now();
    let found = operations.database.write(|tx| {
        let (session, account, next) = owner(tx, operations, secret, now)?;
        if next == Next::Code {
            return Err(OperationError::SignInRequired);
        }
        let subjects = [Subject::codes(&account)];
        if let Some(seconds) = throttle::admit(tx, &subjects, now)? {
            note(tx, operations, Some(account.id), "refuse proof")?;
            return Ok(Err(Proof::Wait(seconds)));
        }
        if uses_up(tx, operations, &account, given, now)? {
            throttle::succeeded(tx, &subjects)?;
            db::sessions::prove(tx, session.id, now)?;
            note(tx, operations, Some(account.id), "prove")?;
            return Ok(Err(Proof::Accepted));
        }
        Ok(Ok((session, account.clone(), db::sign_in::password_hash(tx, account.id)?)))
    })?;
    let (session, account, hash) = match found {
        Ok(found) => found,
        Err(proof) => return Ok(proof),
    };
    if !operations.password_work.verify(&password::normalized(given), hash.as_deref())? {
        operations.database.write(|tx| note(tx, operations, Some(account.id), "refuse proof"))?;
        return Ok(Proof::Wrong);
    }
    operations.database.write(|tx| {
        throttle::succeeded(tx, &[Subject::codes(&account)])?;
        db::sessions::prove(tx, session.id, now)?;
        note(tx, operations, Some(account.id), "prove")?;
        Ok(Proof::Accepted)
    })
}
