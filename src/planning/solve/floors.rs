//! The rule `no_lender_worse_than_alone` in a plan that stays close to another one: which lenders have less than they could
//! place alone, and how they get it without moving everybody.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::Start;
use super::alone::Alone;
use super::rounds::{Limit, Searched};
use super::run::Run;
use crate::domain::service_request::Priority;
use crate::planning::case::{Component, DAYS, Placed};
use crate::planning::improve::{Budget, Improver, WHOLE, random};
use crate::planning::patch::Patch;
use crate::planning::timetable::Timetable;
use crate::planning::worth::Aims;

/// The price at which visits of a lender's own staff are moved where it has less than it could place alone, and the part of
/// work and time for that.
const LOW_PRICE: u32 = 10;
pub(super) const FLOORS_PART: f64 = 0.5;
/// In so many pieces, so that it ends when the lender has enough.
const TRIES: u32 = 8;
/// First stream of random numbers of these searches.
const STREAM: u64 = 2_000_000;

impl Run<'_> {
    /// A lender that has less in the plan people follow than it could place alone keeps what it has: to find a better plan of
    /// its own by chance today is no reason to move everybody.
    pub(super) fn lower_to_what_is_followed(&self, alone: &mut Alone, close: &Start) {
        let requests = self.case.instance.requests.iter().enumerate();
        let index: BTreeMap<&str, usize> = requests.map(|(index, request)| (request.code.as_str(), index)).collect();
        let mut followed = vec![0; self.case.requests.len()];
        for visit in &close.visits {
            if let Some(request) = index.get(visit.request.as_str()) {
                followed[*request] += visit.minutes();
            }
        }
        for (component, floors) in self.components.iter().zip(&mut alone.floors) {
            let mut given = vec![0; floors.len()];
            for &request in &component.requests {
                let wanted = &self.case.requests[request];
                if wanted.priority == Priority::Mandated {
                    given[wanted.member] += followed[request];
                }
            }
            floors.iter_mut().zip(given).for_each(|(floor, given)| *floor = given.min(*floor));
        }
    }

    /// Gives every lender what it could place alone: first by moving visits of its own staff at a low price, and if that does
    /// not suffice by sending its staff where it would go alone. Everybody else stays, as far as that is possible.
    pub(super) fn up_to_the_floors(
        &self,
        start: &Timetable,
        alone: &Timetable,
        aims: &[Aims],
        limit: Limit,
    ) -> Timetable {
        let mut searched = Searched { timetable: start.clone(), aims: aims.to_vec(), cut: false };
        for try_ in 0..TRIES {
            for (component, member) in self.short_lenders(&searched.timetable, aims) {
                self.look_elsewhere(&mut searched, component);
                let Component { specialists, requests } = &self.components[component];
                let own = |person: &usize| self.case.specialists[*person].employer == Some(member);
                let specialists = specialists.iter().copied().filter(own).collect();
                let patch = Patch::whole(&Component { specialists, requests: requests.clone() });
                let aims = Aims { minutes_per_moved_visit: LOW_PRICE, ..searched.aims[component].clone() };
                let limit = Limit { work: limit.work / u64::from(TRIES), ..limit.part(1.0 / f64::from(TRIES - try_)) };
                let budget =
                    Budget { time: limit.until.map(|until| (Instant::now(), until)), ..self.budget(limit.work) };
                let random = random(self.options.seed, STREAM + u64::from(try_) * 1_000 + member as u64);
                let mut improver = Improver::new(self.case, &patch, &aims, random);
                let days = improver.run(searched.timetable.clone(), &budget, WHOLE, |_| {});
                searched.timetable.replace(self.case, &days);
            }
        }
        let mut timetable = searched.timetable;
        // What one lender's staff gave another is missing there now; nobody is sent home twice.
        for _ in &self.case.instance.members {
            for (_, member) in self.short_lenders(&timetable, aims) {
                self.send_where_alone(&mut timetable, alone, member);
            }
        }
        self.filled(&timetable, aims.to_vec())
    }

    /// Replaces the days of a lender's own staff by those of its plan alone. Days of others on which the same requests are
    /// served become free, but for fixed visits.
    fn send_where_alone(&self, timetable: &mut Timetable, alone: &Timetable, member: usize) {
        let (case, people) = (self.case, self.case.specialists.len());
        let is_own = |person: usize| case.specialists[person].employer == Some(member);
        let own: Vec<usize> = (0..people).filter(|person| is_own(*person)).collect();
        let days = alone.days_of(&own);
        let served: BTreeSet<usize> = days.iter().flat_map(|(_, visits)| visits).map(|visit| visit.request).collect();
        for slot in (0..people * DAYS).filter(|slot| !is_own(slot / DAYS)) {
            let also = |visit: &Placed| !visit.fixed && served.contains(&visit.request);
            if timetable.days[slot].iter().any(also) {
                timetable.replace(case, &[(slot, case.fixed[slot].clone())]);
            }
        }
        timetable.replace(case, &days);
    }

    /// Whether a lender has less than it could place alone.
    pub(super) fn is_below_a_floor(&self, timetable: &Timetable, aims: &[Aims]) -> bool {
        !self.short_lenders(timetable, aims).is_empty()
    }

    /// Lenders that have less than they could place alone, by component.
    fn short_lenders(&self, timetable: &Timetable, aims: &[Aims]) -> Vec<(usize, usize)> {
        let mut short = Vec::new();
        for (index, (component, aims)) in self.components.iter().zip(aims).enumerate() {
            let mut here = vec![0; aims.alone.len()];
            for &request in &component.requests {
                let wanted = &self.case.requests[request];
                if wanted.priority == Priority::Mandated {
                    here[wanted.member] += timetable.placed[request];
                }
            }
            let lacking = (0..here.len()).filter(|member| here[*member] < aims.alone[*member]);
            short.extend(lacking.map(|member| (index, member)));
        }
        short
    }
}
