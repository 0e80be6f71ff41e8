//! Invitations: used once, by a person, in time; and never a way in by themselves.

use super::browser::Browser;
use super::{OTHER_PASSWORD, PASSWORD, coordinator, invite, signed_in, with_password};
use crate::support::both::on_both_databases;

const EMAIL: &str = "keisha@school.example.org";

on_both_databases! {
    fn c28_a_link_sets_a_password_once_and_looking_at_it_uses_nothing_up(app: &TestApp) {
        let account = coordinator(app, EMAIL);
        let link = invite(app, account.id);
        let mail = String::from_utf8_lossy(&app.mail.delivered().last().expect("an e-mail").message).into_owned();
        assert!(mail.contains("Subject: Your account at") && mail.contains("November 5, 12:00 p.m."), "{mail}");
        // A scanner of links opens everything and presses every button.
        let mut scanner = Browser::new(app);
        for _ in 0..3 {
            assert_eq!(scanner.get(&link).status, 200);
            assert_eq!(app.nobody().send("HEAD", &link, &[], None).status, 200);
            assert_eq!(scanner.post(&link, &[]).status, 422);
            assert_eq!(scanner.post(&link, &[("password", "")]).status, 422);
        }
        assert!(scanner.cookies.is_empty());

        let mut browser = Browser::new(app);
        let html = browser.get(&link).text();
        assert!(html.contains("Keisha Brown") && html.contains(EMAIL) && html.contains("At least 15 characters"));
        for bad in ["lamp otter 12x", "passwordpassword", "keishabrownkeisha"] {
            assert_eq!(browser.post(&link, &[("password", bad)]).status, 422, "{bad}");
        }
        let set = browser.post(&link, &[("password", PASSWORD)]);
        assert!(set.status == 200 && set.text().contains("Your password is set"), "{}", set.text());
        let cookies: Vec<&String> = browser.cookies.keys().collect();
        assert_eq!(cookies, ["coop-device"], "nobody is signed in by it; the device is known, so that others lock nobody out");
        for reply in [browser.get(&link), browser.post(&link, &[("password", OTHER_PASSWORD)])] {
            assert!(reply.status == 404 && reply.text().contains("This link does not work"));
        }
        assert_eq!(browser.sign_in(EMAIL, PASSWORD).status, 303);
    }

    fn c28_a_link_ends_with_time_with_a_newer_one_and_with_its_account(app: &TestApp) {
        let account = with_password(app, EMAIL);
        let mut browser = signed_in(app, EMAIL);
        let first = invite(app, account.id);
        let second = invite(app, account.id);
        assert_eq!((browser.get(&first).status, browser.get(&second).status), (404, 200));
        app.later(72 * 60 * 60);
        assert_eq!(browser.post(&second, &[("password", OTHER_PASSWORD)]).status, 404, "too old");
        let third = invite(app, account.id);
        let mut other = signed_in(app, EMAIL);
        assert_eq!(browser.post(&third, &[("password", OTHER_PASSWORD)]).status, 200);
        assert_eq!(other.get("/overview").status, 303, "a new password ends sessions");
        assert_eq!(other.sign_in(EMAIL, PASSWORD).status, 422);
        let fourth = invite(app, account.id);
        let off = serde_json::json!({"name": "K", "email": EMAIL, "roles": account.fields.roles, "disabled": true});
        app.office.put(&format!("/accounts/{}", account.id), "\"1\"", &off).expect(200);
        assert_eq!(browser.get(&fourth).status, 404);
        app.office.act(&format!("/accounts/{}/invitation", account.id)).expect_problem(409, "conflict");
        for odd in ["/invitation/x", "/invitation/%00", &format!("/invitation/{}", "0".repeat(64))] {
            assert_eq!(browser.get(odd).status, 404, "{odd}");
        }
    }

    fn c29_the_first_link_comes_from_the_command_line(app: &TestApp) {
        use coop_scheduler::operations::sign_in::invitations::invite_office_account;
        let operations = &app.app.operations;
        let (account, link, until) = invite_office_account(operations, "Kim Doe", "kim@coop.example.org").expect("a link");
        assert_eq!(until, operations.now() + chrono::TimeDelta::hours(72));
        let path = link.strip_prefix(&app.app.config.server.public_url).expect("our address");
        let mut browser = Browser::new(app);
        assert_eq!(browser.post(path, &[("password", PASSWORD)]).status, 200);
        let reply = browser.sign_in("kim@coop.example.org", PASSWORD);
        assert_eq!(reply.header("Location"), "/account/second-factor", "the office needs a second factor");
        let (again, ..) = invite_office_account(operations, "Kim Doe", "kim@coop.example.org").expect("a link");
        assert_eq!(again.id, account.id, "a lost password needs no second account");
    }
}
