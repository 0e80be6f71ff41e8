//! A timetable in the making: whole days of specialists, taken out and put back, with every sum kept up to date.

use super::case::{Case, DAYS, Placed};
use super::worth::{self, Aims};
use crate::domain::service_request::Priority;

/// Days of all specialists and the sums over them. Fixed visits are in it from the start and never leave it.
#[derive(Debug, Clone)]
pub(crate) struct Timetable {
    /// Visits in order of start, by `specialist * DAYS + day`.
    pub days: Vec<Vec<Placed>>,
    /// Placed minutes by request.
    pub placed: Vec<u32>,
    /// Visits by request.
    pub visits: Vec<u32>,
    /// Days on which a request has a visit, one bit a day.
    pub taken: Vec<u8>,
    /// Direct minutes by specialist.
    pub week: Vec<u32>,
    /// Lent minutes by specialist.
    pub lent: Vec<u32>,
    /// Days on which a specialist meets each of its options.
    pub meetings: Vec<Vec<u8>>,
    /// Mandated minutes by member.
    pub mandated: Vec<u32>,
    /// Evaluation minutes.
    pub evaluation: u32,
    /// Consult minutes.
    pub consult: u32,
    /// Goals 4 and 5 in points, always negative or zero.
    pub soft: i64,
    /// Visits that stand as in the plan to stay close to.
    pub kept: u32,
}

impl Timetable {
    /// A timetable with the fixed visits only.
    pub(crate) fn of(case: &Case) -> Timetable {
        let (people, requests) = (case.specialists.len(), case.requests.len());
        let mut timetable = Timetable {
            days: vec![Vec::new(); people * DAYS],
            placed: vec![0; requests],
            visits: vec![0; requests],
            taken: vec![0; requests],
            week: vec![0; people],
            lent: vec![0; people],
            meetings: case.specialists.iter().map(|one| vec![0; one.options.len()]).collect(),
            mandated: vec![0; case.instance.members.len()],
            evaluation: 0,
            consult: 0,
            soft: 0,
            kept: 0,
        };
        for (slot, fixed) in case.fixed.iter().enumerate() {
            timetable.put(case, slot / DAYS, slot % DAYS, fixed.clone());
        }
        timetable
    }

    /// A timetable with the fixed visits and some whole days.
    pub(crate) fn starting(case: &Case, days: &[(usize, Vec<Placed>)]) -> Timetable {
        let mut timetable = Timetable::of(case);
        timetable.replace(case, days);
        timetable
    }

    /// A timetable with the fixed visits and all visits of the plan to stay close to, which must keep the rules.
    pub(crate) fn standing(case: &Case) -> Timetable {
        let mut timetable = Timetable::of(case);
        for slot in (0..case.start.len()).filter(|slot| !case.start[*slot].is_empty()) {
            let mut visits = timetable.take(case, slot / DAYS, slot % DAYS);
            visits.extend(&case.start[slot]);
            visits.sort_by_key(|visit| visit.starts);
            timetable.put(case, slot / DAYS, slot % DAYS, visits);
        }
        timetable
    }

    /// Takes a day out, all but its fixed visits; gives back the whole day as it was.
    pub(crate) fn take(&mut self, case: &Case, specialist: usize, day: usize) -> Vec<Placed> {
        let visits = std::mem::take(&mut self.days[specialist * DAYS + day]);
        self.soft += day_cost(case, specialist, &visits);
        for visit in visits.iter().filter(|visit| !visit.fixed) {
            self.count(case, specialist, day, visit, false);
        }
        visits
    }

    /// Puts a whole day in. The fixed visits of the day are already counted, unless the timetable is new.
    pub(crate) fn put(&mut self, case: &Case, specialist: usize, day: usize, visits: Vec<Placed>) {
        self.soft -= day_cost(case, specialist, &visits);
        for visit in &visits {
            let counted = visit.fixed && self.taken[visit.request] & (1 << day) != 0;
            if !counted {
                self.count(case, specialist, day, visit, true);
            }
        }
        self.days[specialist * DAYS + day] = visits;
    }

    fn count(&mut self, case: &Case, specialist: usize, day: usize, visit: &Placed, add: bool) {
        let (person, request) = (&case.specialists[specialist], &case.requests[visit.request]);
        let change = |sum: &mut u32| *sum = if add { *sum + visit.minutes } else { *sum - visit.minutes };
        change(&mut self.placed[visit.request]);
        change(&mut self.week[specialist]);
        if person.options[visit.option].lent {
            change(&mut self.lent[specialist]);
        }
        match request.priority {
            Priority::Mandated => change(&mut self.mandated[request.member]),
            Priority::Evaluation => change(&mut self.evaluation),
            Priority::Consult => change(&mut self.consult),
        }
        let pay = pay(person.cents_per_hour, visit.minutes);
        let met = &mut self.meetings[specialist][visit.option];
        let pair = pair_cost(request.current, specialist);
        if add {
            self.visits[visit.request] += 1;
            self.soft -= pay + if *met == 0 { pair } else { 0 };
            *met += 1;
        } else {
            self.visits[visit.request] -= 1;
            *met -= 1;
            self.soft += pay + if *met == 0 { pair } else { 0 };
        }
        self.taken[visit.request] ^= 1 << day;
        if is_kept(case, specialist * DAYS + day, visit) {
            self.kept = if add { self.kept + 1 } else { self.kept - 1 };
        }
    }

    /// All goals as one number; greater is better.
    pub(crate) fn points(&self, aims: &Aims) -> i64 {
        let mandated = self.mandated.iter().enumerate().map(|(member, minutes)| aims.member_points(member, *minutes));
        mandated.sum::<i64>()
            + i64::from(self.evaluation) * worth::EVALUATION
            + i64::from(self.consult) * worth::CONSULT
            + i64::from(self.kept) * aims.kept_worth()
            + self.soft
    }

    /// Replaces whole days, by `specialist * DAYS + day`.
    pub(crate) fn replace(&mut self, case: &Case, days: &[(usize, Vec<Placed>)]) {
        for (slot, _) in days {
            self.take(case, slot / DAYS, slot % DAYS);
        }
        for (slot, visits) in days {
            self.put(case, slot / DAYS, slot % DAYS, visits.clone());
        }
    }

    /// The days of some specialists.
    pub(crate) fn days_of(&self, specialists: &[usize]) -> Vec<(usize, Vec<Placed>)> {
        let slots = specialists.iter().flat_map(|specialist| (0..DAYS).map(move |day| specialist * DAYS + day));
        slots.map(|slot| (slot, self.days[slot].clone())).collect()
    }
}

/// Whether a visit stands as in the plan to stay close to.
pub(crate) fn is_kept(case: &Case, slot: usize, visit: &Placed) -> bool {
    case.start[slot]
        .iter()
        .any(|kept| (kept.request, kept.starts, kept.minutes) == (visit.request, visit.starts, visit.minutes))
}

/// Pay of so many minutes, in cents, rounded down; only a guide for the search.
pub(crate) fn pay(cents_per_hour: i64, minutes: u32) -> i64 {
    cents_per_hour * i64::from(minutes) / 60
}

/// What it costs that a specialist serves a request.
pub(crate) fn pair_cost(current: Option<usize>, specialist: usize) -> i64 {
    if current == Some(specialist) { worth::KEPT_PAIR } else { worth::NEW_PAIR }
}

fn day_cost(case: &Case, specialist: usize, visits: &[Placed]) -> i64 {
    let person = &case.specialists[specialist];
    let mut cost = 0;
    let mut last = None;
    for visit in visits {
        let place = person.options[visit.option].place;
        if last != Some(place) {
            cost += last.map_or(0, |last: usize| i64::from(case.drives[last][place]) * worth::DRIVE);
            cost += if place == person.home { 0 } else { person.stay_cost };
        }
        last = Some(place);
    }
    cost
}
