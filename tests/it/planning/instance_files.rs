//! Instance and plan files are read strictly, and every fault is told with its place.

use coop_scheduler::planning::instance::{Fairness, StayPreference};
use coop_scheduler::planning::plan_document::{Cause, CauseKind, Remedy, TradeOff};
use coop_scheduler::planning::{Change, Instance, PlanDocument};
use serde_json::{Value, json};

use super::small_coop::{plan_of, read, small_coop, visit};

fn pointers(value: &Value) -> Vec<String> {
    let faults = Instance::read(value.to_string().as_bytes()).err().unwrap_or_default();
    faults.into_iter().map(|fault| fault.pointer).collect()
}

fn changed(change: impl Fn(&mut Value)) -> Vec<String> {
    let mut value = small_coop();
    change(&mut value);
    pointers(&value)
}

#[test]
fn a_sound_instance_survives_a_round_trip() {
    let instance = read(&small_coop());
    let again = Instance::read(&instance.canonical_bytes()).expect("its own bytes");
    assert_eq!(instance, again);
    assert_eq!(instance.sha256(), again.sha256());
    assert_eq!(instance.sha256().len(), 64);
}

#[test]
fn instances_without_newer_keys_keep_their_bytes() {
    // Taken with another program from the same data.
    let known = "909c13f92cdb3acf5a507a9ff37cc5f0228ab4e230136720c8b69a1672939353";
    assert_eq!(read(&small_coop()).sha256(), known);
    let mut defaults = small_coop();
    defaults["format"] = json!("coop-planning-instance/2");
    let bare = read(&defaults);
    defaults["policy"]["fairness"] = json!("worst_served_first");
    defaults["policy"]["person_member_share_max_percent"] = json!(100);
    defaults["policy"]["stay_preference"] = json!("any");
    defaults["specialists"][0]["evaluation_block_minutes"] = json!(0);
    defaults["specialists"][0]["supervisors"] = json!([]);
    assert_eq!(read(&defaults).canonical_bytes(), bare.canonical_bytes());
    assert_eq!(bare.format_needed(), "coop-planning-instance/1");
}

/// Every key of the second format, with a value that is not the default.
fn with_newer_keys(value: &mut Value) {
    value["policy"]["fairness"] = json!("most_minutes");
    value["policy"]["person_member_share_max_percent"] = json!(80);
    value["policy"]["stay_preference"] = json!("half_day");
    value["specialists"][0]["supervisors"] = json!(["OT-01"]);
    value["specialists"][1]["stay_preference"] = json!("whole_day");
    value["specialists"][1]["evaluation_block_minutes"] = json!(90);
    value["specialists"][1]["supervision_hours"] = json!({"mon": [["08:00", "12:00"]]});
}

#[test]
fn newer_keys_survive_a_round_trip() {
    let mut value = small_coop();
    value["format"] = json!("coop-planning-instance/2");
    with_newer_keys(&mut value);
    let instance = read(&value);
    assert_eq!(instance.policy.fairness, Fairness::MostMinutes);
    assert_eq!(instance.specialists[1].stay_preference, Some(StayPreference::WholeDay));
    assert!(instance.specialists[0].is_assistant() && !instance.specialists[1].is_assistant());
    assert_eq!(Instance::read(&instance.canonical_bytes()).expect("its own bytes"), instance);
    assert_eq!(instance.format_needed(), "coop-planning-instance/2");
}

#[test]
fn newer_keys_are_refused_in_the_first_format() {
    let mut value = small_coop();
    with_newer_keys(&mut value);
    let faults = Instance::read(value.to_string().as_bytes()).expect_err("refused");
    let mut places: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
    places.sort_unstable();
    let keys = [
        "/policy/fairness",
        "/policy/person_member_share_max_percent",
        "/policy/stay_preference",
        "/specialists/0/supervisors",
        "/specialists/1/evaluation_block_minutes",
        "/specialists/1/stay_preference",
        "/specialists/1/supervision_hours",
    ];
    assert_eq!(places, keys);
    assert!(faults.iter().all(|fault| fault.message == "this key needs \"format\": \"coop-planning-instance/2\""));
}

#[test]
fn every_bad_value_of_a_newer_key_is_told() {
    let second = |change: &dyn Fn(&mut Value)| {
        changed(|value| {
            value["format"] = json!("coop-planning-instance/2");
            change(value);
        })
    };
    let form = second(&|value| {
        value["policy"]["fairness"] = json!("fair");
        value["policy"]["stay_preference"] = json!(1);
        value["specialists"][0]["stay_preference"] = json!("long");
        value["specialists"][0]["supervisors"] = json!(["OT-01", 7]);
        value["specialists"][1]["supervision_hours"] = json!({"noday": []});
    });
    let places = [
        "/specialists/0/stay_preference",
        "/specialists/0/supervisors/1",
        "/specialists/1/supervision_hours/noday",
        "/policy/fairness",
        "/policy/stay_preference",
    ];
    assert_eq!(form, places);
    for percent in [0, 101] {
        let change = |value: &mut Value| value["policy"]["person_member_share_max_percent"] = json!(percent);
        assert_eq!(second(&change), ["/policy/person_member_share_max_percent"]);
    }
    for minutes in [7, 605] {
        let change = |value: &mut Value| value["specialists"][0]["evaluation_block_minutes"] = json!(minutes);
        assert_eq!(second(&change), ["/specialists/0/evaluation_block_minutes"]);
    }
    let named = |supervisors: Value| second(&move |value| value["specialists"][0]["supervisors"] = supervisors.clone());
    assert_eq!(named(json!(["OT-01", "OT-77"])), ["/specialists/0/supervisors/1"]);
    assert_eq!(named(json!(["OT-01", "OT-01"])), ["/specialists/0/supervisors/1"]);
    assert_eq!(named(json!(["SLP-01"])), ["/specialists/0/supervisors/0"]);
    let circle = |value: &mut Value| {
        value["specialists"][0]["supervisors"] = json!(["OT-01"]);
        value["specialists"][1]["supervisors"] = json!(["SLP-01"]);
    };
    assert_eq!(second(&circle), ["/specialists/0/supervisors/0", "/specialists/1/supervisors/0"]);
    assert_eq!(second(&|value| value["format"] = json!("coop-planning-instance/5")), ["/format"]);
}

#[test]
fn every_fault_of_form_is_told() {
    let found = changed(|value| {
        value["colour"] = json!(1);
        value["members"][0]["code"] = json!(7);
        value["specialists"][0]["direct_minutes_per_week_max"] = json!(-1);
        value["requests"][1]["windows"]["mon"][0] = json!(["09:00", "08:00"]);
        value["requests"][2]["windows"]["noday"] = json!([]);
        value["requests"][2]["priority"] = json!("urgent");
        value["requests"][3].as_object_mut().expect("object").remove("minutes_per_week");
    });
    for place in [
        "/colour",
        "/members/0/code",
        "/specialists/0/direct_minutes_per_week_max",
        "/requests/1/windows/mon/0",
        "/requests/2/windows/noday",
        "/requests/2/priority",
        "/requests/3",
    ] {
        assert!(found.contains(&place.to_string()), "{place} is not in {found:?}");
    }
}

#[test]
fn every_fault_of_content_is_told() {
    let found = changed(|value| {
        value["unit_minutes"] = json!(7);
        value["sites"][1]["code"] = json!("A1");
        value["sites"][2]["member"] = json!("Z");
        value["specialists"][0]["home_site"] = json!("nowhere");
        value["requests"][0]["visit_minutes"] = json!({"min": 60, "max": 35});
        value["requests"][1]["current_specialist"] = json!("SLP-77");
        value["travel"]["minutes"][0] = json!([0, 20]);
    });
    for place in [
        "/unit_minutes",
        "/sites/1/code",
        "/sites/2/member",
        "/specialists/0/home_site",
        "/requests/0/visit_minutes",
        "/requests/1/current_specialist",
        "/travel/minutes/0",
    ] {
        assert!(found.contains(&place.to_string()), "{place} is not in {found:?}");
    }
}

#[test]
fn hours_must_be_in_order_and_apart() {
    for hours in [json!([["10:00", "11:00"], ["08:00", "09:00"]]), json!([["08:00", "10:00"], ["09:30", "11:00"]])] {
        assert_eq!(
            changed(|value| value["requests"][0]["windows"]["mon"] = hours.clone()),
            ["/requests/0/windows/mon"]
        );
    }
}

#[test]
fn a_request_that_fits_no_window_is_legal() {
    let found = changed(|value| value["requests"][0]["windows"] = json!({"mon": [["08:00", "08:15"]]}));
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn fixed_visits_that_break_a_rule_are_refused_by_name() {
    let mut value = small_coop();
    value["fixed"] =
        json!([{"specialist": "OT-01", "request": "R1", "day": "tue", "starts": "08:00", "ends": "09:30"}]);
    let faults = Instance::read(value.to_string().as_bytes()).expect_err("refused");
    let told: String = faults.iter().map(|fault| format!("{fault}\n")).collect();
    assert!(told.contains("only_qualified_specialist") && told.contains("visit_length"), "{told}");
}

#[test]
fn junk_is_a_fault_and_not_a_crash() {
    let deep = "[".repeat(100_000);
    let half = small_coop().to_string();
    for bytes in [deep.as_bytes(), b"\xff\xfe\x00", b"", b"null", b"[]", &half.as_bytes()[..half.len() / 2]] {
        assert!(Instance::read(bytes).is_err());
        assert!(PlanDocument::read(bytes).is_err());
    }
}

#[test]
fn a_plan_survives_a_round_trip_and_unknown_keys_do_not() {
    let instance = read(&small_coop());
    let plan = plan_of(&instance, vec![visit("SLP-01 R1 A1 mon 08:00 09:00")]);
    let bytes = serde_json::to_vec(&plan).expect("bytes");
    assert_eq!(PlanDocument::read(&bytes).expect("its own bytes"), plan);
    let mut value: Value = serde_json::from_slice(&bytes).expect("value");
    value["visits"][0]["room"] = json!("12");
    value["totals"]["mood"] = json!("good");
    let faults = PlanDocument::read(value.to_string().as_bytes()).expect_err("refused");
    let places: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(places, ["/visits/0", "/totals/mood"]);
}

#[test]
fn everything_a_plan_may_tell_survives_a_round_trip() {
    let instance = read(&small_coop());
    let mut plan = plan_of(&instance, vec![visit("SLP-01 R1 A1 mon 08:00 09:00")]);
    plan.bounds.worst_share_at_most_basis_points = Some(9_876);
    plan.run.work = Some(123);
    plan.trade_offs =
        vec![TradeOff { minutes_per_moved_visit: 5, mandated_minutes: 60, visits_moved: 1, people_touched: 1 }];
    plan.shortfalls[0].causes = vec![Cause {
        cause: CauseKind::NoWindowOverlaps,
        minutes: 60,
        rules: vec!["visit_within_window".to_string()],
        sentence: "Free hours never meet a window.".to_string(),
    }];
    plan.shortfalls[0].remedies = vec![Remedy {
        change: "Allow SLP-01 60 more minutes a week.".to_string(),
        minutes_gained: 60,
        mandated_minutes_gained: 45,
        minutes_gained_for_request: 30,
        cents_per_week: 6_450,
        visits_moved: 2,
        apply: vec![Change::LongerWeek { specialist: "SLP-01".to_string(), minutes: 60 }],
    }];
    let bytes = serde_json::to_vec(&plan).expect("bytes");
    assert_eq!(PlanDocument::read(&bytes).expect("its own bytes"), plan);
    // A plan of the first version has none of it.
    let mut value: Value = serde_json::from_slice(&bytes).expect("value");
    value["shortfalls"][0]["remedies"][0] = json!({"change": "x", "minutes_gained": 15});
    let older = PlanDocument::read(value.to_string().as_bytes()).expect("an older plan");
    assert_eq!(older.shortfalls[0].remedies[0].apply, []);
    value["shortfalls"][0]["causes"][0]["cause"] = json!("bad_luck");
    value["shortfalls"][0]["remedies"][0]["apply"] = json!([{"kind": "longer_week", "specialist": "SLP-01"}]);
    value["trade_offs"][0]["mood"] = json!("good");
    let faults = PlanDocument::read(value.to_string().as_bytes()).expect_err("refused");
    let places: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(places, ["/shortfalls/0/causes/0/cause", "/shortfalls/0/remedies/0/apply/0", "/trade_offs/0"]);
}

/// Every key of the third format.
fn with_third_keys(value: &mut Value) {
    value["effective_from"] = json!("2027-01-04");
    value["specialists"][0]["credentials_until"] = json!({"SLP": "2027-03-01"});
}

#[test]
fn keys_of_the_third_format_survive_a_round_trip_and_are_refused_in_older_ones() {
    let mut value = small_coop();
    value["format"] = json!("coop-planning-instance/3");
    with_newer_keys(&mut value);
    with_third_keys(&mut value);
    let instance = read(&value);
    assert_eq!(Instance::read(&instance.canonical_bytes()).expect("its own bytes"), instance);
    assert_eq!(instance.format_needed(), "coop-planning-instance/3");
    for older in ["coop-planning-instance/1", "coop-planning-instance/2"] {
        let mut value = small_coop();
        value["format"] = json!(older);
        with_third_keys(&mut value);
        let faults = Instance::read(value.to_string().as_bytes()).expect_err("refused");
        let places: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(places, ["/effective_from", "/specialists/0/credentials_until"]);
        assert!(faults.iter().all(|fault| fault.message == "this key needs \"format\": \"coop-planning-instance/3\""));
    }
}

#[test]
fn every_bad_value_of_a_key_of_the_third_format_is_told() {
    let third = |change: &dyn Fn(&mut Value)| {
        changed(|value| {
            value["format"] = json!("coop-planning-instance/3");
            with_third_keys(value);
            change(value);
        })
    };
    assert!(third(&|_| {}).is_empty());
    assert_eq!(third(&|value| value["effective_from"] = json!("4 January")), ["/effective_from"]);
    let until = |ends: Value| third(&move |value| value["specialists"][0]["credentials_until"] = ends.clone());
    assert_eq!(until(json!({"SLP": "soon"})), ["/specialists/0/credentials_until/SLP"]);
    assert_eq!(until(json!({"OT": "2027-03-01"})), ["/specialists/0/credentials_until/OT"]);
    assert_eq!(until(json!([])), ["/specialists/0/credentials_until"]);
    let without_day = third(&|value| drop(value.as_object_mut().expect("an object").remove("effective_from")));
    assert_eq!(without_day, ["/effective_from"]);
}

#[test]
fn keys_of_the_fourth_format_survive_a_round_trip_and_are_refused_in_older_ones() {
    let capped = |format: &str| {
        let mut value = small_coop();
        value["format"] = json!(format);
        value["specialists"][0]["sites_per_week_max"] = json!(2);
        value["specialists"][0]["requests_max"] = json!(40);
        value
    };
    let instance = read(&capped("coop-planning-instance/4"));
    assert_eq!(Instance::read(&instance.canonical_bytes()).expect("its own bytes"), instance);
    assert_eq!(instance.format_needed(), "coop-planning-instance/4");
    for older in ["coop-planning-instance/1", "coop-planning-instance/2", "coop-planning-instance/3"] {
        assert_eq!(
            pointers(&capped(older)),
            ["/specialists/0/sites_per_week_max", "/specialists/0/requests_max"],
            "{older}"
        );
    }
    for key in ["sites_per_week_max", "requests_max"] {
        for bad in [json!(0), json!(-1), json!("two")] {
            let mut value = capped("coop-planning-instance/4");
            value["specialists"][0][key] = bad;
            assert_eq!(pointers(&value), [format!("/specialists/0/{key}")]);
        }
    }
}
