//! The office's pages about people, and the own tokens, in a browser without script.

use coop_scheduler::domain::account::Role;
use serde_json::Value;

use crate::sign_in::browser::Browser;
use crate::support::app::TestApp;
use crate::support::both::DatabaseKind;
use crate::support::client::Client;
use crate::support::small_coop::{SmallCoop, id};

/// A browser in which somebody has a complete session.
fn browser(app: &TestApp, who: &Client) -> Browser {
    let mut browser = Browser::new(app);
    browser.cookies.insert("coop".to_owned(), app.cookie(who).replace("coop=", ""));
    browser
}

fn account(app: &TestApp, email: &str) -> Value {
    let all = app.office.get("/accounts?limit=200").expect(200)["items"].as_array().cloned().unwrap_or_default();
    all.into_iter().find(|one| one["email"] == email).unwrap_or(Value::Null)
}

#[test]
fn the_office_invites_changes_switches_off_and_hands_over() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    let coop = SmallCoop::enter(&app.office);
    let mut office = browser(&app, &app.office);
    let new = "/people/new";
    let coordinator = format!("coordinator:{}", coop.members[0]);
    let sent =
        [("name", "Keisha <b>"), ("email", "keisha@example.org"), ("role", coordinator.as_str()), ("role", "board")];
    let wrong = office.submit(new, new, &[("name", "Keisha <b>"), ("email", "keisha"), ("role", &coordinator)]);
    let html = wrong.text();
    assert!(
        wrong.status == 422 && html.contains("href=\"#email\"") && html.contains("value=\"Keisha &#60;b&#62;\""),
        "{html}"
    );
    assert!(html.contains(&format!("value=\"{coordinator}\" checked")), "what was chosen stays chosen: {html}");
    assert_eq!(office.submit(new, new, &[("name", "K"), ("email", "k@example.org")]).status, 422, "no role");
    assert_eq!(office.submit(new, new, &sent).header("Location"), "/people");
    let twice = office.submit(new, new, &sent);
    assert!(twice.status == 422 && twice.text().contains("href=\"#email\""), "{}", twice.text());
    let made = account(&app, "keisha@example.org");
    assert_eq!(made["roles"].as_array().map(Vec::len), Some(2));
    let html = office.get("/people").text();
    for words in ["keisha@example.org", "District coordinator, District A", "Invited until Nov 5", "Keisha &#60;b&#62;"]
    {
        assert!(html.contains(words), "{words}: {html}");
    }

    let page = format!("/people/{}", id(&made));
    let stale = [("name", "K"), ("email", "keisha@example.org"), ("role", "board"), ("version", "7")];
    assert_eq!(office.submit(&page, &page, &stale).status, 409);
    let change = [("name", "Keisha"), ("email", "keisha@example.org"), ("role", "finance"), ("version", "1")];
    assert_eq!(office.submit(&page, &page, &change).header("Location"), "/people");
    assert_eq!(account(&app, "keisha@example.org")["roles"], serde_json::json!([{"role": "finance"}]));
    assert_eq!(office.submit(&page, &format!("{page}/invite"), &[]).header("Location"), page);
    let off = office.submit(&page, &format!("{page}/switch"), &[("to", "off"), ("version", "2")]);
    assert_eq!(off.header("Location"), page);
    assert!(office.get(&page).text().contains("Switch the account on"));
    assert_eq!(office.submit(&page, &format!("{page}/switch"), &[("to", "on"), ("version", "3")]).status, 303);

    let hand_over = format!("{page}/hand-over");
    assert!(office.submit(&hand_over, &hand_over, &[]).text().contains("Choose somebody"));
    let to = [("to", ""), ("name", "Jordan"), ("email", "jordan@example.org")];
    assert_eq!(office.submit(&hand_over, &hand_over, &to).header("Location"), "/people");
    assert_eq!(account(&app, "jordan@example.org")["roles"], serde_json::json!([{"role": "finance"}]));
    assert_eq!(account(&app, "keisha@example.org")["disabled"], true);
    let on = office.submit(&page, &format!("{page}/switch"), &[("to", "on"), ("version", "5")]);
    assert!(on.status == 409 && on.text().contains("Choose a role first"), "{}", on.text());

    let director = format!("/people/{}", id(&account(&app, "director@coop.example.org")));
    assert!(!office.get(&director).text().contains("Switch the account off"), "nobody locks themselves out");
    let own = [("name", "D"), ("email", "director@coop.example.org"), ("role", "board"), ("version", "1")];
    let last = office.submit(&director, &director, &own);
    assert!(last.status == 409 && last.text().contains("last account of the office"), "{}", last.text());
}

#[test]
fn c33_changing_roles_by_page_needs_a_fresh_proof_and_its_own_form() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    let finance = app.sign_up("Finance", Role::Finance);
    let page = format!("/people/{}", id(&account(&app, "finance@example.org")));
    let (mut office, mut other) = (browser(&app, &app.office), browser(&app, &finance));
    let paths = [
        "/people/new".to_owned(),
        page.clone(),
        format!("{page}/invite"),
        format!("{page}/switch"),
        format!("{page}/hand-over"),
    ];
    let token = office.form_token("/account");
    let foreign = other.form_token("/account");
    let here: &[(&str, &str)] = &[("Sec-Fetch-Site", "same-origin")];
    for path in paths.iter().map(String::as_str).chain(["/account/tokens/new"]) {
        assert_eq!(office.post_from(path, here, &[]).status, 403, "{path}: no token");
        assert_eq!(office.post_from(path, here, &[("form", &foreign)]).status, 403, "{path}: another's token");
        assert_eq!(office.post_from(path, &[], &[("form", &token)]).status, 403, "{path}: no header");
        let cross = office.post_from(path, &[("Sec-Fetch-Site", "cross-site")], &[("form", &token)]);
        assert_eq!(cross.status, 403, "{path}: another site");
    }
    for path in &paths {
        let missing = other.get("/people/nobody").text();
        let reply = other.post(path, &[("form", &foreign)]);
        assert_eq!((reply.status, reply.text()), (404, missing), "{path}: finance learns nothing");
    }
    app.later(10 * 60);
    for path in paths.iter().map(String::as_str).chain(["/account/tokens/new"]) {
        let reply = office.post(
            path,
            &[("form", &token), ("to", "off"), ("version", "1"), ("name", "X"), ("area", "plans"), ("days", "9")],
        );
        assert!(reply.status == 303 && reply.header("Location").starts_with("/account/confirm?to=/"), "{path}");
    }
    assert_eq!(office.get("/people/new").header("Location"), "/account/confirm?to=/people/new");
    assert_eq!(office.get("/people").status, 200, "the list needs no new proof");
    assert_eq!(account(&app, "finance@example.org")["version"], 1, "nothing was changed");
}

#[test]
fn people_make_see_and_switch_off_their_own_tokens() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    let coop = SmallCoop::enter(&app.office);
    let ([first, second], _) = coop.accounts(&app);
    let (mut own, mut other) = (browser(&app, &first), browser(&app, &second));
    let new = "/account/tokens/new";
    for fields in [
        [("name", ""), ("area", "plans"), ("days", "30")],
        [("name", "X"), ("area", "none"), ("days", "30")],
        [("name", "X"), ("area", "plans"), ("days", "367")],
    ] {
        assert_eq!(own.submit(new, new, &fields).status, 422, "{fields:?}");
    }
    let made =
        own.submit(new, new, &[("name", "Calendar export"), ("area", "plans"), ("area", "coop"), ("days", "30")]);
    let html = made.text();
    let secret = html.split("<code>").nth(1).and_then(|rest| rest.split('<').next()).expect("a secret").to_owned();
    assert!(made.status == 200 && html.contains("December 2, 2026"), "{html}");
    let program = Client::new(&app.office.address, Some(&secret));
    assert_eq!((program.get("/sites").status, program.get("/service-requests").status), (200, 404));

    let html = own.get("/account").text();
    assert!(html.contains("Calendar export") && html.contains("Read districts, schools and terms, plans"), "{html}");
    assert!(!html.contains(&secret), "shown once");
    let revoke =
        html.split("action=\"").filter_map(|part| part.split('"').next()).filter(|part| part.ends_with("/revoke"));
    let revoke: Vec<String> = revoke.map(str::to_owned).collect();
    assert_eq!(other.submit("/account", &revoke[0], &[]).status, 404, "another's");
    assert_eq!(program.get("/sites").status, 200);
    assert_eq!(own.submit("/account", &revoke[0], &[]).header("Location"), "/account");
    program.get("/sites").expect_problem(401, "sign-in-required");
}
