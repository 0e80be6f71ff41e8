//! Warnings before a credential ends: 90, 30 and 7 days ahead, each once, to the person and to the office.

use chrono::NaiveDate;

use super::on_file;
use crate::db::{self, PageRequest, WriteTx};
use crate::domain::account::Role;
use crate::domain::actor::Actor;
use crate::domain::credential::{Credential, warning_due};
use crate::domain::ids::AccountId;
use crate::operations::audit::note_program;
use crate::operations::error::OperationError;
use crate::operations::notices::{self, CredentialEnd};
use crate::operations::runner::{Context, Operations};

/// Writes the warnings that are due into the outbox; gives how many credentials they are about. A step that passed while
/// nobody looked is left out when a later one is due.
///
/// # Errors
/// When the database cannot be reached; then nothing was written, and the next call does it.
pub fn warn(operations: &Operations) -> Result<usize, OperationError> {
    // The program acts by itself: it may do nothing but what stands here.
    let program =
        Actor { account_id: AccountId(uuid::Uuid::nil()), name: String::new(), roles: Vec::new(), limit: None };
    let ctx = operations.context(program);
    operations.database.write(|tx| {
        let on_file = on_file(tx, &ctx)?;
        let mut warned = 0;
        for credential in db::credentials::all(tx, None)? {
            let Some(until) = credential.fields.valid_until else { continue };
            let Some(days) = warning_due(until, ctx.today()) else { continue };
            if on_file.is_renewed(credential.specialist_id, &credential.fields) {
                continue;
            }
            let last = db::credentials::warned(tx, credential.id)?;
            if last.is_some_and(|(of, step)| of == until && step <= days) {
                continue;
            }
            tell(tx, &ctx, &credential, (until, days))?;
            db::credentials::set_warned(tx, credential.id, until, days)?;
            warned += 1;
        }
        Ok(warned)
    })
}

fn tell(
    tx: &mut WriteTx,
    ctx: &Context,
    credential: &Credential,
    (until, days): (NaiveDate, i64),
) -> Result<(), OperationError> {
    let person = db::specialists::find(tx, credential.specialist_id)?.ok_or(OperationError::NotFound)?;
    let is_office = |roles: &[Role]| roles.contains(&Role::Office);
    let accounts = db::accounts::list(tx, PageRequest::ALL)?.items.into_iter();
    let office = accounts.filter(|one| !one.fields.disabled && is_office(&one.fields.roles));
    let mut recipients = vec![(person.fields.name.clone(), person.fields.email.clone())];
    for account in office {
        if recipients.iter().all(|(_, address)| *address != account.fields.email) {
            recipients.push((account.fields.name, account.fields.email));
        }
    }
    let end = CredentialEnd { credential, person: &person, until, days };
    notices::credential_ends(tx, ctx, &end, &recipients)?;
    let detail = format!("{} days ahead of {until}, to {}", days, recipients.len());
    note_program(tx, ctx.now, "warn", ("credential", &person.fields.code), &detail)
}
