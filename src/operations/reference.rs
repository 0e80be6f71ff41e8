//! Tables that everybody reads.

use super::access::visible;
use super::error::OperationError;
use super::runner::Context;
use crate::db::{self, ReadTx};
use crate::domain::actor::Resource;
use crate::domain::discipline::Discipline;

/// All disciplines, by code.
pub fn disciplines(tx: &mut ReadTx, ctx: &Context) -> Result<Vec<Discipline>, OperationError> {
    visible(ctx, Resource::Disciplines)?;
    Ok(db::disciplines::list(tx)?)
}
