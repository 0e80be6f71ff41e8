//! What a site asks for, and the life of a request.

use serde::{Deserialize, Serialize};

/// How much a request weighs when not everything can be met. Declared in falling order of weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Minutes that an IEP promises.
    Mandated,
    /// Evaluations, which have a legal clock of their own.
    Evaluation,
    /// Advice to teachers and teams.
    Consult,
}

/// Where a visit is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// At the requesting site.
    #[default]
    InPerson,
    /// By video from the specialist's home site.
    Teletherapy,
}
