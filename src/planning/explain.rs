//! Why a request is short. TEMP
use super::case::Case;
use super::plan_document::{Shortfall, Visit};
use super::timetable::Timetable;
use std::sync::atomic::AtomicBool;
pub(crate) fn shortfalls(case: &Case, timetable: &Timetable, _visits: &[Visit], _stop: &AtomicBool) -> Vec<Shortfall> {
    case.requests
        .iter()
        .enumerate()
        .filter(|(i, r)| r.minutes > timetable.placed[*i])
        .map(|(i, r)| Shortfall {
            request: case.instance.requests[i].code.clone(),
            minutes: r.minutes - timetable.placed[i],
            reason: String::new(),
            binding: vec![],
            remedies: vec![],
        })
        .collect()
}
