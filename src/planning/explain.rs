//! Why requests are short: causes in minutes that add up, and changes that were planned again and really help.

mod causes;
mod part;
mod remedies;
mod room;
mod supervision;

use std::collections::BTreeMap;

use super::case::Case;
use super::change::Change;
use super::instance::Instance;
use super::plan_document::{PlanDocument, Shortfall};
use super::solve::run::Run;
use super::timetable::Timetable;
use crate::domain::fault::Fault;

pub use part::Replanned;

/// Remedies told for one shortfall.
const REMEDIES_MAX: usize = 4;
/// Shortfalls for which changes are tried, mandated and large ones first; the others get causes only. Trying takes about
/// as much work as the search was given, within these limits.
const TRIED_LEAST: u64 = 30;
const TRIED_MAX: u64 = 120;

/// The shortfalls of a plan with causes and remedies, in the order of the plan.
pub(crate) fn shortfalls(run: &Run, plan: &PlanDocument, timetable: &Timetable) -> Vec<Shortfall> {
    let case = run.case;
    let code_of = |(index, request): (usize, &super::instance::ServiceRequest)| (request.code.clone(), index);
    let index: BTreeMap<String, usize> = case.instance.requests.iter().enumerate().map(code_of).collect();
    let short: Vec<usize> = plan.shortfalls.iter().filter_map(|one| index.get(&one.request).copied()).collect();
    let mut first = short.clone();
    first.sort_by_key(|request| {
        let wanted = &case.requests[*request];
        (wanted.priority, timetable.placed[*request].wrapping_sub(wanted.minutes), *request)
    });
    let affordable = run.work() / (part::WORK * remedies::TRIES_MAX as u64);
    first.truncate(affordable.clamp(TRIED_LEAST, TRIED_MAX) as usize);
    let floors: BTreeMap<&str, u32> =
        plan.lenders.iter().map(|lender| (lender.member.as_str(), lender.alone_mandated_minutes)).collect();
    run.each(&short, |_, request| {
        let mut shortfall = explained(case, timetable, *request);
        if first.contains(request) && run.may_explain() {
            let whole = part::Whole { case, timetable, floors: &floors, seed: run.options.seed };
            shortfall.remedies = remedies::remedies(&whole, *request, || run.may_explain());
            shortfall.remedies.truncate(REMEDIES_MAX);
        }
        shortfall
    })
}

fn explained(case: &Case, timetable: &Timetable, request: usize) -> Shortfall {
    let missing = case.requests[request].minutes - timetable.placed[request];
    let causes = causes::causes(case, timetable, request);
    let most = causes.iter().max_by_key(|cause| cause.minutes);
    Shortfall {
        request: case.instance.requests[request].code.clone(),
        minutes: missing,
        reason: most.map(|cause| cause.sentence.clone()).unwrap_or_default(),
        binding: most.map(|cause| cause.rules.clone()).unwrap_or_default(),
        causes,
        remedies: Vec::new(),
    }
}

/// Plans again around a request after some changes, everything that is far from it standing: what the gains of a
/// remedy are measured by, and how anybody can measure them again.
///
/// # Errors
/// The faults of the changes.
pub fn replan_around(
    instance: &Instance,
    plan: &PlanDocument,
    request: &str,
    changes: &[Change],
) -> Result<Replanned, Vec<Fault>> {
    let mut case = Case::of(instance);
    case.stay_close_to(&plan.visits);
    let timetable = Timetable::standing(&case);
    let floors: BTreeMap<&str, u32> =
        plan.lenders.iter().map(|lender| (lender.member.as_str(), lender.alone_mandated_minutes)).collect();
    let Some(request) = instance.requests.iter().position(|one| one.code == request) else {
        return Err(vec![Fault::at("/request", format!("there is no request \"{request}\""))]);
    };
    let plain = Case::of(instance);
    let whole = part::Whole { case: &plain, timetable: &timetable, floors: &floors, seed: plan.run.seed };
    whole.replan(request, changes)
}
