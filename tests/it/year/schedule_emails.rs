//! E-mails about changes of visits: who is told what, when, and only once; and what is still to log.

use coop_scheduler::db;
use coop_scheduler::domain::account::Role;
use coop_scheduler::operations::{minutes_to_log, schedule_news};
use serde_json::{Value, json};

use super::all;
use super::cover::{MONDAY, TO_JANUARY_16, away, first_visit, third};
use crate::support::app::TestApp;
use crate::support::both::on_both_databases;
use crate::support::small_coop::{SmallCoop, id};

const HOUR: i64 = 60 * 60;
const DAY: i64 = 24 * HOUR;

/// An e-mail: to whom, its subject and its text.
type Letter = (String, String, String);

fn outbox(app: &TestApp, event: &str) -> Vec<Letter> {
    let mut letters = Vec::new();
    for email in all(&app.office, "/emails").iter().filter(|email| email["event"] == event) {
        let email_id = id(email).parse().expect("an identity");
        let read = app.app.operations.database.read(|tx| db::emails::message(tx, email_id));
        let message = String::from_utf8(read.expect("the outbox").expect("a message")).expect("text");
        let word = |name: &str| email[name].as_str().expect("text").to_owned();
        letters.push((word("recipient"), word("subject"), message.replace("=\r\n", "")));
    }
    letters
}

/// Lets the server look once, and gives what it wrote by that.
fn told(app: &TestApp) -> Vec<Letter> {
    let before = outbox(app, "schedule_changed").len();
    let written = schedule_news::tell(&app.app.operations).expect("the database");
    let letters = outbox(app, "schedule_changed").split_off(before);
    assert_eq!(letters.len(), written);
    letters
}

/// The subject of the only e-mail to an address.
fn subject(letters: &[Letter], address: &str) -> String {
    let own: Vec<&Letter> = letters.iter().filter(|(to, ..)| to == address).collect();
    assert_eq!(own.len(), 1, "{address}: {letters:?}");
    own[0].1.clone()
}

/// The address of a specialist, and of the coordinator of the member that a visit is for, and the school's name.
fn addresses(coop: &SmallCoop, visit: &Value, own: usize) -> (String, String, String) {
    let member = coop.members.iter().position(|one| visit["member_id"] == *one).expect("one of both");
    let school = format!("School {}-1", ["A", "B"][member]);
    (format!("s-{}@example.org", own + 1), format!("coordinator.{member}@example.org"), school)
}

on_both_databases! {
    fn a_near_change_is_told_at_once_to_those_concerned_and_only_once(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        coop.accounts(app);
        app.later(TO_JANUARY_16);
        assert_eq!(told(app), Vec::new(), "nothing has changed");
        let (visit, own) = first_visit(app, &coop);
        let (specialist, coordinator, school) = addresses(&coop, &visit, own);
        let (person, other) = (&coop.specialists[own], third(app, &coop, "S-3"));
        let entered = app.office.post(&format!("/specialists/{person}/time-away"), &away(MONDAY, MONDAY)).expect(201);

        let letters = told(app);
        let words = subject(&letters, &coordinator);
        assert!(words.starts_with("Monday: no speech visit") && words.ends_with(&format!("at {school}, January 18")), "{words}");
        let (_, _, text) = letters.iter().find(|(to, ..)| *to == coordinator).expect("the e-mail");
        let name = format!("Specialist S-{} cannot come.", own + 1);
        assert!(text.contains(&name) && text.contains("We are looking for cover") && !text.contains("illness"), "{text}");
        assert!(text.contains("Auto-Submitted: auto-generated") && text.contains("/requests"), "{text}");
        assert!(letters.iter().all(|(to, ..)| *to != specialist), "the own absence is known: {letters:?}");
        assert_eq!(told(app), Vec::new(), "once is enough");

        let path = format!("/dated-visits/{}", id(&visit));
        let cover = || app.office.post(&format!("{path}/cover"), &json!({"specialist_id": other})).expect(200);
        let release = || app.office.act(&format!("{path}/release-cover")).expect(200);
        cover();
        let letters = told(app);
        assert_eq!(letters.len(), 2, "{letters:?}");
        assert_eq!(subject(&letters, &coordinator), format!("Monday: a speech visit is covered at {school}, January 18"));
        assert_eq!(subject(&letters, "s-3@example.org"), format!("Monday: you cover a speech visit at {school}, January 18"));
        // What is undone before anybody was told disappears.
        release();
        cover();
        assert_eq!(told(app), Vec::new());
        release();
        let letters = told(app);
        assert_eq!(subject(&letters, "s-3@example.org"), format!("Monday: you no longer cover a speech visit at {school}, January 18"));
        assert_eq!(subject(&letters, &coordinator), format!("Monday: no speech visit at {school}, January 18"));

        assert_eq!(app.office.send("DELETE", &format!("/api/v1/time-away/{}", id(&entered)), &[], None).status, 204);
        let letters = told(app);
        assert!(subject(&letters, &coordinator).contains("place after all"), "{letters:?}");
        assert!(letters.iter().all(|(to, ..)| *to != specialist), "{letters:?}");
    }

    fn a_closed_school_is_told_to_who_comes_and_not_to_the_school(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let (coordinators, _) = coop.accounts(app);
        app.later(TO_JANUARY_16);
        let (visit, own) = first_visit(app, &coop);
        let (specialist, _, school) = addresses(&coop, &visit, own);
        let member = coop.members.iter().position(|one| visit["member_id"] == *one).expect("one of both");
        let snow = json!({
            "member_id": coop.members[member], "kind": "closure", "name": "Snow day", "starts_on": MONDAY, "ends_on": MONDAY
        });
        let entry = id(&coordinators[member].post("/calendar-entries", &snow).expect(201));
        let letters = told(app);
        let words = subject(&letters, &specialist);
        assert!(words.starts_with("Monday: closed, no speech visit") && words.ends_with(&format!("at {school}, January 18")), "{words}");
        assert!(letters.iter().any(|(_, _, text)| text.contains("Snow day.")), "{letters:?}");
        assert!(letters.iter().all(|(to, ..)| !to.starts_with("coordinator")), "its own calendar said it: {letters:?}");
        assert_eq!(coordinators[member].send("DELETE", &format!("/api/v1/calendar-entries/{entry}"), &[], None).status, 204);
        let letters = told(app);
        assert!(subject(&letters, &specialist).contains("place after all"), "{letters:?}");
        assert!(letters.iter().all(|(to, ..)| !to.starts_with("coordinator")), "{letters:?}");
    }

    fn a_make_up_is_told_when_it_is_planned_and_when_it_is_cancelled(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        coop.accounts(app);
        app.later(TO_JANUARY_16 + 4 * DAY);
        let (visit, own) = first_visit(app, &coop);
        let (specialist, coordinator, school) = addresses(&coop, &visit, own);
        let path = format!("/dated-visits/{}", id(&visit));
        let missed = json!({"outcome": "did_not_take_place", "reason": "provider_absent"});
        app.office.post(&format!("{path}/log"), &missed).expect(200);
        assert_eq!(told(app), Vec::new(), "a log is no change of a visit");
        let plan = || {
            let entry = json!({
                "specialist_id": visit["specialist_id"], "visit_on": "2027-01-22", "starts": "09:00", "ends": "09:30",
                "despite_objections": true
            });
            id(&app.office.post(&format!("{path}/make-ups"), &entry).expect(201))
        };
        let cancel = |make_up: String| {
            assert_eq!(app.office.send("DELETE", &format!("/api/v1/dated-visits/{make_up}"), &[], None).status, 204);
        };
        let first = plan();
        let letters = told(app);
        for address in [&coordinator, &specialist] {
            assert_eq!(subject(&letters, address), format!("Friday: speech make-up at {school}, January 22"));
        }
        cancel(first);
        let letters = told(app);
        for address in [&coordinator, &specialist] {
            assert_eq!(subject(&letters, address), format!("Friday: no speech make-up at {school}, January 22"));
        }
        cancel(plan());
        assert_eq!(told(app), Vec::new(), "nobody knew of it");
    }

    fn a_make_up_that_falls_out_is_told_to_the_school_and_to_whoever_gives_it(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        coop.accounts(app);
        app.later(TO_JANUARY_16 + 4 * DAY);
        let (visit, own) = first_visit(app, &coop);
        let (specialist, coordinator, school) = addresses(&coop, &visit, own);
        let path = format!("/dated-visits/{}", id(&visit));
        let missed = json!({"outcome": "did_not_take_place", "reason": "provider_absent"});
        app.office.post(&format!("{path}/log"), &missed).expect(200);
        let entry = json!({
            "specialist_id": visit["specialist_id"], "visit_on": "2027-01-22", "starts": "09:00", "ends": "09:30",
            "despite_objections": true
        });
        app.office.post(&format!("{path}/make-ups"), &entry).expect(201);
        assert_eq!(told(app).len(), 2);
        let snow = json!({
            "member_id": visit["member_id"], "kind": "closure", "name": "Snow day", "starts_on": "2027-01-22", "ends_on": "2027-01-22"
        });
        let delete = |path: String| assert_eq!(app.office.send("DELETE", &format!("/api/v1{path}"), &[], None).status, 204);
        let fell_out = |why: &[(&String, &str)]| {
            let letters = told(app);
            for (address, words) in why {
                assert_eq!(subject(&letters, address), format!("Friday: speech make-up falls out at {school}, January 22"));
                let (_, _, text) = letters.iter().find(|(to, ..)| to == *address).expect("the e-mail");
                let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(text.contains(&format!("{words}. Its minutes are owed again: choose another time.")), "{text}");
            }
        };
        let closed = id(&app.office.post("/calendar-entries", &snow).expect(201));
        fell_out(&[(&coordinator, "Snow day"), (&specialist, "Snow day")]);
        assert_eq!(told(app), Vec::new(), "once is enough");
        delete(format!("/calendar-entries/{closed}"));
        let letters = told(app);
        for address in [&coordinator, &specialist] {
            assert!(subject(&letters, address).contains("place after all"), "{letters:?}");
        }
        let person = visit["specialist_id"].as_str().expect("an id");
        app.office.post(&format!("/specialists/{person}/time-away"), &away("2027-01-22", "2027-01-22")).expect(201);
        fell_out(&[(&coordinator, &format!("Specialist S-{} cannot come", own + 1)), (&specialist, "You cannot come then")]);
    }

    fn what_is_further_off_comes_once_a_day_unless_somebody_wants_each_change(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let (coordinators, _) = coop.accounts(app);
        app.later(TO_JANUARY_16);
        let (visit, own) = first_visit(app, &coop);
        let (_, coordinator, _) = addresses(&coop, &visit, own);
        let member: usize = coordinator[12..13].parse().expect("a number");
        let person = &coop.specialists[own];
        let be_away = |day: &str| {
            id(&app.office.post(&format!("/specialists/{person}/time-away"), &away(day, day)).expect(201))
        };
        let come_back = |away: String| {
            assert_eq!(app.office.send("DELETE", &format!("/api/v1/time-away/{away}"), &[], None).status, 204);
        };
        be_away("2027-02-01");
        be_away("2027-02-08");
        assert_eq!(told(app), Vec::new(), "it waits for 4 p.m.");
        app.later(4 * HOUR);
        let letters = told(app);
        let words = subject(&letters, &coordinator);
        assert!(words.ends_with("changes of visits from Monday, February 1"), "{words}");
        assert_eq!(told(app), Vec::new());

        // Of what is taken back before 4 p.m. nobody hears.
        let away = be_away("2027-02-15");
        assert_eq!(told(app), Vec::new());
        come_back(away);
        app.later(DAY);
        assert_eq!(told(app), Vec::new());

        // The server stood still over 4 p.m.: what it tells in the morning is the summary of that day.
        be_away("2027-02-22");
        assert_eq!(told(app), Vec::new());
        app.later(DAY + 18 * HOUR);
        assert!(subject(&told(app), &coordinator).ends_with("February 22"));
        be_away("2027-03-01");
        assert_eq!(told(app), Vec::new());
        app.later(6 * HOUR);
        assert_eq!(told(app), Vec::new(), "one summary a day");
        app.later(DAY);
        assert!(subject(&told(app), &coordinator).ends_with("March 1"));

        let own = &coordinators[member];
        assert_eq!(own.get("/me/email-choices").expect(200), json!({"schedule": "daily_summary"}));
        let each = json!({"schedule": "each_change"});
        let put = |body: &Value| own.send("PUT", "/api/v1/me/email-choices", &[], Some(body.to_string().as_bytes()));
        assert_eq!(put(&each).expect(200), each);
        assert_eq!(own.get("/me/email-choices").expect(200), each);
        assert_eq!(put(&json!({"schedule": "never"})).expect_problem(422, "invalid-entries")[0].0, "/schedule");
        be_away("2027-03-08");
        assert!(subject(&told(app), &coordinator).ends_with("March 8"));
    }

    fn what_is_still_to_be_told_of_a_request_goes_with_it(app: &TestApp) {
        use coop_scheduler::operations::erasure::{Subject, erase};
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        app.later(TO_JANUARY_16);
        let (visit, own) = first_visit(app, &coop);
        app.office.post(&format!("/specialists/{}/time-away", coop.specialists[own]), &away("2027-02-01", "2027-02-01")).expect(201);
        assert_eq!(told(app), Vec::new());
        while app.app.sender().expect("mail").work() == coop_scheduler::jobs::Worked::One {}
        app.office.act(&format!("/service-requests/{}/end", visit["service_request_id"].as_str().expect("an id"))).expect(200);
        let code = visit["service_request_code"].as_str().expect("a code").to_owned();
        let certificate = erase(&app.app.operations, app.actor.clone(), &Subject::ServiceRequest(code)).expect("done");
        assert!(certificate.counts["schedule_news deleted"] > 0, "{:?}", certificate.counts);
    }

    fn on_fridays_whoever_has_minutes_to_log_is_reminded_once(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        app.later(TO_JANUARY_16 + 6 * DAY);
        let operations = &app.app.operations;
        assert_eq!(minutes_to_log::due(operations), None, "Friday at noon");
        app.later(3 * HOUR);
        let monday = minutes_to_log::due(operations).expect("Friday at three");
        assert_eq!(monday.to_string(), MONDAY);
        let visits = all(&app.office, "/dated-visits?from=2027-01-18&until=2027-01-23");
        let of = |person: &str| visits.iter().filter(|visit| visit["specialist_id"] == *person).collect::<Vec<_>>();
        let (logged, open) = (of(&coop.specialists[0]), of(&coop.specialists[1]));
        assert!(!logged.is_empty() && !open.is_empty(), "both come");
        for visit in logged {
            app.office.act(&format!("/dated-visits/{}/log-as-planned", id(visit))).expect(200);
        }
        assert_eq!(minutes_to_log::remind(operations, monday).expect("the database"), 1);
        let letters = outbox(app, "minutes_to_log");
        let noun = if open.len() == 1 { "visit" } else { "visits" };
        assert_eq!(subject(&letters, "s-2@example.org"), format!("{} {noun} to log from this week", open.len()));
        app.later(DAY);
        assert_eq!(minutes_to_log::due(operations), Some(monday), "a server that was down looks on Saturday");
        assert_eq!(minutes_to_log::remind(operations, monday).expect("the database"), 0);
        app.later(2 * DAY);
        assert_eq!(minutes_to_log::due(operations), None, "Monday");
    }

    fn the_office_hears_of_drafts_and_finance_of_what_costs_follow(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        app.sign_up("Finance", Role::Finance);
        coop.make(app);
        let drafts = outbox(app, "draft_ready");
        assert_eq!(drafts[0].1, "Draft PLAN-2026-0001 is ready: 180 of 660 minutes met");
        assert_eq!((drafts[1].0.as_str(), drafts[1].1.as_str()), ("director@coop.example.org", "Draft PLAN-2026-0002 is ready: as many minutes met"));
        assert!(drafts[1].2.contains("/plans/PLAN-2026-0002/compare/PLAN-2026-0001"), "{}", drafts[1].2);
        let costs = outbox(app, "costs_published");
        assert_eq!(subject(&costs, "finance@example.org"), "Cost shares follow PLAN-2026-0001 from January 4");
        assert!(!costs[0].2.contains('$'), "nothing is made up: {}", costs[0].2);
        let draft = id(&app.office.get("/plans?limit=2").expect(200)["items"][1]);
        app.office.post(&format!("/plans/{draft}/publish"), &json!({"effective_from": "2027-02-01"})).expect(200);
        let costs = outbox(app, "costs_published");
        assert!(costs[1].2.contains("CS-2026-0001, charges $"), "{}", costs[1].2);
    }
}
