//! Why an action was not done, in terms of what the person can do next.

use crate::db::{DbError, RetryHint};
use crate::domain::fault::Fault;

/// Why an action was not done.
#[derive(Debug, thiserror::Error)]
pub enum OperationError {
    /// It does not exist, or is not the actor's to see.
    #[error("This does not exist, or you cannot see it")]
    NotFound,
    /// The actor sees it but may not do this.
    #[error("{0}")]
    Forbidden(String),
    /// Nobody is signed in, or the token no longer works.
    #[error("Sign in first: send a valid token as \"Authorization: Bearer ...\"")]
    SignInRequired,
    /// The session's last proof of who it is is too old for this.
    #[error("Confirm that it is you, then do this again")]
    ProofRequired,
    /// The entries have faults: all of them.
    #[error("{} of the entries must be corrected", .0.len())]
    Invalid(Vec<Fault>),
    /// What somebody wrote in their own words may name a student.
    #[error("This may name a student. Write it without, or say that it names none")]
    MayNameChild(Vec<Fault>),
    /// The state of things does not allow it; `changes` lists what moved meanwhile.
    #[error("{detail}")]
    Conflict {
        /// What stands in the way and what to do.
        detail: String,
        /// What changed since, in plain words.
        changes: Vec<String>,
    },
    /// Somebody else changed it since it was read.
    #[error("Somebody changed this since you read it. Read it again and repeat your change")]
    StaleVersion,
    /// A change must say which version it was based on.
    #[error("Say which version you change: send the ETag you read as \"If-Match\"")]
    VersionRequired,
    /// Too much at once.
    #[error("{0}")]
    TooMany(String),
    /// Try again in a moment.
    #[error("Too many people are changing things at this moment. Try again in a few seconds")]
    Busy,
    /// A part of the system cannot be reached.
    #[error("The database cannot be reached. Try again in a minute")]
    Unavailable(#[source] DbError),
    /// A bug. The source is for the log only.
    #[error("Something went wrong on our side. Nothing was changed")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl OperationError {
    /// A conflict without a list of changes.
    pub fn conflict(detail: impl Into<String>) -> OperationError {
        OperationError::Conflict { detail: detail.into(), changes: Vec::new() }
    }

    /// One fault.
    pub fn invalid(pointer: &str, message: impl Into<String>) -> OperationError {
        OperationError::Invalid(vec![Fault::at(pointer, message)])
    }

    /// Something that cannot happen unless the program is wrong.
    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> OperationError {
        OperationError::Internal(error.into())
    }
}

impl From<DbError> for OperationError {
    fn from(error: DbError) -> OperationError {
        match error {
            DbError::Busy => OperationError::Busy,
            DbError::Unavailable(_) => OperationError::Unavailable(error),
            DbError::Conflict(_) => OperationError::conflict(format!("{error}; choose another")),
            DbError::Reference => OperationError::invalid("", format!("{error}; check the identities")),
            other => OperationError::Internal(Box::new(other)),
        }
    }
}

impl RetryHint for OperationError {
    fn is_worth_a_retry(&self) -> bool {
        matches!(self, OperationError::Busy)
    }
}

/// `Ok` when there is no fault.
pub fn no_faults(faults: Vec<Fault>) -> Result<(), OperationError> {
    if faults.is_empty() { Ok(()) } else { Err(OperationError::Invalid(faults)) }
}
