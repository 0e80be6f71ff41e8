//! The report of evaluation clocks: requests for evaluations with their due dates, and what was planned and delivered.

use std::collections::HashMap;

use super::head;
use crate::db::{self, PageRequest, ReadTx};
use crate::domain::actor::{Resource, Scope};
use crate::domain::ids::{MemberId, SiteId};
use crate::domain::report::evaluation_clocks::{Clock, ClockRow, ClockState, EvaluationClocks, OnlyClocks, clock};
use crate::domain::service_request::{Priority, RequestState, ServiceRequest};
use crate::operations::access::{can_see, visible};
use crate::operations::error::OperationError;
use crate::operations::owed::{Counted, of_requests};
use crate::operations::runner::Context;

const RESOURCE: Resource = Resource::ServiceRequests;

/// What the report is narrowed to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Narrowed {
    /// Of one member.
    pub member: Option<MemberId>,
    /// Only those that are overdue.
    pub only: Option<OnlyClocks>,
}

/// The clock of a request, if it is for an evaluation.
pub fn of_request(ctx: &Context, request: &ServiceRequest) -> Option<Clock> {
    let fields = &request.fields;
    let is_asked = !matches!(request.state, RequestState::Declined | RequestState::Withdrawn);
    let days = u64::from(ctx.settings.evaluation_days);
    (fields.priority == Priority::Evaluation && is_asked)
        .then(|| clock(fields.consent_on, days, request.state, ctx.today()))
}

/// The clocks of all evaluations that the actor can see, by due date; those that were declined or withdrawn have none.
pub fn report(tx: &mut ReadTx, ctx: &Context, asked: &Narrowed) -> Result<EvaluationClocks, OperationError> {
    let scope = visible(ctx, RESOURCE)?;
    can_see(ctx, Resource::Owed)?;
    let filter = db::service_requests::Filter {
        member: asked.member,
        priority: Some(Priority::Evaluation),
        ..db::service_requests::Filter::default()
    };
    let requests = db::service_requests::list(tx, &scope, &filter, PageRequest::ALL)?.items;
    let owed = of_requests(tx, ctx, &requests, Counted::default())?;
    let (members, sites) = codes(tx)?;
    let row = |(request, owed): (&ServiceRequest, crate::domain::owed::RequestOwed)| {
        let clock = of_request(ctx, request)?;
        let owed = owed.owed;
        Some(ClockRow {
            service_request_id: request.id,
            service_request_code: request.code.clone(),
            member_id: request.member_id,
            member: members.get(&request.member_id).cloned().unwrap_or_default(),
            site_id: request.fields.site_id,
            site: sites.get(&request.fields.site_id).cloned().unwrap_or_default(),
            discipline: request.fields.discipline.clone(),
            request_state: request.state,
            consent_on: request.fields.consent_on,
            due_on: clock.due_on,
            days_left: clock.days_left,
            clock: clock.state,
            planned_minutes: owed.planned_minutes,
            delivered_minutes: owed.delivered_minutes + owed.made_up_minutes + owed.over_delivered_minutes,
        })
    };
    let mut rows: Vec<ClockRow> = requests.iter().zip(owed).filter_map(row).collect();
    rows.retain(|row| asked.only.is_none() || row.clock == ClockState::Overdue);
    rows.sort_by(|a, b| {
        let key = |row: &ClockRow| (row.clock == ClockState::Ended, row.due_on.is_none(), row.due_on);
        (key(a), &a.service_request_code).cmp(&(key(b), &b.service_request_code))
    });
    let overdue = rows.iter().filter(|row| row.clock == ClockState::Overdue).count() as i64;
    ctx.trail.count(RESOURCE, rows.len());
    Ok(EvaluationClocks { head: head(ctx), days: i64::from(ctx.settings.evaluation_days), rows, overdue })
}

type Codes = (HashMap<MemberId, String>, HashMap<SiteId, String>);

/// Codes of members and sites; rows name only those of requests that are seen.
fn codes(tx: &mut ReadTx) -> Result<Codes, OperationError> {
    let members = db::members::list(tx, &Scope::All, PageRequest::ALL)?.items.into_iter();
    let sites = db::sites::list(tx, &Scope::All, PageRequest::ALL)?.items.into_iter();
    Ok((members.map(|one| (one.id, one.fields.code)).collect(), sites.map(|one| (one.id, one.fields.code)).collect()))
}
