//! Locking months: what was delivered in them no longer changes, so that it can be charged for. There is no unlocking.

use chrono::NaiveDate;

use super::access::{allow_write, can_see};
use super::audit::note;
use super::error::OperationError;
use super::runner::Context;
use crate::db::{self, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::Resource;
use crate::domain::month::Month;
use crate::domain::service_log::{LockedMonth, MonthToLock};

const RESOURCE: Resource = Resource::LockedMonths;

/// The months that are locked.
pub fn list(tx: &mut ReadTx, ctx: &Context) -> Result<Vec<LockedMonth>, OperationError> {
    can_see(ctx, RESOURCE)?;
    Ok(db::locked_months::list(tx)?)
}

/// Locks a month for good.
///
/// # Errors
/// Invalid for a month that is not over or before the first term, a conflict for one that is locked.
pub fn lock(tx: &mut WriteTx, ctx: &Context, asked: &MonthToLock) -> Result<LockedMonth, OperationError> {
    allow_write(ctx, RESOURCE)?;
    let month = asked.month;
    let first = month.first_day_after();
    if ctx.today() < first {
        let message = format!("{} is not over; lock it on {first} or later", month.spoken());
        return Err(OperationError::invalid("/month", message));
    }
    let terms = db::terms::list(tx, PageRequest::ALL)?.items;
    match terms.iter().map(|term| term.fields.starts_on).min() {
        Some(starts) if starts < first => {}
        Some(starts) => {
            let message = format!(
                "{} is before the first term, which begins on {starts}; lock {} or a later month",
                month.spoken(),
                Month::of(starts).spoken()
            );
            return Err(OperationError::invalid("/month", message));
        }
        None => {
            let message = "There is no term, so that no month has visits; enter the terms first";
            return Err(OperationError::invalid("/month", message));
        }
    }
    if db::locked_months::find(tx, month)?.is_some() {
        return Err(OperationError::conflict(format!("{} is locked already", month.spoken())));
    }
    db::locked_months::insert(tx, month, ctx.actor.account_id, ctx.now)?;
    ctx.trail.about_everybody();
    note(tx, ctx, "lock", ("month", &month.to_string()), "")?;
    db::locked_months::find(tx, month)?.ok_or(OperationError::NotFound)
}

/// Whether what happened on a date can still be logged.
///
/// # Errors
/// A conflict that says that the month is locked, and whom to ask.
pub(super) fn still_open(tx: &mut ReadTx, date: NaiveDate) -> Result<(), OperationError> {
    let month = Month::of(date);
    match db::locked_months::find(tx, month)? {
        None => Ok(()),
        Some(_) => {
            let message = format!("{} is locked. Ask the co-op's finance for a credit instead", month.spoken());
            Err(OperationError::conflict(message))
        }
    }
}
