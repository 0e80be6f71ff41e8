//! Planning again without disruption: three plans from the one that people follow, each free to move more visits than
//! the one before, so that everybody sees what moving visits would bring.

use std::collections::BTreeSet;
use std::time::Instant;

use super::Start;
use super::aims::Fairness;
use super::floors::FLOORS_PART;
use super::rounds::{Limit, Searched};
use super::run::Run;
use crate::planning::case::{DAYS, Placed};
use crate::planning::day_plan::Draft;
use crate::planning::day_search::{DaySearch, Kept};
use crate::planning::plan_document::{TradeOff, Visit};
use crate::planning::timetable::Timetable;
use crate::planning::worth::Aims;

/// So many minutes no moved visit can bring: nothing is moved that need not be.
const NEVER_WORTH_IT: u32 = 10_000;
/// Where the search of each of the three plans ends, as a part of work and time.
const PARTS_END_AT: [f64; 3] = [0.35, 0.8, 1.0];

impl Run<'_> {
    /// The plan for the number that was asked for, and what others would have brought. `alone` is what lenders could do
    /// alone, for those to whom the plan to stay close to gives less.
    pub(super) fn stay_close(
        &self,
        close: &Start,
        alone: &Timetable,
        aims: &[Aims],
        fairness: &mut Fairness,
    ) -> (Searched, Vec<TradeOff>) {
        let began = Instant::now();
        let asked = close.minutes_per_moved_visit;
        let mut levels = vec![NEVER_WORTH_IT.max(asked), asked, 0];
        levels.dedup();
        let mut start = self.kept();
        let (mut found, mut used): (Vec<(Searched, TradeOff)>, f64) = (Vec::new(), 0.0);
        for (level, part) in levels.into_iter().zip(PARTS_END_AT) {
            let limit = Limit {
                work: (self.work() as f64 * (part - used)) as u64,
                until: self.deadline.map(|until| began + until.saturating_duration_since(began).mul_f64(part)),
            };
            used = part;
            let aims: Vec<Aims> =
                aims.iter().map(|aims| Aims { minutes_per_moved_visit: level, ..aims.clone() }).collect();
            let mut first = self.filled(&start, aims.clone());
            if self.is_below_a_floor(&first, &aims) {
                first = self.up_to_the_floors(&first, alone, &aims, limit.part(FLOORS_PART));
            }
            let searched = self.search(&first, aims.clone(), limit, fairness);
            start = searched.timetable.clone();
            let row = self.trade_off(close, level, &searched.timetable);
            found.push((searched, row));
        }
        // A plan that another one beats in both numbers is nobody's choice.
        for earlier in (0..found.len().saturating_sub(1)).rev() {
            let (next, row) = (&found[earlier + 1].1, &found[earlier].1);
            if next.mandated_minutes >= row.mandated_minutes && next.visits_moved <= row.visits_moved {
                let minutes_per_moved_visit = row.minutes_per_moved_visit;
                let (searched, row) = found[earlier + 1].clone();
                found[earlier] = (searched, TradeOff { minutes_per_moved_visit, ..row });
            }
        }
        let rows: Vec<TradeOff> = found.iter().map(|(_, row)| *row).collect();
        let chosen = found.into_iter().find(|(_, row)| row.minutes_per_moved_visit == asked);
        // One of the levels is always the one that was asked for.
        let nothing = || Searched { timetable: start, aims: aims.to_vec(), cut: true };
        (chosen.map_or_else(nothing, |(searched, _)| searched), rows)
    }

    /// The visits that can stay as they are: on every day as many as the rules of the instance allow.
    pub(super) fn kept(&self) -> Timetable {
        let mut timetable = Timetable::of(self.case);
        let mut search = DaySearch::new();
        for slot in (0..self.case.start.len()).filter(|slot| !self.case.start[*slot].is_empty()) {
            let before = timetable.take(self.case, slot / DAYS, slot % DAYS);
            let visits = self.kept_day(&timetable, slot, &mut search).unwrap_or(before);
            timetable.put(self.case, slot / DAYS, slot % DAYS, visits);
        }
        timetable
    }

    fn kept_day(&self, timetable: &Timetable, slot: usize, search: &mut DaySearch) -> Option<Vec<Placed>> {
        let (person, day) = (slot / DAYS, slot % DAYS);
        let fixed = &self.case.fixed[slot];
        let mut draft = Draft::new(self.case, timetable, person);
        for visit in fixed {
            draft.add(day, visit.option, vec![(visit.minutes, 0)], Some(visit.starts), None);
        }
        for visit in &self.case.start[slot] {
            let wanted = &self.case.requests[visit.request];
            let free = timetable.taken[visit.request] & (1 << day) == 0
                && timetable.visits[visit.request] < wanted.visits_max
                && timetable.placed[visit.request] + visit.minutes <= wanted.minutes;
            if free {
                let kept = Kept { starts: visit.starts, minutes: visit.minutes, bonus: 1_000 };
                draft.add(day, visit.option, vec![(visit.minutes, 0)], None, Some(kept));
            }
        }
        let options = draft.options.clone();
        let task = draft.task(day, fixed.len(), (0, 0));
        let found = search.best_day(&task)?;
        let request = |option: usize| self.case.specialists[person].options[option].request;
        let placed = found.into_iter().map(|(candidate, starts, minutes)| Placed {
            request: request(options[candidate]),
            option: options[candidate],
            starts,
            minutes,
            fixed: candidate < fixed.len(),
        });
        Some(placed.collect())
    }

    fn trade_off(&self, close: &Start, minutes_per_moved_visit: u32, timetable: &Timetable) -> TradeOff {
        let visits: BTreeSet<Visit> = self.visits(timetable).into_iter().collect();
        let moved: Vec<&Visit> = close.visits.iter().filter(|visit| !visits.contains(visit)).collect();
        let before: BTreeSet<&Visit> = close.visits.iter().collect();
        let new = visits.iter().filter(|visit| !before.contains(visit));
        let people: BTreeSet<&str> = moved.iter().copied().chain(new).map(|visit| visit.specialist.as_str()).collect();
        TradeOff {
            minutes_per_moved_visit,
            mandated_minutes: timetable.mandated.iter().sum(),
            visits_moved: moved.len() as u32,
            people_touched: people.len() as u32,
        }
    }
}
