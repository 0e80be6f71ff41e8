//! The report of service fidelity: dated visits and logs of a period, given to [`crate::domain::owed`] request by request.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::{Days, head, months, period};
use crate::db::delivered::{Asked, Dated, Filter};
use crate::db::{self, PageRequest, ReadTx};
use crate::domain::actor::{Action, Owner, Resource, Scope, may};
use crate::domain::calendar::Interval;
use crate::domain::dated_visit::{DatedVisitState, instants};
use crate::domain::ids::{DatedVisitId, MemberId, ServiceRequestId};
use crate::domain::owed::{MakeUp, PlannedVisit, owed};
use crate::domain::report::ReportPeriod;
use crate::domain::report::service_fidelity::{FidelityFigures, FidelityRow, OnlyFidelity, ServiceFidelity};
use crate::domain::school_calendar::SchoolCalendar;
use crate::operations::access::visible;
use crate::operations::asked;
use crate::operations::error::{OperationError, no_faults};
use crate::operations::owed::no_school;
use crate::operations::runner::Context;

const RESOURCE: Resource = Resource::Fidelity;

/// What the report is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Narrowed {
    /// For which days.
    pub days: Days,
    /// Of one member.
    pub member: Option<MemberId>,
    /// Of one discipline.
    pub discipline: Option<String>,
    /// Only rows that are short, or over.
    pub only: Option<OnlyFidelity>,
}

/// What was delivered of what was planned: by request where the actor sees what is owed, otherwise by member and
/// discipline and over whole months.
pub fn report(tx: &mut ReadTx, ctx: &Context, asked: &Narrowed) -> Result<ServiceFidelity, OperationError> {
    let scope = visible(ctx, RESOURCE)?;
    let shown = Shown {
        requests: may(&ctx.actor, Action::Read(Resource::Owed)),
        reasons: may(&ctx.actor, Action::Read(Resource::MissedReasons)),
    };
    let in_months = is_in_months(ctx);
    let period = if in_months { months(tx, ctx, asked.days)? } else { period(tx, ctx, asked.days)? };
    asked::check(tx, asked.discipline.as_deref(), (None, None))?;
    no_faults(if in_months { period.check_months() } else { period.check() })?;
    let mut rows = rows(tx, ctx, (&scope, &shown), asked, period)?;
    rows.retain(|row| asked.only.is_none_or(|only| row.figures.is(only)));
    let total = rows.iter().map(|row| &row.figures).sum();
    ctx.trail.count(RESOURCE, rows.len());
    let by_request = !shown.requests.is_nothing();
    Ok(ServiceFidelity { head: head(ctx), period, by_request, rows, total })
}

/// Whether the actor sees whole months only: where any row is a sum, days would take it apart again.
pub fn is_in_months(ctx: &Context) -> bool {
    let (requests, sums) = (may(&ctx.actor, Action::Read(Resource::Owed)), may(&ctx.actor, Action::Read(RESOURCE)));
    requests != sums
}

/// What of the report the actor sees more closely.
struct Shown {
    /// Rows of requests.
    requests: Scope,
    /// Why minutes were missed.
    reasons: Scope,
}

fn rows(
    tx: &mut ReadTx,
    ctx: &Context,
    (scope, shown): (&Scope, &Shown),
    asked: &Narrowed,
    period: ReportPeriod,
) -> Result<Vec<FidelityRow>, OperationError> {
    let days = (period.period_from, period.period_until);
    let filter = Filter { member: asked.member, discipline: asked.discipline.clone() };
    let requests = db::delivered::asked(tx, scope, &filter, days)?;
    let dated = db::delivered::of_period(tx, scope, &filter, days)?;
    let no_school = no_school(tx)?;
    let mut visits = planned(ctx, dated, &no_school, period);
    let members = db::members::list(tx, scope, PageRequest::ALL)?.items;
    let codes: HashMap<MemberId, String> = members.into_iter().map(|one| (one.id, one.fields.code)).collect();
    let mut rows: BTreeMap<(String, String, String), Vec<FidelityRow>> = BTreeMap::new();
    for request in requests {
        let visits = visits.remove(&request.id).unwrap_or_default();
        let counted = owed(&visits, &ctx.settings.owed_rules, period.last_day());
        let owner = Owner::member(request.member_id);
        let by_request = shown.requests.covers(owner);
        let shows_reasons = by_request && shown.reasons.covers(owner);
        let figures = FidelityFigures::of(&counted, request.minutes_per_week, shows_reasons);
        let member = codes.get(&request.member_id).cloned().unwrap_or_default();
        let row = row(request, by_request, member, figures);
        let number = row.service_request_code.clone().unwrap_or_default();
        rows.entry((row.member.clone(), row.discipline.clone(), number)).or_default().push(row);
    }
    let together = |mut rows: Vec<FidelityRow>| {
        let figures = rows.iter().map(|row| &row.figures).sum();
        rows.pop().map(|row| FidelityRow { figures, ..row })
    };
    Ok(rows.into_values().filter_map(together).collect())
}

fn row(request: Asked, by_request: bool, member: String, figures: FidelityFigures) -> FidelityRow {
    FidelityRow {
        member_id: request.member_id,
        member,
        discipline: request.discipline,
        service_request_id: by_request.then_some(request.id),
        service_request_code: by_request.then_some(request.code),
        figures,
    }
}

/// The weekly visits of each request in the period, each with its log and its make-ups.
fn planned(
    ctx: &Context,
    dated: Vec<Dated>,
    no_school: &SchoolCalendar,
    period: ReportPeriod,
) -> HashMap<ServiceRequestId, Vec<PlannedVisit>> {
    let minutes = |visit: &Dated| i64::from(Interval { starts: visit.starts, ends: visit.ends }.minutes());
    let (added, weekly): (Vec<Dated>, Vec<Dated>) = dated.into_iter().partition(|visit| visit.makes_up_id.is_some());
    let mut make_ups: HashMap<DatedVisitId, Vec<MakeUp>> = HashMap::new();
    for visit in &added {
        if let Some(missed) = visit.makes_up_id {
            let falls_out = visit.state != DatedVisitState::Planned;
            make_ups.entry(missed).or_default().push(MakeUp { minutes: minutes(visit), falls_out, log: visit.log });
        }
    }
    let mut planned: HashMap<ServiceRequestId, Vec<PlannedVisit>> = HashMap::new();
    let today = ctx.today();
    for visit in weekly.iter().filter(|visit| period.contains(visit.visit_on)) {
        let is_covered = visit.is_covered && visit.state == DatedVisitState::NotCovered;
        planned.entry(visit.service_request_id).or_default().push(PlannedVisit {
            minutes: minutes(visit),
            state: if is_covered { DatedVisitState::Planned } else { visit.state },
            no_school: visit.is_in_indirect_week
                || no_school.closed(visit.member_id, visit.site_id, visit.visit_on).is_some(),
            is_over: is_over(ctx, today, visit),
            log: visit.log,
            make_ups: make_ups.remove(&visit.id).unwrap_or_default(),
        });
    }
    planned
}

/// Whether a visit has ended. Instants are worked out for today only: they cost much more than to compare dates.
pub(super) fn is_over(ctx: &Context, today: NaiveDate, visit: &Dated) -> bool {
    match visit.visit_on.cmp(&today) {
        std::cmp::Ordering::Less => true,
        std::cmp::Ordering::Greater => false,
        std::cmp::Ordering::Equal => {
            let time = Interval { starts: visit.starts, ends: visit.ends };
            instants(ctx.settings.time_zone, visit.visit_on, time).1 <= ctx.now
        }
    }
}
