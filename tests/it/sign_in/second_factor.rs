//! The second factor, with codes from a generator that is not ours: pyotp.

use std::path::Path;
use std::process::Command;

use coop_scheduler::domain::account::{Account, Role};

use super::browser::Browser;
use super::{PASSWORD, account, set_password, signed_in, with_password};
use crate::support::app::TestApp;
use crate::support::both::on_both_databases;

const EMAIL: &str = "finance@coop.example.org";

/// The code of a secret at the time of the app's clock.
pub fn code(app: &TestApp, secret: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    assert!(Command::new(root.join(".ci/python-tools")).status().expect("bash").success());
    let seconds = app.app.operations.now().timestamp().to_string();
    let program = "import pyotp, sys; print(pyotp.TOTP(sys.argv[1]).at(int(sys.argv[2])))";
    let output = Command::new(root.join(".venv/bin/python")).args(["-c", program, secret, &seconds]).output();
    let output = output.expect("python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// What a reader that is not ours (rqrr) finds in the QR code of a page.
fn read_picture(html: &str) -> String {
    let svg = html.split("<svg role=\"img\"").nth(1).and_then(|rest| rest.split("</svg>").next()).expect("a picture");
    assert!(!svg.contains("style") && !svg.contains("script"), "{svg}");
    let number = |text: &str| -> usize { text.parse().expect("a number") };
    let side = number(svg.split("width=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a width"));
    let mut dark = vec![false; side * side];
    // The dark modules are squares: `M` x y `h` width `v` height `H` x `V` y.
    let path = svg.split(" d=\"").last().and_then(|rest| rest.split('"').next()).expect("a path");
    for square in path.split('M').skip(1) {
        let numbers: Vec<usize> =
            square.split(|one: char| !one.is_ascii_digit()).filter(|part| !part.is_empty()).map(number).collect();
        let (x, y, width, height) = (numbers[0], numbers[1], numbers[2], numbers[3]);
        for row in y..y + height {
            dark[row * side + x..row * side + x + width].fill(true);
        }
    }
    let shade = |x: usize, y: usize| if dark[y * side + x] { 0 } else { 255 };
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, shade);
    image.detect_grids()[0].decode().expect("a QR code").1
}

/// The secret on the page, and the recovery codes that come with the first code.
pub fn set_up(app: &TestApp, browser: &mut Browser) -> (String, Vec<String>) {
    let page = "/account/second-factor";
    assert_eq!(browser.submit(page, page, &[]).header("Location"), page);
    let html = browser.get(page).text();
    let secret: String =
        html.split("<code>").nth(1).and_then(|rest| rest.split('<').next()).expect("a secret").replace(' ', "");
    assert!(html.contains("otpauth://totp/") && html.contains(&secret), "{html}");
    let shown = read_picture(&html);
    assert!(shown.starts_with("otpauth://totp/") && shown.contains(&secret), "what a phone's camera sees: {shown}");
    let wrong = browser.submit(page, "/account/second-factor/code", &[("code", "000000")]);
    assert!(wrong.status == 422 && wrong.text().contains("does not fit"));
    let done = browser.submit(page, "/account/second-factor/code", &[("code", &code(app, &secret))]);
    assert_eq!(done.status, 200, "{}", done.text());
    let html = done.text();
    let codes = html.split("<code>").skip(1).map(|rest| rest.split('<').next().expect("a code").to_owned());
    (secret, codes.collect())
}

fn finance(app: &TestApp) -> Account {
    let account = account(app, EMAIL, Role::Finance);
    set_password(app, account.id);
    account
}

on_both_databases! {
    fn c27_finance_sees_nothing_before_a_second_factor(app: &TestApp) {
        finance(app);
        let mut browser = Browser::new(app);
        assert_eq!(browser.sign_in(EMAIL, PASSWORD).header("Location"), "/account/second-factor");
        for page in ["/", "/costs", "/account", "/account/password", "/requests"] {
            assert_eq!(browser.get(page).header("Location"), "/account/second-factor", "{page}");
        }
        let password_only = browser.cookies["coop"].clone();
        let (_, codes) = set_up(app, &mut browser);
        assert_eq!(codes.len(), 10);
        assert!(browser.cookies["coop"] != password_only, "a new secret");
        assert_eq!(browser.get("/costs").status, 200);
        assert!(browser.get("/account").text().contains("10 recovery codes are left"));
        browser.cookies.insert("coop".to_owned(), password_only);
        assert_eq!(browser.get("/costs").header("Location"), "/sign-in?to=/costs");
    }

    fn c27_a_code_works_once_and_a_recovery_code_too(app: &TestApp) {
        finance(app);
        let mut first = Browser::new(app);
        first.sign_in(EMAIL, PASSWORD);
        let (secret, codes) = set_up(app, &mut first);
        let enter = |code: &str| {
            let mut browser = Browser::new(app);
            assert_eq!(browser.sign_in(EMAIL, PASSWORD).header("Location"), "/sign-in/code");
            assert_eq!(browser.get("/costs").header("Location"), "/sign-in/code");
            assert_eq!(browser.get("/account/second-factor").header("Location"), "/sign-in/code", "no way around");
            let status = browser.submit("/sign-in/code", "/sign-in/code", &[("code", code)]).status;
            assert_eq!(browser.get("/costs").status == 200, status == 303);
            status
        };
        assert_eq!(enter(&code(app, &secret)), 422, "used to set it up");
        app.later(30);
        let next = code(app, &secret);
        assert_eq!(enter(&next), 303);
        assert_eq!(enter(&next), 422, "the same again");
        assert_eq!(enter(&codes[3].to_uppercase().replace('-', " ")), 303);
        assert_eq!(enter(&codes[3]), 422, "used up");
        // Four failures so far would be more, if what succeeded did not clear them.
        let answers: Vec<u16> = (0..6).map(|_| enter("123456")).collect();
        assert_eq!(answers, [422, 422, 422, 422, 429, 429]);
        assert_eq!(enter(&codes[4]), 429, "nor the right one meanwhile");
    }

    fn c27_a_lost_second_factor_is_taken_away_from_the_command_line_only(app: &TestApp) {
        finance(app);
        let mut browser = Browser::new(app);
        browser.sign_in(EMAIL, PASSWORD);
        let (_, codes) = set_up(app, &mut browser);
        assert_eq!(browser.get("/costs").status, 200);
        let reset = |email: &str| coop_scheduler::operations::sign_in::resets::second_factor(&app.app.operations, email);
        assert!(reset("nobody@coop.example.org").is_err());
        reset(EMAIL).expect("a reset");
        assert_eq!(browser.get("/costs").status, 303, "every session ended");
        let mut again = Browser::new(app);
        assert_eq!(again.sign_in(EMAIL, PASSWORD).header("Location"), "/account/second-factor", "one must be set up");
        set_up(app, &mut again);
        let mut third = Browser::new(app);
        third.sign_in(EMAIL, PASSWORD);
        assert_eq!(third.submit("/sign-in/code", "/sign-in/code", &[("code", &codes[0])]).status, 422, "an old recovery code");
        let trail = app.office.get("/audit-entries?limit=200").expect(200).to_string();
        assert!(trail.contains("reset second factor"), "{trail}");
    }

    fn c28_an_invitation_does_not_skip_the_second_factor(app: &TestApp) {
        let account = finance(app);
        let mut browser = Browser::new(app);
        browser.sign_in(EMAIL, PASSWORD);
        set_up(app, &mut browser);
        set_password(app, account.id);
        assert_eq!(Browser::new(app).sign_in(EMAIL, PASSWORD).header("Location"), "/sign-in/code");
    }

    fn c33_another_second_factor_needs_a_proof_of_the_last_ten_minutes(app: &TestApp) {
        with_password(app, "keisha@school.example.org");
        let mut browser = signed_in(app, "keisha@school.example.org");
        let page = "/account/second-factor";
        app.later(10 * 60);
        assert_eq!(browser.get(page).header("Location"), "/account/confirm?to=/account/second-factor");
        assert_eq!(browser.submit("/account", page, &[]).header("Location"), "/account/confirm?to=/account/second-factor");
        let confirm = "/account/confirm?to=/account/second-factor";
        let prove = |browser: &mut Browser, given: &str| {
            browser.submit(confirm, "/account/confirm", &[("code", given), ("to", page)])
        };
        assert_eq!(prove(&mut browser, "not the password").status, 422);
        assert_eq!(prove(&mut browser, PASSWORD).header("Location"), page);
        let (secret, _) = set_up(app, &mut browser);
        app.later(10 * 60);
        assert_eq!(browser.get(page).status, 303);
        assert_eq!(prove(&mut browser, &code(app, &secret)).header("Location"), page, "or by a code");
        assert_eq!(browser.get(page).status, 200);
    }

    fn c33_publishing_by_the_page_needs_a_fresh_proof_and_a_token_does_not(app: &TestApp) {
        let coop = crate::support::small_coop::SmallCoop::enter(&app.office);
        let (_, plan) = coop.plan(app);
        let code = app.office.get(&format!("/plans/{plan}")).expect(200)["code"].as_str().expect("a code").to_owned();
        let page = format!("/plans/{code}/publish");
        let mut browser = Browser::new(app);
        let cookie = app.cookie(&app.office);
        browser.cookies.insert("coop".to_owned(), cookie.trim_start_matches("coop=").to_owned());
        let token = browser.form_token(&page);
        app.later(10 * 60);
        let there = format!("/account/confirm?to={page}");
        assert_eq!(browser.get(&page).header("Location"), there);
        assert_eq!(browser.post(&page, &[("form", &token)]).header("Location"), there, "nor by the open form");
        assert_eq!(app.office.get(&format!("/plans/{plan}")).expect(200)["state"], "draft");
        let director = app.actor.account_id;
        coop_scheduler::operations::sign_in::invitations::give_password(&app.app.operations, director, PASSWORD).expect("set");
        let sent = browser.submit(&there, "/account/confirm", &[("code", PASSWORD), ("to", &page)]);
        assert_eq!(sent.header("Location"), page);
        assert_eq!(browser.submit(&page, &page, &[]).header("Location"), format!("/plans/{code}"));
        assert_eq!(app.office.get(&format!("/plans/{plan}")).expect(200)["state"], "published");
        assert_eq!(browser.get(&page).status, 404, "no draft any more");
        let (_, second) = coop.plan(app);
        app.later(60 * 60);
        let from = serde_json::json!({"effective_from": "2027-02-01"});
        app.office.post(&format!("/plans/{second}/publish"), &from).expect(200);
    }
}
