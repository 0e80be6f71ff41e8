//! Owners are told when something about signing in changed, whoever changed it (requirement 6.3.7).

use coop_scheduler::domain::account::Role;
use coop_scheduler::operations::sign_in::resets;
use serde_json::json;

use super::browser::Browser;
use super::{OTHER_PASSWORD, account, invite, second_factor, set_password, signed_in};
use crate::support::app::TestApp;
use crate::support::both::on_both_databases;

/// What an address was told, in order.
fn told(app: &TestApp, address: &str) -> Vec<String> {
    while app.app.sender().expect("mail").work() == coop_scheduler::jobs::Worked::One {}
    let all = app.mail.delivered().into_iter().filter(|one| one.recipient == address);
    let texts = all.map(|one| String::from_utf8_lossy(&one.message).replace("=\r\n", ""));
    let texts = texts.filter(|text| text.contains("Subject: Your sign-in to"));
    texts.map(|text| text.split("\r\n\r\n").nth(3).unwrap_or_default().to_owned()).collect()
}

on_both_databases! {
    fn changes_of_sign_in_are_told_to_the_owner_and_a_first_password_is_not(app: &TestApp) {
        let email = "finance@coop.example.org";
        let finance = account(app, email, Role::Finance);
        set_password(app, finance.id);
        assert!(told(app, email).is_empty(), "the first password is the owner's own doing");

        let mut browser = signed_in(app, email);
        let (secret, codes) = second_factor::set_up(app, &mut browser);
        app.later(60);
        let mut other = Browser::new(app);
        other.sign_in(email, super::PASSWORD);
        assert_eq!(other.submit("/sign-in/code", "/sign-in/code", &[("code", &codes[0])]).status, 303);
        let link = invite(app, finance.id);
        assert_eq!(other.post(&link, &[("password", OTHER_PASSWORD)]).status, 200);
        resets::second_factor(&app.app.operations, email).expect("a reset");
        let token = app.office.post(&format!("/accounts/{}/tokens", finance.id), &json!({"name": "Books"}));
        token.expect(201);
        let moved = json!({"name": "F", "email": "new@coop.example.org", "roles": [{"role": "finance"}], "disabled": false});
        app.office.put(&format!("/accounts/{}", finance.id), "\"1\"", &moved).expect(200);

        let told_all = told(app, email);
        let expected = ["authenticator app was set up", "recovery code", "new password", "was taken away", "access token", "another e-mail address"];
        assert_eq!(told_all.len(), expected.len(), "{told_all:?}");
        for words in expected {
            assert!(told_all.iter().any(|text| text.contains(words)), "{words}: {told_all:?}");
        }
        for text in told_all {
            assert!(!text.contains(&secret) && !codes.iter().any(|code| text.contains(code)), "{text}");
        }
        assert!(told(app, "new@coop.example.org").is_empty(), "whoever has the new address may be the one who changed it");
    }

    fn the_last_office_account_is_one_that_somebody_opened(app: &TestApp) {
        let office = account(app, "second@coop.example.org", Role::Office);
        let off = json!({"name": "Office", "email": "office@example.org", "roles": [{"role": "office"}], "disabled": true});
        let path = format!("/accounts/{}", app.actor.account_id);
        let tag = app.office.get(&path).header("ETag").to_owned();
        let refused = |words: &str| {
            let reply = app.office.put(&path, &tag, &off);
            assert!(reply.status == 409 && reply.text().contains(words), "{}", reply.text());
        };
        refused("This is the last account of the office");
        set_password(app, office.id);
        refused("You cannot take the office from your own account");
    }
}
