//! Coverage: what a plan meets of what was asked, by member or site and discipline.

use std::collections::{BTreeMap, BTreeSet};

use super::access::{can_see, visible};
use super::error::OperationError;
use super::plans;
use super::runner::Context;
use crate::db::{self, PageRequest, ReadTx};
use crate::domain::actor::{Action, Owner, Resource, Scope, may};
use crate::domain::ids::PlanId;
use crate::domain::plan::{Coverage, CoverageCell, CoverageRow, CoverageRows, Plan};
use crate::domain::service_request::Priority;
use crate::domain::small_cells;
use crate::planning::{Instance, PlanDocument};

/// The plan that people follow today, if there is one; before anybody follows one, the one published last.
pub fn plan_in_use(tx: &mut ReadTx, ctx: &Context) -> Result<Option<Plan>, OperationError> {
    visible(ctx, Resource::Plans)?;
    let today = ctx.today();
    match db::plans::followed_on(tx, None, today)? {
        Some(followed) => Ok(Some(followed)),
        None => Ok(db::plans::latest_published(tx)?),
    }
}

/// How a coverage table is made up.
#[derive(Debug, Clone, Copy, Default)]
pub struct CoverageView {
    /// What its rows are.
    pub rows: CoverageRows,
    /// Only requests of this priority.
    pub priority: Option<Priority>,
}

/// Whether the actor sees coverage of any part of the co-op.
///
/// # Errors
/// [`OperationError::NotFound`] when not.
pub fn may_see_coverage(ctx: &Context) -> Result<(), OperationError> {
    can_see(ctx, Resource::Coverage).map(drop)
}

/// Coverage of a plan, for the part that the actor can see. What was asked is what the plan was made from. Who sees sums
/// of members only gets small groups pooled ([`small_cells::pool`]).
///
/// # Errors
/// [`OperationError::NotFound`] also for rows of sites, and for a single priority, when the actor sees sums of members
/// only: what two tables differ by could be about one student.
pub fn coverage(tx: &mut ReadTx, ctx: &Context, id: PlanId, view: &CoverageView) -> Result<Coverage, OperationError> {
    let scope = match view.rows {
        CoverageRows::Members => visible(ctx, Resource::Coverage)?,
        CoverageRows::Sites => visible(ctx, Resource::SiteCoverage)?,
    };
    let plan = plans::get(tx, ctx, id)?;
    let (instance, document) = read_files(tx, &plan)?;
    let members = db::members::list(tx, &scope, PageRequest::ALL)?.items;
    let shown: BTreeSet<&str> = members.iter().map(|member| member.fields.code.as_str()).collect();
    let bound = (scope == Scope::All).then_some(i64::from(document.bounds.mandated_placed_at_most));
    let table = table(id, (&instance, &document), &shown, view, bound);
    let closer = may(&ctx.actor, Action::Read(Resource::SiteCoverage));
    if closer == scope {
        return Ok(table);
    }
    if view.priority.is_some() {
        return Err(OperationError::NotFound);
    }
    let open = members.iter().filter(|member| closer.covers(Owner::member(member.id)));
    let open = open.map(|member| member.fields.code.as_str()).collect();
    Ok(small_cells::pool(table, &open, ctx.settings.small_cell_minutes))
}

/// The instance a plan was made from and the plan as the planner wrote it.
pub(super) fn read_files(tx: &mut ReadTx, plan: &Plan) -> Result<(Instance, PlanDocument), OperationError> {
    let instance = read_instance(tx, plan)?;
    let document = db::plans::document_json(tx, plan.id)?.unwrap_or_default();
    let document = PlanDocument::read(document.as_bytes()).map_err(stored_file_is_broken)?;
    Ok((instance, document))
}

/// The instance a plan was made from, for those who need no more: the plan as a file is large.
pub(super) fn read_instance(tx: &mut ReadTx, plan: &Plan) -> Result<Instance, OperationError> {
    let instance = db::plan_runs::instance_json(tx, plan.plan_run_id)?.unwrap_or_default();
    Instance::read(instance.as_bytes()).map_err(stored_file_is_broken)
}

pub(super) fn stored_file_is_broken(faults: Vec<crate::domain::fault::Fault>) -> OperationError {
    let text = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    OperationError::internal(format!("a stored planning file cannot be read: {text}"))
}

fn table(
    plan_id: PlanId,
    (instance, document): (&Instance, &PlanDocument),
    shown: &BTreeSet<&str>,
    view: &CoverageView,
    mandated_placed_at_most: Option<i64>,
) -> Coverage {
    let mut placed: BTreeMap<&str, i64> = BTreeMap::new();
    for visit in &document.visits {
        *placed.entry(visit.request.as_str()).or_default() += i64::from(visit.minutes());
    }
    let heads = heads(instance, shown, view.rows);
    let row_of: BTreeMap<&str, usize> =
        heads.iter().enumerate().flat_map(|(row, (_, sites))| sites.iter().map(move |site| (*site, row))).collect();
    let mut cells: BTreeMap<(usize, &str), CoverageCell> = BTreeMap::new();
    for request in &instance.requests {
        let Some(row) = row_of.get(request.site.as_str()) else { continue };
        if view.priority.is_some_and(|only| only != request.priority) {
            continue;
        }
        let given = placed.get(request.code.as_str()).copied().unwrap_or(0);
        let cell = cells.entry((*row, request.discipline.as_str())).or_default();
        cell.add(request.priority, i64::from(request.minutes_per_week), given);
    }
    let disciplines: BTreeSet<&str> = cells.keys().map(|(_, discipline)| *discipline).collect();
    let cell = |row: usize, discipline: &str| {
        let found = cells.get(&(row, discipline)).cloned().unwrap_or_default();
        CoverageCell { discipline: discipline.to_owned(), ..found }
    };
    let asking = heads.iter().enumerate().filter(|(row, _)| cells.keys().any(|(asking, _)| asking == row));
    let rows: Vec<CoverageRow> = asking
        .map(|(row, (head, _))| {
            let cells: Vec<CoverageCell> = disciplines.iter().map(|one| cell(row, one)).collect();
            CoverageRow { total: CoverageCell::sum(&cells, ""), cells, ..head.clone() }
        })
        .collect();
    let column =
        |(index, discipline): (usize, &&str)| CoverageCell::sum(rows.iter().map(|row| &row.cells[index]), discipline);
    let totals: Vec<CoverageCell> = disciplines.iter().enumerate().map(column).collect();
    let total = CoverageCell::sum(&totals, "");
    let disciplines = disciplines.into_iter().map(str::to_owned).collect();
    Coverage { plan_id, disciplines, rows, totals, total, mandated_placed_at_most, pooled_below_minutes: None }
}

/// Rows without their cells, each with the sites that it adds up: members in order of the instance, sites below them
/// in order of their codes.
fn heads<'a>(instance: &'a Instance, shown: &BTreeSet<&str>, rows: CoverageRows) -> Vec<(CoverageRow, Vec<&'a str>)> {
    let mut heads = Vec::new();
    for member in instance.members.iter().filter(|member| shown.contains(member.code.as_str())) {
        let head = CoverageRow {
            member_code: member.code.clone(),
            member_name: member.name.clone(),
            site_code: None,
            site_name: None,
            cells: Vec::new(),
            total: CoverageCell::default(),
        };
        let mut sites: Vec<_> = instance.sites.iter().filter(|site| site.member == member.code).collect();
        sites.sort_by_key(|site| site.code.as_str());
        match rows {
            CoverageRows::Members => heads.push((head, sites.iter().map(|site| site.code.as_str()).collect())),
            CoverageRows::Sites => heads.extend(sites.into_iter().map(|site| {
                let (code, name) = (Some(site.code.clone()), Some(site.name.clone()));
                (CoverageRow { site_code: code, site_name: name, ..head.clone() }, vec![site.code.as_str()])
            })),
        }
    }
    heads
}
