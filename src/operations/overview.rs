//! Coverage: what a plan meets of what was asked, by member and discipline.

use std::collections::{BTreeMap, BTreeSet};

use super::access::visible;
use super::error::OperationError;
use super::plans;
use super::runner::Context;
use crate::db::{self, PageRequest, ReadTx};
use crate::domain::actor::{Resource, Scope};
use crate::domain::ids::PlanId;
use crate::domain::plan::{Coverage, CoverageCell, CoverageRow, Plan};
use crate::planning::{Instance, PlanDocument};

/// The plan that people follow today, if there is one; before anybody follows one, the one published last.
pub fn plan_in_use(tx: &mut ReadTx, ctx: &Context) -> Result<Option<Plan>, OperationError> {
    visible(ctx, Resource::Plans)?;
    let today = ctx.now.with_timezone(&ctx.settings.time_zone).date_naive();
    match db::plans::followed_on(tx, None, today)? {
        Some(followed) => Ok(Some(followed)),
        None => Ok(db::plans::latest_published(tx)?),
    }
}

/// Coverage of a plan, for the part that the actor can see. What was asked is what the plan was made from.
pub fn coverage(tx: &mut ReadTx, ctx: &Context, id: PlanId) -> Result<Coverage, OperationError> {
    let scope = visible(ctx, Resource::Shortfalls)?;
    let plan = plans::get(tx, ctx, id)?;
    let (instance, document) = read_files(tx, &plan)?;
    let members = db::members::list(tx, scope, PageRequest::ALL)?.items;
    let shown: BTreeSet<&str> = members.iter().map(|member| member.fields.code.as_str()).collect();
    let bound = (scope == Scope::All).then_some(i64::from(document.bounds.mandated_placed_at_most));
    Ok(table(id, &instance, &document, &shown, bound))
}

/// The instance a plan was made from and the plan as the planner wrote it.
pub(super) fn read_files(tx: &mut ReadTx, plan: &Plan) -> Result<(Instance, PlanDocument), OperationError> {
    let instance = db::plan_runs::instance_json(tx, plan.plan_run_id)?.unwrap_or_default();
    let document = db::plans::document_json(tx, plan.id)?.unwrap_or_default();
    let instance = Instance::read(instance.as_bytes()).map_err(stored_file_is_broken)?;
    let document = PlanDocument::read(document.as_bytes()).map_err(stored_file_is_broken)?;
    Ok((instance, document))
}

fn stored_file_is_broken(faults: Vec<crate::domain::fault::Fault>) -> OperationError {
    let text = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    OperationError::internal(format!("a stored planning file cannot be read: {text}"))
}

fn table(
    plan_id: PlanId,
    instance: &Instance,
    document: &PlanDocument,
    shown: &BTreeSet<&str>,
    mandated_placed_at_most: Option<i64>,
) -> Coverage {
    let mut placed: BTreeMap<&str, i64> = BTreeMap::new();
    for visit in &document.visits {
        *placed.entry(visit.request.as_str()).or_default() += i64::from(visit.minutes());
    }
    let member_of: BTreeMap<&str, &str> =
        instance.sites.iter().map(|site| (site.code.as_str(), site.member.as_str())).collect();
    let mut cells: BTreeMap<(&str, &str), CoverageCell> = BTreeMap::new();
    for request in &instance.requests {
        let Some(member) = member_of.get(request.site.as_str()).filter(|member| shown.contains(**member)) else {
            continue;
        };
        let given = placed.get(request.code.as_str()).copied().unwrap_or(0);
        let cell = cells.entry((member, request.discipline.as_str())).or_default();
        cell.add(request.priority, i64::from(request.minutes_per_week), given);
    }
    let disciplines: BTreeSet<&str> = cells.keys().map(|(_, discipline)| *discipline).collect();
    let cell = |member: &str, discipline: &str| {
        let found = cells.get(&(member, discipline)).cloned().unwrap_or_default();
        CoverageCell { discipline: discipline.to_owned(), ..found }
    };
    let asking = instance.members.iter().filter(|member| cells.keys().any(|(code, _)| *code == member.code));
    let rows: Vec<CoverageRow> = asking
        .map(|member| {
            let cells: Vec<CoverageCell> = disciplines.iter().map(|one| cell(&member.code, one)).collect();
            let total = sum(cells.iter(), "");
            CoverageRow { member_code: member.code.clone(), member_name: member.name.clone(), cells, total }
        })
        .collect();
    let column = |(index, discipline): (usize, &&str)| sum(rows.iter().map(|row| &row.cells[index]), discipline);
    let totals: Vec<CoverageCell> = disciplines.iter().enumerate().map(column).collect();
    let total = sum(totals.iter(), "");
    let disciplines = disciplines.into_iter().map(str::to_owned).collect();
    Coverage { plan_id, disciplines, rows, totals, total, mandated_placed_at_most }
}

fn sum<'a>(cells: impl Iterator<Item = &'a CoverageCell>, discipline: &str) -> CoverageCell {
    let start = CoverageCell { discipline: discipline.to_owned(), ..CoverageCell::default() };
    cells.fold(start, |total, cell| CoverageCell {
        discipline: total.discipline,
        requested_minutes: total.requested_minutes + cell.requested_minutes,
        placed_minutes: total.placed_minutes + cell.placed_minutes,
        mandated_requested_minutes: total.mandated_requested_minutes + cell.mandated_requested_minutes,
        mandated_placed_minutes: total.mandated_placed_minutes + cell.mandated_placed_minutes,
    })
}
