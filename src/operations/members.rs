//! Members.

use super::access::{allow_write, same_version, seen, visible};
use super::audit::note;
use super::error::{OperationError, no_faults};
use super::runner::Context;
use crate::db::{self, Page, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::{Owner, Resource};
use crate::domain::ids::MemberId;
use crate::domain::member::{Member, MemberFields};

/// The members that the actor can see.
pub fn list(tx: &mut ReadTx, ctx: &Context, page: PageRequest) -> Result<Page<Member>, OperationError> {
    let scope = visible(ctx, Resource::Members)?;
    Ok(db::members::list(tx, &scope, page)?)
}

/// One member.
pub fn get(tx: &mut ReadTx, ctx: &Context, id: MemberId) -> Result<Member, OperationError> {
    let found = db::members::find(tx, id)?;
    seen(ctx, Resource::Members, found, |member| Owner::member(member.id))
}

/// Enters a member.
pub fn create(tx: &mut WriteTx, ctx: &Context, fields: &MemberFields) -> Result<Member, OperationError> {
    allow_write(ctx, Resource::Members)?;
    no_faults(fields.check())?;
    let id = db::members::insert(tx, fields, ctx.now)?;
    ctx.trail.about(id);
    note(tx, ctx, "create", ("member", &fields.code), "")?;
    get(tx, ctx, id)
}

/// Changes a member.
pub fn change(
    tx: &mut WriteTx,
    ctx: &Context,
    id: MemberId,
    based_on: Option<i64>,
    fields: &MemberFields,
) -> Result<Member, OperationError> {
    let present = get(tx, ctx, id)?;
    allow_write(ctx, Resource::Members)?;
    no_faults(fields.check())?;
    same_version(based_on, present.version)?;
    db::members::update(tx, id, fields, ctx.now)?;
    note(tx, ctx, "change", ("member", &fields.code), "")?;
    get(tx, ctx, id)
}
