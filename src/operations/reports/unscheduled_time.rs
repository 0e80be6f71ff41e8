//! The report of unscheduled time: contracts and hours that the plan in use was made with, less what it holds.

use std::collections::BTreeMap;

use super::head;
use crate::db::{self, PageRequest, ReadTx};
use crate::domain::actor::Resource;
use crate::domain::report::unscheduled_time::{UnscheduledRow, UnscheduledTime, WeekFigures};
use crate::operations::access::visible;
use crate::operations::error::OperationError;
use crate::operations::overview::{plan_in_use, read_files};
use crate::operations::runner::Context;
use crate::planning::plan_document::Visit;
use crate::planning::{Instance, PlanDocument, instance};

const RESOURCE: Resource = Resource::UnscheduledTime;

/// What the plan in use leaves of each week.
pub fn report(tx: &mut ReadTx, ctx: &Context, _: &()) -> Result<UnscheduledTime, OperationError> {
    let scope = visible(ctx, RESOURCE)?;
    let mut report = UnscheduledTime {
        head: head(ctx),
        plan_id: None,
        plan_code: None,
        rows: Vec::new(),
        total: WeekFigures::default(),
    };
    if let Some(plan) = plan_in_use(tx, ctx)? {
        let (instance, document) = read_files(tx, &plan)?;
        let mut weeks = weeks(&instance, &document);
        for one in db::specialists::list(tx, &scope, PageRequest::ALL)?.items {
            // Somebody who was no part of the plan has no week in it.
            if let Some(figures) = weeks.remove(one.fields.code.as_str()) {
                let (specialist, specialist_name) = (one.fields.code, one.fields.name);
                report.rows.push(UnscheduledRow { specialist_id: one.id, specialist, specialist_name, figures });
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

/// The week of each specialist of an instance in a plan made from it, by code.
fn weeks<'a>(instance: &'a Instance, document: &'a PlanDocument) -> BTreeMap<&'a str, WeekFigures> {
    let mut visits: BTreeMap<&str, Vec<&Visit>> = BTreeMap::new();
    for visit in &document.visits {
        visits.entry(visit.specialist.as_str()).or_default().push(visit);
    }
    let week = |one: &'a instance::Specialist| {
        let own = visits.remove(one.code.as_str()).unwrap_or_default();
        let hours = one.availability.days().flat_map(|(_, intervals)| intervals);
        let figures = WeekFigures {
            contract_direct_minutes: i64::from(one.direct_minutes_per_week_max),
            planned_direct_minutes: own.iter().map(|visit| i64::from(visit.minutes())).sum(),
            hours_minutes: hours.map(|interval| i64::from(interval.minutes())).sum(),
            travel_minutes: drives(own, &instance.travel),
            evaluation_block_minutes: i64::from(one.evaluation_block_minutes),
            ..WeekFigures::default()
        };
        (one.code.as_str(), figures.worked_out())
    };
    instance.specialists.iter().map(week).collect()
}

/// Minutes between visits that follow each other on a day at different sites.
fn drives(mut visits: Vec<&Visit>, travel: &instance::Travel) -> i64 {
    visits.sort_by_key(|visit| (visit.day, visit.starts));
    let place = |code: &str| travel.sites.iter().position(|one| one == code);
    let drive = |pair: &[&Visit]| {
        if pair[0].day != pair[1].day || pair[0].site == pair[1].site {
            return None;
        }
        let (from, to) = (place(&pair[0].site)?, place(&pair[1].site)?);
        travel.minutes.get(from)?.get(to).map(|minutes| i64::from(*minutes))
    };
    visits.windows(2).filter_map(drive).sum()
}
