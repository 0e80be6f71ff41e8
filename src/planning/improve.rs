//! Large-neighborhood search: take one to three days of specialists out, plan each anew, keep what is better.
//!
//! Worse timetables are kept for a while with falling probability, so that the search does not stick to the first good
//! one. It ends after a given amount of work, counted in steps of the day search and not in seconds, so that the same
//! seed gives the same timetable on every machine.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rand::seq::SliceRandom;
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;

use super::case::{Case, Component, DAYS, Placed};
use super::day_search::{CANDIDATES_MAX, Candidate, DaySearch, DayTask};
use super::timetable::{Timetable, pair_cost, pay};
use super::worth::{self, Aims, Rank};
use crate::domain::service_request::Priority;

/// Acceptance of worse timetables at the start and at the end, in points.
const WARM: f64 = 6_000_000.0;
const COLD: f64 = 20_000.0;

/// Where each round ends, as a part of the work.
const ROUNDS_END_AT_PERCENT: [u128; 3] = [5, 25, 100];

/// When a search ends.
#[derive(Clone, Copy)]
pub(crate) struct Budget<'a> {
    /// Steps of the day search.
    pub work: u64,
    /// A guard against slow machines; a search that meets it is not repeatable.
    pub deadline: Option<Instant>,
    /// Somebody wants it to end.
    pub stop: &'a AtomicBool,
}

impl Budget<'_> {
    /// Whether the search was cut short from outside.
    pub(crate) fn is_cut(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

/// The best timetable so far.
struct Best {
    timetable: Timetable,
    rank: Rank,
    points: i64,
}

/// One search over a component.
pub(crate) struct Improver<'a> {
    pub case: &'a Case<'a>,
    pub component: &'a Component,
    pub aims: &'a Aims,
    pub random: ChaCha8Rng,
    pub search: DaySearch,
}

impl Improver<'_> {
    /// Improves a timetable until the budget ends and gives back the best one by [`Rank`].
    /// `better` hears about every better one.
    ///
    /// A short round comes before a long one, each from warm to cold: a search that is cut short has a good timetable
    /// early, and one that is not loses little.
    pub(crate) fn run(&mut self, start: Timetable, budget: &Budget, mut better: impl FnMut(&Timetable)) -> Timetable {
        let mut first = start;
        self.search.work = 0;
        self.fill(&mut first, budget);
        better(&first);
        let mut best = Best { rank: Rank::of(&first, self.aims), points: first.points(self.aims), timetable: first };
        let slots = self.slots();
        for percent in ROUNDS_END_AT_PERCENT {
            if slots.is_empty() {
                break;
            }
            let until = (u128::from(budget.work) * percent / 100) as u64;
            self.round(&mut best, &slots, until, budget, &mut better);
        }
        best.timetable
    }

    /// One round of simulated annealing from the best timetable so far.
    fn round(
        &mut self,
        best: &mut Best,
        slots: &[(usize, usize)],
        until: u64,
        budget: &Budget,
        better: &mut impl FnMut(&Timetable),
    ) {
        let mut current = best.timetable.clone();
        let mut points = best.points;
        let from = self.search.work;
        while self.search.work < until && !budget.is_cut() {
            let done = (self.search.work - from) as f64 / (until - from) as f64;
            let heat = WARM * (COLD / WARM).powf(done);
            let days = self.choose(&current, slots);
            let before: Vec<_> =
                days.iter().map(|(person, day)| (*person, *day, current.take(self.case, *person, *day))).collect();
            for (person, day) in &days {
                self.plan_day(&mut current, *person, *day, true);
            }
            let found = current.points(self.aims);
            let chance: f64 = self.random.random();
            if found >= points || chance < ((found - points) as f64 / heat).exp() {
                points = found;
                // A rank takes longer to find than points, and a better rank always has nearly the best points.
                if points > best.points - worth::MANDATED {
                    let rank = Rank::of(&current, self.aims);
                    if rank.beats(&best.rank) {
                        *best = Best { timetable: current.clone(), rank, points };
                        better(&best.timetable);
                    }
                }
            } else {
                days.iter().for_each(|(person, day)| drop(current.take(self.case, *person, *day)));
                before.into_iter().for_each(|(person, day, visits)| current.put(self.case, person, day, visits));
            }
        }
    }

    /// Plans every day once, in random order: the first full timetable.
    fn fill(&mut self, timetable: &mut Timetable, budget: &Budget) {
        let mut slots = self.slots();
        slots.shuffle(&mut self.random);
        for (person, day) in slots {
            if budget.is_cut() {
                return;
            }
            let before = timetable.points(self.aims);
            let visits = timetable.take(self.case, person, day);
            self.plan_day(timetable, person, day, false);
            if timetable.points(self.aims) < before {
                timetable.take(self.case, person, day);
                timetable.put(self.case, person, day, visits);
            }
        }
    }

    /// Days of specialists on which anything can be planned.
    fn slots(&self) -> Vec<(usize, usize)> {
        let useful = |(person, day): &(usize, usize)| {
            self.case.specialists[*person]
                .options
                .iter()
                .any(|option| !option.slots[*day].is_empty() && self.wanted(option.request))
        };
        let people = self.component.specialists.iter();
        people.flat_map(|person| (0..DAYS).map(move |day| (*person, day))).filter(useful).collect()
    }

    fn wanted(&self, request: usize) -> bool {
        let request = &self.case.requests[request];
        self.aims.only.is_none_or(|member| request.member == member && request.priority == Priority::Mandated)
    }

    /// Chooses the days to plan anew: around a request that is short, or around a random day.
    fn choose(&mut self, timetable: &Timetable, slots: &[(usize, usize)]) -> Vec<(usize, usize)> {
        let mut days = Vec::with_capacity(3);
        if self.random.random_range(0..100) < 60
            && let Some(day) = self.around_shortage(timetable)
        {
            days.push(day);
        } else {
            days.push(slots[self.random.random_range(0..slots.len())]);
        }
        let count = self.random.random_range(1..=3);
        for _ in 1..count {
            let (person, day) = days[self.random.random_range(0..days.len())];
            let next = match self.random.random_range(0..3) {
                0 => Some((person, slots[self.random.random_range(0..slots.len())].1)),
                1 => self.colleague(person, day),
                _ => {
                    let other_day = slots[self.random.random_range(0..slots.len())].1;
                    self.colleague(person, other_day)
                }
            };
            days.extend(next.filter(|next| !days.contains(next) && slots.contains(next)));
        }
        days.shuffle(&mut self.random);
        days
    }

    /// A day of a specialist who could serve a request that is short.
    fn around_shortage(&mut self, timetable: &Timetable) -> Option<(usize, usize)> {
        let requests = &self.component.requests;
        // A few random draws instead of a list: the chance grows with the number of short requests.
        for _ in 0..12 {
            let request = requests[self.random.random_range(0..requests.len())];
            let wanted = &self.case.requests[request];
            let visits_left = wanted.visits_max - timetable.visits[request].min(wanted.visits_max);
            let missing = wanted.minutes - timetable.placed[request];
            if missing < wanted.visit_min && visits_left > 0 || missing == 0 || !self.wanted(request) {
                continue;
            }
            let (person, option) = wanted.matches[self.random.random_range(0..wanted.matches.len())];
            let day = self.random.random_range(0..DAYS);
            if !self.case.specialists[person].options[option].slots[day].is_empty()
                && self.component.specialists.binary_search(&person).is_ok()
            {
                return Some((person, day));
            }
        }
        None
    }

    /// A day of somebody who can serve a request of this specialist.
    fn colleague(&mut self, person: usize, on: usize) -> Option<(usize, usize)> {
        let options = &self.case.specialists[person].options;
        let option = &options[self.random.random_range(0..options.len())];
        let matches = &self.case.requests[option.request].matches;
        let (other, _) = matches[self.random.random_range(0..matches.len())];
        Some((other, on))
    }

    /// Plans a day that was taken out and puts it in.
    fn plan_day(&mut self, timetable: &mut Timetable, person: usize, day: usize, with_noise: bool) {
        let noise = if with_noise { Some(&mut self.random) } else { None };
        let aims = self.aims;
        let visits = plan_day(self.case, timetable, aims, (person, day), &mut self.search, noise);
        timetable.put(self.case, person, day, visits);
    }
}

/// The best day of a specialist for a timetable from which the day was taken out.
fn plan_day(
    case: &Case,
    timetable: &Timetable,
    aims: &Aims,
    (person, day): (usize, usize),
    search: &mut DaySearch,
    mut noise: Option<&mut ChaCha8Rng>,
) -> Vec<Placed> {
    let specialist = &case.specialists[person];
    let fixed = &case.fixed[person * DAYS + day];
    let fixed_minutes: u32 = fixed.iter().map(|visit| visit.minutes).sum();
    let week_left = specialist.week_max - timetable.week[person].min(specialist.week_max);
    let lendable_left = specialist.lend_max - timetable.lent[person].min(specialist.lend_max);
    let mut places: Vec<usize> = Vec::new();
    let mut place = |site: usize| {
        places.iter().position(|known| *known == site).unwrap_or_else(|| {
            places.push(site);
            places.len() - 1
        })
    };
    let mut candidates = Vec::new();
    let mut options = Vec::new();
    for visit in fixed {
        let option = &specialist.options[visit.option];
        candidates.push(Candidate {
            place: place(option.place),
            slots: &option.slots[day],
            lengths: vec![(visit.minutes, 0)],
            lent: option.lent,
            fixed: Some(visit.starts),
        });
        options.push(visit.option);
    }
    let most = (week_left.min(specialist.day_max.saturating_sub(fixed_minutes)), lendable_left);
    let mut free = Vec::new();
    for (index, option) in specialist.options.iter().enumerate() {
        let wanted = &case.requests[option.request];
        let skipped = aims.only.is_some_and(|member| wanted.member != member || wanted.priority != Priority::Mandated);
        if skipped || option.slots[day].is_empty() {
            continue;
        }
        // Noise on the worth makes the same days come out differently, which is what finds new timetables.
        let factor = noise.as_mut().map_or(1.0, |random| 0.9 + 0.2 * random.random::<f64>());
        let limit = if option.lent { most.0.min(most.1) } else { most.0 };
        let lengths = lengths(case, timetable, aims, (person, day, index), limit, factor);
        if !lengths.is_empty() {
            free.push((index, lengths));
        }
    }
    // The search can tell only so many candidates apart; the least worth go first.
    let best = |lengths: &[(u32, i64)]| lengths.iter().map(|length| length.1).max().unwrap_or(0);
    if free.len() + candidates.len() > CANDIDATES_MAX {
        free.sort_by_key(|(index, lengths)| (-best(lengths), *index));
        free.truncate(CANDIDATES_MAX.saturating_sub(candidates.len()));
    }
    for (index, lengths) in free {
        let option = &specialist.options[index];
        let slots = &option.slots[day];
        candidates.push(Candidate { place: place(option.place), slots, lengths, lent: option.lent, fixed: None });
        options.push(index);
    }
    if candidates.is_empty() {
        return Vec::new();
    }
    let task = DayTask {
        candidates,
        fixed: fixed.len(),
        places,
        drives: &case.drives,
        home: specialist.home,
        minutes_left: (week_left + fixed_minutes).min(specialist.day_max),
        lendable_left,
        sites_max: specialist.sites_max,
        travel_max: specialist.travel_max,
        break_minutes: specialist.break_minutes,
        stay_min: case.instance.policy.min_minutes_at_site,
        travel_cost: worth::DRIVE,
        stay_cost: worth::STAY,
    };
    let Some(found) = search.best_day(&task) else {
        return fixed.clone();
    };
    let placed = found.into_iter().map(|(candidate, starts, minutes)| Placed {
        request: specialist.options[options[candidate]].request,
        option: options[candidate],
        starts,
        minutes,
        fixed: candidate < task.fixed,
    });
    placed.collect()
}

/// Lengths of a visit that the request and the limits allow, with what each is worth.
fn lengths(
    case: &Case,
    timetable: &Timetable,
    aims: &Aims,
    (person, day, option): (usize, usize, usize),
    limit: u32,
    factor: f64,
) -> Vec<(u32, i64)> {
    let specialist = &case.specialists[person];
    let request = specialist.options[option].request;
    let wanted = &case.requests[request];
    let visits_left = wanted.visits_max - timetable.visits[request].min(wanted.visits_max);
    if visits_left == 0 || timetable.taken[request] & (1 << day) != 0 {
        return Vec::new();
    }
    let unit = case.unit();
    let missing = (wanted.minutes - timetable.placed[request]) / unit * unit;
    let minute = match wanted.priority {
        Priority::Mandated => aims.next_minute(wanted.member, timetable.mandated[wanted.member]),
        priority => worth::minute(priority),
    };
    let pair = if timetable.meetings[person][option] == 0 { pair_cost(wanted.current, person) } else { 0 };
    let minute = (minute as f64 * factor) as i64;
    let reachable = wanted.reachable(missing, visits_left, unit);
    let mut lengths = Vec::new();
    let mut minutes = wanted.visit_min;
    while minutes <= wanted.visit_max.min(missing).min(limit) {
        // A length that makes the rest of the request impossible is worth less: those minutes are probably lost.
        let rest = wanted.reachable(missing - minutes, visits_left - 1, unit);
        let lost = reachable.saturating_sub(minutes + rest);
        let value =
            i64::from(minutes) * minute - i64::from(lost) * minute / 2 - pair - pay(specialist.cents_per_hour, minutes);
        if value > 0 {
            lengths.push((minutes, value));
        }
        minutes += unit;
    }
    lengths
}

/// A random number generator of its own for every part of a run.
pub(crate) fn random(seed: u64, part: u64) -> ChaCha8Rng {
    use rand::SeedableRng;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(part);
    let _ = random.next_u64();
    random
}
