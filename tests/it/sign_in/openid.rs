//! OpenID Connect with a provider that is not ours (pyop), over TLS: who is let in, and every lie that is not believed.

use coop_scheduler::db;
use coop_scheduler::domain::account::Role;
use coop_scheduler::domain::audit::AuditEntry;
use serde_json::{Value, json};

use super::browser::Browser;
use super::{PASSWORD, account, coordinator, set_password, with_password};
use crate::support::app::TestApp;
use crate::support::both::DatabaseKind;
use crate::support::client::Reply;
use crate::support::openid::OpenidServer;
use crate::trust::trail;

const EMAIL: &str = "keisha@school.example.org";
const BUTTON: &str = "/sign-in/openid/district";
/// What the audit trail tells of it.
pub const EVENTS: &[&str] = &[
    "sign in by OpenID Connect account",
    "remember OpenID Connect identity account",
    "refuse sign-in by OpenID Connect account",
];

/// A provider, and a program whose settings name it.
fn start(kind: DatabaseKind) -> (OpenidServer, TestApp) {
    start_with(kind, |_| {})
}

fn start_with(kind: DatabaseKind, change: impl FnOnce(&mut coop_scheduler::config::Openid)) -> (OpenidServer, TestApp) {
    let server = OpenidServer::start("http://127.0.0.1:8080");
    let mut settings = server.settings();
    change(&mut settings);
    let app = TestApp::start_changed(kind, |_| {}, |config| config.sign_in.openid = vec![settings]);
    (server, app)
}

/// Where a page leads by itself.
fn leads_to(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.header("Refresh").strip_prefix("0; url=").expect("an address").to_owned()
}

/// Presses the button, goes to the provider, and gives the path at which it leads back to us.
fn to_and_back(server: &OpenidServer, browser: &mut Browser) -> String {
    let address = leads_to(&browser.post(BUTTON, &[("to", "/requests")]));
    assert!(address.starts_with(&format!("https://localhost:{}/authorize?", server.port)), "{address}");
    let back = server.visit(&address);
    back.strip_prefix("http://127.0.0.1:8080").expect("our address").to_owned()
}

/// The whole way; gives the last answer.
fn sign_in(server: &OpenidServer, browser: &mut Browser) -> Reply {
    let back = to_and_back(server, browser);
    browser.get(&back)
}

fn assert_closed(reply: &Reply, browser: &Browser, why: &str) {
    assert_eq!(reply.status, 422, "{why}: {}", reply.text());
    assert!(reply.text().contains("You could not be signed in"), "{why}");
    assert!(!browser.cookies.contains_key("coop"), "{why}");
}

/// Each test with both databases.
macro_rules! with_both_databases {
    ($(fn $name:ident($kind:ident) $body:block)*) => {
        $(fn $name($kind: DatabaseKind) $body)*
        mod sqlite { $(#[test] fn $name() { super::$name(super::DatabaseKind::Sqlite); })* }
        mod postgres { $(#[test] fn $name() { super::$name(super::DatabaseKind::Postgres); })* }
    };
}

with_both_databases! {
    fn c28_openid_lets_a_person_into_the_account_of_a_checked_address(kind) {
        let (server, app) = start(kind);
        let account = coordinator(&app, EMAIL);
        let mut browser = Browser::new(&app);
        assert!(browser.get("/sign-in").text().contains("Sign in with Momentum Academy"));
        server.sends("p-1", "Keisha@School.example.org");
        let done = sign_in(&server, &mut browser);
        assert_eq!(leads_to(&done), "/requests");
        assert!(done.text().contains("href=\"/requests\"") && !browser.cookies.contains_key("coop-openid"));
        assert_eq!(browser.get("/requests").status, 200);

        // From now on the provider's own name counts, whatever it says of the address.
        server.says(&json!({"user": "p-1", "claims": {"email": "new@elsewhere.example", "email_verified": false}}));
        assert_eq!(leads_to(&sign_in(&server, &mut Browser::new(&app))), "/requests");
        // Somebody else who is given the address later is not the same person.
        server.sends("p-2", EMAIL);
        let mut other = Browser::new(&app);
        assert_closed(&sign_in(&server, &mut other), &other, "an address that went to somebody else");
        let unlinked = app.app.operations.database.write(|tx| db::openid::unlink(tx, account.id));
        assert_eq!(unlinked.expect("done"), 1);
        assert_eq!(leads_to(&sign_in(&server, &mut other)), "/requests", "once the office agrees");
        let asked = server.requests();
        assert_eq!(asked.iter().filter(|path| path.ends_with("openid-configuration")).count(), 1, "{asked:?}");
    }

    fn c51_what_openid_does_is_written_down(kind) {
        let (server, app) = start(kind);
        coordinator(&app, EMAIL);
        server.sends("p-1", EMAIL);
        assert_eq!(leads_to(&sign_in(&server, &mut Browser::new(&app))), "/requests");
        server.sends("p-2", "nobody@school.example.org");
        let mut browser = Browser::new(&app);
        assert_closed(&sign_in(&server, &mut browser), &browser, "nobody");
        let trail = trail(&app);
        for event in EVENTS {
            let is = |one: &&AuditEntry| format!("{} {}", one.fields.action, one.fields.subject_kind) == *event;
            let fields = &trail.iter().find(is).unwrap_or_else(|| panic!("{event} is not written: {trail:#?}")).fields;
            assert_eq!((fields.means.as_str(), fields.address.as_str()), ("web", "127.0.0.1"), "{fields:?}");
            assert_eq!(fields.account_id.is_some(), !event.starts_with("refuse"), "{fields:?}");
        }
    }

    fn c28_openid_is_bound_to_the_browser_that_began_and_works_once(kind) {
        let (server, app) = start(kind);
        coordinator(&app, EMAIL);
        server.sends("p-1", EMAIL);
        let mut browser = Browser::new(&app);
        let back = to_and_back(&server, &mut browser);
        // Another browser: without a cookie, with one of its own, with a made-up one.
        let mut other = Browser::new(&app);
        assert_closed(&other.get(&back), &other, "another browser");
        to_and_back(&server, &mut other);
        assert_closed(&other.get(&back), &other, "another browser's way back");
        other.cookies.insert("coop-openid".to_owned(), "0".repeat(64));
        assert_closed(&other.get(&back), &other, "a made-up cookie");

        let copy = browser.clone();
        assert_eq!(browser.get(&back).status, 200, "the first browser still gets in");
        let mut again = copy.clone();
        assert_closed(&again.get(&back), &again, "the same again");

        for (what, wrong) in [("state=", "state=0"), ("code=", "code=0")] {
            let mut browser = Browser::new(&app);
            let back = to_and_back(&server, &mut browser).replace(what, wrong);
            assert_closed(&browser.get(&back), &browser, what);
        }
        let mut denied = Browser::new(&app);
        to_and_back(&server, &mut denied);
        assert_closed(&denied.get(&format!("{BUTTON}/callback?error=access_denied")), &denied, "denied there");
        let mut late = Browser::new(&app);
        let back = to_and_back(&server, &mut late);
        app.later(600);
        assert_closed(&late.get(&back), &late, "ten minutes later");
    }

    fn c26_openid_answers_alike_whoever_is_not_let_in(kind) {
        let (server, app) = start(kind);
        let disabled = coordinator(&app, "disabled@school.example.org");
        let fields = json!({"name": "Ana", "email": "disabled@school.example.org", "roles": disabled.fields.roles, "disabled": true});
        app.office.put(&format!("/accounts/{}", disabled.id), "\"1\"", &fields).expect(200);
        coordinator(&app, EMAIL);
        coordinator(&app, "other@elsewhere.example.org");
        let claims = |email: &str, verified: Value| json!({"email": email, "email_verified": verified});
        let mut texts = std::collections::BTreeSet::new();
        for (why, claims) in [
            ("nobody", claims("nobody@school.example.org", json!(true))),
            ("switched off", claims("disabled@school.example.org", json!(true))),
            ("not checked", claims(EMAIL, json!(false))),
            ("not said to be checked", json!({"email": EMAIL})),
            ("not the provider's domain", claims("other@elsewhere.example.org", json!(true))),
            ("a domain that ends alike", claims("x@evilschool.example.org", json!(true))),
            ("no address", json!({"email_verified": true})),
        ] {
            server.says(&json!({"user": why, "claims": claims}));
            let mut browser = Browser::new(&app);
            let reply = sign_in(&server, &mut browser);
            assert_closed(&reply, &browser, why);
            texts.insert(reply.text());
        }
        assert_eq!(texts.len(), 1);
        let accounts = app.office.get("/accounts").expect(200)["items"].as_array().expect("accounts").len();
        assert_eq!(accounts, 4, "no account is made by it");
    }

    fn c27_openid_skips_the_second_factor_only_where_the_settings_say_so(kind) {
        let finance = "finance@coop.example.org";
        for (counts, amr, expected) in [
            (vec![], json!(["pwd", "mfa"]), "/account/second-factor"),
            (vec!["mfa".to_owned()], json!(["pwd"]), "/account/second-factor"),
            (vec!["mfa".to_owned()], json!("mfa"), "/account/second-factor"),
            (vec!["mfa".to_owned()], json!(["pwd", "mfa"]), "/requests"),
        ] {
            let (server, app) = start_with(kind, |settings| settings.second_factor_amr = counts.clone());
            account(&app, finance, Role::Finance);
            server.says(&json!({"user": "p", "claims": {"email": finance, "email_verified": true}, "bend": {"amr": amr}}));
            let mut browser = Browser::new(&app);
            assert_eq!(leads_to(&sign_in(&server, &mut browser)), expected, "{counts:?} {amr}");
            assert_eq!(browser.get("/costs").status == 200, expected == "/requests");
        }
    }
}

#[test]
fn c28_openid_believes_no_identity_that_is_not_meant_for_us_now() {
    let (server, app) = start(DatabaseKind::Sqlite);
    coordinator(&app, EMAIL);
    let now = crate::support::demo_coop::noon().timestamp();
    let mut believed = Vec::new();
    let mut lie = |why: &str, words: Value| {
        let mut all = json!({"user": "p", "claims": {"email": EMAIL, "email_verified": true}});
        all.as_object_mut().expect("an object").extend(words.as_object().expect("an object").clone());
        server.says(&all);
        let mut browser = Browser::new(&app);
        let status = sign_in(&server, &mut browser).status;
        if status != 422 || browser.cookies.contains_key("coop") {
            believed.push(format!("{why}: {status}"));
        }
    };
    lie("another nonce", json!({"bend": {"nonce": "0"}}));
    lie("no nonce", json!({"bend": {"nonce": null}}));
    lie("another audience", json!({"bend": {"aud": "somebody-else"}}));
    lie("another audience beside us", json!({"bend": {"aud": ["coop-scheduler", "somebody-else"]}}));
    lie("made for another party", json!({"bend": {"azp": "somebody-else"}}));
    lie("no audience", json!({"bend": {"aud": null}}));
    lie("another issuer", json!({"bend": {"iss": "https://evil.example"}}));
    lie("expired", json!({"bend": {"exp": now - 60}}));
    lie("no end", json!({"bend": {"exp": null}}));
    lie("an odd end", json!({"bend": {"exp": "tomorrow"}}));
    lie("not valid yet", json!({"bend": {"nbf": now + 3_600}}));
    lie("an odd beginning", json!({"bend": {"nbf": "yesterday"}}));
    lie("no subject", json!({"bend": {"sub": null}}));
    lie("an address that is checked oddly", json!({"bend": {"email_verified": "yes"}}));
    lie("no signature", json!({"alg": "none"}));
    lie("the public key as a shared secret", json!({"alg": "HS256"}));
    lie("another algorithm", json!({"alg": "RS384"}));
    lie("another key of the same name", json!({"key": "other"}));
    assert!(believed.is_empty(), "{believed:?}");
    server.says(&json!({"user": "p", "claims": {"email": EMAIL, "email_verified": true}, "bend": {"exp": now - 59}}));
    assert_eq!(leads_to(&sign_in(&server, &mut Browser::new(&app))), "/requests", "clocks may differ by a minute");
}

#[test]
fn c28_openid_asks_for_the_tenant_that_the_settings_name() {
    let required = [("hd".to_owned(), "school.example.org".to_owned())];
    let (server, app) = start_with(DatabaseKind::Sqlite, |settings| settings.required_claims = required.into());
    coordinator(&app, EMAIL);
    for (domain, status) in [(None, 422), (Some("evil.example"), 422), (Some("school.example.org"), 200)] {
        let claims = json!({"email": EMAIL, "email_verified": true, "hd": domain});
        server.says(&json!({"user": "p", "claims": claims}));
        assert_eq!(sign_in(&server, &mut Browser::new(&app)).status, status, "{domain:?}");
    }
}

#[test]
fn c41_openid_goes_to_no_host_and_trusts_no_certificate_but_those_of_the_settings() {
    let (server, _app) = start(DatabaseKind::Sqlite);
    // It would answer, if it were asked.
    let elsewhere = OpenidServer::start("http://127.0.0.1:8080");
    let other = format!("https://localhost:{}/token", elsewhere.port);
    for moved in [other.as_str(), "https://evil.example/token", "http://localhost/token", "https://a@localhost/"] {
        server.says(&json!({"user": "p", "claims": {"email": EMAIL, "email_verified": true}, "moved": moved}));
        // A new program: what a provider published is kept.
        let settings = server.settings();
        let fresh =
            TestApp::start_changed(DatabaseKind::Sqlite, |_| {}, |config| config.sign_in.openid = vec![settings]);
        let mut browser = Browser::new(&fresh);
        let reply = sign_in(&server, &mut browser);
        assert_eq!((reply.status, browser.cookies.contains_key("coop")), (503, false), "{moved}");
    }
    assert!(elsewhere.requests().is_empty(), "{:?}", elsewhere.requests());
    let (server, app) = start_with(DatabaseKind::Sqlite, |settings| settings.ca_file = String::new());
    assert_eq!(Browser::new(&app).post(BUTTON, &[]).status, 503, "a certificate of nobody we trust");
    assert!(server.requests().is_empty());
}

#[test]
fn openid_away_leaves_the_password_and_other_names_nothing() {
    let (mut server, app) = start(DatabaseKind::Sqlite);
    let keisha = with_password(&app, EMAIL);
    set_password(&app, keisha.id);
    server.sends("p-1", EMAIL);
    let mut browser = Browser::new(&app);
    let back = to_and_back(&server, &mut browser);
    server.end();
    let reply = browser.get(&back);
    assert!(reply.status == 503 && reply.text().contains("Sign in with your password"), "{}", reply.text());
    assert_eq!(browser.sign_in(EMAIL, PASSWORD).status, 303);
    assert_eq!(browser.post("/sign-in/openid/unknown", &[]).status, 404);
    assert_eq!(Browser::new(&app).post_from(BUTTON, &[("Sec-Fetch-Site", "cross-site")], &[]).status, 403);
}

#[test]
fn c14_the_cookie_of_openid_goes_with_links_from_the_provider_and_no_further() {
    let (_server, app) = start(DatabaseKind::Sqlite);
    let reply = Browser::new(&app).post(BUTTON, &[]);
    let cookie = reply.header("Set-Cookie");
    assert!(
        cookie.starts_with("coop-openid=") && cookie.ends_with("; Max-Age=600; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
}
