//! Secrets of second factors, and the hashes of recovery codes.

use diesel::prelude::*;

use super::schema::{recovery_codes, second_factors};
use super::{DbError, ReadTx, WriteTx};
use crate::domain::ids::AccountId;

/// An account's second factor.
#[derive(Debug, Clone, Default)]
pub struct SecondFactor {
    /// The secret in use, base32.
    pub secret: Option<String>,
    /// A secret that waits for a first code.
    pub waiting_secret: Option<String>,
    /// The last time step whose code was used; none before it works again.
    pub last_step: i64,
}

/// An account's second factor; empty where there is none.
pub fn find(tx: &mut ReadTx, account: AccountId) -> Result<SecondFactor, DbError> {
    let row: Option<(Option<String>, Option<String>, i64)> = second_factors::table
        .find(account)
        .select((second_factors::secret, second_factors::waiting_secret, second_factors::last_step))
        .first(tx.connection())
        .optional()?;
    Ok(row.map_or_else(SecondFactor::default, |(secret, waiting_secret, last_step)| SecondFactor {
        secret,
        waiting_secret,
        last_step,
    }))
}

/// Enters or replaces an account's second factor.
pub fn set(tx: &mut WriteTx, account: AccountId, factor: &SecondFactor) -> Result<(), DbError> {
    diesel::delete(second_factors::table.find(account)).execute(tx.connection())?;
    diesel::insert_into(second_factors::table)
        .values((
            second_factors::account_id.eq(account),
            second_factors::secret.eq(&factor.secret),
            second_factors::waiting_secret.eq(&factor.waiting_secret),
            second_factors::last_step.eq(factor.last_step),
        ))
        .execute(tx.connection())?;
    Ok(())
}

/// Takes an account's second factor away, with its recovery codes.
pub fn forget(tx: &mut WriteTx, account: AccountId) -> Result<(), DbError> {
    diesel::delete(second_factors::table.find(account)).execute(tx.connection())?;
    set_recovery_codes(tx, account, &[])
}

/// Replaces an account's recovery codes.
pub fn set_recovery_codes(tx: &mut WriteTx, account: AccountId, hashes: &[String]) -> Result<(), DbError> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::account_id.eq(account))).execute(tx.connection())?;
    for hash in hashes {
        diesel::insert_into(recovery_codes::table)
            .values((recovery_codes::account_id.eq(account), recovery_codes::code_sha256.eq(hash)))
            .execute(tx.connection())?;
    }
    Ok(())
}

/// Uses a recovery code up; false when the account has no such code.
pub fn use_recovery_code(tx: &mut WriteTx, account: AccountId, hash: &str) -> Result<bool, DbError> {
    let changed = diesel::delete(recovery_codes::table.find((account, hash))).execute(tx.connection())?;
    Ok(changed == 1)
}

/// How many recovery codes are left.
pub fn recovery_codes_left(tx: &mut ReadTx, account: AccountId) -> Result<i64, DbError> {
    Ok(recovery_codes::table.filter(recovery_codes::account_id.eq(account)).count().get_result(tx.connection())?)
}
