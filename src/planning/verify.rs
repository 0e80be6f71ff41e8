//! An independent check of a plan: every hard rule, the totals, the shortfalls and the bounds.
//!
//! Nothing here is shared with the search: the rules are counted again from the instance and the list of visits, so a
//! mistake of the search cannot hide itself. Each rule is one function of the rule's name; [`OF_VISITS`] and
//! [`OF_PLAN`] list them all.

mod count;
mod day;
mod facts;
mod plan;
mod request;
mod visit;
mod week;

use std::fmt;

use serde::Serialize;

use super::instance::Instance;
use super::plan_document::{PlanDocument, Totals, Visit};
use super::rule::Rule;
use facts::{Facts, place_of};

pub use count::totals_of;

/// Checks a rule over a list of visits.
type VisitRule = fn(&Facts, &mut Found);

/// Checks a rule over a plan, against the totals counted from its visits.
type PlanRule = fn(&Facts, &PlanDocument, &Totals, &mut Found);

/// The rules of a list of visits, in the order of [`Rule::ALL`].
const OF_VISITS: [(Rule, VisitRule); 25] = [
    (Rule::OnlyQualifiedSpecialist, visit::only_qualified_specialist),
    (Rule::VisitWithinAvailability, visit::visit_within_availability),
    (Rule::VisitWithinWindow, visit::visit_within_window),
    (Rule::VisitLength, visit::visit_length),
    (Rule::OneVisitPerRequestAndDay, request::one_visit_per_request_and_day),
    (Rule::RequestNotExceeded, request::request_not_exceeded),
    (Rule::SpecialistInOnePlace, day::specialist_in_one_place),
    (Rule::SpecialistDayWithinLimit, day::specialist_day_within_limit),
    (Rule::SpecialistWeekWithinContract, week::specialist_week_within_contract),
    (Rule::LendableWithinLimit, week::lendable_within_limit),
    (Rule::SitesPerDay, day::sites_per_day),
    (Rule::NoReturnToSite, day::no_return_to_site),
    (Rule::TravelWithinDay, day::travel_within_day),
    (Rule::SiteWithinReach, visit::site_within_reach),
    (Rule::BreakKept, day::break_kept),
    (Rule::StayLongEnough, day::stay_long_enough),
    (Rule::MemberShareWithinLimit, week::member_share_within_limit),
    (Rule::EvaluationBlockKept, week::evaluation_block_kept),
    (Rule::SitesWithinCap, week::sites_within_cap),
    (Rule::RequestsWithinCap, week::requests_within_cap),
    (Rule::AssistantSupervised, visit::assistant_supervised),
    (Rule::CredentialValid, visit::credential_valid),
    (Rule::FixedVisitsStand, plan::fixed_visits_stand),
    (Rule::VisitAtRequestSite, visit::visit_at_request_site),
    (Rule::UnknownCode, plan::unknown_code),
];

/// The rules about what a plan says of itself, in the order of [`Rule::ALL`].
const OF_PLAN: [(Rule, PlanRule); 4] = [
    (Rule::NoLenderWorseThanAlone, plan::no_lender_worse_than_alone),
    (Rule::Totals, plan::totals),
    (Rule::Shortfalls, plan::shortfalls),
    (Rule::Bounds, plan::bounds),
];

/// A rule that does not hold, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BrokenRule {
    /// The rule.
    pub rule: Rule,
    /// Where, with the codes and numbers at fault.
    pub what: String,
}

impl fmt::Display for BrokenRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.what)
    }
}

/// Collects the places where the rule at hand does not hold.
struct Found {
    rule: Rule,
    broken: Vec<BrokenRule>,
}

impl Found {
    fn require(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.broken.push(BrokenRule { rule: self.rule, what: what() });
        }
    }
}

/// Checks a plan against a sound instance: the true totals, or every broken rule.
pub fn verify(instance: &Instance, plan: &PlanDocument) -> Result<Totals, Vec<BrokenRule>> {
    let facts = Facts::of(instance, &plan.visits);
    let totals = count::totals(&facts);
    let mut broken = broken_rules(&facts);
    for (rule, check) in OF_PLAN {
        let mut found = Found { rule, broken };
        check(&facts, plan, &totals, &mut found);
        broken = found.broken;
    }
    if broken.is_empty() { Ok(totals) } else { Err(broken) }
}

/// The hard rules that a list of visits breaks, without what only a plan says.
pub(crate) fn broken_by_visits(instance: &Instance, visits: &[Visit]) -> Vec<BrokenRule> {
    broken_rules(&Facts::of(instance, visits))
}

fn broken_rules(facts: &Facts) -> Vec<BrokenRule> {
    let mut broken = Vec::new();
    for (rule, check) in OF_VISITS {
        let mut found = Found { rule, broken };
        check(facts, &mut found);
        broken = found.broken;
    }
    broken
}

/// The hard rules that the fixed visits of an instance break, taken as a plan of their own.
pub(crate) fn broken_by_fixed(instance: &Instance) -> Vec<BrokenRule> {
    broken_by_visits(instance, &fixed_visits(instance))
}

/// The fixed visits with the place where each is given. Visits with unknown codes are left out.
pub(crate) fn fixed_visits(instance: &Instance) -> Vec<Visit> {
    let facts = Facts::of(instance, &[]);
    let visit = |fixed: &super::instance::FixedVisit| {
        let specialist = facts.specialists.get(fixed.specialist.as_str())?;
        let request = facts.requests.get(fixed.request.as_str())?;
        Some(Visit {
            specialist: fixed.specialist.clone(),
            request: fixed.request.clone(),
            site: place_of(specialist, request).to_string(),
            day: fixed.day,
            starts: fixed.starts,
            ends: fixed.ends,
        })
    };
    instance.fixed.iter().filter_map(visit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_checked_once_and_in_order() {
        let of_plan = OF_PLAN.map(|(rule, _)| rule);
        assert!(of_plan.is_sorted());
        assert!(OF_VISITS.map(|(rule, _)| rule).is_sorted());
        let mut checked: Vec<Rule> = OF_VISITS.iter().map(|(rule, _)| *rule).chain(of_plan).collect();
        checked.sort();
        assert_eq!(checked, Rule::ALL);
    }
}
