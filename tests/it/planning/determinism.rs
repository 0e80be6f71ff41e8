//! The same instance, work and seed give the same visits to the byte, on any number of threads and every time.

use std::sync::atomic::AtomicBool;

use coop_scheduler::planning::generate::{SIZES, Size, generate};
use coop_scheduler::planning::{Instance, Options, Silent, solve};

fn named(size: &str) -> Size {
    SIZES.into_iter().find(|one| one.name == size).expect("a size")
}

fn visits(instance: &Instance, work: u64, seed: u64, threads: usize) -> String {
    let options = Options { threads, ..super::small_coop::options(work, seed) };
    let plan = solve(instance, &options, &Silent, &AtomicBool::new(false)).expect("a plan");
    serde_json::to_string(&plan.visits).expect("visits")
}

#[test]
fn visits_do_not_depend_on_threads_or_on_the_run() {
    let two_fields = Size { name: "two fields", members: 5, sites: 10, specialists: 14, requests: 90, fixed: 4 };
    for (size, tightness, seed, work) in [(named("tiny"), 107, 3, 200_000), (two_fields, 125, 5, 500_000)] {
        let instance = generate(size, tightness, seed);
        let first = visits(&instance, work, seed, 1);
        for threads in [1, 2, 3, 8] {
            assert_eq!(visits(&instance, work, seed, threads), first, "{} on {threads} threads", size.name);
        }
    }
}

#[test]
fn another_order_of_names_in_memory_changes_nothing() {
    // Read from its own bytes, an instance has other addresses and other maps.
    let instance = generate(named("small"), 110, 8);
    let again = Instance::read(&instance.canonical_bytes()).expect("its own bytes");
    assert_eq!(visits(&instance, 300_000, 1, 2), visits(&again, 300_000, 1, 2));
}
