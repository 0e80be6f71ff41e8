//! A shortfall says why, and its remedies really help.

use coop_scheduler::planning::plan_document::Shortfall;
use serde_json::{Value, json};

use super::small_coop::{minutes_of, quick, read, small_coop};

/// The small co-op with one request, after a change.
fn shortfall(change: impl Fn(&mut Value)) -> Shortfall {
    let mut value = small_coop();
    value["requests"] = json!([value["requests"][1].clone()]);
    change(&mut value);
    let plan = quick(&read(&value), 1_000_000, 1);
    plan.shortfalls.first().cloned().unwrap_or_else(|| panic!("no shortfall"))
}

/// The rule that is named first, words of the sentence, and the change that brings it about.
type Case<'a> = (&'a str, &'a str, &'a dyn Fn(&mut Value));

#[test]
fn the_first_obstacle_is_named() {
    let cases: [Case; 9] = [
        ("only_qualified_specialist", "Nobody on the staff is qualified for PT.", &|value| {
            value["requests"][0]["discipline"] = json!("PT");
        }),
        (
            "credential_valid",
            "Nobody has a valid credential for SLP on 2027-01-04, when the plan begins: SLP-01",
            &|value| {
                value["format"] = json!("coop-planning-instance/3");
                value["effective_from"] = json!("2027-01-04");
                value["specialists"][0]["credentials_until"] = json!({"SLP": "2026-12-01"});
            },
        ),
        ("site_within_reach", "the nearest is SLP-01, 20 minutes away with a limit of 10", &|value| {
            value["specialists"][0]["reach_minutes_max"] = json!(10);
        }),
        ("visit_within_window", "No time that the school is open to visits holds", &|value| {
            value["requests"][0]["windows"] = json!({"mon": [["08:00", "08:15"]]});
        }),
        ("visit_within_window", "No working hours of SLP-01 meet a time", &|value| {
            value["requests"][0]["windows"] = json!({"sat": [["08:00", "12:00"]]});
        }),
        ("one_visit_per_request_and_day", "The request has room for one visit a week of 30 to 60 minutes", &|value| {
            value["requests"][0]["windows"] = json!({"mon": [["08:00", "12:00"]]});
        }),
        (
            "specialist_week_within_contract",
            "Only one person can give this, SLP-01, and every contracted minute",
            &|value| {
                value["specialists"][0]["direct_minutes_per_week_max"] = json!(60);
            },
        ),
        ("lendable_within_limit", "the limit on what may be given to other districts", &|value| {
            value["specialists"][0]["lendable_minutes_per_week_max"] = json!(60);
        }),
        ("stay_long_enough", "SLP-01 could come, but a stay", &|value| {
            value["policy"]["min_minutes_at_site"] = json!(90);
        }),
    ];
    for (rule, words, change) in cases {
        let shortfall = shortfall(change);
        assert_eq!(shortfall.binding.first().map(String::as_str), Some(rule), "{}", shortfall.reason);
        assert!(shortfall.reason.contains(words), "{}", shortfall.reason);
    }
}

#[test]
fn a_remedy_does_what_it_promises() {
    let limit = |minutes: u32| {
        move |value: &mut Value| {
            value["specialists"][0]["direct_minutes_per_week_max"] = json!(minutes);
        }
    };
    let told = shortfall(limit(60));
    let remedy = told.remedies.iter().find(|remedy| remedy.change == "Extend SLP-01's week by 60 minutes");
    assert_eq!(remedy.map(|remedy| remedy.minutes_gained), Some(60), "{:?}", told.remedies);
    let mut value = small_coop();
    value["requests"] = json!([value["requests"][1].clone()]);
    limit(120)(&mut value);
    assert_eq!(minutes_of(&quick(&read(&value), 1_000_000, 1), "R2"), 120);
}

#[test]
fn a_window_that_would_help_is_found_and_nothing_is_invented() {
    let told = shortfall(|value| value["requests"][0]["windows"] = json!({"sat": [["08:00", "12:00"]]}));
    assert!(told.remedies.iter().any(|remedy| remedy.change.starts_with("Open Monday 08:00-09:00")), "{told:?}");
    let told = shortfall(|value| value["requests"][0]["discipline"] = json!("PT"));
    assert!(told.remedies.is_empty());
}
