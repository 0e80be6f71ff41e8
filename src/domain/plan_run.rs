//! Plan runs: one execution of the planner, from queued to a draft plan.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::fault::{Fault, Faults};
use super::ids::{PlanId, PlanRunId, SpecialistId, TermId, VisitId};
use super::text::check_range;

/// What can be asked of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanRunFields {
    /// For which term.
    pub term_id: TermId,
    /// How long the planner may search, in seconds.
    #[schema(minimum = 1, maximum = 3600, default = 60)]
    #[serde(default = "seconds_by_default")]
    pub seconds_max: i64,
    /// The same seed and input give the same plan.
    #[schema(minimum = 0, default = 1)]
    #[serde(default = "seed_by_default")]
    pub seed: i64,
    /// A plan of the term to stay close to: as few visits and people as possible are touched.
    #[serde(default)]
    pub based_on_plan_id: Option<PlanId>,
    /// How many mandated minutes it is worth to leave one visit of that plan in its place; 15 when absent.
    #[schema(minimum = 0, maximum = 300)]
    #[serde(default)]
    pub minutes_per_moved_visit: Option<i64>,
    /// Visits of that plan that must stand as they are.
    #[schema(max_items = 10000)]
    #[serde(default)]
    pub pinned_visit_ids: Vec<VisitId>,
    /// Specialists who get no visits, because they are away for long.
    #[schema(max_items = 100)]
    #[serde(default)]
    pub without_specialist_ids: Vec<SpecialistId>,
}

/// Most specialists that a run can leave out.
pub const LEFT_OUT_MAX: usize = 100;
/// Mandated minutes that leaving one visit in its place is worth, unless somebody says otherwise.
pub const MINUTES_PER_MOVED_VISIT: i64 = 15;
/// Most visits that can be pinned.
pub const PINS_MAX: usize = 10_000;

fn seconds_by_default() -> i64 {
    60
}

fn seed_by_default() -> i64 {
    1
}

impl PlanRunFields {
    /// A new plan of a term.
    pub fn of_term(term_id: TermId, seconds_max: i64) -> PlanRunFields {
        PlanRunFields {
            term_id,
            seconds_max,
            seed: seed_by_default(),
            based_on_plan_id: None,
            minutes_per_moved_visit: None,
            pinned_visit_ids: Vec::new(),
            without_specialist_ids: Vec::new(),
        }
    }

    /// Every fault of the entries.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        check_range(&mut faults, "/seconds_max", self.seconds_max, "seconds", 1..=3600);
        check_range(&mut faults, "/seed", self.seed, "(any whole number)", 0..=i64::MAX);
        if let Some(minutes) = self.minutes_per_moved_visit {
            check_range(&mut faults, "/minutes_per_moved_visit", minutes, "minutes", 0..=300);
        }
        if self.based_on_plan_id.is_none() {
            let message = "This belongs to a plan to stay close to; name it in based_on_plan_id";
            for (pointer, absent) in [
                ("/minutes_per_moved_visit", self.minutes_per_moved_visit.is_none()),
                ("/pinned_visit_ids", self.pinned_visit_ids.is_empty()),
                ("/without_specialist_ids", self.without_specialist_ids.is_empty()),
            ] {
                faults.require(absent, pointer, || message.to_owned());
            }
        }
        let left_out = self.without_specialist_ids.len();
        faults.require(left_out <= LEFT_OUT_MAX, "/without_specialist_ids", || {
            format!("{left_out} are too many; leave out at most {LEFT_OUT_MAX}")
        });
        let pins = self.pinned_visit_ids.len();
        faults
            .require(pins <= PINS_MAX, "/pinned_visit_ids", || format!("{pins} are too many; pin at most {PINS_MAX}"));
        faults.into_vec()
    }
}

/// The steps of a run in their order: the planner's own name, and what people read.
pub const STEPS: [(&str, &str); 5] = [
    ("first", "Planning every day once"),
    ("bounds", "Finding out how much can be met at most"),
    ("alone", "Finding out what each lender can do alone"),
    ("search", "Searching for better days, sharing shortage fairly"),
    ("explain", "Explaining what is short"),
];

/// How much a run has to plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunSize {
    /// Requests.
    pub requests: i64,
    /// Specialists.
    pub specialists: i64,
    /// Sites.
    pub sites: i64,
    /// Mandated minutes a week that are asked for.
    pub mandated_minutes: i64,
}

/// What a run is for. The planner's queue takes them in the order of these words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanRunPurpose {
    /// A new plan.
    Plan,
    /// A plan that stays close to another one.
    Replan,
    /// Something that is only tried; see scenarios.
    WhatIf,
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanRunState {
    /// Waiting for a worker.
    Queued,
    /// The planner is at work.
    Running,
    /// A draft plan was made, verified and stored.
    Succeeded,
    /// No plan was made; `failure` says why.
    Failed,
    /// Stopped on request before a plan was made.
    Cancelled,
}

impl PlanRunState {
    /// Whether nothing more will happen.
    pub fn is_over(self) -> bool {
        !matches!(self, PlanRunState::Queued | PlanRunState::Running)
    }
}

/// Most points of a curve; beyond that every second one is left out.
pub const CURVE_POINTS_MAX: usize = 60;

/// The best plan and the limit at one moment of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProgressPoint {
    /// Seconds since the start.
    pub elapsed_seconds: i64,
    /// Mandated minutes of the best plan so far.
    pub best_mandated_minutes: i64,
    /// No plan can place more mandated minutes than this; absent while that is not known yet.
    pub bound_mandated_minutes: Option<i64>,
}

/// How far a run is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Progress {
    /// What the planner does now, in plain words.
    pub phase: String,
    /// Mandated minutes of the best plan so far.
    pub best_mandated_minutes: Option<i64>,
    /// No plan can place more mandated minutes than this.
    pub bound_mandated_minutes: Option<i64>,
    /// Seconds since the start.
    pub elapsed_seconds: i64,
    /// How the best plan and the limit changed so far, oldest first.
    pub curve: Vec<ProgressPoint>,
}

impl Progress {
    /// Notes a point of the curve where the best plan or the limit is another than at the last one. Before there is a plan
    /// or a limit the planner says 0, which is no point.
    pub fn note(&mut self) {
        let known = |minutes: Option<i64>| minutes.filter(|minutes| *minutes > 0);
        let Some(best_mandated_minutes) = known(self.best_mandated_minutes) else { return };
        let point = ProgressPoint {
            elapsed_seconds: self.elapsed_seconds,
            best_mandated_minutes,
            bound_mandated_minutes: known(self.bound_mandated_minutes),
        };
        let said = |point: &ProgressPoint| (point.best_mandated_minutes, point.bound_mandated_minutes);
        if self.curve.last().is_some_and(|last| said(last) == said(&point)) {
            return;
        }
        // The last of one second is what it ended with.
        if self.curve.last().is_some_and(|last| last.elapsed_seconds == point.elapsed_seconds) {
            self.curve.pop();
        }
        self.curve.push(point);
        if self.curve.len() > CURVE_POINTS_MAX {
            let mut place = 0;
            self.curve.retain(|_| {
                place += 1;
                place % 2 == 1
            });
        }
    }
}

/// One execution of the planner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlanRun {
    /// Identity.
    pub id: PlanRunId,
    /// The number people use, `RUN-2026-0003`.
    pub code: String,
    /// What was asked.
    #[serde(flatten)]
    pub fields: PlanRunFields,
    /// What it is for.
    pub purpose: PlanRunPurpose,
    /// Where it stands.
    pub state: PlanRunState,
    /// How far it is.
    pub progress: Progress,
    /// Whether somebody asked it to stop.
    pub cancel_requested: bool,
    /// Why it failed.
    pub failure: Option<String>,
    /// SHA-256 of the planning instance it was given.
    pub instance_sha256: String,
    /// The draft plan it made.
    pub plan_id: Option<PlanId>,
    /// Goes up with each change; the ETag.
    pub version: i64,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_has_what_changed_and_stays_short() {
        let mut progress = Progress {
            phase: String::new(),
            best_mandated_minutes: None,
            bound_mandated_minutes: None,
            elapsed_seconds: 0,
            curve: Vec::new(),
        };
        let mut at = |seconds, best, bound| {
            progress.elapsed_seconds = seconds;
            progress.best_mandated_minutes = Some(best);
            progress.bound_mandated_minutes = Some(bound);
            progress.note();
            progress.curve.clone()
        };
        let point = |elapsed_seconds, best_mandated_minutes, bound_mandated_minutes| ProgressPoint {
            elapsed_seconds,
            best_mandated_minutes,
            bound_mandated_minutes,
        };
        assert!(at(0, 0, 0).is_empty());
        assert_eq!(at(0, 90, 0), [point(0, 90, None)]);
        assert_eq!(at(1, 90, 0).len(), 1, "nothing changed");
        assert_eq!(at(2, 90, 150), [point(0, 90, None), point(2, 90, Some(150))]);
        assert_eq!(at(2, 120, 150), [point(0, 90, None), point(2, 120, Some(150))]);
        for second in 3..500 {
            let curve = at(second, 120 + second, 10_000);
            assert!(curve.len() <= CURVE_POINTS_MAX);
            assert_eq!(curve[0], point(0, 90, None));
            assert!(curve.is_sorted_by_key(|point| point.elapsed_seconds));
        }
    }
}
