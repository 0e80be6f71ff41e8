//! The hard rules that are sums, as rows of the program: one function a rule, with the rule's name.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::Relaxation;
use crate::planning::case::{Case, Slot};

/// Window rows of one specialist on one day that are worth their time.
const WINDOW_POINTS_MAX: usize = 16;

impl Relaxation {
    /// Minutes of a specialist on a day: within the limit, and within the hours in which anything can be done.
    pub(super) fn specialist_day_within_limit(
        &mut self,
        case: &Case,
        specialist: usize,
        day: usize,
        cells: &Range<usize>,
    ) {
        if cells.is_empty() {
            return;
        }
        let most = self.day_most(case, specialist, day, cells);
        let row = self.program.at_most(cells.clone().map(|cell| (cell, 1.0)).collect(), f64::from(most));
        self.staff_rows.push((row, specialist, Some(day)));
    }

    fn day_most(&self, case: &Case, specialist: usize, day: usize, cells: &Range<usize>) -> u32 {
        let all: Vec<Slot> = cells.clone().flat_map(|cell| self.slots(case, specialist, day, cell).to_vec()).collect();
        self.whole(case.specialists[specialist].day_max).min(self.room(all))
    }

    /// Visits whose hours lie between two times fit between them.
    pub(super) fn visit_within_window_and_availability(
        &mut self,
        case: &Case,
        specialist: usize,
        day: usize,
        cells: &Range<usize>,
    ) {
        let points: BTreeSet<u32> = cells
            .clone()
            .flat_map(|cell| self.slots(case, specialist, day, cell).iter().flat_map(|slot| [slot.0, slot.1]))
            .collect();
        if points.len() > WINDOW_POINTS_MAX || cells.is_empty() {
            return;
        }
        let most = self.day_most(case, specialist, day, cells);
        let mut rows: Vec<(Vec<usize>, u32)> = Vec::new();
        for &from in &points {
            for &until in points.range(from + 1..) {
                let inside = |cell: &usize| {
                    self.slots(case, specialist, day, *cell).iter().all(|slot| from <= slot.0 && slot.1 <= until)
                };
                let within: Vec<usize> = cells.clone().filter(inside).collect();
                let slots = within.iter().flat_map(|cell| self.slots(case, specialist, day, *cell).to_vec()).collect();
                let room = self.room(slots);
                let wanted: u32 = within.iter().map(|cell| self.cells[*cell].most).sum();
                if room < most && room < wanted && !rows.iter().any(|row| row.0 == within) {
                    rows.push((within, room));
                }
            }
        }
        for (cells, most) in rows {
            self.program.at_most(cells.into_iter().map(|cell| (cell, 1.0)).collect(), f64::from(most));
        }
    }

    fn slots<'a>(&self, case: &'a Case, specialist: usize, day: usize, cell: usize) -> &'a [Slot] {
        &case.specialists[specialist].options[self.cells[cell].option].slots[day]
    }

    /// Minutes that fit into the union of some slots; visits are whole units and never cross a gap.
    fn room(&self, mut slots: Vec<Slot>) -> u32 {
        slots.sort_unstable();
        let (mut room, mut open) = (0, None::<Slot>);
        for slot in slots {
            match &mut open {
                Some(last) if slot.0 <= last.1 => last.1 = last.1.max(slot.1),
                _ => room += open.replace(slot).map_or(0, |last| self.whole(last.1 - last.0)),
            }
        }
        room + open.map_or(0, |last| self.whole(last.1 - last.0))
    }

    /// Minutes of a specialist's week.
    pub(super) fn specialist_week_within_contract(&mut self, case: &Case, specialist: usize, cells: Range<usize>) {
        let most = f64::from(self.whole(case.specialists[specialist].week_max));
        let row = self.program.at_most(cells.map(|cell| (cell, 1.0)).collect(), most);
        self.staff_rows.push((row, specialist, None));
    }

    /// Minutes that a specialist gives to other members than the employer.
    pub(super) fn lendable_within_limit(&mut self, case: &Case, specialist: usize, cells: Range<usize>) {
        let person = &case.specialists[specialist];
        let lent = |cell: &usize| person.options[self.cells[*cell].option].lent;
        let lent: Vec<(usize, f64)> = cells.filter(lent).map(|cell| (cell, 1.0)).collect();
        if person.lend_max != u32::MAX && !lent.is_empty() {
            self.program.at_most(lent, f64::from(self.whole(person.lend_max)));
        }
    }

    /// Minutes that a specialist gives to one member other than the employer.
    pub(super) fn member_share_within_limit(&mut self, case: &Case, specialist: usize, cells: Range<usize>) {
        let person = &case.specialists[specialist];
        if person.share_max == u32::MAX {
            return;
        }
        let mut by_member: BTreeMap<usize, Vec<(usize, f64)>> = BTreeMap::new();
        for cell in cells {
            by_member.entry(self.cells[cell].member).or_default().push((cell, 1.0));
        }
        for (_, cells) in by_member.into_iter().filter(|(member, _)| person.employer != Some(*member)) {
            self.program.at_most(cells, f64::from(self.whole(person.share_max)));
        }
    }

    /// Different sites of a specialist's week. Of a site the part counts that its minutes are of the most that it could
    /// get, so a cap is never counted higher than it is; it may be counted lower, which only raises the bound.
    pub(super) fn sites_within_cap(&mut self, case: &Case, specialist: usize, cells: Range<usize>) {
        let person = &case.specialists[specialist];
        let places = cells.map(|cell| (cell, person.options[self.cells[cell].option].place)).collect();
        self.within_cap(person.caps.sites, person.week_max, places);
    }

    /// Different requests of a specialist's week, counted like its sites.
    pub(super) fn requests_within_cap(&mut self, case: &Case, specialist: usize, cells: Range<usize>) {
        let person = &case.specialists[specialist];
        let requests = cells.map(|cell| (cell, self.cells[cell].request)).collect();
        self.within_cap(person.caps.requests, person.week_max, requests);
    }

    /// At most so many kinds of cells have minutes: `sum of minutes / most minutes of the kind <= cap`.
    fn within_cap(&mut self, cap: u32, week_max: u32, cells: Vec<(usize, usize)>) {
        if cap == u32::MAX {
            return;
        }
        let mut kinds: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (cell, kind) in cells {
            kinds.entry(kind).or_default().push(cell);
        }
        if kinds.len() <= cap as usize {
            return;
        }
        let mut terms = Vec::new();
        for cells in kinds.into_values() {
            let most: u32 = cells.iter().map(|cell| self.cells[*cell].most).sum();
            let part = 1.0 / f64::from(most.min(week_max).max(1));
            terms.extend(cells.into_iter().map(|cell| (cell, part)));
        }
        self.program.at_most(terms, f64::from(cap));
    }

    /// Minutes of a request; what its visits can reach is less than what it asks for when their lengths do not fit.
    pub(super) fn request_not_exceeded(&mut self, case: &Case, request: usize, cells: &[usize]) {
        let wanted = &case.requests[request];
        let reachable = wanted.reachable(wanted.minutes, wanted.visits_max, self.unit);
        self.program.at_most(cells.iter().map(|cell| (*cell, 1.0)).collect(), f64::from(reachable));
    }

    /// Minutes of a request on a day: one visit's.
    pub(super) fn one_visit_per_request_and_day(&mut self, cells: &[usize]) {
        let mut by_day: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for &cell in cells.iter().filter(|cell| self.cells[**cell].day != super::WHOLE_WEEK) {
            by_day.entry(self.cells[cell].day).or_default().push(cell);
        }
        for (_, cells) in by_day.into_iter().filter(|(_, cells)| cells.len() > 1) {
            let most = cells.iter().map(|cell| self.cells[*cell].most).max().unwrap_or(0);
            self.program.at_most(cells.into_iter().map(|cell| (cell, 1.0)).collect(), f64::from(most));
        }
    }

    /// For every site of a day a column between 0 and 1 for going there, which every visit there needs, which needs a
    /// long enough stay, and of which a day has few.
    pub(super) fn stay_long_enough_and_sites_per_day(&mut self, case: &Case) {
        let stay_min = f64::from(case.instance.policy.min_minutes_at_site);
        for (specialist, cells) in self.people.clone() {
            let person = &case.specialists[specialist];
            let mut stays: BTreeMap<usize, BTreeMap<usize, Vec<usize>>> = BTreeMap::new();
            for cell in cells {
                let place = person.options[self.cells[cell].option].place;
                stays.entry(self.cells[cell].day).or_default().entry(place).or_default().push(cell);
            }
            for sites in stays.values() {
                let mut going = Vec::new();
                for (place, cells) in sites {
                    let go = self.program.column(0.0, 0.0, 1.0);
                    going.push((go, 1.0));
                    self.stays.push((go, cells.clone()));
                    for &cell in cells {
                        self.program.at_most(vec![(cell, 1.0), (go, -f64::from(self.cells[cell].most))], 0.0);
                    }
                    if *place != person.home && stay_min > 0.0 {
                        let mut terms: Vec<(usize, f64)> = cells.iter().map(|cell| (*cell, 1.0)).collect();
                        terms.push((go, -stay_min));
                        self.program.at_least(terms, 0.0);
                    }
                }
                if going.len() > person.sites_max as usize {
                    self.program.at_most(going, f64::from(person.sites_max));
                }
            }
        }
    }
}
