//! Work that is not visits: kept out of the plan, shown beside it, and held against the co-op's policy.

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::both::{DatabaseKind, on_both_databases};
use crate::support::small_coop::{SmallCoop, contract, id, paperwork};

fn enter(app: &TestApp, coop: &SmallCoop, body: &Value) -> Value {
    app.office.post(&format!("/specialists/{}/indirect-blocks", coop.specialists[0]), body).expect(201)
}

fn at(weekday: &str, starts: &str, minutes: i64) -> Value {
    json!({"kind": "iep_meetings", "minutes_per_week": minutes, "weekday": weekday, "starts": starts,
        "effective_from": "2026-08-01"})
}

fn first_of_instance(app: &TestApp, run: &str) -> Value {
    app.office.get(&format!("/plan-runs/{run}/instance")).expect(200)["specialists"][0].clone()
}

on_both_databases! {
    fn blocks_reach_the_planner_as_hours_and_as_minutes(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let (run, _) = coop.plan(app);
        let before = first_of_instance(app, &run);
        // Mondays and Wednesdays from 8 to 3 are 840 minutes, of which 600 may be visits.
        let block = enter(app, &coop, &at("mon", "08:00", 90));
        enter(app, &coop, &paperwork(300));
        let mut ended = paperwork(2000);
        ended["effective_until"] = json!("2026-12-31");
        enter(app, &coop, &ended);
        let (run, plan) = coop.plan(app);
        let after = first_of_instance(app, &run);
        assert_eq!(after["availability"], json!({"mon": [["09:30", "15:00"]], "wed": [["08:00", "15:00"]]}));
        assert_eq!(after["direct_minutes_per_week_max"], 450);
        let mut same = after.clone();
        same["availability"] = before["availability"].clone();
        same["direct_minutes_per_week_max"] = before["direct_minutes_per_week_max"].clone();
        assert_eq!(same, before);
        // A plan made before the week changed is not published.
        let path = format!("/indirect-blocks/{}", id(&block));
        app.office.put(&path, "\"1\"", &at("mon", "08:00", 120)).expect(200);
        app.office.post(&format!("/plans/{plan}/publish"), &json!({})).expect_problem(409, "conflict");
        // Paid minutes count instead of the hours where the contract has them.
        let mut paid = contract(&coop.members[0], &coop.sites[0]);
        paid["paid_minutes_per_week"] = json!(1_000);
        app.office.put(&format!("/contracts/{}", coop.contracts[0]), "\"1\"", &paid).expect(200);
        let (run, _) = coop.plan(app);
        assert_eq!(first_of_instance(app, &run)["direct_minutes_per_week_max"], 580);
        assert_eq!(app.office.send("DELETE", &format!("/api/v1{path}"), &[], None).status, 204);
        let (run, _) = coop.plan(app);
        let last = first_of_instance(app, &run);
        assert_eq!((&last["availability"], &last["direct_minutes_per_week_max"]), (&before["availability"], &json!(600)));
    }

    fn each_fault_of_a_block_has_its_place_and_its_way_out(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        enter(app, &coop, &at("fri", "13:00", 60));
        let list = format!("/specialists/{}/indirect-blocks", coop.specialists[0]);
        let mut no_time = at("fri", "13:00", 60);
        no_time["starts"] = json!(null);
        let mut no_day = at("fri", "13:00", 60);
        no_day["weekday"] = json!(null);
        let mut over = paperwork(60);
        over["effective_until"] = json!("2026-08-01");
        for (body, place, words) in [
            (at("fri", "13:30", 30), "/starts", "There is IEP meetings on Friday 13:00-14:00 already"),
            (at("fri", "23:00", 120), "/minutes_per_week", "end after midnight"),
            (no_time, "/starts", "like 14:00"),
            (no_day, "/weekday", "like fri"),
            (paperwork(7), "/minutes_per_week", "Try 5"),
            (paperwork(0), "/minutes_per_week", "write 5 to 2400 minutes"),
            (over, "/effective_until", "must be after 2026-08-01"),
        ] {
            let faults = app.office.post(&list, &body).expect_problem(422, "invalid-entries");
            assert!(faults.len() == 1 && faults[0].0 == place && faults[0].1.contains(words), "{body}: {faults:?}");
        }
        // Beside it, and on another day, it is welcome.
        enter(app, &coop, &at("fri", "14:00", 30));
        enter(app, &coop, &at("thu", "13:00", 60));
        let mut paid = contract(&coop.members[0], &coop.sites[0]);
        paid["paid_minutes_per_week"] = json!(0);
        let faults = app.office.put(&format!("/contracts/{}", coop.contracts[0]), "\"1\"", &paid);
        assert_eq!(faults.expect_problem(422, "invalid-entries")[0].0, "/paid_minutes_per_week");
    }

    fn a_week_is_shown_whole_to_the_office_and_the_own_one_to_the_person(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        enter(app, &coop, &at("mon", "08:00", 90));
        enter(app, &coop, &paperwork(60));
        let made = coop.make(app);
        let path = format!("/plans/{}/workload", made.plan);
        let all = app.office.get(&path).expect(200);
        assert_eq!(all["direct_share_asha_2022_percent"], 59);
        assert_eq!(all["specialists"].as_array().map(Vec::len), Some(2));
        let visits = app.office.get(&format!("/plans/{}/visits?limit=200", made.plan)).expect(200);
        let visits = visits["items"].as_array().expect("a list");
        for (n, week) in all["specialists"].as_array().expect("a list").iter().enumerate() {
            let own: Vec<&Value> = visits.iter().filter(|visit| visit["specialist_id"] == coop.specialists[n]).collect();
            let distinct = |key: &str| own.iter().map(|visit| visit[key].to_string()).collect::<std::collections::BTreeSet<_>>().len();
            let minutes = |text: &Value| text.as_str().and_then(|text| text.split_once(':')).map_or(0, |(hour, minute)| {
                hour.parse::<i64>().expect("an hour") * 60 + minute.parse::<i64>().expect("a minute")
            });
            let direct: i64 = own.iter().map(|visit| minutes(&visit["ends"]) - minutes(&visit["starts"])).sum();
            let reserved = [150, 0][n];
            assert_eq!(week["direct_minutes"], direct);
            assert_eq!((&week["week_minutes"], &week["week_minutes_from"]), (&json!(840), &json!("weekly_hours")));
            assert_eq!(week["direct_share_percent"], (direct * 200 + 840) / 1680);
            assert_eq!(week["other_minutes"], 840 - direct - reserved);
            assert_eq!((&week["requests"], &week["sites"]), (&json!(distinct("service_request_id")), &json!(distinct("site_id"))));
            assert_eq!(week["warnings"], json!([]));
        }
        let indirect = json!([{"kind": "iep_meetings", "fixed_minutes": 90, "floating_minutes": 0},
            {"kind": "paperwork", "fixed_minutes": 0, "floating_minutes": 60}]);
        assert_eq!(all["specialists"][0]["indirect"], indirect);
        let ([coordinator, _], [own, _]) = coop.accounts(app);
        assert_eq!(own.get(&path).expect(200)["specialists"], json!([all["specialists"][0]]));
        coordinator.get(&path).expect_problem(404, "not-found");
        let cookie = app.cookie(&app.office);
        let page = app.nobody().send("GET", "/week", &[("Cookie", &cookie)], None).text();
        assert!(page.contains("Whole week") && page.contains("59%"), "{page}");
    }
}

fn the_policy_is_kept(kind: DatabaseKind) {
    let strict = |config: &mut coop_scheduler::config::Config| {
        config.workload.planning_minutes_per_week = 400;
        config.workload.sites_per_week_max = 1;
        config.workload.requests_max = 1;
    };
    let app = TestApp::start_changed(kind, |_| {}, strict);
    let coop = SmallCoop::enter(&app.office);
    // One person alone serves both sites.
    let mut ended = contract(&coop.members[1], &coop.sites[1]);
    ended["effective_until"] = json!("2026-12-01");
    app.office.put(&format!("/contracts/{}", coop.contracts[1]), "\"1\"", &ended).expect(200);
    let (run, plan) = coop.plan(&app);
    assert_eq!(first_of_instance(&app, &run)["direct_minutes_per_week_max"], 440);
    let caps = |key: &str| first_of_instance(&app, &run)[key].clone();
    assert_eq!((caps("sites_per_week_max"), caps("requests_max")), (json!(1), json!(1)));
    let week = app.office.get(&format!("/plans/{plan}/workload")).expect(200)["specialists"][0].clone();
    assert_eq!((&week["requests"], &week["sites"], &week["warnings"]), (&json!(1), &json!(1), &json!([])));
    assert_eq!(week["indirect"], json!([{"kind": "planning", "fixed_minutes": 0, "floating_minutes": 400}]));
    // What goes short for it says so.
    let shortfalls = app.office.get(&format!("/plans/{plan}/shortfalls")).expect(200)["items"].clone();
    let causes: Vec<&Value> = shortfalls
        .as_array()
        .expect("a list")
        .iter()
        .flat_map(|one| one["causes"].as_array().expect("a list"))
        .collect();
    assert!(causes.iter().any(|cause| cause["cause"] == "cap_reached"), "{shortfalls}");
    app.office.post(&format!("/plans/{plan}/publish"), &json!({})).expect(200);
}

fn a_week_that_is_too_short_is_warned_about(kind: DatabaseKind) {
    let strict = |config: &mut coop_scheduler::config::Config| config.workload.planning_minutes_per_week = 900;
    let app = TestApp::start_changed(kind, |_| {}, strict);
    let coop = SmallCoop::enter(&app.office);
    let (_, plan) = coop.plan(&app);
    let checks = app.office.get(&format!("/plans/{plan}/checks")).expect(200);
    assert_eq!(checks["warnings"][0], "S-1 has 60 minutes more of visits and reserved work than the week of 840");
    let week = app.office.get(&format!("/plans/{plan}/workload")).expect(200)["specialists"][0].clone();
    assert_eq!(week["warnings"], json!([checks["warnings"][0]]));
    let cookie = app.cookie(&app.office);
    let page = app.nobody().send("GET", "/plans/PLAN-2026-0001", &[("Cookie", &cookie)], None).text();
    assert!(page.contains("Before you publish") && page.contains("Specialist S-1 has 60 minutes more"), "{page}");
    // Warned, not refused.
    app.office.post(&format!("/plans/{plan}/publish"), &json!({})).expect(200);
}

#[test]
fn the_policy_is_kept_on_sqlite() {
    the_policy_is_kept(DatabaseKind::Sqlite);
}

#[test]
fn the_policy_is_kept_on_postgres() {
    the_policy_is_kept(DatabaseKind::Postgres);
}

#[test]
fn a_week_that_is_too_short_is_warned_about_on_sqlite() {
    a_week_that_is_too_short_is_warned_about(DatabaseKind::Sqlite);
}

#[test]
fn a_week_that_is_too_short_is_warned_about_on_postgres() {
    a_week_that_is_too_short_is_warned_about(DatabaseKind::Postgres);
}
