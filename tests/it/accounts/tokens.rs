//! Bearer tokens: limited, ending, never more than their owner.

use coop_scheduler::domain::account::Role;
use coop_scheduler::domain::token::TokenFields;
use coop_scheduler::operations::accounts::tokens;
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::both::on_both_databases;
use crate::support::client::Client;
use crate::support::small_coop::{SmallCoop, id};

const DAY: i64 = 24 * 60 * 60;

/// A token of an account, made by the office.
fn token(app: &TestApp, account: &Value, fields: &Value) -> (Value, Client) {
    let made = app.office.post(&format!("/accounts/{}/tokens", id(account)), fields).expect(201);
    let client = Client::new(&app.office.address, made["secret"].as_str());
    (made, client)
}

on_both_databases! {
    fn a_token_reads_for_ninety_days_unless_more_is_asked_for(app: &TestApp) {
        let own = app.office.get("/me").expect(200);
        let (made, reader) = token(app, &own, &json!({"name": "Export"}));
        assert_eq!((&made["read_only"], made["areas"].as_array().map(Vec::len)), (&json!(true), Some(6)));
        assert_eq!(made["expires_at"], "2027-01-31T18:00:00Z");
        reader.get("/members").expect(200);
        let refused = reader.post("/members", &crate::support::small_coop::member("A"));
        refused.expect_problem(403, "forbidden");
        assert!(refused.text().contains("This token"), "{}", refused.text());
        for expires_at in ["2026-11-02T18:00:00Z", "2027-11-04T18:00:00Z", "2020-01-01T00:00:00Z"] {
            let path = format!("/accounts/{}/tokens", id(&own));
            let faults = app.office.post(&path, &json!({"name": "Long", "expires_at": expires_at})).expect_problem(422, "invalid-entries");
            assert_eq!(faults[0].0, "/expires_at", "{expires_at}");
        }
        // The office's own token ends after 90 days; somebody who signed in may make a longer one.
        let fields = json!({"name": "Year", "expires_at": "2027-11-03T18:00:00Z"});
        let fields: TokenFields = serde_json::from_value(fields).expect("entries");
        let make = |tx: &mut _, ctx: &_| tokens::create(tx, ctx, app.actor.account_id, &fields);
        let made = app.app.operations.change(app.actor.clone(), make).expect("a token");
        let mut year = app.office.clone();
        year.token = Some(made.secret);
        app.later(90 * DAY - 1);
        reader.get("/me").expect(200);
        app.later(1);
        reader.get("/me").expect_problem(401, "sign-in-required");
        app.later(276 * DAY - 1);
        year.get("/me").expect(200);
        app.later(1);
        year.get("/me").expect_problem(401, "sign-in-required");
    }

    fn a_token_reaches_its_areas_and_never_more_than_its_owner_now(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let finance = app.sign_up("Finance", Role::Finance).get("/me").expect(200);
        let (_, costs) = token(app, &finance, &json!({"name": "Costs", "read_only": false, "areas": ["cost_shares"]}));
        let (_, all) = token(app, &finance, &json!({"name": "All", "read_only": false}));
        costs.get("/cost-shares").expect(200);
        costs.get("/members").expect_problem(404, "not-found");
        costs.get("/accounts").expect_problem(404, "not-found");
        all.get("/members").expect(200);
        all.get("/service-requests").expect_problem(404, "not-found");
        let fields = json!({"name": "Finance", "email": "finance@example.org", "roles": [{"role": "coordinator", "member_id": coop.members[0]}]});
        app.office.put(&format!("/accounts/{}", id(&finance)), "\"1\"", &fields).expect(200);
        assert_eq!((all.get("/service-requests").status, all.get("/specialists").status), (200, 404), "what the owner may now");
        let faults = |areas: Value| {
            let path = format!("/accounts/{}/tokens", id(&finance));
            app.office.post(&path, &json!({"name": "T", "areas": areas})).expect_problem(422, "invalid-entries")[0].0.clone()
        };
        assert_eq!([faults(json!([])), faults(json!(["plans", "plans"])), faults(json!(["everything"]))], ["/areas", "/areas/1", "/areas/0"]);
    }

    fn a_token_makes_none_that_reaches_further_than_itself(app: &TestApp) {
        let own = app.office.get("/me").expect(200);
        let (_, narrow) = token(app, &own, &json!({"name": "Accounts", "read_only": false, "areas": ["administration"]}));
        let path = format!("/accounts/{}/tokens", id(&own));
        narrow.post(&path, &json!({"name": "More"})).expect_problem(403, "forbidden");
        narrow.post(&path, &json!({"name": "More", "areas": ["administration", "coop"]})).expect_problem(403, "forbidden");
        narrow.post(&path, &json!({"name": "Same", "read_only": false, "areas": ["administration"]})).expect(201);
        // It also ends first.
        let soon = json!({"name": "Soon", "read_only": false, "expires_at": "2026-11-03T18:00:00Z"});
        let (_, soon) = token(app, &own, &soon);
        let longer = json!({"name": "Longer", "expires_at": "2026-11-04T18:00:00Z"});
        soon.post(&path, &longer).expect_problem(403, "forbidden");
        assert_eq!(soon.post(&path, &json!({"name": "Same"})).expect(201)["expires_at"], json!("2026-11-03T18:00:00Z"));
        let (_, reader) = token(app, &own, &json!({"name": "Reader"}));
        reader.post(&path, &json!({"name": "Another"})).expect_problem(403, "forbidden");
        // Nor does it read the answer that another token of the account got under a key.
        let body = crate::support::small_coop::member("A").to_string();
        let send = |client: &Client| {
            client.send("POST", "/api/v1/members", &[("Idempotency-Key", "k-1")], Some(body.as_bytes()))
        };
        send(&app.office).expect(201);
        assert_eq!(send(&app.office).header("Idempotency-Replayed"), "true");
        send(&narrow).expect_problem(422, "invalid-entries");
    }

    fn the_last_use_is_written_down_at_most_once_a_minute_and_the_secret_never(app: &TestApp) {
        let own = app.office.get("/me").expect(200);
        let (made, used) = token(app, &own, &json!({"name": "Export"}));
        let path = format!("/accounts/{}/tokens", id(&own));
        let last_use = || {
            let all = app.office.get(&path).expect(200)["items"].clone();
            let all = all.as_array().cloned().unwrap_or_default();
            all.into_iter().find(|one| one["id"] == made["id"]).expect("the token")["last_used_at"].clone()
        };
        assert_eq!(last_use(), Value::Null);
        app.later(10);
        used.get("/me").expect(200);
        assert_eq!(last_use(), "2026-11-02T18:00:10Z");
        app.later(59);
        used.get("/me").expect(200);
        assert_eq!(last_use(), "2026-11-02T18:00:10Z");
        app.later(1);
        used.get("/me").expect(200);
        assert_eq!(last_use(), "2026-11-02T18:01:10Z");
        let secret = made["secret"].as_str().expect("a secret");
        assert!(secret.len() == 5 + 64 && !app.office.get(&path).text().contains(secret));
        let held = app.app.operations.database.read(|tx| coop_scheduler::db::tokens::find(tx, secret)).expect("an answer");
        assert!(held.is_none(), "the secret itself finds nothing: only its hash is kept");
    }
}
