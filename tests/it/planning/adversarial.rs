//! Instances made to be difficult: each ends cleanly, with a refusal that names the rule or with a sound plan.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use coop_scheduler::planning::generate::{SIZES, generate};
use coop_scheduler::planning::plan_document::Shortfall;
use coop_scheduler::planning::{Instance, Options, PlanDocument, Silent, solve, verify};
use serde_json::{Map, Value, json};

use super::second_opinion::rules_broken;
use super::small_coop::{minutes_of, options, read, small_coop};

const WORK: u64 = 500_000;
const WEEK: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// Far more than any of these needs on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Plans an instance and checks what must hold of every plan.
fn planned_with(instance: &Instance, options: &Options, stop: bool) -> PlanDocument {
    let started = Instant::now();
    let plan = solve(instance, options, &Silent, &AtomicBool::new(stop)).expect("a plan");
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    verify(instance, &plan).expect("sound");
    if let Some(broken) = rules_broken(instance, &plan) {
        assert_eq!(broken, BTreeSet::new());
    }
    let (all, bounds) = (plan.totals.all, plan.bounds);
    assert!(all.mandated.placed <= bounds.mandated_placed_at_most);
    assert!(all.evaluation.placed <= bounds.evaluation_placed_at_most);
    assert!(all.consult.placed <= bounds.consult_placed_at_most);
    let told = |shortfall: &Shortfall| !shortfall.reason.is_empty() && !shortfall.binding.is_empty();
    assert!(!options.explain || plan.shortfalls.iter().all(told));
    plan
}

fn planned(value: &Value) -> PlanDocument {
    planned_with(&read(value), &options(WORK, 1), false)
}

/// Without looking for reasons, which takes long where sixty requests are short.
fn unexplained(work: u64) -> Options {
    Options { explain: false, ..options(work, 1) }
}

fn week(hours: Value) -> Value {
    WEEK.iter().map(|day| (day.to_string(), hours.clone())).collect::<Map<_, _>>().into()
}

/// What is said about an instance with these fixed visits: specialist, request, day, start, end.
fn said_of_pins(pins: &[[&str; 5]]) -> String {
    let pin = |[specialist, request, day, starts, ends]: &[&str; 5]| json!({"specialist": specialist, "request": request, "day": day, "starts": starts, "ends": ends});
    let mut value = small_coop();
    value["fixed"] = pins.iter().map(pin).collect();
    let faults = Instance::read(value.to_string().as_bytes()).expect_err("a refusal");
    assert!(faults.iter().all(|fault| fault.pointer == "/fixed"), "{faults:?}");
    faults.iter().map(|fault| fault.message.clone()).collect::<Vec<_>>().join("\n")
}

#[test]
fn pins_that_cannot_stand_are_refused_with_the_rule() {
    for (rule, pins) in [
        ("only_qualified_specialist", vec![["OT-01", "R1", "mon", "08:00", "09:00"]]),
        ("visit_within_availability", vec![["SLP-01", "R1", "mon", "07:00", "08:00"]]),
        ("visit_within_window", vec![["SLP-01", "R1", "mon", "14:30", "15:30"]]),
        ("visit_length", vec![["SLP-01", "R1", "mon", "08:00", "08:20"]]),
        (
            "specialist_in_one_place",
            vec![["SLP-01", "R1", "mon", "08:00", "09:00"], ["SLP-01", "R3", "mon", "08:30", "09:30"]],
        ),
        (
            "specialist_in_one_place",
            vec![["SLP-01", "R1", "mon", "08:00", "09:00"], ["SLP-01", "R2", "mon", "09:15", "10:15"]],
        ),
        (
            "request_not_exceeded",
            vec![["SLP-01", "R3", "mon", "08:00", "09:00"], ["SLP-01", "R3", "tue", "08:00", "08:30"]],
        ),
        (
            "one_visit_per_request_and_day",
            vec![["SLP-01", "R1", "mon", "08:00", "08:30"], ["SLP-01", "R1", "mon", "09:00", "09:30"]],
        ),
        ("stay_long_enough", vec![["SLP-01", "R2", "mon", "10:00", "10:30"]]),
        ("break_kept", vec![["SLP-01", "R4", "mon", "09:00", "14:15"]]),
    ] {
        let said = said_of_pins(&pins);
        assert!(said.contains(rule), "{rule}: {said}");
    }
}

#[test]
fn nobody_works_here() {
    let mut value = small_coop();
    value["specialists"] = json!([]);
    let plan = planned(&value);
    assert!(plan.visits.is_empty() && plan.lenders.is_empty());
    assert_eq!(plan.shortfalls.len(), 4);
    assert_eq!(plan.bounds.mandated_placed_at_most, 0);
}

#[test]
fn nobody_has_time() {
    for key in ["direct_minutes_per_week_max", "direct_minutes_per_day_max"] {
        let mut value = small_coop();
        value["specialists"][0][key] = json!(0);
        assert!(planned(&value).visits.is_empty(), "{key}");
    }
    let mut value = small_coop();
    value["specialists"][0]["availability"] = json!({});
    assert!(planned(&value).visits.is_empty());
}

#[test]
fn nothing_is_asked_for() {
    let mut value = small_coop();
    value["requests"] = json!([]);
    let plan = planned(&value);
    assert!(plan.visits.is_empty() && plan.shortfalls.is_empty());
    for list in ["members", "sites", "specialists"] {
        value[list] = json!([]);
    }
    value["travel"] = json!({"sites": [], "minutes": []});
    assert!(planned(&value).visits.is_empty());
}

#[test]
fn one_request_of_five_thousand_minutes() {
    let mut value = small_coop();
    value["unit_minutes"] = json!(10);
    value["specialists"][0]["direct_minutes_per_week_max"] = json!(5_000);
    value["specialists"][0]["direct_minutes_per_day_max"] = json!(1_000);
    value["specialists"][0]["break_minutes"] = json!(0);
    value["requests"] = json!([{
        "code": "R", "site": "A1", "discipline": "SLP", "priority": "mandated", "minutes_per_week": 5_000,
        "visits_per_week_max": 7, "visit_minutes": {"min": 10, "max": 5_000}, "windows": week(json!([["00:00", "24:00"]])),
    }]);
    let plan = planned(&value);
    // Five days of eight hours is all the specialist has.
    assert_eq!((minutes_of(&plan, "R"), plan.shortfalls[0].minutes), (2_400, 2_600));
    value["specialists"][0]["break_minutes"] = json!(30);
    let plan = planned(&value);
    assert_eq!(minutes_of(&plan, "R"), 5 * 300, "one visit a day, until the break or from then on");
}

#[test]
fn everything_happens_in_one_site() {
    let mut value = small_coop();
    value["members"] = json!([{"code": "A", "name": "A"}]);
    value["sites"] = json!([{"code": "A1", "member": "A", "name": "A1"}]);
    value["travel"] = json!({"sites": ["A1"], "minutes": [[0]]});
    value["specialists"].as_array_mut().expect("list").truncate(1);
    let mut person = value["specialists"][0].clone();
    person["lendable_minutes_per_week_max"] = json!(0);
    value["specialists"] = (0..10)
        .map(|index| {
            person["code"] = json!(format!("SLP-{index}"));
            person.clone()
        })
        .collect();
    let mut request = value["requests"][0].clone();
    value["requests"] = (0..120)
        .map(|index| {
            request["code"] = json!(format!("R{index}"));
            request["minutes_per_week"] = json!(30 + index % 4 * 15);
            request.clone()
        })
        .collect();
    let plan = planned(&value);
    // 6,000 minutes of work for 6,300 minutes asked.
    assert!(plan.totals.all.mandated.placed >= 5_800, "{:?}", plan.totals.all.mandated);
    assert_eq!(plan.totals.travel_minutes, 0);
}

#[test]
fn ten_thousand_windows() {
    let slots: Vec<Value> =
        (0..24).map(|slot| 420 + slot * 40).map(|from| json!([clock(from), clock(from + 35)])).collect();
    let mut value = small_coop();
    let mut request = value["requests"][0].clone();
    request["windows"] = week(json!(slots));
    value["requests"] = (0..60)
        .map(|index| {
            request["code"] = json!(format!("R{index}"));
            request["site"] = json!(["A1", "B1", "B2"][index % 3]);
            request.clone()
        })
        .collect();
    let plan = planned_with(&read(&value), &unexplained(WORK), false);
    assert!(plan.totals.all.mandated.placed > 300, "{:?}", plan.totals.all.mandated);
    // All of them on one day of one request are a mistake, and it is told where.
    value["requests"][0]["windows"]["mon"] = (0..10_000).map(|_| json!(["08:00", "09:00"])).collect();
    let faults = Instance::read(value.to_string().as_bytes()).expect_err("a refusal");
    assert_eq!(faults[0].pointer, "/requests/0/windows/mon");
    assert_eq!(faults.len(), 1);
}

fn clock(minutes: u32) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

#[test]
fn drives_of_nothing_and_of_a_day() {
    let generated = |drive: u32| {
        let size = SIZES.into_iter().find(|one| one.name == "tiny").expect("a size");
        let mut instance = generate(size, 80, 2);
        for (from, row) in instance.travel.minutes.iter_mut().enumerate() {
            row.iter_mut().enumerate().for_each(|(to, minutes)| *minutes = if from == to { 0 } else { drive });
        }
        instance.fixed.clear();
        instance
    };
    let near = planned_with(&generated(0), &options(WORK, 1), false);
    assert_eq!(near.totals.travel_minutes, 0);
    let far = planned_with(&generated(24 * 60), &options(WORK, 1), false);
    assert_eq!(far.totals.travel_minutes, 0, "nobody can drive for a whole day");
    assert!(far.totals.all.mandated.placed <= near.totals.all.mandated.placed);
    // A drive that is no multiple of the clock's step is rounded up to it where a visit starts.
    for drive in [1, 7, 13] {
        planned_with(&generated(drive), &options(WORK, 1), false);
    }
}

#[test]
fn visits_longer_than_any_window() {
    let mut value = small_coop();
    value["requests"][0]["visit_minutes"] = json!({"min": 300, "max": 360});
    value["requests"][0]["minutes_per_week"] = json!(600);
    value["requests"][0]["windows"] = week(json!([["08:00", "10:00"], ["10:00", "12:00"]]));
    let plan = planned(&value);
    assert_eq!(minutes_of(&plan, "R1"), 0);
    // A visit longer than what is asked for cannot be given either.
    let mut value = small_coop();
    value["requests"][0]["visit_minutes"] = json!({"min": 180, "max": 240});
    assert_eq!(minutes_of(&planned(&value), "R1"), 0);
}

#[test]
fn stopped_before_it_began_or_without_any_work() {
    for size in ["tiny", "small", "coop"] {
        let size = SIZES.into_iter().find(|one| one.name == size).expect("a size");
        let instance = generate(size, 107, 3);
        planned_with(&instance, &options(u64::MAX / 4, 1), true);
        planned_with(&instance, &unexplained(0), false);
    }
}
