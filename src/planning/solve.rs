//! From an instance to a plan: bounds, what lenders could do alone, fair quotas, search, reasons, verification.

mod outcome;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::case::{Case, Component};
use super::day_search::DaySearch;
use super::improve::{Budget, Improver, random};
use super::instance::Instance;
use super::plan_document::PlanDocument;
use super::relaxation::{Bounded, Relaxation};
use super::timetable::Timetable;
use super::verify::{BrokenRule, verify};
use super::worth::Aims;
use crate::domain::fault::Fault;
use crate::domain::service_request::Priority;

/// Work of a run when nothing else is asked for, in steps of the day search.
pub const WORK_DEFAULT: u64 = 400_000_000;
/// Seconds after which a run ends in any case when nothing else is asked for.
pub const SECONDS_DEFAULT: u32 = 50;
/// Part of the work that goes into the plans of lenders alone.
const ALONE_PART: u64 = 10;

/// With more pairs than this, fair quotas come from a relaxation by week instead of by day.
const PAIRS_BY_DAY_MAX: u64 = 3_000;
/// Part of the seconds that may be added for trying remedies.
const EXPLAIN_PART: u32 = 10;

/// How long and how to search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Wall-clock guard. A run that meets it is not repeatable.
    pub seconds: u32,
    /// Steps of the day search: where the search ends by itself, on every machine at the same point.
    pub work: u64,
    /// Seed of the search.
    pub seed: u64,
    /// Threads; the plan does not depend on their number.
    pub threads: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options { seconds: SECONDS_DEFAULT, work: WORK_DEFAULT, seed: 0, threads: 2 }
    }
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Report {
    /// `bounds`, `alone`, `fairness`, `search` or `explain`.
    pub phase: &'static str,
    /// Mandated minutes of the best plan so far.
    pub best_mandated_minutes: u32,
    /// No plan has more.
    pub bound_mandated_minutes: u32,
    /// Wall-clock seconds so far.
    pub seconds: f64,
}

/// Hears how far a run is, from several threads and often.
pub trait Progress: Sync {
    /// Called at every step worth telling.
    fn report(&self, report: &Report);
}

/// Nobody listens.
pub struct Silent;

impl Progress for Silent {
    fn report(&self, _report: &Report) {}
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum SolveError {
    /// The instance is not sound.
    #[error("the instance has {} faults", .0.len())]
    Instance(Vec<Fault>),
    /// The plan that was found breaks a rule: a mistake of the planner. It is never handed out.
    #[error("the plan found breaks {} rules", .0.len())]
    Rejected(Vec<BrokenRule>),
}

/// Plans an instance. The plan is verified before it is handed out. When `stop` is set the best plan so far is used.
pub fn solve(
    instance: &Instance,
    options: &Options,
    progress: &dyn Progress,
    stop: &AtomicBool,
) -> Result<PlanDocument, SolveError> {
    let started = Instant::now();
    let faults = instance.check();
    if !faults.is_empty() {
        return Err(SolveError::Instance(faults));
    }
    let case = Case::of(instance);
    let run = RunState {
        case: &case,
        components: case.components(),
        options,
        progress,
        stop,
        started,
        deadline: started + Duration::from_secs(u64::from(options.seconds)),
        bound: AtomicU32::new(0),
        best: Mutex::new(Vec::new()),
    };
    let plan = run.plan();
    verify(instance, &plan).map_err(SolveError::Rejected)?;
    Ok(plan)
}

struct RunState<'a> {
    case: &'a Case<'a>,
    components: Vec<Component>,
    options: &'a Options,
    progress: &'a dyn Progress,
    stop: &'a AtomicBool,
    started: Instant,
    deadline: Instant,
    bound: AtomicU32,
    /// Mandated minutes of the best timetable of each component.
    best: Mutex<Vec<u32>>,
}

impl RunState<'_> {
    fn plan(&self) -> PlanDocument {
        self.report("bounds");
        let relaxations = self.each(&self.components, |_, component| Relaxation::of(self.case, component));
        let mandated = self.each(&relaxations, |_, relaxation| {
            relaxation.bound(self.case, Priority::Mandated, &[], self.seconds_left())
        });
        self.bound.store(mandated.iter().map(|bounded| bounded.minutes).sum(), Ordering::Relaxed);
        self.report("alone");
        let (mut timetable, alone) = self.alone();
        self.report("fairness");
        let aims = self.aims(&mandated, &alone);
        self.report("search");
        let best = self.search(&timetable, &aims);
        let cut = self.is_cut() || best.iter().any(|(_, cut)| *cut);
        for (component, (best, _)) in self.components.iter().zip(&best) {
            timetable.adopt(self.case, best, &component.specialists);
        }
        self.report("explain");
        let bounds = self.bounds(&relaxations, &mandated, &timetable);
        self.document(&timetable, bounds, &alone, self.prices(&relaxations, &mandated), cut)
    }

    fn is_cut(&self) -> bool {
        self.budget(0).is_cut()
    }

    fn budget(&self, work: u64) -> Budget<'_> {
        Budget { work, deadline: Some(self.deadline), stop: self.stop }
    }

    fn seconds_left(&self) -> f64 {
        self.deadline.saturating_duration_since(Instant::now()).as_secs_f64().max(0.5)
    }

    fn report(&self, phase: &'static str) {
        let best = self.best.lock().map(|best| best.iter().sum()).unwrap_or(0);
        self.progress.report(&Report {
            phase,
            best_mandated_minutes: best,
            bound_mandated_minutes: self.bound.load(Ordering::Relaxed),
            seconds: self.started.elapsed().as_secs_f64(),
        });
    }

    /// Does something for each entry, on several threads; results in the order of the entries.
    fn each<T: Sync, R: Send>(&self, entries: &[T], work: impl Fn(usize, &T) -> R + Sync) -> Vec<R> {
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

    /// Work for a part of the run, by the number of pairs that it can choose from.
    fn work_for(&self, component: &Component, work: u64) -> u64 {
        let all: u64 = self.components.iter().map(|component| self.pairs(component)).sum();
        (u128::from(work) * u128::from(self.pairs(component)) / u128::from(all.max(1))) as u64
    }

    /// Pairs of a specialist and a request that could meet.
    fn pairs(&self, component: &Component) -> u64 {
        component.specialists.iter().map(|one| self.case.specialists[*one].options.len() as u64).sum()
    }

    /// The plan of every lender alone, all in one timetable, and by component the mandated minutes of each member in it.
    /// Lenders share neither specialists nor requests, so their plans fit together.
    fn alone(&self) -> (Timetable, Vec<Vec<u32>>) {
        let members = self.case.instance.members.len();
        let none = vec![0; members];
        let mut parts = Vec::new();
        for (index, component) in self.components.iter().enumerate() {
            for member in 0..members {
                let employed = |one: &&usize| self.case.specialists[**one].employer == Some(member);
                let specialists: Vec<usize> = component.specialists.iter().filter(employed).copied().collect();
                if !specialists.is_empty() {
                    parts.push((index, member, Component { specialists, requests: component.requests.clone() }));
                }
            }
        }
        let empty = Timetable::of(self.case);
        let found = self.each(&parts, |position, (_, member, part)| {
            let aims = Aims {
                alone: none.clone(),
                quota: vec![u32::MAX; members],
                elsewhere: none.clone(),
                asked: none.clone(),
                only: Some(*member),
            };
            let random = random(self.options.seed, 1_000 + position as u64);
            let mut improver =
                Improver { case: self.case, component: part, aims: &aims, random, search: DaySearch::new() };
            let work = self.work_for(part, self.options.work / ALONE_PART);
            improver.run(empty.clone(), &self.budget(work), |_| {})
        });
        let mut timetable = empty;
        let mut alone = vec![none; self.components.len()];
        for ((_, _, part), found) in parts.iter().zip(&found) {
            timetable.adopt(self.case, found, &part.specialists);
        }
        for (index, member, part) in &parts {
            let own = |request: &&usize| {
                let wanted = &self.case.requests[**request];
                wanted.member == *member && wanted.priority == Priority::Mandated
            };
            alone[*index][*member] = part.requests.iter().filter(own).map(|request| timetable.placed[*request]).sum();
        }
        (timetable, alone)
    }

    /// What each component is to reach. Quotas matter only where mandated minutes are short.
    fn aims(&self, mandated: &[Bounded], alone: &[Vec<u32>]) -> Vec<Aims> {
        let members = self.case.instance.members.len();
        let mut asked = vec![0; members];
        let wanted = |request: &usize| {
            let wanted = &self.case.requests[*request];
            let reachable = wanted.reachable(wanted.minutes, wanted.visits_max, self.case.unit());
            (wanted.priority == Priority::Mandated).then_some((wanted.member, reachable))
        };
        for request in &self.case.requests {
            if request.priority == Priority::Mandated {
                asked[request.member] += request.minutes;
            }
        }
        let mut quotas = vec![vec![0; members]; self.components.len()];
        let mut sure = vec![0; members];
        let mut short = Vec::new();
        for (index, component) in self.components.iter().enumerate() {
            for (member, minutes) in component.requests.iter().filter_map(wanted) {
                quotas[index][member] += minutes;
            }
            if quotas[index].iter().sum::<u32>() > mandated[index].minutes {
                short.push(index);
            } else {
                sure.iter_mut().zip(&quotas[index]).for_each(|(sure, quota)| *sure += quota);
            }
        }
        if let Some(minutes) = self.fair_minutes(&short, mandated, &asked, &sure) {
            for &index in &short {
                quotas[index].fill(0);
                let mut exact = vec![0.0; members];
                for request in &self.components[index].requests {
                    exact[self.case.requests[*request].member] += minutes[*request];
                }
                let unit = f64::from(self.case.unit());
                for (quota, minutes) in quotas[index].iter_mut().zip(exact) {
                    *quota = ((minutes / unit - 1e-6).ceil() * unit) as u32;
                }
            }
        }
        let all: Vec<u32> = (0..members).map(|member| quotas.iter().map(|quota| quota[member]).sum()).collect();
        let aims = quotas.into_iter().zip(alone).map(|(quota, alone)| Aims {
            elsewhere: all.iter().zip(&quota).map(|(all, here)| all - here).collect(),
            alone: alone.clone(),
            quota,
            asked: asked.clone(),
            only: None,
        });
        aims.collect()
    }

    fn fair_minutes(&self, short: &[usize], mandated: &[Bounded], asked: &[u32], sure: &[u32]) -> Option<Vec<f64>> {
        if short.is_empty() || self.is_cut() {
            return None;
        }
        let mut joint = Component { specialists: Vec::new(), requests: Vec::new() };
        for &index in short {
            joint.specialists.extend(&self.components[index].specialists);
            joint.requests.extend(&self.components[index].requests);
        }
        let total = short.iter().map(|index| mandated[*index].minutes).sum();
        let seconds = self.seconds_left() / 3.0;
        let relaxation = if self.pairs(&joint) <= PAIRS_BY_DAY_MAX {
            Relaxation::of(self.case, &joint)
        } else {
            Relaxation::weekly(self.case, &joint)
        };
        relaxation.fair_minutes(asked, sure, total, seconds)
    }

    /// The best timetable of each component, and whether its search was cut short.
    fn search(&self, start: &Timetable, aims: &[Aims]) -> Vec<(Timetable, bool)> {
        if let Ok(mut best) = self.best.lock() {
            *best = self.components.iter().map(|component| self.mandated_in(component, start)).collect();
        }
        let waiting = AtomicU64::new(self.components.iter().map(|component| self.pairs(component)).sum());
        self.each(&self.components, |index, component| {
            let deadline = self.share_of_time(component, &waiting);
            let mut own = Timetable::of(self.case);
            own.adopt(self.case, start, &component.specialists);
            let mut improver = Improver {
                case: self.case,
                component,
                aims: &aims[index],
                random: random(self.options.seed, index as u64),
                search: DaySearch::new(),
            };
            let budget = Budget { deadline, ..self.budget(self.work_for(component, self.options.work)) };
            let best = improver.run(own, &budget, |timetable| {
                if let Ok(mut best) = self.best.lock() {
                    best[index] = self.mandated_in(component, timetable);
                }
                self.report("search");
            });
            let cut = improver.search.work < budget.work && budget.is_cut();
            (best, cut)
        })
    }

    fn mandated_in(&self, component: &Component, timetable: &Timetable) -> u32 {
        let mandated = component.requests.iter().filter(|one| self.case.requests[**one].priority == Priority::Mandated);
        mandated.map(|request| timetable.placed[*request]).sum()
    }

    /// When a component must end so that those still waiting get their share, should time run short.
    fn share_of_time(&self, component: &Component, waiting: &AtomicU64) -> Option<Instant> {
        let own = self.pairs(component);
        let all = waiting.fetch_sub(own, Ordering::Relaxed).max(1);
        let left = self.deadline.saturating_duration_since(Instant::now()).as_secs_f64();
        let share = left * (self.options.threads as f64 * own as f64 / all as f64).min(1.0);
        Some(Instant::now() + Duration::from_secs_f64(share))
    }
}
