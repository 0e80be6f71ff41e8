//! What the person who runs the server does for somebody who cannot get in: from the command line only, and noted.

use super::{find_account, note, tell};
use crate::db::{self, WriteTx};
use crate::domain::account::Account;
use crate::mail::message::SignInChange;
use crate::operations::{OperationError, Operations};

/// Takes a lost second factor away. Every session ends; the password stays.
///
/// # Errors
/// [`OperationError::NotFound`] when no account has this address.
pub fn second_factor(operations: &Operations, email: &str) -> Result<Account, OperationError> {
    reset(operations, email, ("reset second factor", SignInChange::SecondFactorReset), |tx, account| {
        db::second_factors::forget(tx, account.id)?;
        Ok(db::sessions::end_all(tx, account.id)?)
    })
}

/// Forgets whom a provider of identities takes an account for. Every session ends.
///
/// # Errors
/// [`OperationError::NotFound`] when no account has this address.
pub fn openid(operations: &Operations, email: &str) -> Result<Account, OperationError> {
    reset(operations, email, ("forget OpenID Connect identity", SignInChange::ProviderForgotten), |tx, account| {
        db::openid::unlink(tx, account.id)?;
        Ok(db::sessions::end_all(tx, account.id)?)
    })
}

fn reset(
    operations: &Operations,
    email: &str,
    (action, told): (&str, SignInChange),
    change: impl Fn(&mut WriteTx, &Account) -> Result<(), OperationError>,
) -> Result<Account, OperationError> {
    operations.database.write(|tx| {
        let account = find_account(tx, email)?.ok_or(OperationError::NotFound)?;
        change(tx, &account)?;
        note(tx, operations, Some(account.id), action)?;
        tell(tx, operations, &account, told)?;
        Ok(account)
    })
}
