//! Caps on the week of a specialist: how many different sites, and how many different requests.
//!
//! A week is planned one day after the other. What the other days have of sites and requests is there already and takes
//! nothing more of a cap; the day may add as many as are left.

use std::collections::BTreeSet;

use super::case::Case;
use super::timetable::Timetable;

/// The most that a week may have; `u32::MAX` without a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caps {
    /// Different sites.
    pub sites: u32,
    /// Different requests.
    pub requests: u32,
}

/// What a day may add to the week, and which of its candidates and places would.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CapsLeft {
    pub sites: u32,
    pub requests: u32,
    /// Places of the day that no other day has, one bit each.
    pub new_places: u128,
    /// Candidates whose request no other day has, one bit each.
    pub new_candidates: u128,
}

/// Nothing is limited.
const NO_LIMIT: CapsLeft = CapsLeft { sites: u32::MAX, requests: u32::MAX, new_places: 0, new_candidates: 0 };

/// Sites and requests that a specialist has in a timetable.
struct Served {
    sites: BTreeSet<usize>,
    requests: usize,
}

impl Served {
    fn of(case: &Case, timetable: &Timetable, person: usize) -> Served {
        let options = &case.specialists[person].options;
        let meets = timetable.meetings[person].iter().zip(options).filter(|(days, _)| **days > 0);
        let sites: Vec<usize> = meets.map(|(_, option)| option.place).collect();
        Served { requests: sites.len(), sites: sites.into_iter().collect() }
    }
}

impl Caps {
    /// Whether anything is limited.
    fn limit(self) -> bool {
        self.sites != u32::MAX || self.requests != u32::MAX
    }

    /// Whether a request that a specialist could serve fits under the caps on sites and on requests of the week as it is.
    pub(crate) fn allow(case: &Case, timetable: &Timetable, person: usize, option: usize) -> (bool, bool) {
        let caps = case.specialists[person].caps;
        if !caps.limit() || timetable.meetings[person][option] > 0 {
            return (true, true);
        }
        let served = Served::of(case, timetable, person);
        let known = served.sites.contains(&case.specialists[person].options[option].place);
        (known || served.sites.len() < caps.sites as usize, served.requests < caps.requests as usize)
    }
}

impl CapsLeft {
    /// Of a specialist's day that was taken out of a timetable, with the options of its candidates and its places. Fixed
    /// visits of the day are never taken out, so they add nothing.
    pub(crate) fn of(
        case: &Case,
        timetable: &Timetable,
        person: usize,
        options: &[usize],
        places: &[usize],
    ) -> CapsLeft {
        let caps = case.specialists[person].caps;
        if !caps.limit() {
            return NO_LIMIT;
        }
        let served = Served::of(case, timetable, person);
        let bits = |new: &dyn Fn(usize) -> bool, count: usize| {
            (0..count).filter(|at| new(*at)).fold(0_u128, |bits, at| bits | 1 << at)
        };
        CapsLeft {
            sites: caps.sites.saturating_sub(served.sites.len() as u32),
            requests: caps.requests.saturating_sub(served.requests as u32),
            new_places: bits(&|at| !served.sites.contains(&places[at]), places.len()),
            new_candidates: bits(&|at| timetable.meetings[person][options[at]] == 0, options.len()),
        }
    }
}
