//! A request from its draft to a published plan and its cost share.

use coop_scheduler::jobs::Worked;
use serde_json::json;

use crate::support::both::on_both_databases;
use crate::support::small_coop::{SmallCoop, id, request};

on_both_databases! {
    fn a_request_becomes_visits_emails_and_money(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let ([coordinator, other], [specialist, _]) = coop.accounts(app);
        while app.app.sender().expect("mail").work() == Worked::One {}
        let before = app.mail.delivered().len();

        let entered = coordinator.post("/service-requests", &request(&coop.sites[0], &coop.term, 90));
        assert_eq!(entered.header("ETag"), "\"1\"");
        let place = entered.header("Location").to_owned();
        let entered = entered.expect(201);
        assert_eq!(place, format!("/api/v1/service-requests/{}", id(&entered)));
        assert_eq!(entered["state"], "draft");
        assert!(entered["code"].as_str().is_some_and(|code| code.starts_with("SR-2026-")), "{entered}");
        let path = format!("/service-requests/{}", id(&entered));

        assert_eq!(coordinator.act(&format!("{path}/submit")).expect(200)["state"], "submitted");
        coordinator.act(&format!("{path}/accept")).expect_problem(403, "forbidden");
        other.get(&path).expect_problem(404, "not-found");
        let accepted = app.office.act(&format!("{path}/accept"));
        assert_eq!(accepted.header("ETag"), "\"3\"");
        assert_eq!(accepted.expect(200)["state"], "accepted");
        app.office.act(&format!("{path}/accept")).expect_problem(409, "conflict");

        let made = coop.make(app);
        assert_eq!(coordinator.get(&path).expect(200)["state"], "planned");
        let visits = specialist.get(&format!("/plans/{}/visits", made.plan)).expect(200);
        let visits = visits["items"].as_array().expect("a list").clone();
        assert!(!visits.is_empty() && visits.iter().all(|one| one["specialist_id"] == coop.specialists[0]), "{visits:?}");
        let short = app.office.get(&format!("/plans/{}/shortfalls", made.plan)).expect(200);
        assert!(short["items"].as_array().is_some_and(|items| !items.is_empty()), "{short}");
        assert_eq!(coordinator.get(&format!("/plans/{}/shortfalls", made.plan)).expect(200)["items"], json!([]));
        let coverage = coordinator.get(&format!("/plans/{}/coverage", made.plan)).expect(200);
        assert_eq!(coverage["total"]["requested_minutes"], 150);

        let statement = app.office.get(&format!("/cost-shares/{}", made.cost_share)).expect(200);
        let nets = statement["statement"]["members"].as_array().map(|rows| rows.len());
        assert!(nets == Some(2) || statement["members"].as_array().map(|rows| rows.len()) == Some(2), "{statement}");
        let csv = app.office.get(&format!("/cost-shares/{}/csv", made.cost_share));
        assert!(csv.header("Content-Type").starts_with("text/csv"));
        assert!(csv.header("Content-Disposition").starts_with("attachment; filename=\"cost-share-"));
        assert!(csv.text().starts_with("statement,member,kind"), "{}", csv.text());

        while app.app.sender().expect("mail").work() == Worked::One {}
        assert!(app.mail.delivered().len() > before + 2, "a confirmation and the plan's e-mails");
        let trail = app.office.get("/audit-entries?limit=200").expect(200);
        let did = |verb: &str| trail["items"].as_array().into_iter().flatten().any(|entry| entry["action"] == verb);
        assert!(did("submit") && did("accept") && did("publish"), "{trail}");
    }

    fn a_plan_of_old_data_is_not_published(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let (_, draft) = coop.plan(app);
        let mut hours = crate::support::small_coop::hours();
        hours["weekly_hours"] = json!({"mon": [["08:00", "09:00"]]});
        app.office.put(&format!("/availability/{}", coop.availability[0]), "\"1\"", &hours).expect(200);
        let refused = app.office.post(&format!("/plans/{draft}/publish"), &json!({}));
        refused.expect_problem(409, "conflict");
        assert!(refused.json()["changes"].as_array().is_some_and(|changes| !changes.is_empty()), "{}", refused.text());
    }
}
