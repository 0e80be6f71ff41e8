//! One run of the planner: what all its steps share, and the order of the steps.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::rounds::Limit;
use super::{Options, Progress, Report};
use crate::domain::service_request::Priority;
use crate::planning::case::{Case, Component};
use crate::planning::improve::Budget;
use crate::planning::plan_document::PlanDocument;
use crate::planning::relaxation::{Bounded, Relaxation};
use crate::planning::timetable::Timetable;

/// Work for each possible pair of a specialist and a request, up to a co-op's size and beyond it.
const WORK_PER_PAIR: u64 = 300_000;
const WORK_PER_PAIR_BEYOND: u64 = 40_000;
const PAIRS_OF_A_COOP: u64 = 1_500;
/// Least work of a run.
const WORK_LEAST: u64 = 40_000_000;
/// With more pairs than this a component is bounded by week instead of by day: the program would take too long.
const PAIRS_BY_DAY_MAX: u64 = 30_000;

/// Part of the seconds that the search may take when reasons are looked for afterwards.
const SEARCH_PART: f64 = 0.85;

/// Part of the seconds left that the bound of one component may take.
const BOUNDS_PART: f64 = 0.4;

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
}

/// What is proven about a component, and what proves it.
pub(super) struct Proof {
    pub relaxation: Relaxation,
    pub mandated: Bounded,
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
        let search = if options.explain { SEARCH_PART } else { 1.0 };
        Run {
            case,
            components: case.components(),
            options,
            progress,
            stop,
            started,
            deadline: seconds.map(|seconds| started + Duration::from_secs_f64(seconds * search)),
            ends: seconds.map(|seconds| started + Duration::from_secs_f64(seconds)),
            bound: AtomicU32::new(0),
            best: Mutex::new(Vec::new()),
        }
    }

    pub(super) fn plan(&self) -> PlanDocument {
        if self.options.start.is_some() {
            // What can stay as it is is a plan at once.
            self.hand_out_now(&self.kept());
        }
        self.report("bounds");
        let proofs = self.each(&self.components, |_, component| self.proof(component));
        self.bound.store(proofs.iter().map(|proof| proof.mandated.minutes).sum(), Ordering::Relaxed);
        self.report("alone");
        let alone = self.alone();
        self.report("fairness");
        let (aims, worst_share) = self.aims(&proofs, &alone.floors);
        self.report("search");
        let start = Timetable::starting(self.case, &alone.days);
        let (searched, trade_offs) = match &self.options.start {
            Some(close) => self.stay_close(close, &start, &aims),
            None => (self.search(&start, aims, Limit { work: self.work(), until: self.deadline }), Vec::new()),
        };
        self.report("explain");
        let mut plan = self.outcome(&searched, &proofs, &alone, worst_share);
        plan.trade_offs = trade_offs;
        plan
    }

    fn proof(&self, component: &Component) -> Proof {
        let relaxation = if self.pairs(component) <= PAIRS_BY_DAY_MAX {
            Relaxation::of(self.case, component)
        } else {
            Relaxation::weekly(self.case, component)
        };
        let seconds = self.seconds_left().map(|seconds| (seconds * BOUNDS_PART).max(0.5));
        let mandated = relaxation.bound(self.case, Priority::Mandated, &[], seconds);
        Proof { relaxation, mandated }
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

    /// Seconds for the solver: what is left, or no limit. A moment at least, so that it can say something.
    pub(super) fn seconds_left(&self) -> Option<f64> {
        if self.stop.load(Ordering::Relaxed) {
            return Some(0.5);
        }
        self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()).as_secs_f64().max(0.5))
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
    pub(super) fn work(&self) -> u64 {
        self.options.work.unwrap_or_else(|| {
            let pairs = self.components.iter().map(|component| self.pairs(component)).sum::<u64>();
            let beyond = pairs.saturating_sub(PAIRS_OF_A_COOP);
            (pairs.min(PAIRS_OF_A_COOP) * WORK_PER_PAIR + beyond * WORK_PER_PAIR_BEYOND).max(WORK_LEAST)
        })
    }

    /// Work for a part of the run, by the number of pairs that it can choose from.
    pub(super) fn work_for(&self, component: &Component, work: u64) -> u64 {
        let all: u64 = self.components.iter().map(|component| self.pairs(component)).sum();
        (u128::from(work) * u128::from(self.pairs(component)) / u128::from(all.max(1))) as u64
    }

    /// Pairs of a specialist and a request that could meet.
    pub(super) fn pairs(&self, component: &Component) -> u64 {
        component.specialists.iter().map(|one| self.case.specialists[*one].options.len() as u64).sum()
    }

    /// Mandated minutes of a component in a timetable.
    pub(super) fn mandated_in(&self, component: &Component, timetable: &Timetable) -> u32 {
        let mandated = component.requests.iter().filter(|one| self.case.requests[**one].priority == Priority::Mandated);
        mandated.map(|request| timetable.placed[*request]).sum()
    }
}
