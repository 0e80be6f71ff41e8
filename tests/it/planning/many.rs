//! Plans of many made-up co-ops of all sizes: accepted by both checkers, and never above their bounds.
//! `.ci/check-plans` does the same for a thousand.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use coop_scheduler::planning::generate::{SIZES, generate, generate_with_all_rules};
use coop_scheduler::planning::plan_document::Lender;
use coop_scheduler::planning::{Instance, PlanDocument, Silent, solve, verify};

use super::second_opinion::rules_broken;
use super::small_coop::options;

/// Size, how many, and work of the planner for each.
const ROUNDS: [(&str, u64, u64); 3] = [("tiny", 30, 200_000), ("small", 8, 400_000), ("coop", 1, 1_000_000)];
/// Requested minutes as a percentage of contracted minutes, from plenty to hopeless.
const TIGHTNESS: [u32; 6] = [50, 80, 100, 107, 140, 250];

/// What is wrong with the plan of a made-up co-op.
fn faults(size: &str, seed: u64, work: u64) -> Vec<String> {
    let size = SIZES.into_iter().find(|one| one.name == size).expect("a size");
    let tightness = TIGHTNESS[seed as usize % TIGHTNESS.len()];
    // Every fourth has all rules; the second opinion knows those of the first format.
    let made = if seed % 4 == 3 { generate_with_all_rules } else { generate };
    let instance = made(size, tightness, seed);
    let faults = match solve(&instance, &options(work, seed), &Silent, &AtomicBool::new(false)) {
        Ok(plan) => faults_of(&instance, &plan),
        Err(error) => vec![format!("no plan: {error:?}")],
    };
    faults.into_iter().map(|fault| format!("{} {tightness} {seed}: {fault}", size.name)).collect()
}

fn faults_of(instance: &Instance, plan: &PlanDocument) -> Vec<String> {
    let mut faults = Vec::new();
    match verify(instance, plan) {
        Ok(totals) if totals != plan.totals => faults.push("other totals".to_string()),
        Ok(_) => {}
        Err(broken) => faults.extend(broken.iter().map(ToString::to_string)),
    }
    if let Some(broken) = rules_broken(instance, plan).filter(|broken| *broken != BTreeSet::new()) {
        faults.push(format!("the second opinion: {broken:?}"));
    }
    let (all, bounds) = (plan.totals.all, plan.bounds);
    for (goal, placed, bound) in [
        ("mandated", all.mandated.placed, bounds.mandated_placed_at_most),
        ("evaluation", all.evaluation.placed, bounds.evaluation_placed_at_most),
        ("consult", all.consult.placed, bounds.consult_placed_at_most),
    ] {
        if placed > bound {
            faults.push(format!("{placed} {goal} minutes, the bound says {bound}"));
        }
    }
    let own = |member: &str| plan.totals.by_member.get(member).map_or(0, |amounts| amounts.mandated.placed);
    let keeps = |one: &Lender| own(&one.member) >= one.alone_mandated_minutes;
    if !plan.lenders.iter().all(keeps) {
        faults.push("a lender is worse off than alone".to_string());
    }
    if plan.shortfalls.iter().any(|shortfall| shortfall.reason.is_empty() || shortfall.binding.is_empty()) {
        faults.push("a shortfall without a reason".to_string());
    }
    faults
}

#[test]
fn plans_of_many_coops_are_accepted_by_both_checkers() {
    let rounds: Vec<_> =
        ROUNDS.iter().flat_map(|(size, count, work)| (0..*count).map(move |seed| (*size, seed, *work))).collect();
    let waiting = Mutex::new(rounds);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().expect("no panic").pop();
                    let Some((size, seed, work)) = next else { return };
                    let faults = faults(size, seed, work);
                    wrong.lock().expect("no panic").extend(faults);
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no panic");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
