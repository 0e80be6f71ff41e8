//! Evaluation blocks, supervisors and the planning policy: entered or imported, kept, and told to the planner.

use std::sync::Arc;

use coop_scheduler::app::App;
use coop_scheduler::operations::{OperationError, Operations, instance, terms};
use coop_scheduler::planning::Instance;
use coop_scheduler::planning::instance::{Fairness, StayPreference};
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::both::on_both_databases;
use crate::support::demo_coop::{config, noon};
use crate::support::small_coop::{SmallCoop, contract};

fn built(app: &TestApp, operations: &Operations, coop: &SmallCoop) -> Result<Instance, OperationError> {
    let term = coop.term.parse().expect("an identity");
    operations.look(app.actor.clone(), |tx, ctx| {
        let term = terms::get(tx, ctx, term)?;
        instance::build(tx, ctx, &term)
    })
}

/// The contract of the second specialist, as an assistant of the first.
fn assistant(coop: &SmallCoop) -> Value {
    let mut fields = contract(&coop.members[1], &coop.sites[1]);
    fields["evaluation_block_minutes"] = json!(90);
    fields["supervisor_ids"] = json!([coop.specialists[0]]);
    fields
}

on_both_databases! {
    fn an_assistant_and_an_evaluation_block_reach_the_planner(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let plain = built(app, &app.app.operations, &coop).expect("an instance");
        assert_eq!(plain.format, "coop-planning-instance/1");
        let path = format!("/contracts/{}", coop.contracts[1]);
        let before = app.office.get(&path).expect(200);
        assert_eq!((&before["evaluation_block_minutes"], &before["supervisor_ids"]), (&json!(0), &json!([])));
        app.office.put(&path, "\"1\"", &assistant(&coop)).expect(200);
        let after = app.office.get(&path).expect(200);
        assert_eq!(after["evaluation_block_minutes"], 90);
        assert_eq!(after["supervisor_ids"], json!([coop.specialists[0]]));
        let instance = built(app, &app.app.operations, &coop).expect("an instance");
        assert_eq!(instance.format, "coop-planning-instance/2");
        assert_eq!(instance.specialists[1].evaluation_block_minutes, 90);
        assert_eq!(instance.specialists[1].supervisors, ["S-1"]);
        let told = instance::changes(&serde_json::to_string(&plain).expect("json"), &instance);
        assert_eq!(told, ["specialist S-2: evaluation block minutes changed", "specialist S-2: supervisors changed"]);

        // Without anybody to supervise, an assistant must not be planned like a specialist.
        let mut ended = contract(&coop.members[0], &coop.sites[0]);
        ended["effective_until"] = json!("2026-12-01");
        app.office.put(&format!("/contracts/{}", coop.contracts[0]), "\"1\"", &ended).expect(200);
        let Err(OperationError::Conflict { changes, .. }) = built(app, &app.app.operations, &coop) else {
            panic!("a conflict")
        };
        assert!(changes.iter().any(|change| change.starts_with("S-2 is an assistant")), "{changes:?}");
    }

    fn supervision_hours_and_a_preference_for_stays_reach_the_planner(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let path = format!("/contracts/{}", coop.contracts[0]);
        let before = app.office.get(&path).expect(200);
        assert_eq!((&before["supervision_hours"], &before["stay_preference"]), (&Value::Null, &Value::Null));
        let mornings = json!({"mon": [["08:00", "11:00"], ["12:00", "13:00"]]});
        let mut fields = contract(&coop.members[0], &coop.sites[0]);
        fields["supervision_hours"] = mornings.clone();
        fields["stay_preference"] = json!("any");
        app.office.put(&path, "\"1\"", &fields).expect(200);
        let after = app.office.get(&path).expect(200);
        assert_eq!((&after["supervision_hours"], &after["stay_preference"]), (&mornings, &json!("any")));
        let instance = built(app, &app.app.operations, &coop).expect("an instance");
        assert_eq!(instance.format, "coop-planning-instance/2");
        let told = serde_json::to_value(&instance.specialists).expect("json");
        assert_eq!((&told[0]["supervision_hours"], &told[0]["stay_preference"]), (&mornings, &json!("any")));
        assert_eq!((told[1].get("supervision_hours"), told[1].get("stay_preference")), (None, None));
        // What was answered can be sent back, also where it is nothing; left out, it is gone.
        fields["supervision_hours"] = Value::Null;
        fields["stay_preference"] = Value::Null;
        app.office.put(&path, "\"2\"", &fields).expect(200);
        fields["stay_preference"] = json!("whole_day");
        app.office.put(&path, "\"3\"", &fields).expect(200);
        app.office.put(&path, "\"4\"", &contract(&coop.members[0], &coop.sites[0])).expect(200);
        let gone = built(app, &app.app.operations, &coop).expect("an instance");
        assert_eq!(gone.format, "coop-planning-instance/1");
    }

    fn bad_supervision_hours_and_preferences_are_told_with_their_place(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let path = format!("/contracts/{}", coop.contracts[1]);
        let hours = json!({"mon": [["08:00", "11:00"]]});
        for (key, value, pointer) in [
            ("supervision_hours", json!({}), "/supervision_hours"),
            ("supervision_hours", json!({"mon": [["09:00", "08:00"]]}), "/supervision_hours"),
            ("supervision_hours", json!({"mon": [["08:00", "10:00"], ["09:00", "11:00"]]}), "/supervision_hours"),
            ("stay_preference", json!("long"), "/stay_preference"),
        ] {
            let mut fields = contract(&coop.members[1], &coop.sites[1]);
            fields[key] = value;
            let faults = app.office.put(&path, "\"1\"", &fields).expect_problem(422, "invalid-entries");
            assert_eq!(faults.iter().map(|fault| fault.0.as_str()).collect::<Vec<_>>(), [pointer]);
        }
        let mut both = assistant(&coop);
        both["supervision_hours"] = hours;
        let faults = app.office.put(&path, "\"1\"", &both).expect_problem(422, "invalid-entries");
        assert_eq!(faults.iter().map(|fault| fault.0.as_str()).collect::<Vec<_>>(), ["/supervision_hours"]);
    }

    fn supervisors_are_other_specialists(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let path = format!("/contracts/{}", coop.contracts[1]);
        let (first, own) = (&coop.specialists[0], &coop.specialists[1]);
        for (key, value, pointer) in [
            ("supervisor_ids", json!([first, first]), "/supervisor_ids/1"),
            ("supervisor_ids", json!([own]), "/supervisor_ids/0"),
            ("supervisor_ids", json!([first, coop.term]), "/supervisor_ids/1"),
            ("supervisor_ids", json!(["S-1"]), "/supervisor_ids/0"),
            ("evaluation_block_minutes", json!(91), "/evaluation_block_minutes"),
            ("evaluation_block_minutes", json!(605), "/evaluation_block_minutes"),
        ] {
            let mut fields = assistant(&coop);
            fields[key] = value;
            let faults = app.office.put(&path, "\"1\"", &fields).expect_problem(422, "invalid-entries");
            assert_eq!(faults.iter().map(|fault| fault.0.as_str()).collect::<Vec<_>>(), [pointer]);
        }
        // Two who supervise each other are found when a plan is made.
        app.office.put(&path, "\"1\"", &assistant(&coop)).expect(200);
        let mut back = contract(&coop.members[0], &coop.sites[0]);
        back["supervisor_ids"] = json!([own]);
        app.office.put(&format!("/contracts/{}", coop.contracts[0]), "\"1\"", &back).expect(200);
        let Err(OperationError::Conflict { changes, .. }) = built(app, &app.app.operations, &coop) else {
            panic!("a conflict")
        };
        assert!(changes.iter().any(|change| change.contains("an assistant supervises nobody")), "{changes:?}");
    }

    fn the_policy_of_the_settings_reaches_the_planner(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let mut operations = app.app.operations.clone();
        let mut settings = (*operations.settings).clone();
        settings.planning_policy.fairness = Fairness::MostMinutes;
        settings.planning_policy.agency_cents_per_hour.insert("SLP".to_owned(), 8_500);
        operations.settings = Arc::new(settings);
        let instance = built(app, &operations, &coop).expect("an instance");
        assert_eq!(instance.format, "coop-planning-instance/2");
        assert_eq!(instance.policy, operations.settings.planning_policy);
        assert_eq!(instance.policy.travel_cents_per_mile, Some(70));
    }

    fn supervision_hours_and_preferences_are_imported(app: &TestApp) {
        SmallCoop::enter(&app.office);
        let header = "code,name,email,disciplines,qualifications,employer,home_site,effective_from,effective_until,\
            direct_minutes_per_week_max,direct_minutes_per_day_max,lendable_minutes_per_week_max,sites_per_day_max,\
            travel_minutes_per_day_max,reach_minutes_max,break_minutes,cost_per_hour";
        let row = "S-9,S-9,s@example.org,SLP,,member:A,A-1,2026-07-01,,600,300,,2,60,60,0,65.00";
        let import = |columns: &str, cells: &str| {
            let text = format!("{header}{columns}\n{row}{cells}\n");
            let body = json!({"term": "SPRING-2027", "files": {"specialists.csv": text}});
            app.office.post("/imports", &body).expect(200)["specialists"].clone()
        };
        let kept = || {
            let people = app.office.get("/specialists?limit=200").expect(200);
            let found = people["items"].as_array().expect("a list").iter().find(|one| one["code"] == "S-9");
            let id = found.expect("S-9")["id"].as_str().expect("an id");
            let contract = app.office.get(&format!("/specialists/{id}/contracts")).expect(200)["items"][0].clone();
            (contract["supervision_hours"].clone(), contract["stay_preference"].clone())
        };
        let mornings = (json!({"mon": [["08:00", "11:00"]]}), json!("half_day"));
        let columns = ",supervision_hours,stay_preference";
        assert_eq!(import(columns, ",mon 08:00-11:00,half_day")["created"], 1);
        assert_eq!(kept(), mornings);
        assert_eq!(import(columns, ",mon 08:00-11:00,half_day")["unchanged"], 1);
        assert_eq!(import("", "")["unchanged"], 1, "columns that are left out change nothing");
        assert_eq!(kept(), mornings);
        assert_eq!(import(",supervision_hours", ",")["changed"], 1);
        assert_eq!(kept(), (Value::Null, json!("half_day")));
        assert_eq!(import(columns, ",,")["changed"], 1);
        assert_eq!(kept(), (Value::Null, Value::Null));
    }

    fn supervisors_are_imported_and_kept_by_a_file_without_the_column(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let header = "code,name,email,disciplines,qualifications,employer,home_site,effective_from,effective_until,\
            direct_minutes_per_week_max,direct_minutes_per_day_max,lendable_minutes_per_week_max,sites_per_day_max,\
            travel_minutes_per_day_max,reach_minutes_max,break_minutes,cost_per_hour";
        let row = |code: &str| {
            format!("{code},{code},s@example.org,SLP,,member:A,A-1,2026-07-01,,600,300,,2,60,60,0,65.00")
        };
        let import = |text: String| {
            let body = json!({"term": "SPRING-2027", "files": {"specialists.csv": text}});
            app.office.post("/imports", &body).expect(200)["specialists"].clone()
        };
        // The assistant stands before the supervisor.
        let full = format!(
            "{header},evaluation_block_minutes,supervisors\n{},30,S-9\n{},,\n",
            row("S-8"), row("S-9")
        );
        assert_eq!(import(full.clone()), json!({"created": 2, "changed": 0, "unchanged": 0}));
        let bare = format!("{header}\n{}\n{}\n", row("S-8"), row("S-9"));
        for text in [full, bare] {
            assert_eq!(import(text), json!({"created": 0, "changed": 0, "unchanged": 2}));
        }
        let emptied = format!("{header},supervisors\n{},\n{},\n", row("S-8"), row("S-9"));
        assert_eq!(import(emptied), json!({"created": 0, "changed": 1, "unchanged": 1}));
        let people = app.office.get("/specialists?limit=200").expect(200);
        let people = people["items"].as_array().expect("a list");
        let id = people.iter().find(|one| one["code"] == "S-8").expect("S-8")["id"].as_str().expect("an id");
        let contracts = app.office.get(&format!("/specialists/{id}/contracts")).expect(200);
        let kept = &contracts["items"][0];
        assert_eq!((&kept["evaluation_block_minutes"], &kept["supervisor_ids"]), (&json!(30), &json!([])));
        assert_eq!(coop.specialists.len(), 2);
    }
}

#[test]
fn settings_become_the_policy() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut config = config(&format!("sqlite:{}", folder.path().join("coop.db").display()), folder.path());
    assert_eq!(config.planner.person_member_share_max_percent, 100);
    config.planner.fairness = Fairness::MostMinutes;
    config.planner.person_member_share_max_percent = 60;
    config.planner.stay_preference = StayPreference::HalfDay;
    config.planner.agency_cents_per_hour.insert("OT".to_owned(), 8_200);
    let app = App::build(config, Arc::new(noon)).expect("the program's parts");
    let policy = &app.operations.settings.planning_policy;
    assert_eq!((policy.fairness, policy.stay_preference), (Fairness::MostMinutes, StayPreference::HalfDay));
    assert_eq!((policy.person_member_share_max_percent, policy.agency_cents_per_hour["OT"]), (60, 8_200));
}
