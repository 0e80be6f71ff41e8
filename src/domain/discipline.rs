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

/// The service as schools say it: `SLP` gives "Speech". A discipline that a co-op added goes by its code.
pub fn service_word(discipline: &str) -> &str {
    match discipline {
        "SLP" => "Speech",
        "SLPA" => "Speech (assistant)",
        "OT" => "Occupational therapy",
        "COTA" => "Occupational therapy (assistant)",
        "PT" => "Physical therapy",
        "PTA" => "Physical therapy (assistant)",
        "PSY" => "Psychology",
        "SW" => "Social work",
        "BCBA" => "Behavior",
        "TVI" => "Vision",
        "TOD" => "Hearing",
        "O&M" => "Orientation and mobility",
        "NURSE" => "Nursing",
        other => other,
    }
}
