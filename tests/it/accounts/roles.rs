//! Roles add up; somebody of the office always stays.

use coop_scheduler::domain::account::Role;
use serde_json::{Value, json};

use crate::support::both::on_both_databases;
use crate::support::client::Client;
use crate::support::small_coop::{SmallCoop, id};

fn ids(client: &Client, path: &str) -> Vec<String> {
    let mut found: Vec<String> =
        client.get(path).expect(200)["items"].as_array().expect("items").iter().map(id).collect();
    found.sort();
    found
}

on_both_databases! {
    fn two_roles_show_both_parts_and_nothing_more(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let made = coop.make(app);
        let visits = format!("/plans/{}/visits", made.plan);
        // Of the first member's side and of the second specialist's: neither role alone sees the other half.
        let both = app.sign_up_as("Both", &[coop.coordinator(0), coop.specialist(1)]);
        let ([coordinator, _], [_, specialist]) = coop.accounts(app);
        let mut together = [ids(&coordinator, &visits), ids(&specialist, &visits)].concat();
        together.sort();
        together.dedup();
        assert_eq!(ids(&both, &visits), together);
        assert_eq!(ids(&both, "/specialists"), [coop.specialists[1].as_str()]);
        assert_eq!(ids(&both, "/members"), [coop.members[0].as_str()]);
        assert_eq!(both.get("/accounts").status, 404);

        let mut members = coop.members.to_vec();
        members.sort();
        let two = app.sign_up_as("Two", &[coop.coordinator(0), coop.coordinator(1)]);
        assert_eq!(ids(&two, "/members"), members);
        assert_eq!(ids(&two, "/service-requests"), ids(&app.office, "/service-requests"));
        assert_eq!(ids(&two, &visits), ids(&app.office, &visits));
        let statement = two.get(&format!("/cost-shares/{}", made.cost_share)).expect(200);
        assert_eq!(statement["statement"]["members"].as_array().map(Vec::len), Some(2));
        assert_eq!(statement["statement"]["total"], Value::Null, "the total is of all members, not of two");

        // The board sees what everybody pays; how that comes about is that of the member whose finance it does too.
        let board = app.sign_up_as("Board", &[Role::Board, coop.member_finance(1)]);
        let statement = board.get(&format!("/cost-shares/{}", made.cost_share)).expect(200)["statement"].clone();
        assert_eq!(statement["nets"].as_array().map(Vec::len), Some(2));
        assert_eq!((&statement["members"][0]["member"], &statement["members"][1]), (&json!("B"), &Value::Null));
        let lines = statement["lines"].as_array().expect("lines");
        assert!(!lines.is_empty() && lines.iter().all(|line| line["member"] == "B"), "{lines:?}");
        let sites = board.get(&format!("/plans/{}/coverage?rows=site", made.plan));
        assert!([404, 422].contains(&sites.status), "{}", sites.text());
    }

    fn roles_are_checked_and_stored_in_their_order(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let account = |roles: Value| json!({"name": "Ana", "email": "ana@example.org", "roles": roles});
        let coordinator = json!({"role": "coordinator", "member_id": coop.members[0]});
        let many: Vec<Value> = (0..21).map(|_| json!({"role": "coordinator", "member_id": uuid()})).collect();
        let cases = [
            (json!([]), "/roles", "at least one"),
            (json!([coordinator, {"role": "board"}, coordinator]), "/roles/2", "stands in the list already"),
            (json!(many), "/roles", "too many"),
            (json!([{"role": "board"}, {"role": "specialist", "specialist_id": uuid()}]), "/roles/1/specialist_id", "no such specialist"),
            (json!([{"role": "member_finance", "member_id": uuid()}]), "/roles/0/member_id", "no such member"),
            (json!([{"role": "director"}]), "/roles/0/role", "Choose one of"),
            (json!({"role": "board"}), "/roles", "write a list"),
        ];
        for (roles, place, words) in cases {
            let faults = app.office.post("/accounts", &account(roles)).expect_problem(422, "invalid-entries");
            assert!(faults.iter().any(|(at, message)| at == place && message.contains(words)), "{place}: {faults:?}");
        }
        let roles = json!([{"role": "board"}, coordinator, {"role": "finance"}]);
        let made = app.office.post("/accounts", &account(roles.clone())).expect(201);
        assert_eq!(made["roles"], roles);
        assert_eq!(app.office.get(&format!("/accounts/{}", id(&made))).expect(200)["roles"], roles);
    }

    fn the_last_account_of_the_office_stays(app: &TestApp) {
        let own = app.office.get("/me").expect(200);
        let path = format!("/accounts/{}", id(&own));
        let entries = |roles: Value, disabled: bool| {
            json!({"name": "Director", "email": "director@coop.example.org", "roles": roles, "disabled": disabled})
        };
        for (roles, disabled) in [(json!([{"role": "office"}]), true), (json!([{"role": "finance"}]), false)] {
            let reply = app.office.put(&path, "\"1\"", &entries(roles, disabled));
            reply.expect_problem(409, "conflict");
            assert!(reply.text().contains("last account of the office"), "{}", reply.text());
        }
        // Another one that is switched off does not count.
        let second = app.sign_up("Second", Role::Office);
        let other = second.get("/me").expect(200);
        let fields = json!({"name": "Second", "email": "second@example.org", "roles": [{"role": "office"}], "disabled": true});
        app.office.put(&format!("/accounts/{}", id(&other)), "\"1\"", &fields).expect(200);
        app.office.put(&path, "\"1\"", &entries(json!([{"role": "board"}]), false)).expect_problem(409, "conflict");
        let on = json!({"name": "Second", "email": "second@example.org", "roles": [{"role": "office"}, {"role": "board"}]});
        app.office.put(&format!("/accounts/{}", id(&other)), "\"2\"", &on).expect(200);
        let own = app.office.put(&path, "\"1\"", &entries(json!([{"role": "board"}]), false));
        assert!(own.text().contains("your own account"), "{}", own.text());
        // Two who take the office from each other at once: one of them stays.
        let board = |name: &str, email: &str| json!({"name": name, "email": email, "roles": [{"role": "board"}]});
        second.put(&path, "\"1\"", &board("Director", "director@coop.example.org")).expect(200);
        app.office.put(&format!("/accounts/{}", id(&other)), "\"3\"", &board("Second", "second@example.org")).expect_problem(404, "not-found");
        second.get("/accounts").expect(200);
    }
}

fn uuid() -> String {
    uuid::Uuid::now_v7().to_string()
}
