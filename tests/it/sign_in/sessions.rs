//! Sessions: their secrets, their ends, and forms that only their own pages can send.

use coop_scheduler::db;
use coop_scheduler::domain::login_session::Means;
use serde_json::json;

use super::browser::Browser;
use super::{OTHER_PASSWORD, PASSWORD, signed_in, with_password};
use crate::support::app::TestApp;
use crate::support::both::{DatabaseKind, on_both_databases};

const EMAIL: &str = "keisha@school.example.org";

/// Whether a browser still sees a page.
fn is_in(browser: &mut Browser) -> bool {
    browser.get("/overview").status == 200
}

on_both_databases! {
    fn c30_a_session_has_a_new_secret_that_the_database_does_not_hold(app: &TestApp) {
        let account = with_password(app, EMAIL);
        let mut browser = Browser::new(app);
        let planted = "a".repeat(64);
        browser.cookies.insert("coop".to_owned(), planted.clone());
        assert_eq!(browser.sign_in(EMAIL, PASSWORD).status, 303);
        let first = browser.cookies["coop"].clone();
        assert!(first != planted && first.len() == 64);
        assert_eq!(browser.sign_in(EMAIL, PASSWORD).status, 303);
        assert_ne!(browser.cookies["coop"], first);
        let held = app.app.operations.database.read(|tx| db::sessions::find(tx, &first)).expect("an answer");
        assert!(held.is_none(), "the secret itself finds nothing: only its hash is kept");
        let sessions = app.app.operations.database.read(|tx| db::sessions::list(tx, account.id));
        assert_eq!(sessions.expect("sessions").len(), 2);
    }

    fn c31_a_session_ends_when_it_is_not_used_and_at_the_latest_after_a_day(app: &TestApp) {
        with_password(app, EMAIL);
        let mut idle = signed_in(app, EMAIL);
        app.later(59 * 60);
        assert!(is_in(&mut idle));
        app.later(59 * 60);
        assert!(is_in(&mut idle), "used meanwhile");
        app.later(60 * 60);
        assert!(!is_in(&mut idle));
        let mut used = signed_in(app, EMAIL);
        for _ in 0..47 {
            app.later(30 * 60);
            assert!(is_in(&mut used));
        }
        app.later(30 * 60);
        assert!(!is_in(&mut used), "24 hours");

        let finance = app.sign_up("Finance", coop_scheduler::domain::account::Role::Finance);
        let mut money = Browser::new(app);
        money.cookies.insert("coop".to_owned(), app.cookie(&finance).replace("coop=", ""));
        for _ in 0..23 {
            app.later(30 * 60);
            assert_eq!(money.get("/costs").status, 200);
        }
        app.later(30 * 60);
        assert_eq!(money.get("/costs").status, 303, "12 hours where money is");
    }

    fn c32_what_changes_an_account_ends_its_sessions_at_once(app: &TestApp) {
        let account = with_password(app, EMAIL);
        let path = format!("/accounts/{}", account.id);
        let mut many: Vec<Browser> = (0..100).map(|_| {
            let mut browser = Browser::new(app);
            let cookie = app.app.operations.database.write(|tx| {
                let account = db::accounts::find(tx, account.id)?.expect("the account");
                coop_scheduler::operations::sign_in::sessions::open(tx, &app.app.operations, &account, (Means::Password, None), &Default::default())
            });
            browser.cookies.insert("coop".to_owned(), cookie.expect("a session").secret);
            browser
        }).collect();
        assert!(many.iter_mut().all(is_in));
        let mut fields = json!({"name": "Keisha", "email": EMAIL, "roles": [{"role": "finance"}], "disabled": false});
        app.office.put(&path, "\"1\"", &fields).expect(200);
        assert_eq!(many.iter_mut().map(|one| u32::from(one.get("/overview").status == 303)).sum::<u32>(), 100);

        fields["disabled"] = json!(true);
        app.office.put(&path, "\"2\"", &fields).expect(200);
        assert_eq!(Browser::new(app).sign_in(EMAIL, PASSWORD).status, 422, "disabled");
    }

    fn c32_people_end_their_sessions_themselves(app: &TestApp) {
        with_password(app, EMAIL);
        let (mut one, mut two) = (signed_in(app, EMAIL), signed_in(app, EMAIL));
        let html = one.get("/account").text();
        assert_eq!(html.matches("/end\"").count(), 1, "every session but this one has a button: {html}");
        let path = html.split("action=\"").find(|part| part.starts_with("/account/sessions/")).expect("a form");
        let path = path.split('"').next().expect("a path").to_owned();
        assert_eq!(one.submit("/account", &path, &[]).header("Location"), "/account");
        assert!(is_in(&mut one) && !is_in(&mut two));
        assert_eq!(one.submit("/account", &path, &[]).status, 404, "ended before");

        let mut kept = one.clone();
        let out = one.submit("/account", "/sign-out", &[]);
        assert_eq!((out.status, out.header("Location")), (303, "/sign-in"));
        assert!(out.header("Clear-Site-Data").contains("cache") && !one.cookies.contains_key("coop"));
        assert!(!is_in(&mut kept), "a copy of the cookie is worth nothing");
    }

    fn c32_a_new_password_ends_every_other_session(app: &TestApp) {
        with_password(app, EMAIL);
        let (mut one, mut two) = (signed_in(app, EMAIL), signed_in(app, EMAIL));
        let old = one.cookies["coop"].clone();
        let change = |browser: &mut Browser, present: &str, new: &str| {
            browser.submit("/account/password", "/account/password", &[("present", present), ("new", new)])
        };
        let wrong = change(&mut one, "not the password", OTHER_PASSWORD);
        assert!(wrong.status == 422 && wrong.text().contains("not your present password"));
        let listed = change(&mut one, PASSWORD, "passwordpassword");
        assert!(listed.status == 422 && listed.text().contains("first that are guessed"));
        assert_eq!(change(&mut one, PASSWORD, OTHER_PASSWORD).header("Location"), "/account");
        assert!(is_in(&mut one) && !is_in(&mut two) && one.cookies["coop"] != old);
        assert_eq!(two.sign_in(EMAIL, PASSWORD).status, 422);
        assert_eq!(two.sign_in(EMAIL, OTHER_PASSWORD).status, 303);
    }
}

#[test]
fn c15_a_form_needs_its_token_and_its_origin() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    with_password(&app, EMAIL);
    with_password(&app, "other@school.example.org");
    let (mut own, mut other) = (signed_in(&app, EMAIL), signed_in(&app, "other@school.example.org"));
    let (token, foreign) = (own.form_token("/account"), other.form_token("/account"));
    let session = "/account/sessions/01900000-0000-7000-8000-000000000000/end";
    let here: &[(&str, &str)] = &[("Sec-Fetch-Site", "same-origin")];
    for path in [
        "/sign-out",
        "/account/password",
        "/account/confirm",
        "/account/second-factor",
        "/account/second-factor/code",
        session,
    ] {
        assert_eq!(own.post_from(path, here, &[]).status, 403, "{path}: no token");
        assert_eq!(own.post_from(path, here, &[("form", &foreign)]).status, 403, "{path}: another's token");
        assert_eq!(own.post_from(path, &[], &[("form", &token)]).status, 403, "{path}: no header");
        let cross = own.post_from(path, &[("Sec-Fetch-Site", "cross-site")], &[("form", &token)]);
        assert_eq!(cross.status, 403, "{path}: another site");
        let origin = own.post_from(path, &[("Origin", "https://evil.example")], &[("form", &token)]);
        assert_eq!(origin.status, 403, "{path}: another origin");
        let plain = own.post_from(path, &[("Sec-Fetch-Site", "same-origin"), ("Content-Type", "text/plain")], &[]);
        assert_eq!(plain.status, 403, "{path}: not a form");
    }
    for path in ["/sign-in", "/invitation/0000"] {
        assert_eq!(Browser::new(&app).post_from(path, &[], &[]).status, 403, "{path}: no header");
    }
    assert!(is_in(&mut own), "nothing was done");
}

#[test]
fn c16_pages_of_a_session_write_at_most_once_a_minute() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    let account = with_password(&app, EMAIL);
    let mut browser = signed_in(&app, EMAIL);
    let used = || {
        let all = app.app.operations.database.read(|tx| db::sessions::list(tx, account.id)).expect("sessions");
        all[0].last_used_at
    };
    let begun = used();
    app.later(59);
    assert!(is_in(&mut browser) && used() == begun);
    app.later(1);
    assert!(is_in(&mut browser) && used() > begun);
}

#[test]
fn c46_pages_of_an_account_are_not_stored() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    with_password(&app, EMAIL);
    let mut browser = signed_in(&app, EMAIL);
    for path in ["/account", "/account/password", "/account/confirm", "/account/second-factor", "/sign-in", "/overview"]
    {
        let reply = browser.get(path);
        assert_eq!((reply.status, reply.header("Cache-Control")), (200, "no-store"), "{path}");
        assert!(!reply.text().contains("<script") && !reply.text().contains(" style="), "{path}");
    }
}
