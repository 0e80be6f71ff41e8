//! What the search of each component is to reach: the lenders' floors and fair quotas of mandated minutes.

use super::run::{Proof, Run, seconds_until};
use crate::domain::service_request::Priority;
use crate::planning::case::Component;
use crate::planning::relaxation::Relaxation;
use crate::planning::timetable::Timetable;
use crate::planning::worth::Aims;

/// With more pairs than this, fair quotas come from a relaxation by week instead of by day.
const PAIRS_BY_DAY_MAX: u64 = 3_000;

/// With more pairs than this the linear programs of the fair quotas would take longer than the search; every member
/// gets the same part of what it asks for instead.
const PAIRS_SHARED_MAX: u64 = 40_000;

/// Part of the time left that the linear programs of the fair quotas may take.
const TIME_PART: f64 = 0.25;

impl Run<'_> {
    /// The aims of the very first plan, when nothing is known yet: as much as possible for everybody.
    pub(super) fn first_aims(&self) -> Vec<Aims> {
        let aims =
            Aims { fair: self.case.is_fair(), asked: self.asked(), ..Aims::none(self.case.instance.members.len()) };
        vec![aims; self.components.len()]
    }

    /// The aims of each component. Where mandated minutes are short, every member's quota is the same part of what it
    /// asks for, until [`Fairness`] finds better ones.
    pub(super) fn aims(&self, proofs: &[Proof], alone: &[Vec<u32>]) -> Vec<Aims> {
        let close = self.options.start.as_ref();
        let aims = self.first_aims().into_iter().enumerate().map(|(index, aims)| Aims {
            alone: alone[index].clone(),
            quota: match aims.fair {
                true => proportional(&self.reachable_in(index), proofs[index].mandated_at_most),
                false => aims.quota,
            },
            minutes_per_moved_visit: close.map_or(0, |start| start.minutes_per_moved_visit),
            ..aims
        });
        aims.collect()
    }

    /// Mandated minutes that each member asks for.
    fn asked(&self) -> Vec<u32> {
        let mut asked = vec![0; self.case.instance.members.len()];
        for request in self.case.requests.iter().filter(|request| request.priority == Priority::Mandated) {
            asked[request.member] += request.minutes;
        }
        asked
    }

    /// The most mandated minutes that each member can get in a component, each request looked at alone.
    fn reachable_in(&self, component: usize) -> Vec<u32> {
        let mut reachable = vec![0; self.case.instance.members.len()];
        for request in &self.components[component].requests {
            let wanted = &self.case.requests[*request];
            if wanted.priority == Priority::Mandated {
                reachable[wanted.member] += wanted.reachable(wanted.minutes, wanted.visits_max, self.case.unit());
            }
        }
        reachable
    }

    /// Minutes of each member in a component, rounded up to whole units.
    fn quota(&self, component: &Component, fair: &[f64]) -> Vec<u32> {
        let mut exact = vec![0.0; self.case.instance.members.len()];
        for request in &component.requests {
            exact[self.case.requests[*request].member] += fair[*request];
        }
        let unit = f64::from(self.case.unit());
        exact.into_iter().map(|minutes| ((minutes / unit - 1e-6).ceil() * unit) as u32).collect()
    }
}

/// Fair quotas of mandated minutes, found by linear programs while the search runs. They matter only where mandated
/// minutes are short.
pub(super) struct Fairness {
    /// Components that are short, in which the quotas are shared out.
    short: Vec<usize>,
    /// All of them together; nothing where they are too large.
    joint: Option<Component>,
    /// No plan has more mandated minutes in them.
    bound: u32,
    /// By member: the most that it gets in the other components.
    sure: Vec<u32>,
    /// The quotas that were found last, by short component and member, and the total that they share out.
    found: Option<(u32, Vec<Vec<u32>>)>,
    /// The proven best share of the worst-served member in hundredths of a percent, once it is known.
    pub worst_share_at_most_basis_points: Option<u32>,
}

impl Fairness {
    pub(super) fn new(run: &Run, proofs: &[Proof]) -> Fairness {
        let mut fairness = Fairness {
            short: Vec::new(),
            joint: None,
            bound: 0,
            sure: vec![0; run.case.instance.members.len()],
            found: None,
            worst_share_at_most_basis_points: None,
        };
        let mut joint = Component { specialists: Vec::new(), requests: Vec::new() };
        for (index, component) in run.components.iter().enumerate() {
            let reachable = run.reachable_in(index);
            if reachable.iter().sum::<u32>() > proofs[index].mandated_at_most {
                fairness.short.push(index);
                fairness.bound += proofs[index].mandated_at_most;
                joint.specialists.extend(&component.specialists);
                joint.requests.extend(&component.requests);
            } else {
                fairness.sure.iter_mut().zip(&reachable).for_each(|(sure, reachable)| *sure += reachable);
            }
        }
        let possible = run.case.is_fair() && !fairness.short.is_empty() && run.pairs(&joint) <= PAIRS_SHARED_MAX;
        fairness.joint = possible.then_some(joint);
        fairness
    }

    /// Puts fair quotas into the aims: for the most minutes that any plan has, or later for as many as were reached,
    /// since quotas of minutes that no plan has would favor whoever is easiest to serve.
    pub(super) fn share(&mut self, run: &Run, timetable: &Timetable, aims: &mut [Aims], as_reached: bool) {
        let reached = || self.short.iter().map(|index| run.mandated_in(&run.components[*index], timetable)).sum();
        let total = if as_reached { self.bound.min(reached()) } else { self.bound };
        if self.found.as_ref().is_none_or(|(found, _)| *found != total) {
            self.find(run, total);
        }
        for (index, quotas) in self.short.iter().zip(self.found.iter().flat_map(|(_, quotas)| quotas)) {
            aims[*index].quota.clone_from(quotas);
        }
    }

    fn find(&mut self, run: &Run, total: u32) {
        let Some(joint) = self.joint.as_ref().filter(|_| !run.is_cut()) else { return };
        let relaxation = if run.pairs(joint) <= PAIRS_BY_DAY_MAX {
            Relaxation::of(run.case, joint)
        } else {
            Relaxation::weekly(run.case, joint)
        };
        let seconds = seconds_until(run.part_of_time(TIME_PART));
        let Some(fair) = relaxation.fair(&run.asked(), &self.sure, total, seconds) else {
            // Time that was too short once will be too short again.
            self.joint = None;
            return;
        };
        let quotas = self.short.iter().map(|index| run.quota(&run.components[*index], &fair.minutes));
        self.found = Some((total, quotas.collect()));
        self.worst_share_at_most_basis_points = Some(fair.worst_share_at_most_basis_points);
    }
}

/// The same part for everybody, in whole minutes rounded up; all of it where there is enough.
fn proportional(asked: &[u32], possible: u32) -> Vec<u32> {
    let all = u64::from(asked.iter().sum::<u32>()).max(1);
    let possible = u64::from(possible).min(all);
    asked.iter().map(|asked| (u64::from(*asked) * possible).div_ceil(all) as u32).collect()
}
