//! Where a request stands, as a pill: a shape, a word and a color, never color alone.

use std::collections::BTreeMap;

use super::{icon, wording};
use crate::domain::ids::ServiceRequestId;
use crate::domain::plan::{PlanState, Shortfall, Visit};
use crate::domain::plan_run::PlanRunState;
use crate::domain::service_request::{RequestState, ServiceRequest};

/// A status pill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pill {
    pub class: &'static str,
    pub icon: &'static str,
    pub words: String,
}

impl Pill {
    fn new(class: &'static str, icon: &'static str, words: impl Into<String>) -> Pill {
        Pill { class, icon, words: words.into() }
    }

    /// For minutes of several requests together.
    pub(super) fn of_share(placed: i64, asked: i64) -> Pill {
        match (placed, asked) {
            (placed, asked) if placed >= asked => Pill::new("met", icon::FULL, "Met"),
            (0, _) => Pill::new("unmet", icon::DIAMOND, "Unmet"),
            (placed, asked) => Pill::new("part", icon::HALF, format!("{}% met", placed * 100 / asked)),
        }
    }

    /// Where a plan stands.
    pub(super) fn of_plan(state: PlanState) -> Pill {
        match state {
            PlanState::Draft => Pill::new("wait", icon::RING, "Draft"),
            PlanState::Published => Pill::new("met", icon::FULL, "In use"),
            PlanState::Superseded => Pill::new("wait", icon::RING, "Replaced"),
        }
    }

    /// Where a run of the planner stands that has no plan yet, or never will.
    pub(super) fn of_run(state: PlanRunState) -> Pill {
        match state {
            PlanRunState::Queued | PlanRunState::Running => Pill::new("part", icon::HALF, "Making"),
            PlanRunState::Succeeded => Pill::new("wait", icon::RING, "Draft"),
            PlanRunState::Cancelled => Pill::new("wait", icon::RING, "Stopped"),
            PlanRunState::Failed => Pill::new("unmet", icon::DIAMOND, "Could not be made"),
        }
    }

    /// For minutes of a request that is part of a plan.
    pub(super) fn of_minutes(placed: i64, short: i64) -> Pill {
        match (placed, short) {
            (_, 0) => Pill::new("met", icon::FULL, "Met"),
            (0, _) => Pill::new("unmet", icon::DIAMOND, "Unmet"),
            (_, short) => Pill::new("part", icon::HALF, format!("{} min short", wording::thousands(short))),
        }
    }
}

/// What a plan gives to each request that it was made for.
#[derive(Debug, Clone, Default)]
pub(super) struct Given {
    placed: BTreeMap<ServiceRequestId, i64>,
    short: BTreeMap<ServiceRequestId, i64>,
}

impl Given {
    pub(super) fn new(visits: &[Visit], shortfalls: &[Shortfall]) -> Given {
        let mut placed: BTreeMap<ServiceRequestId, i64> = BTreeMap::new();
        for visit in visits {
            *placed.entry(visit.service_request_id).or_default() += visit.minutes();
        }
        Given { placed, short: shortfalls.iter().map(|one| (one.service_request_id, one.minutes)).collect() }
    }

    /// Minutes a week that are planned and that are missing; `None` for a request that the plan does not know.
    pub(super) fn minutes(&self, id: ServiceRequestId) -> Option<(i64, i64)> {
        let (placed, short) = (self.placed.get(&id), self.short.get(&id));
        (placed.is_some() || short.is_some()).then(|| (placed.copied().unwrap_or(0), short.copied().unwrap_or(0)))
    }

    /// Where a request stands.
    pub(super) fn pill(&self, request: &ServiceRequest) -> Pill {
        let waiting = |words: &str| Pill::new("wait", icon::RING, words);
        match request.state {
            RequestState::Draft => waiting("Saved"),
            RequestState::Declined => waiting("Declined"),
            RequestState::Withdrawn => waiting("Taken back"),
            RequestState::Ended => waiting("Ended"),
            RequestState::Submitted | RequestState::Accepted | RequestState::Planned => {
                match self.minutes(request.id) {
                    Some((placed, short)) => Pill::of_minutes(placed, short),
                    None => waiting("Waiting"),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn met_is_said_only_when_nothing_is_missing() {
        let words = |placed, short| Pill::of_minutes(placed, short).words;
        assert_eq!(words(60, 0), "Met");
        assert_eq!(words(1185, 15), "15 min short");
        assert_eq!(words(0, 1200), "Unmet");
    }
}
