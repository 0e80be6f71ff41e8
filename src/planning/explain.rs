//! Why.
use super::plan_document::{PlanDocument, Shortfall};
use super::solve::run::Run;
use super::timetable::Timetable;
pub(crate) fn shortfalls(_run: &Run, plan: &PlanDocument, _timetable: &Timetable) -> Vec<Shortfall> {
    plan.shortfalls.clone()
}
