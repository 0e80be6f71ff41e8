//! A shortfall says why, and its remedies really help.

use coop_scheduler::planning::plan_document::Shortfall;
use coop_scheduler::planning::{Instance, replan_around, verify};
use serde_json::{Value, json};

use super::small_coop::{minutes_of, plan_of, quick, read, small_coop};

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

/// SLP-01 is to stay at A1 for another request and may serve no more.
fn capped(value: &mut Value) {
    value["format"] = json!("coop-planning-instance/4");
    value["specialists"][0]["requests_max"] = json!(1);
    let mut other = small_coop()["requests"][2].clone();
    other["visits_per_week_max"] = json!(1);
    value["requests"].as_array_mut().expect("a list").push(other);
    value["fixed"] =
        json!([{"specialist": "SLP-01", "request": "R3", "day": "mon", "starts": "08:00", "ends": "09:00"}]);
}

/// SLP-01 is an assistant of the OT, who supervises on Monday morning only: for one visit of the two.
fn hardly_supervised(value: &mut Value) {
    value["format"] = json!("coop-planning-instance/2");
    value["specialists"][0]["supervisors"] = json!(["OT-01"]);
    value["specialists"][1]["supervision_hours"] = json!({"mon": [["08:00", "09:30"]]});
}

/// The first remedy of the only shortfall gains what it says: planned again around it, and from nothing.
fn assert_first_remedy_holds(change: impl Fn(&mut Value)) -> (Shortfall, Instance) {
    let mut value = small_coop();
    value["requests"] = json!([value["requests"][1].clone()]);
    change(&mut value);
    let instance = read(&value);
    let plan = quick(&instance, 1_000_000, 1);
    let shortfall = plan.shortfalls[0].clone();
    let costs: Vec<i64> = shortfall.remedies.iter().map(|remedy| remedy.cents_per_week).collect();
    assert!(costs.is_sorted(), "cheapest first: {costs:?}");
    let remedy = shortfall.remedies.first().unwrap_or_else(|| panic!("no remedy: {shortfall:?}"));
    let found = replan_around(&instance, &plan, &shortfall.request, &remedy.apply).expect("it can be made");
    let before: u32 = plan.visits.iter().map(|visit| visit.minutes()).sum();
    let after: u32 = found.visits.iter().map(|visit| visit.minutes()).sum();
    assert_eq!(after - before, remedy.minutes_gained, "{remedy:?}");
    verify(&found.instance, &plan_of(&found.instance, found.visits.clone())).expect("all rules hold");
    let anew = quick(&found.instance, 1_000_000, 1);
    assert!(minutes_of(&anew, &shortfall.request) >= minutes_of(&plan, &shortfall.request) + remedy.minutes_gained);
    (shortfall, found.instance)
}

#[test]
fn more_supervision_is_offered_with_what_it_gains_and_costs() {
    let (shortfall, changed) = assert_first_remedy_holds(hardly_supervised);
    assert_eq!(shortfall.binding[0], "assistant_supervised", "{shortfall:?}");
    let remedy = &shortfall.remedies[0];
    assert_eq!(
        remedy.change, "60 more minutes of supervision by OT-01, Tuesday 08:00-09:00",
        "{:?}",
        shortfall.remedies
    );
    assert_eq!((remedy.minutes_gained, remedy.cents_per_week), (60, 0));
    assert_eq!(changed.specialists[1].supervision_hours.as_ref().expect("hours").days().count(), 2);
    // Outside of the supervisor's own hours it is paid.
    let (paid, _) = assert_first_remedy_holds(|value| {
        hardly_supervised(value);
        value["specialists"][1]["availability"] = json!({"mon": [["08:00", "16:00"]]});
        value["requests"][0]["windows"] = json!({"mon": [["08:00", "09:30"]], "tue": [["09:00", "11:00"]]});
    });
    assert_eq!(paid.remedies[0].change, "60 more minutes of supervision by OT-01, Tuesday 09:00-10:00");
    assert_eq!(paid.remedies[0].cents_per_week, 6_100);
}

#[test]
fn an_assistant_whom_nobody_supervises_at_all_is_offered_supervision_too() {
    let (shortfall, _) = assert_first_remedy_holds(|value| {
        hardly_supervised(value);
        value["specialists"][1]["supervision_hours"] = json!({"sat": [["08:00", "09:30"]]});
    });
    assert!(shortfall.reason.starts_with("Only assistants could come (SLP-01)"), "{shortfall:?}");
    assert!(shortfall.remedies[0].change.contains("more minutes of supervision by OT-01"), "{shortfall:?}");
}

#[test]
fn a_cap_can_be_raised_by_one_and_that_helps() {
    let (shortfall, _) = assert_first_remedy_holds(capped);
    assert_eq!(shortfall.causes[0].minutes, 120);
    let changes: Vec<&str> = shortfall.remedies.iter().map(|remedy| remedy.change.as_str()).collect();
    assert_eq!(changes[0], "Let SLP-01 serve 1 more request", "{changes:?}");
    let (shortfall, _) = assert_first_remedy_holds(|value| {
        capped(value);
        value["specialists"][0]["requests_max"] = json!(2);
        value["specialists"][0]["sites_per_week_max"] = json!(1);
    });
    assert_eq!(shortfall.remedies[0].change, "Let SLP-01 go to 1 more site in the week");
}

#[test]
fn the_first_obstacle_is_named() {
    let cases: [Case; 11] = [
        ("only_qualified_specialist", "Nobody on the staff is qualified for PT.", &|value| {
            value["requests"][0]["discipline"] = json!("PT");
        }),
        (
            "credential_valid",
            "Nobody has a valid credential for SLP on 2027-01-04, when the plan begins. One person would need a renewal",
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
        (
            "requests_within_cap",
            "Hours of SLP-01 are left, but as many requests as allowed are served already.",
            &capped,
        ),
        ("sites_within_cap", "Hours of SLP-01 are left, but the week already has as many schools", &|value| {
            capped(value);
            value["specialists"][0]["requests_max"] = json!(2);
            value["specialists"][0]["sites_per_week_max"] = json!(1);
        }),
        ("stay_long_enough", "SLP-01 could come, but a stay", &|value| {
            value["policy"]["min_minutes_at_site"] = json!(90);
        }),
    ];
    for (rule, words, change) in cases {
        let shortfall = shortfall(change);
        assert_eq!(shortfall.binding.first().map(String::as_str), Some(rule), "{}", shortfall.reason);
        assert!(shortfall.reason.contains(words), "{}", shortfall.reason);
        if rule == "requests_within_cap" {
            let changes: Vec<&str> = shortfall.remedies.iter().map(|one| one.change.as_str()).collect();
            assert!(changes.iter().any(|change| change.contains("1 more request")), "{changes:?}");
        }
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
