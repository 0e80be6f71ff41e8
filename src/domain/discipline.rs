//! The professions that members share. A table, so that a co-op can add its own.

use serde::Serialize;
use utoipa::ToSchema;

/// A profession, for example `SLP`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Discipline {
    /// The field's own abbreviation.
    #[schema(example = "SLP")]
    pub code: String,
    /// The English name.
    pub name: String,
}
