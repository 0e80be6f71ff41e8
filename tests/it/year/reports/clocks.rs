//! Evaluation clocks: 60 calendar days from the consent, on the request, in the report and on the page.

use coop_scheduler::domain::account::Role;
use serde_json::{Value, json};

use super::{DAY, report};
use crate::support::app::TestApp;
use crate::support::both::on_both_databases;
use crate::support::client::Client;
use crate::support::small_coop::{SmallCoop, id, request};

fn evaluation(site: &str, term: &str, consent_on: Option<&str>) -> Value {
    let mut asked = request(site, term, 60);
    (asked["priority"], asked["consent_on"]) = (json!("evaluation"), json!(consent_on));
    asked
}

fn page(app: &TestApp, who: &Client, code: &Value) -> String {
    let cookie = app.cookie(who);
    let path = format!("/requests/{}", code.as_str().expect("a number"));
    app.nobody().send("GET", &path, &[("Cookie", &cookie)], None).text()
}

on_both_databases! {
    fn an_evaluation_is_due_sixty_days_after_the_consent(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let (coordinators, _) = coop.accounts(app);
        let enter = |half: usize, consent: Option<&str>| {
            coordinators[half].post("/service-requests", &evaluation(&coop.sites[half], &coop.term, consent)).expect(201)
        };
        let first = enter(0, Some("2026-10-30"));
        let (second, third) = (enter(1, Some("2026-10-02")), enter(0, None));
        assert_eq!(first["consent_on"], "2026-10-30");
        let clocks = || report(&app.office, "/reports/evaluation-clocks").0;
        let rows = clocks();
        let told: Vec<(&Value, &Value, &Value, &Value)> =
            rows.iter().map(|row| (&row["service_request_code"], &row["due_on"], &row["days_left"], &row["clock"])).collect();
        // Today is November 2; the earliest due date comes first, and those without one last.
        assert_eq!(told, [
            (&second["code"], &json!("2026-12-01"), &json!(29), &json!("running")),
            (&first["code"], &json!("2026-12-29"), &json!(57), &json!("running")),
            (&third["code"], &json!(null), &json!(null), &json!("no_consent")),
        ]);
        assert!(page(app, &app.office, &second["code"]).contains("29 days left"));
        assert!(page(app, &app.office, &third["code"]).contains("consent is not entered"));
        // On the due day it is in time, on the next one it is overdue.
        app.later(29 * DAY);
        assert_eq!((&clocks()[0]["days_left"], &clocks()[0]["clock"]), (&json!(0), &json!("running")));
        app.later(DAY);
        assert_eq!((&clocks()[0]["days_left"], &clocks()[0]["clock"]), (&json!(-1), &json!("overdue")));
        // The session of the office is over by now.
        assert!(page(app, &coordinators[1], &second["code"]).contains("Overdue by 1 day"));
        let (overdue, _) = report(&app.office, "/reports/evaluation-clocks?only=overdue");
        assert!(overdue.len() == 1 && overdue[0]["member_id"] == coop.members[1], "{overdue:?}");
        // Coordinators see their own, finance none; what was withdrawn has no clock.
        let (own, _) = report(&coordinators[0], "/reports/evaluation-clocks");
        assert!(own.len() == 2 && own.iter().all(|row| row["member"] == "A"), "{own:?}");
        app.sign_up("Finance", Role::Finance).get("/reports/evaluation-clocks").expect_problem(404, "not-found");
        coordinators[1].act(&format!("/service-requests/{}/withdraw", id(&second))).expect(200);
        assert_eq!(clocks().len(), 2);
        // The date can be entered later, while the office has not decided.
        let path = format!("/service-requests/{}", id(&third));
        let changed = evaluation(&coop.sites[0], &coop.term, Some("2026-12-01"));
        assert_eq!(coordinators[0].put(&path, "\"1\"", &changed).expect(200)["consent_on"], "2026-12-01");
    }

    fn a_consent_is_for_an_evaluation_and_not_from_the_future(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let mut mandated = request(&coop.sites[0], &coop.term, 60);
        mandated["consent_on"] = json!("2026-10-01");
        for asked in [
            mandated,
            evaluation(&coop.sites[0], &coop.term, Some("2026-11-03")),
            evaluation(&coop.sites[0], &coop.term, Some("1999-12-31")),
            evaluation(&coop.sites[0], &coop.term, Some("2026-02-30")),
            evaluation(&coop.sites[0], &coop.term, Some("yesterday")),
        ] {
            let faults = app.office.post("/service-requests", &asked).expect_problem(422, "invalid-entries");
            assert!(faults.len() == 1 && faults[0].0 == "/consent_on", "{faults:?}");
        }
        app.office.post("/service-requests", &evaluation(&coop.sites[0], &coop.term, Some("2026-11-02"))).expect(201);
    }
}
