//! The search over all components: short rounds before long ones, each from warm to cold, large components in patches
//! that are divided anew several times a round. Every few seconds the best so far is handed out as a verified plan.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::aims::Fairness;
use super::run::Run;
use crate::domain::service_request::Priority;
use crate::planning::case::Component;
use crate::planning::improve::{Budget, Days, Heat, Improver, WHOLE, random};
use crate::planning::patch::{self, Patch};
use crate::planning::timetable::Timetable;
use crate::planning::worth::{Aims, Rank};

/// Where each round ends, as a part of the work.
const ROUNDS_END_AT_PERCENT: &[u64] = &[5, 25, 100];
/// The same where there is far more work than the size asks for: another try is worth more than a slower one.
const MANY_ROUNDS_END_AT_PERCENT: &[u64] = &[5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100];
/// Work for each possible pair that counts as far more.
const PLENTY_PER_PAIR: u64 = 500_000;
/// Work of a patch before its component is divided anew.
const PATCH_WORK: u64 = 4_000_000;
/// Most partitions of a round.
const PARTITIONS_MAX: u64 = 40;
/// Between two plans that are handed out.
const PAUSE: Duration = Duration::from_secs(5);

/// The timetables that were found.
#[derive(Clone)]
pub(super) struct Searched {
    /// The whole co-op.
    pub timetable: Timetable,
    /// By component.
    pub aims: Vec<Aims>,
    /// Whether the search was cut short from outside.
    pub cut: bool,
}

/// Where a search ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    pub work: u64,
    pub until: Option<Instant>,
}

impl Limit {
    /// A part of the work and of the time that is left.
    pub(super) fn part(self, part: f64) -> Limit {
        let now = Instant::now();
        let until = self.until.map(|until| now + until.saturating_duration_since(now).mul_f64(part));
        Limit { work: (self.work as f64 * part) as u64, until }
    }
}

/// A patch to search, and its part of the work.
struct Task {
    component: usize,
    patch: Patch,
    work: u64,
    heat: Heat,
    stream: u64,
}

/// A stretch of a round in which every patch is searched once.
struct Stretch {
    tasks: Vec<Task>,
    /// The part of the whole search that is over when it ends.
    ends_at: f64,
}

impl Run<'_> {
    /// Searches all components from a timetable that all rules hold for.
    pub(super) fn search(&self, start: &Timetable, aims: Vec<Aims>, limit: Limit, fairness: &mut Fairness) -> Searched {
        let mut searched = Searched { timetable: start.clone(), aims, cut: false };
        let began = Instant::now();
        let Limit { work, until } = limit;
        let shared = Shared { latest: Mutex::new(Vec::new()), told: Mutex::new(Instant::now()) };
        self.hand_out(&searched.timetable, &shared);
        let mut from = 0;
        // How much work fits into a time is not known; on a slow machine many short rounds would never get cold.
        let plenty = until.is_none() && work / self.all_pairs().max(1) > PLENTY_PER_PAIR;
        let rounds = if plenty { MANY_ROUNDS_END_AT_PERCENT } else { ROUNDS_END_AT_PERCENT };
        for (round, &percent) in rounds.iter().enumerate() {
            // Not before there is a plan worth sharing out, and then only now and then: it takes as long as a round.
            let (middle, last) = (rounds.len().div_ceil(2), rounds.len() - 1);
            if [1, middle, last].contains(&round) {
                fairness.share(self, &searched.timetable, &mut searched.aims, round >= middle);
            }
            let part = work / 100 * (percent - from);
            let partitions = self.partitions(part);
            for partition in 0..partitions {
                if self.is_cut() {
                    searched.cut = true;
                    return searched;
                }
                (0..self.components.len()).for_each(|component| self.look_elsewhere(&mut searched, component));
                let stretch = self.stretch(&searched.timetable, part, (round as u64, partition, partitions), |at| {
                    (from as f64 + (percent - from) as f64 * at) / 100.0
                });
                self.carry_out(&mut searched, &stretch, (began, until), &shared);
            }
            from = percent;
        }
        searched
    }

    /// A full timetable: every component's days planned once.
    pub(super) fn filled(&self, start: &Timetable, aims: Vec<Aims>) -> Timetable {
        let mut searched = Searched { timetable: start.clone(), aims, cut: false };
        (0..self.components.len()).for_each(|component| self.look_elsewhere(&mut searched, component));
        let Searched { mut timetable, aims, .. } = searched;
        let found = self.each(&self.components, |index, component| {
            let patch = Patch::whole(component);
            let random = random(self.options.seed, index as u64);
            let mut timetable = timetable.clone();
            Improver::new(self.case, &patch, &aims[index], random).fill(&mut timetable, &self.budget(0));
            timetable.days_of(&component.specialists)
        });
        found.iter().for_each(|days| timetable.replace(self.case, days));
        timetable
    }

    /// Remembers the best timetable so far for those who listen.
    pub(super) fn note_best(&self, timetable: &Timetable, phase: &'static str) {
        if let Ok(mut best) = self.best.lock() {
            *best = self.components.iter().map(|component| self.mandated_in(component, timetable)).collect();
        }
        self.report(phase);
    }

    /// How often large components are divided in a round of so much work.
    fn partitions(&self, work: u64) -> u64 {
        let large = self.components.iter().filter(|component| patch::is_large(component));
        let patches = |component: &Component| (component.specialists.len() / 12).max(1) as u64;
        let most = large.map(|component| self.work_for(component, work) / patches(component) / PATCH_WORK).max();
        most.map_or(1, |most| most.clamp(1, PARTITIONS_MAX))
    }

    fn stretch(
        &self,
        timetable: &Timetable,
        work: u64,
        (round, partition, partitions): (u64, u64, u64),
        ends_at: impl Fn(f64) -> f64,
    ) -> Stretch {
        let mut tasks = Vec::new();
        for (index, component) in self.components.iter().enumerate() {
            let large = patch::is_large(component);
            // What is searched as a whole is searched once a round, while the first patches are.
            if !large && partition > 0 {
                continue;
            }
            let stream = (round * PARTITIONS_MAX + partition + 1) * 100_000 + index as u64 * 1_000;
            let mut random = random(self.options.seed, stream);
            let patches = patch::patches(self.case, component, timetable, &mut random);
            let all: u64 = patches.iter().map(|patch| patch.specialists.len() as u64).sum();
            let at = |step: u64| step as f64 / partitions as f64;
            let heat = if large { Heat { from: at(partition), until: at(partition + 1) } } else { WHOLE };
            let work = self.work_for(component, work) / if large { partitions } else { 1 };
            for (position, patch) in patches.into_iter().enumerate() {
                let part = u128::from(work) * patch.specialists.len() as u128 / u128::from(all.max(1));
                let work = part as u64;
                tasks.push(Task { component: index, patch, work, heat, stream: stream + 1 + position as u64 });
            }
        }
        // The longest first, so that no thread waits long for the last.
        tasks.sort_by_key(|task| (u64::MAX - task.work, task.stream));
        Stretch { tasks, ends_at: ends_at((partition + 1) as f64 / partitions as f64) }
    }

    /// Searches every patch of a stretch and takes what is better.
    fn carry_out(
        &self,
        searched: &mut Searched,
        stretch: &Stretch,
        (began, until): (Instant, Option<Instant>),
        shared: &Shared,
    ) {
        let until = until.map(|until| began + until.saturating_duration_since(began).mul_f64(stretch.ends_at));
        // Should time run short, every patch gets its share of it.
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let works: Vec<u64> = stretch.tasks.iter().map(|task| task.work).collect();
        let shares = shares(&works, self.options.threads);
        if let Ok(mut latest) = shared.latest.lock() {
            *latest = vec![None; stretch.tasks.len()];
        }
        let (timetable, aims) = (&searched.timetable, &searched.aims);
        let found = self.each(&stretch.tasks, |index, task| {
            let now = Instant::now();
            let time = left.map(|left| (now, now + left.mul_f64(shares[index])));
            let budget = Budget { work: task.work, time, stop: self.stop };
            let aims = &aims[task.component];
            let random = random(self.options.seed, task.stream);
            let mut improver = Improver::new(self.case, &task.patch, aims, random);
            let days = improver.run(timetable.clone(), &budget, task.heat, |days| {
                if let Ok(mut latest) = shared.latest.lock() {
                    latest[index] = Some(days.clone());
                }
                self.tell(timetable, shared);
            });
            (days, improver.cut)
        });
        for (task, (days, cut)) in stretch.tasks.iter().zip(found) {
            searched.cut |= cut;
            self.look_elsewhere(searched, task.component);
            let (case, aims) = (self.case, &searched.aims[task.component]);
            let before = searched.timetable.days_of(&task.patch.specialists);
            let rank = Rank::of(&searched.timetable, aims);
            searched.timetable.replace(case, &days);
            // Patches are searched apart; together they may share out less fairly than each believed.
            if rank.beats(&Rank::of(&searched.timetable, aims)) {
                searched.timetable.replace(case, &before);
            }
        }
        self.note_best(&searched.timetable, "search");
    }

    /// Hands out the best so far, now and then, while patches are searched.
    fn tell(&self, timetable: &Timetable, shared: &Shared) {
        let Ok(mut told) = shared.told.try_lock() else { return };
        if told.elapsed() < PAUSE {
            return;
        }
        let days: Days = match shared.latest.lock() {
            Ok(latest) => latest.iter().flatten().flatten().cloned().collect(),
            Err(_) => return,
        };
        let mut timetable = timetable.clone();
        timetable.replace(self.case, &days);
        self.note_best(&timetable, "search");
        self.hand_out_now(&timetable);
        *told = Instant::now();
    }

    fn hand_out(&self, timetable: &Timetable, shared: &Shared) {
        self.hand_out_now(timetable);
        if let Ok(mut told) = shared.told.lock() {
            *told = Instant::now();
        }
    }

    /// Tells the search of a component what members get in the other ones by now.
    pub(super) fn look_elsewhere(&self, searched: &mut Searched, component: usize) {
        let mut elsewhere = searched.timetable.mandated.clone();
        for request in &self.components[component].requests {
            let wanted = &self.case.requests[*request];
            if wanted.priority == Priority::Mandated {
                elsewhere[wanted.member] -= searched.timetable.placed[*request];
            }
        }
        searched.aims[component].elsewhere = elsewhere;
    }
}

/// The part of the time that each task may take, the longest first, so that all are done when time is over.
fn shares(works: &[u64], threads: usize) -> Vec<f64> {
    let mut left = works.iter().sum::<u64>().max(1) as f64;
    let mut free = threads.max(1) as f64;
    let mut shares = Vec::with_capacity(works.len());
    for work in works.iter().map(|work| *work as f64) {
        if free > 1.0 && work * free >= left {
            // A thread of its own for the whole time.
            shares.push(1.0);
            free -= 1.0;
            left -= work;
        } else {
            shares.push(work * free / left.max(1.0));
        }
    }
    let mut busy = vec![0.0; threads.max(1)];
    for share in &shares {
        if let Some(first) = busy.iter_mut().min_by(|left: &&mut f64, right| left.total_cmp(right)) {
            *first += share;
        }
    }
    let longest = busy.into_iter().fold(1.0, f64::max);
    shares.into_iter().map(|share| share / longest).collect()
}

/// What the threads of a stretch share.
struct Shared {
    /// The best days of each patch so far.
    latest: Mutex<Vec<Option<Days>>>,
    /// When a plan was last handed out.
    told: Mutex<Instant>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_gets_its_share_of_the_time() {
        assert_eq!(shares(&[6, 3, 1], 1), [0.6, 0.3, 0.1]);
        // Two threads: the long one has one to itself, the others share the second.
        assert_eq!(shares(&[60, 15, 5], 2), [1.0, 0.75, 0.25]);
        assert_eq!(shares(&[5, 5], 4), [1.0, 1.0]);
        assert_eq!(shares(&[0, 0], 2), [0.0, 0.0]);
        let shares = shares(&[7, 7, 7], 2);
        assert!((shares[0] + shares[2] - 1.0).abs() < 1e-9, "the third follows the first: {shares:?}");
    }
}
