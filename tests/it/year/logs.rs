//! Logging: once, by version, as planned, a day at once, not in the future, not in a locked month, by whom it may be.

use serde_json::{Value, json};

use super::all;
use crate::support::app::TestApp;
use crate::support::both::on_both_databases;
use crate::support::client::{Client, Reply};
use crate::support::small_coop::{SmallCoop, id};
use crate::trust::meddle;
use coop_scheduler::domain::account::Role;

const DAY: i64 = 24 * 60 * 60;
/// From noon on November 2 to noon on Wednesday, January 20.
const TO_JANUARY_20: i64 = 79 * DAY;

/// What is logged as delivered.
fn delivered(minutes: i64) -> Value {
    json!({"outcome": "delivered", "minutes": minutes})
}

/// What is logged as missed.
fn missed(reason: &str) -> Value {
    json!({"outcome": "did_not_take_place", "reason": reason})
}

/// Logs on top of a version.
fn on_version(client: &Client, visit: &str, version: i64, body: &Value) -> Reply {
    let path = format!("/api/v1/dated-visits/{visit}/log");
    let tag = format!("\"{version}\"");
    client.send("POST", &path, &[("If-Match", &tag)], Some(body.to_string().as_bytes()))
}

/// The visits on a date.
fn on_day(app: &TestApp, date: &str, next: &str) -> Vec<Value> {
    all(&app.office, &format!("/dated-visits?from={date}&until={next}"))
}

/// A short list, which has no pages.
fn whole(client: &Client, path: &str) -> Vec<Value> {
    client.get(path).expect(200)["items"].as_array().cloned().expect("a list")
}

/// Which half of the co-op a record belongs to.
fn half(ids: &[String; 2], found: &Value) -> usize {
    ids.iter().position(|id| found == id).expect("one of both")
}

fn log_path(visit: &Value) -> String {
    format!("/dated-visits/{}/log", id(visit))
}

on_both_databases! {
    fn a_visit_is_logged_once_changed_by_version_and_every_version_stays(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let (coordinators, specialists) = coop.accounts(app);
        let (finance, board) = (app.sign_up("Finance", Role::Finance), app.sign_up("Board", Role::Board));
        app.later(TO_JANUARY_20);
        let visit = on_day(app, "2027-01-18", "2027-01-19").remove(0);
        let (path, of) = (log_path(&visit), id(&visit));
        let own = &specialists[half(&coop.specialists, &visit["specialist_id"])];
        let other = &specialists[1 - half(&coop.specialists, &visit["specialist_id"])];
        let member = half(&coop.members, &visit["member_id"]);
        own.get(&path).expect_problem(404, "not-found");

        let with_group = json!({"outcome": "delivered", "minutes": 30, "group_size": 3});
        let reply = own.post(&path, &with_group);
        assert_eq!(reply.header("ETag"), "\"1\"");
        let first = reply.expect(200);
        assert_eq!((&first["version"], &first["minutes"], &first["group_size"]), (&json!(1), &json!(30), &json!(3)));
        // Sent again from a phone that heard no answer, it is the same log.
        assert_eq!(own.post(&path, &with_group).expect(200), first);
        own.post(&path, &delivered(25)).expect_problem(409, "conflict");
        own.act(&format!("{path}-as-planned")).expect_problem(409, "conflict");
        assert_eq!(on_version(own, &of, 1, &missed("provider_absent")).expect(200)["version"], 2);
        on_version(own, &of, 1, &delivered(30)).expect_problem(412, "stale-version");
        let back = on_version(&app.office, &of, 2, &json!({"outcome": "not_logged"})).expect(200);
        assert_eq!((&back["version"], &back["minutes"]), (&json!(3), &json!(0)));
        assert_eq!(on_version(own, &of, 3, &missed("provider_absent")).expect(200)["version"], 4);
        let versions = whole(own, &format!("{path}-versions"));
        let outcomes: Vec<&str> = versions.iter().filter_map(|one| one["outcome"].as_str()).collect();
        assert_eq!(outcomes, ["delivered", "did_not_take_place", "not_logged", "did_not_take_place"]);
        assert_eq!(versions[0], first);

        let coordinator = &coordinators[member];
        let seen = coordinator.get(&path).expect(200);
        assert_eq!((&seen["reason"], &seen["version"]), (&json!("provider_absent"), &json!(4)));
        on_version(coordinator, &of, 4, &delivered(30)).expect_problem(403, "forbidden");
        // Finance sees minutes and not why.
        assert_eq!(finance.get(&path).expect(200)["reason"], json!(null));
        let told = all(&finance, "/service-logs").remove(0);
        for hidden in ["reason", "group_size", "service_request_id", "service_request_code"] {
            assert_eq!(told[hidden], json!(null), "{hidden}");
        }
        assert_eq!(all(coordinator, "/service-logs")[0]["reason"], "provider_absent");
        // Nor does it follow from asking for one request after the other.
        let of_request = format!("/service-logs?request={}", visit["service_request_id"].as_str().expect("an id"));
        finance.get(&of_request).expect_problem(404, "not-found");
        assert_eq!((all(coordinator, &of_request).len(), all(&coordinators[1 - member], &of_request).len()), (1, 0));
        on_version(&finance, &of, 4, &delivered(30)).expect_problem(403, "forbidden");
        for nobody in [other, &coordinators[1 - member], &board] {
            nobody.get(&path).expect_problem(404, "not-found");
            on_version(nobody, &of, 4, &delivered(30)).expect_problem(404, "not-found");
        }
        let trail = all(&app.office, "/audit-entries");
        let logged: Vec<&Value> = trail.iter().filter(|entry| entry["action"] == "log").collect();
        assert!(logged.len() == 4 && !json!(logged).to_string().contains("provider_absent"), "{logged:?}");
        assert!(logged.iter().all(|entry| entry["members"]["ids"] == json!([coop.members[member]])), "{logged:?}");
        // Not even somebody with the database changes a version.
        assert!(meddle(app, "UPDATE service_logs SET minutes = 60").is_err());
        let export = coordinator.get(&format!("/members/{}/export", coop.members[member])).expect(200);
        assert_eq!(export["service_logs"].as_array().map(Vec::len), Some(4));
    }

    fn a_log_that_cannot_be_is_refused_with_the_way_to_mend_it(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        app.later(TO_JANUARY_20);
        let ahead = on_day(app, "2027-01-25", "2027-01-26").remove(0);
        let reply = app.office.post(&log_path(&ahead), &delivered(30));
        reply.expect_problem(409, "conflict");
        assert!(reply.text().contains("Log it when it has begun"), "{}", reply.text());
        app.office.act(&format!("{}-as-planned", log_path(&ahead))).expect_problem(409, "conflict");

        let past = on_day(app, "2027-01-18", "2027-01-19").remove(0);
        let planned = past["minutes"].as_i64().expect("minutes");
        for (body, place) in [
            (delivered(planned * 2 + 1), "/minutes"),
            (delivered(0), "/minutes"),
            (delivered(-5), "/minutes"),
            (json!({"outcome": "delivered"}), "/minutes"),
            (json!({"outcome": "delivered", "minutes": 30, "reason": "other"}), "/reason"),
            (json!({"outcome": "delivered", "minutes": 30, "group_size": 0}), "/group_size"),
            (json!({"outcome": "delivered", "minutes": 30, "group_size": 51}), "/group_size"),
            (json!({"outcome": "did_not_take_place"}), "/reason"),
            (json!({"outcome": "did_not_take_place", "reason": "flu"}), "/reason"),
            (json!({"outcome": "did_not_take_place", "reason": "closure", "minutes": 5}), "/minutes"),
            (json!({"outcome": "did_not_take_place", "reason": "closure", "group_size": 5}), "/group_size"),
            (json!({"outcome": "delivered", "minutes": 30, "note": "went well"}), "/note"),
            (json!({"minutes": 30}), "/outcome"),
        ] {
            let faults = app.office.post(&log_path(&past), &body).expect_problem(422, "invalid-entries");
            assert_eq!(faults[0].0, place, "{body} {faults:?}");
        }
        let faults = app.office.post(&log_path(&past), &delivered(500)).expect_problem(422, "invalid-entries");
        let words = format!("This visit was planned for {planned} minutes. Enter 1 to {}", planned * 2);
        assert!(faults[0].1.starts_with(&words), "{faults:?}");
        app.office.post(&log_path(&past), &json!({"outcome": "not_logged"})).expect_problem(409, "conflict");
        app.office.post(&log_path(&past), &delivered(planned * 2)).expect(200);

        let snow = json!({
            "member_id": ahead["member_id"], "kind": "closure", "name": "Snow day", "starts_on": "2027-01-25",
            "ends_on": "2027-01-25"
        });
        app.office.post("/calendar-entries", &snow).expect(201);
        app.later(6 * DAY);
        let path = log_path(&ahead);
        for body in [delivered(30), missed("provider_absent")] {
            let faults = app.office.post(&path, &body).expect_problem(422, "invalid-entries");
            assert!(faults[0].0 == "/outcome" && faults[0].1.contains("add a make-up"), "{faults:?}");
        }
        app.office.act(&format!("{path}-as-planned")).expect_problem(422, "invalid-entries");
        app.office.post(&path, &missed("closure")).expect(200);
    }

    fn a_locked_month_never_changes_again(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let (coordinators, specialists) = coop.accounts(app);
        let finance = app.sign_up("Finance", Role::Finance);
        app.later(TO_JANUARY_20);
        let visits = on_day(app, "2027-01-18", "2027-01-19");
        app.office.post(&log_path(&visits[0]), &missed("provider_absent")).expect(200);
        let january = json!({"month": "2027-01"});
        let faults = finance.post("/locked-months", &january).expect_problem(422, "invalid-entries");
        assert_eq!(faults[0].0, "/month");
        for month in ["2027-13", "January", "2027-1", ""] {
            let faults = finance.post("/locked-months", &json!({"month": month}));
            assert_eq!(faults.expect_problem(422, "invalid-entries")[0].0, "/month");
        }
        for month in ["2020-05", "2026-12"] {
            let faults = finance.post("/locked-months", &json!({"month": month})).expect_problem(422, "invalid-entries");
            assert!(faults[0].0 == "/month" && faults[0].1.contains("before the first term"), "{faults:?}");
        }
        app.later(9 * DAY);
        coordinators[0].post("/locked-months", &january).expect_problem(403, "forbidden");
        specialists[0].post("/locked-months", &january).expect_problem(403, "forbidden");
        // Its last day is January 31, where the co-op is.
        finance.post("/locked-months", &january).expect_problem(422, "invalid-entries");
        meddle(app, "UPDATE api_tokens SET expires_at = '2027-06-01T00:00:00.000000Z'").expect("the owner can");
        app.later(3 * DAY);
        assert_eq!(finance.post("/locked-months", &january).expect(201)["month"], "2027-01");
        finance.post("/locked-months", &january).expect_problem(409, "conflict");
        assert_eq!(whole(&specialists[0], "/locked-months").len(), 1);

        let refused = |reply: Reply| {
            reply.expect_problem(409, "conflict");
            assert!(reply.text().contains("January 2027 is locked"), "{}", reply.text());
        };
        refused(app.office.post(&log_path(&visits[1]), &delivered(30)));
        refused(app.office.act(&format!("{}-as-planned", log_path(&visits[1]))));
        refused(on_version(&app.office, &id(&visits[0]), 1, &delivered(30)));
        let day = format!("/specialists/{}/log-day-as-planned", coop.specialists[0]);
        refused(app.office.post(&day, &json!({"date": "2027-01-18"})));
        // What was missed then can be made up in a month that is open, and in no other.
        let make_ups = format!("/dated-visits/{}/make-ups", id(&visits[0]));
        let make_up = |day: &str| {
            json!({"specialist_id": visits[0]["specialist_id"], "visit_on": day, "starts": "13:00", "ends": "13:30", "despite_objections": true})
        };
        refused(app.office.post(&make_ups, &make_up("2027-01-22")));
        app.office.post(&make_ups, &make_up("2027-02-05")).expect(201);
    }

    fn a_visit_whose_log_is_taken_back_follows_what_closed_meanwhile(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        app.later(TO_JANUARY_20);
        let today = on_day(app, "2027-01-20", "2027-01-21");
        let begun = today.iter().find(|visit| visit["starts_at"].as_str() < Some("2027-01-20T18:00:00Z"));
        let begun = begun.expect("a visit in the morning");
        app.office.post(&log_path(begun), &delivered(30)).expect(200);
        let closed = json!({
            "member_id": begun["member_id"], "kind": "closure", "name": "Flood", "starts_on": "2027-01-20", "ends_on": "2027-01-20"
        });
        let entry = id(&app.office.post("/calendar-entries", &closed).expect(201));
        let state = || app.office.get(&format!("/dated-visits/{}", id(begun))).expect(200)["state"].clone();
        assert_eq!(state(), "planned", "it took place before the flood");
        on_version(&app.office, &id(begun), 1, &json!({"outcome": "not_logged"})).expect(200);
        assert_eq!(state(), "closed");
        assert_eq!(app.office.send("DELETE", &format!("/api/v1/calendar-entries/{entry}"), &[], None).status, 204);
        assert_eq!(state(), "planned");
    }

    fn a_whole_day_goes_as_planned_and_asking_again_does_nothing(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let (coordinators, specialists) = coop.accounts(app);
        app.later(TO_JANUARY_20);
        let day = on_day(app, "2027-01-18", "2027-01-19");
        let who = half(&coop.specialists, &day[0]["specialist_id"]);
        let own: Vec<&Value> = day.iter().filter(|visit| visit["specialist_id"] == day[0]["specialist_id"]).collect();
        let path = format!("/specialists/{}/log-day-as-planned", coop.specialists[who]);
        let body = json!({"date": "2027-01-18"});
        specialists[1 - who].post(&path, &body).expect_problem(404, "not-found");
        coordinators[0].post(&path, &body).expect_problem(404, "not-found");
        let faults = specialists[who].post(&path, &json!({"date": "2027-01-21"})).expect_problem(422, "invalid-entries");
        assert_eq!(faults[0].0, "/date");
        // One of them was different and stays so.
        specialists[who].post(&log_path(own[0]), &missed("activity")).expect(200);
        let done = specialists[who].post(&path, &body).expect(200);
        assert_eq!(done["already_logged"], 1);
        let logged = done["logged"].as_array().expect("a list");
        assert_eq!(logged.len(), own.len() - 1);
        assert!(logged.iter().all(|log| log["minutes"] == log["planned_minutes"]), "{done}");
        let again = specialists[who].post(&path, &body).expect(200);
        assert_eq!((&again["already_logged"], &again["logged"]), (&json!(own.len()), &json!([])));
        assert_eq!(all(&specialists[who], "/service-logs").len(), own.len());
        assert_eq!(all(&specialists[who], "/service-logs?outcome=delivered").len(), own.len() - 1);
        assert_eq!(all(&specialists[who], "/service-logs?from=2027-01-19").len(), 0);
    }

    fn an_idempotency_key_logs_once(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        app.later(TO_JANUARY_20);
        let visit = on_day(app, "2027-01-18", "2027-01-19").remove(0);
        let path = format!("/api/v1{}-as-planned", log_path(&visit));
        let send = || app.office.send("POST", &path, &[("Idempotency-Key", "phone-1")], Some(b""));
        let first = send();
        let second = send();
        assert_eq!((second.status, second.header("Idempotency-Replayed")), (200, "true"));
        assert_eq!(first.expect(200), second.expect(200));
        assert_eq!(whole(&app.office, &format!("{}-versions", log_path(&visit))).len(), 1);
    }

    fn laying_out_again_leaves_what_people_decided(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let made = coop.make(app);
        app.later(TO_JANUARY_20);
        let monday = on_day(app, "2027-01-18", "2027-01-19").remove(0);
        app.office.post(&log_path(&monday), &missed("provider_absent")).expect(200);
        let make_up = json!({
            "specialist_id": monday["specialist_id"], "visit_on": "2027-02-05", "starts": "09:00", "ends": "09:30", "despite_objections": true
        });
        let make_up = id(&app.office.post(&format!("/dated-visits/{}/make-ups", id(&monday)), &make_up).expect(201));
        let covered = on_day(app, "2027-02-08", "2027-02-09").remove(0);
        let cover = coop.specialists.iter().find(|one| covered["specialist_id"] != **one).expect("the other one");
        let sets = format!("UPDATE dated_visits SET covered_by_specialist_id = '{cover}' WHERE id = '{}'", id(&covered));
        meddle(app, &sets).expect("the owner can");
        // Today's first visit has begun and is logged before the school closes.
        let today = on_day(app, "2027-01-20", "2027-01-21");
        let begun = today.iter().find(|visit| visit["starts_at"].as_str() < Some("2027-01-20T18:00:00Z"));
        let begun = begun.expect("a visit in the morning");
        app.office.post(&log_path(begun), &delivered(30)).expect(200);
        let kept = [id(begun)];
        let rows = |ids: &[String]| -> Vec<Value> {
            ids.iter().map(|one| app.office.get(&format!("/dated-visits/{one}")).expect(200)).collect()
        };
        let before = rows(&kept);
        // The one who covers sees it, and cannot log it before it has begun.
        let (_, specialists) = coop.accounts(app);
        let who = half(&coop.specialists, &json!(cover));
        assert_eq!(specialists[who].get(&format!("/dated-visits/{}", id(&covered))).expect(200)["plan_id"], made.plan);
        specialists[who].post(&log_path(&covered), &delivered(30)).expect_problem(409, "conflict");
        for member in &coop.members {
            let closed = json!({
                "member_id": member, "kind": "closure", "name": "Flood", "starts_on": "2027-01-20", "ends_on": "2027-02-26"
            });
            app.office.post("/calendar-entries", &closed).expect(201);
        }
        assert_eq!(rows(&kept), before);
        // Nobody comes to a closed school, neither to cover nor to make up.
        for closed in rows(&[id(&covered), make_up.clone()]) {
            assert_eq!((&closed["state"], &closed["covered_by_specialist_id"]), (&json!("closed"), &json!(null)));
        }
        let others = all(&app.office, "/dated-visits?from=2027-01-20&until=2027-02-27&state=planned");
        assert_eq!(others.len(), kept.len(), "{others:?}");
        let (_, plan) = coop.plan(app);
        app.office.post(&format!("/plans/{plan}/publish"), &json!({"effective_from": "2027-02-01"})).expect(200);
        assert_eq!(rows(&kept), before);
        assert_eq!(rows(&[make_up])[0]["state"], "closed");
        app.office.get(&format!("/dated-visits/{}", id(&covered))).expect_problem(404, "not-found");
        let renewed = app.office.act(&format!("/plans/{plan}/renew-dated-visits")).expect(200);
        assert_eq!(renewed, json!({"created": 0, "changed": 0, "removed": 0}));
    }

    fn erasing_a_request_takes_its_logs_and_make_ups(app: &TestApp) {
        use coop_scheduler::operations::erasure::{Subject, erase};
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        app.later(TO_JANUARY_20);
        let visit = on_day(app, "2027-01-18", "2027-01-19").remove(0);
        app.office.post(&log_path(&visit), &missed("provider_absent")).expect(200);
        let make_up = json!({
            "specialist_id": visit["specialist_id"], "visit_on": "2027-01-22", "starts": "09:00", "ends": "09:30", "despite_objections": true
        });
        app.office.post(&format!("/dated-visits/{}/make-ups", id(&visit)), &make_up).expect(201);
        app.office.act(&format!("/service-requests/{}/end", visit["service_request_id"].as_str().expect("an id"))).expect(200);
        while app.app.sender().expect("mail").work() == coop_scheduler::jobs::Worked::One {}
        let code = visit["service_request_code"].as_str().expect("a code").to_owned();
        let certificate = erase(&app.app.operations, app.actor.clone(), &Subject::ServiceRequest(code)).expect("done");
        assert_eq!(certificate.counts.get("service_logs deleted"), Some(&1));
        assert_eq!(all(&app.office, "/service-logs").len(), 0);
        assert!(all(&app.office, "/dated-visits").iter().all(|one| one["service_request_id"] != visit["service_request_id"]));
    }
}
