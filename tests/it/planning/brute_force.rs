//! Every timetable of very small co-ops is tried, to know the truth about the best one.

use coop_scheduler::planning::plan_document::Visit;
use coop_scheduler::planning::{Instance, verify};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;

use super::small_coop::{plan_of, quick, read, small_coop};

/// A co-op in which all times are multiples of 15 minutes, so that visits can be pushed early onto a 15-minute grid.
fn very_small(seed: u64) -> Instance {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut value = small_coop();
    value["travel"] = json!({"sites": ["A1", "B1", "B2"], "minutes": [[0, 15, 30], [15, 0, 15], [30, 15, 0]]});
    value["policy"]["min_minutes_at_site"] = json!(0);
    let person = value["specialists"][0].clone();
    let people: Vec<_> = (0..2)
        .map(|index| {
            let mut person = person.clone();
            person["code"] = json!(format!("SLP-{index}"));
            person["home_site"] = json!(["A1", "B1"][index]);
            person["employer"] = json!({"kind": "coop"});
            person["lendable_minutes_per_week_max"] = json!(null);
            person.as_object_mut().expect("object").remove("lendable_minutes_per_week_max");
            person["break_minutes"] = json!(0);
            person["direct_minutes_per_week_max"] = json!(random.random_range(2..=6) * 15);
            person["availability"] = json!({"mon": [["08:00", "10:00"]], "tue": [["08:00", "09:00"]]});
            person
        })
        .collect();
    value["specialists"] = json!(people);
    let sites = ["A1", "B1", "B2"];
    let requests: Vec<_> = (0..4)
        .map(|index| {
            let starts = 8 + random.random_range(0..2);
            json!({"code": format!("R{index}"), "site": sites[random.random_range(0..3)], "discipline": "SLP",
                   "priority": "mandated", "minutes_per_week": random.random_range(2..=5) * 15,
                   "visits_per_week_max": 1, "visit_minutes": {"min": 30, "max": 60},
                   "windows": {"mon": [[format!("{starts:02}:00"), format!("{starts:02}:45")]],
                               "tue": [["08:00", "09:00"]]}})
        })
        .collect();
    value["requests"] = json!(requests);
    read(&value)
}

/// Every visit that a request could have by itself.
fn visits_of(instance: &Instance, request: usize) -> Vec<Visit> {
    let wanted = &instance.requests[request];
    let mut visits = Vec::new();
    for specialist in &instance.specialists {
        for (day, windows) in wanted.windows.days() {
            for window in windows {
                for starts in (window.starts.minutes()..window.ends.minutes()).step_by(15) {
                    for minutes in [30, 45, 60] {
                        let clock = coop_scheduler::domain::calendar::WallClock::from_minutes;
                        let visit = Visit {
                            specialist: specialist.code.clone(),
                            request: wanted.code.clone(),
                            site: wanted.site.clone(),
                            day,
                            starts: clock(starts).expect("time"),
                            ends: clock(starts + minutes).expect("time"),
                        };
                        if verify(instance, &plan_of(instance, vec![visit.clone()])).is_ok() {
                            visits.push(visit);
                        }
                    }
                }
            }
        }
    }
    visits
}

/// The most minutes of any timetable. Without minimum stays, a part of a sound timetable is sound, so that a broken
/// part need not be completed.
fn most(instance: &Instance, options: &[Vec<Visit>], chosen: &mut Vec<Visit>) -> u32 {
    let now = chosen.iter().map(Visit::minutes).sum();
    let Some((first, rest)) = options.split_first() else {
        return now;
    };
    let mut best = most(instance, rest, chosen);
    for visit in first {
        chosen.push(visit.clone());
        if verify(instance, &plan_of(instance, chosen.clone())).is_ok() {
            best = best.max(most(instance, rest, chosen));
        }
        chosen.pop();
    }
    best
}

#[test]
fn plans_of_very_small_coops_are_the_best_there_are() {
    for seed in 0..12 {
        let instance = very_small(seed);
        let options: Vec<Vec<Visit>> =
            (0..instance.requests.len()).map(|request| visits_of(&instance, request)).collect();
        let truth = most(&instance, &options, &mut Vec::new());
        let plan = quick(&instance, 2_000_000, seed);
        assert!(truth <= plan.bounds.mandated_placed_at_most, "seed {seed}: the bound is below {truth}");
        assert_eq!(plan.totals.all.mandated.placed, truth, "seed {seed}");
    }
}
