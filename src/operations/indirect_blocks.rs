//! Work of a specialist's week that is not visits: entered by the office, seen by whoever sees the terms of work.

use super::access::{allow_write, same_version, seen, visible};
use super::audit::note;
use super::error::{OperationError, no_faults};
use super::runner::Context;
use super::{specialists, supervision};
use crate::db::{self, ReadTx, WriteTx};
use crate::domain::actor::{Owner, Resource};
use crate::domain::ids::{IndirectBlockId, SpecialistId};
use crate::domain::workload::{IndirectBlock, IndirectBlockFields};

const RESOURCE: Resource = Resource::WorkTerms;

/// Blocks of a specialist, by first day.
pub fn list(tx: &mut ReadTx, ctx: &Context, specialist: SpecialistId) -> Result<Vec<IndirectBlock>, OperationError> {
    visible(ctx, RESOURCE)?;
    specialists::get(tx, ctx, specialist)?;
    Ok(db::indirect_blocks::list(tx, Some(specialist))?)
}

/// One block.
pub fn get(tx: &mut ReadTx, ctx: &Context, id: IndirectBlockId) -> Result<IndirectBlock, OperationError> {
    let found = db::indirect_blocks::find(tx, id)?;
    seen(ctx, RESOURCE, found, |block| Owner::specialist(block.specialist_id))
}

/// Enters a block.
pub fn create(
    tx: &mut WriteTx,
    ctx: &Context,
    specialist: SpecialistId,
    fields: &IndirectBlockFields,
) -> Result<IndirectBlock, OperationError> {
    specialists::get(tx, ctx, specialist)?;
    allow_write(ctx, RESOURCE)?;
    check(tx, (specialist, None), fields)?;
    let id = db::indirect_blocks::insert(tx, specialist, fields, ctx.now)?;
    noted(tx, ctx, "create", (specialist, fields))?;
    get(tx, ctx, id)
}

/// Changes a block.
pub fn change(
    tx: &mut WriteTx,
    ctx: &Context,
    id: IndirectBlockId,
    based_on: Option<i64>,
    fields: &IndirectBlockFields,
) -> Result<IndirectBlock, OperationError> {
    let present = get(tx, ctx, id)?;
    allow_write(ctx, RESOURCE)?;
    check(tx, (present.specialist_id, Some(id)), fields)?;
    same_version(based_on, present.version)?;
    db::indirect_blocks::update(tx, id, fields, ctx.now)?;
    noted(tx, ctx, "change", (present.specialist_id, fields))?;
    get(tx, ctx, id)
}

/// Takes a block away.
pub fn remove(tx: &mut WriteTx, ctx: &Context, id: IndirectBlockId) -> Result<(), OperationError> {
    let present = get(tx, ctx, id)?;
    allow_write(ctx, RESOURCE)?;
    db::indirect_blocks::delete(tx, id)?;
    noted(tx, ctx, "remove", (present.specialist_id, &present.fields))
}

fn noted(
    tx: &mut WriteTx,
    ctx: &Context,
    verb: &str,
    (specialist, fields): (SpecialistId, &IndirectBlockFields),
) -> Result<(), OperationError> {
    let person = specialists::get(tx, ctx, specialist)?;
    let detail = format!("{} minutes from {}", fields.minutes_per_week, fields.effective_from);
    note(tx, ctx, verb, ("indirect_block", &person.fields.code), &detail)
}

/// Blocks with a time do not overlap: a minute is taken out of the hours once.
fn check(
    tx: &mut ReadTx,
    (specialist, own): (SpecialistId, Option<IndirectBlockId>),
    fields: &IndirectBlockFields,
) -> Result<(), OperationError> {
    no_faults(fields.check())?;
    if let Some(assistant) = fields.assistant_id
        && !supervision::supervises(tx, (specialist, assistant), fields.effective_from)?
    {
        let message = "No contract of this assistant names the specialist as supervisor on the block's first day";
        return Err(OperationError::invalid("/assistant_id", message));
    }
    let Some((weekday, time)) = fields.fixed() else { return Ok(()) };
    for other in db::indirect_blocks::list(tx, Some(specialist))? {
        let Some((day, taken)) = other.fields.fixed() else { continue };
        let meets = day == weekday && taken.starts < time.ends && time.starts < taken.ends;
        if Some(other.id) != own && meets && other.fields.period().overlaps(&fields.period()) {
            let message = format!(
                "There is {} on {} {taken} already; choose another time, or end that one",
                other.fields.kind.word(),
                day.name()
            );
            return Err(OperationError::invalid("/starts", message));
        }
    }
    Ok(())
}
