//! Every timetable of very small co-ops is tried, to know the truth about the best one.
//!
//! The truth is found without the planner and without `verify`: see [`truth`].

mod days;
mod made;
mod truth;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use coop_scheduler::planning::{Instance, Options, PlanDocument, Silent, solve};

use self::made::{very_small, very_small_with_all_rules, very_small_with_caps};
use self::truth::{Goals, Truth};
use super::small_coop::options;

/// How many co-ops are made with the rules of the first format, and with all.
const SEEDS: u64 = 200;
const SEEDS_WITH_ALL_RULES: u64 = 100;
const SEEDS_WITH_CAPS: u64 = 100;
/// Work of the planner for each.
const WORK: u64 = 12_000_000;

/// What a plan reaches of goals 1 to 3.
fn reached(instance: &Instance, plan: &PlanDocument) -> Goals {
    let placed = |member: &str| plan.totals.by_member.get(member).map_or(0, |amounts| amounts.mandated.placed);
    Goals {
        members: instance.members.iter().map(|member| placed(&member.code)).collect(),
        evaluation: plan.totals.all.evaluation.placed,
        consult: plan.totals.all.consult.placed,
    }
}

/// What is wrong with the plan of an instance, in words.
fn faults(instance: Instance, seed: u64) -> Vec<String> {
    let truth = Truth::of(&instance);
    // Reasons are searched for with work of their own; other tests look at them.
    let options = Options { explain: false, ..options(WORK, seed) };
    let planned = std::panic::catch_unwind(|| solve(&instance, &options, &Silent, &AtomicBool::new(false)));
    let plan = match planned {
        Ok(Ok(plan)) => plan,
        Ok(Err(error)) => return vec![format!("no plan: {error:?}")],
        Err(_) => return vec!["the planner panicked".to_string()],
    };
    let found = reached(&instance, &plan);
    let mut faults = Vec::new();
    for lender in &plan.lenders {
        let alone = truth.alone[&lender.member];
        if lender.alone_mandated_minutes != alone {
            let told = lender.alone_mandated_minutes;
            faults.push(format!("{} could place {alone} minutes alone, the plan says {told}", lender.member));
        }
        if lender.alone_at_most_minutes.is_some_and(|bound| bound < alone) {
            faults.push(format!("{} could place {alone} minutes alone, the bound says less", lender.member));
        }
    }
    if plan.lenders.len() != truth.alone.len() {
        faults.push(format!("{} lenders, the plan names {}", truth.alone.len(), plan.lenders.len()));
    }
    if truth.order(&found, &truth.best).is_ne() {
        faults.push(format!("the best is {:?}, the plan has {found:?}", truth.best));
    }
    let bounds = plan.bounds;
    let (evaluation, consult) = truth.most_with_no_less_than(&found);
    for (goal, bound, most) in [
        ("mandated", bounds.mandated_placed_at_most, truth.best.mandated()),
        ("evaluation", bounds.evaluation_placed_at_most, evaluation),
        ("consult", bounds.consult_placed_at_most, consult),
    ] {
        if bound < most {
            faults.push(format!("{most} {goal} minutes can be placed, the bound says {bound}"));
        }
    }
    let worst = truth.worst_share_basis_points();
    if bounds.worst_share_at_most_basis_points.is_some_and(|bound| bound < worst) {
        faults.push(format!("the worst-served member can have a share of {worst} basis points, the bound says less"));
    }
    faults
}

/// Plans the co-ops of so many seeds, on two threads, and tells everything that is wrong.
fn assert_best(seeds: u64, made: impl Fn(u64) -> Instance + Sync, misses_max: usize) {
    let next = AtomicU64::new(0);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds {
                        return;
                    }
                    let faults = faults(made(seed), seed);
                    wrong.lock().expect("no panic").extend(faults.into_iter().map(|fault| (seed, fault)));
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().expect("no panic");
    wrong.sort();
    // A bound or a floor that is wrong is never excused; of the best plans a search may miss a few.
    let (missed, mut lines): (Vec<String>, Vec<String>) = wrong
        .iter()
        .map(|(seed, fault)| format!("seed {seed}: {fault}"))
        .partition(|line| line.contains("the best is"));
    if missed.len() > misses_max {
        lines.extend(missed);
    }
    assert!(lines.is_empty(), "{} faults\n{}", lines.len(), lines.join("\n"));
}

#[test]
fn plans_of_very_small_coops_are_the_best_there_are() {
    assert_best(SEEDS, very_small, 0);
}

#[test]
fn so_are_they_with_all_rules() {
    assert_best(SEEDS_WITH_ALL_RULES, very_small_with_all_rules, 3);
}

#[test]
fn so_are_they_with_caps_on_sites_and_requests() {
    assert_best(SEEDS_WITH_CAPS, very_small_with_caps, 3);
}

#[test]
fn caps_on_sites_and_requests_keep_minutes_out_of_the_best_plans() {
    let lost = (0..40).filter(|seed| {
        let capped = very_small_with_caps(*seed);
        let mut free = capped.clone();
        for person in &mut free.specialists {
            (person.sites_per_week_max, person.requests_max) = (None, None);
        }
        let all = |instance: &Instance| {
            let best = Truth::of(instance).best;
            best.mandated() + best.evaluation + best.consult
        };
        all(&capped) < all(&free)
    });
    assert!(lost.count() > 3);
}

#[test]
fn the_very_small_coops_are_not_all_easy() {
    // A test that finds the best of empty weeks would prove nothing.
    let truths: Vec<(Instance, Truth)> =
        (0..60).map(very_small).map(|one| (Truth::of(&one), one)).map(|(t, i)| (i, t)).collect();
    let count = |holds: &dyn Fn(&Instance, &Truth) -> bool| truths.iter().filter(|(i, t)| holds(i, t)).count();
    let asked = |instance: &Instance| -> u32 { instance.requests.iter().map(|one| one.minutes_per_week).sum() };
    let placed = |truth: &Truth| truth.best.mandated() + truth.best.evaluation + truth.best.consult;
    assert!(count(&|_, truth| placed(truth) > 0) > 50);
    assert!(count(&|instance, truth| placed(truth) < asked(instance)) > 30);
    assert!(count(&|_, truth| truth.best.evaluation + truth.best.consult > 0) > 20);
    assert!(count(&|_, truth| truth.alone.values().any(|alone| *alone > 0)) > 20);
    assert!(count(&|_, truth| truth.long_days) > 5);
}
