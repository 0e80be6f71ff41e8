//! What the forms of logging send.

use serde::Deserialize;

use super::super::holder::SentForm;
use crate::domain::service_log::{LogFields, LogOutcome, MissedReason};
use crate::domain::text::in_minutes;
use crate::operations::OperationError;

/// One form: every entry as text, as it was typed.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Sent {
    /// `planned`, `minutes` or `missed`.
    #[serde(default)]
    pub what: String,
    #[serde(default)]
    pub minutes: String,
    #[serde(default)]
    pub group_size: String,
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub version: String,
    /// The token of the session's forms.
    #[serde(default)]
    pub form: String,
}

impl SentForm for Sent {
    fn token(&self) -> &str {
        &self.form
    }
}

impl Sent {
    /// The version that a change is based on; none where nothing was logged.
    pub(super) fn version(&self) -> Option<i64> {
        self.version.parse().ok().filter(|version| *version > 0)
    }

    /// What is to be logged of a visit of so many minutes.
    ///
    /// # Errors
    /// Invalid where no number was typed, or nothing was chosen.
    pub(super) fn fields(&self, planned: i64) -> Result<LogFields, OperationError> {
        match self.what.as_str() {
            "planned" => Ok(LogFields { group_size: self.group()?, ..LogFields::delivered(planned) }),
            "minutes" => {
                let minutes = self.minutes.trim().parse().map_err(|_| {
                    OperationError::invalid("/minutes", format!("Enter the minutes as a number, like {planned}"))
                })?;
                Ok(LogFields { group_size: self.group()?, ..LogFields::delivered(minutes) })
            }
            "missed" => {
                let reason = MissedReason::read(&self.reason);
                let reason =
                    reason.ok_or_else(|| OperationError::invalid("/reason", "Choose why it did not take place"))?;
                Ok(LogFields::missed(reason))
            }
            _ => Err(OperationError::invalid("/what", "Choose what happened")),
        }
    }

    fn group(&self) -> Result<Option<i64>, OperationError> {
        match self.group_size.trim() {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| {
                OperationError::invalid("/group_size", "Enter how many were in the group as a number, like 3")
            }),
        }
    }
}

/// What is wrong, by field; `what` for what concerns the whole visit. Nothing for errors that have a page of their own.
pub(super) fn faults(error: &OperationError) -> Option<Vec<(&'static str, String)>> {
    match error {
        OperationError::Invalid(faults) => {
            Some(faults.iter().map(|fault| (field(&fault.pointer), fault.message.clone())).collect())
        }
        OperationError::Conflict { detail, .. } => Some(vec![("what", detail.clone())]),
        OperationError::StaleVersion | OperationError::VersionRequired => {
            let words =
                "Somebody changed what is logged for this visit meanwhile. Look at it below, then change it again";
            Some(vec![("what", words.to_owned())])
        }
        _ => None,
    }
}

fn field(pointer: &str) -> &'static str {
    match pointer {
        "/minutes" => "minutes",
        "/group_size" => "group_size",
        "/reason" => "reason",
        _ => "what",
    }
}

/// What people call a reason, in the order in which they are offered.
pub(super) const REASONS: [(MissedReason, &str); 7] = [
    (MissedReason::AbsentExcused, "Student absent, excused"),
    (MissedReason::AbsentUnexcused, "Student absent, not excused"),
    (MissedReason::ProviderAbsent, "I was absent"),
    (MissedReason::Closure, "School closed or day ended early"),
    (MissedReason::Activity, "School activity, such as a trip or a test"),
    (MissedReason::Declined, "Student did not take part"),
    (MissedReason::Other, "Another reason"),
];

/// What became of a visit, in a few words: `45 of 45 minutes`.
pub(super) fn outcome_words(fields: &LogFields, planned: i64) -> String {
    let words = |reason| REASONS.iter().find(|(known, _)| *known == reason).map_or("", |(_, words)| words);
    match (fields.outcome, fields.reason) {
        (LogOutcome::Delivered, _) => {
            let group = fields.group_size.map(|size| format!(", group of {size}")).unwrap_or_default();
            format!("{} of {}{group}", fields.minutes.unwrap_or(0), in_minutes(planned))
        }
        (LogOutcome::DidNotTakePlace, Some(reason)) => format!("Did not take place: {}", words(reason)),
        (LogOutcome::DidNotTakePlace, None) => "Did not take place".to_owned(),
        (LogOutcome::NotLogged, _) => "Not logged".to_owned(),
    }
}
