//! Applies the access policy of [`crate::domain::actor`]: what cannot be seen does not exist.

use super::error::OperationError;
use super::runner::Context;
use crate::domain::actor::{Action, Owner, Resource, Scope, may};

/// The part of a kind of record that the actor can see, which is looked at now: a view of restricted records goes into
/// the audit trail.
///
/// # Errors
/// [`OperationError::NotFound`] when that is nothing.
pub fn visible(ctx: &Context, resource: Resource) -> Result<Scope, OperationError> {
    let scope = can_see(ctx, resource)?;
    ctx.trail.looked(resource, &scope);
    Ok(scope)
}

/// The part of a kind of record that the actor could see, without looking.
///
/// # Errors
/// [`OperationError::NotFound`] when that is nothing.
pub fn can_see(ctx: &Context, resource: Resource) -> Result<Scope, OperationError> {
    let scope = may(&ctx.actor, Action::Read(resource));
    if scope.is_nothing() { Err(OperationError::NotFound) } else { Ok(scope) }
}

/// The record, if the actor can see it.
pub fn seen<T>(
    ctx: &Context,
    resource: Resource,
    record: Option<T>,
    owner: impl FnOnce(&T) -> Owner,
) -> Result<T, OperationError> {
    let scope = can_see(ctx, resource)?;
    let record = record.ok_or(OperationError::NotFound)?;
    let owner = owner(&record);
    if !scope.covers(owner) {
        return Err(OperationError::NotFound);
    }
    ctx.trail.found(resource, owner);
    Ok(record)
}

/// Whether the actor may do this to a record of that owner.
///
/// # Errors
/// [`OperationError::NotFound`] when the actor cannot see it, [`OperationError::Forbidden`] when the actor can.
pub fn allow(ctx: &Context, action: Action, resource: Resource, owner: Owner) -> Result<(), OperationError> {
    if may(&ctx.actor, action).covers(owner) {
        owner.member.into_iter().for_each(|member| ctx.trail.about(member));
        return Ok(());
    }
    let seen = may(&ctx.actor, Action::Read(resource));
    if !seen.is_nothing() && (owner == Owner::COOP || seen.covers(owner)) {
        let message = match ctx.actor.limit {
            None => "Your account may read this, but not change it. Ask the co-op's office",
            Some(_) => "This token may read this, but not change it. Its owner or the co-op's office can say why",
        };
        return Err(OperationError::Forbidden(message.to_owned()));
    }
    Err(OperationError::NotFound)
}

/// May the actor enter or change a co-op-wide record of this kind?
pub fn allow_write(ctx: &Context, resource: Resource) -> Result<(), OperationError> {
    allow(ctx, Action::Write(resource), resource, Owner::COOP)
}

/// Whether a change was based on the present version. Asked after everything else was found sound: a precondition does
/// not count where the change would be refused anyway (RFC 9110, section 13.2.1).
///
/// # Errors
/// [`OperationError::VersionRequired`] or [`OperationError::StaleVersion`].
pub fn same_version(based_on: Option<i64>, present: i64) -> Result<(), OperationError> {
    match based_on {
        None => Err(OperationError::VersionRequired),
        Some(version) if version == present => Ok(()),
        Some(_) => Err(OperationError::StaleVersion),
    }
}
