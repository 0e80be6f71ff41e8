//! Deeds about e-mails: a plan that is taken back, and a choice.

use chrono::TimeDelta;
use coop_scheduler::db::publications;
use coop_scheduler::domain::publication::{Publication, Undo};
use serde_json::json;

use crate::support::app::TestApp;
use crate::support::small_coop::{Made, SmallCoop};

/// The program under test lets no e-mail wait: it is told afterwards that those of this plan do.
pub(super) fn take_back(app: &TestApp, coop: &SmallCoop, made: &Made) {
    let (operations, plan_id) = (&app.app.operations, made.draft.parse().expect("an identity"));
    let term = coop.term.parse().expect("an identity");
    let plans = operations.database.read(|tx| publications::standing(tx, term)).expect("the plans");
    app.office.post(&format!("/plans/{}/publish", made.draft), &json!({"effective_from": "2027-02-01"})).expect(200);
    let published_at = operations.now();
    let undo = Undo { plans, ..Undo::default() };
    let kept = Publication { plan_id, published_at, emails_at: published_at + TimeDelta::minutes(10), undo };
    operations.database.write(|tx| publications::insert(tx, &kept)).expect("written");
    app.office.act(&format!("/plans/{}/take-back", made.draft)).expect(200);
}

pub(super) fn choose_emails(app: &TestApp, _: &SmallCoop, _: &Made) {
    let each = json!({"schedule": "each_change"}).to_string();
    assert_eq!(app.office.send("PUT", "/api/v1/me/email-choices", &[], Some(each.as_bytes())).status, 200);
}
