//! Ten minutes after publishing in which a plan can be taken back: nobody hears of it, and everything is as it was.

use coop_scheduler::jobs::Worked;
use coop_scheduler::operations::schedule_news;
use serde_json::{Value, json};

use crate::sign_in::browser::Browser;
use crate::support::app::TestApp;
use crate::support::both::DatabaseKind;
use crate::support::client::Client;
use crate::support::small_coop::{SmallCoop, contract, hours, id, request, specialist};

const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;

fn start(kind: DatabaseKind) -> TestApp {
    TestApp::start_changed(kind, |_| {}, |config| config.mail.publish_wait_minutes = 10)
}

/// Subjects of what was delivered about a plan.
fn delivered(app: &TestApp) -> usize {
    while app.app.sender().expect("mail").work() == Worked::One {}
    let told = |message: &[u8]| {
        let text = String::from_utf8_lossy(message).into_owned();
        text.contains("Subject: Your schedule from") || text.contains("Subject: Spring schedule")
    };
    app.mail.delivered().iter().filter(|one| told(&one.message)).count()
}

fn whole(app: &TestApp, path: &str) -> Value {
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let page = app.office.get(&format!("{path}?limit=200{after}")).expect(200);
        found.extend(page["items"].as_array().cloned().unwrap_or_default());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return json!(found),
        }
    }
}

/// Plans and requests without what every change moves on.
fn standing(app: &TestApp, path: &str) -> Value {
    let mut records = whole(app, path);
    for record in records.as_array_mut().expect("a list") {
        let record = record.as_object_mut().expect("a record");
        record.remove("version");
        record.remove("updated_at");
    }
    records
}

/// A first plan in use, of which a visit is covered and a make-up is planned for another, and a draft that needs a
/// further request.
fn second_draft(app: &TestApp, coop: &SmallCoop) -> String {
    let (_, first) = coop.plan(app);
    app.office.post(&format!("/plans/{first}/publish"), &json!({})).expect(200);
    assert_eq!(delivered(app), 0, "the e-mails wait");
    app.later(10 * MINUTE);
    assert!(delivered(app) > 0);
    app.later(75 * DAY);
    let new = |path: &str, body: &Value| id(&app.office.post(path, body).expect(201));
    let third = new("/specialists", &specialist("S-3"));
    new(&format!("/specialists/{third}/contracts"), &contract(&coop.members[1], &coop.sites[1]));
    new(&format!("/specialists/{third}/availability"), &hours());
    let visits = app.office.get("/dated-visits?from=2027-02-01&until=2027-02-04").expect(200)["items"].clone();
    let of = |day: &str| {
        visits.as_array().expect("a list").iter().find(|one| one["visit_on"] == day).cloned().expect("a visit")
    };
    for (day, visit) in [("2027-02-01", of("2027-02-01")), ("2027-02-03", of("2027-02-03"))] {
        let person = visit["specialist_id"].as_str().expect("an identity");
        let away = json!({"reason": "family", "starts_on": day, "ends_on": day});
        app.office.post(&format!("/specialists/{person}/time-away"), &away).expect(201);
    }
    let cover = json!({"specialist_id": third, "despite_objections": true});
    app.office.post(&format!("/dated-visits/{}/cover", id(&of("2027-02-01"))), &cover).expect(200);
    let further = new("/service-requests", &request(&coop.sites[0], &coop.term, 60));
    app.office.act(&format!("/service-requests/{further}/submit")).expect(200);
    app.office.act(&format!("/service-requests/{further}/accept")).expect(200);
    // All of this is told before the second plan comes.
    schedule_news::tell(&app.app.operations).expect("the database");
    app.later(5 * 60 * MINUTE);
    schedule_news::tell(&app.app.operations).expect("the database");
    coop.plan(app).1
}

fn a_plan_taken_back_leaves_everything_as_it_was(kind: DatabaseKind) {
    let app = start(kind);
    let coop = SmallCoop::enter(&app.office);
    let draft = second_draft(&app, &coop);
    let sent = delivered(&app);
    let lists = ["/dated-visits", "/plans", "/service-requests"];
    let before = lists.map(|path| standing(&app, path));
    let publish = || app.office.post(&format!("/plans/{draft}/publish"), &json!({"effective_from": "2027-01-25"}));
    let take_back = || app.office.act(&format!("/plans/{draft}/take-back"));
    take_back().expect_problem(409, "conflict");

    publish().expect(200);
    let during = lists.map(|path| standing(&app, path));
    assert!(before.iter().zip(&during).all(|(before, during)| before != during), "all of it counts at once");
    app.later(9 * MINUTE);
    let letters = schedule_news::tell(&app.app.operations).expect("the database");
    assert_eq!((delivered(&app), letters), (sent, 0), "nobody hears of it yet, nor of the cover that goes");
    assert_eq!(take_back().expect(200)["state"], "draft");
    for (path, before) in lists.iter().zip(&before) {
        assert_eq!(standing(&app, path), *before, "{path}");
    }
    app.later(2 * DAY);
    let letters = schedule_news::tell(&app.app.operations).expect("the database");
    assert_eq!((delivered(&app), letters), (sent, 0), "a plan taken back sends nothing");
    take_back().expect_problem(409, "conflict");

    // It can be published again, and then its e-mails go.
    publish().expect(200);
    app.later(10 * MINUTE);
    take_back().expect_problem(409, "conflict");
    assert!(delivered(&app) > sent);
    schedule_news::tell(&app.app.operations).expect("the database");
    app.later(DAY);
    let letters = schedule_news::tell(&app.app.operations).expect("the database");
    assert!(letters > 0, "who was to cover is told that the visit is gone");
}

#[test]
fn a_plan_taken_back_leaves_everything_as_it_was_on_sqlite() {
    a_plan_taken_back_leaves_everything_as_it_was(DatabaseKind::Sqlite);
}

#[test]
fn a_plan_taken_back_leaves_everything_as_it_was_on_postgres() {
    a_plan_taken_back_leaves_everything_as_it_was(DatabaseKind::Postgres);
}

#[test]
fn what_rests_on_a_plan_keeps_it() {
    let app = start(DatabaseKind::Sqlite);
    let coop = SmallCoop::enter(&app.office);
    let made = coop.make(&app);
    let refused = app.office.act(&format!("/plans/{}/take-back", made.plan));
    refused.expect_problem(409, "conflict");
    assert!(refused.text().contains("A cost share was made of it"), "{}", refused.text());
    // Nor does another take over while its e-mails wait: people would hear of both.
    let publish =
        || app.office.post(&format!("/plans/{}/publish", made.draft), &json!({"effective_from": "2027-02-01"}));
    let refused = publish();
    refused.expect_problem(409, "conflict");
    assert!(refused.text().contains("are not out yet"), "{}", refused.text());
    app.later(10 * MINUTE);
    publish().expect(200);
}

#[test]
fn c33_taking_a_plan_back_by_the_page_needs_a_fresh_proof() {
    let app = TestApp::start_changed(DatabaseKind::Sqlite, |_| {}, |config| config.mail.publish_wait_minutes = 30);
    let coop = SmallCoop::enter(&app.office);
    let (_, plan) = coop.plan(&app);
    app.office.post(&format!("/plans/{plan}/publish"), &json!({})).expect(200);
    let way = "/plans/PLAN-2026-0001/take-back";
    let mut page = browser(&app, &app.office);
    let token = page.form_token(way);
    app.later(11 * MINUTE);
    for asked in [page.get(way), page.post(way, &[("form", &token)])] {
        assert_eq!(
            (asked.status, asked.header("Location")),
            (303, "/account/confirm?to=/plans/PLAN-2026-0001/take-back")
        );
    }
    assert_eq!(app.office.get(&format!("/plans/{plan}")).expect(200)["state"], "published");
}

/// A browser with a complete session of an account.
fn browser(app: &TestApp, client: &Client) -> Browser {
    let mut page = Browser::new(app);
    let cookie = app.cookie(client);
    let (name, secret) = cookie.split_once('=').expect("a cookie");
    page.cookies.insert(name.to_owned(), secret.to_owned());
    page
}

#[test]
fn the_page_says_when_e_mails_go_out_and_takes_the_plan_back() {
    let app = start(DatabaseKind::Sqlite);
    let coop = SmallCoop::enter(&app.office);
    let (_, plan) = coop.plan(&app);
    let mut page = browser(&app, &app.office);
    let here = "/plans/PLAN-2026-0001";
    assert!(!page.get(here).text().contains("E-mails go out"));
    assert!(page.get(&format!("{here}/publish")).text().contains("The e-mails wait 10 minutes"));
    let publish = format!("{here}/publish");
    assert_eq!(page.submit(&publish, &publish, &[]).status, 303);
    let shown = page.get(here).text();
    assert!(shown.contains("E-mails go out at 12:10 p.m.") && shown.contains("Take the plan back"), "{shown}");
    let way = format!("{here}/take-back");
    assert!(page.get(&way).text().contains("Nobody gets an e-mail"));
    assert_eq!(page.submit(&way, &way, &[]).status, 303);
    assert_eq!(app.office.get(&format!("/plans/{plan}")).expect(200)["state"], "draft");
    assert!(!page.get(here).text().contains("E-mails go out"));
    let mut stranger = browser(&app, &app.sign_up("Coordinator", coop.coordinator(0)));
    assert_eq!(stranger.get(&way).status, 404);
}
