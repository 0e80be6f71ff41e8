//! What the search of each component is to reach: the lenders' floors and fair quotas of mandated minutes.

use super::run::{Proof, Run};
use crate::domain::service_request::Priority;
use crate::planning::case::Component;
use crate::planning::relaxation::{Fair, Relaxation};
use crate::planning::worth::Aims;

/// With more pairs than this, fair quotas come from a relaxation by week instead of by day.
const PAIRS_BY_DAY_MAX: u64 = 3_000;

impl Run<'_> {
    /// The aims of each component, and the proven best share of the worst-served member in hundredths of a percent.
    /// Quotas matter only where mandated minutes are short.
    pub(super) fn aims(&self, proofs: &[Proof], alone: &[Vec<u32>]) -> (Vec<Aims>, Option<u32>) {
        let members = self.case.instance.members.len();
        let fair = self.case.is_fair();
        let mut asked = vec![0; members];
        for request in self.case.requests.iter().filter(|request| request.priority == Priority::Mandated) {
            asked[request.member] += request.minutes;
        }
        let mut quotas = vec![vec![0; members]; self.components.len()];
        let mut sure = vec![0; members];
        let mut short = Vec::new();
        for (index, component) in self.components.iter().enumerate() {
            for (member, minutes) in component.requests.iter().filter_map(|request| self.reachable_mandated(*request)) {
                quotas[index][member] += minutes;
            }
            if quotas[index].iter().sum::<u32>() > proofs[index].mandated.minutes {
                short.push(index);
            } else {
                sure.iter_mut().zip(&quotas[index]).for_each(|(sure, quota)| *sure += quota);
            }
        }
        let shared = if fair { self.fair(&short, proofs, &asked, &sure) } else { None };
        if let Some(shared) = &shared {
            for &index in &short {
                quotas[index] = self.quota(&self.components[index], &shared.minutes);
            }
        }
        let all: Vec<u32> = (0..members).map(|member| quotas.iter().map(|quota| quota[member]).sum()).collect();
        let (close, none) = (self.options.start.as_ref(), Aims::none(members));
        let aims = quotas.into_iter().zip(alone).map(|(quota, alone)| Aims {
            elsewhere: all.iter().zip(&quota).map(|(all, here)| all - here).collect(),
            outside: none.outside.clone(),
            alone: alone.clone(),
            quota: if fair { quota } else { none.quota.clone() },
            asked: asked.clone(),
            only: None,
            minutes_per_moved_visit: close.map_or(0, |start| start.minutes_per_moved_visit),
            fair,
        });
        (aims.collect(), shared.map(|shared| shared.worst_share_at_most_basis_points))
    }

    /// A mandated request's member and the most minutes that it can get.
    fn reachable_mandated(&self, request: usize) -> Option<(usize, u32)> {
        let wanted = &self.case.requests[request];
        let reachable = wanted.reachable(wanted.minutes, wanted.visits_max, self.case.unit());
        (wanted.priority == Priority::Mandated).then_some((wanted.member, reachable))
    }

    /// Minutes of each member in a component, rounded up to whole units.
    fn quota(&self, component: &Component, minutes: &[f64]) -> Vec<u32> {
        let mut exact = vec![0.0; self.case.instance.members.len()];
        for request in &component.requests {
            exact[self.case.requests[*request].member] += minutes[*request];
        }
        let unit = f64::from(self.case.unit());
        exact.into_iter().map(|minutes| ((minutes / unit - 1e-6).ceil() * unit) as u32).collect()
    }

    fn fair(&self, short: &[usize], proofs: &[Proof], asked: &[u32], sure: &[u32]) -> Option<Fair> {
        if short.is_empty() || self.is_cut() {
            return None;
        }
        let mut joint = Component { specialists: Vec::new(), requests: Vec::new() };
        for &index in short {
            joint.specialists.extend(&self.components[index].specialists);
            joint.requests.extend(&self.components[index].requests);
        }
        let total = short.iter().map(|index| proofs[*index].mandated.minutes).sum();
        let seconds = self.seconds_left().map(|seconds| seconds / 3.0);
        let relaxation = if self.pairs(&joint) <= PAIRS_BY_DAY_MAX {
            Relaxation::of(self.case, &joint)
        } else {
            Relaxation::weekly(self.case, &joint)
        };
        relaxation.fair(asked, sure, total, seconds)
    }
}
