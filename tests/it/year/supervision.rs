//! Supervision of assistants: planned in the supervisor's week, logged by the supervisor, seen by both.

use serde_json::{Value, json};

use crate::support::both::on_both_databases;
use crate::support::small_coop::{SmallCoop, paperwork, supervised};

on_both_databases! {
    fn what_is_planned_of_a_month_is_held_against_what_was_logged(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let assistant = coop.assistant(&app.office, 0, "AS-1");
        let ([coordinator, _], [supervisor, other]) = coop.accounts(app);
        let role = coop_scheduler::domain::account::Role::Specialist { specialist_id: assistant.parse().expect("an identity") };
        let assisting = app.sign_up("Assistant", role);
        let block = json!({"kind": "supervision", "minutes_per_week": 30, "assistant_id": assistant,
            "effective_from": "2026-08-01", "effective_until": "2026-11-30"});
        app.office.post(&format!("/specialists/{}/indirect-blocks", coop.specialists[0]), &block).expect(201);
        let logs = format!("/specialists/{}/supervision-logs", coop.specialists[0]);
        let first = supervisor.post(&logs, &supervised(&assistant)).expect(201);
        let mut second = supervised(&assistant);
        second["supervised_on"] = json!("2026-11-02");
        second["minutes"] = json!(45);
        let second = app.office.post(&logs, &second).expect(201);

        // Weeks begin on November 2, 9, 16 and 23; the block has ended on the 30th.
        let month = json!([{"supervisor_id": coop.specialists[0], "supervisor_code": "S-1", "assistant_id": assistant,
            "assistant_code": "AS-1", "month_from": "2026-11-01", "planned_minutes": 120, "logged_minutes": 75}]);
        for (who, id) in [(&supervisor, &coop.specialists[0]), (&assisting, &assistant), (&app.office, &assistant)] {
            assert_eq!(who.get(&format!("/specialists/{id}/supervision")).expect(200)["items"], month);
            assert_eq!(who.get(&format!("/specialists/{id}/supervision-logs")).expect(200)["items"], json!([first, second]));
        }
        let path = format!("/specialists/{}/supervision?month=2026-12-24", coop.specialists[0]);
        assert_eq!(supervisor.get(&path).expect(200)["items"], json!([]));
        for stranger in [&coordinator, &other] {
            stranger.get(&logs).expect_problem(404, "not-found");
            stranger.get(&format!("/supervision-logs/{}", first["id"].as_str().expect("an identity"))).expect_problem(404, "not-found");
        }
        let log = format!("/api/v1/supervision-logs/{}", first["id"].as_str().expect("an identity"));
        assisting.send("DELETE", &log, &[], None).expect_problem(403, "forbidden");
        other.send("DELETE", &log, &[], None).expect_problem(404, "not-found");
        assert_eq!(supervisor.send("DELETE", &log, &[], None).status, 204);
        assert_eq!(app.office.get(&logs).expect(200)["items"], json!([second]));
    }

    fn each_fault_of_supervision_has_its_place_and_its_way_out(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let assistant = coop.assistant(&app.office, 0, "AS-1");
        let logs = format!("/specialists/{}/supervision-logs", coop.specialists[0]);
        app.office.post(&logs, &supervised(&assistant)).expect(201);
        let with = |key: &str, value: Value| {
            let mut body = supervised(&assistant);
            body["supervised_on"] = json!("2026-10-30");
            body[key] = value;
            body
        };
        for (body, place, words) in [
            (with("supervised_on", json!("2026-11-03")), "/supervised_on", "write 2026-11-02 or an earlier day"),
            (with("supervised_on", json!("2026-11-01")), "/supervised_on", "30 minutes are logged on 2026-11-01 already"),
            (with("supervised_on", json!("2026-07-31")), "/assistant_id", "on that day"),
            (with("assistant_id", json!(coop.specialists[1])), "/assistant_id", "No contract of this assistant"),
            (with("minutes", json!(0)), "/minutes", "write 5 to 480 minutes"),
        ] {
            let faults = app.office.post(&logs, &body).expect_problem(422, "invalid-entries");
            assert!(faults.len() == 1 && faults[0].0 == place && faults[0].1.contains(words), "{body}: {faults:?}");
        }
        let blocks = format!("/specialists/{}/indirect-blocks", coop.specialists[0]);
        let mut for_nobody = paperwork(30);
        for_nobody["assistant_id"] = json!(assistant);
        let mut for_other = for_nobody.clone();
        for_other["kind"] = json!("supervision");
        for_other["assistant_id"] = json!(coop.specialists[1]);
        for body in [for_nobody, for_other] {
            let faults = app.office.post(&blocks, &body).expect_problem(422, "invalid-entries");
            assert!(faults.len() == 1 && faults[0].0 == "/assistant_id", "{faults:?}");
        }
        let faults = app.office.get(&format!("/specialists/{assistant}/supervision?month=May")).expect_problem(422, "invalid-entries");
        assert_eq!(faults[0].0, "/month");
    }
}
