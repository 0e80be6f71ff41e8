//! Codes by e-mail: for the browser that asked, once, for ten minutes, and the same answers whoever asks.

use std::time::Instant;

use coop_scheduler::domain::account::Role;
use serde_json::json;

use super::browser::Browser;
use super::{OTHER_PASSWORD, PASSWORD, account, coordinator, set_password, signed_in, with_password};
use crate::support::app::TestApp;
use crate::support::both::{DatabaseKind, on_both_databases};

const EMAIL: &str = "keisha@school.example.org";

/// Sends the e-mails that wait, and gives the text of the last one.
pub fn last_mail(app: &TestApp) -> String {
    while app.app.sender().expect("mail").work() == coop_scheduler::jobs::Worked::One {}
    String::from_utf8_lossy(&app.mail.delivered().last().expect("an e-mail").message).into_owned()
}

/// The eight digits of an e-mail, which stand alone on a line in two groups.
pub fn code_of(mail: &str) -> String {
    let digits = |line: &&str| line.len() == 9 && line.bytes().filter(u8::is_ascii_digit).count() == 8;
    mail.lines().find(digits).unwrap_or_else(|| panic!("no code in {mail}")).replace(' ', "")
}

/// Asks for a code; gives the status of the answer.
pub fn ask(browser: &mut Browser, email: &str) -> u16 {
    let reply = browser.post("/sign-in/email", &[("email", email), ("to", "/requests")]);
    if reply.status == 303 {
        assert_eq!(reply.header("Location"), "/sign-in/email/code?to=/requests");
    }
    reply.status
}

/// Types a code.
pub fn give(browser: &mut Browser, code: &str) -> crate::support::client::Reply {
    browser.post("/sign-in/email/code", &[("code", code), ("to", "/requests")])
}

/// Another code of eight digits.
pub fn other(code: &str, number: u32) -> String {
    format!("{:08}", (code.parse::<u32>().expect("digits") + number) % 100_000_000)
}

on_both_databases! {
    fn c28_an_emailed_code_works_once_and_only_in_the_browser_that_asked(app: &TestApp) {
        coordinator(app, EMAIL);
        let mut browser = Browser::new(app);
        assert!(browser.get("/sign-in").text().contains("/sign-in/email"));
        assert_eq!(browser.get("/sign-in/email/code").header("Location"), "/sign-in/email", "nothing was asked for");
        assert_eq!(ask(&mut browser, "Keisha@School.example.org"), 303);
        let mail = last_mail(app);
        let code = code_of(&mail);
        assert!(!mail.contains("http"), "no link that a scanner could open: {mail}");
        assert!(!mail.lines().any(|line| line.starts_with("Subject:") && line.contains(&code)), "{mail}");
        // Looking uses nothing up, neither do other browsers that know the code.
        assert_eq!(browser.get("/sign-in/email/code").status, 200);
        let mut stranger = Browser::new(app);
        assert_eq!(give(&mut stranger, &code).header("Location"), "/sign-in/email?to=/requests");
        ask(&mut stranger, "nobody@school.example.org");
        assert_eq!(give(&mut stranger, &code).status, 422);
        stranger.cookies.insert("coop-code".to_owned(), "0".repeat(64));
        assert_eq!(give(&mut stranger, &code).status, 422);
        assert!(!stranger.cookies.contains_key("coop"));

        let mut copy = browser.clone();
        assert_eq!(give(&mut browser, &format!("{} {}", &code[..4], &code[4..])).header("Location"), "/requests");
        assert!(browser.get("/requests").status == 200 && !browser.cookies.contains_key("coop-code"));
        assert_eq!(give(&mut copy, &code).status, 422, "used up");
    }

    fn c28_an_emailed_code_ends_with_time_with_tries_and_with_changes_of_the_account(app: &TestApp) {
        let account = coordinator(app, EMAIL);
        let mut browser = Browser::new(app);
        let sent = |app: &TestApp, browser: &mut Browser| {
            app.later(1_000);
            assert_eq!(ask(browser, EMAIL), 303);
            code_of(&last_mail(app))
        };
        let code = sent(app, &mut browser);
        app.later(600);
        assert_eq!(give(&mut browser, &code).status, 422, "after ten minutes");
        let code = sent(app, &mut browser);
        for number in 1..=5 {
            assert_eq!(give(&mut browser, &other(&code, number)).status, 422);
        }
        assert_eq!(give(&mut browser, &code).status, 422, "after five tries");
        let code = sent(app, &mut browser);
        for number in 1..=4 {
            assert_eq!(give(&mut browser, &other(&code, number)).status, 422);
        }
        assert_eq!(give(&mut browser, &code).status, 303, "the fifth try");

        let code = sent(app, &mut browser);
        let path = format!("/accounts/{}", account.id);
        let mut fields = json!({"name": "Keisha Brown", "email": "k@school.example.org", "roles": account.fields.roles});
        app.office.put(&path, "\"1\"", &fields).expect(200);
        assert_eq!(give(&mut browser, &code).status, 422, "the address changed");
        app.later(1_000);
        assert_eq!(ask(&mut browser, "k@school.example.org"), 303);
        let code = code_of(&last_mail(app));
        fields["disabled"] = json!(true);
        app.office.put(&path, "\"2\"", &fields).expect(200);
        assert_eq!(give(&mut browser, &code).status, 422, "switched off");
    }

    fn c26_asking_for_a_code_is_answered_alike_and_slowed_down(app: &TestApp) {
        coordinator(app, EMAIL);
        while app.app.sender().expect("mail").work() == coop_scheduler::jobs::Worked::One {}
        let before = app.mail.delivered().len();
        let mut texts = Vec::new();
        for email in [EMAIL, "nobody@school.example.org", "not an address"] {
            for _ in 0..8 {
                let mut browser = Browser::new(app);
                let begun = Instant::now();
                let reply = browser.post("/sign-in/email", &[("email", email)]);
                assert!(begun.elapsed().as_millis() >= 200, "as long as writing an e-mail takes");
                let page = if reply.status == 303 { browser.get("/sign-in/email/code").text() } else { reply.text() };
                let wrong = give(&mut browser, "12345678");
                texts.push((
                    reply.status,
                    reply.header("Retry-After").to_owned(),
                    reply.header("Location").to_owned(),
                    page.replace(email, ""),
                    (wrong.status, wrong.text()),
                ));
            }
        }
        assert!(texts[..8] == texts[8..16] && texts[..8] == texts[16..], "{texts:#?}");
        assert_eq!(texts[..8].iter().map(|one| one.0).collect::<Vec<_>>(), [303, 303, 303, 303, 303, 429, 429, 429]);
        last_mail(app);
        assert_eq!(app.mail.delivered().len() - before, 5, "the last three were not written");
        app.later(16 * 60);
        assert_eq!(ask(&mut Browser::new(app), EMAIL), 303);
    }

    fn c27_an_emailed_code_does_not_skip_the_second_factor(app: &TestApp) {
        account(app, "finance@coop.example.org", Role::Finance);
        let mut browser = Browser::new(app);
        ask(&mut browser, "finance@coop.example.org");
        let code = code_of(&last_mail(app));
        assert_eq!(give(&mut browser, &code).header("Location"), "/account/second-factor");
        assert_eq!(browser.get("/costs").header("Location"), "/account/second-factor");
        assert_eq!(browser.get("/account/password").header("Location"), "/account/second-factor");
    }

    fn c33_a_forgotten_password_is_replaced_after_a_code_and_soon(app: &TestApp) {
        let account = with_password(app, EMAIL);
        let mut other = signed_in(app, EMAIL);
        let page = "/account/password";
        let change = |browser: &mut Browser, new: &str| browser.submit(page, page, &[("new", new)]);
        assert!(other.get(page).text().contains("Present password"));
        assert_eq!(change(&mut other, OTHER_PASSWORD).status, 422, "a session by password needs it");
        let mut browser = Browser::new(app);
        ask(&mut browser, EMAIL);
        give(&mut browser, &code_of(&last_mail(app)));
        assert!(!browser.get(page).text().contains("Present password"));
        assert_eq!(change(&mut browser, "too short").status, 422);
        assert_eq!(change(&mut browser, OTHER_PASSWORD).header("Location"), "/account");
        assert_eq!(other.get("/account").status, 303, "every other session ended");
        assert_eq!(Browser::new(app).sign_in(EMAIL, OTHER_PASSWORD).status, 303);
        assert_eq!(change(&mut browser, PASSWORD).status, 422, "now the session is one by password");

        set_password(app, account.id);
        app.later(1_000);
        let mut late = Browser::new(app);
        ask(&mut late, EMAIL);
        give(&mut late, &code_of(&last_mail(app)));
        app.later(600);
        assert_eq!(change(&mut late, OTHER_PASSWORD).status, 422, "ten minutes later");
    }
}

#[test]
fn c15_forms_of_emailed_codes_come_from_our_own_pages() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    coordinator(&app, EMAIL);
    for path in ["/sign-in/email", "/sign-in/email/code"] {
        for headers in [&[][..], &[("Sec-Fetch-Site", "cross-site")], &[("Origin", "https://evil.example")]] {
            assert_eq!(Browser::new(&app).post_from(path, headers, &[("email", EMAIL)]).status, 403, "{path}");
        }
    }
}
