//! The 3:1 model: three weeks with visits, the fourth without, by setting and discipline.

use serde_json::{Value, json};

use super::all;
use crate::support::app::TestApp;
use crate::support::both::DatabaseKind;
use crate::support::small_coop::{SmallCoop, id};

const DAY: i64 = 24 * 60 * 60;

fn every_fourth_week_is_without_visits(kind: DatabaseKind) {
    let three_to_one =
        |config: &mut coop_scheduler::config::Config| config.workload.three_to_one = vec!["SLP".to_owned()];
    let app = TestApp::start_changed(kind, |_| {}, three_to_one);
    let coop = SmallCoop::enter(&app.office);
    // It snows in the first of these weeks, which nobody will miss.
    let snow = json!({"member_id": coop.members[0], "kind": "closure", "name": "Snow day",
        "starts_on": "2027-01-25", "ends_on": "2027-01-29"});
    let snow = id(&app.office.post("/calendar-entries", &snow).expect(201));
    let made = coop.make(&app);
    let visits = all(&app.office, "/dated-visits");
    let (off, on): (Vec<&Value>, Vec<&Value>) = visits.iter().partition(|visit| visit["state"] == "closed");
    assert!(off.iter().all(|visit| visit["reason"] == "Indirect week"), "{off:?}");
    let days = |visits: &[&Value]| {
        let mut days: Vec<String> =
            visits.iter().map(|one| one["visit_on"].as_str().expect("a date").to_owned()).collect();
        days.dedup();
        days
    };
    let fourth = [
        "2027-01-25",
        "2027-01-27",
        "2027-02-22",
        "2027-02-24",
        "2027-03-22",
        "2027-03-24",
        "2027-04-19",
        "2027-04-21",
        "2027-05-17",
        "2027-05-19",
    ];
    assert_eq!(days(&off), fourth);
    assert!(on.iter().all(|visit| visit["state"] == "planned"));
    assert_eq!((off.len(), on.len()), (20, 64));

    // Nothing is owed for them: what was planned is what the other weeks hold.
    for one in all(&app.office, "/owed") {
        let own: Vec<&&Value> =
            on.iter().filter(|visit| visit["service_request_id"] == one["service_request_id"]).collect();
        let planned: i64 = own.iter().map(|visit| visit["minutes"].as_i64().expect("minutes")).sum();
        assert_eq!(
            (&one["planned_minutes"], &one["to_come_minutes"], &one["missed_minutes"]),
            (&json!(planned), &json!(planned), &json!(0))
        );
    }

    // The week and the workload say so.
    let week = app.office.get(&format!("/plans/{}/workload", made.plan)).expect(200)["specialists"][0].clone();
    let direct = week["direct_minutes"].as_i64().expect("minutes");
    assert!(direct > 0);
    assert_eq!(week["direct_minutes_on_average"].as_i64(), Some((direct * 3 + 2) / 4));
    let cookie = app.cookie(&app.office);
    let page = |path: &str| app.nobody().send("GET", path, &[("Cookie", &cookie)], None).text();
    assert!(page("/week/S-1?on=2027-01-27").contains("no visit: Indirect week"));
    assert!(!page("/week/S-1?on=2027-01-20").contains("Indirect week"));
    assert!(page("/week/S-1").contains("Every fourth week of the term is without these visits (3:1)"));
    assert!(page("/week").contains("on average (3:1)"));
    let request =
        app.office.get("/service-requests").expect(200)["items"][0]["code"].as_str().expect("a code").to_owned();
    assert!(page(&format!("/requests/{request}")).contains("a week on average"));

    // Without the snow they take place no more than with it.
    let removal = page(&format!("/calendar/remove?entries={snow}"));
    assert!(removal.contains("Snow day") && !removal.contains("can take place again"), "{removal}");

    // What to ask for, so that 60 minutes in each of 21 weeks are given in 16.
    let ask = |more: &str| {
        app.office.get(&format!("/sites/{}/weekly-minutes?term={}&{more}", coop.sites[1], coop.term)).expect(200)
    };
    let found = ask("minutes=60&per=week&discipline=SLP");
    assert_eq!(
        (&found["instructional_weeks"], &found["direct_weeks"], &found["minutes_per_week"]),
        (&json!(21), &json!(16), &json!(90))
    );
    let arithmetic = found["arithmetic"].as_str().expect("words");
    assert!(
        arithmetic
            .starts_with("60 minutes × 21 weeks = 1260 minutes; 1260 minutes ÷ 16 weeks with visits (3:1) = 78.8")
    );
    assert_eq!(ask("minutes=60&per=week&discipline=OT")["minutes_per_week"], 60);
    assert_eq!(ask("minutes=1200&per=year")["direct_weeks"], 21);
}

/// A visit that was missed is made up in a week without visits, and one that was given there all the same is logged.
fn a_week_without_visits_has_room_for_make_ups(kind: DatabaseKind) {
    let three_to_one =
        |config: &mut coop_scheduler::config::Config| config.workload.three_to_one = vec!["SLP".to_owned()];
    let app = TestApp::start_changed(kind, |_| {}, three_to_one);
    let coop = SmallCoop::enter(&app.office);
    coop.make(&app);
    app.later(79 * DAY);
    let missed = all(&app.office, "/dated-visits?from=2027-01-18&until=2027-01-19")[0].clone();
    let log = |visit: &Value, body: &Value| app.office.post(&format!("/dated-visits/{}/log", id(visit)), body);
    log(&missed, &json!({"outcome": "did_not_take_place", "reason": "provider_absent"})).expect(200);
    // At the very time of the visit that the week leaves out.
    let make_up = json!({"specialist_id": missed["specialist_id"], "visit_on": "2027-01-25", "starts": missed["starts"],
        "ends": missed["ends"]});
    app.office.post(&format!("/dated-visits/{}/make-ups", id(&missed)), &make_up).expect(201);
    // The plan made anew has a visit at that time, which the week leaves out: nothing is in the way of the make-up.
    let (_, draft) = coop.plan(&app);
    let checks = app.office.get(&format!("/plans/{draft}/checks")).expect(200);
    assert_eq!(checks["make_up_clashes"], json!([]), "{checks}");
    app.later(8 * DAY);
    let given = all(&app.office, "/dated-visits?from=2027-01-25&until=2027-01-26")[0].clone();
    assert_eq!(given["reason"], "Indirect week");
    log(&given, &json!({"outcome": "delivered", "minutes": given["minutes"]})).expect(200);
    let request = given["service_request_id"].as_str().expect("an id");
    let owed = app.office.get(&format!("/service-requests/{request}/owed")).expect(200);
    assert!(owed["delivered_minutes"].as_i64() >= given["minutes"].as_i64(), "{owed}");
}

#[test]
fn every_fourth_week_is_without_visits_on_sqlite() {
    every_fourth_week_is_without_visits(DatabaseKind::Sqlite);
}

#[test]
fn every_fourth_week_is_without_visits_on_postgres() {
    every_fourth_week_is_without_visits(DatabaseKind::Postgres);
}

#[test]
fn a_week_without_visits_has_room_for_make_ups_on_sqlite() {
    a_week_without_visits_has_room_for_make_ups(DatabaseKind::Sqlite);
}

#[test]
fn a_week_without_visits_has_room_for_make_ups_on_postgres() {
    a_week_without_visits_has_room_for_make_ups(DatabaseKind::Postgres);
}
