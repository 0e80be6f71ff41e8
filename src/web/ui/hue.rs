//! The eight hues: a service is a solid code, a district a pale tint with a bar. One screen uses only one of the two.

const HUES: [&str; 8] = ["plum", "leaf", "ember", "iris", "navy", "ochre", "lagoon", "umber"];

/// The class of a district's hue, by its place in the list of all districts. After eight, hues come again: the code
/// beside them still tells districts apart.
pub(super) fn of_district(place: usize) -> &'static str {
    HUES[place % HUES.len()]
}

/// The class of a service's hue; empty, and so gray, for a service that a co-op added.
pub(super) fn of_service(discipline: &str) -> &'static str {
    match discipline {
        "PSY" => "navy",
        "SLP" | "SLPA" => "lagoon",
        "SW" => "leaf",
        "PT" | "PTA" => "ochre",
        "BCBA" => "ember",
        "OT" | "COTA" => "plum",
        "TOD" => "iris",
        "TVI" => "umber",
        _ => "",
    }
}
