//! Credentials: what is on file decides who is planned and which visits take place, and people are told before one ends.

use std::collections::BTreeSet;

use coop_scheduler::domain::account::Role;
use coop_scheduler::operations::credentials::warn;
use serde_json::{Value, json};

use super::all;
use crate::support::app::TestApp;
use crate::support::both::{DatabaseKind, on_both_databases};
use crate::support::client::Client;
use crate::support::small_coop::{SmallCoop, id, license};

const DAY: i64 = 24 * 60 * 60;

fn enter(app: &TestApp, coop: &SmallCoop, n: usize, body: &Value) -> Value {
    app.office.post(&format!("/specialists/{}/credentials", coop.specialists[n]), body).expect(201)
}

fn instance(app: &TestApp, run: &str) -> Value {
    app.office.get(&format!("/plan-runs/{run}/instance")).expect(200)
}

fn visits(app: &TestApp, plan: &str) -> Vec<Value> {
    all(&app.office, &format!("/plans/{plan}/visits"))
}

/// Speaks as the office with a token that was made just now: tokens end after 90 days.
fn new_office(app: &TestApp) -> Client {
    app.sign_up("Late office", Role::Office)
}

/// Recipients of e-mails of this event.
fn told(office: &Client) -> Vec<String> {
    let emails = all(office, "/emails");
    let told = emails.iter().filter(|one| one["event"] == "credential_ends");
    told.map(|one| one["recipient"].as_str().expect("an address").to_owned()).collect()
}

on_both_databases! {
    fn a_credential_is_entered_by_the_office_and_read_by_the_person(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let ([coordinator, _], [own, other]) = coop.accounts(app);
        let entered = enter(app, &coop, 0, &license("2027-02-01"));
        let path = format!("/credentials/{}", id(&entered));
        assert_eq!(own.get(&path).expect(200), entered);
        other.get(&path).expect_problem(404, "not-found");
        coordinator.get(&path).expect_problem(404, "not-found");
        let list = format!("/specialists/{}/credentials", coop.specialists[0]);
        own.post(&list, &license("2028-02-01")).expect_problem(403, "forbidden");
        assert_eq!(own.get(&list).expect(200)["items"], json!([entered]));
        assert_eq!(all(&other, "/credentials"), Vec::<Value>::new());

        let standing = |who: &Client, n: usize| {
            who.get(&format!("/specialists/{}/credential-standing", coop.specialists[n])).expect(200)["items"].clone()
        };
        assert_eq!(standing(&own, 0), json!([{"discipline": "SLP", "standing": "valid", "until": "2027-02-01", "since": null}]));
        assert_eq!(standing(&other, 1), json!([{"discipline": "SLP", "standing": "not_on_file", "until": null, "since": null}]));

        // A renewal follows on; what ends is found, and whether something follows.
        let ending = |day: &str| all(&app.office, &format!("/credentials?ending_before={day}"));
        assert!(ending("2027-01-31").is_empty());
        assert_eq!(ending("2027-02-01")[0]["specialist_code"], "S-1");
        assert_eq!(ending("2027-02-01")[0]["renewed"], false);
        let mut renewal = license("2029-02-01");
        renewal["valid_from"] = json!("2027-02-01");
        enter(app, &coop, 0, &renewal);
        assert_eq!(ending("2027-02-01")[0]["renewed"], true);
        assert_eq!(standing(&own, 0)[0]["until"], "2029-02-01");

        let changed = app.office.put(&path, "\"1\"", &license("2027-01-15")).expect(200);
        assert_eq!((&changed["version"], &changed["valid_until"]), (&json!(2), &json!("2027-01-15")));
        app.office.put(&path, "\"1\"", &license("2027-01-16")).expect_problem(412, "stale-version");
        assert_eq!(app.office.send("DELETE", &format!("/api/v1{path}"), &[], None).status, 204);
        app.office.get(&path).expect_problem(404, "not-found");
    }

    fn each_fault_of_a_credential_has_its_place_and_its_way_out(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        enter(app, &coop, 0, &license("2027-02-01"));
        let list = format!("/specialists/{}/credentials", coop.specialists[0]);
        for (key, value, place, words) in [
            ("discipline", json!("OT"), "/discipline", "S-1 holds SLP; choose one of these"),
            ("issuer", json!("Board of Healing Arts"), "/issuer", "is not a code"),
            ("us_state", json!("Missouri"), "/us_state", "two capital letters, like MO"),
            ("valid_until", json!("2020-01-01"), "/valid_until", "The end must be after 2020-01-01"),
            ("valid_from", json!("2027-01-31"), "/valid_from", "end that one, or begin where it ends"),
            ("kind", json!("diploma"), "/kind", "license"),
            ("number", json!("12345"), "/number", ""),
        ] {
            let mut body = license("2028-02-01");
            body[key] = value;
            let faults = app.office.post(&list, &body).expect_problem(422, "invalid-entries");
            assert_eq!(faults.len(), 1, "{key}: {faults:?}");
            assert!(faults[0].0 == place && faults[0].1.contains(words), "{key}: {faults:?}");
        }
        let faults = app.office.get("/credentials?ending_before=soon").expect_problem(422, "invalid-entries");
        assert_eq!(faults[0].0, "/ending_before");
    }

    fn a_file_of_credentials_is_taken_as_a_whole_and_twice_changes_nothing(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let import = |rows: &str| {
            let text = format!("specialist,discipline,kind,issuer,us_state,valid_from,valid_until\n{rows}");
            app.office.post("/imports", &json!({"term": "SPRING-2027", "files": {"credentials.csv": text}}))
        };
        let both = "S-1,SLP,license,MO-BHA,MO,2025-02-01,2027-03-01\nS-2,SLP,license,MO-BHA,MO,2025-02-01,2027-03-01\n";
        assert_eq!(import(both).expect(200)["credentials"], json!({"created": 2, "changed": 0, "unchanged": 0}));
        let missed = all(&app.office, "/dated-visits?state=not_covered");
        assert!(!missed.is_empty() && missed.iter().all(|visit| visit["reason"] == "Credential ended"), "{missed:?}");
        assert_eq!(import(both).expect(200)["credentials"], json!({"created": 0, "changed": 0, "unchanged": 2}));
        let longer = both.replace("2027-03-01", "2027-08-01");
        assert_eq!(import(&longer).expect(200)["credentials"], json!({"created": 0, "changed": 2, "unchanged": 0}));
        assert_eq!(all(&app.office, "/dated-visits?state=not_covered"), Vec::<Value>::new());
        // The second row is at fault, so the first is not kept either.
        let faults = import("S-1,SLP,certificate,ASHA,,2025-02-01,\nS-2,OT,license,MO-BHA,,2025-02-01,\n");
        let faults = faults.expect_problem(422, "invalid-entries");
        assert_eq!(faults[0].0, "/files/credentials.csv");
        assert!(faults[0].1.starts_with("credentials.csv:3:1: S-2 holds SLP"), "{faults:?}");
        assert_eq!(all(&app.office, "/credentials").len(), 2);
    }

    fn nobody_is_planned_on_or_past_the_end_of_a_credential(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let (run, _) = coop.plan(app);
        assert_eq!(instance(app, &run).get("effective_from"), None);
        assert_eq!(instance(app, &run)["format"], "coop-planning-instance/1");
        // What ends after the term is no business of its plans.
        enter(app, &coop, 1, &license("2027-05-29"));
        let (run, plan) = coop.plan(app);
        assert_eq!(instance(app, &run)["format"], "coop-planning-instance/1");
        // The first day of the term is the first day outside.
        let ended = enter(app, &coop, 0, &license("2027-01-04"));
        let refused = app.office.post(&format!("/plans/{plan}/publish"), &json!({}));
        refused.expect_problem(409, "conflict");
        assert_eq!(refused.json()["changes"], json!(["specialist S-1: credentials until changed"]));
        let (run, plan) = coop.plan(app);
        let built = instance(app, &run);
        assert_eq!((&built["format"], &built["effective_from"]), (&json!("coop-planning-instance/3"), &json!("2027-01-04")));
        assert_eq!(built["specialists"][0]["credentials_until"], json!({"SLP": "2027-01-04"}));
        assert_eq!(built["specialists"][1].get("credentials_until"), None);
        let planned = visits(app, &plan);
        assert!(!planned.is_empty() && planned.iter().all(|visit| visit["specialist_code"] == "S-2"), "{planned:?}");

        let mut lapsed = license("2026-12-01");
        lapsed["issuer"] = json!("ASHA");
        lapsed["kind"] = json!("certificate");
        enter(app, &coop, 1, &lapsed);
        let (_, plan) = coop.plan(app);
        assert_eq!(visits(app, &plan), Vec::<Value>::new());
        let short = all(&app.office, &format!("/plans/{plan}/shortfalls"));
        assert_eq!(short[0]["binding"][0], "credential_valid");
        let reason = short[0]["reason"].as_str().expect("a sentence");
        // Schools of all members read it: neither who nor until when.
        assert!(reason.ends_with("on 2027-01-04, when the plan begins. 2 people would need renewals."), "{reason}");
        assert!(!short[0].to_string().contains("S-1") && !short[0].to_string().contains("2026-12-01"), "{}", short[0]);

        // Taken off the file it no longer counts.
        assert_eq!(app.office.send("DELETE", &format!("/api/v1/credentials/{}", id(&ended)), &[], None).status, 204);
        let (_, plan) = coop.plan(app);
        assert!(visits(app, &plan).iter().all(|visit| visit["specialist_code"] == "S-1"));
    }

    fn visits_past_an_end_within_the_term_are_not_covered_and_the_check_names_them(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        enter(app, &coop, 0, &license("2027-03-01"));
        enter(app, &coop, 1, &license("2027-03-01"));
        let (_, plan) = coop.plan(app);
        let checks = app.office.get(&format!("/plans/{plan}/checks")).expect(200);
        let warnings = checks["warnings"].as_array().expect("sentences");
        assert!(!warnings.is_empty());
        assert!(warnings.iter().all(|one| one.as_str().is_some_and(|one| one.contains("no longer valid from 2027-03-01 on"))));
        let late = app.office.post(&format!("/plans/{plan}/publish"), &json!({"effective_from": "2027-03-01"}));
        for (place, message) in late.expect_problem(422, "invalid-entries") {
            assert_eq!(place, "/effective_from");
            assert!(message.contains("has no valid credential for SLP: it is no longer valid from 2027-03-01 on"), "{message}");
        }
        app.office.post(&format!("/plans/{plan}/publish"), &json!({"effective_from": "2027-02-28"})).expect(200);
        let dated = all(&app.office, "/dated-visits");
        assert!(dated.iter().all(|visit| visit["state"] == "not_covered" && visit["reason"] == "Credential ended"), "{dated:?}");

        // Whose credential ended is for the person and the office; a school sees that nobody comes.
        let (coordinators, specialists) = coop.accounts(app);
        let told = |client: &Client| {
            let export = client.get(&format!("/members/{}/export", coop.members[1]));
            let taken = if export.status == 200 { export.json()["dated_visits"].as_array().cloned() } else { None };
            let mut visits = [all(client, "/dated-visits"), taken.unwrap_or_default()].concat();
            visits.push(client.get(&format!("/dated-visits/{}", id(&visits[0]))).expect(200));
            visits.retain(|visit| visit["state"] == "not_covered");
            let reasons: BTreeSet<String> = visits.iter().map(|visit| visit["reason"].to_string()).collect();
            reasons.into_iter().collect::<Vec<_>>()
        };
        assert_eq!((told(&coordinators[1]), told(&specialists[0])), (vec!["\"\"".to_owned()], vec!["\"Credential ended\"".to_owned()]));

        // A renewal mends it at once.
        let dated = |client: &Client| all(client, "/dated-visits");
        app.later(80 * DAY);
        let mut renewal = license("2029-03-01");
        renewal["valid_from"] = json!("2027-03-01");
        for n in [0, 1] {
            enter(app, &coop, n, &renewal);
        }
        let mended = dated(&app.office);
        assert!(!mended.is_empty() && mended.iter().all(|visit| visit["state"] == "planned"), "{mended:?}");
        // The past never changes: on April 1 the renewal turns out to be none.
        app.later(70 * DAY);
        let office = new_office(app);
        for one in all(&office, "/credentials").iter().filter(|one| one["valid_from"] == "2027-03-01") {
            assert_eq!(office.send("DELETE", &format!("/api/v1/credentials/{}", id(one)), &[], None).status, 204);
        }
        let missed = all(&office, "/dated-visits?state=not_covered");
        assert!(!missed.is_empty() && missed.iter().all(|visit| visit["visit_on"].as_str() >= Some("2027-04-01")), "{missed:?}");
    }

    fn a_draft_is_up_to_date_while_days_pass_and_nothing_is_entered(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        enter(app, &coop, 0, &license("2027-03-01"));
        app.later(70 * DAY);
        let (run, plan) = coop.plan(app);
        assert_eq!(instance(app, &run)["effective_from"], "2027-01-11");
        app.later(3 * DAY);
        app.office.post(&format!("/plans/{plan}/publish"), &json!({})).expect(200);
    }

    fn people_are_told_90_30_and_7_days_ahead_each_time_once(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        app.sign_up("Second office", Role::Office);
        let warn = || warn(&app.app.operations).expect("the database");
        // November 2 is 91 days before February 1.
        let entered = enter(app, &coop, 0, &license("2027-02-01"));
        assert_eq!((warn(), told(&app.office).len()), (0, 0));
        app.later(DAY);
        assert_eq!((warn(), warn(), warn()), (1, 0, 0));
        let everybody = ["s-1@example.org", "director@coop.example.org", "second.office@example.org"];
        assert_eq!(told(&app.office), everybody);
        let emails = all(&app.office, "/emails");
        let subjects: Vec<&str> = emails.iter().filter_map(|one| one["subject"].as_str()).filter(|one| one.contains("license")).collect();
        assert_eq!(subjects[0], "Your license ends on January 31, 2027");
        assert_eq!(subjects[1], "Specialist S-1’s license ends on January 31, 2027");
        // Nobody looked for 60 days, and then for longer than the next step: only the last step is told.
        app.later(60 * DAY);
        assert_eq!((warn(), told(&app.office).len()), (1, 6));
        app.later(23 * DAY);
        assert_eq!((warn(), warn(), told(&app.office).len()), (1, 0, 9));
        // Another end is another story; nothing is told of what was renewed, and nothing after the end.
        app.office.put(&format!("/credentials/{}", id(&entered)), "\"1\"", &license("2027-02-03")).expect(200);
        assert_eq!((warn(), warn(), told(&app.office).len()), (1, 0, 12));
        let mut certificate = license("2027-02-03");
        certificate["kind"] = json!("certificate");
        enter(app, &coop, 1, &certificate);
        certificate["valid_from"] = json!("2027-02-03");
        certificate["valid_until"] = json!(null);
        enter(app, &coop, 1, &certificate);
        assert_eq!((warn(), told(&app.office).len()), (0, 12));
        app.later(30 * DAY);
        let office = new_office(app);
        assert_eq!((warn(), told(&office).len()), (0, 12));
        let emails = all(&office, "/emails");
        let ids: std::collections::BTreeSet<String> = emails.iter().map(|one| one["message_id"].to_string()).collect();
        assert_eq!(ids.len(), emails.len());
    }
}

fn a_required_credential_that_is_missing_keeps_people_out(kind: DatabaseKind) {
    let required = |config: &mut coop_scheduler::config::Config| {
        config.workload.credentials_required = vec!["SLP".to_owned()];
    };
    let app = TestApp::start_changed(kind, |_| {}, required);
    let coop = SmallCoop::enter(&app.office);
    enter(&app, &coop, 1, &license("2030-01-01"));
    let (run, plan) = coop.plan(&app);
    assert_eq!(instance(&app, &run)["specialists"][0]["credentials_until"], json!({"SLP": "2027-01-04"}));
    let planned = visits(&app, &plan);
    assert!(!planned.is_empty() && planned.iter().all(|visit| visit["specialist_code"] == "S-2"), "{planned:?}");
    let standing = app.office.get(&format!("/specialists/{}/credential-standing", coop.specialists[0])).expect(200);
    assert_eq!(standing["items"], json!([{"discipline": "SLP", "standing": "missing", "until": null, "since": null}]));
}

#[test]
fn a_required_credential_that_is_missing_keeps_people_out_on_sqlite() {
    a_required_credential_that_is_missing_keeps_people_out(DatabaseKind::Sqlite);
}

#[test]
fn a_required_credential_that_is_missing_keeps_people_out_on_postgres() {
    a_required_credential_that_is_missing_keeps_people_out(DatabaseKind::Postgres);
}
