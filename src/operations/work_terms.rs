//! Contracts and weekly hours of specialists. Two of a kind never overlap in time.

use chrono::NaiveDate;

use super::access::{allow_write, same_version, seen, visible};
use super::audit::note;
use super::error::{OperationError, no_faults};
use super::runner::Context;
use super::{dated_visits, specialists};
use crate::db::{self, ReadTx, WriteTx};
use crate::domain::actor::{Owner, Resource};
use crate::domain::calendar::Period;
use crate::domain::fault::Fault;
use crate::domain::ids::{AvailabilityId, ContractId, SpecialistId};
use crate::domain::specialist::{Availability, AvailabilityFields, Contract, ContractFields, Employer};

/// Contracts of a specialist, by first day.
pub fn contracts(tx: &mut ReadTx, ctx: &Context, specialist: SpecialistId) -> Result<Vec<Contract>, OperationError> {
    visible(ctx, Resource::WorkTerms)?;
    specialists::get(tx, ctx, specialist)?;
    Ok(db::work_terms::contracts(tx, Some(specialist))?)
}

/// One contract.
pub fn get_contract(tx: &mut ReadTx, ctx: &Context, id: ContractId) -> Result<Contract, OperationError> {
    let found = db::work_terms::find_contract(tx, id)?;
    seen(ctx, Resource::WorkTerms, found, |contract| Owner::specialist(contract.specialist_id))
}

/// Enters a contract.
pub fn create_contract(
    tx: &mut WriteTx,
    ctx: &Context,
    specialist: SpecialistId,
    fields: &ContractFields,
) -> Result<Contract, OperationError> {
    let person = specialists::get(tx, ctx, specialist)?;
    allow_write(ctx, Resource::WorkTerms)?;
    check_contract(tx, specialist, None, fields)?;
    let id = db::work_terms::insert_contract(tx, specialist, fields, ctx.now)?;
    dated_visits::renew(tx, ctx)?;
    note(tx, ctx, "create", ("contract", &person.fields.code), &format!("from {}", fields.effective_from))?;
    get_contract(tx, ctx, id)
}

/// Changes a contract.
pub fn change_contract(
    tx: &mut WriteTx,
    ctx: &Context,
    id: ContractId,
    based_on: Option<i64>,
    fields: &ContractFields,
) -> Result<Contract, OperationError> {
    let present = get_contract(tx, ctx, id)?;
    allow_write(ctx, Resource::WorkTerms)?;
    check_contract(tx, present.specialist_id, Some(id), fields)?;
    same_version(based_on, present.version)?;
    db::work_terms::update_contract(tx, id, fields, ctx.now)?;
    dated_visits::renew(tx, ctx)?;
    let person = specialists::get(tx, ctx, present.specialist_id)?;
    note(tx, ctx, "change", ("contract", &person.fields.code), &format!("from {}", fields.effective_from))?;
    get_contract(tx, ctx, id)
}

fn check_contract(
    tx: &mut ReadTx,
    specialist: SpecialistId,
    own: Option<ContractId>,
    fields: &ContractFields,
) -> Result<(), OperationError> {
    let mut faults = fields.check();
    if db::sites::find(tx, fields.home_site_id)?.is_none() {
        faults.push(fault("/home_site_id", "There is no such site; take an id from /api/v1/sites"));
    }
    if let Employer::Member { member_id } = fields.employer
        && db::members::find(tx, member_id)?.is_none()
    {
        faults.push(fault("/employer/member_id", "There is no such member; take an id from /api/v1/members"));
    }
    supervisors(tx, specialist, fields, &mut faults)?;
    no_faults(faults)?;
    let others = db::work_terms::contracts(tx, Some(specialist))?;
    let others = others.iter().filter(|one| Some(one.id) != own);
    let periods = others.map(|one| (one.fields.effective_from, one.fields.effective_until));
    no_overlap("contract", periods, (fields.effective_from, fields.effective_until))
}

/// A supervisor is another specialist. Whether that one is an assistant too is found when a plan is made, for the day
/// of the plan: the order in which contracts are entered must not matter.
fn supervisors(
    tx: &mut ReadTx,
    specialist: SpecialistId,
    fields: &ContractFields,
    faults: &mut Vec<Fault>,
) -> Result<(), OperationError> {
    for (index, supervisor) in fields.supervisor_ids.iter().enumerate() {
        let place = format!("/supervisor_ids/{index}");
        if *supervisor == specialist {
            faults.push(fault(&place, "Nobody supervises their own visits; name somebody else"));
        } else if db::specialists::find(tx, *supervisor)?.is_none() {
            faults.push(fault(&place, "There is no such specialist; take an id from /api/v1/specialists"));
        }
    }
    Ok(())
}

/// Weekly hours of a specialist, by first day.
pub fn availability(
    tx: &mut ReadTx,
    ctx: &Context,
    specialist: SpecialistId,
) -> Result<Vec<Availability>, OperationError> {
    visible(ctx, Resource::WorkTerms)?;
    specialists::get(tx, ctx, specialist)?;
    Ok(db::work_terms::availability(tx, Some(specialist))?)
}

/// One set of weekly hours.
pub fn get_availability(tx: &mut ReadTx, ctx: &Context, id: AvailabilityId) -> Result<Availability, OperationError> {
    let found = db::work_terms::find_availability(tx, id)?;
    seen(ctx, Resource::WorkTerms, found, |hours| Owner::specialist(hours.specialist_id))
}

/// Enters weekly hours.
pub fn create_availability(
    tx: &mut WriteTx,
    ctx: &Context,
    specialist: SpecialistId,
    fields: &AvailabilityFields,
) -> Result<Availability, OperationError> {
    let person = specialists::get(tx, ctx, specialist)?;
    allow_write(ctx, Resource::WorkTerms)?;
    check_availability(tx, specialist, None, fields)?;
    let id = db::work_terms::insert_availability(tx, specialist, fields, ctx.now)?;
    note(tx, ctx, "create", ("availability", &person.fields.code), &format!("from {}", fields.effective_from))?;
    get_availability(tx, ctx, id)
}

/// Changes weekly hours.
pub fn change_availability(
    tx: &mut WriteTx,
    ctx: &Context,
    id: AvailabilityId,
    based_on: Option<i64>,
    fields: &AvailabilityFields,
) -> Result<Availability, OperationError> {
    let present = get_availability(tx, ctx, id)?;
    allow_write(ctx, Resource::WorkTerms)?;
    check_availability(tx, present.specialist_id, Some(id), fields)?;
    same_version(based_on, present.version)?;
    db::work_terms::update_availability(tx, id, fields, ctx.now)?;
    let person = specialists::get(tx, ctx, present.specialist_id)?;
    note(tx, ctx, "change", ("availability", &person.fields.code), &format!("from {}", fields.effective_from))?;
    get_availability(tx, ctx, id)
}

fn check_availability(
    tx: &mut ReadTx,
    specialist: SpecialistId,
    own: Option<AvailabilityId>,
    fields: &AvailabilityFields,
) -> Result<(), OperationError> {
    no_faults(fields.check())?;
    let others = db::work_terms::availability(tx, Some(specialist))?;
    let others = others.iter().filter(|one| Some(one.id) != own);
    let periods = others.map(|one| (one.fields.effective_from, one.fields.effective_until));
    no_overlap("set of weekly hours", periods, (fields.effective_from, fields.effective_until))
}

fn no_overlap(
    what: &str,
    mut others: impl Iterator<Item = (NaiveDate, Option<NaiveDate>)>,
    (from, until): (NaiveDate, Option<NaiveDate>),
) -> Result<(), OperationError> {
    let new = Period { from, until };
    match others.find(|(from, until)| new.overlaps(&Period { from: *from, until: *until })) {
        None => Ok(()),
        Some((other, _)) => Err(OperationError::invalid(
            "/effective_from",
            format!("Another {what} begins on {other} and is still in force then; end that one first"),
        )),
    }
}

fn fault(pointer: &str, message: &str) -> Fault {
    Fault::at(pointer, message)
}
