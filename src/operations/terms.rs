//! Planning terms.

use super::access::{allow_write, same_version, seen, visible};
use super::audit::note;
use super::dated_visits;
use super::error::{OperationError, no_faults};
use super::free_text;
use super::runner::Context;
use crate::db::{self, Page, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::{Owner, Resource};
use crate::domain::ids::TermId;
use crate::domain::term::{Term, TermFields};

/// All terms.
pub fn list(tx: &mut ReadTx, ctx: &Context, page: PageRequest) -> Result<Page<Term>, OperationError> {
    visible(ctx, Resource::Terms)?;
    Ok(db::terms::list(tx, page)?)
}

/// One term.
pub fn get(tx: &mut ReadTx, ctx: &Context, id: TermId) -> Result<Term, OperationError> {
    let found = db::terms::find(tx, id)?;
    seen(ctx, Resource::Terms, found, |_| Owner::COOP)
}

/// Enters a term.
pub fn create(tx: &mut WriteTx, ctx: &Context, fields: &TermFields) -> Result<Term, OperationError> {
    allow_write(ctx, Resource::Terms)?;
    no_faults(fields.check())?;
    free_text::check(tx, ctx, ("/name", &fields.name), ("term", &fields.code))?;
    beside_others(tx, None, fields)?;
    let id = db::terms::insert(tx, fields, ctx.now)?;
    note(tx, ctx, "create", ("term", &fields.code), "")?;
    get(tx, ctx, id)
}

/// Changes a term.
pub fn change(
    tx: &mut WriteTx,
    ctx: &Context,
    id: TermId,
    based_on: Option<i64>,
    fields: &TermFields,
) -> Result<Term, OperationError> {
    let present = get(tx, ctx, id)?;
    allow_write(ctx, Resource::Terms)?;
    no_faults(fields.check())?;
    free_text::check(tx, ctx, ("/name", &fields.name), ("term", &fields.code))?;
    same_version(based_on, present.version)?;
    // What overlaps since before there was this rule can still get another name.
    let dates = |term: &TermFields| (term.kind, term.starts_on, term.ends_on);
    if dates(fields) != dates(&present.fields) {
        beside_others(tx, Some(id), fields)?;
    }
    db::terms::update(tx, id, fields, ctx.now)?;
    dated_visits::renew(tx, ctx)?;
    note(tx, ctx, "change", ("term", &fields.code), "")?;
    get(tx, ctx, id)
}

/// Regular terms lie beside each other: every day is of one plan, and what is asked, owed and without visits (3:1) is
/// counted by the term of a day.
fn beside_others(tx: &mut ReadTx, own: Option<TermId>, fields: &TermFields) -> Result<(), OperationError> {
    let terms = db::terms::list(tx, PageRequest::ALL)?.items;
    let others = terms.iter().filter(|term| Some(term.id) != own).map(|term| &term.fields);
    no_faults(others.filter_map(|other| fields.overlap(other)).collect())
}
