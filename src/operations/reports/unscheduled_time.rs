//! The report of unscheduled time: the weeks of the plan in use with other work, less what the plan holds.

use std::collections::BTreeMap;

use super::head;
use crate::db::ReadTx;
use crate::domain::actor::{Owner, Resource};
use crate::domain::report::unscheduled_time::{UnscheduledRow, UnscheduledTime, WeekFigures};
use crate::domain::workload::{SpecialistWorkload, sum};
use crate::operations::access::visible;
use crate::operations::error::OperationError;
use crate::operations::overview::{plan_in_use, read_files};
use crate::operations::runner::Context;
use crate::operations::workload;
use crate::planning::plan_document::Visit;
use crate::planning::{PlanDocument, instance};

const RESOURCE: Resource = Resource::UnscheduledTime;

/// What the plan in use leaves of each week.
pub fn report(tx: &mut ReadTx, ctx: &Context, _: &()) -> Result<UnscheduledTime, OperationError> {
    let scope = visible(ctx, RESOURCE)?;
    let (plan_id, plan_code, rows) = (None, None, Vec::new());
    let mut report = UnscheduledTime { head: head(ctx), plan_id, plan_code, rows, total: WeekFigures::default() };
    if let Some(plan) = plan_in_use(tx, ctx)? {
        let (instance, document) = read_files(tx, &plan)?;
        let drives = drives(&document, &instance.travel);
        let blocks: BTreeMap<&str, i64> = instance
            .specialists
            .iter()
            .map(|one| (one.code.as_str(), i64::from(one.evaluation_block_minutes)))
            .collect();
        for week in workload::of_plan(tx, ctx, plan.id)?.specialists {
            if scope.covers(Owner::specialist(week.specialist_id)) {
                let of = |minutes: &BTreeMap<&str, i64>| {
                    minutes.get(week.specialist_code.as_str()).copied().unwrap_or_default()
                };
                report.rows.push(row((of(&drives), of(&blocks)), week));
            }
        }
        report.rows.sort_by(|a, b| a.specialist.cmp(&b.specialist));
        report.plan_id = Some(plan.id);
        report.plan_code = Some(plan.code);
    }
    report.total = report.rows.iter().map(|row| &row.figures).sum();
    ctx.trail.count(RESOURCE, report.rows.len());
    Ok(report)
}

fn row((travel_minutes, evaluation_block_minutes): (i64, i64), week: SpecialistWorkload) -> UnscheduledRow {
    let figures = WeekFigures {
        direct_minutes_max: week.direct_minutes_max,
        planned_direct_minutes: week.direct_minutes,
        week_minutes: week.week_minutes,
        other_work_minutes: sum(&week.indirect),
        travel_minutes,
        evaluation_block_minutes,
        ..WeekFigures::default()
    };
    UnscheduledRow {
        specialist_id: week.specialist_id,
        specialist: week.specialist_code,
        specialist_name: week.specialist_name,
        figures: figures.worked_out(),
    }
}

/// Minutes a week between visits that follow each other on a day at different sites, by code of the specialist.
fn drives<'a>(document: &'a PlanDocument, travel: &instance::Travel) -> BTreeMap<&'a str, i64> {
    let places: BTreeMap<&str, usize> =
        travel.sites.iter().enumerate().map(|(place, code)| (code.as_str(), place)).collect();
    let mut visits: Vec<&Visit> = document.visits.iter().collect();
    visits.sort_by_key(|visit| (&visit.specialist, visit.day, visit.starts));
    let mut drives = BTreeMap::new();
    for pair in visits.windows(2) {
        let same_day = (&pair[0].specialist, pair[0].day) == (&pair[1].specialist, pair[1].day);
        let way = (places.get(pair[0].site.as_str()), places.get(pair[1].site.as_str()));
        if let (true, (Some(from), Some(to))) = (same_day && pair[0].site != pair[1].site, way) {
            let minutes = travel.minutes.get(*from).and_then(|row| row.get(*to)).copied().unwrap_or_default();
            *drives.entry(pair[1].specialist.as_str()).or_default() += i64::from(minutes);
        }
    }
    drives
}
