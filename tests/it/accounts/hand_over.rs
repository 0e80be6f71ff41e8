//! An account leaves, the institution's work stays.

use coop_scheduler::domain::account::Role;
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::both::on_both_databases;
use crate::support::small_coop::{SmallCoop, id, request};

fn contact(app: &TestApp, coop: &SmallCoop) -> Value {
    app.office.get(&format!("/members/{}", coop.members[0])).expect(200)["contact_email"].clone()
}

on_both_databases! {
    fn a_new_person_takes_over_and_the_leaver_is_out_at_once(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let leaver = app.sign_up_as("Keisha", &[coop.coordinator(0), coop.coordinator(1), coop.specialist(0)]);
        let account = leaver.get("/me").expect(200);
        let mut member = crate::support::small_coop::member("A");
        member["contact_email"] = json!("keisha@example.org");
        app.office.put(&format!("/members/{}", coop.members[0]), "\"1\"", &member).expect(200);
        assert_eq!(contact(app, &coop), "keisha@example.org");
        let draft = leaver.post("/service-requests", &request(&coop.sites[0], &coop.term, 45)).expect(201);
        let cookie = app.cookie(&leaver);
        let path = format!("/accounts/{}/hand-over", id(&account));
        let asked = json!({"to_person": {"name": "Jordan", "email": "jordan@example.org"}});
        let done = app.office.post(&path, &asked).expect(200);

        assert_eq!((&done["from"]["disabled"], &done["from"]["roles"]), (&json!(true), &json!([])));
        let coordinators: Vec<Value> =
            coop.members.iter().map(|id| json!({"role": "coordinator", "member_id": id})).collect();
        assert_eq!(done["to"]["roles"], json!(coordinators), "the specialist's record is not handed over");
        leaver.get("/me").expect_problem(401, "sign-in-required");
        let page = app.nobody().send("GET", "/overview", &[("Cookie", &cookie)], None);
        assert_eq!(page.status, 303, "the session is over");
        assert_eq!(contact(app, &coop), "jordan@example.org");
        while app.app.sender().expect("mail").work() == coop_scheduler::jobs::Worked::One {}
        let mail = app.mail.delivered().last().map(|one| String::from_utf8_lossy(&one.message).into_owned());
        assert!(mail.is_some_and(|mail| mail.contains("jordan@example.org") && mail.contains("/invitation/")));

        // The work that was begun goes on, and what was done stays under the name of who did it.
        let token = json!({"name": "Test", "read_only": false});
        let token = app.office.post(&format!("/accounts/{}/tokens", id(&done["to"])), &token).expect(201);
        let next = crate::support::client::Client::new(&app.office.address, token["secret"].as_str());
        next.act(&format!("/service-requests/{}/submit", id(&draft))).expect(200);
        let trail = app.office.get("/audit-entries?limit=200").expect(200)["items"].as_array().cloned().unwrap_or_default();
        let has = |action: &str, code: &str| trail.iter().any(|one| one["action"] == action && one["subject_code"] == code);
        let (leaver, heir) = (id(&account), id(&done["to"]));
        assert!(has("hand over", &leaver) && has("create", &heir) && has("invite", &heir));
        let created = trail.iter().find(|one| one["action"] == "create" && one["subject_code"] == draft["code"]);
        assert_eq!(created.map(|one| &one["account_id"]), Some(&account["id"]));

        let again = app.office.post(&path, &json!({"to_account_id": done["to"]["id"]}));
        again.expect_problem(409, "conflict");
    }

    fn an_account_takes_over_in_addition_to_what_it_has(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let leaver = app.sign_up_as("Keisha", &[coop.coordinator(0), Role::Board]).get("/me").expect(200);
        let taker = app.sign_up_as("Jordan", &[coop.specialist(0), Role::Board]);
        let to = taker.get("/me").expect(200);
        assert_eq!(taker.get("/service-requests").status, 404);
        let asked = json!({"to_account_id": to["id"]});
        let done = app.office.post(&format!("/accounts/{}/hand-over", id(&leaver)), &asked).expect(200);
        assert_eq!(done["to"]["roles"].as_array().map(Vec::len), Some(3), "the board once");
        assert_eq!(taker.get("/service-requests").status, 200, "on the next call");
        assert_eq!(taker.get("/specialists").status, 200);
    }

    fn the_office_is_handed_over_by_itself(app: &TestApp) {
        let own = app.office.get("/me").expect(200);
        let path = format!("/accounts/{}/hand-over", id(&own));
        let asked = json!({"to_person": {"name": "Next Director", "email": "next@coop.example.org"}});
        let done = app.office.post(&path, &asked).expect(200);
        assert_eq!(done["to"]["roles"], json!([{"role": "office"}]));
        app.office.get("/me").expect_problem(401, "sign-in-required");
    }

    fn what_cannot_be_handed_over_changes_nothing(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let leaver = app.sign_up("Keisha", coop.coordinator(0));
        let (account, other) = (leaver.get("/me").expect(200), app.sign_up("Jordan", Role::Board).get("/me").expect(200));
        let path = format!("/accounts/{}/hand-over", id(&account));
        let person = json!({"name": "Sam", "email": "sam@example.org"});
        let cases = [
            (json!({}), ""),
            (json!({"to_account_id": other["id"], "to_person": person}), ""),
            (json!({"to_account_id": account["id"]}), "/to_account_id"),
            (json!({"to_account_id": "01900000-0000-7000-8000-000000000000"}), "/to_account_id"),
            (json!({"to_person": {"name": "", "email": "sam@example.org"}}), "/to_person/name"),
            (json!({"to_person": {"name": "Sam", "email": "sam@example.org", "roles": []}}), "/to_person/roles"),
        ];
        for (asked, place) in cases {
            let faults = app.office.post(&path, &asked).expect_problem(422, "invalid-entries");
            assert!(faults.iter().any(|(at, _)| at == place), "{asked}: {faults:?}");
        }
        let taken = json!({"to_person": {"name": "Jordan", "email": "jordan@example.org"}});
        app.office.post(&path, &taken).expect_problem(409, "conflict");
        let off = json!({"name": "Jordan", "email": "jordan@example.org", "roles": [{"role": "board"}], "disabled": true});
        app.office.put(&format!("/accounts/{}", id(&other)), "\"1\"", &off).expect(200);
        app.office.post(&path, &json!({"to_account_id": other["id"]})).expect_problem(422, "invalid-entries");
        let specialist = app.sign_up("Sam", coop.specialist(0)).get("/me").expect(200);
        let alone = app.office.post(&format!("/accounts/{}/hand-over", id(&specialist)), &json!({"to_account_id": account["id"]}));
        alone.expect_problem(409, "conflict");
        assert_eq!(leaver.get("/me").expect(200), account, "all of it, or nothing");
    }
}
