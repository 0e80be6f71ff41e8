//! Sites and the travel between them.

use super::access::{allow_write, same_version, seen, visible};
use super::audit::note;
use super::dated_visits;
use super::error::{OperationError, no_faults};
use super::runner::Context;
use crate::db::{self, Page, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::{Owner, Resource};
use crate::domain::ids::SiteId;
use crate::domain::site::{Site, SiteFields};
use crate::domain::travel::{Travel, TravelFields};

/// The sites that the actor can see.
pub fn list(tx: &mut ReadTx, ctx: &Context, page: PageRequest) -> Result<Page<Site>, OperationError> {
    let scope = visible(ctx, Resource::Sites)?;
    Ok(db::sites::list(tx, &scope, page)?)
}

/// One site.
pub fn get(tx: &mut ReadTx, ctx: &Context, id: SiteId) -> Result<Site, OperationError> {
    let found = db::sites::find(tx, id)?;
    seen(ctx, Resource::Sites, found, |site| Owner::member(site.fields.member_id))
}

/// Enters a site.
pub fn create(tx: &mut WriteTx, ctx: &Context, fields: &SiteFields) -> Result<Site, OperationError> {
    allow_write(ctx, Resource::Sites)?;
    no_faults(fields.check())?;
    if db::members::find(tx, fields.member_id)?.is_none() {
        return Err(OperationError::invalid("/member_id", "There is no such member; take an id from /api/v1/members"));
    }
    let id = db::sites::insert(tx, fields, ctx.now)?;
    ctx.trail.about(fields.member_id);
    note(tx, ctx, "create", ("site", &fields.code), "")?;
    get(tx, ctx, id)
}

/// Changes a site. It stays with its member.
pub fn change(
    tx: &mut WriteTx,
    ctx: &Context,
    id: SiteId,
    based_on: Option<i64>,
    fields: &SiteFields,
) -> Result<Site, OperationError> {
    let present = get(tx, ctx, id)?;
    allow_write(ctx, Resource::Sites)?;
    no_faults(fields.check())?;
    same_version(based_on, present.version)?;
    if fields.member_id != present.fields.member_id {
        let message = "A site stays with its member; close it and enter a new one";
        return Err(OperationError::invalid("/member_id", message));
    }
    db::sites::update(tx, id, fields, ctx.now)?;
    dated_visits::renew(tx, ctx)?;
    note(tx, ctx, "change", ("site", &fields.code), "")?;
    get(tx, ctx, id)
}

/// All known drives, or those from one site.
pub fn list_travel(tx: &mut ReadTx, ctx: &Context, from: Option<SiteId>) -> Result<Vec<Travel>, OperationError> {
    visible(ctx, Resource::Travel)?;
    Ok(db::travel::list(tx, from)?)
}

/// Enters or replaces the drive from one site to another.
pub fn put_travel(
    tx: &mut WriteTx,
    ctx: &Context,
    (from, to): (SiteId, SiteId),
    fields: &TravelFields,
) -> Result<Travel, OperationError> {
    allow_write(ctx, Resource::Travel)?;
    no_faults(fields.check())?;
    if from == to {
        return Err(OperationError::invalid("", "Travel leads from one site to another; name two sites"));
    }
    let (start, end) = (get(tx, ctx, from)?, get(tx, ctx, to)?);
    db::travel::put(tx, from, to, fields)?;
    let drive = format!("{} to {}", start.fields.code, end.fields.code);
    note(tx, ctx, "change", ("travel", &drive), &format!("{} minutes", fields.minutes))?;
    Ok(Travel { from_site_id: from, to_site_id: to, fields: fields.clone() })
}
