//! Guessing is slow: after a few failures the next try must wait, longer each time.
//!
//! Counted are the address that was typed, whether there is an account or not, and the network address. A device on
//! which the account signed in before is counted apart, so that others cannot lock its owner out.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Caller, hash};
use crate::db::sign_in::Failures;
use crate::db::{self, ReadTx, WriteTx};
use crate::domain::account::Account;
use crate::operations::OperationError;

/// Failures of one account or device before waiting begins.
const FREE: i64 = 5;
/// A whole school may sit behind one network address.
const FREE_BY_ADDRESS: i64 = 50;
/// The first wait; it doubles with each failure.
const FIRST_WAIT_SECONDS: i64 = 30;
/// The longest wait: 15 minutes.
const LONGEST_WAIT_SECONDS: i64 = 900;
/// After so long without a try failures are forgotten.
pub const FORGOTTEN_AFTER: TimeDelta = TimeDelta::hours(24);

/// What somebody tries: each is counted by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// To guess a password.
    Password,
    /// To have codes e-mailed, until one of them is used.
    EmailCode,
}

impl Door {
    fn name(self) -> &'static str {
        match self {
            Door::Password => "account",
            Door::EmailCode => "e-mailed code",
        }
    }
}

/// What tries are counted under.
pub(super) struct Subject {
    sha256: String,
    free: i64,
    /// Whether a success forgets all failures, not only its own try.
    is_cleared: bool,
}

impl Subject {
    fn of(kind: &str, text: &str) -> Subject {
        Subject { sha256: hash(&format!("{kind}\n{text}")), free: FREE, is_cleared: true }
    }

    /// The codes of an account.
    pub(super) fn codes(account: &Account) -> Subject {
        Subject::of("code", &account.id.to_string())
    }

    fn network(address: IpAddr) -> Subject {
        let text = match address.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            // A single customer has the lower half to choose from.
            IpAddr::V6(address) => format!("{:?}", &address.segments()[..4]),
        };
        Subject { free: FREE_BY_ADDRESS, is_cleared: false, ..Subject::of("network", &text) }
    }
}

impl Subject {
    /// How many failures still count. Those of a network fade, one a minute: many people share it.
    fn left_of(&self, earlier: &Failures, now: DateTime<Utc>) -> i64 {
        let faded = if self.is_cleared { 0 } else { (now - earlier.last_at).num_minutes() };
        (earlier.count - faded).max(0)
    }
}

/// Under what a try to sign in is counted.
pub(super) fn subjects(
    tx: &mut ReadTx,
    door: Door,
    account: Option<&Account>,
    email: &str,
    caller: &Caller,
) -> Result<Vec<Subject>, OperationError> {
    if let (Some(account), Some(device)) = (account, &caller.device) {
        let device = hash(device);
        if db::sessions::is_known_device(tx, account.id, &device)? {
            return Ok(vec![Subject::of(&format!("{} by a device", door.name()), &device)]);
        }
    }
    let mut subjects = vec![Subject::of(door.name(), &email.to_lowercase())];
    subjects.extend(caller.address.map(Subject::network));
    Ok(subjects)
}

/// Counts a try in advance, so that many at once are not looked at either; or says how many seconds to wait.
pub(super) fn admit(tx: &mut WriteTx, subjects: &[Subject], now: DateTime<Utc>) -> Result<Option<i64>, OperationError> {
    let mut counted = Vec::new();
    for subject in subjects {
        let earlier = db::sign_in::failures(tx, &subject.sha256)?.filter(|one| now < one.last_at + FORGOTTEN_AFTER);
        if let Some(wait) = earlier.map(|one| one.wait_until - now).filter(|wait| *wait > TimeDelta::zero()) {
            return Ok(Some(wait.num_seconds() + 1));
        }
        counted.push((subject, earlier.map_or(0, |one| subject.left_of(&one, now)) + 1));
    }
    for (subject, count) in counted {
        let failures = Failures { count, wait_until: now + wait(count - subject.free), last_at: now };
        db::sign_in::set_failures(tx, &subject.sha256, &failures)?;
    }
    Ok(None)
}

/// The try that was counted in advance was none of the failures.
pub(super) fn succeeded(tx: &mut WriteTx, subjects: &[Subject]) -> Result<(), OperationError> {
    for subject in subjects {
        let earlier = db::sign_in::failures(tx, &subject.sha256)?.filter(|one| one.count > 1 && !subject.is_cleared);
        match earlier {
            Some(one) => {
                let failures = Failures { count: one.count - 1, wait_until: one.last_at, ..one };
                db::sign_in::set_failures(tx, &subject.sha256, &failures)?;
            }
            None => db::sign_in::clear_failures(tx, &subject.sha256)?,
        }
    }
    Ok(())
}

/// How long to wait when so many failures are more than what is free.
fn wait(beyond: i64) -> TimeDelta {
    let seconds = match beyond {
        ..0 => 0,
        0..=10 => FIRST_WAIT_SECONDS << beyond,
        _ => LONGEST_WAIT_SECONDS,
    };
    TimeDelta::seconds(seconds.min(LONGEST_WAIT_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c25_waits_double_up_to_a_quarter_of_an_hour() {
        let seconds: Vec<i64> = (-2..=7).map(|beyond| wait(beyond).num_seconds()).collect();
        assert_eq!(seconds, [0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
        assert_eq!(wait(1_000).num_seconds(), 900);
    }
}
