//! Absence, cover, times to make up, and planning again without somebody who is away for long.

use std::sync::atomic::AtomicBool;

use serde_json::{Value, json};

use super::all;
use crate::support::app::TestApp;
use crate::support::both::on_both_databases;
use crate::support::small_coop::{SmallCoop, contract, hours, id, license, specialist};
use crate::ui::browser;
use coop_scheduler::domain::account::Role;

const DAY: i64 = 24 * 60 * 60;
/// From noon on November 2 to noon on Saturday, January 16.
pub(super) const TO_JANUARY_16: i64 = 75 * DAY;
pub(super) const MONDAY: &str = "2027-01-18";

/// The first visit on a Monday, and whose it is.
pub(super) fn first_visit(app: &TestApp, coop: &SmallCoop) -> (Value, usize) {
    let visit = all(&app.office, &format!("/dated-visits?from={MONDAY}&until=2027-01-19")).remove(0);
    let own = coop.specialists.iter().position(|one| visit["specialist_id"] == *one).expect("one of both");
    (visit, own)
}

/// Somebody of the same discipline who has no visits, because the plan was made before.
pub(super) fn third(app: &TestApp, coop: &SmallCoop, code: &str) -> String {
    let new = |path: &str, body: &Value| id(&app.office.post(path, body).expect(201));
    let person = new("/specialists", &specialist(code));
    new(&format!("/specialists/{person}/contracts"), &contract(&coop.members[1], &coop.sites[1]));
    new(&format!("/specialists/{person}/availability"), &hours());
    person
}

pub(super) fn away(from: &str, to: &str) -> Value {
    json!({"reason": "illness", "starts_on": from, "ends_on": to})
}

on_both_databases! {
    fn who_is_away_is_covered_by_somebody_whom_the_rules_let_come(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let (_, specialists) = coop.accounts(app);
        app.later(TO_JANUARY_16);
        let (visit, own) = first_visit(app, &coop);
        let (person, other) = (&coop.specialists[own], &third(app, &coop, "S-3"));
        let idle = app.sign_up("Third", Role::Specialist { specialist_id: other.parse().expect("an identity") });
        let path = format!("/dated-visits/{}", id(&visit));

        // Nothing is entered by looking.
        let asked = format!("/specialists/{person}/away-preview?starts_on={MONDAY}");
        let preview = specialists[own].get(&asked).expect(200);
        let minutes = preview["minutes"].as_i64().expect("minutes");
        assert!(minutes >= 30 && preview["coverable_minutes"] == minutes, "{preview}");
        app.office.post(&format!("{path}/cover"), &json!({"specialist_id": other})).expect_problem(409, "conflict");

        let entered = specialists[own].post(&format!("/specialists/{person}/time-away"), &away(MONDAY, MONDAY)).expect(201);
        let effects = format!("/time-away/{}/effects", id(&entered));
        let told = specialists[own].get(&effects).expect(200);
        assert_eq!((&told["minutes"], &told["visits"][0]["free_people"]), (&json!(minutes), &json!(1)), "{told}");
        assert!(told["visits"][0]["first"].is_null() && told["replan"].is_null(), "who else works when is the office's to see");
        let told = app.office.get(&effects).expect(200);
        assert_eq!(told["visits"][0]["first"]["specialist_id"], *other, "{told}");

        let options = app.office.get(&format!("{path}/cover-options")).expect(200);
        let option = &options["options"][0];
        let busy = &options["options"][1];
        assert!(busy["is_free"] == false && busy["objections"][0]["sentence"] == "Has another visit then, or no time for the drive.", "{busy}");
        assert!(option["specialist_id"] == *other && option["is_free"] == true && options["agency"].is_null(), "{option}");
        let minutes = visit["minutes"].as_i64().expect("minutes");
        assert_eq!(option["cost_cents"], (minutes * 6500 + 30) / 60);

        let cover = |who: &str| app.office.post(&format!("{path}/cover"), &json!({"specialist_id": who}));
        cover(person).expect_problem(422, "invalid-entries");
        let covered = cover(other).expect(200);
        assert_eq!((&covered["state"], &covered["covered_by_specialist_id"]), (&json!("planned"), &json!(other)));
        let seen = all(&idle, &format!("/dated-visits?from={MONDAY}&until=2027-01-19"));
        assert!(seen.iter().any(|one| one["id"] == visit["id"]), "{seen:?}");
        let told = app.office.get(&effects).expect(200);
        assert!(told["visits"].as_array().expect("visits").iter().all(|one| one["visit"]["id"] != visit["id"]));
        // Laying out again, here because of another absence, leaves it alone.
        app.office.post(&format!("/specialists/{person}/time-away"), &away("2027-02-01", "2027-02-01")).expect(201);
        assert_eq!(app.office.get(&path).expect(200)["covered_by_specialist_id"], *other);

        // Who covers falls ill: the visit is not covered any more, and comes back to nobody by itself.
        let ill = app.office.post(&format!("/specialists/{other}/time-away"), &away(MONDAY, MONDAY)).expect(201);
        let seen = app.office.get(&path).expect(200);
        assert_eq!((&seen["state"], &seen["covered_by_specialist_id"]), (&json!("not_covered"), &Value::Null));
        app.office.send("DELETE", &format!("/api/v1/time-away/{}", id(&ill)), &[], None);
        cover(other).expect(200);
        let back = app.office.act(&format!("{path}/release-cover")).expect(200);
        assert_eq!((&back["state"], &back["covered_by_specialist_id"]), (&json!("not_covered"), &Value::Null));
        app.office.act(&format!("{path}/release-cover")).expect_problem(409, "conflict");
        cover(other).expect(200);
        app.later(3 * DAY);
        let log = json!({"outcome": "delivered", "minutes": minutes});
        idle.post(&format!("{path}/log"), &log).expect(200);
        app.office.act(&format!("{path}/release-cover")).expect_problem(409, "conflict");
    }

    fn limits_can_be_meant_all_the_same_and_facts_cannot(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        app.later(TO_JANUARY_16);
        let (visit, own) = first_visit(app, &coop);
        let (person, other) = (&coop.specialists[own], &coop.specialists[1 - own]);
        let path = format!("/dated-visits/{}", id(&visit));
        app.office.post(&format!("/specialists/{person}/time-away"), &away(MONDAY, MONDAY)).expect(201);
        let cover = |who: &str, despite: bool| {
            let body = json!({"specialist_id": who, "despite_objections": despite});
            app.office.post(&format!("{path}/cover"), &body)
        };
        let refused = |who: &str, rule: &str| {
            for despite in [false, true] {
                let reply = cover(who, despite);
                assert!(reply.text().contains(rule), "{who} {despite}: {}", reply.text());
                assert_eq!(reply.expect_problem(422, "invalid-entries")[0].0, "/specialist_id");
            }
        };

        // Both come somewhere at the same time that day: that is a fact.
        let option = app.office.get(&format!("{path}/cover-options")).expect(200)["options"][0].clone();
        let busy = json!({
            "rule": "specialist_in_one_place", "sentence": "Has another visit then, or no time for the drive.",
            "can_be_overruled": false
        });
        assert!(option["is_free"] == false && option["objections"].as_array().expect("objections").contains(&busy), "{option}");
        refused(other, "specialist_in_one_place");
        refused(person, "specialist_there");

        // Somebody whose week is full by the contract: that is a limit.
        let new = |path: &str, body: &Value| id(&app.office.post(path, body).expect(201));
        let full = new("/specialists", &specialist("S-3"));
        let mut terms = contract(&coop.members[1], &coop.sites[1]);
        terms["direct_minutes_per_week_max"] = json!(15);
        new(&format!("/specialists/{full}/contracts"), &terms);
        new(&format!("/specialists/{full}/availability"), &hours());
        let options = app.office.get(&format!("{path}/cover-options")).expect(200)["options"].clone();
        assert!(options[0]["specialist_id"] == *full && options[1]["specialist_id"] == *other, "limits before facts: {options}");
        let html = browser(app, &app.office).get(&format!("/cover/{}", id(&visit))).text();
        assert_eq!((html.matches("Comes all the same").count(), html.matches("Cannot come").count()), (1, 1), "{html}");
        let asked = cover(&full, false);
        assert!(asked.text().contains("specialist_week_within_contract) If it is meant all the same"), "{}", asked.text());
        asked.expect_problem(422, "invalid-entries");
        assert_eq!(cover(&full, true).expect(200)["state"], "planned");
        app.office.act(&format!("{path}/release-cover")).expect(200);

        let mut occupational = specialist("S-4");
        occupational["disciplines"] = json!([{"code": "OT", "held_from": "2020-01-01"}]);
        refused(&new("/specialists", &occupational), "only_qualified_specialist");
        // Whoever is away as well is not in the list, and cannot be meant.
        app.office.post(&format!("/specialists/{full}/time-away"), &away(MONDAY, MONDAY)).expect(201);
        app.office.post(&format!("/specialists/{other}/time-away"), &away(MONDAY, MONDAY)).expect(201);
        assert_eq!(app.office.get(&format!("{path}/cover-options")).expect(200)["options"], json!([]));
        refused(&full, "specialist_there");
        let licensed = third(app, &coop, "S-5");
        app.office.post(&format!("/specialists/{licensed}/credentials"), &license("2027-01-10")).expect(201);
        refused(&licensed, "credential_valid");
    }

    fn every_time_that_is_suggested_to_make_up_can_be_entered(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let (_, specialists) = coop.accounts(app);
        let member = &coop.members[0];
        for member in &coop.members {
            let day = json!({"member_id": member, "kind": "holiday", "name": "Founders' day", "starts_on": "2027-01-25", "ends_on": "2027-01-25"});
            app.office.post("/calendar-entries", &day).expect(201);
        }
        app.later(TO_JANUARY_16 + 3 * DAY);
        let (visit, own) = first_visit(app, &coop);
        let path = format!("/dated-visits/{}", id(&visit));
        let none = specialists[own].get(&format!("{path}/make-up-times")).expect(200);
        assert_eq!(none, json!({"minutes_left": 0, "times": []}), "nothing is missed yet");
        let missed = json!({"outcome": "did_not_take_place", "reason": "provider_absent"});
        specialists[own].post(&format!("{path}/log"), &missed).expect(200);

        let found = specialists[own].get(&format!("{path}/make-up-times")).expect(200);
        let times = found["times"].as_array().expect("times");
        assert!(!times.is_empty() && found["minutes_left"] == visit["minutes"], "{found} {member}");
        for time in times {
            assert!(time["specialist_id"] == coop.specialists[own] && time["visit_on"] != "2027-01-25", "{time}");
            let entry = json!({
                "specialist_id": time["specialist_id"], "visit_on": time["visit_on"], "starts": time["starts"], "ends": time["ends"]
            });
            let made = specialists[own].post(&format!("{path}/make-ups"), &entry).expect(201);
            let cancelled = specialists[own].send("DELETE", &format!("/api/v1/dated-visits/{}", id(&made)), &[], None);
            assert_eq!(cancelled.status, 204);
        }
        let all = app.office.get(&format!("{path}/make-up-times")).expect(200);
        let people = all["times"].as_array().expect("times").iter().map(|time| time["specialist_id"].to_string());
        assert_eq!(people.collect::<std::collections::BTreeSet<_>>().len(), 2, "the office is told of others too: {all}");
    }

    fn a_plan_close_to_the_one_in_use_without_whoever_is_away_for_long(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let made = coop.make(app);
        app.later(TO_JANUARY_16);
        let (_, own) = first_visit(app, &coop);
        let person = &coop.specialists[own];
        let entered = app.office.post(&format!("/specialists/{person}/time-away"), &away(MONDAY, "2027-02-19")).expect(201);
        let effects = app.office.get(&format!("/time-away/{}/effects", id(&entered))).expect(200);
        let mut suggested = effects["replan"]["plan_run"].clone();
        assert_eq!((&suggested["based_on_plan_id"], &suggested["without_specialist_ids"]), (&json!(made.plan), &json!([person])));
        suggested["seconds_max"] = json!(3);
        let run = id(&app.office.post("/plan-runs", &suggested).expect(201));
        app.app.planner().expect("a planner").work(&AtomicBool::new(false));
        let run = app.office.get(&format!("/plan-runs/{run}")).expect(200);
        assert_eq!(run["without_specialist_ids"], json!([person]));
        let plan = run["plan_id"].as_str().expect("a draft");
        let visits = all(&app.office, &format!("/plans/{plan}/visits?"));
        assert!(!visits.is_empty() && visits.iter().all(|visit| visit["specialist_id"] != *person), "{visits:?}");
        app.office.post(&format!("/plans/{plan}/publish"), &json!({"effective_from": MONDAY})).expect(200);
        let dated = all(&app.office, "/dated-visits?from=2027-01-18&until=2027-01-25");
        assert!(!dated.is_empty() && dated.iter().all(|visit| visit["specialist_id"] != *person), "{dated:?}");

        let wrong = json!({"term_id": coop.term, "without_specialist_ids": [person]});
        assert!(app.office.post("/plan-runs", &wrong).text().contains("/without_specialist_ids"));
        let nobody = json!({"term_id": coop.term, "based_on_plan_id": plan, "without_specialist_ids": [coop.term]});
        assert!(app.office.post("/plan-runs", &nobody).text().contains("/without_specialist_ids/0"));
    }
}
