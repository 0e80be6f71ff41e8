//! What an operation touched, gathered by [`super::super::access`] while it runs: nobody has to remember to note a view.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::domain::actor::{Owner, Resource, Scope};
use crate::domain::audit::Concerned;
use crate::domain::ids::MemberId;

/// What an operation touched.
#[derive(Debug, Clone, Default)]
pub struct Trail(RefCell<Touched>);

#[derive(Debug, Clone, Default)]
struct Touched {
    /// How many restricted records of each kind were seen, where it is known.
    seen: BTreeMap<&'static str, Option<usize>>,
    /// What was taken along as a file.
    exported: Option<&'static str>,
    /// The record, when it was one.
    code: String,
    members: BTreeSet<MemberId>,
    everybody: bool,
}

/// What was seen, in the words of an entry.
pub(super) struct Seen {
    pub action: &'static str,
    pub kinds: String,
    pub code: String,
    pub counts: String,
}

/// Kinds of records of which every view is written down.
fn restricted(resource: Resource) -> Option<&'static str> {
    Some(match resource {
        Resource::ServiceRequests => "service_request",
        Resource::Visits | Resource::DatedVisits | Resource::Cover => "visit",
        Resource::ServiceLogs | Resource::TimeAndEffort => "service_log",
        Resource::Owed | Resource::Fidelity => "owed",
        Resource::Shortfalls => "shortfall",
        Resource::Coverage | Resource::SiteCoverage => "coverage",
        Resource::PlanDocuments | Resource::Scenarios => "plan_document",
        Resource::WorkTerms | Resource::TimeAway | Resource::UnscheduledTime => "work_terms",
        Resource::Credentials | Resource::Workload | Resource::Supervision => "work_terms",
        Resource::CostShares | Resource::CostShareLines => "cost_share",
        _ => return None,
    })
}

impl Trail {
    /// A part of a kind of record was looked at.
    pub fn looked(&self, resource: Resource, scope: &Scope) {
        let Some(kind) = restricted(resource) else { return };
        let mut touched = self.0.borrow_mut();
        touched.seen.entry(kind).or_default();
        match scope {
            Scope::All => touched.everybody = true,
            Scope::Parts { members, specialists } => {
                touched.members.extend(members);
                // A specialist's visits may be at any member.
                touched.everybody |= !specialists.is_empty();
            }
        }
    }

    /// A single record was looked at.
    pub fn found(&self, resource: Resource, owner: Owner) {
        let mut touched = self.0.borrow_mut();
        touched.members.extend(owner.member);
        if let Some(kind) = restricted(resource) {
            touched.seen.entry(kind).or_default();
        }
    }

    /// How many records of a kind were shown.
    pub fn count(&self, resource: Resource, records: usize) {
        if let Some(kind) = restricted(resource) {
            *self.0.borrow_mut().seen.entry(kind).or_default() = Some(records);
        }
    }

    /// Which record was shown.
    pub fn code(&self, code: &str) {
        self.0.borrow_mut().code = code.to_owned();
    }

    /// It was taken along as a file of this kind.
    pub fn exported(&self, kind: &'static str) {
        self.0.borrow_mut().exported = Some(kind);
    }

    /// It concerns a member.
    pub fn about(&self, member: MemberId) {
        self.0.borrow_mut().members.insert(member);
    }

    /// It may concern every member.
    pub fn about_everybody(&self) {
        self.0.borrow_mut().everybody = true;
    }

    /// Whom it concerns.
    pub(super) fn concerned(&self) -> Concerned {
        let touched = self.0.borrow();
        match (touched.everybody, touched.members.is_empty()) {
            (true, _) => Concerned::Everybody,
            (false, true) => Concerned::Nobody,
            (false, false) => Concerned::Members(touched.members.iter().copied().collect()),
        }
    }

    /// What was seen of restricted records, if anything.
    pub(super) fn seen(&self) -> Option<Seen> {
        let touched = self.0.borrow();
        let counts: Vec<String> =
            touched.seen.iter().filter_map(|(kind, count)| count.map(|count| format!("{kind} {count}"))).collect();
        let (action, kinds) = match touched.exported {
            Some(kind) => ("export", kind.to_owned()),
            None if touched.seen.is_empty() => return None,
            None => ("view", touched.seen.keys().copied().collect::<Vec<_>>().join(", ")),
        };
        Some(Seen { action, kinds, code: touched.code.clone(), counts: counts.join(", ") })
    }
}
