//! What people write in their own words is checked for names of students before it is stored.

use super::audit::note;
use super::error::OperationError;
use super::runner::Context;
use crate::db::{self, PageRequest, ReadTx, WriteTx};
use crate::domain::actor::Scope;
use crate::domain::fault::Fault;
use crate::domain::name_check::{KnownWords, likely_child};

/// Refuses a text that may name a student, unless the person has said that it does not; that is noted, the text is not.
///
/// # Errors
/// [`OperationError::MayNameChild`] with the entry and what was found in it.
pub(super) fn check(
    tx: &mut WriteTx,
    ctx: &Context,
    (pointer, text): (&str, &str),
    subject: (&str, &str),
) -> Result<(), OperationError> {
    let known = known_words(tx, ctx)?;
    let Some(message) = likely_child(text, &known) else { return Ok(()) };
    if ctx.origin.names_nobody() {
        return note(tx, ctx, "confirm no names", subject, pointer);
    }
    Err(OperationError::MayNameChild(vec![Fault::at(pointer, message)]))
}

/// The co-op's own words: names of staff, members and sites, and the trade's. Not the names of terms, trials and tokens:
/// they are what is checked, and what was let through once would be let through for good.
fn known_words(tx: &mut ReadTx, ctx: &Context) -> Result<KnownWords, OperationError> {
    let mut known = KnownWords::default();
    known.add(&ctx.settings.coop_name);
    for member in db::members::list(tx, &Scope::All, PageRequest::ALL)?.items {
        known.add(&member.fields.name);
        known.add(&member.fields.contact_name);
    }
    for site in db::sites::list(tx, &Scope::All, PageRequest::ALL)?.items {
        known.add(&site.fields.name);
    }
    for person in db::specialists::list(tx, &Scope::All, PageRequest::ALL)?.items {
        known.add(&person.fields.name);
    }
    for account in db::accounts::list(tx, PageRequest::ALL)?.items {
        known.add(&account.fields.name);
    }
    for discipline in db::disciplines::list(tx)? {
        known.add(&discipline.name);
    }
    Ok(known)
}
