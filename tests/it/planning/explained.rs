//! Why minutes are short in the demo co-op: causes that add up, and remedies that gain what they say.

use std::sync::atomic::AtomicBool;

use coop_scheduler::operations::plan_runs;
use coop_scheduler::planning::plan_document::{PlanDocument, Visit};
use coop_scheduler::planning::verify::totals_of;
use coop_scheduler::planning::{Instance, Silent, replan_around, solve, verify};

use super::second_opinion;
use super::small_coop::{options, plan_of};
use crate::support::demo_coop::DemoCoop;

/// What the planner is given for the demo.
fn demo() -> Instance {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("coop.db").display());
    let coop = DemoCoop::imported(&url, folder.path());
    let run = coop.queue_run(5).expect("a run");
    let json = coop
        .app
        .operations
        .look(coop.office.clone(), |tx, ctx| plan_runs::instance_json(tx, ctx, run.id))
        .expect("an instance");
    Instance::read(json.as_bytes()).expect("sound")
}

fn minutes(visits: &[Visit], which: impl Fn(&Visit) -> bool) -> i64 {
    visits.iter().filter(|visit| which(visit)).map(|visit| i64::from(visit.minutes())).sum()
}

/// Applies the first remedy of a shortfall and plans again: the gains are counted here once more, from the visits.
fn assert_remedy_holds(instance: &Instance, plan: &PlanDocument, index: usize) {
    let shortfall = &plan.shortfalls[index];
    let remedy = &shortfall.remedies[0];
    let code = &shortfall.request;
    let found = replan_around(instance, plan, code, &remedy.apply).expect("the change can be made");
    let again = plan_of(&found.instance, found.visits.clone());
    verify(&found.instance, &again).unwrap_or_else(|broken| panic!("{code}: {broken:?}"));
    second_opinion::assert_agreement(&found.instance, &again, code);
    let own = |visit: &Visit| visit.request == *code;
    let gained = minutes(&found.visits, own) - minutes(&plan.visits, own);
    assert!(gained >= i64::from(remedy.minutes_gained_for_request), "{code}: {gained} of {remedy:?}");
    let all = minutes(&found.visits, |_| true) - minutes(&plan.visits, |_| true);
    assert_eq!(all, i64::from(remedy.minutes_gained), "{code}: {remedy:?}");
    let mandated = |instance: &Instance, visits: &[Visit]| totals_of(instance, visits).all.mandated.placed;
    let (before, after) = (mandated(instance, &plan.visits), mandated(&found.instance, &found.visits));
    assert_eq!(after - before, remedy.mandated_minutes_gained, "{code}: {remedy:?}");
}

#[test]
fn every_shortfall_of_the_demo_adds_up_and_its_first_remedy_gains_what_it_says() {
    let instance = demo();
    let plan = solve(&instance, &options(60_000_000, 1), &Silent, &AtomicBool::new(false)).expect("a plan");
    assert!(plan.shortfalls.len() >= 5, "{} shortfalls", plan.shortfalls.len());
    let mut tried = 0;
    for (index, shortfall) in plan.shortfalls.iter().enumerate() {
        let sum: u32 = shortfall.causes.iter().map(|cause| cause.minutes).sum();
        assert_eq!(sum, shortfall.minutes, "{shortfall:?}");
        assert!(shortfall.causes.iter().all(|cause| cause.minutes > 0 && !cause.sentence.is_empty()));
        let costs: Vec<i64> = shortfall.remedies.iter().map(|remedy| remedy.cents_per_week).collect();
        assert!(costs.is_sorted(), "cheapest first: {costs:?}");
        if !shortfall.remedies.is_empty() {
            assert_remedy_holds(&instance, &plan, index);
            tried += 1;
        }
    }
    assert!(tried >= 5, "only {tried} of {} shortfalls have a remedy", plan.shortfalls.len());
}
