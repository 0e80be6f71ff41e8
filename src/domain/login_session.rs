//! A sign-in that lasts: one person on one device, until it ends.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::account::Role;
use super::ids::{AccountId, LoginSessionId};

/// What a person signed in with, before a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// The password.
    Password,
    /// A code that was e-mailed.
    EmailCode,
    /// An account of the person's own district or school.
    Openid,
}

/// A session without its secret, which is stored hashed only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginSession {
    /// Identity.
    pub id: LoginSessionId,
    /// Whose session.
    pub account_id: AccountId,
    /// When the person signed in.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_used_at: DateTime<Utc>,
    /// When it ends, however much it is used.
    pub ends_at: DateTime<Utc>,
    /// When the person last proved who it is, by password or code.
    pub proven_at: DateTime<Utc>,
    /// When a second factor was given, if it was.
    pub second_factor_at: Option<DateTime<Utc>>,
    /// The browser and system, like "Firefox on Windows".
    pub agent: String,
    /// Where from, like "Internet".
    pub address: String,
    /// What the person signed in with.
    pub began_with: Means,
}

/// Older proof than this is asked for again before something that cannot be taken back.
pub const PROOF_LASTS: TimeDelta = TimeDelta::minutes(10);

impl LoginSession {
    /// Whether it still works.
    pub fn is_alive(&self, now: DateTime<Utc>, idle: TimeDelta) -> bool {
        now < self.ends_at && now < self.last_used_at + idle
    }

    /// Whether the person proved a short time ago who it is.
    pub fn is_proven(&self, now: DateTime<Utc>) -> bool {
        now < self.proven_at + PROOF_LASTS
    }

    /// Whether a new password may be set without the present one: whoever was just let in by an e-mailed code has
    /// forgotten it, or never had one.
    pub fn may_replace_password(&self, now: DateTime<Utc>) -> bool {
        self.began_with == Means::EmailCode && now < self.created_at + PROOF_LASTS
    }
}

/// Who sees money or changes everything needs a second factor and signs in anew every working day. Of several roles the
/// strictest counts.
pub fn needs_second_factor(roles: &[Role]) -> bool {
    roles.iter().any(|role| matches!(role, Role::Office | Role::Finance | Role::MemberFinance { .. }))
}
