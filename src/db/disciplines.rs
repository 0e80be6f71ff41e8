//! The table of professions.

use diesel::prelude::*;

use super::schema::disciplines;
use super::{DbError, ReadTx};
use crate::domain::discipline::Discipline;

/// All disciplines, by code.
pub fn list(tx: &mut ReadTx) -> Result<Vec<Discipline>, DbError> {
    let rows: Vec<(String, String)> = disciplines::table.order(disciplines::code).load(tx.connection())?;
    Ok(rows.into_iter().map(|(code, name)| Discipline { code, name }).collect())
}
