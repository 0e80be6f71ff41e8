//! Supervision of assistants: planned by blocks of the supervisors' weeks, logged by them, seen by both and by the office.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::access::{allow, can_see, seen, visible};
use super::audit::note;
use super::error::{OperationError, no_faults};
use super::runner::Context;
use super::specialists;
use crate::db::{self, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::{Action, Owner, Resource, Scope};
use crate::domain::calendar::Period;
use crate::domain::ids::{SpecialistId, SupervisionLogId};
use crate::domain::supervision::{SupervisionLog, SupervisionLogFields, SupervisionMonth, month_of, weeks_beginning};
use crate::domain::text::in_minutes;

const RESOURCE: Resource = Resource::Supervision;

/// Which month is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// Any day of it; today when absent.
    pub month: Option<NaiveDate>,
}

/// Logs in which a specialist is supervisor or assistant, by day.
pub fn list(tx: &mut ReadTx, ctx: &Context, specialist: SpecialistId) -> Result<Vec<SupervisionLog>, OperationError> {
    visible(ctx, RESOURCE)?;
    own(tx, ctx, specialist)?;
    Ok(db::supervision_logs::of_specialist(tx, specialist)?)
}

/// One log.
pub fn get(tx: &mut ReadTx, ctx: &Context, id: SupervisionLogId) -> Result<SupervisionLog, OperationError> {
    let found = db::supervision_logs::find(tx, id)?;
    let scope = can_see(ctx, RESOURCE)?;
    // Both see it; whoever sees it as the assistant is its owner then.
    seen(ctx, RESOURCE, found, |log| {
        let assistant = Owner::specialist(log.fields.assistant_id);
        if scope.covers(assistant) { assistant } else { Owner::specialist(log.supervisor_id) }
    })
}

/// Planned and logged minutes of a month, for each pair in which a specialist is supervisor or assistant.
pub fn month(
    tx: &mut ReadTx,
    ctx: &Context,
    specialist: SpecialistId,
    asked: &Asked,
) -> Result<Vec<SupervisionMonth>, OperationError> {
    visible(ctx, RESOURCE)?;
    own(tx, ctx, specialist)?;
    let month = month_of(asked.month.unwrap_or_else(|| ctx.today()));
    let mut pairs: BTreeMap<(SpecialistId, SpecialistId), (i64, i64)> = BTreeMap::new();
    for block in db::indirect_blocks::list(tx, None)? {
        let Some(assistant) = block.fields.assistant_id else { continue };
        if [block.specialist_id, assistant].contains(&specialist) {
            let weeks = weeks_beginning(month, block.fields.period());
            pairs.entry((block.specialist_id, assistant)).or_default().0 += weeks * block.fields.minutes_per_week;
        }
    }
    for log in db::supervision_logs::of_specialist(tx, specialist)? {
        if month.contains(log.fields.supervised_on) {
            pairs.entry((log.supervisor_id, log.fields.assistant_id)).or_default().1 += log.fields.minutes;
        }
    }
    let people = db::specialists::list(tx, &Scope::All, PageRequest::ALL)?.items;
    let codes: HashMap<SpecialistId, String> = people.into_iter().map(|one| (one.id, one.fields.code)).collect();
    let code = |id: &SpecialistId| codes.get(id).cloned().unwrap_or_default();
    let row = |((supervisor, assistant), (planned_minutes, logged_minutes))| SupervisionMonth {
        supervisor_id: supervisor,
        supervisor_code: code(&supervisor),
        assistant_id: assistant,
        assistant_code: code(&assistant),
        month_from: month.from,
        planned_minutes,
        logged_minutes,
    };
    let rows = pairs.into_iter().filter(|(_, (planned, logged))| planned + logged > 0);
    let mut rows: Vec<SupervisionMonth> = rows.map(row).collect();
    rows.sort_by(|a, b| (&a.supervisor_code, &a.assistant_code).cmp(&(&b.supervisor_code, &b.assistant_code)));
    Ok(rows)
}

/// Logs a supervision, for the supervisor or by the office.
pub fn create(
    tx: &mut WriteTx,
    ctx: &Context,
    supervisor: SpecialistId,
    fields: &SupervisionLogFields,
) -> Result<SupervisionLog, OperationError> {
    own(tx, ctx, supervisor)?;
    allow(ctx, Action::Write(RESOURCE), RESOURCE, Owner::specialist(supervisor))?;
    no_faults(fields.check(ctx.today()))?;
    if !supervises(tx, (supervisor, fields.assistant_id), fields.supervised_on)? {
        let message = "No contract of this assistant names the supervisor on that day; take an id from those it names";
        return Err(OperationError::invalid("/assistant_id", message));
    }
    let known = db::supervision_logs::of_specialist(tx, supervisor)?;
    let same = |log: &&SupervisionLog| {
        log.supervisor_id == supervisor
            && (log.fields.assistant_id, log.fields.supervised_on) == (fields.assistant_id, fields.supervised_on)
    };
    if let Some(log) = known.iter().find(same) {
        let message = format!(
            "{} {} logged on {} already; take that log away, then write the sum of the day",
            in_minutes(log.fields.minutes),
            if log.fields.minutes == 1 { "is" } else { "are" },
            fields.supervised_on
        );
        return Err(OperationError::invalid("/supervised_on", message));
    }
    let id = db::supervision_logs::insert(tx, supervisor, fields, (ctx.actor.account_id, ctx.now))?;
    noted(tx, ctx, "create", (supervisor, fields))?;
    get(tx, ctx, id)
}

/// Takes a log away.
pub fn remove(tx: &mut WriteTx, ctx: &Context, id: SupervisionLogId) -> Result<(), OperationError> {
    let present = get(tx, ctx, id)?;
    let write = Action::Write(RESOURCE);
    if let Err(error) = allow(ctx, write, RESOURCE, Owner::specialist(present.supervisor_id)) {
        // The assistant sees the log without being the supervisor.
        let as_assistant = allow(ctx, Action::Read(RESOURCE), RESOURCE, Owner::specialist(present.fields.assistant_id));
        let message = "Only the supervisor and the co-op's office take a log away. Ask one of them";
        return Err(as_assistant.map_or(error, |()| OperationError::Forbidden(message.to_owned())));
    }
    db::supervision_logs::delete(tx, id)?;
    noted(tx, ctx, "remove", (present.supervisor_id, &present.fields))
}

/// Whether a contract of the assistant that is in force on a day names the supervisor.
pub(super) fn supervises(
    tx: &mut ReadTx,
    (supervisor, assistant): (SpecialistId, SpecialistId),
    day: NaiveDate,
) -> Result<bool, OperationError> {
    let contracts = db::work_terms::contracts(tx, Some(assistant))?;
    let in_force = |from, until| Period { from, until }.contains(day);
    Ok(contracts.iter().any(|one| {
        in_force(one.fields.effective_from, one.fields.effective_until)
            && one.fields.supervisor_ids.contains(&supervisor)
    }))
}

/// Whoever may see the person and their supervision.
fn own(tx: &mut ReadTx, ctx: &Context, specialist: SpecialistId) -> Result<(), OperationError> {
    let scope = can_see(ctx, RESOURCE)?;
    let person = specialists::get(tx, ctx, specialist)?;
    if scope.covers(Owner::specialist(person.id)) { Ok(()) } else { Err(OperationError::NotFound) }
}

fn noted(
    tx: &mut WriteTx,
    ctx: &Context,
    verb: &str,
    (supervisor, fields): (SpecialistId, &SupervisionLogFields),
) -> Result<(), OperationError> {
    let code = db::specialists::find(tx, supervisor)?.map(|one| one.fields.code).unwrap_or_default();
    let detail = format!("{} minutes on {}", fields.minutes, fields.supervised_on);
    note(tx, ctx, verb, ("supervision_log", &code), &detail)
}
