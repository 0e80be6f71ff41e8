//! Bearer tokens: what a program may do in the name of a person, for how long.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actor::{Action, Resource};
use super::fault::{Fault, Faults};
use super::ids::{AccountId, TokenId};
use super::text::check_name;

/// The longest that a token works.
pub const LASTS_MAX: TimeDelta = TimeDelta::days(366);
/// How long a token works when nothing else is said.
pub const LASTS_DEFAULT: TimeDelta = TimeDelta::days(90);

/// A part of the API, as its description groups it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// Members, sites, drives, terms, professions.
    Coop,
    /// Specialists, contracts, weekly hours.
    Specialists,
    /// What sites ask for.
    ServiceRequests,
    /// Plans, runs of the planner, visits and what was delivered, trials.
    Plans,
    /// Cost-share statements, months that are locked.
    CostShares,
    /// Accounts, tokens, e-mails, the audit trail, imports.
    Administration,
}

impl Area {
    /// All of them.
    pub const ALL: [Area; 6] =
        [Area::Coop, Area::Specialists, Area::ServiceRequests, Area::Plans, Area::CostShares, Area::Administration];

    /// How it is written.
    pub fn code(self) -> &'static str {
        match self {
            Area::Coop => "coop",
            Area::Specialists => "specialists",
            Area::ServiceRequests => "service_requests",
            Area::Plans => "plans",
            Area::CostShares => "cost_shares",
            Area::Administration => "administration",
        }
    }

    /// The area of an action.
    pub fn of(action: Action) -> Area {
        match action {
            Action::DecideRequest => Area::ServiceRequests,
            Action::Publish => Area::Plans,
            Action::Read(resource) | Action::Write(resource) => Area::of_resource(resource),
        }
    }

    fn of_resource(resource: Resource) -> Area {
        use Resource::*;
        match resource {
            Disciplines | Members | Sites | Travel | Terms | CalendarEntries => Area::Coop,
            Specialists | WorkTerms | TimeAway | Credentials | Supervision => Area::Specialists,
            ServiceRequests => Area::ServiceRequests,
            PlanRuns | Plans | PlanDocuments | Scenarios | Visits | DatedVisits | Shortfalls | Coverage
            | SiteCoverage | ServiceLogs | MissedReasons | Owed | Cover | Workload | Fidelity | TimeAndEffort
            | UnscheduledTime | CalendarFeeds => Area::Plans,
            CostShares | CostShareLines | LockedMonths => Area::CostShares,
            Accounts | Emails | Audit | Imports => Area::Administration,
        }
    }
}

/// What a token leaves of what its owner may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenLimit {
    /// Whether it changes nothing.
    pub read_only: bool,
    /// The areas that it reaches.
    pub areas: Vec<Area>,
    /// When it ends.
    pub ends: Option<DateTime<Utc>>,
}

impl TokenLimit {
    /// Whether the token may be used for an action at all.
    pub fn admits(&self, action: Action) -> bool {
        let reads = matches!(action, Action::Read(_));
        (reads || !self.read_only) && self.areas.contains(&Area::of(action))
    }

    /// Whether nothing of this token goes beyond another one.
    pub fn is_within(&self, other: &TokenLimit) -> bool {
        let ends_first = match (self.ends, other.ends) {
            (_, None) => true,
            (Some(ours), Some(theirs)) => ours <= theirs,
            (None, Some(_)) => false,
        };
        ends_first && (self.read_only || !other.read_only) && self.areas.iter().all(|area| other.areas.contains(area))
    }
}

/// What can be entered about a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenFields {
    /// What it is for.
    #[schema(example = "Finance export", min_length = 1, max_length = 120)]
    pub name: String,
    /// Whether it changes nothing. True when absent.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub read_only: bool,
    /// The parts of the API that it reaches, of those that its owner may use. All of them when absent.
    #[serde(default = "all_areas")]
    pub areas: Vec<Area>,
    /// When it stops working: at most 366 days from now. 90 days when absent.
    #[serde(default)]
    pub expires_at: Option<DateTime<Utc>>,
}

fn yes() -> bool {
    true
}

fn all_areas() -> Vec<Area> {
    Area::ALL.to_vec()
}

impl TokenFields {
    /// A token for everything that its owner may do.
    pub fn for_everything(name: &str) -> TokenFields {
        TokenFields { name: name.to_owned(), read_only: false, areas: all_areas(), expires_at: None }
    }

    /// What it leaves of what its owner may do.
    pub fn limit(&self) -> TokenLimit {
        TokenLimit { read_only: self.read_only, areas: self.areas.clone(), ends: self.expires_at }
    }

    /// Every fault of the entries.
    pub fn check(&self, now: DateTime<Utc>) -> Vec<Fault> {
        let mut faults = Faults::default();
        check_name(&mut faults, "/name", &self.name);
        faults.require(!self.areas.is_empty(), "/areas", || "Choose at least one part of the API".to_owned());
        for (index, area) in self.areas.iter().enumerate() {
            faults.require(!self.areas[..index].contains(area), &format!("/areas/{index}"), || {
                format!("{} stands in the list already; keep one", area.code())
            });
        }
        if let Some(until) = self.expires_at {
            faults.require(until > now && until <= now + LASTS_MAX, "/expires_at", || {
                let last = (now + LASTS_MAX).date_naive();
                format!("A token works at most {} days; choose a time from now to {last}", LASTS_MAX.num_days())
            });
        }
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
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was switched off.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Token {
    /// Whether it works.
    pub fn is_alive(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.fields.expires_at.is_some_and(|until| now < until)
    }
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
