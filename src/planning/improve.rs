//! Large-neighborhood search: take a few days of specialists out, plan each anew, keep what is better.
//!
//! Worse timetables are kept for a while with falling probability, so that the search does not stick to the first good
//! one. It ends after a given amount of work, counted in steps of the day search and not in seconds, so that the same
//! seed gives the same timetable on every machine.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rand::seq::SliceRandom;
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;

use super::case::{Case, DAYS, Placed};
use super::day_plan::plan_day;
use super::day_search::{DaySearch, LABELS_KEPT};
use super::patch::Patch;
use super::timetable::Timetable;
use super::worth::{self, Aims, Rank};

/// Acceptance of worse timetables at the start and at the end, in points.
const WARM: f64 = 6_000_000.0;
const COLD: f64 = 20_000.0;
/// Work of a step besides what its days take.
const STEP_WORK: u64 = 200;
/// Days that are taken out at once when one request is looked at as a whole.
const AROUND_REQUEST_DAYS: usize = 6;

/// When a search ends.
#[derive(Clone, Copy)]
pub(crate) struct Budget<'a> {
    /// Steps of the day search.
    pub work: u64,
    /// A guard against slow machines, from and until when; a search that meets it is not repeatable.
    pub time: Option<(Instant, Instant)>,
    /// Somebody wants it to end.
    pub stop: &'a AtomicBool,
}

impl Budget<'_> {
    /// Whether the search was cut short from outside.
    pub(crate) fn is_cut(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.time.is_some_and(|(_, until)| Instant::now() >= until)
    }

    /// How much of the budget is used, from 0 to 1 and more: of the work, or of the time where that goes faster.
    fn used(&self, work: u64) -> f64 {
        let by_work = work as f64 / self.work.max(1) as f64;
        let by_time = self.time.map_or(0.0, |(from, until)| {
            let whole = until.saturating_duration_since(from).as_secs_f64().max(1e-9);
            from.elapsed().as_secs_f64() / whole
        });
        by_work.max(by_time)
    }
}

/// How warm a search is at its start and at its end, as parts of the way from warm to cold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heat {
    pub from: f64,
    pub until: f64,
}

/// From warm to cold.
pub(crate) const WHOLE: Heat = Heat { from: 0.0, until: 1.0 };

/// The days of a patch, by `specialist * DAYS + day`.
pub(crate) type Days = Vec<(usize, Vec<Placed>)>;

/// The best timetable so far.
struct Best {
    days: Days,
    rank: Rank,
    points: i64,
}

/// One search over a patch of the co-op. The rest of the timetable stands.
pub(crate) struct Improver<'a> {
    pub case: &'a Case<'a>,
    pub patch: &'a Patch,
    pub aims: &'a Aims,
    pub random: ChaCha8Rng,
    pub search: DaySearch,
    /// Whether the last search was cut short from outside.
    pub cut: bool,
}

impl<'a> Improver<'a> {
    /// A search with its own random numbers.
    pub(crate) fn new(case: &'a Case<'a>, patch: &'a Patch, aims: &'a Aims, random: ChaCha8Rng) -> Improver<'a> {
        Improver { case, patch, aims, random, search: DaySearch::new(), cut: false }
    }

    /// Improves the days of the patch until the budget ends and gives back the best ones by [`Rank`].
    /// `better` hears about every better timetable's days.
    pub(crate) fn run(
        &mut self,
        mut current: Timetable,
        budget: &Budget,
        heat: Heat,
        mut better: impl FnMut(&Days),
    ) -> Days {
        let slots = self.slots();
        let mut points = current.points(self.aims);
        let rank = Rank::of(&current, self.aims);
        let mut best = Best { rank, points, days: current.days_of(&self.patch.specialists) };
        self.search.work = 0;
        while !slots.is_empty() && self.search.work < budget.work && !budget.is_cut() {
            // Days without any candidate cost the day search nothing; the search must end nevertheless.
            self.search.work += STEP_WORK;
            let part = heat.from + (heat.until - heat.from) * budget.used(self.search.work).min(1.0);
            let degrees = WARM * (COLD / WARM).powf(part);
            let days = self.choose(&current, &slots);
            let before: Days =
                days.iter().map(|slot| (*slot, current.take(self.case, slot / DAYS, slot % DAYS))).collect();
            for slot in &days {
                self.plan(&mut current, *slot, true);
            }
            let found = current.points(self.aims);
            let chance: f64 = self.random.random();
            if found >= points || chance < ((found - points) as f64 / degrees).exp() {
                points = found;
                // A rank takes longer to find than points. A better one has nearly the best points, or as many mandated
                // minutes shared out otherwise than the quotas have it.
                if points > best.points - worth::MANDATED
                    || best.rank.mandated() <= Rank::mandated_of(&current, self.aims)
                {
                    let rank = Rank::of(&current, self.aims);
                    if rank.beats(&best.rank) {
                        best = Best { rank, points, days: current.days_of(&self.patch.specialists) };
                        better(&best.days);
                    }
                }
            } else {
                days.iter().for_each(|slot| drop(current.take(self.case, slot / DAYS, slot % DAYS)));
                for (slot, visits) in before {
                    current.put(self.case, slot / DAYS, slot % DAYS, visits);
                }
            }
        }
        self.cut = budget.is_cut();
        best.days
    }

    /// Plans every day once, in random order: the first full timetable. A day is left as it is where planning it anew
    /// is no gain. One label does: nothing is placed yet, so there is far more to choose from than later, and the first
    /// plan of a state came three times sooner with hardly less in it.
    pub(crate) fn fill(&mut self, timetable: &mut Timetable, budget: &Budget) {
        self.search.labels_kept = 1;
        self.fill_days(timetable, budget);
        self.search.labels_kept = LABELS_KEPT;
    }

    fn fill_days(&mut self, timetable: &mut Timetable, budget: &Budget) {
        let mut slots = self.slots();
        slots.shuffle(&mut self.random);
        for slot in slots {
            if budget.is_cut() {
                return;
            }
            let before = Rank::of(timetable, self.aims);
            let visits = timetable.take(self.case, slot / DAYS, slot % DAYS);
            self.plan(timetable, slot, false);
            if before.beats(&Rank::of(timetable, self.aims)) {
                timetable.take(self.case, slot / DAYS, slot % DAYS);
                timetable.put(self.case, slot / DAYS, slot % DAYS, visits);
            }
        }
    }

    /// Days of specialists on which anything can be planned.
    fn slots(&self) -> Vec<usize> {
        let useful = |slot: &usize| {
            let mut options = self.case.specialists[slot / DAYS].options.iter();
            options.any(|option| !option.slots[slot % DAYS].is_empty() && self.wanted(option.request))
        };
        let people = self.patch.specialists.iter();
        people.flat_map(|person| (0..DAYS).map(move |day| person * DAYS + day)).filter(useful).collect()
    }

    fn wanted(&self, request: usize) -> bool {
        let wanted = &self.case.requests[request];
        self.patch.allows(request) && self.aims.only.is_none_or(|member| wanted.member == member)
    }

    /// Chooses the days to plan anew: around a request that is short, or around a random day.
    fn choose(&mut self, timetable: &Timetable, slots: &[usize]) -> Vec<usize> {
        let kind = self.random.random_range(0..100);
        let mut days = Vec::with_capacity(AROUND_REQUEST_DAYS);
        let first = if kind < 60 { self.around_shortage(timetable) } else { None };
        days.push(first.unwrap_or_else(|| slots[self.random.random_range(0..slots.len())]));
        if kind % 20 == 0 {
            // The whole week of one specialist.
            let person = days[0] / DAYS;
            days = slots.iter().copied().filter(|slot| slot / DAYS == person).collect();
        } else if kind % 20 == 1 {
            self.add_days_with(timetable, &mut days, slots);
        } else {
            let count = self.random.random_range(1..=3);
            for _ in 1..count {
                let slot = days[self.random.random_range(0..days.len())];
                let other_day = slots[self.random.random_range(0..slots.len())] % DAYS;
                let next = match self.random.random_range(0..3) {
                    0 => slot / DAYS * DAYS + other_day,
                    1 => self.colleague(slot / DAYS) * DAYS + slot % DAYS,
                    _ => self.colleague(slot / DAYS) * DAYS + other_day,
                };
                if !days.contains(&next) && slots.binary_search(&next).is_ok() {
                    days.push(next);
                }
            }
        }
        days.shuffle(&mut self.random);
        days
    }

    /// Adds the days on which a request of the first day is served by anybody.
    fn add_days_with(&mut self, timetable: &Timetable, days: &mut Vec<usize>, slots: &[usize]) {
        let visits = &timetable.days[days[0]];
        if visits.is_empty() {
            return;
        }
        let request = visits[self.random.random_range(0..visits.len())].request;
        for &(person, option) in &self.case.requests[request].matches {
            if timetable.meetings[person][option] == 0 {
                continue;
            }
            for slot in person * DAYS..(person + 1) * DAYS {
                let serves = timetable.days[slot].iter().any(|visit| visit.request == request);
                if serves
                    && days.len() < AROUND_REQUEST_DAYS
                    && !days.contains(&slot)
                    && slots.binary_search(&slot).is_ok()
                {
                    days.push(slot);
                }
            }
        }
    }

    /// A day of a specialist who could serve a request that is short.
    fn around_shortage(&mut self, timetable: &Timetable) -> Option<usize> {
        let requests = &self.patch.requests;
        if requests.is_empty() {
            return None;
        }
        // A few random draws instead of a list: the chance grows with the number of short requests.
        for _ in 0..12 {
            let request = requests[self.random.random_range(0..requests.len())];
            let wanted = &self.case.requests[request];
            let missing = wanted.minutes - timetable.placed[request];
            let visits_left = wanted.visits_max - timetable.visits[request].min(wanted.visits_max);
            if missing < wanted.visit_min && visits_left > 0 || missing == 0 || !self.wanted(request) {
                continue;
            }
            let (person, option) = wanted.matches[self.random.random_range(0..wanted.matches.len())];
            let day = self.random.random_range(0..DAYS);
            if !self.case.specialists[person].options[option].slots[day].is_empty() && self.patch.has(person) {
                return Some(person * DAYS + day);
            }
        }
        None
    }

    /// Somebody who can serve a request of this specialist.
    fn colleague(&mut self, person: usize) -> usize {
        let options = &self.case.specialists[person].options;
        let option = &options[self.random.random_range(0..options.len())];
        let matches = &self.case.requests[option.request].matches;
        matches[self.random.random_range(0..matches.len())].0
    }

    /// Plans a day that was taken out and puts it in.
    fn plan(&mut self, timetable: &mut Timetable, slot: usize, with_noise: bool) {
        let noise = if with_noise { Some(&mut self.random) } else { None };
        let visits = plan_day(self.case, timetable, (self.patch, self.aims), slot, &mut self.search, noise);
        timetable.put(self.case, slot / DAYS, slot % DAYS, visits);
    }
}

/// A random number generator of its own for every part of a run.
pub(crate) fn random(seed: u64, part: u64) -> ChaCha8Rng {
    use rand::SeedableRng;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(part);
    let _ = random.next_u64();
    random
}
