//! Differences of small plans, told by hand, and of random ones, applied again.

use super::*;
use crate::planning::generate::{SIZES, generate};
use crate::planning::plan_document::{Bounds, PLAN_FORMAT, PlanStatus, Run};
use crate::planning::verify::totals_of;

/// `S-1 R-1 mon 08:00 09:00`
fn visit(text: &str) -> Visit {
    let words: Vec<&str> = text.split(' ').collect();
    Visit {
        specialist: words[0].to_owned(),
        request: words[1].to_owned(),
        site: "A".to_owned(),
        day: words[2].parse().expect("a day"),
        starts: words[3].parse().expect("a time"),
        ends: words[4].parse().expect("a time"),
    }
}

/// Kinds of changes with the first word of what was and what is.
fn told(before: &[&str], after: &[&str]) -> Vec<String> {
    let read = |texts: &[&str]| texts.iter().map(|text| visit(text)).collect::<Vec<_>>();
    let words = |visit: &Option<Visit>| {
        visit.as_ref().map_or("-".to_owned(), |one| format!("{} {} {}", one.specialist, one.day, one.starts))
    };
    let line = |change: VisitChange| format!("{:?} {} > {}", change.kind, words(&change.before), words(&change.after));
    matching::changes(&read(before), &read(after)).into_iter().map(line).collect()
}

#[test]
fn the_nearest_visit_of_the_same_person_moved() {
    let before = ["S-1 R mon 08:00 09:00", "S-1 R wed 08:00 09:00", "S-1 R fri 08:00 09:00"];
    let after = ["S-1 R mon 08:00 09:00", "S-1 R thu 08:00 09:00", "S-1 R wed 09:00 10:00"];
    assert_eq!(
        told(&before, &after),
        [
            "Kept S-1 mon 08:00 > S-1 mon 08:00",
            "Moved S-1 wed 08:00 > S-1 wed 09:00",
            "Moved S-1 fri 08:00 > S-1 thu 08:00"
        ]
    );
}

#[test]
fn a_longer_visit_moved_and_another_person_is_new() {
    assert_eq!(told(&["S-1 R mon 08:00 09:00"], &["S-1 R mon 08:00 09:30"]), ["Moved S-1 mon 08:00 > S-1 mon 08:00"]);
    assert_eq!(
        told(&["S-1 R mon 08:00 09:00"], &["S-2 R mon 08:00 09:00"]),
        ["NewPerson S-1 mon 08:00 > S-2 mon 08:00"]
    );
}

#[test]
fn visits_of_different_requests_are_never_matched() {
    assert_eq!(
        told(&["S-1 R1 mon 08:00 09:00"], &["S-1 R2 mon 08:00 09:00"]),
        ["Removed S-1 mon 08:00 > -", "Added - > S-1 mon 08:00"]
    );
}

/// A plan of some visits.
fn plan(instance: &Instance, visits: Vec<Visit>) -> PlanDocument {
    let json = serde_json::json!({
        "format": PLAN_FORMAT, "instance_name": instance.name, "instance_sha256": instance.sha256(),
        "status": PlanStatus::WithinGap, "visits": visits, "shortfalls": [],
        "totals": totals_of(instance, &visits), "bounds": Bounds::default(), "prices": [],
        "run": Run { seconds: 0.0, seed: 0, solver: "none".to_owned(), work: None },
    });
    PlanDocument::read(json.to_string().as_bytes()).expect("a plan")
}

/// Visits of random specialists, requests and times; they need not keep any rule.
fn random_visits(instance: &Instance, seed: u64) -> Vec<Visit> {
    use rand::{RngExt, SeedableRng};
    let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let mut visits: Vec<Visit> = (0..random.random_range(0..40))
        .map(|_| {
            let request = &instance.requests[random.random_range(0..instance.requests.len())];
            let specialist = &instance.specialists[random.random_range(0..instance.specialists.len())];
            let starts = 480 + 30 * random.random_range(0..4_u16);
            let clock = |minutes| crate::domain::calendar::WallClock::from_minutes(minutes).expect("a time");
            Visit {
                specialist: specialist.code.clone(),
                request: request.code.clone(),
                site: request.site.clone(),
                day: crate::domain::calendar::Weekday::ALL[random.random_range(0..5)],
                starts: clock(starts),
                ends: clock(starts + 30 * random.random_range(1..3_u16)),
            }
        })
        .collect();
    visits.sort();
    visits
}

#[test]
fn applied_to_the_plan_before_a_difference_gives_the_plan_after() {
    for seed in 0..300 {
        // Two versions of a co-op: some people, schools and requests are in one of them only.
        let (old, new) = (generate(SIZES[0], 107, seed), generate(SIZES[0], 107, seed + 1));
        let (before, after) = (random_visits(&old, seed), random_visits(&new, seed + 1_000));
        let (old_plan, new_plan) = (plan(&old, before.clone()), plan(&new, after.clone()));
        let found = diff((&old, &old_plan), (&new, &new_plan));
        assert_eq!(found.apply(&before), after, "seed {seed}");
        let back = diff((&new, &new_plan), (&old, &old_plan));
        assert_eq!(back.apply(&after), before, "seed {seed}");
        assert_eq!((back.counts.added, back.counts.moved), (found.counts.removed, found.counts.moved));

        let counts = found.counts;
        let matched = counts.kept + counts.moved + counts.new_person;
        assert_eq!((matched + counts.removed) as usize, before.len());
        assert_eq!((matched + counts.added) as usize, after.len());
        for groups in [&found.by_specialist, &found.by_school, &found.by_request] {
            let sum = |side: fn(&Pair<u32>) -> u32| groups.iter().map(|group| side(&group.minutes)).sum::<u32>();
            assert_eq!(sum(|pair| pair.before), before.iter().map(Visit::minutes).sum::<u32>());
            assert_eq!(sum(|pair| pair.after), after.iter().map(Visit::minutes).sum::<u32>());
        }
        // The order of visits in the files does not matter.
        let mut shuffled = new_plan.clone();
        shuffled.visits.reverse();
        assert_eq!(diff((&old, &old_plan), (&new, &shuffled)), found);
    }
}

#[test]
fn a_visit_that_changes_hands_concerns_both_people_but_one_request() {
    let instance = generate(SIZES[0], 107, 3);
    let of = |text: &str| plan(&instance, vec![visit(text)]);
    let (before, after) = (of("S-1 R mon 08:00 09:00"), of("S-2 R mon 08:00 09:00"));
    let found = diff((&instance, &before), (&instance, &after));
    assert_eq!((found.counts.people_touched, found.counts.requests_with_new_person), (2, 1));
    let minutes: Vec<_> = found.by_specialist.iter().map(|group| (&*group.code, group.minutes)).collect();
    assert_eq!(minutes, [("S-1", Pair { before: 60, after: 0 }), ("S-2", Pair { before: 0, after: 60 })]);
    assert!(found.by_specialist.iter().all(|group| group.changes.len() == 1));
    assert_eq!(found.by_request.len(), 1);
    let same = diff((&instance, &before), (&instance, &before));
    assert_eq!((same.counts.kept, same.counts.people_touched, same.changes().count()), (1, 0, 0));
}
