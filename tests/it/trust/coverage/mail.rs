//! What happens to e-mails, noted.

use coop_scheduler::jobs::Worked;
use coop_scheduler::mail::transport::Failure;
use serde_json::json;

use super::super::meddle;
use crate::support::app::TestApp;
use crate::support::small_coop::{Made, SmallCoop, id};

/// A parked e-mail is put back into the queue.
pub fn resend(app: &TestApp, _: &SmallCoop, _: &Made) {
    meddle(app, "UPDATE emails SET state = 'parked'").expect("the owner can");
    let email = id(&app.office.get("/emails?limit=1").expect(200)["items"][0]);
    app.office.act(&format!("/emails/{email}/resend")).expect(200);
}

/// An e-mail waits; the mail server refuses us, then the recipient.
pub fn trouble(app: &TestApp, _: &SmallCoop, _: &Made) {
    let sender = app.app.sender().expect("a sender");
    app.mail.fail_next(1, Failure::Misconfigured("535 wrong password".to_owned()));
    assert_eq!(sender.work(), Worked::One);
    app.office.act("/mail-queue/resume").expect(200);
    app.mail.fail_next(1, Failure::RecipientRefused("550 no such user".to_owned()));
    assert_eq!(sender.work(), Worked::One);
    let listed = id(&app.office.get("/suppressed-addresses").expect(200)["items"][0]);
    let path = format!("/api/v1/suppressed-addresses/{listed}");
    assert_eq!(app.office.send("DELETE", &path, &[], None).status, 204);
    app.office.post("/returned-mail", &json!({"message": "Subject: Thank you\n\nI got it.\n"})).expect(200);
}
