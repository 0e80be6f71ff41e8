//! Why a request is short, in one plain sentence, with the rules that stand in the way and changes that really help.

mod reason;
mod remedy;
mod trial;

use super::case::Case;
use super::plan_document::{Shortfall, Visit};
use super::timetable::Timetable;

/// Remedies told for one shortfall.
const REMEDIES_MAX: usize = 3;

/// The shortfall of a request, if it has one. Remedies take time to try; without `try_remedies` there are none.
pub(crate) fn shortfall(
    case: &Case,
    timetable: &Timetable,
    visits: &[Visit],
    request: usize,
    try_remedies: bool,
) -> Option<Shortfall> {
    let missing = case.requests[request].minutes - timetable.placed[request];
    if missing == 0 {
        return None;
    }
    let reason = reason::reason(case, timetable, request);
    let mut remedies = Vec::new();
    if try_remedies {
        remedies = remedy::remedies(case, timetable, visits, request);
        remedies.truncate(REMEDIES_MAX);
    }
    Some(Shortfall {
        request: case.instance.requests[request].code.clone(),
        minutes: missing,
        reason: reason.sentence,
        binding: reason.rules.iter().map(|rule| rule.name().to_string()).collect(),
        causes: Vec::new(),
        remedies,
    })
}
