//! Signing in over real HTTP. The tests are named after the requirements in docs/security.md.

pub mod browser;
pub mod email_codes;
mod guessing;
mod invitations;
pub mod openid;
pub mod second_factor;
mod sessions;
mod told;

use coop_scheduler::domain::account::{Account, AccountFields, Role};
use coop_scheduler::domain::ids::AccountId;
use coop_scheduler::operations::accounts;
use coop_scheduler::operations::sign_in::invitations as invited;

use crate::support::app::TestApp;
use browser::Browser;

/// A good password.
pub const PASSWORD: &str = "lamp otter violin";
/// Another one.
pub const OTHER_PASSWORD: &str = "seven green umbrellas";

/// An account without a password.
pub fn account(app: &TestApp, email: &str, role: Role) -> Account {
    let fields =
        AccountFields { name: "Keisha Brown".to_owned(), email: email.to_owned(), roles: vec![role], disabled: false };
    let made = app.app.operations.change(app.actor.clone(), |tx, ctx| accounts::create(tx, ctx, &fields));
    made.expect("an account")
}

/// A coordinator of a new member.
pub fn coordinator(app: &TestApp, email: &str) -> Account {
    let member = crate::support::small_coop::member(&email[..1].to_uppercase());
    let id = crate::support::small_coop::id(&app.office.post("/members", &member).expect(201));
    account(app, email, Role::Coordinator { member_id: id.parse().expect("an identity") })
}

/// Invites an account over the API, and gives the path of the link in the e-mail.
pub fn invite(app: &TestApp, id: AccountId) -> String {
    app.office.act(&format!("/accounts/{id}/invitation")).expect(200);
    while app.app.sender().expect("mail").work() == coop_scheduler::jobs::Worked::One {}
    let sent = app.mail.delivered();
    let bytes = &sent.last().expect("an e-mail").message;
    // A long line of the text part is cut with `=` at its end.
    let text = String::from_utf8_lossy(bytes).replace("=\r\n", "");
    let start = text.find("/invitation/").expect("a link");
    text[start..].chars().take("/invitation/".len() + 64).collect()
}

/// A coordinator with a password.
pub fn with_password(app: &TestApp, email: &str) -> Account {
    let account = coordinator(app, email);
    set_password(app, account.id);
    account
}

/// Sets the password by an invitation.
pub fn set_password(app: &TestApp, id: AccountId) {
    let link = invite(app, id);
    let secret = link.trim_start_matches("/invitation/");
    invited::accept(&app.app.operations, secret, PASSWORD).expect("a password");
}

/// A browser in which somebody is signed in.
pub fn signed_in(app: &TestApp, email: &str) -> Browser {
    let mut browser = Browser::new(app);
    let reply = browser.sign_in(email, PASSWORD);
    assert_eq!(reply.status, 303, "{}", reply.text());
    browser
}
