//! Patches: groups of specialists who are near each other, so that a large co-op can be searched in many places at once.
//!
//! Each request belongs to at most one patch, which may plan it as it likes. A patch that serves a request of another
//! patch may move its own visits of it, but may not give it more minutes, visits or days than it has. So whatever the
//! patches of one partition find fits together, and no patch needs to know what the others do.

use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::case::{Case, Component, DAYS};
use super::timetable::Timetable;

/// A component with so many specialists is searched as a whole.
const WHOLE_MAX: usize = 24;
/// Specialists of a patch.
const PATCH_SPECIALISTS: usize = 14;

/// What a patch may give a request in all, what others give counted as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowed {
    pub minutes: u32,
    pub visits: u32,
    /// Days on which it may have a visit, one bit a day.
    pub days: u8,
}

const NOTHING: Allowed = Allowed { minutes: 0, visits: 0, days: 0 };
const EVERYTHING: Allowed = Allowed { minutes: u32::MAX, visits: u32::MAX, days: u8::MAX };

/// Specialists whose days are searched together.
#[derive(Debug, Clone)]
pub(crate) struct Patch {
    /// In order.
    pub specialists: Vec<usize>,
    /// The requests that belong to it.
    pub requests: Vec<usize>,
    /// By request; without it everything is allowed.
    allowed: Option<Vec<Allowed>>,
}

impl Patch {
    /// A whole component, or a part of one of which nobody else plans anything.
    pub(crate) fn whole(component: &Component) -> Patch {
        let Component { specialists, requests } = component.clone();
        Patch { specialists, requests, allowed: None }
    }

    /// What it may give a request.
    pub(crate) fn allowed(&self, request: usize) -> Allowed {
        self.allowed.as_ref().map_or(EVERYTHING, |allowed| allowed[request])
    }

    /// Whether it may plan visits of a request at all.
    pub(crate) fn allows(&self, request: usize) -> bool {
        self.allowed(request).days != 0
    }

    /// Whether a specialist belongs to it.
    pub(crate) fn has(&self, specialist: usize) -> bool {
        self.specialists.binary_search(&specialist).is_ok()
    }
}

/// Whether a component is searched in patches.
pub(crate) fn is_large(component: &Component) -> bool {
    component.specialists.len() > WHOLE_MAX
}

/// Divides a component anew; which specialists and requests come together is left to chance.
pub(crate) fn patches(
    case: &Case,
    component: &Component,
    timetable: &Timetable,
    random: &mut ChaCha8Rng,
) -> Vec<Patch> {
    if !is_large(component) {
        return vec![Patch::whole(component)];
    }
    let groups = neighbors(case, component, random);
    let mut group_of = vec![usize::MAX; case.specialists.len()];
    for (group, specialists) in groups.iter().enumerate() {
        specialists.iter().for_each(|specialist| group_of[*specialist] = group);
    }
    let serving = serving(component, timetable, &group_of, case.requests.len());
    let mut patches: Vec<Patch> = groups
        .into_iter()
        .map(|specialists| Patch {
            specialists,
            requests: Vec::new(),
            allowed: Some(vec![NOTHING; case.requests.len()]),
        })
        .collect();
    for &request in &component.requests {
        let wanted = &case.requests[request];
        let short = timetable.placed[request] < wanted.minutes;
        let served_by = &serving[request];
        let owner = if served_by.is_empty() || (short && random.random_bool(0.5)) {
            group_of[wanted.matches[random.random_range(0..wanted.matches.len())].0]
        } else {
            served_by[random.random_range(0..served_by.len())]
        };
        let now = Allowed {
            minutes: timetable.placed[request],
            visits: timetable.visits[request],
            days: timetable.taken[request],
        };
        for &group in served_by {
            patches[group].allow(request, now);
        }
        patches[owner].allow(request, EVERYTHING);
        patches[owner].requests.push(request);
    }
    patches
}

impl Patch {
    fn allow(&mut self, request: usize, what: Allowed) {
        if let Some(allowed) = &mut self.allowed {
            allowed[request] = what;
        }
    }
}

/// Groups of specialists who could serve the same requests.
fn neighbors(case: &Case, component: &Component, random: &mut ChaCha8Rng) -> Vec<Vec<usize>> {
    let mut waiting = component.specialists.clone();
    waiting.shuffle(random);
    let mut free = vec![false; case.specialists.len()];
    waiting.iter().for_each(|specialist| free[*specialist] = true);
    let mut shared = vec![0_u32; case.specialists.len()];
    let mut groups = Vec::new();
    for first in waiting {
        if !free[first] {
            continue;
        }
        free[first] = false;
        shared.fill(0);
        for option in &case.specialists[first].options {
            for &(other, _) in &case.requests[option.request].matches {
                shared[other] += 1;
            }
        }
        let mut near: Vec<usize> =
            component.specialists.iter().copied().filter(|other| free[*other] && shared[*other] > 0).collect();
        near.sort_by_key(|other| (u32::MAX - shared[*other], *other));
        near.truncate(PATCH_SPECIALISTS - 1);
        near.iter().for_each(|other| free[*other] = false);
        near.push(first);
        near.sort_unstable();
        groups.push(near);
    }
    groups
}

/// The groups that serve each request now.
fn serving(component: &Component, timetable: &Timetable, group_of: &[usize], requests: usize) -> Vec<Vec<usize>> {
    let mut serving: Vec<Vec<usize>> = vec![Vec::new(); requests];
    for &specialist in &component.specialists {
        for visit in timetable.days[specialist * DAYS..(specialist + 1) * DAYS].iter().flatten() {
            let groups = &mut serving[visit.request];
            if !groups.contains(&group_of[specialist]) {
                groups.push(group_of[specialist]);
            }
        }
    }
    serving
}
