//! Plan runs: the office asks for one; a worker carries it out and stores a verified draft.

use chrono::{DateTime, Datelike, TimeDelta, Utc};

use super::access::{allow_write, visible};
use super::audit::note;
use super::error::{OperationError, no_faults};
use super::instance;
use super::runner::{Context, Operations};
use super::visits;
use crate::db::plan_runs::{Claimed, Heartbeat, NewRun};
use crate::db::visits::{NewShortfall, NewVisit};
use crate::db::{self, Page, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::{Resource, Scope};
use crate::domain::ids::{PlanId, PlanRunId, SiteId, SpecialistId};
use crate::domain::plan_run::{PlanRun, PlanRunFields, PlanRunState, Progress, RunSize};
use crate::domain::service_request::Priority;
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

/// Queues a run on what is known now.
pub fn create(tx: &mut WriteTx, ctx: &Context, fields: &PlanRunFields) -> Result<PlanRun, OperationError> {
    allow_write(ctx, Resource::PlanRuns)?;
    no_faults(fields.check())?;
    let message = "There is no such term; take an id from /api/v1/terms";
    let term = db::terms::find(tx, fields.term_id)?.ok_or_else(|| OperationError::invalid("/term_id", message))?;
    if let Some(open) = db::plan_runs::open_run(tx, term.id)? {
        let detail = format!("{open} is still at work for {}; wait for it or cancel it", term.fields.name);
        return Err(OperationError::conflict(detail));
    }
    let built = instance::build(tx, ctx, &term)?;
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
        fields,
        instance_json: &instance_json,
        instance_sha256: &built.sha256(),
        requested_by: ctx.actor.account_id,
    };
    let id = db::plan_runs::insert(tx, &run, ctx.now)?;
    note(tx, ctx, "start", ("plan_run", &code), &term.fields.code)?;
    get(tx, ctx, id)
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
            db::audit::append(tx, now, None, ("fail", "plan_run", &run.code, why))?;
        }
        Ok(())
    })
}

/// Stores the plan of a run as a draft, after an independent check of every hard rule.
///
/// # Errors
/// A conflict that names the broken rules, or that another worker has taken the run over.
pub fn store(operations: &Operations, run: &Claimed, plan_json: &str) -> Result<PlanId, OperationError> {
    let instance = Instance::read(run.instance_json.as_bytes()).map_err(unreadable)?;
    let document = PlanDocument::read(plan_json.as_bytes()).map_err(unreadable)?;
    if document.instance_sha256 != run.instance_sha256 {
        return Err(OperationError::conflict("The plan was made for another instance"));
    }
    verify(&instance, &document).map_err(|broken| {
        let changes = broken.iter().map(ToString::to_string).collect();
        OperationError::Conflict { detail: "The plan breaks hard rules and was not stored".to_owned(), changes }
    })?;
    let now = operations.now();
    operations.database.write(|tx| {
        if !db::plan_runs::finish(tx, run, PlanRunState::Succeeded, None, now)? {
            return Err(OperationError::conflict("Another worker has taken this run over"));
        }
        store_draft(tx, operations, run, (&instance, &document, plan_json), now)
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
    let plan = db::plans::insert(tx, &code, (run.fields.term_id, run.id), (&document.instance_sha256, plan_json), now)?;
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
    db::audit::append(tx, now, None, ("store", "plan", &code, &detail))?;
    Ok(plan)
}

/// From the codes of planning files to identities.
struct Names {
    specialists: std::collections::HashMap<String, SpecialistId>,
    requests: std::collections::HashMap<String, crate::domain::ids::ServiceRequestId>,
    sites: std::collections::HashMap<String, SiteId>,
}

impl Names {
    fn read(tx: &mut ReadTx, run: &Claimed) -> Result<Names, OperationError> {
        let filter = db::service_requests::Filter { term: Some(run.fields.term_id), ..Default::default() };
        let specialists = db::specialists::list(tx, Scope::All, PageRequest::ALL)?.items.into_iter();
        let requests = db::service_requests::list(tx, Scope::All, &filter, PageRequest::ALL)?.items.into_iter();
        let sites = db::sites::list(tx, Scope::All, PageRequest::ALL)?.items.into_iter();
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
