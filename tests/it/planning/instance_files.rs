//! Instance and plan files are read strictly, and every fault is told with its place.

use coop_scheduler::planning::{Instance, PlanDocument};
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
