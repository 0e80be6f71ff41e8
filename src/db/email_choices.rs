//! How people want e-mails.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::schema::email_choices as choices;
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::ids::AccountId;
use crate::domain::schedule_news::{EmailChoices, ScheduleEmails};

/// What an account chose; what is usual where it chose nothing.
pub fn find(tx: &mut ReadTx, account: AccountId) -> Result<EmailChoices, DbError> {
    let found: Option<ScheduleEmails> =
        choices::table.find(account).select(choices::schedule).first(tx.connection()).optional()?;
    Ok(EmailChoices { schedule: found.unwrap_or_default() })
}

/// What accounts chose, of those that chose.
pub fn all(tx: &mut ReadTx) -> Result<HashMap<AccountId, EmailChoices>, DbError> {
    let rows: Vec<(AccountId, ScheduleEmails)> =
        choices::table.select((choices::account_id, choices::schedule)).load(tx.connection())?;
    Ok(rows.into_iter().map(|(account, schedule)| (account, EmailChoices { schedule })).collect())
}

/// Keeps what an account chose.
pub fn put(tx: &mut WriteTx, account: AccountId, chosen: EmailChoices, now: DateTime<Utc>) -> Result<(), DbError> {
    diesel::delete(choices::table.find(account)).execute(tx.connection())?;
    diesel::insert_into(choices::table)
        .values((
            choices::account_id.eq(account),
            choices::schedule.eq(chosen.schedule),
            choices::updated_at.eq(At(now)),
        ))
        .execute(tx.connection())?;
    Ok(())
}
