//! Text that may name a student, and the events that follow when somebody says that it does not.

use coop_scheduler::domain::account::Role;
use serde_json::json;

use crate::sign_in::account;
use crate::sign_in::browser::Browser;
use crate::support::app::TestApp;
use crate::support::small_coop::{Made, SmallCoop, id, request};

/// What may name a student is stored only when somebody says that it does not.
pub fn name_nobody(app: &TestApp, coop: &SmallCoop, made: &Made) {
    let declined = id(&app.office.post("/service-requests", &request(&coop.sites[0], &coop.term, 60)).expect(201));
    app.office.act(&format!("/service-requests/{declined}/submit")).expect(200);
    let account = account(app, "names@example.org", Role::Finance);
    let term = json!({"code": "T-2", "name": "For Tyrell Moody", "starts_on": "2028-01-04", "ends_on": "2028-05-28"});
    let trial =
        json!({"name": "For Tyrell Moody", "changes": [{"kind": "absence", "specialist": "S-1", "days": ["mon"]}]});
    for (path, body, pointer) in [
        (format!("/service-requests/{declined}/decline"), json!({"reason": "Student Tyvon moved"}), "/reason"),
        ("/terms".to_owned(), term, "/name"),
        (format!("/accounts/{}/tokens", account.id), json!({"name": "For Tyrell Moody"}), "/name"),
        (format!("/plans/{}/scenarios", made.plan), trial, "/name"),
    ] {
        let faults = app.office.post(&path, &body).expect_problem(422, "may-name-a-student");
        assert!(
            faults.len() == 1 && faults[0].0 == pointer && faults[0].1.contains("may tell who a student is"),
            "{faults:?}"
        );
        let send = |said: &str| {
            let headers = [("Confirm-No-Names", said)];
            app.office.send("POST", &format!("/api/v1{path}"), &headers, Some(body.to_string().as_bytes()))
        };
        send("perhaps").expect_problem(422, "may-name-a-student");
        let done = send("true");
        assert!([200, 201].contains(&done.status), "{}", done.text());
    }
    // A page says the same beside its form.
    let mut browser = Browser::new(app);
    browser.cookies.insert("coop".to_owned(), app.cookie(&app.office).trim_start_matches("coop=").to_owned());
    let page = "/account/tokens/new";
    let sent = browser.submit(page, page, &[("name", "For Tyrell Moody"), ("days", "30"), ("area", "plans")]);
    assert_eq!(sent.status, 422);
    assert!(sent.text().contains("may tell who a student is"), "{}", sent.text());
}
