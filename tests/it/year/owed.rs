//! What is owed, recounted in another way; make-ups; and who sees it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::all;
use crate::support::app::TestApp;
use crate::support::both::on_both_databases;
use crate::support::small_coop::{SmallCoop, id};
use crate::trust::meddle;

const DAY: i64 = 24 * 60 * 60;

fn number(value: &Value, name: &str) -> i64 {
    value[name].as_i64().unwrap_or_else(|| panic!("no {name} in {value}"))
}

fn log(app: &TestApp, visit: &Value, body: &Value) {
    app.office.post(&format!("/dated-visits/{}/log", id(visit)), body).expect(200);
}

/// Tallies by hand what the lists say of one request: planned, delivered, missed and owed, to log, to come, over.
fn recount(app: &TestApp, request: &str, now: &str) -> BTreeMap<&'static str, i64> {
    let visits = all(&app.office, &format!("/dated-visits?request={request}"));
    let logs = all(&app.office, &format!("/service-logs?request={request}"));
    let log_of = |visit: &Value| logs.iter().find(|log| log["dated_visit_id"] == visit["id"]);
    let mut tally: BTreeMap<&'static str, i64> = BTreeMap::new();
    let mut add = |what: &'static str, minutes: i64| *tally.entry(what).or_default() += minutes;
    for visit in visits.iter().filter(|visit| visit["kind"] == "weekly") {
        let minutes = number(visit, "minutes");
        add("planned_minutes", minutes);
        let made_up: i64 = visits
            .iter()
            .filter(|one| one["makes_up_id"] == visit["id"])
            .filter_map(log_of)
            .map(|log| number(log, "minutes"))
            .sum();
        let is_over = visit["ends_at"].as_str() <= Some(now);
        let Some(log) = log_of(visit) else {
            add(if is_over { "to_log_minutes" } else { "to_come_minutes" }, minutes);
            continue;
        };
        let given = number(log, "minutes");
        add("delivered_minutes", given.min(minutes));
        add("over_delivered_minutes", (given - minutes).max(0));
        let missing = (minutes - given).max(0);
        add("missed_minutes", missing);
        let excused = ["student_absent_excused", "student_absent_unexcused", "declined"];
        let is_owed = !excused.iter().any(|reason| log["reason"] == *reason);
        add("made_up_minutes", made_up.min(missing));
        add("over_delivered_minutes", made_up - made_up.min(missing));
        add(if is_owed { "still_owed_minutes" } else { "not_owed_minutes" }, missing - made_up.min(missing));
    }
    tally
}

/// Schools take visits and specialists work on Fridays too; the plan that is followed has none.
fn open_fridays(app: &TestApp) {
    let hours = r#"{"mon":[["08:00","15:00"]],"wed":[["08:00","15:00"]],"fri":[["08:00","15:00"]]}"#;
    meddle(app, &format!("UPDATE service_requests SET windows = '{hours}'")).expect("the owner can");
    meddle(app, &format!("UPDATE specialist_availability SET weekly_hours = '{hours}'")).expect("the owner can");
}

on_both_databases! {
    fn what_is_owed_agrees_with_a_recount_to_the_minute(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        meddle(app, "UPDATE api_tokens SET expires_at = '2027-06-01T00:00:00.000000Z'").expect("the owner can");
        app.later(121 * DAY);
        let now = "2027-03-03T18:00:00Z";
        let over = all(&app.office, "/dated-visits?from=2027-01-04&until=2027-03-03");
        assert!(over.len() >= 23, "{}", over.len());
        let reasons = ["provider_absent", "student_absent_excused", "closure", "activity", "declined", "other"];
        for (n, visit) in over.iter().enumerate() {
            let minutes = number(visit, "minutes");
            match n % 8 {
                0..=2 => log(app, visit, &json!({"outcome": "delivered", "minutes": minutes})),
                3 => log(app, visit, &json!({"outcome": "delivered", "minutes": minutes - 10})),
                4 => log(app, visit, &json!({"outcome": "delivered", "minutes": minutes + 5})),
                5 | 6 => {
                    let reason = reasons[n % reasons.len()];
                    log(app, visit, &json!({"outcome": "did_not_take_place", "reason": reason}));
                }
                _ => {}
            }
        }
        let owed = all(&app.office, "/owed");
        assert_eq!(owed.len(), 2);
        for one in &owed {
            let request = one["service_request_id"].as_str().expect("an id");
            for (name, minutes) in recount(app, request, now) {
                assert_eq!(number(one, name), minutes, "{name} of {one}");
            }
            let parts = ["delivered_minutes", "missed_minutes", "to_log_minutes", "to_come_minutes"];
            assert_eq!(number(one, "planned_minutes"), parts.iter().map(|part| number(one, part)).sum::<i64>());
            assert_eq!(app.office.get(&format!("/service-requests/{request}/owed")).expect(200), *one);
            assert_eq!(one["projection"]["ends_on"], "2027-05-28");
            // Two periods hold what the whole holds.
            let part = |query: &str| app.office.get(&format!("/service-requests/{request}/owed?{query}")).expect(200);
            let (before, after) = (part("until=2027-01-12"), part("from=2027-01-12"));
            for name in ["planned_minutes", "missed_minutes", "still_owed_minutes", "to_come_minutes"] {
                assert_eq!(number(one, name), number(&before, name) + number(&after, name), "{name}");
            }
        }
        let sum = |name: &str| owed.iter().map(|one| number(one, name)).sum::<i64>();
        assert!(sum("still_owed_minutes") > 0 && sum("not_owed_minutes") > 0 && sum("over_delivered_minutes") > 0);
        assert!(sum("for_team_decision_minutes") > 0);
    }

    fn a_make_up_pays_back_what_is_owed_and_no_more(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let (coordinators, specialists) = coop.accounts(app);
        app.later(79 * DAY);
        let visits = all(&app.office, "/dated-visits?from=2027-01-18&until=2027-01-19");
        let visit = &visits[0];
        let who = coop.specialists.iter().position(|one| visit["specialist_id"] == *one).expect("one of both");
        let own = &specialists[who];
        let make_ups = format!("/dated-visits/{}/make-ups", id(visit));
        let body = |day: &str, starts: &str, ends: &str| {
            json!({"specialist_id": coop.specialists[who], "visit_on": day, "starts": starts, "ends": ends})
        };
        let friday = body("2027-01-22", "09:00", "09:30");
        open_fridays(app);
        own.post(&make_ups, &friday).expect_problem(409, "conflict");
        log(app, visit, &json!({"outcome": "did_not_take_place", "reason": "provider_absent"}));
        coordinators[0].post(&make_ups, &friday).expect_problem(if visit["member_id"] == coop.members[0] { 403 } else { 404 },
            if visit["member_id"] == coop.members[0] { "forbidden" } else { "not-found" });
        specialists[1 - who].post(&make_ups, &friday).expect_problem(404, "not-found");
        let closed = json!({
            "member_id": visit["member_id"], "kind": "closure", "name": "Snow day", "starts_on": "2027-01-28",
            "ends_on": "2027-01-28"
        });
        app.office.post("/calendar-entries", &closed).expect(201);
        let early = json!({
            "member_id": visit["member_id"], "kind": "early_release", "name": "Half day", "starts_on": "2027-01-29",
            "ends_on": "2027-01-29", "released": "12:00"
        });
        app.office.post("/calendar-entries", &early).expect(201);
        let away = json!({"reason": "family", "starts_on": "2027-02-04", "ends_on": "2027-02-04"});
        own.post(&format!("/specialists/{}/time-away", coop.specialists[who]), &away).expect(201);
        let busy = all(own, "/dated-visits?from=2027-01-25&until=2027-01-26").into_iter()
            .find(|one| one["specialist_id"] == coop.specialists[who]).expect("a visit next Monday");
        let mut other = friday.clone();
        other["specialist_id"] = json!(coop.specialists[1 - who]);
        for (bad, place) in [
            (body("2027-01-15", "09:00", "09:30"), "/visit_on"),
            (body("2027-06-01", "09:00", "09:30"), "/visit_on"),
            (body("2027-01-23", "09:00", "09:30"), "/visit_on"),
            (body("2027-01-28", "09:00", "09:30"), "/visit_on"),
            (body("2027-01-29", "11:45", "12:15"), "/ends"),
            (body("2027-01-22", "09:30", "09:00"), "/ends"),
            (body("2027-01-22", "09:00", "11:30"), "/ends"),
            (body("2027-02-04", "09:00", "09:30"), "/specialist_id"),
            (body("2027-01-25", busy["starts"].as_str().expect("a time"), busy["ends"].as_str().expect("a time")), "/starts"),
            (other, "/specialist_id"),
        ] {
            let faults = own.post(&make_ups, &bad).expect_problem(422, "invalid-entries");
            assert!(faults.iter().any(|fault| fault.0 == place), "{bad} {faults:?}");
        }
        let reply = own.post(&make_ups, &friday);
        let made = reply.expect(201);
        assert_eq!((&made["kind"], &made["makes_up_id"], &made["minutes"]), (&json!("make_up"), &visit["id"], &json!(30)));
        // It is in the way of another one, and counts as promised.
        own.post(&make_ups, &friday).expect_problem(if number(visit, "minutes") == 30 { 409 } else { 422 },
            if number(visit, "minutes") == 30 { "conflict" } else { "invalid-entries" });
        own.post(&format!("/dated-visits/{}/make-ups", id(&made)), &friday).expect_problem(409, "conflict");
        let request = visit["service_request_id"].as_str().expect("an id");
        let owed = || app.office.get(&format!("/service-requests/{request}/owed")).expect(200);
        let before = owed();
        assert_eq!(number(&before, "make_ups_open_minutes"), 30);
        assert_eq!(number(&before, "for_team_decision_minutes"), number(visit, "minutes"));
        app.later(3 * DAY);
        log(app, &made, &json!({"outcome": "delivered", "minutes": 30}));
        let after = owed();
        assert_eq!(number(&after, "made_up_minutes"), 30);
        assert_eq!(number(&before, "still_owed_minutes") - number(&after, "still_owed_minutes"), 30);
        assert_eq!(number(&after, "for_team_decision_minutes"), number(visit, "minutes") - 30);
        let delete = |visit: &Value| own.send("DELETE", &format!("/api/v1/dated-visits/{}", id(visit)), &[], None);
        delete(&made).expect_problem(409, "conflict");
        delete(visit).expect_problem(409, "conflict");
        // Another one is cancelled before it was logged.
        let second = visits.iter().find(|one| one["id"] != visit["id"] && one["specialist_id"] == visit["specialist_id"]);
        if let Some(second) = second {
            log(app, second, &json!({"outcome": "did_not_take_place", "reason": "other"}));
            let path = format!("/dated-visits/{}/make-ups", id(second));
            let other = own.post(&path, &body("2027-02-05", "10:00", "10:30")).expect(201);
            assert_eq!(delete(&other).status, 204);
            app.office.get(&format!("/dated-visits/{}", id(&other))).expect_problem(404, "not-found");
        }
    }

    fn a_make_up_keeps_to_the_hours_of_the_school_and_the_specialist_and_to_the_drive(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        open_fridays(app);
        let (_, specialists) = coop.accounts(app);
        app.later(79 * DAY);
        let visit = all(&app.office, "/dated-visits?from=2027-01-18&until=2027-01-19").remove(0);
        log(app, &visit, &json!({"outcome": "did_not_take_place", "reason": "provider_absent"}));
        let who = coop.specialists.iter().position(|one| visit["specialist_id"] == *one).expect("one of both");
        let make_ups = format!("/dated-visits/{}/make-ups", id(&visit));
        let body = |day: &str, starts: &str, ends: &str, is_meant: bool| {
            json!({"specialist_id": coop.specialists[who], "visit_on": day, "starts": starts, "ends": ends,
                "despite_objections": is_meant})
        };
        let refused = |by: &crate::support::client::Client, body: &Value, place: &str, words: &str| {
            let faults = by.post(&make_ups, body).expect_problem(422, "invalid-entries");
            assert!(faults.iter().any(|fault| fault.0 == place && fault.1.contains(words)), "{body} {faults:?}");
        };
        // In the night, and on a day without hours; specialists do not agree with themselves to go beyond.
        for is_meant in [false, true] {
            refused(&specialists[who], &body("2027-01-22", "03:00", "03:30", is_meant), "/starts", "from 8:00 a.m. to 3:00 p.m. Choose");
            refused(&specialists[who], &body("2027-01-26", "09:00", "09:30", is_meant), "/visit_on", "on Tuesday at no time. Choose");
        }
        refused(&app.office, &body("2027-01-22", "03:00", "03:30", false), "/starts", "despite_objections");
        // Right after a visit at the other school, 15 minutes away: a fact, which nobody overrules.
        let elsewhere = all(&app.office, "/dated-visits?from=2027-01-25&until=2027-03-01&state=planned").into_iter()
            .find(|one| one["specialist_id"] == coop.specialists[who] && one["site_id"] != visit["site_id"]);
        if let Some(other) = elsewhere {
            let ends = other["ends"].as_str().expect("a time");
            let soon = super::make_ups::later(ends, 10);
            let soon = body(other["visit_on"].as_str().expect("a day"), ends, &soon, true);
            refused(&app.office, &soon, "/starts", "drive");
        }
        // Another make-up counts as a visit.
        let made = specialists[who].post(&make_ups, &body("2027-01-22", "09:00", "09:10", false)).expect(201);
        let found = specialists[who].get(&format!("/dated-visits/{}/make-up-times", id(&visit))).expect(200);
        for time in found["times"].as_array().expect("times").iter().filter(|time| time["visit_on"] == made["visit_on"]) {
            assert!(time["ends"].as_str() <= Some("09:00") || time["starts"].as_str() >= Some("09:10"), "{time}");
        }
        let night = app.office.post(&make_ups, &body("2027-01-29", "03:00", "03:10", true)).expect(201);
        assert_eq!(night["state"], "planned", "the office agreed with everybody");
    }

    fn a_second_make_up_is_told_which_one_holds_the_minutes(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        app.later(79 * DAY);
        let visit = all(&app.office, "/dated-visits?from=2027-01-18&until=2027-01-19").remove(0);
        log(app, &visit, &json!({"outcome": "did_not_take_place", "reason": "provider_absent"}));
        let minutes = number(&visit, "minutes");
        let post = |day: &str, minutes: i64| {
            let body = json!({"specialist_id": visit["specialist_id"], "visit_on": day, "starts": "09:00",
                "ends": format!("{:02}:{:02}", 9 + minutes / 60, minutes % 60), "despite_objections": true});
            app.office.post(&format!("/dated-visits/{}/make-ups", id(&visit)), &body)
        };
        post("2027-01-22", minutes - 5).expect(201);
        let faults = post("2027-01-29", minutes).expect_problem(422, "invalid-entries");
        let words = format!("The make-up on January 22 at 9:00 a.m. holds {} minutes of this visit. 5 minutes of this visit are still free", minutes - 5);
        assert!(faults.iter().any(|fault| fault.0 == "/ends" && fault.1.contains(&words)), "{faults:?}");
        post("2027-01-29", 5).expect(201);
        let refused = post("2027-02-05", 10);
        refused.expect_problem(409, "conflict");
        let text = refused.text();
        assert!(text.contains("The make-up on January 22") && text.contains("January 29 at 9:00 a.m. holds 5 minutes of this visit; 0 are still free"), "{text}");
    }

    fn an_unknown_discipline_and_days_in_the_wrong_order_are_refused_everywhere(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let request = id(&app.office.get("/service-requests").expect(200)["items"][0]);
        let promise = format!("/sites/{}/weekly-minutes?term={}&minutes=60&per=week", coop.sites[0], coop.term);
        for (path, parameter) in [
            ("/owed?discipline=XX".to_owned(), "/discipline"),
            (format!("{promise}&discipline=XX"), "/discipline"),
            ("/reports/service-fidelity?discipline=XX".to_owned(), "/discipline"),
            ("/owed?from=2027-02-01&until=2027-01-01".to_owned(), "/until"),
            (format!("/service-requests/{request}/owed?from=2027-02-01&until=2027-01-01"), "/until"),
            ("/dated-visits?from=2027-02-01&until=2027-01-01".to_owned(), "/until"),
            ("/service-logs?from=2027-02-01&until=2027-01-01".to_owned(), "/until"),
            ("/calendar-entries?from=2027-02-01&until=2027-01-01".to_owned(), "/until"),
            ("/reports/service-fidelity?from=2027-02-01&until=2027-01-01".to_owned(), "/until"),
            ("/reports/time-and-effort?from=2027-02-01&until=2027-01-01".to_owned(), "/until"),
        ] {
            let faults = app.office.get(&path).expect_problem(422, "invalid-entries");
            assert_eq!(faults[0].0, parameter, "{path} {faults:?}");
        }
        app.office.get("/owed?discipline=SLP&from=2027-01-01&until=2027-01-01").expect(200);
    }

    fn what_is_wrong_with_a_make_up_tells_nothing_of_another_specialist(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let (_, specialists) = coop.accounts(app);
        app.later(79 * DAY);
        let visit = all(&app.office, "/dated-visits?from=2027-01-18&until=2027-01-19").remove(0);
        log(app, &visit, &json!({"outcome": "did_not_take_place", "reason": "provider_absent"}));
        let who = coop.specialists.iter().position(|one| visit["specialist_id"] == *one).expect("one of both");
        let other = &coop.specialists[1 - who];
        let away = json!({"reason": "family", "starts_on": "2027-02-03", "ends_on": "2027-02-03"});
        app.office.post(&format!("/specialists/{other}/time-away"), &away).expect(201);
        let theirs = all(&specialists[1 - who], "/dated-visits?from=2027-01-25&until=2027-01-26").remove(0);
        // At a time of one of their visits, and on a day on which they are away: like somebody who does not exist.
        for (day, starts, ends) in [
            ("2027-01-25", theirs["starts"].clone(), theirs["ends"].clone()),
            ("2027-02-03", json!("09:00"), json!("09:30")),
        ] {
            let faults = [other, "01900000-0000-7000-8000-000000000000"].map(|somebody| {
                let entry = json!({"specialist_id": somebody, "visit_on": day, "starts": starts, "ends": ends});
                specialists[who].post(&format!("/dated-visits/{}/make-ups", id(&visit)), &entry)
                    .expect_problem(422, "invalid-entries")
            });
            assert_eq!(faults[0], faults[1]);
        }
    }

    fn coordinators_see_what_is_owed_at_their_own_schools_only(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let (coordinators, [specialist, _]) = coop.accounts(app);
        let rows = all(&app.office, "/owed");
        for half in [0, 1] {
            let own = all(&coordinators[half], "/owed");
            assert!(own.len() == 1 && own[0]["member_id"] == coop.members[half], "{own:?}");
            let foreign = rows.iter().find(|one| one["member_id"] != coop.members[half]).expect("the other one");
            let path = format!("/service-requests/{}/owed", foreign["service_request_id"].as_str().expect("an id"));
            coordinators[half].get(&path).expect_problem(404, "not-found");
            for filter in ["member", "site"] {
                let value = if filter == "member" { &coop.members[half] } else { &coop.sites[half] };
                assert_eq!(all(&app.office, &format!("/owed?{filter}={value}")), own);
            }
        }
        specialist.get("/owed").expect_problem(404, "not-found");
        assert_eq!(all(&app.office, "/owed?discipline=OT").len(), 0);
        assert_eq!(all(&app.office, &format!("/owed?discipline=SLP&term={}", coop.term)), rows);
        // A holiday in the calendar was never planned, though the week has a visit that day.
        let before = number(&rows[0], "planned_minutes");
        let holiday = json!({
            "member_id": rows[0]["member_id"], "kind": "holiday", "name": "Break", "starts_on": "2027-03-15",
            "ends_on": "2027-03-19"
        });
        app.office.post("/calendar-entries", &holiday).expect(201);
        let after = all(&app.office, "/owed").remove(0);
        assert_eq!(before, number(&after, "planned_minutes") + number(&after, "no_school_minutes"));
        assert!(number(&after, "no_school_minutes") > 0);
    }
}
