//! Licences and certificates: entered by the office, read by the person. Dated visits follow at once, and people are told
//! before one ends.

mod warnings;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;

use super::access::{allow, can_see, same_version, seen, visible};
use super::audit::note;
use super::error::{OperationError, no_faults};
use super::runner::Context;
use super::{dated_visits, specialists};
use crate::db::{self, Page, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::{Action, Owner, Resource, Scope};
use crate::domain::credential::{Credential, CredentialFields, DisciplineStanding, EndingCredential, OnFile, Standing};
use crate::domain::fault::Fault;
use crate::domain::ids::{CredentialId, PlanId, SpecialistId};

pub use crate::db::credentials::Filter;
pub use warnings::warn;

const RESOURCE: Resource = Resource::Credentials;

/// Everything on file, and what the co-op asks for.
pub(super) fn on_file(tx: &mut ReadTx, ctx: &Context) -> Result<OnFile, OperationError> {
    Ok(OnFile::new(db::credentials::all(tx, None)?, ctx.settings.credentials_required.clone()))
}

/// The credentials that the actor can see, with whose they are.
pub fn list(
    tx: &mut ReadTx,
    ctx: &Context,
    filter: &Filter,
    page: PageRequest,
) -> Result<Page<EndingCredential>, OperationError> {
    let scope = visible(ctx, RESOURCE)?;
    let found = db::credentials::list(tx, (&scope, filter), page)?;
    let people = db::specialists::list(tx, &scope, PageRequest::ALL)?.items;
    let people: HashMap<SpecialistId, (String, String)> =
        people.into_iter().map(|one| (one.id, (one.fields.code, one.fields.name))).collect();
    let on_file = on_file(tx, ctx)?;
    let ending = |credential: Credential| {
        let (specialist_code, specialist_name) = people.get(&credential.specialist_id).cloned().unwrap_or_default();
        let renewed = on_file.is_renewed(credential.specialist_id, &credential.fields);
        EndingCredential { credential, specialist_code, specialist_name, renewed }
    };
    Ok(Page { items: found.items.into_iter().map(ending).collect(), next: found.next })
}

/// The credentials of a specialist, by first day.
pub fn of_specialist(
    tx: &mut ReadTx,
    ctx: &Context,
    specialist: SpecialistId,
) -> Result<Vec<Credential>, OperationError> {
    visible(ctx, RESOURCE)?;
    own(tx, ctx, specialist)?;
    Ok(db::credentials::all(tx, Some(specialist))?)
}

/// How a specialist stands today in each discipline that is held.
pub fn standing(
    tx: &mut ReadTx,
    ctx: &Context,
    specialist: SpecialistId,
) -> Result<Vec<DisciplineStanding>, OperationError> {
    visible(ctx, RESOURCE)?;
    own(tx, ctx, specialist)?;
    let today = ctx.today();
    let person = specialists::get(tx, ctx, specialist)?;
    let on_file = on_file(tx, ctx)?;
    let held = person.fields.disciplines.iter().filter(|held| held.is_held_on(today)).map(|held| held.code.clone());
    let held: BTreeSet<String> = held.collect();
    let standing = |discipline: String| {
        let standing = on_file.standing(specialist, &discipline, today);
        DisciplineStanding::new(discipline, standing)
    };
    Ok(held.into_iter().map(standing).collect())
}

/// One credential.
pub fn get(tx: &mut ReadTx, ctx: &Context, id: CredentialId) -> Result<Credential, OperationError> {
    let found = db::credentials::find(tx, id)?;
    seen(ctx, RESOURCE, found, |one| Owner::specialist(one.specialist_id))
}

/// Enters a credential.
pub fn create(
    tx: &mut WriteTx,
    ctx: &Context,
    specialist: SpecialistId,
    fields: &CredentialFields,
) -> Result<Credential, OperationError> {
    own(tx, ctx, specialist)?;
    allow(ctx, Action::Write(RESOURCE), RESOURCE, Owner::specialist(specialist))?;
    let id = enter(tx, ctx, (specialist, None), fields)?;
    dated_visits::renew(tx, ctx)?;
    get(tx, ctx, id)
}

/// Writes a new credential, or another state of one; dated visits are left to the caller.
pub(super) fn enter(
    tx: &mut WriteTx,
    ctx: &Context,
    (specialist, present): (SpecialistId, Option<CredentialId>),
    fields: &CredentialFields,
) -> Result<CredentialId, OperationError> {
    check(tx, ctx, (specialist, present), fields)?;
    match present {
        Some(id) => {
            db::credentials::update(tx, id, fields, ctx.now)?;
            noted(tx, ctx, "change", (specialist, fields))?;
            Ok(id)
        }
        None => {
            let id = db::credentials::insert(tx, specialist, fields, ctx.now)?;
            noted(tx, ctx, "create", (specialist, fields))?;
            Ok(id)
        }
    }
}

/// Changes a credential.
pub fn change(
    tx: &mut WriteTx,
    ctx: &Context,
    id: CredentialId,
    based_on: Option<i64>,
    fields: &CredentialFields,
) -> Result<Credential, OperationError> {
    let present = get(tx, ctx, id)?;
    allow(ctx, Action::Write(RESOURCE), RESOURCE, Owner::specialist(present.specialist_id))?;
    check(tx, ctx, (present.specialist_id, Some(id)), fields)?;
    same_version(based_on, present.version)?;
    enter(tx, ctx, (present.specialist_id, Some(id)), fields)?;
    dated_visits::renew(tx, ctx)?;
    get(tx, ctx, id)
}

/// Takes a credential off the file: it no longer counts.
pub fn remove(tx: &mut WriteTx, ctx: &Context, id: CredentialId) -> Result<(), OperationError> {
    let present = get(tx, ctx, id)?;
    allow(ctx, Action::Write(RESOURCE), RESOURCE, Owner::specialist(present.specialist_id))?;
    db::credentials::delete(tx, id)?;
    dated_visits::renew(tx, ctx)?;
    noted(tx, ctx, "remove", (present.specialist_id, &present.fields))
}

/// Whoever may see the person and their credentials.
fn own(tx: &mut ReadTx, ctx: &Context, specialist: SpecialistId) -> Result<(), OperationError> {
    let scope = can_see(ctx, RESOURCE)?;
    let person = specialists::get(tx, ctx, specialist)?;
    if scope.covers(Owner::specialist(person.id)) { Ok(()) } else { Err(OperationError::NotFound) }
}

fn noted(
    tx: &mut WriteTx,
    ctx: &Context,
    verb: &str,
    (specialist, fields): (SpecialistId, &CredentialFields),
) -> Result<(), OperationError> {
    let person = specialists::get(tx, ctx, specialist)?;
    let until = fields.valid_until.map_or_else(|| "without an end".to_owned(), |until| format!("until {until}"));
    let detail = format!("{} for {} from {} {until}", fields.kind.word(), fields.discipline, fields.valid_from);
    note(tx, ctx, verb, ("credential", &person.fields.code), &detail)
}

fn check(
    tx: &mut ReadTx,
    ctx: &Context,
    (specialist, own): (SpecialistId, Option<CredentialId>),
    fields: &CredentialFields,
) -> Result<(), OperationError> {
    let mut faults = fields.check();
    let person = specialists::get(tx, ctx, specialist)?;
    let held: BTreeSet<&str> = person.fields.disciplines.iter().map(|held| held.code.as_str()).collect();
    if faults.is_empty() && !held.contains(fields.discipline.as_str()) {
        let held = held.into_iter().collect::<Vec<_>>().join(", ");
        let message =
            format!("{} holds {held}; choose one of these, or enter the discipline first", person.fields.code);
        faults.push(Fault::at("/discipline", message));
    }
    no_faults(faults)?;
    let others = db::credentials::all(tx, Some(specialist))?;
    let clash = others.iter().find(|other| {
        Some(other.id) != own && other.fields.is_like(fields) && other.fields.period().overlaps(&fields.period())
    });
    match clash {
        None => Ok(()),
        Some(other) => {
            let (kind, issuer, from) = (fields.kind.word(), &fields.issuer, other.fields.valid_from);
            let message = format!(
                "The {kind} of {issuer} from {from} on is valid then too; end that one, or begin where it ends"
            );
            Err(OperationError::invalid("/valid_from", message))
        }
    }
}

/// Who in a plan practises what, by code and discipline.
fn practised(tx: &mut ReadTx, plan: PlanId) -> Result<BTreeMap<(String, String), SpecialistId>, OperationError> {
    let visits = db::visits::list(tx, plan, &Scope::All, PageRequest::ALL)?.items;
    Ok(visits.into_iter().map(|visit| ((visit.specialist_code, visit.discipline), visit.specialist_id)).collect())
}

/// Whether everybody in a plan may practise on its first day (rule `credential_valid`).
///
/// # Errors
/// A fault at `/effective_from` for each who may not.
pub(super) fn valid_on_first_day(
    tx: &mut ReadTx,
    ctx: &Context,
    plan: PlanId,
    first: NaiveDate,
) -> Result<(), OperationError> {
    let on_file = on_file(tx, ctx)?;
    let fault = |((code, discipline), id): ((String, String), SpecialistId)| {
        let why = match on_file.standing(id, &discipline, first) {
            Standing::NotOnFile | Standing::Valid { .. } => return None,
            Standing::NotValid { since: Some(since) } => format!("it is no longer valid from {since} on"),
            Standing::NotValid { since: None } => "it is not valid yet".to_owned(),
            Standing::Missing => "none is on file".to_owned(),
        };
        let words = "begin on another day, enter the renewal, or plan again";
        let message = format!("On {first} {code} has no valid credential for {discipline}: {why}; {words}");
        Some(Fault::at("/effective_from", message))
    };
    no_faults(practised(tx, plan)?.into_iter().filter_map(fault).collect())
}

/// Credentials of a plan's people that end while it is followed, in sentences.
pub(super) fn ending_in_plan(
    tx: &mut ReadTx,
    ctx: &Context,
    plan: PlanId,
    (first, last): (NaiveDate, NaiveDate),
) -> Result<Vec<String>, OperationError> {
    let on_file = on_file(tx, ctx)?;
    let warning = |((code, discipline), id): ((String, String), SpecialistId)| {
        let why = match on_file.standing(id, &discipline, first) {
            Standing::Valid { until: Some(until) } if until <= last => {
                return Some(format!(
                    "The credential of {code} for {discipline} is no longer valid from {until} on; visits from then on \
                     are not covered"
                ));
            }
            Standing::NotOnFile | Standing::Valid { .. } => return None,
            Standing::NotValid { .. } => "is not valid",
            Standing::Missing => "is not on file",
        };
        Some(format!("The credential of {code} for {discipline} {why} on {first}; the plan cannot begin then"))
    };
    Ok(practised(tx, plan)?.into_iter().filter_map(warning).collect())
}
