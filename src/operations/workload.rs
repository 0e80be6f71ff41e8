//! How full the weeks of a plan are, visits and other work together, and what to look at before it is published.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use utoipa::ToSchema;

use super::access::{allow, visible};
use super::error::OperationError;
use super::instance::{day_in_force, staff};
use super::make_ups::{self, MakeUpClash};
use super::publish::usual_first_day;
use super::runner::Context;
use super::{credentials, dated_visits, plans};
use crate::db::{self, PageRequest, ReadTx};
use crate::domain::actor::{Action, Owner, Resource, Scope};
use crate::domain::ids::{PlanId, ServiceRequestId, SiteId, SpecialistId};
use crate::domain::plan::{Plan, PlanState, Visit};
use crate::domain::term::Term;
use crate::domain::workload::{DIRECT_SHARE_ASHA_2022_PERCENT, SpecialistWorkload, Workload, percent, sum};

/// What to look at before a plan is published. Of all this only make-ups that fall out must be named when it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlanChecks {
    /// Of which plan.
    pub plan_id: PlanId,
    /// In sentences; empty when there is nothing.
    pub warnings: Vec<String>,
    /// Of a draft: make-ups at the times of its visits, if it is followed from its usual first day on. They are among the
    /// warnings too.
    pub make_up_clashes: Vec<MakeUpClash>,
}

/// The weeks of a plan that the actor can see: everybody who can be planned on its first day.
pub fn of_plan(tx: &mut ReadTx, ctx: &Context, id: PlanId) -> Result<Workload, OperationError> {
    let scope = visible(ctx, Resource::Workload)?;
    let plan = plans::get(tx, ctx, id)?;
    let term = db::terms::find(tx, plan.term_id)?.ok_or(OperationError::NotFound)?;
    let mut specialists = weeks(tx, ctx, &plan, &term)?;
    specialists.retain(|one| scope.covers(Owner::specialist(one.specialist_id)));
    Ok(Workload { plan_id: id, direct_share_asha_2022_percent: DIRECT_SHARE_ASHA_2022_PERCENT, specialists })
}

fn weeks(tx: &mut ReadTx, ctx: &Context, plan: &Plan, term: &Term) -> Result<Vec<SpecialistWorkload>, OperationError> {
    let mut visits: BTreeMap<SpecialistId, Vec<Visit>> = BTreeMap::new();
    for visit in db::visits::list(tx, plan.id, &Scope::All, PageRequest::ALL)?.items {
        visits.entry(visit.specialist_id).or_default().push(visit);
    }
    let day = plan.effective_from.unwrap_or_else(|| day_in_force(term, ctx));
    let people = staff::specialists(tx, ctx, term, day)?;
    let week = |one: staff::Available| {
        let visits = visits.remove(&one.id).unwrap_or_default();
        let direct_minutes: i64 = visits.iter().map(Visit::minutes).sum();
        let (week_minutes, week_minutes_from) = one.week;
        let mut week = SpecialistWorkload {
            direct_minutes_max: one.direct_minutes_max(),
            specialist_id: one.id,
            specialist_code: one.code,
            specialist_name: one.name,
            week_minutes,
            week_minutes_from,
            direct_minutes,
            direct_share_percent: percent(direct_minutes, week_minutes),
            other_minutes: week_minutes - direct_minutes - sum(&one.indirect),
            indirect: one.indirect,
            requests: visits.iter().map(|visit| visit.service_request_id).collect::<BTreeSet<ServiceRequestId>>().len()
                as i64,
            sites: visits.iter().map(|visit| visit.site_id).collect::<BTreeSet<SiteId>>().len() as i64,
            warnings: Vec::new(),
        };
        week.warnings = week.check(&ctx.settings.workload);
        week
    };
    Ok(people.into_iter().map(week).collect())
}

/// What to look at before a plan is published, for those who may publish: credentials that end while it is followed, and
/// weeks beyond the co-op's policy, and make-ups that have to make way. Of a published plan it tells the same from its first day on.
pub fn checks(tx: &mut ReadTx, ctx: &Context, id: PlanId) -> Result<PlanChecks, OperationError> {
    visible(ctx, Resource::PlanDocuments)?;
    let plan = plans::get(tx, ctx, id)?;
    allow(ctx, Action::Publish, Resource::Plans, Owner::COOP)?;
    let term = db::terms::find(tx, plan.term_id)?.ok_or(OperationError::NotFound)?;
    let first = match (plan.state, plan.effective_from) {
        (PlanState::Draft, _) | (_, None) => usual_first_day(ctx, &term),
        (_, Some(day)) => day,
    };
    let mut warnings = credentials::ending_in_plan(tx, ctx, id, (first, term.fields.ends_on))?;
    warnings.extend(weeks(tx, ctx, &plan, &term)?.into_iter().flat_map(|week| week.warnings));
    let make_up_clashes = match plan.state {
        PlanState::Draft => {
            let facts = dated_visits::facts(tx, ctx)?;
            make_ups::clashes_with_plan(tx, ctx, &plan, (first, &facts))?
        }
        PlanState::Published | PlanState::Superseded => Vec::new(),
    };
    warnings.extend(make_up_clashes.iter().map(|clash| clash.sentence.clone()));
    Ok(PlanChecks { plan_id: id, warnings, make_up_clashes })
}
