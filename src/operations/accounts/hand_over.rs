//! Handing over: an account leaves, the institution's work stays. See docs/adr/0013-roles-add-up-and-are-handed-over.md.

use super::{check, get, store};
use crate::db::{self, PageRequest, ReadTx, WriteTx};
use crate::domain::account::{Account, AccountFields, HandOver, HandedOver, NewPerson, ROLES_MAX, Role, role_codes};
use crate::domain::actor::{Resource, Scope};
use crate::domain::ids::AccountId;
use crate::domain::member::{Member, MemberFields};
use crate::operations::access::allow_write;
use crate::operations::audit::note;
use crate::operations::error::OperationError;
use crate::operations::runner::Context;
use crate::operations::sign_in::invitations;

/// Moves the roles of an account to another one, switches the first off and ends its sessions and tokens: all of it, or
/// nothing. What it did stays under its name.
///
/// # Errors
/// A conflict when there is nothing to hand over or the other cannot take it; faults of the entries.
pub fn hand_over(
    tx: &mut WriteTx,
    ctx: &Context,
    id: AccountId,
    asked: &HandOver,
) -> Result<HandedOver, OperationError> {
    let leaver = get(tx, ctx, id)?;
    allow_write(ctx, Resource::Accounts)?;
    let roles = handed(&leaver)?;
    let (before, after) = match (asked.to_account_id, &asked.to_person) {
        (Some(to), None) => taking_over(tx, ctx, &leaver, to, &roles)?,
        (None, Some(person)) => (None, invited(person, &roles)),
        _ => {
            let message = "Name either an account (to_account_id) or a new person (to_person)";
            return Err(OperationError::invalid("", message));
        }
    };
    let to = match before {
        Some(present) => {
            store(tx, ctx, &present, &after)?;
            note(tx, ctx, "take over", ("account", &present.id.to_string()), &role_codes(&roles))?;
            present.id
        }
        None => {
            // The person's entries are named as they were sent.
            check(tx, &after).map_err(|error| below(error, "/to_person"))?;
            let to = db::accounts::insert(tx, &after, ctx.now)?;
            note(tx, ctx, "create", ("account", &to.to_string()), &role_codes(&roles))?;
            invitations::invite(tx, ctx, to)?;
            to
        }
    };
    hand_contacts_over(tx, ctx, &leaver, &after, &roles)?;
    store(tx, ctx, &leaver, &AccountFields { roles: Vec::new(), disabled: true, ..leaver.fields.clone() })?;
    db::tokens::revoke_all(tx, id, ctx.now)?;
    let detail = format!("{} to {to}", role_codes(&roles));
    note(tx, ctx, "hand over", ("account", &id.to_string()), &detail)?;
    Ok(HandedOver { from: read(tx, id)?, to: read(tx, to)? })
}

/// Read without asking again: who hands the own account over has no rights any more.
fn read(tx: &mut ReadTx, id: AccountId) -> Result<Account, OperationError> {
    db::accounts::find(tx, id)?.ok_or(OperationError::NotFound)
}

/// What can be handed over: a specialist's record is about that person and ends with the account.
fn handed(leaver: &Account) -> Result<Vec<Role>, OperationError> {
    let roles: Vec<Role> = leaver.fields.roles.iter().copied().filter(|role| role.specialist_id().is_none()).collect();
    match roles.is_empty() {
        false => Ok(roles),
        true => Err(OperationError::conflict(
            "This account has no role that another person can take over; switch it off instead",
        )),
    }
}

type BeforeAndAfter = (Option<Account>, AccountFields);

fn taking_over(
    tx: &mut ReadTx,
    ctx: &Context,
    leaver: &Account,
    to: AccountId,
    roles: &[Role],
) -> Result<BeforeAndAfter, OperationError> {
    let fault = |message: &str| Err(OperationError::invalid("/to_account_id", message));
    let present = match get(tx, ctx, to) {
        Ok(present) => present,
        Err(OperationError::NotFound) => return fault("There is no such account; take an id from /api/v1/accounts"),
        Err(error) => return Err(error),
    };
    if present.id == leaver.id {
        return fault("An account cannot take over from itself; name another one");
    }
    if present.fields.disabled {
        return fault("This account is switched off; switch it on first, or name another one");
    }
    let mut fields = present.fields.clone();
    fields.roles.extend(roles.iter().filter(|role| !present.fields.roles.contains(role)));
    if fields.roles.len() > ROLES_MAX {
        let message = format!("{} would have more than {ROLES_MAX} roles", fields.name);
        return Err(OperationError::conflict(message));
    }
    Ok((Some(present), fields))
}

fn invited(person: &NewPerson, roles: &[Role]) -> AccountFields {
    AccountFields { name: person.name.clone(), email: person.email.clone(), roles: roles.to_vec(), disabled: false }
}

/// Members whose contact the leaver was get the new person as contact.
fn hand_contacts_over(
    tx: &mut WriteTx,
    ctx: &Context,
    leaver: &Account,
    to: &AccountFields,
    roles: &[Role],
) -> Result<(), OperationError> {
    let office = roles.contains(&Role::Office);
    let is_ours = |member: &Member| office || roles.iter().any(|role| role.member_id() == Some(member.id));
    for member in db::members::list(tx, &Scope::All, PageRequest::ALL)?.items {
        if !is_ours(&member) || member.fields.contact_email != leaver.fields.email {
            continue;
        }
        let (contact_name, contact_email) = (to.name.clone(), to.email.clone());
        let fields = MemberFields { contact_name, contact_email, ..member.fields };
        db::members::update(tx, member.id, &fields, ctx.now)?;
        note(tx, ctx, "change", ("member", &fields.code), "contact handed over")?;
    }
    Ok(())
}

/// The same faults, one step deeper.
fn below(error: OperationError, place: &str) -> OperationError {
    match error {
        OperationError::Invalid(mut faults) => {
            faults.iter_mut().for_each(|fault| fault.pointer.insert_str(0, place));
            OperationError::Invalid(faults)
        }
        error => error,
    }
}
