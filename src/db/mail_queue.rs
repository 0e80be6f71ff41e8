//! How the queue of e-mails as a whole stands: one row, seen and changed by every worker.

use diesel::prelude::*;

use super::schema::mail_queue;
use super::sql_types::At;
use super::{DbError, ReadTx, WriteTx};
use crate::domain::mail_queue::Standing;

/// How it stands.
pub fn read(tx: &mut ReadTx) -> Result<Standing, DbError> {
    type Row = (bool, String, Option<At>, i64, i64, i64, Option<At>);
    let row: Row = mail_queue::table
        .find(1)
        .select((
            mail_queue::paused,
            mail_queue::reason,
            mail_queue::since,
            mail_queue::troubles,
            mail_queue::slowdowns,
            mail_queue::refusals,
            mail_queue::waits_until,
        ))
        .first(tx.connection())?;
    let (paused, reason, since, troubles, slowdowns, refusals, waits_until) = row;
    Ok(Standing {
        paused,
        reason,
        since: since.map(|at| at.0),
        troubles,
        slowdowns,
        refusals,
        waits_until: waits_until.map(|at| at.0),
    })
}

/// Writes down how it stands now.
pub fn write(tx: &mut WriteTx, standing: &Standing) -> Result<(), DbError> {
    diesel::update(mail_queue::table.find(1))
        .set((
            mail_queue::paused.eq(standing.paused),
            mail_queue::reason.eq(&standing.reason),
            mail_queue::since.eq(standing.since.map(At)),
            mail_queue::troubles.eq(standing.troubles),
            mail_queue::slowdowns.eq(standing.slowdowns),
            mail_queue::refusals.eq(standing.refusals),
            mail_queue::waits_until.eq(standing.waits_until.map(At)),
        ))
        .execute(tx.connection())?;
    Ok(())
}
