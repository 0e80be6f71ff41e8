//! Make-ups follow closed days, absences, ends of contracts and other plans: they fall out with the reason, their minutes
//! are owed again, and they come back when the cause goes away.

use std::sync::atomic::AtomicBool;

use serde_json::{Value, json};

use super::all;
use crate::support::app::TestApp;
use crate::support::both::on_both_databases;
use crate::support::small_coop::{SmallCoop, id};
use crate::ui::browser;

const DAY: i64 = 24 * 60 * 60;
/// From noon on November 2 to noon on Wednesday, January 20.
const TO_JANUARY_20: i64 = 79 * DAY;
const FRIDAY: &str = "2027-01-29";

/// A visit of Monday, January 18, that its specialist missed, with where they stand in the co-op.
fn missed(app: &TestApp, coop: &SmallCoop) -> (Value, usize) {
    let visit = all(&app.office, "/dated-visits?from=2027-01-18&until=2027-01-19").remove(0);
    let own = coop.specialists.iter().position(|one| visit["specialist_id"] == *one).expect("one of both");
    let log = json!({"outcome": "did_not_take_place", "reason": "provider_absent"});
    app.office.post(&format!("/dated-visits/{}/log", id(&visit)), &log).expect(200);
    (visit, own)
}

fn make_up(app: &TestApp, visit: &Value, who: &str, (day, starts, ends): (&str, &str, &str)) -> Value {
    // Outside of the hours of the school and the specialist, on which the office agreed with them.
    let body =
        json!({"specialist_id": who, "visit_on": day, "starts": starts, "ends": ends, "despite_objections": true});
    app.office.post(&format!("/dated-visits/{}/make-ups", id(visit)), &body).expect(201)
}

fn now(app: &TestApp, visit: &Value) -> (String, String) {
    let visit = app.office.get(&format!("/dated-visits/{}", id(visit))).expect(200);
    let text = |name: &str| visit[name].as_str().expect("a text").to_owned();
    (text("state"), text("reason"))
}

fn planned() -> (String, String) {
    ("planned".to_owned(), String::new())
}

fn owed(app: &TestApp, visit: &Value, name: &str) -> i64 {
    let request = visit["service_request_id"].as_str().expect("an id");
    app.office.get(&format!("/service-requests/{request}/owed")).expect(200)[name].as_i64().expect("minutes")
}

fn delete(app: &TestApp, path: &str) {
    assert_eq!(app.office.send("DELETE", &format!("/api/v1{path}"), &[], None).status, 204);
}

/// Changes until when a contract lasts, and gives its new version.
fn ends(app: &TestApp, coop: &SmallCoop, own: usize, until: Option<&str>) {
    let path = format!("/contracts/{}", coop.contracts[own]);
    let mut contract = app.office.get(&path).expect(200);
    let version = format!("\"{}\"", contract["version"]);
    if let Some(entries) = contract.as_object_mut() {
        entries
            .retain(|key, _| !["id", "specialist_id", "version", "created_at", "updated_at"].contains(&key.as_str()));
    }
    contract["effective_until"] = json!(until);
    app.office.put(&path, &version, &contract).expect(200);
}

fn day_of(visit: &Value, kind: &str, released: Option<&str>) -> Value {
    let mut day = json!({
        "member_id": visit["member_id"], "kind": kind, "name": "Ice", "starts_on": FRIDAY, "ends_on": FRIDAY
    });
    if let Some(time) = released {
        day["released"] = json!(time);
    }
    day
}

on_both_databases! {
    fn a_make_up_falls_out_with_its_day_or_its_person_and_comes_back(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        app.later(TO_JANUARY_20);
        let (visit, own) = missed(app, &coop);
        let person = &coop.specialists[own];
        let made = make_up(app, &visit, person, (FRIDAY, "09:00", "09:30"));
        let left = || {
            let found = app.office.get(&format!("/dated-visits/{}/make-up-times", id(&visit))).expect(200);
            found["minutes_left"].as_i64().expect("minutes")
        };
        let minutes = visit["minutes"].as_i64().expect("minutes");
        assert_eq!((owed(app, &visit, "make_ups_open_minutes"), left()), (30, minutes - 30));
        let fell_out = |state: &str, reason: &str| {
            assert_eq!(now(app, &made), (state.to_owned(), reason.to_owned()));
            assert_eq!((owed(app, &visit, "make_ups_open_minutes"), left()), (0, minutes), "{state}");
        };
        let is_back = || {
            assert_eq!(now(app, &made), planned());
            assert_eq!((owed(app, &visit, "make_ups_open_minutes"), left()), (30, minutes - 30));
        };
        for (kind, released, state, reason) in [
            ("closure", None, "closed", "Ice"),
            ("early_release", Some("09:15"), "early_release", "Ice, until 9:15 a.m."),
        ] {
            let entered = id(&app.office.post("/calendar-entries", &day_of(&visit, kind, released)).expect(201));
            fell_out(state, reason);
            delete(app, &format!("/calendar-entries/{entered}"));
            is_back();
        }
        let away = json!({"reason": "illness", "starts_on": FRIDAY, "ends_on": FRIDAY});
        let away = id(&app.office.post(&format!("/specialists/{person}/time-away"), &away).expect(201));
        fell_out("not_covered", "");
        // It is not covered: there is nothing to find, and the effects say so.
        assert_eq!(app.office.get(&format!("/time-away/{away}/effects")).expect(200)["visits"][0]["free_people"], Value::Null);
        assert!(browser(app, &app.office).get("/cover").text().contains("Every visit has somebody who comes"));
        delete(app, &format!("/time-away/{away}"));
        is_back();
        ends(app, &coop, own, Some(FRIDAY));
        fell_out("not_covered", "");
        ends(app, &coop, own, None);
        is_back();
    }

    fn what_fell_out_is_not_delivered(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        app.later(TO_JANUARY_20);
        let (visit, own) = missed(app, &coop);
        let person = &coop.specialists[own];
        let [ill, shut] = [("09:00", "09:10"), ("10:00", "10:10")]
            .map(|(starts, ends)| make_up(app, &visit, person, (FRIDAY, starts, ends)));
        let away = json!({"reason": "illness", "starts_on": FRIDAY, "ends_on": FRIDAY, "starts": "08:30", "ends": "09:30"});
        app.office.post(&format!("/specialists/{person}/time-away"), &away).expect(201);
        app.later(9 * DAY + 8 * 60 * 60);
        let path = |visit: &Value| format!("/dated-visits/{}/log", id(visit));
        // Logged, and then taken back, because the school closed at noon.
        let delivered = json!({"outcome": "delivered", "minutes": 10});
        app.office.post(&path(&shut), &delivered).expect(200);
        let back = json!({"outcome": "not_logged"}).to_string();
        let back = app.office.send("POST", &format!("/api/v1{}", path(&shut)), &[("If-Match", "\"1\"")], Some(back.as_bytes()));
        back.expect(200);
        app.office.post("/calendar-entries", &day_of(&visit, "closure", None)).expect(201);
        assert_eq!(now(app, &shut).0, "closed");
        for made in [&ill, &shut] {
            let send = |body: &Value| app.office.send("POST", &format!("/api/v1{}", path(made)), &[], Some(body.to_string().as_bytes()));
            let faults = send(&delivered).expect_problem(422, "invalid-entries");
            assert_eq!(faults[0].0, "/outcome", "{faults:?}");
        }
        let day = json!({"date": FRIDAY});
        let done = app.office.post(&format!("/specialists/{person}/log-day-as-planned"), &day).expect(200);
        assert_eq!((&done["logged"], &done["not_taking_place"]), (&json!([]), &json!(2)));
        let off = json!({"outcome": "did_not_take_place", "reason": "closure"});
        app.office.post(&path(&ill), &off).expect(200);
        assert_eq!((owed(app, &visit, "made_up_minutes"), owed(app, &visit, "make_ups_open_minutes")), (0, 0));
    }

    fn a_make_up_comes_back_only_where_its_time_and_its_minutes_are_free(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        app.later(TO_JANUARY_20);
        let (visit, own) = missed(app, &coop);
        let person = &coop.specialists[own];
        let minutes = visit["minutes"].as_i64().expect("minutes");
        let made = make_up(app, &visit, person, (FRIDAY, "09:00", "09:30"));
        let away = json!({"reason": "illness", "starts_on": FRIDAY, "ends_on": FRIDAY, "starts": "08:30", "ends": "09:10"});
        let away = id(&app.office.post(&format!("/specialists/{person}/time-away"), &away).expect(201));
        let other = make_up(app, &visit, person, (FRIDAY, "09:10", "09:25"));
        let rest = make_up(app, &visit, person, ("2027-02-05", "09:00", &format!("09:{}", minutes - 15)));
        delete(app, &format!("/time-away/{away}"));
        let out = |why: &str| assert_eq!(now(app, &made), ("not_covered".to_owned(), why.to_owned()));
        out("Another visit is at this time");
        delete(app, &format!("/dated-visits/{}", id(&other)));
        out("These minutes are made up at another time");
        delete(app, &format!("/dated-visits/{}", id(&rest)));
        assert_eq!(now(app, &made), planned());
    }

    fn a_plan_names_the_make_ups_at_the_times_of_its_visits_before_they_fall_out(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let before = coop.make(app);
        app.later(TO_JANUARY_20);
        let (visit, own) = missed(app, &coop);
        let (person, other) = (&coop.specialists[own], &coop.specialists[1 - own]);
        let away = json!({"reason": "illness", "starts_on": "2027-02-01", "ends_on": "2027-03-26"});
        app.office.post(&format!("/specialists/{person}/time-away"), &away).expect(201);
        let asked = json!({
            "term_id": coop.term, "seconds_max": 3, "based_on_plan_id": before.plan, "without_specialist_ids": [person]
        });
        let run = id(&app.office.post("/plan-runs", &asked).expect(201));
        app.app.planner().expect("a planner").work(&AtomicBool::new(false));
        let plan = app.office.get(&format!("/plan-runs/{run}")).expect(200)["plan_id"].as_str().expect("a draft").to_owned();
        // A visit of the draft that the plan in use does not have: somebody else makes up minutes at its time.
        let tried = all(&app.office, &format!("/plans/{plan}/visits")).into_iter().find_map(|planned| {
            let day = if planned["weekday"] == "mon" { "2027-02-08" } else { "2027-02-10" };
            let body = json!({
                "specialist_id": other, "visit_on": day, "starts": planned["starts"],
                "ends": later(planned["starts"].as_str().expect("a time"), 10), "despite_objections": true
            });
            let made = app.office.post(&format!("/dated-visits/{}/make-ups", id(&visit)), &body);
            (made.status == 201).then(|| (made.expect(201), planned))
        });
        let (made, planned) = tried.expect("a visit of the draft at a time that is free now");
        let beside = make_up(app, &visit, other, ("2027-02-12", "09:00", "09:10"));

        let checks = app.office.get(&format!("/plans/{plan}/checks")).expect(200);
        let clashes = checks["make_up_clashes"].as_array().expect("clashes");
        assert_eq!(clashes.len(), 1, "{checks}");
        let clash = &clashes[0];
        for (name, value) in [
            ("make_up_id", &made["id"]), ("specialist_id", &json!(other)), ("visit_on", &made["visit_on"]),
            ("starts", &made["starts"]), ("visit_starts", &planned["starts"]), ("visit_ends", &planned["ends"]),
        ] {
            assert_eq!(clash[name], *value, "{name}");
        }
        assert!(checks["warnings"].as_array().expect("sentences").contains(&clash["sentence"]), "{checks}");

        let publish = |body: &Value| app.office.post(&format!("/plans/{plan}/publish"), body);
        let refused = publish(&json!({"effective_from": "2027-02-01"}));
        assert!(refused.text().contains(clash["sentence"].as_str().expect("a sentence")), "{}", refused.text());
        refused.expect_problem(409, "conflict");
        publish(&json!({"effective_from": "2027-02-01", "make_ups_that_fall_out": [beside["id"]]})).expect_problem(409, "conflict");
        assert_eq!(now(app, &made), self::planned());

        // The page names it, and its button says what happens; a form that names none publishes nothing.
        let mut office = browser(app, &app.office);
        let code = app.office.get(&format!("/plans/{plan}")).expect(200)["code"].as_str().expect("a code").to_owned();
        let page = format!("/plans/{code}/publish");
        let html = office.get(&page).text();
        assert!(html.contains("is to make up 10 minutes") && html.contains("Publish, let the make-up fall out"), "{html}");
        let unseen = office.submit(&page, &page, &[]);
        assert!(unseen.status == 409 && unseen.text().contains("names every make-up"), "{}", unseen.text());
        let named = made["id"].as_str().expect("an identity");
        assert!(html.contains(&format!("name=\"fall_out\" value=\"{named}\"")), "{html}");
        assert_eq!(office.submit(&page, &page, &[("fall_out", named)]).status, 303);

        assert_eq!(now(app, &made), ("not_covered".to_owned(), "Another visit is at this time".to_owned()));
        assert_eq!(now(app, &beside), self::planned());
        assert_eq!(owed(app, &visit, "make_ups_open_minutes"), 10);
        let day = made["visit_on"].as_str().expect("a date");
        let mut visits = all(&app.office, &format!("/dated-visits?specialist={other}&from={day}&state=planned"));
        visits.retain(|one| one["visit_on"] == day);
        visits.sort_by_key(|one| one["starts"].as_str().map(str::to_owned));
        assert!(visits.windows(2).all(|pair| pair[0]["ends"].as_str() <= pair[1]["starts"].as_str()), "{visits:?}");
    }
}

/// A wall-clock time some minutes later in the same hour or the next.
pub(super) fn later(time: &str, minutes: u32) -> String {
    let (hour, minute) = time.split_once(':').expect("a time");
    let sum = hour.parse::<u32>().expect("an hour") * 60 + minute.parse::<u32>().expect("a minute") + minutes;
    format!("{:02}:{:02}", sum / 60, sum % 60)
}
