//! Sessions: begun at sign-in, looked up at every page, ended by their owner, by time, or by a change of the account.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Caller, Opened, hash, new_secret, note};
use crate::db::{self, ReadTx, WriteTx};
use crate::domain::account::Account;
use crate::domain::actor::Actor;
use crate::domain::ids::LoginSessionId;
use crate::domain::login_session::{LoginSession, Means, needs_second_factor};
use crate::operations::{OperationError, Operations, accounts};

/// That a session is in use is written down no more often than this.
const TOUCHED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// What a person must do before anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing: the session is complete.
    Nothing,
    /// Give a code of the second factor.
    Code,
    /// Set a second factor up, because the role needs one.
    SetUp,
}

/// Somebody with a session that works.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who.
    pub actor: Actor,
    /// The account's e-mail address.
    pub email: String,
    /// The session.
    pub session: LoginSession,
    /// What must come first.
    pub next: Next,
    /// What every form of the session carries, so that no other site can send one.
    pub form_token: String,
    /// The time at which it was looked up.
    pub now: DateTime<Utc>,
}

/// The session behind a secret.
///
/// # Errors
/// [`OperationError::SignInRequired`] for one that is unknown or over, or whose account is disabled.
pub fn resume(operations: &Operations, secret: &str) -> Result<SignedIn, OperationError> {
    let now = operations.now();
    let found = operations.database.read(|tx| alive(tx, operations, secret, now))?;
    let (session, account, next) = found.ok_or(OperationError::SignInRequired)?;
    operations.origin.recognize(account.id, format!("session {}", session.id));
    if session.last_used_at + TOUCHED_EVERY <= now {
        operations.database.write(|tx| db::sessions::touch(tx, session.id, now))?;
    }
    let email = account.fields.email.clone();
    let form_token = hash(&format!("form\n{secret}"));
    Ok(SignedIn { actor: accounts::actor(account), email, session, next, form_token, now })
}

/// The session, its account and what must come first, if the session works.
pub(super) fn alive(
    tx: &mut ReadTx,
    operations: &Operations,
    secret: &str,
    now: DateTime<Utc>,
) -> Result<Option<(LoginSession, Account, Next)>, OperationError> {
    let idle = TimeDelta::minutes(operations.settings.sign_in.idle_minutes);
    let found = db::sessions::find(tx, &hash(secret))?
        .filter(|(session, account)| session.is_alive(now, idle) && !account.fields.disabled);
    let Some((session, account)) = found else { return Ok(None) };
    let next = if session.second_factor_at.is_some() {
        Next::Nothing
    } else if db::second_factors::find(tx, account.id)?.secret.is_some() {
        Next::Code
    } else if needs_second_factor(&account.fields.roles) {
        Next::SetUp
    } else {
        Next::Nothing
    };
    Ok(Some((session, account, next)))
}

/// Begins a session of an account, with a secret of its own: what the person signed in with, and when a second factor
/// was given.
pub fn open(
    tx: &mut WriteTx,
    operations: &Operations,
    account: &Account,
    (began_with, second_factor_at): (Means, Option<DateTime<Utc>>),
    caller: &Caller,
) -> Result<Opened, OperationError> {
    let (now, settings) = (operations.now(), &operations.settings.sign_in);
    let hours = if needs_second_factor(&account.fields.roles) { settings.office_hours_max } else { settings.hours_max };
    let secret = new_secret();
    let session = LoginSession {
        id: LoginSessionId::new(),
        account_id: account.id,
        created_at: now,
        last_used_at: now,
        ends_at: now + TimeDelta::hours(hours),
        proven_at: now,
        second_factor_at,
        agent: caller.agent.clone(),
        address: network_words(caller),
        began_with,
    };
    db::sessions::insert(tx, &session, &hash(&secret))?;
    // Who does not have the second factor yet has not signed in, and the device is not known.
    let complete = second_factor_at.is_some() || db::second_factors::find(tx, account.id)?.secret.is_none();
    let device = complete.then(new_secret);
    if let Some(device) = &device {
        let earlier = caller.device.as_deref().map(hash);
        db::sessions::remember_device(tx, account.id, &hash(device), earlier.as_deref(), now)?;
        db::accounts::signed_in(tx, account.id, now)?;
    }
    Ok(Opened { secret, device })
}

/// Where from, in plain words; the address itself is not kept.
fn network_words(caller: &Caller) -> String {
    use std::net::IpAddr;
    let Some(address) = caller.address.map(|address| address.to_canonical()) else { return "Unknown".to_owned() };
    let is_private = match address {
        IpAddr::V4(address) => address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local(),
    };
    let words = match (address.is_loopback(), is_private) {
        (true, _) => "The server itself",
        (_, true) => "The same network as the server",
        _ => "The internet",
    };
    words.to_owned()
}

/// Ends the session behind a secret, if there is one.
pub fn sign_out(operations: &Operations, secret: &str) -> Result<(), OperationError> {
    operations.database.write(|tx| {
        if let Some((session, account)) = db::sessions::find(tx, &hash(secret))? {
            db::sessions::end(tx, account.id, session.id)?;
            note(tx, operations, Some(account.id), "sign out")?;
        }
        Ok(())
    })
}

/// Whether a form was made for this session.
pub fn is_own_form(signed_in: &SignedIn, token: &str) -> bool {
    // Hashes are compared, so that the time it takes tells nothing about the token.
    hash(token) == hash(&signed_in.form_token)
}
