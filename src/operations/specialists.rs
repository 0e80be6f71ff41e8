//! Specialists as persons.

use super::access::{allow_write, same_version, seen, visible};
use super::audit::note;
use super::error::{OperationError, no_faults};
use super::runner::Context;
use crate::db::{self, Page, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::{Owner, Resource};
use crate::domain::fault::Faults;
use crate::domain::ids::SpecialistId;
use crate::domain::specialist::{Specialist, SpecialistFields};

/// The specialists that the actor can see.
pub fn list(tx: &mut ReadTx, ctx: &Context, page: PageRequest) -> Result<Page<Specialist>, OperationError> {
    let scope = visible(ctx, Resource::Specialists)?;
    Ok(db::specialists::list(tx, &scope, page)?)
}

/// One specialist.
pub fn get(tx: &mut ReadTx, ctx: &Context, id: SpecialistId) -> Result<Specialist, OperationError> {
    let found = db::specialists::find(tx, id)?;
    seen(ctx, Resource::Specialists, found, |specialist| Owner::specialist(specialist.id))
}

/// Enters a specialist.
pub fn create(tx: &mut WriteTx, ctx: &Context, fields: &SpecialistFields) -> Result<Specialist, OperationError> {
    allow_write(ctx, Resource::Specialists)?;
    check(tx, fields)?;
    let id = db::specialists::insert(tx, fields, ctx.now)?;
    note(tx, ctx, "create", ("specialist", &fields.code), "")?;
    get(tx, ctx, id)
}

/// Changes a specialist.
pub fn change(
    tx: &mut WriteTx,
    ctx: &Context,
    id: SpecialistId,
    based_on: Option<i64>,
    fields: &SpecialistFields,
) -> Result<Specialist, OperationError> {
    let present = get(tx, ctx, id)?;
    allow_write(ctx, Resource::Specialists)?;
    check(tx, fields)?;
    same_version(based_on, present.version)?;
    db::specialists::update(tx, id, fields, ctx.now)?;
    note(tx, ctx, "change", ("specialist", &fields.code), "")?;
    get(tx, ctx, id)
}

fn check(tx: &mut ReadTx, fields: &SpecialistFields) -> Result<(), OperationError> {
    let known = db::disciplines::list(tx)?;
    let mut faults = Faults::default();
    for (index, held) in fields.disciplines.iter().enumerate() {
        let pointer = format!("/disciplines/{index}/code");
        faults.require(known.iter().any(|one| one.code == held.code), &pointer, || {
            let codes: Vec<&str> = known.iter().map(|one| one.code.as_str()).collect();
            format!("There is no such discipline; choose one of {}", codes.join(", "))
        });
    }
    let mut all = fields.check();
    all.extend(faults.into_vec());
    no_faults(all)
}
