//! Plans of made-up co-ops: always sound, repeatable, and ended when asked.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use coop_scheduler::domain::calendar::WallClock;
use coop_scheduler::planning::generate::{SIZES, generate, generate_with_all_rules};
use coop_scheduler::planning::instance::{INSTANCE_FORMAT_4, Specialist};
use coop_scheduler::planning::plan_document::{Cause, CauseKind};
use coop_scheduler::planning::{Instance, Options, PlanDocument, Silent, SolveError, Start, solve, verify};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::second_opinion::{assert_agreement, rules_broken};
use super::small_coop::{options, plan_of, quick};

fn made(size: &str, tightness: u32, seed: u64) -> Instance {
    let size = SIZES.into_iter().find(|one| one.name == size).expect("a size");
    generate(size, tightness, seed)
}

#[test]
fn generated_instances_are_sound_and_repeatable() {
    for size in ["tiny", "small", "coop"] {
        let instance = made(size, 107, 5);
        assert_eq!(instance.check(), Vec::new(), "{size}");
        assert_eq!(instance, made(size, 107, 5));
        assert_ne!(instance.sha256(), made(size, 107, 6).sha256());
        assert_eq!(Instance::read(&instance.canonical_bytes()).expect("readable"), instance);
    }
    for size in ["region", "state"] {
        assert_eq!(made(size, 107, 5).check(), Vec::new(), "{size}");
    }
    for size in ["tiny", "small", "coop", "region"] {
        let size = SIZES.into_iter().find(|one| one.name == size).expect("a size");
        let instance = generate_with_all_rules(size, 107, 5);
        assert_eq!(Instance::read(&instance.canonical_bytes()).expect("sound"), instance, "{}", size.name);
        assert_eq!(instance, generate_with_all_rules(size, 107, 5));
        assert!(instance.format == INSTANCE_FORMAT_4 || size.name == "tiny");
        let some = |holds: &dyn Fn(&Specialist) -> bool| instance.specialists.iter().any(holds);
        assert!(size.name == "tiny" || some(&|one| one.evaluation_block_minutes > 0));
        assert!(size.name == "tiny" || some(&Specialist::is_assistant));
        assert!(
            size.name == "tiny"
                || some(&|one| one.sites_per_week_max.is_some()) && some(&|one| one.requests_max.is_some())
        );
    }
}

#[test]
fn plans_keep_every_rule_and_stay_below_their_bounds() {
    for (size, tightness, seed) in
        [("tiny", 60, 1), ("tiny", 107, 2), ("tiny", 160, 3), ("small", 80, 4), ("small", 120, 5), ("coop", 107, 6)]
    {
        let instance = made(size, tightness, seed);
        let plan = quick(&instance, 4_000_000, seed);
        let totals = verify(&instance, &plan).expect("sound");
        assert_eq!(totals, plan.totals);
        let placed = [totals.all.mandated.placed, totals.all.evaluation.placed, totals.all.consult.placed];
        let bounds = plan.bounds;
        let most = [bounds.mandated_placed_at_most, bounds.evaluation_placed_at_most, bounds.consult_placed_at_most];
        assert!(placed.iter().zip(most).all(|(placed, most)| *placed <= most), "{placed:?} {most:?}");
        assert!(plan.shortfalls.iter().all(|shortfall| !shortfall.reason.is_empty() && !shortfall.binding.is_empty()));
        let alone = |lender: &coop_scheduler::planning::plan_document::Lender| lender.alone_mandated_minutes;
        assert!(plan.lenders.iter().all(|one| totals.by_member[&one.member].mandated.placed >= alone(one)));
        if let Some(broken) = rules_broken(&instance, &plan) {
            assert_eq!(broken, BTreeSet::new(), "{size} {tightness} {seed}");
        }
    }
}

/// Moves, shortens, swaps or drops something in a plan.
fn spoil(instance: &Instance, plan: &PlanDocument, random: &mut ChaCha8Rng) -> PlanDocument {
    let mut visits = plan.visits.clone();
    for _ in 0..random.random_range(1..=3) {
        let at = random.random_range(0..visits.len());
        let other = random.random_range(0..visits.len());
        let shifted = |time: WallClock, minutes: i32| {
            u16::try_from(i32::from(time.minutes()) + minutes).ok().and_then(WallClock::from_minutes).unwrap_or(time)
        };
        match random.random_range(0..7) {
            0 => {
                let by = random.random_range(-24..=24) * 5;
                let (starts, ends) = (shifted(visits[at].starts, by), shifted(visits[at].ends, by));
                (visits[at].starts, visits[at].ends) = (starts, ends);
            }
            1 => visits[at].ends = shifted(visits[at].ends, random.random_range(1..=9) * 5),
            2 => visits[at].specialist = visits[other].specialist.clone(),
            3 => visits[at].day = visits[other].day,
            4 => visits[at].request = instance.requests[random.random_range(0..instance.requests.len())].code.clone(),
            5 => visits[at].site = visits[other].site.clone(),
            _ if visits.len() > 1 => drop(visits.remove(at)),
            _ => {}
        }
    }
    plan_of(instance, visits)
}

#[test]
fn spoiled_plans_are_judged_like_the_second_opinion() {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut broken = 0;
    for seed in 0..4 {
        let instance = made(if seed % 2 == 0 { "tiny" } else { "small" }, 90, seed);
        let plan = quick(&instance, 1_000_000, seed);
        if plan.visits.is_empty() {
            continue;
        }
        for round in 0..15 {
            let spoiled = spoil(&instance, &plan, &mut random);
            broken += u32::from(verify(&instance, &spoiled).is_err());
            assert_agreement(&instance, &spoiled, &format!("seed {seed} round {round}"));
        }
    }
    assert!(broken > 30, "only {broken} of the spoiled plans were broken");
}

#[test]
fn the_same_seed_gives_the_same_visits_on_any_number_of_threads() {
    let instance = made("small", 110, 3);
    let plan = |threads: usize, seed: u64| {
        let options = Options { work: Some(3_000_000), seed, threads, ..Options::default() };
        solve(&instance, &options, &Silent, &AtomicBool::new(false)).expect("a plan")
    };
    let bytes = |plan: &PlanDocument| serde_json::to_string(&plan.visits).expect("visits");
    let first = plan(1, 9);
    assert_eq!(bytes(&first), bytes(&plan(1, 9)));
    assert_eq!(bytes(&first), bytes(&plan(3, 9)));
    assert_ne!(bytes(&first), bytes(&plan(1, 10)));
}

#[test]
fn a_stop_ends_the_search_with_a_sound_plan() {
    let instance = made("coop", 107, 2);
    let stop = AtomicBool::new(false);
    let options = Options { work: Some(u64::MAX / 4), seconds: Some(600), ..Options::default() };
    let started = Instant::now();
    let plan = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_secs(2));
            stop.store(true, Ordering::Relaxed);
        });
        solve(&instance, &options, &Silent, &stop).expect("a plan")
    });
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
    verify(&instance, &plan).expect("sound");
    // Stopped before it began, it still answers.
    let plan = solve(&instance, &options, &Silent, &AtomicBool::new(true)).expect("a plan");
    verify(&instance, &plan).expect("sound");
}

#[test]
fn an_unsound_instance_is_refused() {
    let mut instance = made("tiny", 107, 1);
    instance.requests[0].site = "nowhere".to_string();
    let refused = solve(&instance, &Options::default(), &Silent, &AtomicBool::new(false));
    assert!(matches!(refused, Err(SolveError::Instance(faults)) if faults[0].pointer == "/requests/0/site"));
}

#[test]
fn caps_on_sites_and_requests_are_kept_and_used_up() {
    let free = made("small", 140, 3);
    let before = quick(&free, 1_000_000, 1);
    let mut capped = free.clone();
    for (index, person) in capped.specialists.iter_mut().enumerate() {
        person.requests_max = (index % 3 != 0).then_some(3);
        person.sites_per_week_max = (index % 2 == 0).then_some(2);
    }
    capped.fixed.clear();
    capped.raise_format();
    let plan = quick(&capped, 1_000_000, 1);
    verify(&capped, &plan).expect("all rules hold");
    let requests = |code: &str| {
        let own = plan.visits.iter().filter(|visit| visit.specialist == code);
        own.map(|visit| visit.request.as_str()).collect::<BTreeSet<_>>().len()
    };
    let full = capped
        .specialists
        .iter()
        .filter(|one| one.requests_max.is_some_and(|most| requests(&one.code) == most as usize));
    assert!(full.count() >= 3, "the caps bind");
    assert!(plan.totals.all.mandated.placed < before.totals.all.mandated.placed);
    assert!(plan.bounds.mandated_placed_at_most <= before.bounds.mandated_placed_at_most, "the bound is no higher");
    let causes: Vec<&Cause> = plan.shortfalls.iter().flat_map(|one| &one.causes).collect();
    let by_cap = causes.iter().filter(|cause| cause.cause == CauseKind::CapReached);
    assert!(by_cap.clone().count() > 0);
    assert!(
        by_cap
            .flat_map(|cause| &cause.rules)
            .all(|rule| ["requests_within_cap", "sites_within_cap"].contains(&rule.as_str()))
    );
    // A plan from before the caps is followed as far as they allow.
    let start = Start { visits: before.visits.clone(), minutes_per_moved_visit: 15 };
    let options = Options { start: Some(start), ..options(1_000_000, 1) };
    let close = solve(&capped, &options, &Silent, &AtomicBool::new(false)).expect("a plan");
    verify(&capped, &close).expect("all rules hold");
    assert!(close.visits.iter().any(|visit| before.visits.contains(visit)));
}
