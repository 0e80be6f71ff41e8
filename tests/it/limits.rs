//! What one address and one account may ask for, with the limits of the settings (requirements 13 and 19).

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use actix_web::web;
use coop_scheduler::config::{Config, Limits};
use coop_scheduler::domain::account::Role;
use serde_json::json;

use crate::support::app::TestApp;
use crate::support::both::DatabaseKind;
use crate::support::client::{Client, Reply};

fn with_limits(limits: Limits, trusted_proxies: &[&str]) -> TestApp {
    let change = |config: &mut Config| {
        config.server.limits = limits;
        config.server.trusted_proxies =
            trusted_proxies.iter().map(|address| address.parse().expect("an address")).collect();
    };
    let slow = |pages: &mut web::ServiceConfig| {
        pages.route("/api/slow", web::get().to(slow_answer));
    };
    TestApp::start_changed(DatabaseKind::Sqlite, slow, change)
}

async fn slow_answer() -> &'static str {
    actix_web::rt::time::sleep(Duration::from_millis(1_500)).await;
    "done"
}

/// Checks that an answer says when to come back.
fn assert_waits(reply: &Reply, at_least: u64) {
    reply.expect_problem(429, "too-many");
    let seconds: u64 = reply.header("Retry-After").parse().expect("seconds");
    assert!((at_least..=3_601).contains(&seconds), "{seconds}");
}

#[test]
fn c13_the_eleventh_plan_of_an_hour_waits_and_nobody_else_does() {
    let usual = Config::load(None).expect("the defaults").server.limits;
    let app = with_limits(usual, &[]);
    let other = app.sign_up("Other office", Role::Office);
    let start = |who: &Client| who.post("/plan-runs", &json!({"term_id": app.actor.account_id, "seconds_max": 0}));
    for _ in 0..10 {
        assert_eq!(start(&app.office).status, 422);
    }
    for _ in 0..3 {
        assert_waits(&start(&app.office), 60);
    }
    let trail = other.get("/audit-entries?limit=200").expect(200).to_string();
    assert!(!trail.contains("\"429\""), "what is refused for its number costs no writing: {trail}");
    assert_eq!(start(&other).status, 422, "another account is not affected");
    assert_eq!(app.office.get("/plan-runs").status, 200, "nor anything else of the same account");
    // Other work has a count of its own.
    assert_eq!(app.office.act(&format!("/accounts/{}/invitation", app.actor.account_id)).status, 200);
}

#[test]
fn c13_exports_trials_and_e_mails_are_counted_by_the_hour() {
    let limits = Limits { exports_per_hour: 2, trials_per_hour: 2, mailings_per_hour: 2, ..Limits::default() };
    let app = with_limits(limits, &[]);
    let nothing = "01900000-0000-7000-8000-000000000000";
    let export = || app.office.get(&format!("/cost-shares/{nothing}/csv"));
    let trial = || app.office.post(&format!("/plans/{nothing}/scenarios"), &json!({}));
    let mailing = || app.office.act(&format!("/emails/{nothing}/resend"));
    let kinds: [&dyn Fn() -> Reply; 3] = [&export, &trial, &mailing];
    for kind in kinds {
        assert!(kind().status != 429 && kind().status != 429);
        assert_waits(&kind(), 60);
    }
    assert_eq!(app.office.get("/me").status, 200);
}

#[test]
fn c13_an_account_is_counted_over_all_its_tokens_and_sessions() {
    let app = with_limits(Limits { requests_per_minute: 10, ..Limits::default() }, &[]);
    let other = app.sign_up("Other office", Role::Office);
    let path = format!("/accounts/{}/tokens", app.actor.account_id);
    let made = other.post(&path, &json!({"name": "Second"})).expect(201);
    let second = Client::new(&app.office.address, made["secret"].as_str());
    let answers: Vec<u16> = (0..12).map(|n| [&app.office, &second][n % 2].get("/me").status).collect();
    assert_eq!(answers.iter().filter(|status| **status == 429).count(), 2, "{answers:?}");
    assert_waits(&app.office.get("/me"), 1);
    let cookie = app.cookie(&app.office);
    let page = app.nobody().send("GET", "/overview", &[("Cookie", &cookie)], None);
    assert_eq!(page.status, 429);
    assert!(page.text().contains("Too much at once") && page.header("Content-Type").starts_with("text/html"));
    assert!(!page.header("Retry-After").is_empty());
    assert_eq!(other.get("/me").status, 200);
}

#[test]
fn c13_a_body_that_comes_drop_by_drop_gives_its_place_back() {
    let change = |config: &mut Config| {
        config.server.limits = Limits { requests_at_once_by_address: 3, ..Limits::default() };
        config.server.body_seconds_max = 1;
    };
    let app = TestApp::start_changed(DatabaseKind::Sqlite, |_| {}, change);
    let address = app.office.address.strip_prefix("http://").expect("an address").to_owned();
    let head = |path: &str, kind: &str| {
        format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: 100\r\n")
    };
    let token = app.office.token.clone().expect("a token");
    let api = format!("{}Authorization: Bearer {token}\r\n\r\n{{", head("/api/v1/members", "application/json"));
    let page = format!("{}\r\nemail=", head("/sign-in", "application/x-www-form-urlencoded"));
    let mut open: Vec<TcpStream> = [&api, &page, &page]
        .map(|start| {
            let mut stream = TcpStream::connect(&address).expect("the server");
            stream.write_all(start.as_bytes()).expect("a beginning");
            stream
        })
        .into();
    let said = |stream: &mut TcpStream| {
        let mut bytes = [0; 16];
        let read = stream.read(&mut bytes).expect("an answer");
        String::from_utf8_lossy(&bytes[..read]).into_owned()
    };
    let all: Vec<String> = open.iter_mut().map(said).collect();
    assert!(all[0].starts_with("HTTP/1.1 408"), "{all:?}");
    assert!(all[1..].iter().all(|one| one.starts_with("HTTP/1.1 4")), "{all:?}");
    assert_eq!(app.office.get("/me").status, 200, "the places are free again");
}

#[test]
fn c19_a_spoofed_address_changes_nothing_and_a_trusted_proxys_does() {
    let ask = |app: &TestApp, forwarded: &str| {
        app.nobody()
            .send("GET", "/problems/busy", &[("X-Forwarded-For", forwarded), ("Forwarded", forwarded)], None)
            .status
    };
    let limits = || Limits { requests_per_minute_by_address: 5, ..Limits::default() };
    let app = with_limits(limits(), &["10.0.0.1"]);
    let answers: Vec<u16> = (0..8).map(|n| ask(&app, &format!("203.0.113.{n}"))).collect();
    assert_eq!(answers, [200, 200, 200, 200, 200, 429, 429, 429]);
    assert_eq!(app.nobody().send("GET", "/healthz", &[], None).status, 204, "whether we are alive can be asked");
    assert_eq!(app.nobody().send("GET", "/sign-in", &[], None).status, 429, "pages too");

    let app = with_limits(limits(), &["127.0.0.1"]);
    let answers: Vec<u16> = (0..8).map(|n| ask(&app, &format!("198.51.100.1, 203.0.113.{n}"))).collect();
    assert_eq!(answers, [200; 8], "each visitor of the proxy");
    // What stands before the proxy's own entry is the visitor's word.
    let answers: Vec<u16> = (0..8).map(|n| ask(&app, &format!("198.51.100.{n}, 203.0.113.99"))).collect();
    assert_eq!(answers, [200, 200, 200, 200, 200, 429, 429, 429]);
}

#[test]
fn c13_requests_at_once_are_limited_by_address_and_by_token() {
    for (limits, by_token) in [
        (Limits { requests_at_once_by_address: 3, ..Limits::default() }, false),
        (Limits { requests_at_once: 3, ..Limits::default() }, true),
    ] {
        let app = with_limits(limits, &[]);
        let answers = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..8).map(|_| scope.spawn(|| app.office.send("GET", "/api/slow", &[], None).status)).collect();
            std::thread::sleep(Duration::from_millis(500));
            let other = app.nobody().send("GET", "/sign-in", &[], None).status;
            assert_eq!(other, if by_token { 200 } else { 429 });
            threads.into_iter().map(|thread| thread.join().expect("an answer")).collect::<Vec<_>>()
        });
        assert_eq!(answers.iter().filter(|status| **status == 200).count(), 3, "{answers:?}");
        assert_eq!(answers.iter().filter(|status| **status == 429).count(), 5, "{answers:?}");
        assert_eq!(app.office.send("GET", "/api/slow", &[], None).status, 200, "afterwards there is room again");
    }
}
