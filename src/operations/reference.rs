//! Tables that everybody reads.

use std::collections::BTreeSet;

use super::access::visible;
use super::error::OperationError;
use super::runner::Context;
use crate::db::{self, PageRequest, ReadTx};
use crate::domain::actor::{Resource, Scope};
use crate::domain::discipline::Discipline;

/// All disciplines, by code.
pub fn disciplines(tx: &mut ReadTx, ctx: &Context) -> Result<Vec<Discipline>, OperationError> {
    visible(ctx, Resource::Disciplines)?;
    Ok(db::disciplines::list(tx)?)
}

/// What a request can ask for beside the discipline: every qualification that some specialist holds today or later, by
/// code. Whose it is, is not told.
pub fn qualifications(tx: &mut ReadTx, ctx: &Context) -> Result<Vec<String>, OperationError> {
    visible(ctx, Resource::Disciplines)?;
    let today = ctx.today();
    let people = db::specialists::list(tx, &Scope::All, PageRequest::ALL)?.items;
    let held = people.into_iter().flat_map(|one| one.fields.qualifications);
    let held: BTreeSet<String> =
        held.filter(|one| one.held_until.is_none_or(|until| today < until)).map(|one| one.code).collect();
    Ok(held.into_iter().collect())
}
