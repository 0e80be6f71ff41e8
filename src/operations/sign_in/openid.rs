//! Signing in with an account of one's own district (OpenID Connect). It lets people into accounts that the office made,
//! and makes none. The first time they are found by the e-mail address that the provider has checked; from then on by
//! the provider's own name for them, so that an address given to somebody else later lets nobody in.

use chrono::TimeDelta;

use super::{Caller, Opened, find_account, hash, new_secret, note, sessions, tell};
use crate::db::openid::Begun;
use crate::db::{self, WriteTx};
use crate::domain::account::Account;
use crate::domain::login_session::Means;
use crate::mail::message::SignInChange;
use crate::openid::{Attempt, Identity, OpenidError, Provider};
use crate::operations::{OperationError, Operations};

/// The way to the provider and back may take so long.
const UNDER_WAY_FOR: TimeDelta = TimeDelta::minutes(10);

/// How the way to a provider, or back from it, came out.
#[derive(Debug, Clone)]
pub enum Way<T> {
    /// It goes on.
    Open(T),
    /// The provider did not say who it is, or nobody here is that person: one answer for all.
    Closed,
    /// The provider cannot be reached.
    Away,
}

/// What a browser needs to go to a provider.
#[derive(Debug, Clone)]
pub struct Start {
    /// The secret that the browser keeps.
    pub browser: String,
    /// The provider's page.
    pub address: String,
}

/// What the browser brought back.
#[derive(Debug, Clone, Default)]
pub struct Brought {
    /// The secret that the browser kept.
    pub browser: String,
    /// What the provider was given to bring back.
    pub state: String,
    /// What is redeemed for the identity.
    pub code: String,
    /// Who the provider says it is (RFC 9207); not every one does.
    pub issuer: Option<String>,
}

/// Everything that is secret about a try is made from the browser's secret, of which only the hash is kept.
fn attempt(operations: &Operations, provider: &Provider, browser: &str) -> Attempt {
    let made = |what: &str| hash(&format!("{what}\n{browser}"));
    let address = &operations.settings.public_url;
    Attempt {
        state: made("state"),
        nonce: made("nonce"),
        verifier: made("verifier"),
        redirect_uri: format!("{address}/sign-in/openid/{}/callback", provider.settings.name),
    }
}

fn provider<'a>(operations: &'a Operations, name: &str) -> Result<&'a Provider, OperationError> {
    operations.openid.iter().find(|one| one.settings.name == name).ok_or(OperationError::NotFound)
}

/// Begins to sign in with a provider.
///
/// # Errors
/// [`OperationError::NotFound`] when the settings name no such provider.
pub fn begin(operations: &Operations, name: &str, return_to: &str) -> Result<Way<Start>, OperationError> {
    let (provider, browser, now) = (provider(operations, name)?, new_secret(), operations.now());
    let address = match provider.address(&attempt(operations, provider, &browser)) {
        Ok(address) => address,
        Err(error) => return Ok(told(name, &error)),
    };
    let begun = Begun { provider: name.to_owned(), return_to: return_to.to_owned(), expires_at: now + UNDER_WAY_FOR };
    operations.database.write(|tx| db::openid::begin(tx, &hash(&browser), &begun))?;
    Ok(Way::Open(Start { browser, address }))
}

/// Finishes: the session, and the page to go to.
pub fn finish(
    operations: &Operations,
    name: &str,
    brought: &Brought,
    caller: &Caller,
) -> Result<Way<(Opened, String)>, OperationError> {
    let (provider, now) = (provider(operations, name)?, operations.now());
    let attempt = attempt(operations, provider, &brought.browser);
    let begun = operations.database.write(|tx| db::openid::take(tx, &hash(&brought.browser)))?;
    let Some(begun) = begun.filter(|begun| begun.provider == name && now < begun.expires_at) else {
        return Ok(Way::Closed);
    };
    let right_issuer = brought.issuer.as_ref().is_none_or(|issuer| *issuer == provider.settings.issuer);
    // Hashes are compared, so that the time it takes tells nothing about the state.
    if hash(&brought.state) != hash(&attempt.state) || !right_issuer {
        return Ok(Way::Closed);
    }
    let identity = match provider.redeem(&brought.code, &attempt, now) {
        Ok(identity) => identity,
        Err(error) => return Ok(told(name, &error)),
    };
    operations.database.write(|tx| {
        let Some(account) = owner(tx, operations, &identity)? else {
            note(tx, operations, None, "refuse sign-in by OpenID Connect")?;
            return Ok(Way::Closed);
        };
        let proofs = (Means::Openid, identity.second_factor.then_some(now));
        let opened = sessions::open(tx, operations, &account, proofs, caller)?;
        note(tx, operations, Some(account.id), "sign in by OpenID Connect")?;
        Ok(Way::Open((opened, begun.return_to.clone())))
    })
}

/// Writes down what went wrong, for the person who runs the server.
fn told<T>(name: &str, error: &OpenidError) -> Way<T> {
    tracing::warn!(provider = name, %error, "a sign-in by OpenID Connect came to nothing");
    match error {
        OpenidError::Refused(_) => Way::Closed,
        OpenidError::Unreachable(_) | OpenidError::Settings(_) => Way::Away,
    }
}

/// The account of an identity, which is remembered when it is found by its address.
fn owner(tx: &mut WriteTx, operations: &Operations, identity: &Identity) -> Result<Option<Account>, OperationError> {
    let active = |account: &Account| !account.fields.disabled;
    if let Some(id) = db::openid::account_of(tx, &identity.issuer, &identity.subject)? {
        return Ok(db::accounts::find(tx, id)?.filter(active));
    }
    let Some(email) = &identity.email else { return Ok(None) };
    let Some(account) = find_account(tx, email)?.filter(active) else { return Ok(None) };
    if db::openid::is_linked(tx, &identity.issuer, account.id)? {
        return Ok(None);
    }
    db::openid::link(tx, &identity.issuer, &identity.subject, account.id, operations.now())?;
    note(tx, operations, Some(account.id), "remember OpenID Connect identity")?;
    tell(tx, operations, &account, SignInChange::Provider)?;
    Ok(Some(account))
}
