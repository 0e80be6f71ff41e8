//! "What if" over the API: made, planned by the real planner, compared, stopped, put away, and never published.

use std::sync::atomic::AtomicBool;

use coop_scheduler::jobs::Worked;
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::both::on_both_databases;
use crate::support::small_coop::{SmallCoop, id};

/// Longer visits for the request that is short.
fn longer_visits() -> Value {
    json!({"name": "Longer visits", "seconds_max": 3, "changes": [
        {"kind": "visit_length", "request": "SR-2026-0002", "min": 30, "max": 240}]})
}

/// Somebody who is hired although the request itself allows no more.
fn one_hired() -> Value {
    json!({"name": "Speech specialist, half time", "seconds_max": 3, "changes": [
        {"kind": "hire", "discipline": "SLP", "minutes_per_week": 660, "employer": "coop", "cents_per_hour": 6000}]})
}

fn plan_everything(app: &TestApp) {
    let planner = app.app.planner().expect("a planner");
    while planner.work(&AtomicBool::new(false)) == Worked::One {}
}

on_both_databases! {
    fn a_scenario_is_planned_in_the_background_and_compared(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let (_, plan) = coop.plan(app);
        let path = format!("/plans/{plan}/scenarios");
        let entered = app.office.post(&path, &longer_visits());
        let place = entered.header("Location").to_owned();
        let first = entered.expect(201);
        assert_eq!(place, format!("/api/v1/scenarios/{}", id(&first)));
        assert_eq!(first["code"], "WHATIF-2026-0001");
        assert_eq!((&first["state"], &first["measures"]), (&json!("queued"), &Value::Null));
        assert_eq!(first["sentences"], json!(["Allow visits of 30 to 240 min for SR-2026-0002 at School B-1"]));
        assert_eq!(first["changes"], longer_visits()["changes"]);
        let second = app.office.post(&path, &one_hired()).expect(201);
        assert_eq!(second["cents_per_week"], 66_000);

        let waiting = app.office.get(&format!("{path}/compare")).expect(200);
        assert_eq!((&waiting["unfinished"], &waiting["scenarios"]), (&json!(2), &json!([])));
        plan_everything(app);
        let first = app.office.get(&format!("/scenarios/{}", id(&first))).expect(200);
        assert_eq!((&first["state"], &first["failure"]), (&json!("succeeded"), &Value::Null), "{first}");

        let compared = app.office.get(&format!("{path}/compare")).expect(200);
        let base = &compared["base"];
        assert_eq!(base["mandated"], json!({"requested": 660, "placed": 180}));
        assert_eq!((&base["worst_member_code"], &base["worst_share_basis_points"]), (&json!("B"), &json!(2_000)));
        assert_eq!((&base["members_below"], &base["visits_moved"]), (&json!(1), &json!(0)));
        assert_eq!(base["visits_kept"], base["visits"]);
        let [longer, hired] = [&compared["scenarios"][0], &compared["scenarios"][1]];
        assert_eq!(longer["code"], "WHATIF-2026-0001");
        assert_eq!((&longer["minutes_gained"], &longer["mandated_minutes_gained"]), (&json!(360), &json!(360)));
        assert_eq!((&longer["cents_per_year"], &longer["cents_per_minute_gained"]), (&json!(0), &json!(0)));
        assert_eq!(longer["measures"]["mandated"]["placed"], 540);
        assert_eq!((&hired["minutes_gained"], &hired["cents_per_minute_gained"]), (&json!(0), &Value::Null));
        assert_eq!((&hired["cents_per_year"], &hired["cents_per_term"]), (&json!(2_376_000), &json!(1_386_000)));
        assert_eq!((&compared["weeks_per_year"], &compared["weeks_of_term"]), (&json!(36), &json!(21)));
        assert_eq!(compared["unfinished"], 0);

        let document = app.office.get(&format!("/scenarios/{}/document", id(&first))).expect(200);
        assert_eq!(document["format"], "coop-plan/1");
        // What is only tried makes no plan that could be published, and no run that people see among those of plans.
        let plans = app.office.get("/plans").expect(200);
        assert_eq!(plans["items"].as_array().map(Vec::len), Some(1));
        let runs = app.office.get("/plan-runs").expect(200);
        assert_eq!(runs["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(runs["items"][0]["purpose"], "plan");
        let scenario = id(&first);
        app.office.post(&format!("/plans/{scenario}/publish"), &json!({})).expect_problem(404, "not-found");
    }

    fn what_one_more_specialist_would_change_is_tried_once(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let (_, plan) = coop.plan(app);
        let path = format!("/plans/{plan}/scenarios/one-more");
        let set = app.office.post(&path, &json!({"seconds_max": 3})).expect(201);
        let items = set["items"].as_array().expect("a list");
        let names: Vec<&str> = items.iter().filter_map(|one| one["name"].as_str()).collect();
        let hired = ["Speech-language pathologist, half time", "Speech-language pathologist, full time"];
        assert!(names.ends_with(&hired) && names.len() <= 3, "{names:?}");
        let full = items.last().expect("an item");
        assert_eq!(full["changes"][0]["minutes_per_week"], 1320);
        assert_eq!(full["cents_per_week"], 143_000, "at the pay of the co-op's own speech specialists");
        let again = app.office.post(&path, &json!({"seconds_max": 3})).expect(201);
        let identities = |set: &Value| set["items"].as_array().expect("a list").iter().map(id).collect::<Vec<_>>();
        assert_eq!(identities(&again), identities(&set));
        // A plan goes before what is only tried.
        let run = id(&app.office.post("/plan-runs", &json!({"term_id": coop.term, "seconds_max": 3})).expect(201));
        assert_eq!(app.app.planner().expect("a planner").work(&AtomicBool::new(false)), Worked::One);
        assert_eq!(app.office.get(&format!("/plan-runs/{run}")).expect(200)["state"], "succeeded");
    }

    fn bad_changes_are_named_and_nothing_is_queued(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let (_, plan) = coop.plan(app);
        let path = format!("/plans/{plan}/scenarios");
        let open = json!({"kind": "open_window", "request": "SR-2026-0001", "day": "tue", "starts": "08:00", "ends": "09:00"});
        let with = |changes: Value| json!({"name": "x", "changes": changes});
        for (body, pointer) in [
            (with(json!([])), "/changes"),
            (with(json!([7])), "/changes/0"),
            (with(json!([open, {"kind": "teleport"}])), "/changes/1/kind"),
            (with(json!([open, {"kind": "remove_request", "request": "SR-9"}])), "/changes/1/request"),
            (with(json!([{"kind": "absence", "specialist": "S-1", "days": ["funday"]}])), "/changes/0/days/0"),
            (with(json!([{"kind": "longer_week", "specialist": "S-1", "minutes": 99_999}])), "/changes/0/minutes"),
            (with(json!([{"kind": "hire", "discipline": "SLP", "minutes_per_week": 60, "employer": "agency", "cents_per_hour": -5}])),
             "/changes/0/cents_per_hour"),
            (with(json!([{"kind": "open_window", "request": "SR-2026-0001", "day": "tue", "starts": "08:02", "ends": "09:00"}])),
             "/changes/0/starts"),
            (json!({"name": " ", "changes": [open]}), "/name"),
            (json!({"name": "x", "changes": [open], "seconds_max": 0}), "/seconds_max"),
            (json!({"name": "x", "changes": "all"}), "/changes"),
        ] {
            let faults = app.office.post(&path, &body).expect_problem(422, "invalid-entries");
            assert!(faults.iter().any(|(place, _)| place == pointer), "{pointer} is not in {faults:?}");
        }
        assert_eq!(app.office.get(&path).expect(200)["items"], json!([]));
        assert_eq!(app.app.planner().expect("a planner").work(&AtomicBool::new(false)), Worked::Nothing);
    }

    fn a_scenario_is_stopped_and_put_away(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let (_, plan) = coop.plan(app);
        let path = format!("/plans/{plan}/scenarios");
        let own = |record: &Value| format!("/scenarios/{}", id(record));
        let entered = app.office.post(&path, &longer_visits()).expect(201);
        let stopped = app.office.act(&format!("{}/cancel", own(&entered))).expect(200);
        assert_eq!(stopped["state"], "cancelled");
        app.office.act(&format!("{}/cancel", own(&entered))).expect_problem(409, "conflict");
        app.office.get(&format!("{}/document", own(&entered))).expect_problem(404, "not-found");
        let put_away = app.office.act(&format!("{}/archive", own(&entered))).expect(200);
        assert!(put_away["archived_at"].is_string(), "{put_away}");
        app.office.act(&format!("{}/archive", own(&entered))).expect_problem(409, "conflict");
        assert_eq!(app.office.get(&path).expect(200)["items"], json!([]));
        app.office.get(&own(&entered)).expect(200);
        // One that still waits is stopped when it is put away.
        let waiting = app.office.post(&path, &one_hired()).expect(201);
        app.office.act(&format!("{}/archive", own(&waiting))).expect(200);
        assert_eq!(app.app.planner().expect("a planner").work(&AtomicBool::new(false)), Worked::Nothing);
        let trail = app.office.get("/audit-entries?limit=200").expect(200);
        let did = |verb: &str| {
            let entries = trail["items"].as_array().into_iter().flatten();
            entries.filter(|entry| entry["subject_kind"] == "scenario" && entry["action"] == verb).count()
        };
        assert_eq!((did("start"), did("cancel"), did("archive")), (2, 1, 2), "{trail}");
    }
}
