//! What holds for every route: versions, pages, headers, methods.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, web};
use serde_json::json;

use crate::support::app::TestApp;
use crate::support::both::{DatabaseKind, on_both_databases};
use crate::support::small_coop::{id, member};

on_both_databases! {
    fn a_version_is_named_to_read_and_required_to_change(app: &TestApp) {
        let path = format!("/members/{}", id(&app.office.post("/members", &member("A")).expect(201)));
        let read = app.office.get(&path);
        assert_eq!((read.status, read.header("ETag")), (200, "\"1\""));
        let again = app.office.send("GET", &format!("/api/v1{path}"), &[("If-None-Match", "\"1\"")], None);
        assert_eq!((again.status, again.body.len(), again.header("ETag")), (304, 0, "\"1\""));

        let body = member("A2").to_string();
        let without = app.office.send("PUT", &format!("/api/v1{path}"), &[], Some(body.as_bytes()));
        without.expect_problem(428, "version-required");
        for stale in ["\"7\"", "garbage", "\"\"", "*"] {
            app.office.put(&path, stale, &member("A2")).expect_problem(412, "stale-version");
        }
        let changed = app.office.put(&path, "\"1\"", &member("A2"));
        assert_eq!((changed.status, changed.header("ETag")), (200, "\"2\""));
        app.office.put(&path, "\"1\"", &member("A3")).expect_problem(412, "stale-version");
        assert_eq!(app.office.get(&path).expect(200)["code"], "A2");
    }

    fn a_list_is_walked_in_pages_without_gaps(app: &TestApp) {
        let entered: BTreeSet<String> =
            (0..23).map(|n| id(&app.office.post("/members", &member(&format!("M-{n}"))).expect(201))).collect();
        let (mut seen, mut path) = (Vec::new(), "/members?limit=5".to_owned());
        loop {
            let page = app.office.get(&path).expect(200);
            seen.extend(page["items"].as_array().into_iter().flatten().map(id));
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/members?limit=5&after={next}");
        }
        assert_eq!(seen.len(), 23);
        assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), entered);
    }

    fn a_code_is_used_once(app: &TestApp) {
        app.office.post("/members", &member("A")).expect(201);
        app.office.post("/members", &member("A")).expect_problem(409, "conflict");
    }
}

#[test]
fn every_answer_carries_the_safe_headers() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    let nobody = app.nobody();
    for (client, path, status) in [
        (&app.office, "/api/v1/members", 200),
        (&nobody, "/api/v1/members", 401),
        (&app.office, "/api/v1/nowhere", 404),
        (&nobody, "/healthz", 204),
        (&nobody, "/openapi.json", 200),
        (&nobody, "/problems/not-found", 200),
        (&nobody, "/problems/nothing", 404),
        (&nobody, "/docs/", 200),
    ] {
        let reply = client.send("GET", path, &[("Origin", "https://evil.example")], None);
        assert_eq!(reply.status, status, "{path}");
        assert_eq!(reply.header("X-Content-Type-Options"), "nosniff", "{path}");
        assert_eq!(reply.header("Referrer-Policy"), "no-referrer", "{path}");
        assert_eq!(reply.header("X-Frame-Options"), "DENY", "{path}");
        assert!(reply.header("Content-Security-Policy").starts_with("default-src 'none'"), "{path}");
        assert_eq!(reply.header("X-Request-Id").len(), 36, "{path}");
        assert_eq!(reply.header("Access-Control-Allow-Origin"), "", "{path}");
        if path.starts_with("/api/") {
            assert_eq!(reply.header("Cache-Control"), "no-store", "{path}");
        }
    }
    assert_eq!(nobody.get("/members").header("WWW-Authenticate"), "Bearer");
}

#[test]
fn head_answers_like_get_without_a_body() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    for path in ["/api/v1/me", "/api/v1/disciplines", "/healthz", "/openapi.json"] {
        let (get, head) = (app.office.send("GET", path, &[], None), app.office.send("HEAD", path, &[], None));
        assert_eq!((head.status, head.header("ETag")), (get.status, get.header("ETag")), "{path}");
        assert_eq!(head.body.len(), 0);
    }
}

#[test]
fn another_method_is_told_which_ones_work() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    let reply = app.office.send("DELETE", "/api/v1/members", &[], None);
    reply.expect_problem(405, "method-not-allowed");
    assert_eq!(reply.header("Allow"), "GET, POST, HEAD");
    app.office.send("PATCH", "/healthz", &[], Some(b"{}")).expect_problem(405, "method-not-allowed");
    app.office.get("/members/not-an-identity").expect_problem(404, "not-found");
}

#[test]
fn a_panic_is_a_problem_without_its_text_and_the_server_goes_on() {
    let panics = |app: &mut web::ServiceConfig| {
        async fn handler() -> HttpResponse {
            panic!("a secret")
        }
        app.route("/panics", web::get().to(handler));
    };
    let app = TestApp::start_with(DatabaseKind::Sqlite, panics);
    let reply = app.nobody().send("GET", "/panics", &[], None);
    reply.expect_problem(500, "internal-error");
    assert!(!reply.text().contains("secret"), "{}", reply.text());
    assert_eq!(reply.header("X-Content-Type-Options"), "nosniff");
    app.office.get("/me").expect(200);
}

#[test]
fn a_token_stops_working_when_it_or_its_account_is_switched_off() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    let account = json!({"name": "Ana", "email": "ana@example.org", "roles": [{"role": "finance"}]});
    let account = app.office.post("/accounts", &account).expect(201);
    let tokens = format!("/accounts/{}/tokens", id(&account));
    let make = || app.office.post(&tokens, &json!({"name": "Export"})).expect(201);
    let (first, second) = (make(), make());
    let client =
        |token: &serde_json::Value| crate::support::client::Client::new(&app.office.address, token["secret"].as_str());
    let (one, two) = (client(&first), client(&second));
    one.get("/me").expect(200);
    let path = format!("/api/v1{tokens}/{}", id(&first));
    assert_eq!(app.office.send("DELETE", &path, &[], None).status, 204);
    one.get("/me").expect_problem(401, "sign-in-required");
    app.office.send("DELETE", &path, &[], None).expect_problem(404, "not-found");
    two.get("/me").expect(200);
    let off = json!({"name": "Ana", "email": "ana@example.org", "roles": [{"role": "finance"}], "disabled": true});
    app.office.put(&format!("/accounts/{}", id(&account)), "\"1\"", &off).expect(200);
    two.get("/me").expect_problem(401, "sign-in-required");
    for header in ["Bearer", "Bearer  ", "Basic abc", "Bearer coop_0", "bearer x y"] {
        let reply = app.nobody().send("GET", "/api/v1/me", &[("Authorization", header)], None);
        reply.expect_problem(401, "sign-in-required");
    }
}
