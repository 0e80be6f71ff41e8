//! Why a request is short, in one plain sentence, with the rules that stand in the way and changes that really help.

mod reason;
mod remedy;
mod trial;

use std::sync::atomic::{AtomicBool, Ordering};

use super::case::Case;
use super::plan_document::{Shortfall, Visit};
use super::timetable::Timetable;

/// Remedies told for one shortfall.
const REMEDIES_MAX: usize = 3;

/// Every shortfall of a timetable, in the order of the instance. When `stop` is set, remedies are left out.
pub(crate) fn shortfalls(case: &Case, timetable: &Timetable, visits: &[Visit], stop: &AtomicBool) -> Vec<Shortfall> {
    let mut shortfalls = Vec::new();
    for (request, wanted) in case.requests.iter().enumerate() {
        let missing = wanted.minutes - timetable.placed[request];
        if missing == 0 {
            continue;
        }
        let reason = reason::reason(case, timetable, request);
        let mut remedies = Vec::new();
        if !stop.load(Ordering::Relaxed) {
            remedies = remedy::remedies(case, timetable, visits, request);
            remedies.truncate(REMEDIES_MAX);
        }
        shortfalls.push(Shortfall {
            request: case.instance.requests[request].code.clone(),
            minutes: missing,
            reason: reason.sentence,
            binding: reason.rules.iter().map(|rule| rule.name().to_string()).collect(),
            remedies,
        });
    }
    shortfalls
}
