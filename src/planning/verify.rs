//! An independent check of a plan: every hard rule, the totals and the shortfalls.
//!
//! Nothing here is shared with the search: the rules are counted again from the instance and the list of visits, so a
//! mistake of the search cannot hide itself.

mod day;
mod totals;
mod visit;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::instance::{Instance, ServiceRequest, Site, Specialist};
use super::plan_document::{PlanDocument, Totals, Visit};
use super::rule::Rule;
use crate::domain::calendar::{WallClock, Weekday};
use crate::domain::service_request::Mode;

pub use totals::totals_of;

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

/// Checks a plan against a sound instance: the true totals, or every broken rule.
pub fn verify(instance: &Instance, plan: &PlanDocument) -> Result<Totals, Vec<BrokenRule>> {
    let index = Index::of(instance);
    let mut check = Check::default();
    let visits = index.known_visits(&plan.visits, &mut check);
    rules(&index, &visits, &mut check);
    let totals = totals_of(instance, &plan.visits);
    totals::agreement(&index, &totals, plan, &mut check);
    if check.broken.is_empty() { Ok(totals) } else { Err(check.broken) }
}

/// The hard rules that a list of visits breaks, without totals and shortfalls.
pub(crate) fn broken_by_visits(instance: &Instance, visits: &[Visit]) -> Vec<BrokenRule> {
    let index = Index::of(instance);
    let mut check = Check::default();
    let visits = index.known_visits(visits, &mut check);
    rules(&index, &visits, &mut check);
    check.broken
}

/// The hard rules that the fixed visits of an instance break, taken as a plan of their own.
pub(crate) fn broken_by_fixed(instance: &Instance) -> Vec<BrokenRule> {
    broken_by_visits(instance, &fixed_visits(instance))
}

/// The fixed visits with the place where each is given. Visits with unknown codes are left out.
pub(crate) fn fixed_visits(instance: &Instance) -> Vec<Visit> {
    let index = Index::of(instance);
    let visit = |fixed: &super::instance::FixedVisit| {
        let specialist = index.specialists.get(fixed.specialist.as_str())?;
        let request = index.requests.get(fixed.request.as_str())?;
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

/// Where a visit is given.
fn place_of<'a>(specialist: &'a Specialist, request: &'a ServiceRequest) -> &'a str {
    if request.mode == Mode::Teletherapy { &specialist.home_site } else { &request.site }
}

fn rules(index: &Index, visits: &[Known], check: &mut Check) {
    for known in visits {
        visit::check(index, known, check);
    }
    visit::check_requests(visits, check);
    visit::check_weeks(index, visits, check);
    let mut days: BTreeMap<(&str, Weekday), Vec<&Known>> = BTreeMap::new();
    for known in visits {
        days.entry((&known.specialist.code, known.visit.day)).or_default().push(known);
    }
    for ((_, day), mut visits) in days {
        visits.sort_by(|left, right| left.order().cmp(&right.order()));
        day::check(index, day, &visits, check);
    }
    for fixed in &index.instance.fixed {
        let stands = visits.iter().any(|known| {
            let visit = known.visit;
            (visit.specialist == fixed.specialist && visit.request == fixed.request)
                && (visit.day, visit.starts, visit.ends) == (fixed.day, fixed.starts, fixed.ends)
        });
        check.require(stands, Rule::FixedVisitsStand, || {
            format!("{} {} {} {}-{}", fixed.specialist, fixed.request, fixed.day, fixed.starts, fixed.ends)
        });
    }
}

/// Collects broken rules.
#[derive(Default)]
struct Check {
    broken: Vec<BrokenRule>,
}

impl Check {
    fn require(&mut self, holds: bool, rule: Rule, what: impl FnOnce() -> String) {
        if !holds {
            self.broken.push(BrokenRule { rule, what: what() });
        }
    }
}

/// A visit whose codes are known.
struct Known<'a> {
    visit: &'a Visit,
    specialist: &'a Specialist,
    request: &'a ServiceRequest,
}

impl Known<'_> {
    fn place(&self) -> &str {
        place_of(self.specialist, self.request)
    }

    /// The order of visits of a day; overlapping ones are told apart so that every count of drives is the same.
    fn order(&self) -> (WallClock, WallClock, &str, &str) {
        (self.visit.starts, self.visit.ends, self.place(), &self.request.code)
    }

    fn tag(&self) -> String {
        let visit = self.visit;
        format!("{} {} {} {}-{}", visit.specialist, visit.request, visit.day, visit.starts, visit.ends)
    }
}

/// The instance by code.
struct Index<'a> {
    instance: &'a Instance,
    specialists: BTreeMap<&'a str, &'a Specialist>,
    requests: BTreeMap<&'a str, &'a ServiceRequest>,
    sites: BTreeMap<&'a str, &'a Site>,
    rows: BTreeMap<&'a str, usize>,
}

impl<'a> Index<'a> {
    fn of(instance: &'a Instance) -> Index<'a> {
        Index {
            instance,
            specialists: instance.specialists.iter().map(|one| (one.code.as_str(), one)).collect(),
            requests: instance.requests.iter().map(|one| (one.code.as_str(), one)).collect(),
            sites: instance.sites.iter().map(|one| (one.code.as_str(), one)).collect(),
            rows: instance.travel.sites.iter().enumerate().map(|(row, code)| (code.as_str(), row)).collect(),
        }
    }

    fn known_visits(&self, visits: &'a [Visit], check: &mut Check) -> Vec<Known<'a>> {
        let mut known = Vec::new();
        for visit in visits {
            let found = self.specialists.get(visit.specialist.as_str()).zip(self.requests.get(visit.request.as_str()));
            match found {
                Some((specialist, request)) => known.push(Known { visit, specialist, request }),
                None => check.require(false, Rule::UnknownCode, || format!("{} {}", visit.specialist, visit.request)),
            }
        }
        known
    }

    fn drive_minutes(&self, from: &str, to: &str) -> u32 {
        self.instance.travel.minutes[self.rows[from]][self.rows[to]]
    }

    fn drive_miles(&self, from: &str, to: &str) -> f64 {
        self.instance.travel.miles.as_ref().map_or(0.0, |miles| miles[self.rows[from]][self.rows[to]])
    }

    fn member_of(&self, request: &ServiceRequest) -> &'a str {
        &self.sites[request.site.as_str()].member
    }
}

/// Codes without repetition, for counting distinct ones.
fn distinct<'a>(codes: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
    codes.collect()
}
