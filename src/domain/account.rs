//! People who can sign in, and the bearer tokens they use.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fault::{Fault, Faults};
use super::ids::{AccountId, MemberId, SpecialistId, TokenId};
use super::text::{check_email, check_name};

/// What an account may do. One role an account; roles that add up come later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(tag = "role", rename_all = "snake_case", deny_unknown_fields)]
pub enum Role {
    /// The co-op's own staff: everything.
    Office,
    /// All money, no requests and no schedules.
    Finance,
    /// Asks on behalf of one member.
    Coordinator {
        /// The member.
        member_id: MemberId,
    },
    /// Sees the own schedule.
    Specialist {
        /// The specialist's record.
        specialist_id: SpecialistId,
    },
}

/// What can be entered about an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountFields {
    /// Name of the person.
    #[schema(min_length = 1, max_length = 120)]
    pub name: String,
    /// Address for e-mails; unique.
    #[schema(example = "keisha@momentum.example.org", max_length = 254)]
    pub email: String,
    /// What the person may do.
    pub access: Role,
    /// Whether the account is switched off.
    #[serde(default)]
    pub disabled: bool,
}

impl AccountFields {
    /// Every fault of the entries.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        check_name(&mut faults, "/name", &self.name);
        check_email(&mut faults, "/email", &self.email);
        faults.into_vec()
    }
}

/// A person who can sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Account {
    /// Identity.
    pub id: AccountId,
    /// What was entered.
    #[serde(flatten)]
    pub fields: AccountFields,
    /// Goes up with each change; the ETag.
    pub version: i64,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What can be entered about a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenFields {
    /// What it is for.
    #[schema(example = "Finance export", min_length = 1, max_length = 120)]
    pub name: String,
    /// When it stops working; never when absent.
    #[serde(default)]
    pub expires_at: Option<DateTime<Utc>>,
}

impl TokenFields {
    /// Every fault of the entries.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        check_name(&mut faults, "/name", &self.name);
        faults.into_vec()
    }
}

/// A bearer token without its secret, which is stored hashed only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Token {
    /// Identity.
    pub id: TokenId,
    /// Whose token.
    pub account_id: AccountId,
    /// What was entered.
    #[serde(flatten)]
    pub fields: TokenFields,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was switched off.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A new token with its secret, shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NewToken {
    /// The token.
    #[serde(flatten)]
    pub token: Token,
    /// Send it as `Authorization: Bearer <secret>`. It cannot be shown again.
    pub secret: String,
}
