//! People who can sign in, and what they may do.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fault::{Fault, Faults};
use super::ids::{AccountId, MemberId, SpecialistId};
use super::text::{check_email, check_name};

/// Most roles of one account.
pub const ROLES_MAX: usize = 20;

/// A part of what an account may do. Roles add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(tag = "role", rename_all = "snake_case", deny_unknown_fields)]
pub enum Role {
    /// The co-op's own staff: everything.
    Office,
    /// All money, no requests and no schedules.
    Finance,
    /// The totals of the co-op, to read: coverage and cost shares by member. No requests, no schedules, no pay.
    Board,
    /// Asks on behalf of one member.
    Coordinator {
        /// The member.
        member_id: MemberId,
    },
    /// The cost shares of one member, and nothing else.
    MemberFinance {
        /// The member.
        member_id: MemberId,
    },
    /// Sees the own schedule.
    Specialist {
        /// The specialist's record.
        specialist_id: SpecialistId,
    },
}

impl Role {
    /// How the role is written.
    pub fn code(self) -> &'static str {
        match self {
            Role::Office => "office",
            Role::Finance => "finance",
            Role::Board => "board",
            Role::Coordinator { .. } => "coordinator",
            Role::MemberFinance { .. } => "member_finance",
            Role::Specialist { .. } => "specialist",
        }
    }

    /// The member that it is about.
    pub fn member_id(self) -> Option<MemberId> {
        match self {
            Role::Coordinator { member_id } | Role::MemberFinance { member_id } => Some(member_id),
            _ => None,
        }
    }

    /// The specialist that it is about.
    pub fn specialist_id(self) -> Option<SpecialistId> {
        match self {
            Role::Specialist { specialist_id } => Some(specialist_id),
            _ => None,
        }
    }
}

/// The codes of roles, for the audit trail.
pub fn role_codes(roles: &[Role]) -> String {
    let codes: Vec<&str> = roles.iter().map(|role| role.code()).collect();
    if codes.is_empty() { "none".to_owned() } else { codes.join(" + ") }
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
    /// What the person may do: 1 to 20 roles that add up. An account that is switched off may have none.
    #[schema(max_items = 20)]
    pub roles: Vec<Role>,
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
        let count = self.roles.len();
        faults.require(count > 0 || self.disabled, "/roles", || "Choose at least one role".to_owned());
        faults.require(count <= ROLES_MAX, "/roles", || format!("{count} roles are too many; at most {ROLES_MAX}"));
        for (index, role) in self.roles.iter().enumerate() {
            faults.require(!self.roles[..index].contains(role), &format!("/roles/{index}"), || {
                "This role stands in the list already; keep one".to_owned()
            });
        }
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

/// A person who has no account yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPerson {
    /// Name of the person.
    #[schema(min_length = 1, max_length = 120)]
    pub name: String,
    /// Address for e-mails.
    #[schema(example = "jordan@momentum.example.org", max_length = 254)]
    pub email: String,
}

/// Who takes over what an account that leaves was responsible for: somebody with an account, or a new person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    /// An account that works.
    #[serde(default)]
    pub to_account_id: Option<AccountId>,
    /// Somebody who is invited by e-mail.
    #[serde(default)]
    pub to_person: Option<NewPerson>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HandedOver {
    /// The account that left.
    pub from: Account,
    /// The account that took over.
    pub to: Account,
}
