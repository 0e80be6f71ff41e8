//! A tighter bound: the same program with visits that take place or do not, for groups that are small enough.
//!
//! A linear program may give a request five visits of nine minutes where only one of 45 is allowed. Here a visit has its
//! shortest length or does not take place, and a request has no more visits than it may have. Drives, breaks and blocks
//! are left out as before, so the bound can still be too high, never too low.

use std::collections::BTreeMap;

use super::{CELLS_WITH_STAYS_MAX, Relaxation, is_mandated};
use crate::planning::case::{Case, DAYS};
use crate::planning::solver::{Branching, whole_bound};
use crate::planning::timetable::Timetable;

/// Where branch and bound ends at last.
const NODES_MAX: i32 = 200;
/// Minutes that cover the rounding of sums of floating-point numbers.
const ROUNDING: f64 = 1e-3;

impl Relaxation {
    /// Whether a component with so many pairs of a specialist and a request may be small enough.
    pub(crate) fn may_be_whole(pairs: u64) -> bool {
        pairs <= CELLS_WITH_STAYS_MAX as u64
    }

    /// The most mandated minutes. The solver is told the timetable that was found, so that it only has to show that
    /// there is none with a unit more. `None` where the group is too large or time runs out.
    pub(crate) fn whole_mandated_bound(&self, case: &Case, found: &Timetable, seconds: Option<f64>) -> Option<u32> {
        if !self.is_by_day() || self.cells.len() > CELLS_WITH_STAYS_MAX {
            return None;
        }
        let mut program = self.program.clone();
        let mut known = self.minutes_in(case, found);
        let mut whole: Vec<usize> = self.stays.iter().map(|(going, _)| *going).collect();
        known.resize(program.objective.len(), 0.0);
        for (going, cells) in &self.stays {
            known[*going] = f64::from(u8::from(cells.iter().any(|cell| known[*cell] > 0.0)));
        }
        let mut by_request: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
        for (column, cell) in self.cells.iter().enumerate() {
            program.objective[column] = f64::from(u8::from(is_mandated(cell)));
            let takes_place = program.column(0.0, 0.0, 1.0);
            known.push(f64::from(u8::from(known[column] > 0.0)));
            whole.push(takes_place);
            let least = f64::from(case.requests[cell.request].visit_min.min(cell.most));
            program.at_most(vec![(column, 1.0), (takes_place, -f64::from(cell.most))], 0.0);
            program.at_least(vec![(column, 1.0), (takes_place, -least)], 0.0);
            by_request.entry(cell.request).or_default().push((cell.day, takes_place));
        }
        for (request, visits) in by_request {
            let most = f64::from(case.requests[request].visits_max);
            program.at_most(visits.iter().map(|(_, visit)| (*visit, 1.0)).collect(), most);
            for day in 0..DAYS {
                let on_day = visits.iter().filter(|visit| visit.0 == day);
                program.at_most(on_day.map(|(_, visit)| (*visit, 1.0)).collect(), 1.0);
            }
        }
        whole.sort_unstable();
        // Less than a unit above a plan is no better plan.
        let ends = Branching { gap: f64::from(self.unit) - 2.0 * ROUNDING, nodes: NODES_MAX };
        let bound = whole_bound(program, whole, known, ends, seconds)?;
        Some(self.whole((bound + ROUNDING).max(0.0) as u32))
    }

    /// The minutes of each cell in a timetable.
    pub(super) fn minutes_in(&self, case: &Case, timetable: &Timetable) -> Vec<f64> {
        let mut minutes = vec![0.0; self.cells.len()];
        for (specialist, cells) in &self.people {
            for column in cells.clone() {
                let cell = &self.cells[column];
                let visits = timetable.days[specialist * DAYS + cell.day].iter();
                let request = case.specialists[*specialist].options[cell.option].request;
                let of_cell = visits.filter(|visit| visit.request == request);
                minutes[column] = of_cell.map(|visit| f64::from(visit.minutes)).sum();
            }
        }
        minutes
    }
}
