//! A linear program that every plan satisfies: what it cannot reach, no plan can.
//!
//! Columns are the minutes of a request with a specialist on a day. Rows are only those hard rules that are sums:
//! `request_not_exceeded`, `one_visit_per_request_and_day`, `specialist_day_within_limit`,
//! `specialist_week_within_contract`, `lendable_within_limit`, `sites_per_day`, `stay_long_enough`, and the hours of
//! windows and availability. Drives, breaks and the order of visits are left out, which can only make the bound too
//! high, never too low.

use std::collections::{BTreeMap, BTreeSet};

use super::case::{Case, Component, DAYS, Slot};
use super::linear::{Program, Solved};
use super::solver;
use crate::domain::service_request::Priority;

/// Window rows of one specialist on one day that are worth their time.
const WINDOW_POINTS_MAX: usize = 16;
/// With more cells than this, stays and sites are left out: the program would take longer than the search.
const CELLS_WITH_STAYS_MAX: usize = 8_000;
/// The day of a cell that stands for the whole week.
const WHOLE_WEEK: usize = DAYS;
/// Minutes by which a level that was reached may be missed later, so that rounding never makes a program infeasible.
const SLACK: f64 = 1e-3;

/// The relaxation of a component.
pub(crate) struct Relaxation {
    /// Without an objective.
    program: Program,
    cells: Vec<Cell>,
    /// `(row, specialist, day)` of the limits of a specialist; no day for limits of the week.
    staff_rows: Vec<(usize, usize, Option<usize>)>,
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
    specialist: usize,
    option: usize,
    day: usize,
    most: u32,
}

/// A proven bound and the prices that prove it.
pub(crate) struct Bounded {
    /// No plan has more minutes of the goal.
    pub minutes: u32,
    /// The optimal solution, unless time ran out.
    pub solved: Option<Solved>,
}

impl Relaxation {
    /// The relaxation of a component.
    pub(crate) fn of(case: &Case, component: &Component) -> Relaxation {
        let mut relaxation = Relaxation::empty(case);
        for &specialist in &component.specialists {
            for day in 0..DAYS {
                relaxation.add_day(case, specialist, day);
            }
        }
        relaxation.add_weeks(case, component);
        relaxation.add_requests(case, component);
        if relaxation.cells.len() <= CELLS_WITH_STAYS_MAX {
            relaxation.add_stays(case, component);
        }
        relaxation
    }

    /// A smaller relaxation whose cells are whole weeks: quicker, and good enough to share out minutes fairly.
    pub(crate) fn weekly(case: &Case, component: &Component) -> Relaxation {
        let mut relaxation = Relaxation::empty(case);
        for &specialist in &component.specialists {
            for option in 0..case.specialists[specialist].options.len() {
                let days: u32 = (0..DAYS).map(|day| relaxation.most(case, specialist, option, day)).sum();
                let request = case.specialists[specialist].options[option].request;
                let wanted = &case.requests[request];
                let most = days.min(wanted.reachable(wanted.minutes, wanted.visits_max, relaxation.unit));
                if most >= wanted.visit_min {
                    relaxation.add_cell(case, specialist, option, WHOLE_WEEK, (0, most));
                }
            }
        }
        relaxation.add_weeks(case, component);
        relaxation.add_requests(case, component);
        relaxation
    }

    fn empty(case: &Case) -> Relaxation {
        Relaxation {
            program: Program::default(),
            cells: Vec::new(),
            staff_rows: Vec::new(),
            requests: case.requests.len(),
            unit: case.unit(),
        }
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
        self.cells.push(Cell { request, member, priority, specialist, option, day, most });
    }

    fn whole(&self, minutes: u32) -> u32 {
        minutes / self.unit * self.unit
    }

    fn add_day(&mut self, case: &Case, specialist: usize, day: usize) {
        let person = &case.specialists[specialist];
        let fixed = &case.fixed[specialist * DAYS + day];
        let first = self.cells.len();
        for (index, option) in person.options.iter().enumerate() {
            let set = fixed.iter().find(|visit| visit.request == option.request).map(|visit| visit.minutes);
            let most = set.unwrap_or_else(|| self.most(case, specialist, index, day));
            if most > 0 {
                self.add_cell(case, specialist, index, day, (set.unwrap_or(0), most));
            }
        }
        let cells: Vec<usize> = (first..self.cells.len()).collect();
        if cells.is_empty() {
            return;
        }
        let slots = |cell: usize| &person.options[self.cells[cell].option].slots[day];
        let hours = self.room(cells.iter().flat_map(|cell| slots(*cell).iter().copied()).collect());
        let most = self.whole(person.day_max).min(hours);
        let mut rows = vec![(cells.clone(), most)];
        let points: BTreeSet<u32> =
            cells.iter().flat_map(|cell| slots(*cell).iter().flat_map(|slot| [slot.0, slot.1])).collect();
        if points.len() <= WINDOW_POINTS_MAX {
            for &from in &points {
                for &until in points.range(from + 1..) {
                    let inside = |cell: &&usize| slots(**cell).iter().all(|slot| from <= slot.0 && slot.1 <= until);
                    let within: Vec<usize> = cells.iter().filter(inside).copied().collect();
                    let room = self.room(within.iter().flat_map(|cell| slots(*cell).iter().copied()).collect());
                    let wanted: u32 = within.iter().map(|cell| self.cells[*cell].most).sum();
                    if room < most && room < wanted && !rows.iter().any(|row| row.0 == within) {
                        rows.push((within, room));
                    }
                }
            }
        }
        for (cells, most) in rows {
            let row = self.program.at_most(cells.into_iter().map(|cell| (cell, 1.0)).collect(), f64::from(most));
            self.staff_rows.push((row, specialist, Some(day)));
        }
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

    fn add_weeks(&mut self, case: &Case, component: &Component) {
        for &specialist in &component.specialists {
            let person = &case.specialists[specialist];
            let own: Vec<usize> = self.positions(|cell| cell.specialist == specialist);
            let lent = |cell: &&usize| person.options[self.cells[**cell].option].lent;
            let lent: Vec<(usize, f64)> = own.iter().filter(lent).map(|cell| (*cell, 1.0)).collect();
            let most = f64::from(self.whole(person.week_max));
            let row = self.program.at_most(own.into_iter().map(|cell| (cell, 1.0)).collect(), most);
            self.staff_rows.push((row, specialist, None));
            if person.lend_max != u32::MAX && !lent.is_empty() {
                self.program.at_most(lent, f64::from(self.whole(person.lend_max)));
            }
        }
    }

    fn add_requests(&mut self, case: &Case, component: &Component) {
        let mut by_request: Vec<Vec<usize>> = vec![Vec::new(); case.requests.len()];
        for (position, cell) in self.cells.iter().enumerate() {
            by_request[cell.request].push(position);
        }
        for &request in &component.requests {
            let wanted = &case.requests[request];
            let cells = &by_request[request];
            let reachable = wanted.reachable(wanted.minutes, wanted.visits_max, self.unit);
            self.program.at_most(cells.iter().map(|cell| (*cell, 1.0)).collect(), f64::from(reachable));
            for day in 0..DAYS {
                let on_day: Vec<usize> = cells.iter().copied().filter(|cell| self.cells[*cell].day == day).collect();
                let most = on_day.iter().map(|cell| self.cells[*cell].most).max().unwrap_or(0);
                if on_day.len() > 1 {
                    self.program.at_most(on_day.into_iter().map(|cell| (cell, 1.0)).collect(), f64::from(most));
                }
            }
        }
    }

    /// Rules `stay_long_enough` and `sites_per_day`: for every site of a day a column between 0 and 1 for going there,
    /// which every visit there needs, and which needs a long enough stay.
    fn add_stays(&mut self, case: &Case, component: &Component) {
        let stay_min = f64::from(case.instance.policy.min_minutes_at_site);
        for &specialist in &component.specialists {
            let person = &case.specialists[specialist];
            let mut stays: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
            for cell in self.positions(|cell| cell.specialist == specialist) {
                let place = person.options[self.cells[cell].option].place;
                stays.entry((self.cells[cell].day, place)).or_default().push(cell);
            }
            for day in 0..DAYS {
                let mut going = Vec::new();
                for ((_, place), cells) in stays.iter().filter(|((on, _), _)| *on == day) {
                    let go = self.program.column(0.0, 0.0, 1.0);
                    going.push((go, 1.0));
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

    fn positions(&self, choose: impl Fn(&Cell) -> bool) -> Vec<usize> {
        (0..self.cells.len()).filter(|position| choose(&self.cells[*position])).collect()
    }

    fn terms(&self, choose: impl Fn(&Cell) -> bool) -> Vec<(usize, f64)> {
        self.positions(choose).into_iter().map(|cell| (cell, 1.0)).collect()
    }

    /// The most minutes of a priority, given at least so many minutes of others. Weak duality makes it a proof: it is
    /// computed from the prices alone, whether or not the solver's answer is optimal.
    pub(crate) fn bound(&self, case: &Case, goal: Priority, floors: &[(Priority, u32)], seconds: f64) -> Bounded {
        let mut program = self.program.clone();
        for (column, cell) in self.cells.iter().enumerate() {
            program.objective[column] = if cell.priority == goal { 1.0 } else { 0.0 };
        }
        for (priority, minutes) in floors {
            program.at_least(self.terms(|cell| cell.priority == *priority), f64::from(*minutes));
        }
        let solved = solver::solve(&program, seconds);
        let requests: BTreeSet<usize> =
            self.cells.iter().filter(|cell| cell.priority == goal).map(|cell| cell.request).collect();
        let reachable = |request: &usize| {
            let wanted = &case.requests[*request];
            wanted.reachable(wanted.minutes, wanted.visits_max, self.unit)
        };
        let asked: u32 = requests.iter().map(reachable).sum();
        // A millionth of a minute covers the rounding of sums of floating-point numbers, far below one unit.
        let proven = solved.as_ref().map(|solved| program.bound(&solved.prices) + 1e-6);
        let minutes = proven.filter(|bound| *bound < f64::from(asked)).map_or(asked, |bound| bound.max(0.0) as u32);
        Bounded { minutes: self.whole(minutes), solved }
    }

    /// Mandated minutes of each request when the worst-served member is served as well as possible, then the next, and
    /// so on, without losing mandated minutes in total. `asked` and `elsewhere` are by member: asked for in the whole
    /// co-op, and already sure outside of this relaxation. `None` when time runs out.
    pub(crate) fn fair_minutes(&self, asked: &[u32], elsewhere: &[u32], total: u32, seconds: f64) -> Option<Vec<f64>> {
        let mandated: Vec<Vec<(usize, f64)>> =
            (0..asked.len()).map(|member| self.terms(|cell| cell.member == member && is_mandated(cell))).collect();
        let mut members: Vec<usize> = (0..asked.len()).filter(|member| !mandated[*member].is_empty()).collect();
        let mut frozen: Vec<(usize, f64)> = Vec::new();
        loop {
            let mut program = self.program.clone();
            let level = program.column(1.0, 0.0, 1.0);
            program.at_least(mandated.iter().flatten().copied().collect(), f64::from(total) - SLACK);
            for (member, minutes) in &frozen {
                program.at_least(mandated[*member].clone(), minutes - SLACK);
            }
            let row = |member: &usize| {
                let mut terms = mandated[*member].clone();
                terms.push((level, -f64::from(asked[*member])));
                program.at_least(terms, -f64::from(elsewhere[*member]))
            };
            let rows: Vec<usize> = members.iter().map(row).collect();
            let solved = solver::solve(&program, seconds)?;
            // Members whose row has a price hold the level down: nothing can be done for them any more.
            let held = members.iter().zip(&rows).filter(|(_, row)| solved.prices[**row] > 1e-7);
            let held: Vec<usize> = held.map(|(member, _)| *member).collect();
            if held.is_empty() || held.len() == members.len() || solved.values[level] > 1.0 - 1e-9 {
                let mut minutes = vec![0.0; self.requests];
                for (cell, value) in self.cells.iter().zip(&solved.values).filter(|(cell, _)| is_mandated(cell)) {
                    minutes[cell.request] += value;
                }
                return Some(minutes);
            }
            for member in &held {
                let minutes = solved.values[level] * f64::from(asked[*member]) - f64::from(elsewhere[*member]);
                frozen.push((*member, minutes.max(0.0)));
            }
            members.retain(|member| !held.contains(member));
        }
    }

    /// Mandated minutes that one more minute of each specialist would bring, by specialist and day; the price of the
    /// week counts on every day on which the specialist can work.
    pub(crate) fn staff_prices(&self, solved: &Solved) -> Vec<(usize, usize, f64)> {
        let week: Vec<(usize, f64)> = self
            .staff_rows
            .iter()
            .filter(|(_, _, day)| day.is_none())
            .map(|(row, specialist, _)| (*specialist, solved.prices[*row]))
            .collect();
        let mut prices = Vec::new();
        for (specialist, week_price) in week {
            for day in 0..DAYS {
                let rows: Vec<usize> = self
                    .staff_rows
                    .iter()
                    .filter(|(_, person, on)| *person == specialist && *on == Some(day))
                    .map(|(row, _, _)| *row)
                    .collect();
                if let Some(first) = rows.first() {
                    prices.push((specialist, day, week_price + solved.prices[*first]));
                }
            }
        }
        prices
    }
}

fn is_mandated(cell: &Cell) -> bool {
    cell.priority == Priority::Mandated
}
