//! Planning terms: the stretch of the school year that one weekly plan serves.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fault::{Fault, Faults};
use super::ids::TermId;
use super::text::{check_code, check_name};

/// What a term is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TermKind {
    /// Of the regular school year.
    #[default]
    Regular,
    /// Extended school year (ESY): special education beyond the regular year, for those whose IEP asks for it
    /// (34 CFR 300.106). Planned apart, as its weeks, schools and staff are others.
    Esy,
}

impl TermKind {
    /// Both.
    pub const ALL: [TermKind; 2] = [TermKind::Regular, TermKind::Esy];

    /// How it is written.
    pub fn code(self) -> &'static str {
        ["regular", "esy"][self as usize]
    }
}

/// What can be entered about a term.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TermFields {
    /// Short code, unique in the co-op.
    #[schema(example = "SPRING-2027", min_length = 1, max_length = 32)]
    pub code: String,
    /// The name people use.
    #[schema(example = "Spring 2027", min_length = 1, max_length = 120)]
    pub name: String,
    /// What it is; of the regular school year when absent.
    #[serde(default)]
    pub kind: TermKind,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
}

impl TermFields {
    /// Every fault of the entries.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        check_code(&mut faults, "/code", &self.code);
        check_name(&mut faults, "/name", &self.name);
        let days = self.ends_on.signed_duration_since(self.starts_on).num_days();
        faults.require((0..=366).contains(&days), "/ends_on", || {
            format!("A term lasts 1 to 367 days; end it between {} and a year later", self.starts_on)
        });
        faults.into_vec()
    }
}

impl TermFields {
    /// The fault of two terms of the regular year that have a day in common. Terms of the extended school year are planned
    /// apart, for other weeks, schools and people, and may lie within others.
    pub fn overlap(&self, other: &TermFields) -> Option<Fault> {
        let both_regular = self.kind == TermKind::Regular && other.kind == TermKind::Regular;
        if !both_regular || self.starts_on > other.ends_on || other.starts_on > self.ends_on {
            return None;
        }
        let (code, first, last) = (&other.code, other.starts_on, other.ends_on);
        Some(if self.starts_on < first {
            Fault::at("/ends_on", format!("{code} is from {first} to {last}; end this term before {first}"))
        } else {
            Fault::at("/starts_on", format!("{code} is from {first} to {last}; begin this term after {last}"))
        })
    }
}

/// A planning term.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Term {
    /// Identity.
    pub id: TermId,
    /// What was entered.
    #[serde(flatten)]
    pub fields: TermFields,
    /// Goes up with each change; the ETag.
    pub version: i64,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}
