//! From an instance to a plan: bounds, what lenders could do alone, fair quotas, search, reasons, verification.

mod aims;
mod alone;
mod floors;
mod outcome;
mod rounds;
pub(crate) mod run;
mod trade_offs;

use std::sync::atomic::AtomicBool;

use super::case::Case;
use super::instance::Instance;
use super::plan_document::{PlanDocument, Visit};
use super::verify::{BrokenRule, verify};
use crate::domain::fault::Fault;

/// How long and how to search.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Wall-clock limit, which ends the search wherever it is; a run that meets it is not repeatable. Without it only
    /// the work counts.
    pub seconds: Option<u32>,
    /// Steps of the day search: where the search ends by itself, on every machine at the same point. Without it an
    /// amount that grows with the size of the instance.
    pub work: Option<u64>,
    /// Seed of the search.
    pub seed: u64,
    /// Threads; the plan does not depend on their number.
    pub threads: usize,
    /// Whether to look for causes and remedies of what is short.
    pub explain: bool,
    /// A plan to stay close to.
    pub start: Option<Start>,
}

/// A plan that people follow, to which a new one stays close.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    /// Its visits. Those that the instance no longer allows are left out.
    pub visits: Vec<Visit>,
    /// Mandated minutes that moving one visit must bring; with 0 moving costs as much as a new pair of people does.
    pub minutes_per_moved_visit: u32,
}

impl Default for Options {
    fn default() -> Options {
        Options { seconds: None, work: None, seed: 0, threads: 2, explain: true, start: None }
    }
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Report {
    /// `first`, `bounds`, `alone`, `search` or `explain`.
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

    /// Hears a verified plan that is the best so far: the first one early, later ones every few seconds.
    fn plan(&self, _plan: &PlanDocument) {}
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
    let faults = instance.check();
    if !faults.is_empty() {
        return Err(SolveError::Instance(faults));
    }
    let mut case = Case::of(instance);
    if let Some(start) = &options.start {
        case.stay_close_to(&start.visits);
    }
    let plan = run::Run::new(&case, options, progress, stop).plan();
    verify(instance, &plan).map_err(SolveError::Rejected)?;
    Ok(plan)
}
