//! Plan runs: the office asks for one; a worker carries it out and stores a verified draft.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, TimeDelta, Utc};

use super::access::{allow_write, visible};
use super::audit::{note, note_program};
use super::error::{OperationError, no_faults};
use super::runner::{Context, Operations};
use super::{instance, notices, plan_measures, scenarios, schedule_news, visits};
use crate::db::plan_runs::{Claimed, Heartbeat, NewRun};
use crate::db::visits::{NewShortfall, NewVisit};
use crate::db::{self, Page, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::{Resource, Scope};
use crate::domain::fault::{Fault, Faults};
use crate::domain::ids::{PlanId, PlanRunId, SiteId, SpecialistId, VisitId};
use crate::domain::plan::{Plan, TradeOff, Visit};
use crate::domain::plan_run::{
    MINUTES_PER_MOVED_VISIT, PlanRun, PlanRunFields, PlanRunPurpose, PlanRunState, Progress, RunSize,
};
use crate::domain::service_request::Priority;
use crate::planning::instance::FixedVisit;
use crate::planning::{Instance, PlanDocument, verify};

pub use crate::db::plan_runs::{Claimed as ClaimedRun, Heartbeat as RunHeartbeat};

/// A worker that is not heard of for so long has lost its run to another.
const LEASE: TimeDelta = TimeDelta::seconds(60);

/// A run that killed its worker this often is given up.
pub const TRIES_MAX: i64 = 2;

/// All runs, for the office.
pub fn list(tx: &mut ReadTx, ctx: &Context, page: PageRequest) -> Result<Page<PlanRun>, OperationError> {
    visible(ctx, Resource::PlanRuns)?;
    Ok(db::plan_runs::list(tx, page)?)
}

/// One run with its progress.
pub fn get(tx: &mut ReadTx, ctx: &Context, id: PlanRunId) -> Result<PlanRun, OperationError> {
    visible(ctx, Resource::PlanRuns)?;
    db::plan_runs::find(tx, id)?.ok_or(OperationError::NotFound)
}

/// The planning instance that a run was given, as JSON.
pub fn instance_json(tx: &mut ReadTx, ctx: &Context, id: PlanRunId) -> Result<String, OperationError> {
    visible(ctx, Resource::PlanRuns)?;
    ctx.trail.exported("plan_instance");
    ctx.trail.code(&id.to_string());
    ctx.trail.about_everybody();
    db::plan_runs::instance_json(tx, id)?.ok_or(OperationError::NotFound)
}

/// One run, by its number.
pub fn get_by_code(tx: &mut ReadTx, ctx: &Context, code: &str) -> Result<PlanRun, OperationError> {
    let all = list(tx, ctx, PageRequest::ALL)?.items;
    all.into_iter().find(|run| run.code == code).ok_or(OperationError::NotFound)
}

/// How much a run has to plan.
pub fn size(tx: &mut ReadTx, ctx: &Context, id: PlanRunId) -> Result<RunSize, OperationError> {
    let instance = Instance::read(instance_json(tx, ctx, id)?.as_bytes()).map_err(unreadable)?;
    let mandated = instance.requests.iter().filter(|request| request.priority == Priority::Mandated);
    Ok(RunSize {
        requests: instance.requests.len() as i64,
        specialists: instance.specialists.len() as i64,
        sites: instance.sites.len() as i64,
        mandated_minutes: mandated.map(|request| i64::from(request.minutes_per_week)).sum(),
    })
}

/// Queues a run on what is known now; one that is based on a plan stays as close to it as that is worth.
///
/// # Errors
/// Invalid entries, such as a pinned visit that breaks a hard rule on what is known now. A conflict when another run of
/// the term is open, or when the term cannot be planned yet.
pub fn create(tx: &mut WriteTx, ctx: &Context, fields: &PlanRunFields) -> Result<PlanRun, OperationError> {
    allow_write(ctx, Resource::PlanRuns)?;
    no_faults(fields.check())?;
    let message = "There is no such term; take an id from /api/v1/terms";
    let term = db::terms::find(tx, fields.term_id)?.ok_or_else(|| OperationError::invalid("/term_id", message))?;
    if let Some(open) = db::plan_runs::open_run(tx, term.id)? {
        let detail = format!("{open} is still at work for {}; wait for it or cancel it", term.fields.name);
        return Err(OperationError::conflict(detail));
    }
    let mut built = instance::build(tx, ctx, &term)?;
    let mut fields = fields.clone();
    if let Some(id) = fields.based_on_plan_id {
        let message = "There is no such plan of this term; take an id from /api/v1/plans";
        let plan = db::plans::find(tx, id)?.filter(|plan| plan.term_id == term.id);
        let plan = plan.ok_or_else(|| OperationError::invalid("/based_on_plan_id", message))?;
        fields.minutes_per_moved_visit.get_or_insert(MINUTES_PER_MOVED_VISIT);
        instance::leave_out(&mut built, &left_out(tx, &fields)?);
        let pins = pinned(tx, &plan, &fields, &built)?;
        fields.pinned_visit_ids = pins.iter().map(|visit| visit.id).collect();
        built.fixed = pins.into_iter().map(fixed).collect();
        let broken = built.check().into_iter().map(|fault| Fault::at("/pinned_visit_ids", fault.message)).collect();
        no_faults(broken)?;
    }
    if built.requests.is_empty() {
        return Err(OperationError::conflict(format!(
            "{} has no accepted requests yet; accept some first",
            term.fields.name
        )));
    }
    let year = ctx.now.with_timezone(&ctx.settings.time_zone).year();
    let code = db::codes::next(tx, &format!("RUN-{year}"))?;
    let instance_json = String::from_utf8(built.canonical_bytes()).map_err(OperationError::internal)?;
    let run = NewRun {
        code: &code,
        fields: &fields,
        purpose: if fields.based_on_plan_id.is_some() { PlanRunPurpose::Replan } else { PlanRunPurpose::Plan },
        instance_json: &instance_json,
        instance_sha256: &built.sha256(),
        requested_by: ctx.actor.account_id,
    };
    let id = db::plan_runs::insert(tx, &run, ctx.now)?;
    ctx.trail.about_everybody();
    note(tx, ctx, "start", ("plan_run", &code), &term.fields.code)?;
    get(tx, ctx, id)
}

/// Codes of the specialists that a run leaves out.
fn left_out(tx: &mut ReadTx, fields: &PlanRunFields) -> Result<Vec<String>, OperationError> {
    let mut faults = Faults::default();
    let mut codes = Vec::new();
    for (index, id) in fields.without_specialist_ids.iter().enumerate() {
        match db::specialists::find(tx, *id)? {
            Some(person) => codes.push(person.fields.code),
            None => faults.note(
                format!("/without_specialist_ids/{index}"),
                "There is no such specialist; take an id from /api/v1/specialists",
            ),
        }
    }
    no_faults(faults.into_vec())?;
    Ok(codes)
}

/// Takes out of an instance whom the run behind a plan left out, as a wish that stands nowhere else.
pub(super) fn leave_out_again(tx: &mut ReadTx, run: PlanRunId, instance: &mut Instance) -> Result<(), OperationError> {
    if let Some(run) = db::plan_runs::find(tx, run)? {
        instance::leave_out(instance, &left_out(tx, &run.fields)?);
    }
    Ok(())
}

/// The visits of a plan that must stand: those that were pinned, and where they alone would be too short a stay away from
/// home (rule `stay_long_enough`) the other visits of that stay.
fn pinned(
    tx: &mut ReadTx,
    plan: &Plan,
    fields: &PlanRunFields,
    built: &Instance,
) -> Result<Vec<Visit>, OperationError> {
    if fields.pinned_visit_ids.is_empty() {
        return Ok(Vec::new());
    }
    let visits = db::visits::list(tx, plan.id, &Scope::All, PageRequest::ALL)?.items;
    let by_id: BTreeMap<VisitId, &Visit> = visits.iter().map(|visit| (visit.id, visit)).collect();
    let homes = built.specialists.iter().map(|one| (one.code.as_str(), one.home_site.as_str()));
    let homes: BTreeMap<&str, &str> = homes.collect();
    let sites = built.requests.iter().map(|one| (one.code.as_str(), one.site.as_str()));
    let sites: BTreeMap<&str, &str> = sites.collect();
    let mut faults = Faults::default();
    let mut pins = BTreeMap::new();
    for (index, id) in fields.pinned_visit_ids.iter().enumerate() {
        let pointer = format!("/pinned_visit_ids/{index}");
        let Some(visit) = by_id.get(id) else {
            faults.note(pointer, format!("This is no visit of {}; take an id from its visits", plan.code));
            continue;
        };
        let (specialist, request) = (&visit.specialist_code, &visit.service_request_code);
        faults.require(homes.contains_key(specialist.as_str()), &pointer, || {
            format!("{specialist} cannot be planned any more; do not pin this visit")
        });
        faults.require(sites.contains_key(request.as_str()), &pointer, || {
            format!("{request} is not planned any more; do not pin this visit")
        });
        pins.insert(*id, *visit);
    }
    no_faults(faults.into_vec())?;
    let stay = |visit: &Visit| (visit.specialist_id, visit.weekday, visit.site_id);
    let mut minutes = BTreeMap::new();
    pins.values().for_each(|visit| *minutes.entry(stay(visit)).or_insert(0) += visit.minutes());
    let too_short = |visit: &Visit| {
        let away = homes.get(visit.specialist_code.as_str()) != sites.get(visit.service_request_code.as_str());
        let pinned = minutes.get(&stay(visit));
        away && pinned.is_some_and(|minutes| *minutes < i64::from(built.policy.min_minutes_at_site))
    };
    let planned = |visit: &&Visit| sites.contains_key(visit.service_request_code.as_str());
    pins.extend(visits.iter().filter(planned).filter(|visit| too_short(visit)).map(|visit| (visit.id, visit)));
    Ok(pins.into_values().cloned().collect())
}

/// A visit in the words of an instance.
fn fixed(visit: Visit) -> FixedVisit {
    let Visit { specialist_code, service_request_code, weekday, starts, ends, .. } = visit;
    FixedVisit { specialist: specialist_code, request: service_request_code, day: weekday, starts, ends }
}

/// Asks a run to stop. The best plan so far is kept as a draft if there is one.
pub fn cancel(tx: &mut WriteTx, ctx: &Context, id: PlanRunId) -> Result<PlanRun, OperationError> {
    let run = get(tx, ctx, id)?;
    allow_write(ctx, Resource::PlanRuns)?;
    if run.state.is_over() {
        return Err(OperationError::conflict(format!("{} is already over", run.code)));
    }
    db::plan_runs::cancel(tx, id, ctx.now)?;
    note(tx, ctx, "cancel", ("plan_run", &run.code), "")?;
    get(tx, ctx, id)
}

/// Claims the next run for a worker.
pub fn claim(operations: &Operations) -> Result<Option<Claimed>, OperationError> {
    let now = operations.now();
    Ok(operations.database.write(|tx| db::plan_runs::claim(tx, now, now + LEASE))?)
}

/// Writes progress down, renews the lease, and learns whether to go on.
pub fn report(operations: &Operations, run: &Claimed, progress: &Progress) -> Result<Heartbeat, OperationError> {
    let until = operations.now() + LEASE;
    Ok(operations.database.write(|tx| db::plan_runs::report(tx, run, progress, until))?)
}

/// Gives a run back because the server is going down.
pub fn hand_back(operations: &Operations, run: &Claimed) -> Result<(), OperationError> {
    Ok(operations.database.write(|tx| db::plan_runs::hand_back(tx, run))?)
}

/// Ends a run without a plan. Does nothing when another worker has taken it over.
pub fn fail(operations: &Operations, run: &Claimed, state: PlanRunState, why: &str) -> Result<(), OperationError> {
    let now = operations.now();
    operations.database.write(|tx| {
        if db::plan_runs::finish(tx, run, state, Some(why), now)? {
            note_program(tx, now, "fail", ("plan_run", &run.code), why)?;
        }
        Ok(())
    })
}

/// Stores the plan of a run as a draft, or as what came of a scenario, after an independent check of every hard rule.
///
/// # Errors
/// A conflict that names the broken rules, or that another worker has taken the run over.
pub fn store(operations: &Operations, run: &Claimed, plan_json: &str) -> Result<(), OperationError> {
    let instance = Instance::read(run.instance_json.as_bytes()).map_err(unreadable)?;
    let document = PlanDocument::read(plan_json.as_bytes()).map_err(unreadable)?;
    if document.instance_sha256 != run.instance_sha256 {
        return Err(OperationError::conflict("The plan was made for another instance"));
    }
    verify(&instance, &document).map_err(|broken| {
        let changes = broken.iter().map(ToString::to_string).collect();
        OperationError::Conflict { detail: "The plan breaks hard rules and was not stored".to_owned(), changes }
    })?;
    let tried = match run.purpose {
        PlanRunPurpose::WhatIf => Some(scenarios::measures_of(run, &document)?),
        PlanRunPurpose::Plan | PlanRunPurpose::Replan => None,
    };
    let now = operations.now();
    // Read before: nothing slow happens while others wait to write. A plan that cannot be read keeps no draft out.
    let in_use = match &tried {
        None => operations.database.read(|tx| notices::measured(tx, run.term_id)).unwrap_or_default(),
        Some(_) => None,
    };
    operations.database.write(|tx| {
        if !db::plan_runs::finish(tx, run, PlanRunState::Succeeded, None, now)? {
            return Err(OperationError::conflict("Another worker has taken this run over"));
        }
        if let Some(measures) = &tried {
            return scenarios::store(tx, run, (plan_json, measures), now);
        }
        let plan = store_draft(tx, operations, run, (&instance, &document, plan_json), now)?;
        let plan = db::plans::find(tx, plan)?.ok_or(OperationError::NotFound)?;
        let draft = plan_measures::of(&plan, &instance, &document);
        notices::draft_ready(tx, &operations.context(schedule_news::program()), &draft, in_use.as_ref())
    })
}

fn unreadable(faults: Vec<crate::domain::fault::Fault>) -> OperationError {
    let changes = faults.iter().take(20).map(ToString::to_string).collect();
    OperationError::Conflict { detail: "The planner's file cannot be read".to_owned(), changes }
}

fn store_draft(
    tx: &mut WriteTx,
    operations: &Operations,
    run: &Claimed,
    (instance, document, plan_json): (&Instance, &PlanDocument, &str),
    now: DateTime<Utc>,
) -> Result<PlanId, OperationError> {
    let year = now.with_timezone(&operations.settings.time_zone).year();
    let code = db::codes::next(tx, &format!("PLAN-{year}"))?;
    let trade_offs: Vec<TradeOff> = document.trade_offs.iter().map(trade_off).collect();
    let files = (document.instance_sha256.as_str(), plan_json, trade_offs.as_slice());
    let plan = db::plans::insert(tx, &code, (run.term_id, run.id), files, now)?;
    let names = Names::read(tx, run)?;
    for visit in &document.visits {
        let visit = NewVisit {
            specialist: names.specialist(&visit.specialist)?,
            service_request: names.request(&visit.request)?,
            site: names.site(&visit.site)?,
            weekday: visit.day,
            starts: visit.starts,
            ends: visit.ends,
        };
        db::visits::insert(tx, plan, &visit)?;
    }
    for shortfall in &document.shortfalls {
        let shortfall = NewShortfall {
            service_request: names.request(&shortfall.request)?,
            minutes: i64::from(shortfall.minutes),
            reason: &shortfall.reason,
            binding: shortfall.binding.clone(),
            remedies: shortfall.remedies.iter().map(visits::remedy).collect(),
        };
        db::visits::insert_shortfall(tx, plan, &shortfall)?;
    }
    let detail = format!("{} visits for {} requests", document.visits.len(), instance.requests.len());
    note_program(tx, now, "store", ("plan", &code), &detail)?;
    Ok(plan)
}

fn trade_off(found: &crate::planning::plan_document::TradeOff) -> TradeOff {
    TradeOff {
        minutes_per_moved_visit: i64::from(found.minutes_per_moved_visit),
        mandated_minutes: i64::from(found.mandated_minutes),
        visits_moved: i64::from(found.visits_moved),
        people_touched: i64::from(found.people_touched),
    }
}

/// From the codes of planning files to identities.
struct Names {
    specialists: std::collections::HashMap<String, SpecialistId>,
    requests: std::collections::HashMap<String, crate::domain::ids::ServiceRequestId>,
    sites: std::collections::HashMap<String, SiteId>,
}

impl Names {
    fn read(tx: &mut ReadTx, run: &Claimed) -> Result<Names, OperationError> {
        let filter = db::service_requests::Filter { term: Some(run.term_id), ..Default::default() };
        let specialists = db::specialists::list(tx, &Scope::All, PageRequest::ALL)?.items.into_iter();
        let requests = db::service_requests::list(tx, &Scope::All, &filter, PageRequest::ALL)?.items.into_iter();
        let sites = db::sites::list(tx, &Scope::All, PageRequest::ALL)?.items.into_iter();
        Ok(Names {
            specialists: specialists.map(|one| (one.fields.code, one.id)).collect(),
            requests: requests.map(|one| (one.code, one.id)).collect(),
            sites: sites.map(|one| (one.fields.code, one.id)).collect(),
        })
    }

    fn specialist(&self, code: &str) -> Result<SpecialistId, OperationError> {
        self.specialists.get(code).copied().ok_or_else(|| renamed(code))
    }

    fn request(&self, code: &str) -> Result<crate::domain::ids::ServiceRequestId, OperationError> {
        self.requests.get(code).copied().ok_or_else(|| renamed(code))
    }

    fn site(&self, code: &str) -> Result<SiteId, OperationError> {
        self.sites.get(code).copied().ok_or_else(|| renamed(code))
    }
}

fn renamed(code: &str) -> OperationError {
    OperationError::conflict(format!("{code} was renamed while the planner was at work; start it again"))
}
