//! One run of the planner: what all its steps share, and the order of the steps.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::aims::Fairness;
use super::rounds::Limit;
use super::{Options, Progress, Report};
use crate::domain::service_request::Priority;
use crate::planning::case::{Case, Component};
use crate::planning::improve::Budget;
use crate::planning::plan_document::PlanDocument;
use crate::planning::relaxation::{Bounded, Relaxation};
use crate::planning::timetable::Timetable;

/// Work for each possible pair of a specialist and a request, up to a co-op's size and beyond it.
const WORK_PER_PAIR: u64 = 600_000;
const WORK_PER_PAIR_BEYOND: u64 = 100_000;
const PAIRS_OF_A_COOP: u64 = 1_500;
/// Only one program of a component with more pairs is there at a time.
const PAIRS_OF_A_LARGE_COMPONENT: u64 = 30_000;
/// Least work of a run.
const WORK_LEAST: u64 = 40_000_000;

/// Part of the seconds left for what comes after the search: bounds that depend on its plan, and reasons.
const REASONS_PART: f64 = 0.15;
/// The same without reasons, and at most so many seconds.
const LAST_BOUNDS_PART: f64 = 0.15;
const LAST_BOUNDS_SECONDS: f64 = 5.0;
/// Parts of the seconds left that bounds and lenders' own plans may take.
const BOUNDS_PART: f64 = 0.3;
const ALONE_PART: f64 = 0.1;
/// What the last bounds may take in any case, also when the search was stopped.
const LAST_BOUNDS_LEAST: Duration = Duration::from_millis(300);

/// A run.
pub(crate) struct Run<'a> {
    pub case: &'a Case<'a>,
    pub components: Vec<Component>,
    pub options: &'a Options,
    pub progress: &'a dyn Progress,
    pub stop: &'a AtomicBool,
    pub started: Instant,
    /// When the search must end, if anybody asked for that.
    pub deadline: Option<Instant>,
    /// When the run must end.
    ends: Option<Instant>,
    /// No plan has more mandated minutes.
    pub bound: AtomicU32,
    /// Mandated minutes of the best timetable of each component.
    pub best: Mutex<Vec<u32>>,
    /// Held while the program of a large component is there.
    large: Mutex<()>,
}

/// What is proven about a component. The program that proved it is gone: that of a state takes more memory than
/// everything else, and is made again in a moment.
pub(super) struct Proof {
    /// No plan has more mandated minutes.
    pub mandated_at_most: u32,
    /// What one more minute of a specialist on a day would bring.
    pub prices: Vec<(usize, usize, f64)>,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        case: &'a Case<'a>,
        options: &'a Options,
        progress: &'a dyn Progress,
        stop: &'a AtomicBool,
    ) -> Run<'a> {
        let started = Instant::now();
        let seconds = options.seconds.map(f64::from);
        let after = |seconds: f64| match options.explain {
            true => seconds * REASONS_PART,
            false => (seconds * LAST_BOUNDS_PART).min(LAST_BOUNDS_SECONDS),
        };
        Run {
            case,
            components: case.components(),
            options,
            progress,
            stop,
            started,
            deadline: seconds.map(|seconds| started + Duration::from_secs_f64(seconds - after(seconds))),
            ends: seconds.map(|seconds| started + Duration::from_secs_f64(seconds)),
            bound: AtomicU32::new(0),
            best: Mutex::new(Vec::new()),
            large: Mutex::new(()),
        }
    }

    pub(super) fn plan(&self) -> PlanDocument {
        // A whole plan first, so that there is one whatever happens: what can stay as it is, or every day planned once.
        self.report("first");
        let first = match &self.options.start {
            Some(_) => self.kept(),
            None => self.filled(&Timetable::of(self.case), self.first_aims()),
        };
        self.note_best(&first, "first");
        self.hand_out_now(&first);
        self.report("bounds");
        let until = self.part_of_time(BOUNDS_PART);
        let proofs = self.each(&self.components, |_, component| self.proof(component, &first, until));
        self.bound.store(proofs.iter().map(|proof| proof.mandated_at_most).sum(), Ordering::Relaxed);
        self.report("alone");
        let mut alone = self.alone(self.part_of_time(ALONE_PART));
        if let Some(close) = &self.options.start {
            self.lower_to_what_is_followed(&mut alone, close);
        }
        let aims = self.aims(&proofs, &alone.floors);
        let mut fairness = Fairness::new(self, &proofs);
        let alone_together = Timetable::starting(self.case, &alone.days);
        self.report("search");
        let (searched, trade_offs) = match &self.options.start {
            Some(close) => self.stay_close(close, &alone_together, &aims, &mut fairness),
            None => {
                let limit = Limit { work: self.work(), until: self.deadline };
                let start = match self.is_below_a_floor(&first, &aims) {
                    true => self.filled(&alone_together, aims.clone()),
                    false => first,
                };
                (self.search(&start, aims, limit, &mut fairness), Vec::new())
            }
        };
        self.report("explain");
        let mut plan = self.outcome(&searched, &proofs, &alone, fairness.worst_share_at_most_basis_points);
        plan.trade_offs = trade_offs;
        plan
    }

    fn proof(&self, component: &Component, first: &Timetable, until: Option<Instant>) -> Proof {
        let _turn = self.turn(component);
        let mut relaxation = Relaxation::of_goals(self.case, component, Priority::Mandated);
        let Bounded { minutes, prices } = relaxation.mandated_bound(self.case, first, seconds_until(until));
        let prices = prices.map_or_else(Vec::new, |prices| relaxation.staff_prices(&prices));
        Proof { mandated_at_most: minutes, prices }
    }

    /// The turn of a large component: two such programs at once would take twice the memory.
    pub(super) fn turn(&self, component: &Component) -> Option<MutexGuard<'_, ()>> {
        let large = self.pairs(component) > PAIRS_OF_A_LARGE_COMPONENT;
        large.then(|| self.large.lock().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }

    /// Whether there is time to look for remedies.
    pub(crate) fn may_explain(&self) -> bool {
        !self.stop.load(Ordering::Relaxed) && self.ends.is_none_or(|ends| Instant::now() < ends)
    }

    pub(super) fn is_cut(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// A budget of work that the run's own limit may cut short.
    pub(super) fn budget(&self, work: u64) -> Budget<'_> {
        Budget { work, time: self.deadline.map(|until| (Instant::now(), until)), stop: self.stop }
    }

    /// When a part of what is left of the time will be over; `None` without a limit, now when somebody wants an end.
    pub(super) fn part_of_time(&self, part: f64) -> Option<Instant> {
        let now = Instant::now();
        if self.stop.load(Ordering::Relaxed) {
            return Some(now);
        }
        self.deadline.map(|deadline| now + deadline.saturating_duration_since(now).mul_f64(part))
    }

    /// When the last bounds must be there.
    pub(super) fn last_bounds_until(&self) -> Option<Instant> {
        let soon = Instant::now() + LAST_BOUNDS_LEAST;
        if self.stop.load(Ordering::Relaxed) {
            return Some(soon);
        }
        self.ends.map(|ends| ends.max(soon))
    }

    pub(super) fn report(&self, phase: &'static str) {
        let best = self.best.lock().map(|best| best.iter().sum()).unwrap_or(0);
        self.progress.report(&Report {
            phase,
            best_mandated_minutes: best,
            bound_mandated_minutes: self.bound.load(Ordering::Relaxed),
            seconds: self.started.elapsed().as_secs_f64(),
        });
    }

    /// Does something for each entry, on several threads; results in the order of the entries.
    pub(crate) fn each<T: Sync, R: Send>(&self, entries: &[T], work: impl Fn(usize, &T) -> R + Sync) -> Vec<R> {
        let next = AtomicUsize::new(0);
        let done = Mutex::new(Vec::with_capacity(entries.len()));
        std::thread::scope(|scope| {
            for _ in 0..self.options.threads.clamp(1, entries.len().max(1)) {
                scope.spawn(|| {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(entry) = entries.get(index) else {
                            return;
                        };
                        let result = work(index, entry);
                        if let Ok(mut done) = done.lock() {
                            done.push((index, result));
                        }
                    }
                });
            }
        });
        let mut done = done.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
        done.sort_by_key(|(index, _)| *index);
        done.into_iter().map(|(_, result)| result).collect()
    }

    /// Work of the whole run.
    pub(crate) fn work(&self) -> u64 {
        self.options.work.unwrap_or_else(|| {
            let pairs = self.all_pairs();
            let beyond = pairs.saturating_sub(PAIRS_OF_A_COOP);
            (pairs.min(PAIRS_OF_A_COOP) * WORK_PER_PAIR + beyond * WORK_PER_PAIR_BEYOND).max(WORK_LEAST)
        })
    }

    /// Work for a part of the run, by the number of pairs that it can choose from.
    pub(super) fn work_for(&self, component: &Component, work: u64) -> u64 {
        (u128::from(work) * u128::from(self.pairs(component)) / u128::from(self.all_pairs().max(1))) as u64
    }

    /// Pairs of a specialist and a request that could meet.
    pub(super) fn pairs(&self, component: &Component) -> u64 {
        component.specialists.iter().map(|one| self.case.specialists[*one].options.len() as u64).sum()
    }

    /// The same, in all components.
    pub(super) fn all_pairs(&self) -> u64 {
        self.components.iter().map(|component| self.pairs(component)).sum()
    }

    /// Mandated minutes of a component in a timetable.
    pub(super) fn mandated_in(&self, component: &Component, timetable: &Timetable) -> u32 {
        let mandated = component.requests.iter().filter(|one| self.case.requests[**one].priority == Priority::Mandated);
        mandated.map(|request| timetable.placed[*request]).sum()
    }
}

/// Seconds for the solver up to a moment; `None` without a limit.
pub(super) fn seconds_until(until: Option<Instant>) -> Option<f64> {
    until.map(|until| until.saturating_duration_since(Instant::now()).as_secs_f64())
}
