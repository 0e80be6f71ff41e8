//! Members: the school districts (LEAs) of the co-op.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar::check_period;
use super::fault::{Fault, Faults};
use super::ids::MemberId;
use super::text::{check_code, check_email, check_name};

/// What can be entered about a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberFields {
    /// Short code, unique in the co-op.
    #[schema(example = "KIPP", min_length = 1, max_length = 32)]
    pub code: String,
    /// The district's name.
    #[schema(example = "KIPP St. Louis", min_length = 1, max_length = 120)]
    pub name: String,
    /// Who speaks for the member.
    #[schema(min_length = 1, max_length = 120)]
    pub contact_name: String,
    /// Gets the e-mails of the member while it has no coordinator account.
    #[schema(example = "coordinator@kipp.example.org", max_length = 254)]
    pub contact_email: String,
    /// First day of membership.
    pub member_from: NaiveDate,
    /// First day after membership, once it is known.
    #[serde(default)]
    pub member_until: Option<NaiveDate>,
}

impl MemberFields {
    /// Every fault of the entries.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        check_code(&mut faults, "/code", &self.code);
        check_name(&mut faults, "/name", &self.name);
        check_name(&mut faults, "/contact_name", &self.contact_name);
        check_email(&mut faults, "/contact_email", &self.contact_email);
        check_period(&mut faults, "/member_until", self.member_from, self.member_until);
        faults.into_vec()
    }
}

/// A member (LEA) of the co-op.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Member {
    /// Identity.
    pub id: MemberId,
    /// What was entered.
    #[serde(flatten)]
    pub fields: MemberFields,
    /// Goes up with each change; the ETag.
    pub version: i64,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}
