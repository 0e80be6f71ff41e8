//! "What if": a list of changes tried on a plan, planned in the background, and compared with the plan.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::fault::{Fault, Faults};
use super::ids::{PlanId, PlanRunId, ScenarioId};
use super::plan_run::{PlanRunState, Progress};
use super::text::{check_name, check_range};

/// School weeks of a year, for what a change costs a year.
pub const SCHOOL_WEEKS_A_YEAR: i64 = 36;

/// What somebody wants to try on a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScenarioFields {
    /// What people call it.
    #[schema(example = "Speech specialist, half time", min_length = 1, max_length = 120)]
    pub name: String,
    /// The changes, one after the other, each an object with its `kind`; `docs/changes.md` has the kinds.
    #[schema(value_type = Vec<Object>, min_items = 1, max_items = 500)]
    pub changes: Vec<Value>,
    /// How long the planner may search, in seconds.
    #[schema(minimum = 1, maximum = 3600, default = 60)]
    #[serde(default = "seconds_by_default")]
    pub seconds_max: i64,
}

/// How the standard set of "what one more specialist would change" is planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OneMoreFields {
    /// How long the planner may search for each, in seconds.
    #[schema(minimum = 1, maximum = 3600, default = 60)]
    #[serde(default = "seconds_by_default")]
    pub seconds_max: i64,
}

fn seconds_by_default() -> i64 {
    60
}

impl ScenarioFields {
    /// Every fault of the entries beside the changes themselves.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        check_name(&mut faults, "/name", &self.name);
        faults.require(!self.changes.is_empty(), "/changes", || "Write at least one change".to_owned());
        check_range(&mut faults, "/seconds_max", self.seconds_max, "seconds", 1..=3600);
        faults.into_vec()
    }
}

impl OneMoreFields {
    /// Every fault of the entries.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        check_range(&mut faults, "/seconds_max", self.seconds_max, "seconds", 1..=3600);
        faults.into_vec()
    }
}

/// Minutes a week of one priority.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Minutes {
    /// Asked for.
    pub requested: i64,
    /// Planned.
    pub placed: i64,
}

/// What a plan reaches, in numbers that can be compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Measures {
    /// IEP minutes.
    pub mandated: Minutes,
    /// Evaluations.
    pub evaluation: Minutes,
    /// Consults.
    pub consult: Minutes,
    /// The smallest part of its mandated minutes that any member gets, in hundredths of a percent, rounded down.
    pub worst_share_basis_points: Option<i64>,
    /// Code of that member.
    pub worst_member_code: Option<String>,
    /// Members that get less than all of their mandated minutes.
    pub members_below: i64,
    /// Visits a week.
    pub visits: i64,
    /// Visits of the plan it is compared with that stand unchanged.
    pub visits_kept: i64,
    /// Visits of that plan that stand otherwise or not at all.
    pub visits_moved: i64,
    /// Specialists of that plan whose week is another one.
    pub people_touched: i64,
    /// Pairs of a specialist and a request.
    pub pairs: i64,
    /// Pairs that meet today.
    pub pairs_kept: i64,
    /// Driving minutes a week.
    pub travel_minutes: i64,
    /// Pay of the planned minutes a week.
    pub staff_cost_cents: i64,
}

impl Measures {
    /// Planned minutes of all priorities.
    pub fn placed(&self) -> i64 {
        self.mandated.placed + self.evaluation.placed + self.consult.placed
    }
}

/// A "what if" on a plan.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Scenario {
    /// Identity.
    pub id: ScenarioId,
    /// The number people use, `WHATIF-2027-0001`.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// The plan it is tried on.
    pub plan_id: PlanId,
    /// The run that plans it.
    pub plan_run_id: PlanRunId,
    /// The changes.
    #[schema(value_type = Vec<Object>)]
    pub changes: Vec<Value>,
    /// The same in plain words.
    pub sentences: Vec<String>,
    /// What the changes themselves cost a week.
    pub cents_per_week: i64,
    /// Where it stands.
    pub state: PlanRunState,
    /// How far it is.
    pub progress: Progress,
    /// Whether somebody asked it to stop.
    pub cancel_requested: bool,
    /// Why it failed.
    pub failure: Option<String>,
    /// What it reaches, once it is planned.
    pub measures: Option<Measures>,
    /// When it was put away.
    pub archived_at: Option<DateTime<Utc>>,
    /// Goes up with each change; the ETag.
    pub version: i64,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When planning ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// Several that were made together.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ScenarioSet {
    /// In the order they are best read.
    pub items: Vec<Scenario>,
}

/// A planned scenario beside the plan it was tried on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ComparedScenario {
    /// Identity.
    pub scenario_id: ScenarioId,
    /// Its number.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// The changes in plain words.
    pub sentences: Vec<String>,
    /// What it reaches.
    pub measures: Measures,
    /// More minutes a week than the plan; below 0 for fewer.
    pub minutes_gained: i64,
    /// Of these, mandated.
    pub mandated_minutes_gained: i64,
    /// What the changes themselves cost a week.
    pub cents_per_week: i64,
    /// The same over the school weeks of a year.
    pub cents_per_year: i64,
    /// The same over the weeks of the plan's term.
    pub cents_per_term: i64,
    /// Cost for each minute gained, to the nearest cent; absent where nothing is gained.
    pub cents_per_minute_gained: Option<i64>,
}

/// A plan and everything that was tried on it and is planned, side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ScenarioComparison {
    /// The plan.
    pub plan_id: PlanId,
    /// Its number.
    pub plan_code: String,
    /// What the plan reaches.
    pub base: Measures,
    /// School weeks of a year that `cents_per_year` counts.
    pub weeks_per_year: i64,
    /// Weeks of the plan's term that `cents_per_term` counts.
    pub weeks_of_term: i64,
    /// In the order they were made.
    pub scenarios: Vec<ComparedScenario>,
    /// How many are not planned yet.
    pub unfinished: i64,
}

impl ComparedScenario {
    /// Compares what a scenario reaches with what the plan reaches.
    pub fn of(scenario: &Scenario, measures: Measures, base: &Measures, weeks_of_term: i64) -> ComparedScenario {
        let gained = measures.placed() - base.placed();
        let cents = scenario.cents_per_week;
        ComparedScenario {
            scenario_id: scenario.id,
            code: scenario.code.clone(),
            name: scenario.name.clone(),
            sentences: scenario.sentences.clone(),
            minutes_gained: gained,
            mandated_minutes_gained: measures.mandated.placed - base.mandated.placed,
            cents_per_week: cents,
            cents_per_year: cents.saturating_mul(SCHOOL_WEEKS_A_YEAR),
            cents_per_term: cents.saturating_mul(weeks_of_term),
            cents_per_minute_gained: (gained > 0).then(|| (cents + gained / 2).div_euclid(gained)),
            measures,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cost_for_each_minute_is_that_of_the_minutes_gained() {
        let scenario = Scenario {
            id: ScenarioId::new(),
            code: "WHATIF-2027-0001".to_owned(),
            name: "Speech specialist, half time".to_owned(),
            plan_id: PlanId::new(),
            plan_run_id: PlanRunId::new(),
            changes: Vec::new(),
            sentences: Vec::new(),
            cents_per_week: 100_000,
            state: PlanRunState::Succeeded,
            progress: Progress {
                phase: String::new(),
                best_mandated_minutes: None,
                bound_mandated_minutes: None,
                elapsed_seconds: 0,
                curve: Vec::new(),
            },
            cancel_requested: false,
            failure: None,
            measures: None,
            archived_at: None,
            version: 1,
            created_at: DateTime::default(),
            finished_at: None,
        };
        let reaches = |placed| Measures { mandated: Minutes { requested: 900, placed }, ..Measures::default() };
        let compared = ComparedScenario::of(&scenario, reaches(900), &reaches(600), 20);
        assert_eq!((compared.minutes_gained, compared.cents_per_minute_gained), (300, Some(333)));
        assert_eq!((compared.cents_per_year, compared.cents_per_term), (3_600_000, 2_000_000));
        let nothing = ComparedScenario::of(&scenario, reaches(600), &reaches(600), 20);
        assert_eq!(nothing.cents_per_minute_gained, None);
    }
}
