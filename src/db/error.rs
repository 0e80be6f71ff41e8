//! What can go wrong with the database, in terms the rest of the program acts on.

use diesel::result::{DatabaseErrorKind, Error};

/// A database error. `Display` never contains what the database said; that is the source, logged once.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// Somebody else holds a lock for too long, or too many people write at once: try again.
    #[error("the database is busy")]
    Busy,
    /// The database cannot be reached.
    #[error("the database cannot be reached")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A value that must be unique exists already.
    #[error("{} is already in use", .0.what())]
    Conflict(UniqueKey),
    /// A record that is referred to does not exist, or is still referred to.
    #[error("a record that this one refers to does not exist")]
    Reference,
    /// The database URL names neither of the two databases.
    #[error("the database URL must begin with sqlite: or postgres://, like sqlite:coop.db")]
    Address,
    /// The schema could not be brought up to date.
    #[error("the database schema could not be brought up to date")]
    Migration(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Anything else: a bug.
    #[error("unexpected database error")]
    Other(#[source] Error),
}

/// The unique values people can run into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UniqueKey {
    /// A human code of any table.
    Code,
    /// An account's e-mail address.
    AccountEmail,
    /// A contract or weekly hours that begin on the same day as another.
    EffectiveFrom,
    /// Another plan of the term was published meanwhile.
    PublishedPlan,
    /// Another one.
    Other,
}

impl UniqueKey {
    /// What is already in use, as the subject of a sentence.
    pub fn what(self) -> &'static str {
        match self {
            UniqueKey::Code => "This code",
            UniqueKey::AccountEmail => "This e-mail address",
            UniqueKey::EffectiveFrom => "This first day",
            UniqueKey::PublishedPlan => "The place of the published plan",
            UniqueKey::Other => "This value",
        }
    }

    /// PostgreSQL names the constraint; SQLite names `table.column` in its message.
    fn read(constraint: Option<&str>, message: &str) -> UniqueKey {
        let names = |parts: &[&str]| parts.iter().any(|part| constraint == Some(*part) || message.contains(part));
        if names(&["accounts_email_key", "accounts.email"]) {
            UniqueKey::AccountEmail
        } else if names(&["plans_one_published", "plans.term_id"]) {
            UniqueKey::PublishedPlan
        } else if constraint.is_some_and(|name| name.ends_with("_from_key")) || message.contains(".effective_from") {
            UniqueKey::EffectiveFrom
        } else if constraint.is_some_and(|name| name.ends_with("_code_key")) || message.contains(".code") {
            UniqueKey::Code
        } else {
            UniqueKey::Other
        }
    }
}

impl DbError {
    /// Whether the same change may succeed when it is tried again at once.
    pub fn is_worth_a_retry(&self) -> bool {
        matches!(self, DbError::Busy)
    }
}

impl From<Error> for DbError {
    fn from(error: Error) -> DbError {
        let Error::DatabaseError(kind, information) = &error else {
            return match error {
                Error::BrokenTransactionManager => DbError::Unavailable(Box::new(error)),
                other => DbError::Other(other),
            };
        };
        let message = information.message();
        match kind {
            DatabaseErrorKind::UniqueViolation => {
                DbError::Conflict(UniqueKey::read(information.constraint_name(), message))
            }
            DatabaseErrorKind::ForeignKeyViolation => DbError::Reference,
            DatabaseErrorKind::SerializationFailure => DbError::Busy,
            DatabaseErrorKind::ClosedConnection => DbError::Unavailable(Box::new(error)),
            _ if is_lock_wait(message) => DbError::Busy,
            _ if message.contains("terminating connection") || message.contains("server closed the connection") => {
                DbError::Unavailable(Box::new(error))
            }
            _ => DbError::Other(error),
        }
    }
}

/// Lock waits arrive without a kind of their own on both databases.
fn is_lock_wait(message: &str) -> bool {
    ["database is locked", "database table is locked", "deadlock detected", "lock timeout", "statement timeout"]
        .iter()
        .any(|part| message.contains(part))
}
