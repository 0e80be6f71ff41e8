//! Changes of an instance: each kind does what its name says, and a bad one is told with its place.

use coop_scheduler::planning::change::{apply, cents_per_week, changes_file, changes_in};
use coop_scheduler::planning::{Change, Instance};
use serde_json::{Value, json};

use super::small_coop::{read, small_coop};

fn instance() -> Instance {
    let mut value = small_coop();
    value["requests"][0]["current_specialist"] = json!("SLP-01");
    value["fixed"] = json!([
        {"specialist": "SLP-01", "request": "R1", "day": "mon", "starts": "08:00", "ends": "09:00"},
        {"specialist": "SLP-01", "request": "R2", "day": "tue", "starts": "08:00", "ends": "09:00"}]);
    read(&value)
}

fn made(changes: Value) -> Instance {
    let changes = changes_in(&changes).unwrap_or_else(|faults| panic!("{faults:?}"));
    apply(&instance(), &changes).unwrap_or_else(|faults| panic!("{faults:?}"))
}

/// The instance as JSON after the changes.
fn json_of(changes: Value) -> Value {
    serde_json::from_slice(&made(changes).canonical_bytes()).expect("its own bytes")
}

/// Pointers of the faults of a list of changes, of form or of content.
fn faults(changes: Value) -> Vec<String> {
    let found = changes_in(&changes).and_then(|changes| apply(&instance(), &changes).map(|_| ()));
    found.err().unwrap_or_default().into_iter().map(|fault| fault.pointer).collect()
}

#[test]
fn a_window_is_opened_and_joined_with_what_it_touches() {
    let open = json!({"kind": "open_window", "request": "R2", "day": "mon", "starts": "15:00", "ends": "16:00"});
    let once = json_of(json!([open]));
    assert_eq!(once["requests"][1]["windows"]["mon"], json!([["07:00", "16:00"]]));
    assert_eq!(json_of(json!([open, open])), once, "applying it twice changes nothing more");
    let apart = json!({"kind": "open_window", "request": "R2", "day": "sat", "starts": "09:00", "ends": "10:00"});
    assert_eq!(json_of(json!([apart]))["requests"][1]["windows"]["sat"], json!([["09:00", "10:00"]]));
}

#[test]
fn a_request_is_changed_added_and_removed() {
    let windows = json!({"mon": [["07:00", "09:00"]], "tue": [["08:00", "09:00"]]});
    let mut whole = small_coop()["requests"][3].clone();
    whole["code"] = json!("R9");
    let after = json_of(json!([
        {"kind": "set_windows", "request": "R2", "windows": windows},
        {"kind": "visit_length", "request": "R3", "min": 15, "max": 45},
        {"kind": "visits_per_week", "request": "R3", "max": 4},
        {"kind": "request_minutes", "request": "R3", "minutes_per_week": 90},
        {"kind": "add_request", "request": whole},
        {"kind": "remove_request", "request": "R1"}]));
    assert_eq!(after["requests"][0]["windows"], windows);
    assert_eq!(after["requests"][1]["visit_minutes"], json!({"min": 15, "max": 45}));
    assert_eq!(after["requests"][1]["visits_per_week_max"], 4);
    assert_eq!(after["requests"][1]["minutes_per_week"], 90);
    let codes: Vec<&Value> = after["requests"].as_array().expect("a list").iter().map(|one| &one["code"]).collect();
    assert_eq!(codes, ["R2", "R3", "R4", "R9"]);
    assert_eq!(after["fixed"].as_array().map(Vec::len), Some(1), "the fixed visit of R1 went with it");
}

#[test]
fn limits_of_a_specialist_are_raised_each_time() {
    let more = json!([
        {"kind": "lend_more", "specialist": "SLP-01", "minutes": 60},
        {"kind": "longer_week", "specialist": "SLP-01", "minutes": 120},
        {"kind": "longer_day", "specialist": "SLP-01", "minutes": 30},
        {"kind": "drive_further", "specialist": "SLP-01", "minutes": 10},
        {"kind": "more_sites", "specialist": "SLP-01", "sites": 1},
        {"kind": "pay", "specialist": "SLP-01", "cents_per_hour": 7000},
        {"kind": "add_qualification", "specialist": "SLP-01", "qualification": "spanish"},
        {"kind": "add_qualification", "specialist": "SLP-01", "qualification": "spanish"},
        {"kind": "add_discipline", "specialist": "SLP-01", "discipline": "OT"},
        {"kind": "longer_hours", "specialist": "SLP-01", "day": "mon", "starts": "07:30", "ends": "08:00"},
        {"kind": "lend_more", "specialist": "SLP-01", "minutes": 60}]);
    let after = &json_of(more)["specialists"][0];
    assert_eq!(after["lendable_minutes_per_week_max"], 360);
    assert_eq!(after["direct_minutes_per_week_max"], 720);
    assert_eq!(after["direct_minutes_per_day_max"], 360);
    assert_eq!(after["reach_minutes_max"], 55);
    assert_eq!(after["sites_per_day_max"], 3);
    assert_eq!(after["cost_cents_per_hour"], 7000);
    assert_eq!(after["qualifications"], json!(["spanish"]));
    assert_eq!(after["disciplines"], json!(["SLP", "OT"]));
    assert_eq!(after["availability"]["mon"], json!([["07:30", "16:00"]]));
}

#[test]
fn caps_and_supervision_are_raised_where_there_are_any() {
    let more = json!([
        {"kind": "more_sites_a_week", "specialist": "SLP-01", "sites": 1},
        {"kind": "more_requests", "specialist": "SLP-01", "requests": 2},
        {"kind": "supervise_more", "specialist": "SLP-01", "day": "mon", "starts": "15:30", "ends": "16:30"}]);
    let places = ["/changes/0/specialist", "/changes/1/specialist", "/changes/2/specialist"];
    assert_eq!(faults(more.clone()), places, "no caps, and SLP-01 supervises nobody");
    let mut value = small_coop();
    value["format"] = json!("coop-planning-instance/4");
    value["specialists"][0]["sites_per_week_max"] = json!(2);
    value["specialists"][0]["requests_max"] = json!(3);
    value["specialists"][1]["supervisors"] = json!(["SLP-01"]);
    let after = apply(&read(&value), &changes_in(&more).expect("read")).expect("sound");
    let person = &after.specialists[0];
    assert_eq!((person.sites_per_week_max, person.requests_max), (Some(3), Some(5)));
    let hours = serde_json::to_value(&person.supervision_hours).expect("value");
    assert_eq!((&hours["mon"], &hours["tue"]), (&json!([["08:00", "16:30"]]), &json!([["08:00", "16:00"]])));
    // Half of the hour was supervised before; the other half is outside of the working day, and paid.
    assert_eq!(cents_per_week(&read(&value), &changes_in(&more).expect("read")), 3_225);
}

#[test]
fn people_are_hired_with_free_codes_where_most_is_asked() {
    let hire = json!({"kind": "hire", "discipline": "SLP", "minutes_per_week": 990, "employer": "coop", "cents_per_hour": 6100});
    let named = json!({"kind": "hire", "discipline": "SLP", "minutes_per_week": 60, "qualifications": ["spanish"],
                       "employer": "agency", "cents_per_hour": 8500, "code": "A-1", "home_site": "B2"});
    let after = json_of(json!([hire, hire, named]));
    let people = &after["specialists"];
    assert_eq!((people[2]["code"].as_str(), people[3]["code"].as_str()), (Some("NEW-SLP-1"), Some("NEW-SLP-2")));
    assert_eq!(people[2]["home_site"], "A1", "A1 asks for most speech minutes");
    assert_eq!(people[2]["availability"]["fri"], json!([["07:30", "15:30"]]));
    assert_eq!(people[2]["availability"].get("sat"), None);
    assert_eq!(people[4]["employer"], json!({"kind": "agency", "name": "Agency"}));
    assert_eq!((people[4]["code"].as_str(), people[4]["home_site"].as_str()), (Some("A-1"), Some("B2")));
}

#[test]
fn people_leave_or_are_away_and_their_fixed_visits_go() {
    let gone = json_of(json!([{"kind": "remove_specialist", "specialist": "SLP-01"}]));
    assert_eq!(gone["specialists"].as_array().map(Vec::len), Some(1));
    assert_eq!((gone.get("fixed"), gone["requests"][0].get("current_specialist")), (None, None));
    let away = json!({"kind": "absence", "specialist": "SLP-01", "days": ["tue", "wed"]});
    let after = json_of(json!([away]));
    assert_eq!(after["fixed"].as_array().map(Vec::len), Some(1));
    assert_eq!(after["fixed"][0]["day"], "mon");
    assert_eq!(after["specialists"][0]["availability"].as_object().map(|days| days.len()), Some(3));
    assert_eq!(json_of(json!([away, away])), after, "away twice is away");
}

#[test]
fn a_site_is_closed_wholly_or_on_days() {
    let some = json_of(json!([{"kind": "close_site", "site": "B1", "days": ["tue"]}]));
    assert_eq!(some["requests"][1]["windows"].as_object().map(|days| days.len()), Some(4));
    assert_eq!(some["fixed"].as_array().map(Vec::len), Some(1));
    let all = json_of(json!([{"kind": "close_site", "site": "B1"}]));
    assert_eq!(all["requests"][1]["windows"], json!({}));
    assert_ne!(all["requests"][0]["windows"], json!({}));
}

#[test]
fn rates_and_rules_of_the_co_op_are_set() {
    let after = json_of(json!([
        {"kind": "mileage", "cents_per_mile": 67}, {"kind": "agency_pay", "discipline": "OT", "cents_per_hour": 6500},
        {"kind": "policy", "min_minutes_at_site": 45}]));
    let expected = json!({"travel_cents_per_mile": 67, "agency_cents_per_hour": {"OT": 6500, "SLP": 8500}, "min_minutes_at_site": 45});
    assert_eq!(after["policy"], expected);
}

#[test]
fn unknown_codes_are_told_with_their_place() {
    for (change, key) in [
        (json!({"kind": "open_window", "request": "R7", "day": "mon", "starts": "08:00", "ends": "09:00"}), "request"),
        (json!({"kind": "set_windows", "request": "R7", "windows": {}}), "request"),
        (json!({"kind": "visit_length", "request": "R7", "min": 15, "max": 30}), "request"),
        (json!({"kind": "visits_per_week", "request": "R7", "max": 3}), "request"),
        (json!({"kind": "request_minutes", "request": "R7", "minutes_per_week": 30}), "request"),
        (json!({"kind": "remove_request", "request": "R7"}), "request"),
        (json!({"kind": "lend_more", "specialist": "X", "minutes": 15}), "specialist"),
        (json!({"kind": "longer_week", "specialist": "X", "minutes": 15}), "specialist"),
        (json!({"kind": "longer_day", "specialist": "X", "minutes": 15}), "specialist"),
        (
            json!({"kind": "longer_hours", "specialist": "X", "day": "mon", "starts": "08:00", "ends": "09:00"}),
            "specialist",
        ),
        (json!({"kind": "drive_further", "specialist": "X", "minutes": 15}), "specialist"),
        (json!({"kind": "more_sites", "specialist": "X", "sites": 1}), "specialist"),
        (json!({"kind": "more_sites_a_week", "specialist": "X", "sites": 1}), "specialist"),
        (json!({"kind": "more_requests", "specialist": "X", "requests": 1}), "specialist"),
        (
            json!({"kind": "supervise_more", "specialist": "X", "day": "mon", "starts": "08:00", "ends": "09:00"}),
            "specialist",
        ),
        (json!({"kind": "add_qualification", "specialist": "X", "qualification": "asl"}), "specialist"),
        (json!({"kind": "add_discipline", "specialist": "X", "discipline": "OT"}), "specialist"),
        (json!({"kind": "remove_specialist", "specialist": "X"}), "specialist"),
        (json!({"kind": "absence", "specialist": "X", "days": ["mon"]}), "specialist"),
        (json!({"kind": "pay", "specialist": "X", "cents_per_hour": 1}), "specialist"),
        (json!({"kind": "close_site", "site": "X"}), "site"),
        (
            json!({"kind": "hire", "discipline": "PT", "minutes_per_week": 60, "employer": "coop", "cents_per_hour": 1}),
            "discipline",
        ),
        (
            json!({"kind": "hire", "discipline": "SLP", "minutes_per_week": 60, "employer": "coop", "cents_per_hour": 1,
                "home_site": "X"}),
            "home_site",
        ),
    ] {
        let none = json!({"kind": "mileage", "cents_per_mile": 70});
        assert_eq!(faults(json!([none, change])), [format!("/changes/1/{key}")], "{change}");
    }
    let taken_away = json!({"kind": "remove_request", "request": "R4"});
    assert_eq!(faults(json!([taken_away, taken_away])), ["/changes/1/request"]);
}

#[test]
fn numbers_out_of_bounds_are_told_with_their_place() {
    let huge = u32::MAX;
    let mut person = small_coop()["specialists"][1].clone();
    person["code"] = json!("OT-02");
    person["cost_cents_per_hour"] = json!(-1);
    for (change, place) in [
        (json!({"kind": "visit_length", "request": "R1", "min": 15, "max": huge}), "/max"),
        (json!({"kind": "visits_per_week", "request": "R1", "max": 8}), "/max"),
        (json!({"kind": "visits_per_week", "request": "R1", "max": 0}), "/max"),
        (json!({"kind": "request_minutes", "request": "R1", "minutes_per_week": huge}), "/minutes_per_week"),
        (json!({"kind": "lend_more", "specialist": "SLP-01", "minutes": huge}), "/minutes"),
        (json!({"kind": "longer_week", "specialist": "SLP-01", "minutes": huge}), "/minutes"),
        (json!({"kind": "longer_day", "specialist": "SLP-01", "minutes": huge}), "/minutes"),
        (json!({"kind": "drive_further", "specialist": "SLP-01", "minutes": huge}), "/minutes"),
        (json!({"kind": "more_sites", "specialist": "SLP-01", "sites": huge}), "/sites"),
        (json!({"kind": "pay", "specialist": "SLP-01", "cents_per_hour": i64::MAX}), "/cents_per_hour"),
        (json!({"kind": "mileage", "cents_per_mile": i64::MAX}), "/cents_per_mile"),
        (json!({"kind": "agency_pay", "discipline": "SLP", "cents_per_hour": -1}), "/cents_per_hour"),
        (json!({"kind": "policy", "min_minutes_at_site": huge}), "/min_minutes_at_site"),
        (json!({"kind": "add_specialist", "specialist": person}), "/specialist/cost_cents_per_hour"),
        (
            json!({"kind": "hire", "discipline": "SLP", "minutes_per_week": huge, "employer": "coop", "cents_per_hour": 1}),
            "/minutes_per_week",
        ),
        (
            json!({"kind": "hire", "discipline": "SLP", "minutes_per_week": 0, "employer": "coop", "cents_per_hour": 1}),
            "/minutes_per_week",
        ),
        (json!({"kind": "lend_more", "specialist": "SLP-01", "minutes": 1e20}), "/minutes"),
    ] {
        assert_eq!(faults(json!([change])), [format!("/changes/0{place}")], "{change}");
    }
}

#[test]
fn faults_of_form_are_told_all_at_once() {
    let found = faults(json!([
        {"kind": "open_window", "request": 7, "day": "noday", "starts": "08:00", "ends": "08:01"},
        {"kind": "teleport", "specialist": "SLP-01"}, {"kind": "absence", "specialist": "SLP-01", "days": ["mon"], "why": "x"},
        {"kind": "policy", "colour": "red"}, 5]));
    for place in [
        "/changes/0/request",
        "/changes/0/day",
        "/changes/0/ends",
        "/changes/1/kind",
        "/changes/2/why",
        "/changes/3/colour",
        "/changes/4",
    ] {
        assert!(found.contains(&place.to_string()), "{place} is not in {found:?}");
    }
    assert_eq!(
        faults(json!([{"kind": "open_window", "request": "R1", "day": "mon", "starts": "09:00", "ends": "08:00"}])),
        ["/changes/0/ends"]
    );
    assert!(changes_file(br#"{"changes": [], "name": "x"}"#).is_err());
    assert_eq!(changes_file(br#"{"changes": []}"#), Ok(Vec::new()));
}

#[test]
fn limits_that_do_not_exist_and_fixed_visits_in_the_way_are_told() {
    for kind in ["longer_day", "lend_more", "drive_further"] {
        assert_eq!(faults(json!([{"kind": kind, "specialist": "OT-01", "minutes": 15}])), ["/changes/0/specialist"]);
    }
    let instance = instance();
    let shut = changes_in(&json!([{"kind": "set_windows", "request": "R1", "windows": {}}])).expect("read");
    let told = apply(&instance, &shut).expect_err("the fixed visit needs a window");
    assert_eq!(told[0].pointer, "/changes/0");
    assert!(told[0].message.contains("visit_within_window"), "{told:?}");
}

#[test]
fn costs_of_a_week_are_those_of_the_people() {
    let cents = |changes: Value| cents_per_week(&instance(), &changes_in(&changes).expect("read"));
    let hire = json!({"kind": "hire", "discipline": "SLP", "minutes_per_week": 990, "employer": "coop", "cents_per_hour": 6100});
    assert_eq!(cents(json!([hire])), 100_650);
    assert_eq!(cents(json!([{"kind": "longer_week", "specialist": "SLP-01", "minutes": 120}])), 12_900);
    assert_eq!(cents(json!([{"kind": "remove_specialist", "specialist": "SLP-01"}])), -64_500);
    assert_eq!(cents(json!([{"kind": "pay", "specialist": "SLP-01", "cents_per_hour": 6510}])), 600);
    let open = json!({"kind": "open_window", "request": "R1", "day": "sat", "starts": "08:00", "ends": "09:00"});
    assert_eq!(cents(json!([open, {"kind": "lend_more", "specialist": "SLP-01", "minutes": 60}])), 0);
    assert_eq!(cents(json!([{"kind": "visits_per_week", "request": "R1", "max": 5}])), 0);
}

#[test]
fn every_change_is_told_in_plain_words_and_survives_a_round_trip() {
    let request = small_coop()["requests"][3].clone();
    let person = small_coop()["specialists"][1].clone();
    let list = json!([
        {"kind": "open_window", "request": "R2", "day": "tue", "starts": "07:30", "ends": "09:00"},
        {"kind": "set_windows", "request": "R2", "windows": {"mon": [["08:00", "09:00"]]}},
        {"kind": "visit_length", "request": "R2", "min": 15, "max": 30},
        {"kind": "request_minutes", "request": "R2", "minutes_per_week": 90},
        {"kind": "add_request", "request": request}, {"kind": "remove_request", "request": "R2"},
        {"kind": "lend_more", "specialist": "SLP-01", "minutes": 60},
        {"kind": "longer_week", "specialist": "SLP-01", "minutes": 60},
        {"kind": "longer_day", "specialist": "SLP-01", "minutes": 60},
        {"kind": "longer_hours", "specialist": "SLP-01", "day": "mon", "starts": "07:30", "ends": "08:00"},
        {"kind": "drive_further", "specialist": "SLP-01", "minutes": 5},
        {"kind": "more_sites", "specialist": "SLP-01", "sites": 1},
        {"kind": "add_qualification", "specialist": "SLP-01", "qualification": "spanish"},
        {"kind": "add_discipline", "specialist": "SLP-01", "discipline": "OT"},
        {"kind": "add_specialist", "specialist": person},
        {"kind": "hire", "discipline": "SLP", "minutes_per_week": 990, "employer": "coop", "cents_per_hour": 6100},
        {"kind": "remove_specialist", "specialist": "SLP-01"},
        {"kind": "absence", "specialist": "SLP-01", "days": ["mon", "tue"]},
        {"kind": "close_site", "site": "B1", "days": ["mon"]},
        {"kind": "pay", "specialist": "SLP-01", "cents_per_hour": 7000}, {"kind": "mileage", "cents_per_mile": 67},
        {"kind": "agency_pay", "discipline": "OT", "cents_per_hour": 6500}, {"kind": "policy", "min_minutes_at_site": 45},
        {"kind": "visits_per_week", "request": "R2", "max": 4}, {"kind": "visits_per_week", "request": "R2", "max": 1},
        {"kind": "more_sites_a_week", "specialist": "SLP-01", "sites": 1},
        {"kind": "more_requests", "specialist": "SLP-01", "requests": 2},
        {"kind": "supervise_more", "specialist": "SLP-01", "day": "mon", "starts": "15:30", "ends": "16:30"}]);
    let changes: Vec<Change> = changes_in(&list).expect("read");
    assert_eq!(serde_json::to_value(&changes).expect("value"), list);
    let instance = instance();
    let told: Vec<String> = changes.iter().map(|change| change.sentence(&instance)).collect();
    assert_eq!(told[0], "Open Tuesday 07:30-09:00 at School B1 for R2");
    assert_eq!(told[15], "Hire 990 minutes of SLP a week at $61.00 an hour");
    assert_eq!(told[17], "SLP-01 is away on Monday and Tuesday");
    assert_eq!(told[23], "Allow 4 visits a week for R2 at School B1");
    assert_eq!(told[24], "Allow 1 visit a week for R2 at School B1");
    assert_eq!(told[25], "Let SLP-01 go to 1 more site in the week");
    assert_eq!(told[26], "Let SLP-01 serve 2 more requests");
    assert_eq!(told[27], "30 more minutes of supervision by SLP-01, Monday 15:30-16:30");
    assert!(told.iter().all(|sentence| !sentence.contains('_') && !sentence.ends_with('.')), "{told:?}");
    for (change, entry) in changes.iter().zip(list.as_array().expect("a list")) {
        assert_eq!(entry["kind"], change.kind());
    }
}
