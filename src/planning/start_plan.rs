//! How much of a plan to stay close to an instance still allows.

use std::collections::BTreeSet;

use super::case::Case;
use super::instance::Instance;
use super::plan_document::{PlanDocument, Visit};

/// Visits of a plan to which a new plan cannot stay close.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Visits by a specialist or for a request that the instance does not have.
    pub unknown: usize,
    /// Visits whose time, length or pair of people the instance no longer allows.
    pub unfit: usize,
    /// Visits of the plan.
    pub of: usize,
}

impl LeftOut {
    /// How many are left out.
    pub fn total(&self) -> usize {
        self.unknown + self.unfit
    }
}

/// What a plan close to `plan` leaves out of it, for a sound instance.
///
/// # Errors
/// Why it is the plan of another co-op, in plain words: nobody and nothing in common, or another name and no visit that
/// fits. After a change of the same co-op it may well be that no visit fits; that is no error.
pub fn left_out(instance: &Instance, plan: &PlanDocument) -> Result<LeftOut, String> {
    let people: BTreeSet<&str> = instance.specialists.iter().map(|one| one.code.as_str()).collect();
    let requests: BTreeSet<&str> = instance.requests.iter().map(|one| one.code.as_str()).collect();
    let (named, own) = (&plan.instance_name, &instance.name);
    let asked = plan.shortfalls.iter().map(|shortfall| shortfall.request.as_str());
    let mut asked = asked.chain(plan.visits.iter().map(|visit| visit.request.as_str())).peekable();
    let names_anything = asked.peek().is_some();
    let anybody = plan.visits.iter().any(|visit| people.contains(visit.specialist.as_str()));
    if names_anything && !anybody && !asked.any(|request| requests.contains(request)) {
        return Err(format!(
            "this plan of \"{named}\" has no specialist and no request in common with the instance \"{own}\""
        ));
    }
    let known =
        |visit: &&Visit| people.contains(visit.specialist.as_str()) && requests.contains(visit.request.as_str());
    let of = plan.visits.len();
    let unknown = of - plan.visits.iter().filter(known).count();
    let left_out = LeftOut { unknown, unfit: (of - unknown).saturating_sub(kept(instance, plan)), of };
    if of > 0 && left_out.total() == of && named != own {
        return Err(format!("no visit of this plan of \"{named}\" fits the instance \"{own}\""));
    }
    Ok(left_out)
}

/// Visits that the search can keep, and those that give way to a fixed visit of the same people on the same day.
fn kept(instance: &Instance, plan: &PlanDocument) -> usize {
    let mut case = Case::of(instance);
    case.stay_close_to(&plan.visits);
    let free: usize = case.start.iter().map(Vec::len).sum();
    let fixed: BTreeSet<_> =
        instance.fixed.iter().map(|fixed| (fixed.specialist.as_str(), fixed.request.as_str(), fixed.day)).collect();
    let stands = plan
        .visits
        .iter()
        .filter(|visit| fixed.contains(&(visit.specialist.as_str(), visit.request.as_str(), visit.day)));
    free + stands.count()
}
