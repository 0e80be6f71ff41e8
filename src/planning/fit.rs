//! Whether one more visit fits into the week that a specialist has: for cover and make-ups, outside of the search.
//!
//! The rules are those of [`verify`](mod@super::verify), counted with and without the visit. What a week breaks already is not
//! held against the visit.

use super::instance::Instance;
use super::plan_document::Visit;
use super::rule::Rule;
use super::verify::{BrokenRule, broken_by_visits, totals_of};

/// Rules about a whole request, whose other visits are given by others, and about when its plan may place it: whoever
/// covers comes when the visit was to be. Nor is it weighed how many sites and requests somebody has in a usual week:
/// who stands in once takes nothing on.
const NOT_OF_ONE_VISIT: [Rule; 8] = [
    Rule::VisitWithinWindow,
    Rule::VisitLength,
    Rule::OneVisitPerRequestAndDay,
    Rule::RequestNotExceeded,
    Rule::FixedVisitsStand,
    Rule::VisitAtRequestSite,
    Rule::SitesWithinCap,
    Rule::RequestsWithinCap,
];

/// A week as it is, counted once for everything that is tried in it.
#[derive(Debug)]
pub struct WeekSoFar {
    broken: Vec<BrokenRule>,
    travel_minutes: i64,
}

impl WeekSoFar {
    /// Counts the visits of one specialist. Their codes must be of the instance.
    pub fn count(instance: &Instance, visits: &[Visit]) -> WeekSoFar {
        WeekSoFar { broken: broken_by_visits(instance, visits), travel_minutes: travel(instance, visits) }
    }
}

/// The hard rules that the visit breaks in the week of its specialist, whose other visits are given with their count. Its
/// codes must be of the instance.
pub fn objections(instance: &Instance, (others, so_far): (&[Visit], &WeekSoFar), visit: &Visit) -> Vec<BrokenRule> {
    let with: Vec<Visit> = others.iter().chain([visit]).cloned().collect();
    let mut broken = broken_by_visits(instance, &with);
    broken.retain(|one| !so_far.broken.contains(one) && !NOT_OF_ONE_VISIT.contains(&one.rule));
    broken
}

/// Minutes of driving that the visit adds to the week; less than 0 where it lies on the way of a detour.
pub fn extra_drive_minutes(instance: &Instance, (others, so_far): (&[Visit], &WeekSoFar), visit: &Visit) -> i64 {
    let with: Vec<Visit> = others.iter().chain([visit]).cloned().collect();
    travel(instance, &with) - so_far.travel_minutes
}

fn travel(instance: &Instance, visits: &[Visit]) -> i64 {
    i64::from(totals_of(instance, visits).travel_minutes)
}
