//! A linear program that every plan satisfies: what it cannot reach, no plan can.
//!
//! Columns are the minutes of a request with a specialist on a day, or in a whole week. Rows are only those hard rules
//! that are sums; they stand in [`rows`], one function a rule. Drives, breaks, evaluation blocks and the order of visits
//! are left out, which can only make the bound too high, never too low.

mod rows;
mod sharing;
mod whole;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::Instant;

use super::case::{Case, Component, DAYS};
use super::linear::Program;
use super::timetable::Timetable;
use super::{pricing, solver};
use crate::domain::service_request::Priority;
use sharing::Sharing;

/// With more cells than this, stays and sites are left out: the program would take longer than the search.
const CELLS_WITH_STAYS_MAX: usize = 8_000;
/// Up to so many cells any bound takes next to no time.
const VERY_FEW_CELLS: usize = 2_000;
/// Up to so many cells they are added for the one bound that matters most.
const CELLS_WITH_STAYS_ONCE_MAX: usize = 40_000;
/// Up to so many cells a program is solved as it is; beyond that, with a part of its columns at a time.
const CELLS_AT_ONCE_MAX: usize = 120_000;
/// Specialists nearest to a request whose cells a large program begins with.
const NEAREST: usize = 6;
/// The day of a cell that stands for the whole week.
const WHOLE_WEEK: usize = DAYS;

/// The relaxation of a component.
#[derive(Clone)]
pub(crate) struct Relaxation {
    /// Without an objective.
    program: Program,
    cells: Vec<Cell>,
    /// The cells of each specialist.
    people: Vec<(usize, Range<usize>)>,
    /// `(row, specialist, day)` of the limits of a specialist; no day for limits of the week.
    staff_rows: Vec<(usize, usize, Option<usize>)>,
    /// The columns for going to a site on a day, each with the cells of visits there.
    stays: Vec<(usize, Vec<usize>)>,
    /// Requests of the whole case.
    requests: usize,
    unit: u32,
}

/// Minutes of a request with a specialist on a day.
#[derive(Clone, Copy)]
struct Cell {
    request: usize,
    member: usize,
    priority: Priority,
    option: usize,
    day: usize,
    most: u32,
}

/// A proven bound and the prices that prove it.
pub(crate) struct Bounded {
    /// No plan has more minutes of the goal.
    pub minutes: u32,
    /// One a row, unless time ran out.
    pub prices: Option<Vec<f64>>,
}

/// How mandated minutes would be shared out fairly.
pub(crate) struct Fair {
    /// By request.
    pub minutes: Vec<f64>,
    /// No plan serves the worst-served member better, in hundredths of a percent of what it asks for.
    pub worst_share_at_most_basis_points: u32,
}

impl Relaxation {
    /// The relaxation of a component.
    pub(crate) fn of(case: &Case, component: &Component) -> Relaxation {
        Relaxation::of_goals(case, component, Priority::Consult)
    }

    /// The relaxation of a component for goals up to a priority. In a large one, visits of later goals are left out:
    /// without stays they take time from others and give nothing.
    pub(crate) fn of_goals(case: &Case, component: &Component, last: Priority) -> Relaxation {
        let mut relaxation = Relaxation::empty(case);
        let mut own = own(case, component);
        let pairs: usize = component.specialists.iter().map(|one| case.specialists[*one].options.len()).sum();
        if pairs > CELLS_WITH_STAYS_ONCE_MAX {
            own.iter_mut().zip(&case.requests).for_each(|(own, request)| *own &= request.priority <= last);
        }
        for &specialist in &component.specialists {
            let first = relaxation.cells.len();
            for day in 0..DAYS {
                let cells = relaxation.add_day(case, specialist, day, &own);
                relaxation.specialist_day_within_limit(case, specialist, day, &cells);
                relaxation.visit_within_window_and_availability(case, specialist, day, &cells);
            }
            relaxation.people.push((specialist, first..relaxation.cells.len()));
        }
        relaxation.add_weeks(case, component);
        if relaxation.cells.len() <= CELLS_WITH_STAYS_MAX {
            relaxation.stay_long_enough_and_sites_per_day(case);
        }
        relaxation
    }

    /// A smaller relaxation whose cells are whole weeks: quicker, and good enough to share out minutes fairly.
    pub(crate) fn weekly(case: &Case, component: &Component) -> Relaxation {
        let mut relaxation = Relaxation::empty(case);
        let own = own(case, component);
        for &specialist in &component.specialists {
            let first = relaxation.cells.len();
            let days: Vec<Vec<u32>> = (0..DAYS).map(|day| relaxation.longest(case, specialist, day)).collect();
            for (option, found) in case.specialists[specialist].options.iter().enumerate() {
                let wanted = &case.requests[found.request];
                let days: u32 = days.iter().map(|longest| longest[option]).sum();
                let most = days.min(wanted.reachable(wanted.minutes, wanted.visits_max, relaxation.unit));
                if own[found.request] && most >= wanted.visit_min {
                    relaxation.add_cell(case, specialist, option, WHOLE_WEEK, (0, most));
                }
            }
            relaxation.people.push((specialist, first..relaxation.cells.len()));
        }
        relaxation.add_weeks(case, component);
        relaxation
    }

    fn empty(case: &Case) -> Relaxation {
        Relaxation {
            program: Program::default(),
            cells: Vec::new(),
            people: Vec::new(),
            staff_rows: Vec::new(),
            stays: Vec::new(),
            requests: case.requests.len(),
            unit: case.unit(),
        }
    }

    fn add_weeks(&mut self, case: &Case, component: &Component) {
        for (specialist, cells) in self.people.clone() {
            self.specialist_week_within_contract(case, specialist, cells.clone());
            self.lendable_within_limit(case, specialist, cells.clone());
            self.member_share_within_limit(case, specialist, cells.clone());
            self.sites_within_cap(case, specialist, cells.clone());
            self.requests_within_cap(case, specialist, cells);
        }
        let mut by_request: Vec<Vec<usize>> = vec![Vec::new(); case.requests.len()];
        for (position, cell) in self.cells.iter().enumerate() {
            by_request[cell.request].push(position);
        }
        for &request in component.requests.iter().filter(|request| !by_request[**request].is_empty()) {
            self.request_not_exceeded(case, request, &by_request[request]);
            self.one_visit_per_request_and_day(&by_request[request]);
        }
    }

    /// The longest visit that a specialist can give each option on a day: none where all visits there together would be too
    /// short a stay.
    fn longest(&self, case: &Case, specialist: usize, day: usize) -> Vec<u32> {
        let person = &case.specialists[specialist];
        let mut longest: Vec<u32> =
            (0..person.options.len()).map(|option| self.most(case, specialist, option, day)).collect();
        let stay_min = case.instance.policy.min_minutes_at_site;
        if stay_min > 0 {
            let mut stays = BTreeMap::new();
            for (option, longest) in person.options.iter().zip(&longest) {
                *stays.entry(option.place).or_insert(0) += longest;
            }
            let too_short = |place: usize| place != person.home && stays[&place] < stay_min;
            let options = person.options.iter().zip(&mut longest);
            options.filter(|(option, _)| too_short(option.place)).for_each(|(_, longest)| *longest = 0);
        }
        longest
    }

    /// The longest visit that a specialist can give a request on a day, as far as one visit alone is concerned.
    fn most(&self, case: &Case, specialist: usize, option: usize, day: usize) -> u32 {
        let person = &case.specialists[specialist];
        let option = &person.options[option];
        let wanted = &case.requests[option.request];
        let longest = option.slots[day].iter().map(|slot| slot.1 - slot.0).max().unwrap_or(0);
        let reachable = wanted.reachable(wanted.minutes, wanted.visits_max, self.unit);
        let limit = longest.min(person.day_max).min(person.week_max).min(wanted.visit_max).min(reachable);
        let most = self.whole(if option.lent { limit.min(person.lend_max) } else { limit });
        if most < wanted.visit_min { 0 } else { most }
    }

    fn add_cell(&mut self, case: &Case, specialist: usize, option: usize, day: usize, (least, most): (u32, u32)) {
        let request = case.specialists[specialist].options[option].request;
        let wanted = &case.requests[request];
        self.program.column(0.0, f64::from(least), f64::from(most));
        let (member, priority) = (wanted.member, wanted.priority);
        self.cells.push(Cell { request, member, priority, option, day, most });
    }

    /// The cells of a specialist on a day; the one of a fixed visit has exactly its minutes.
    fn add_day(&mut self, case: &Case, specialist: usize, day: usize, own: &[bool]) -> Range<usize> {
        let fixed = &case.fixed[specialist * DAYS + day];
        let first = self.cells.len();
        let longest = self.longest(case, specialist, day);
        for (index, option) in case.specialists[specialist].options.iter().enumerate() {
            let set = fixed.iter().find(|visit| visit.request == option.request).map(|visit| visit.minutes);
            let most = set.unwrap_or(longest[index]);
            if most > 0 && own[option.request] {
                self.add_cell(case, specialist, index, day, (set.unwrap_or(0), most));
            }
        }
        first..self.cells.len()
    }

    fn whole(&self, minutes: u32) -> u32 {
        minutes / self.unit * self.unit
    }

    fn terms(&self, choose: impl Fn(&Cell) -> bool) -> Vec<(usize, f64)> {
        let chosen = self.cells.iter().enumerate().filter(|(_, cell)| choose(cell));
        chosen.map(|(position, _)| (position, 1.0)).collect()
    }

    /// Whether bounds cost next to nothing.
    pub(crate) fn is_very_small(&self) -> bool {
        self.cells.len() <= VERY_FEW_CELLS
    }

    /// Whether the cells are days, not weeks.
    fn is_by_day(&self) -> bool {
        self.cells.first().is_some_and(|cell| cell.day != WHOLE_WEEK)
    }

    /// The most mandated minutes. Where stays and sites were left out, the program is solved once more with them, for as
    /// long as there is time; the lower number counts. The prices are those without stays. Afterwards it has them.
    pub(crate) fn mandated_bound(&mut self, case: &Case, found: &Timetable, seconds: Option<f64>) -> Bounded {
        let began = Instant::now();
        let bounded = self.bound(case, Priority::Mandated, &[], found, seconds);
        if !self.is_by_day() || self.cells.len() <= CELLS_WITH_STAYS_MAX || self.cells.len() > CELLS_WITH_STAYS_ONCE_MAX
        {
            return bounded;
        }
        self.stay_long_enough_and_sites_per_day(case);
        let left = seconds.map(|seconds| (seconds - began.elapsed().as_secs_f64()).max(0.0));
        let minutes = bounded.minutes.min(self.bound(case, Priority::Mandated, &[], found, left).minutes);
        Bounded { minutes, ..bounded }
    }

    /// The most minutes of a priority, given at least so many minutes of others, which `found` has. Weak duality makes it
    /// a proof: it is computed from the prices alone, whether or not the solver's answer is optimal.
    pub(crate) fn bound(
        &mut self,
        case: &Case,
        goal: Priority,
        floors: &[(Priority, u32)],
        found: &Timetable,
        seconds: Option<f64>,
    ) -> Bounded {
        let requests: BTreeSet<usize> =
            self.cells.iter().filter(|cell| cell.priority == goal).map(|cell| cell.request).collect();
        if requests.is_empty() {
            return Bounded { minutes: 0, prices: None };
        }
        for (column, cell) in self.cells.iter().enumerate() {
            self.program.objective[column] = if cell.priority == goal { 1.0 } else { 0.0 };
        }
        let rows = self.program.rows.len();
        for (priority, minutes) in floors {
            let terms = self.terms(|cell| cell.priority == *priority);
            self.program.at_least(terms, f64::from(*minutes));
        }
        let prices = if self.cells.len() <= CELLS_AT_ONCE_MAX {
            solver::solve(&self.program, seconds).map(|solved| solved.prices)
        } else {
            pricing::prices(&self.program, self.first_columns(case, found), seconds)
        };
        let reachable = |request: &usize| {
            let wanted = &case.requests[*request];
            wanted.reachable(wanted.minutes, wanted.visits_max, self.unit)
        };
        let asked: u32 = requests.iter().map(reachable).sum();
        // A millionth of a minute covers the rounding of sums of floating-point numbers, far below one unit.
        let proven = prices.as_ref().map(|prices| self.program.bound(prices) + 1e-6);
        self.program.rows.truncate(rows);
        let minutes = proven.filter(|bound| *bound < f64::from(asked)).map_or(asked, |bound| bound.max(0.0) as u32);
        Bounded { minutes: self.whole(minutes), prices }
    }

    /// The columns that a large program begins with: what a timetable has, and the specialists nearest to each request.
    fn first_columns(&self, case: &Case, found: &Timetable) -> Vec<bool> {
        let mut near: Vec<Vec<(u32, usize)>> = vec![Vec::new(); self.requests];
        for (specialist, cells) in &self.people {
            let person = &case.specialists[*specialist];
            for cell in &self.cells[cells.clone()] {
                let drive = case.drives[person.home][person.options[cell.option].place];
                if near[cell.request].last() != Some(&(drive, *specialist)) {
                    near[cell.request].push((drive, *specialist));
                }
            }
        }
        for near in &mut near {
            near.sort_unstable();
            near.dedup();
            near.truncate(NEAREST);
        }
        let mut first: Vec<bool> = self.minutes_in(case, found).into_iter().map(|minutes| minutes > 0.0).collect();
        for (specialist, cells) in &self.people {
            for column in cells.clone() {
                first[column] |= near[self.cells[column].request].iter().any(|(_, one)| one == specialist);
            }
        }
        first.resize(self.program.objective.len(), true);
        first
    }

    /// Mandated minutes of each request when the worst-served member is served as well as possible, then the next, and
    /// so on, without losing mandated minutes in total. `asked` and `elsewhere` are by member: asked for in the whole
    /// co-op, and at most given outside of this relaxation. `None` when time runs out.
    pub(crate) fn fair(&self, asked: &[u32], elsewhere: &[u32], total: u32, seconds: Option<f64>) -> Option<Fair> {
        let mandated: Vec<(usize, usize)> = (self.cells.iter().enumerate())
            .filter(|(_, cell)| is_mandated(cell))
            .map(|(column, cell)| (column, cell.member))
            .collect();
        let sharing = Sharing::new(self.program.clone(), &mandated, asked, elsewhere);
        let shared = solver::within(seconds, move |left| sharing.fairest(total, left))??;
        let mut minutes = vec![0.0; self.requests];
        mandated.iter().for_each(|(column, _)| minutes[self.cells[*column].request] += shared.values[*column]);
        let worst_share_at_most_basis_points = (shared.worst_at_most.clamp(0.0, 1.0) * 10_000.0 + 1e-6).floor() as u32;
        Some(Fair { minutes, worst_share_at_most_basis_points })
    }

    /// Mandated minutes that one more minute of each specialist would bring, by specialist and day; the price of the
    /// week counts on every day on which the specialist can work.
    pub(crate) fn staff_prices(&self, prices: &[f64]) -> Vec<(usize, usize, f64)> {
        let mut week = std::collections::BTreeMap::new();
        let mut days = std::collections::BTreeMap::new();
        for (row, specialist, day) in &self.staff_rows {
            match day {
                None => drop(week.insert(*specialist, prices[*row])),
                Some(day) => drop(days.entry((*specialist, *day)).or_insert(prices[*row])),
            }
        }
        let price = |((specialist, day), price): ((usize, usize), f64)| {
            (specialist, day, price + week.get(&specialist).copied().unwrap_or(0.0))
        };
        days.into_iter().map(price).collect()
    }
}

/// Which requests belong to a component.
fn own(case: &Case, component: &Component) -> Vec<bool> {
    let mut own = vec![false; case.requests.len()];
    component.requests.iter().for_each(|request| own[*request] = true);
    own
}

fn is_mandated(cell: &Cell) -> bool {
    cell.priority == Priority::Mandated
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::planning::Instance;

    /// The bounds by day and by week of one request away from home, in visits of 30 minutes, for a shortest stay.
    fn bounds(min_minutes_at_site: u32) -> [u32; 2] {
        let hours = json!({"mon": [["08:00", "12:00"]], "tue": [["08:00", "12:00"]]});
        let value = json!({
            "format": "coop-planning-instance/1", "name": "stay", "unit_minutes": 15,
            "members": [{"code": "A", "name": "A"}],
            "sites": [{"code": "A1", "member": "A", "name": "A1"}, {"code": "A2", "member": "A", "name": "A2"}],
            "travel": {"sites": ["A1", "A2"], "minutes": [[0, 10], [10, 0]], "miles": [[0, 5], [5, 0]]},
            "specialists": [{"code": "OT-01", "disciplines": ["OT"], "employer": {"kind": "coop"}, "home_site": "A1",
                "availability": hours, "direct_minutes_per_week_max": 600, "cost_cents_per_hour": 6000}],
            "requests": [{"code": "R", "site": "A2", "discipline": "OT", "priority": "mandated", "windows": hours,
                "minutes_per_week": 60, "visits_per_week_max": 2, "visit_minutes": {"min": 30, "max": 30}}],
            "policy": {"min_minutes_at_site": min_minutes_at_site}
        });
        let instance = Instance::read(value.to_string().as_bytes()).expect("sound");
        let case = Case::of(&instance);
        let component = &case.components()[0];
        [Relaxation::of(&case, component), Relaxation::weekly(&case, component)]
            .map(|mut relaxation| relaxation.mandated_bound(&case, &Timetable::of(&case), None).minutes)
    }

    #[test]
    fn nobody_goes_where_all_visits_of_a_day_are_too_short_a_stay() {
        assert_eq!(bounds(30), [60, 60]);
        assert_eq!(bounds(45), [0, 0]);
    }
}
