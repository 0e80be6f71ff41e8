//! What one more specialist would change: the standard set of things to try on a plan.

use std::collections::BTreeMap;

use super::{Asked, as_json, plan_of, queue};
use crate::db::{self, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::Resource;
use crate::domain::ids::PlanId;
use crate::domain::plan::Plan;
use crate::domain::scenario::{OneMoreFields, Scenario, ScenarioSet};
use crate::operations::access::allow_write;
use crate::operations::error::{OperationError, no_faults};
use crate::operations::overview::read_files;
use crate::operations::runner::Context;
use crate::planning::change::HireEmployer;
use crate::planning::{Change, Instance, PlanDocument};

/// Direct minutes a week of a full-time clinician: 22 of 37.2 hours (ASHA 2022 schools survey, speech-language
/// pathologists); the rest goes into evaluations, writing, consulting and supervision.
const FULL_TIME_MINUTES: u32 = 1_320;
/// The same for half the time.
const HALF_TIME_MINUTES: u32 = 660;

/// Queues the standard set: first nobody hired and the windows opened that the plan's own remedies name, then for every
/// discipline that is short a half-time and a full-time specialist of the co-op. What was tried already is not tried
/// again.
///
/// # Errors
/// A conflict when nothing is short.
pub fn one_more(
    tx: &mut WriteTx,
    ctx: &Context,
    plan: PlanId,
    fields: &OneMoreFields,
) -> Result<ScenarioSet, OperationError> {
    let plan = plan_of(tx, ctx, plan)?;
    allow_write(ctx, Resource::Scenarios)?;
    no_faults(fields.check())?;
    let (base, document) = read_files(tx, &plan)?;
    if document.shortfalls.is_empty() {
        return Err(OperationError::conflict(format!("{} meets every request; nobody is missing", plan.code)));
    }
    let mut items = Vec::new();
    for (name, changes) in standard_set(tx, &base, &document)? {
        let asked = Asked { name: &name, changes: &changes, seconds_max: fields.seconds_max };
        match tried(tx, &plan, &changes)? {
            Some(scenario) => items.push(scenario),
            None => items.push(queue(tx, ctx, &plan, &base, asked)?),
        }
    }
    Ok(ScenarioSet { items })
}

/// A scenario of the plan with the same changes that waits, is planned, or has an outcome.
fn tried(tx: &mut ReadTx, plan: &Plan, changes: &[Change]) -> Result<Option<Scenario>, OperationError> {
    let changes = as_json(changes)?;
    let all = db::scenarios::list(tx, plan.id, PageRequest::ALL)?.items;
    let same = |one: &Scenario| one.changes == changes && (!one.state.is_over() || one.measures.is_some());
    Ok(all.into_iter().find(same))
}

fn standard_set(
    tx: &mut ReadTx,
    base: &Instance,
    document: &PlanDocument,
) -> Result<Vec<(String, Vec<Change>)>, OperationError> {
    let mut set = Vec::new();
    let windows = windows(document);
    if !windows.is_empty() {
        let plural = if windows.len() == 1 { "window" } else { "windows" };
        set.push((format!("Open {} visit {plural}, hire nobody", windows.len()), windows));
    }
    let names: BTreeMap<String, String> =
        db::disciplines::list(tx)?.into_iter().map(|discipline| (discipline.code, discipline.name)).collect();
    for discipline in short_disciplines(base, document) {
        let name = names.get(&discipline).unwrap_or(&discipline);
        for (minutes_per_week, time) in [(HALF_TIME_MINUTES, "half time"), (FULL_TIME_MINUTES, "full time")] {
            let hire = Change::Hire {
                discipline: discipline.clone(),
                minutes_per_week,
                qualifications: Vec::new(),
                employer: HireEmployer::Coop,
                cents_per_hour: usual_pay(base, &discipline),
                code: None,
                home_site: None,
            };
            set.push((format!("{name}, {time}"), vec![hire]));
        }
    }
    Ok(set)
}

/// The windows that the plan's own remedies would open at no cost: one remedy a shortfall, the first.
fn windows(document: &PlanDocument) -> Vec<Change> {
    let mut windows = Vec::new();
    for shortfall in &document.shortfalls {
        let opens = |change: &Change| matches!(change, Change::OpenWindow { .. });
        let free = shortfall
            .remedies
            .iter()
            .find(|remedy| remedy.cents_per_week == 0 && !remedy.apply.is_empty() && remedy.apply.iter().all(opens));
        windows.extend(free.into_iter().flat_map(|remedy| remedy.apply.iter().cloned()));
    }
    windows
}

/// Disciplines with a shortage, the largest first.
fn short_disciplines(base: &Instance, document: &PlanDocument) -> Vec<String> {
    let mut short: BTreeMap<&str, u64> = BTreeMap::new();
    for shortfall in &document.shortfalls {
        if let Some(request) = base.requests.iter().find(|request| request.code == shortfall.request) {
            *short.entry(&request.discipline).or_default() += u64::from(shortfall.minutes);
        }
    }
    let mut short: Vec<(&str, u64)> = short.into_iter().collect();
    short.sort_by_key(|(code, minutes)| (u64::MAX - minutes, *code));
    short.into_iter().map(|(code, _)| code.to_owned()).collect()
}

/// What people of a discipline earn here, in the middle; else what an agency asks; else what anybody earns in the middle.
fn usual_pay(base: &Instance, discipline: &str) -> i64 {
    let middle = |mut cents: Vec<i64>| {
        cents.sort_unstable();
        cents.get(cents.len() / 2).copied()
    };
    let of = |wanted: &dyn Fn(&[String]) -> bool| {
        let people = base.specialists.iter().filter(|one| wanted(&one.disciplines));
        middle(people.map(|one| one.cost_cents_per_hour).collect())
    };
    of(&|disciplines| disciplines.iter().any(|held| held == discipline))
        .or_else(|| base.policy.agency_cents_per_hour.get(discipline).copied())
        .or_else(|| of(&|_| true))
        .unwrap_or(0)
}
