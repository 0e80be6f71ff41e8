//! Signing in and out, and the open pages of a demonstration.

use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, web};
use coop_scheduler::web::ui::{UiSettings, configure};

use super::POLICY;
use crate::support::app::TestApp;
use crate::support::both::DatabaseKind;

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

#[test]
fn a_token_becomes_a_cookie_that_scripts_and_other_sites_cannot_use() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    let token = app.office.token.clone().expect("a token");
    let post = |path: &str, headers: &[(&str, &str)], body: &str| {
        app.nobody().send("POST", path, headers, Some(body.as_bytes()))
    };
    let reply = post("/sign-in", &[FORM], &format!("token=+{token}+&to=/week/SLP-01"));
    assert_eq!((reply.status, reply.header("Location")), (303, "/week/SLP-01"));
    let cookie = reply.header("Set-Cookie").to_owned();
    assert_eq!(cookie, format!("coop={token}; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict"));
    let pair = cookie.split(';').next().expect("a cookie");
    assert_eq!(app.nobody().send("GET", "/overview", &[("Cookie", pair)], None).status, 200);

    let elsewhere = post("/sign-in", &[FORM], &format!("token={token}&to=//evil.example"));
    assert_eq!((elsewhere.status, elsewhere.header("Location")), (303, "/"));
    let foreign = post("/sign-in", &[FORM, ("Sec-Fetch-Site", "cross-site")], &format!("token={token}"));
    assert_eq!((foreign.status, foreign.header("Set-Cookie")), (403, ""));

    let out = post("/sign-out", &[], "");
    assert_eq!((out.status, out.header("Location")), (303, "/sign-in"));
    assert!(out.header("Set-Cookie").starts_with("coop=; ") && out.header("Set-Cookie").contains("Max-Age=0"));
}

#[test]
fn a_wrong_token_is_explained_and_not_repeated() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    for body in ["token=coop_0000&to=/overview", "token=", "to=/overview", "token=%0d%0aSet-Cookie:+a=b", "{}"] {
        let reply = app.nobody().send("POST", "/sign-in", &[FORM], Some(body.as_bytes()));
        let html = reply.text();
        assert_eq!((reply.status, reply.header("Set-Cookie")), (422, ""), "{body}");
        assert_eq!(reply.header("Content-Security-Policy"), POLICY, "{body}");
        assert!(html.contains("There is a problem") && html.contains("<title>Error: Sign in"), "{body}");
        assert!(html.contains("aria-invalid=\"true\"") && !html.contains("coop_0000"), "{body}");
    }
    let bad_cookie = [("Cookie", "coop=coop_0000")];
    assert_eq!(app.nobody().send("GET", "/overview", &bad_cookie, None).header("Location"), "/sign-in?to=/overview");
}

#[test]
fn open_pages_need_no_sign_in_and_say_so() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    let settings = |open_pages, secure_cookies| UiSettings {
        coop_name: "Co-op <b>".to_owned(),
        city: "St. Louis".to_owned(),
        open_pages,
        secure_cookies,
    };
    let operations = app.app.operations.clone();
    actix_web::rt::System::new().block_on(async {
        for (open, secure) in [(true, false), (false, true)] {
            let pages = App::new()
                .app_data(web::Data::new(operations.clone()))
                .app_data(web::Data::new(settings(open, secure)))
                .configure(configure);
            let service = init_service(pages).await;
            let get = TestRequest::get().uri("/overview").to_request();
            let reply = call_service(&service, get).await;
            assert_eq!(reply.status().as_u16(), if open { 200 } else { 303 });
            if open {
                let html = String::from_utf8_lossy(&read_body(reply).await).into_owned();
                assert!(html.contains("Demo: sample data, no sign-in") && html.contains("Co-op &#60;b&#62;"));
            }
            let token = app.office.token.clone().expect("a token");
            let form = [("token", token.as_str())];
            let post = TestRequest::post().uri("/sign-in").set_form(form).to_request();
            let reply = call_service(&service, post).await;
            let cookie = reply.headers().get("Set-Cookie").and_then(|value| value.to_str().ok()).unwrap_or_default();
            assert_eq!(cookie.starts_with("__Host-coop=") && cookie.ends_with("; Secure"), secure, "{cookie}");
        }
    });
}
