//! What each lender could place alone: the floor of the rule `no_lender_worse_than_alone`.

use std::time::Instant;

use super::run::{Run, seconds_until};
use crate::domain::service_request::Priority;
use crate::planning::case::{Component, DAYS};
use crate::planning::improve::{Days, Improver, WHOLE, random};
use crate::planning::patch::Patch;
use crate::planning::relaxation::Relaxation;
use crate::planning::timetable::Timetable;
use crate::planning::worth::Aims;

/// Part of the work that goes into the plans of lenders alone.
const WORK_PART: u64 = 10;
/// Least work for one of them, and for all where they are many: a floor that is too low would be no protection.
const WORK_LEAST: (u64, u64) = (200_000, 4_000_000);
const WORK_LEAST_OF_ALL: u64 = 30_000_000;
/// First stream of random numbers of these searches.
const STREAM: u64 = 1_000_000;

/// The lenders' plans without each other.
pub(super) struct Alone {
    /// All of them together: lenders share neither specialists nor requests, so their plans fit together.
    pub days: Days,
    /// Mandated minutes of each member in it, by component.
    pub floors: Vec<Vec<u32>>,
    /// The proven most of each member, over all components.
    pub at_most: Vec<u32>,
}

/// A member's own specialists and requests in a component; requests of any priority, because a less urgent visit can
/// make a stay long enough for a mandated one.
struct Part {
    component: usize,
    member: usize,
    patch: Component,
}

impl Run<'_> {
    pub(super) fn alone(&self, until: Option<Instant>) -> Alone {
        let members = self.case.instance.members.len();
        let parts = self.parts();
        let least = (WORK_LEAST_OF_ALL / (parts.len() as u64).max(1)).clamp(WORK_LEAST.0, WORK_LEAST.1);
        let empty = Timetable::of(self.case);
        let found = self.each(&parts, |position, part| {
            let aims = Aims { only: Some(part.member), ..Aims::none(members) };
            let patch = Patch::whole(&part.patch);
            let random = random(self.options.seed, STREAM + position as u64);
            let mut improver = Improver::new(self.case, &patch, &aims, random);
            let mut budget = self.budget(self.work_for(&part.patch, self.work() / WORK_PART).max(least));
            budget.time = until.map(|until| (Instant::now(), until));
            let mut timetable = empty.clone();
            improver.fill(&mut timetable, &budget);
            let days = improver.run(timetable, &budget, WHOLE, |_| {});
            let mut relaxation = Relaxation::of(self.case, &part.patch);
            let most = relaxation.bound(self.case, Priority::Mandated, &[], &empty, seconds_until(until)).minutes;
            (days, most)
        });
        let mut timetable = empty;
        let mut alone = Alone {
            days: Vec::new(),
            floors: vec![vec![0; members]; self.components.len()],
            at_most: vec![0; members],
        };
        for (part, (days, most)) in parts.iter().zip(found) {
            timetable.replace(self.case, &days);
            alone.days.extend(days);
            alone.at_most[part.member] += most;
        }
        for part in &parts {
            // Fixed visits of others are no work of the member's own staff.
            let own = part.patch.specialists.iter().flat_map(|one| &timetable.days[one * DAYS..(one + 1) * DAYS]);
            let mandated = |request: usize| self.case.requests[request].priority == Priority::Mandated;
            let own = own
                .flatten()
                .filter(|visit| mandated(visit.request) && part.patch.requests.binary_search(&visit.request).is_ok());
            alone.floors[part.component][part.member] = own.map(|visit| visit.minutes).sum();
        }
        alone
    }

    fn parts(&self) -> Vec<Part> {
        let mut parts = Vec::new();
        for (index, component) in self.components.iter().enumerate() {
            for member in 0..self.case.instance.members.len() {
                let employed = |one: &&usize| self.case.specialists[**one].employer == Some(member);
                let specialists: Vec<usize> = component.specialists.iter().filter(employed).copied().collect();
                let own = |one: &&usize| {
                    let wanted = &self.case.requests[**one];
                    let able = || wanted.matches.iter().any(|(person, _)| specialists.binary_search(person).is_ok());
                    wanted.member == member && able()
                };
                let requests: Vec<usize> = component.requests.iter().filter(own).copied().collect();
                if !specialists.is_empty() && !requests.is_empty() {
                    parts.push(Part { component: index, member, patch: Component { specialists, requests } });
                }
            }
        }
        parts
    }
}
