//! The licences and certificates of an import.

use std::collections::HashMap;

use super::{Import, Outcome, all_specialists};
use crate::db::{self, WriteTx};
use crate::domain::credential::CredentialFields;
use crate::domain::ids::SpecialistId;
use crate::intake::Intake;
use crate::operations::error::OperationError;
use crate::operations::{credentials, dated_visits};

impl Import<'_> {
    /// A row is found again by specialist, discipline, kind, issuing body and first day.
    pub(super) fn credentials(&mut self, tx: &mut WriteTx, intake: &Intake) -> Result<(), OperationError> {
        let people: HashMap<String, SpecialistId> =
            all_specialists(tx)?.into_iter().map(|one| (one.fields.code, one.id)).collect();
        for row in &intake.credentials {
            // A specialist whose own row was at fault: that fault is told, and nothing is kept.
            let Some(specialist) = people.get(&row.specialist).copied() else { continue };
            let outcome = self.credential(tx, specialist, &row.fields);
            self.settle(|summary| &mut summary.credentials, ("credentials.csv", row.line), outcome)?;
        }
        // Once for the whole file: every followed plan is looked at.
        if !intake.credentials.is_empty() {
            dated_visits::renew(tx, self.ctx)?;
        }
        Ok(())
    }

    fn credential(
        &self,
        tx: &mut WriteTx,
        specialist: SpecialistId,
        fields: &CredentialFields,
    ) -> Result<Outcome, OperationError> {
        let present = db::credentials::all(tx, Some(specialist))?;
        let same = present.iter().find(|one| one.fields.is_like(fields) && one.fields.valid_from == fields.valid_from);
        match same {
            Some(one) if one.fields == *fields => Ok(Outcome::Unchanged),
            Some(one) => {
                credentials::enter(tx, self.ctx, (specialist, Some(one.id)), fields)?;
                Ok(Outcome::Changed)
            }
            None => {
                credentials::enter(tx, self.ctx, (specialist, None), fields)?;
                Ok(Outcome::Created)
            }
        }
    }
}
