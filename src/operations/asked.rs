//! What lists and reports are narrowed to: a discipline that there is, and days in their order.

use chrono::NaiveDate;

use super::error::{OperationError, no_faults};
use crate::db::{self, ReadTx};
use crate::domain::fault::Faults;

/// Checks the parameters that many lists share.
///
/// # Errors
/// Each parameter at fault: a discipline that the co-op does not have, a period that ends before it starts.
pub(super) fn check(
    tx: &mut ReadTx,
    discipline: Option<&str>,
    (from, until): (Option<NaiveDate>, Option<NaiveDate>),
) -> Result<(), OperationError> {
    let mut faults = Faults::default();
    if let Some(asked) = discipline {
        let known = db::disciplines::list(tx)?;
        faults.require(known.iter().any(|one| one.code == asked), "/discipline", || {
            let codes: Vec<&str> = known.iter().map(|one| one.code.as_str()).collect();
            format!("There is no discipline {asked:?}; write one of {}", codes.join(", "))
        });
    }
    if let (Some(from), Some(until)) = (from, until) {
        faults.require(from <= until, "/until", || {
            format!("The period ends on {until}, before it starts on {from}; write a day after {from}")
        });
    }
    no_faults(faults.into_vec())
}
