//! What a plan with changes has become beside the plan without them.

use std::collections::{BTreeMap, BTreeSet};

use crate::planning::plan_document::{PlanDocument, Visit};

/// How a plan differs from another.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Effect {
    /// Minutes a week gained over all priorities; below 0 when lost.
    pub minutes_gained: i64,
    /// How many of them are mandated.
    pub mandated_minutes_gained: i64,
    /// Visits of the other plan that stand unchanged.
    pub visits_kept: u32,
    /// Visits of the other plan that stand otherwise, or not at all.
    pub visits_moved: u32,
    /// Specialists of the other plan with such a visit, or with a visit that is new to them.
    pub people_touched: u32,
}

impl Effect {
    /// The effect on `before` that led to `after`.
    pub fn between(before: &PlanDocument, after: &PlanDocument) -> Effect {
        let (old, new): (BTreeSet<&Visit>, BTreeSet<&Visit>) =
            (before.visits.iter().collect(), after.visits.iter().collect());
        let kept = old.intersection(&new).count();
        let mut weeks: BTreeMap<&str, (BTreeSet<&Visit>, BTreeSet<&Visit>)> = BTreeMap::new();
        for visit in &old {
            weeks.entry(&visit.specialist).or_default().0.insert(visit);
        }
        for visit in &new {
            // Somebody who had no visits has nothing that could be disturbed.
            if let Some(week) = weeks.get_mut(visit.specialist.as_str()) {
                week.1.insert(visit);
            }
        }
        let placed = |plan: &PlanDocument| {
            let all = &plan.totals.all;
            i64::from(all.mandated.placed) + i64::from(all.evaluation.placed) + i64::from(all.consult.placed)
        };
        let mandated = |plan: &PlanDocument| i64::from(plan.totals.all.mandated.placed);
        Effect {
            minutes_gained: placed(after) - placed(before),
            mandated_minutes_gained: mandated(after) - mandated(before),
            visits_kept: kept as u32,
            visits_moved: (old.len() - kept) as u32,
            people_touched: weeks.values().filter(|(old, new)| old != new).count() as u32,
        }
    }
}
