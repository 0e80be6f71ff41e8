//! Calendars behind private links, read by programs that nobody here wrote: PyPI's `icalendar`, and Radicale, a CalDAV
//! server that takes a calendar only when every event is sound.

mod foreign;

use std::collections::BTreeMap;

use coop_scheduler::domain::account::Role;
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::both::{DatabaseKind, on_both_databases};
use crate::support::client::{Client, Reply};
use crate::support::small_coop::{SmallCoop, id, site};
use crate::ui::log::browser;
use foreign::{Event, Invited, Radicale, read, read_invitations};

const DAY: i64 = 24 * 60 * 60;
/// From noon on November 2 to noon on Wednesday, January 20.
const TO_JANUARY_20: i64 = 79 * DAY;

/// A link to the visits of a specialist or a site, and the path behind its address.
fn link(who: &Client, body: &Value) -> (Value, String) {
    let made = who.post("/calendar-feeds", body).expect(201);
    let address = made["address"].as_str().expect("an address");
    let path = address.find("/cal/").map(|at| address[at..].to_owned()).expect("its path");
    (made, path)
}

/// What a calendar that cannot sign in is answered.
fn fetch(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Reply {
    app.nobody().send("GET", path, headers, None)
}

fn events(app: &TestApp, path: &str) -> BTreeMap<String, Event> {
    let reply = fetch(app, path, &[]);
    assert_eq!((reply.status, reply.header("Content-Type")), (200, "text/calendar; charset=utf-8"));
    let read = read(&reply.text());
    let count = read.len();
    let by_uid: BTreeMap<String, Event> = read.into_iter().map(|event| (event.uid.clone(), event)).collect();
    assert_eq!(by_uid.len(), count, "no two events have one identity");
    by_uid
}

fn visits(events: &BTreeMap<String, Event>) -> Vec<&Event> {
    events.values().filter(|event| event.uid.starts_with("visit-")).collect()
}

/// The invitations in all e-mails so far, in the order in which they were written.
fn invitations(app: &TestApp) -> Vec<Invited> {
    let emails = app.app.operations.database.read(|tx| {
        let all = coop_scheduler::db::emails::list(tx, None, coop_scheduler::db::PageRequest::ALL)?.items;
        all.iter().map(|one| coop_scheduler::db::emails::message(tx, one.id)).collect::<Result<Vec<_>, _>>()
    });
    emails.expect("e-mails").iter().flatten().flat_map(|message| read_invitations(message)).collect()
}

fn publish(app: &TestApp, coop: &SmallCoop, from: &str) {
    let (_, plan) = coop.plan(app);
    app.office.post(&format!("/plans/{plan}/publish"), &json!({"effective_from": from})).expect(200);
}

fn sees_what_follows_a_plan_taken_back_as_later(kind: DatabaseKind) {
    let app = &TestApp::start_changed(kind, |_| {}, |config| config.mail.publish_wait_minutes = 10);
    let coop = SmallCoop::enter(&app.office);
    coop.make(app);
    app.later(TO_JANUARY_20);
    let (_, path) = link(&app.office, &json!({"specialist_id": coop.specialists[0]}));
    let (_, plan) = coop.plan(app);
    let mut seen = vec![events(app, &path)];
    for _ in 0..2 {
        app.office.post(&format!("/plans/{plan}/publish"), &json!({"effective_from": "2027-02-01"})).expect(200);
        seen.push(events(app, &path));
        app.office.act(&format!("/plans/{plan}/take-back")).expect(200);
        seen.push(events(app, &path));
    }
    for pair in seen.windows(2) {
        let coming: Vec<&Event> =
            visits(&pair[1]).into_iter().filter(|one| one.starts.as_str() >= "2027-02-01").collect();
        assert!(!coming.is_empty());
        for event in coming {
            let before = pair[0].get(&event.uid).map_or(-1, |before| before.sequence);
            assert!(event.sequence > before, "{} was {before} and is {}", event.uid, event.sequence);
        }
    }
}

#[test]
fn a_calendar_that_saw_a_plan_taken_back_takes_what_follows_as_later_on_sqlite() {
    sees_what_follows_a_plan_taken_back_as_later(DatabaseKind::Sqlite);
}

#[test]
fn a_calendar_that_saw_a_plan_taken_back_takes_what_follows_as_later_on_postgres() {
    sees_what_follows_a_plan_taken_back_as_later(DatabaseKind::Postgres);
}

on_both_databases! {
    fn a_specialist_follows_real_dates_and_hears_of_every_change(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let (_, specialists) = coop.accounts(app);
        app.later(TO_JANUARY_20);
        let (_, path) = link(&specialists[0], &json!({"specialist_id": coop.specialists[0]}));
        let before = events(app, &path);
        let laid_out = specialists[0].get("/dated-visits?limit=200").expect(200)["items"].as_array().expect("items").clone();
        let minutes: i64 = laid_out.iter().map(|visit| visit["minutes"].as_i64().expect("minutes")).sum();
        let seen = visits(&before);
        assert_eq!((seen.len(), seen.iter().map(|event| event.minutes).sum::<i64>()), (laid_out.len(), minutes));
        for visit in &laid_out {
            let at = visit["starts_at"].as_str().expect("an instant");
            let count = seen.iter().filter(|event| event.starts == at).count();
            assert_eq!(count, 1, "{at}: in winter and in summer the instant is the one of the visit");
        }
        assert!(seen.iter().all(|event| event.status == "CONFIRMED" && event.sequence == 0));

        // A closed day: the events of that day are cancelled, one version on, and keep their identity.
        let snow = json!({
            "member_id": coop.members[0], "kind": "closure", "name": "Snow day; really",
            "starts_on": "2027-02-01", "ends_on": "2027-02-03"
        });
        app.office.post("/calendar-entries", &snow).expect(201);
        let closed = events(app, &path);
        assert_eq!(closed.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
        let changed: Vec<&Event> = closed.values().filter(|event| before[&event.uid] != **event).collect();
        assert!(!changed.is_empty());
        for event in changed {
            assert!(("2027-02-01"..="2027-02-04").contains(&event.starts.as_str()), "{event:?}");
            let said = (event.status.as_str(), event.sequence, event.summary.starts_with("Cancelled: "));
            assert_eq!(said, ("CANCELLED", 1, true), "{event:?}");
            assert!(event.description.starts_with("The school is closed: Snow day; really"), "{event:?}");
        }

        // Time away is an all-day event without a reason, and its visits are cancelled.
        let ill = json!({"reason": "illness", "starts_on": "2027-03-01", "ends_on": "2027-03-03"});
        specialists[0].post(&format!("/specialists/{}/time-away", coop.specialists[0]), &ill).expect(201);
        let reply = fetch(app, &path, &[]).text();
        assert!(reply.contains("DTSTART;VALUE=DATE:20270301\r\n") && reply.contains("DTEND;VALUE=DATE:20270304\r\n"), "{reply}");
        assert!(!reply.to_lowercase().contains("illness"));
        let away = events(app, &path);
        assert!(visits(&away).iter().filter(|event| ("2027-03-01"..="2027-03-04").contains(&event.starts.as_str())).all(|event| event.status == "CANCELLED"));
    }

    fn a_visit_keeps_its_identity_through_a_new_plan_and_what_is_dropped_stays_for_14_days(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        app.later(TO_JANUARY_20);
        let (_, path) = link(&app.office, &json!({"specialist_id": coop.specialists[0]}));
        let before = events(app, &path);
        publish(app, &coop, "2027-02-01");
        let after = events(app, &path);
        let of = |events: &BTreeMap<String, Event>, late: bool| -> Vec<String> {
            visits(events).iter().filter(|one| (one.starts.as_str() >= "2027-02-01") == late).map(|one| one.uid.clone()).collect()
        };
        assert_eq!(of(&before, false), of(&after, false), "the past stays");
        let standing = |uid: &&String| after[*uid].status == "CONFIRMED";
        for uid in of(&before, true).iter().filter(standing) {
            assert!(after[uid].sequence > before[uid].sequence, "{uid} is a later version");
        }

        // Nobody works any more: every coming visit is dropped, and stays as cancelled for a while.
        let withdrawn = app.office.get("/service-requests?limit=50").expect(200);
        for request in withdrawn["items"].as_array().expect("items").iter().skip(1) {
            app.office.act(&format!("/service-requests/{}/end", id(request))).expect(200);
        }
        publish(app, &coop, "2027-03-01");
        let dropped = events(app, &path);
        let gone: Vec<&Event> = visits(&dropped).into_iter().filter(|one| one.status == "CANCELLED").collect();
        assert!(!gone.is_empty() && gone.iter().all(|one| one.starts.as_str() >= "2027-02-01" && one.summary.starts_with("Cancelled: ")), "{gone:?}");
        let standing: Vec<&Event> = visits(&dropped).into_iter().filter(|one| one.status == "CONFIRMED").collect();
        let laid_out = app.office.get(&format!("/dated-visits?limit=200&specialist={}&from=2026-12-23", coop.specialists[0])).expect(200);
        assert_eq!(standing.len(), laid_out["items"].as_array().expect("items").len());
        app.later(15 * DAY);
        assert!(visits(&events(app, &path)).iter().all(|event| event.status == "CONFIRMED"));
    }

    fn an_e_mail_invites_to_what_begins_ends_what_ends_and_leaves_the_rest(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        app.later(TO_JANUARY_20);
        let first = invitations(app);
        assert!(first.len() >= 2 && first.iter().all(|one| one.method == "REQUEST" && one.sequence == 0), "{first:?}");
        let weekly: i64 = first.iter().map(|one| one.dates).sum();
        assert_eq!(weekly, 84, "every date of the plan");

        // What the plan holds at the same time is not told again; what moved ends before the new plan and begins with it.
        publish(app, &coop, "2027-02-01");
        let second = invitations(app);
        let (ends, begins): (Vec<_>, Vec<_>) = second[first.len()..].iter().partition(|one| one.sequence == 1);
        for end in &ends {
            let before = first.iter().find(|one| one.uid == end.uid).expect("it was invited to");
            assert!(end.dates < before.dates && end.last.as_str() < "2027-02-01" && end.first == before.first, "{end:?}");
        }
        assert!(begins.iter().all(|one| one.first.as_str() >= "2027-02-01" && first.iter().all(|old| old.uid != one.uid)));
        assert_eq!(ends.len(), begins.len(), "as many visits a week as before");

        // A plan that is replaced before its first day: what it brought is cancelled.
        for request in app.office.get("/service-requests?limit=50").expect(200)["items"].as_array().expect("items").iter().skip(1) {
            app.office.act(&format!("/service-requests/{}/end", id(request))).expect(200);
        }
        publish(app, &coop, "2027-02-01");
        let third = invitations(app);
        let ended: Vec<_> = third[second.len()..].iter().filter(|one| one.sequence == 1).collect();
        assert!(!ended.is_empty() && ended.iter().all(|one| one.last.as_str() < "2027-02-01"), "{ended:?}");
        for one in ended.iter().filter(|one| begins.iter().any(|new| new.uid == one.uid)) {
            assert_eq!(one.method, "CANCEL", "{one:?}");
        }
    }

    fn a_school_sees_who_comes_and_a_hostile_name_adds_no_line(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let ([first, second], _) = coop.accounts(app);
        let mut hostile = site(&coop.members[0], "A-1");
        hostile["name"] = json!("Gravois, Park; \\ ATTENDEE:mailto:e@evil.example שלום 🎈");
        app.office.put(&format!("/sites/{}", coop.sites[0]), "\"1\"", &hostile).expect(200);
        app.later(TO_JANUARY_20);
        let of_site = json!({"site_id": coop.sites[0]});
        let (made, path) = link(&first, &of_site);
        let text = fetch(app, &path, &[]).text();
        assert!(!text.contains("\r\nATTENDEE") && text.split("\r\n").all(|line| line.len() <= 75), "{text}");
        let seen = events(app, &path);
        let laid_out = first.get("/dated-visits?limit=200").expect(200)["items"].as_array().expect("items").len();
        assert_eq!(visits(&seen).len(), laid_out);
        assert!(seen.values().all(|event| event.summary.starts_with("Speech, SR-") && event.summary.contains("Specialist S-")), "{seen:?}");
        assert!(seen.values().all(|event| event.location.starts_with("Gravois, Park; \\ ATTENDEE:mailto:e@evil.example שלום 🎈")));

        // The other district can neither follow this school, nor see or stop the link.
        assert_eq!(second.post("/calendar-feeds", &of_site).expect_problem(422, "invalid-entries")[0].0, "/site_id");
        second.get(&format!("/calendar-feeds/{}", id(&made))).expect_problem(404, "not-found");
        assert_eq!(second.get("/calendar-feeds").expect(200)["items"], json!([]));
        assert_eq!(second.send("DELETE", &format!("/api/v1/calendar-feeds/{}", id(&made)), &[], None).status, 404);
        for neither in [json!({}), json!({"site_id": coop.sites[0], "specialist_id": coop.specialists[0]})] {
            first.post("/calendar-feeds", &neither).expect_problem(422, "invalid-entries");
        }
    }

    fn c45_a_link_is_kept_as_a_hash_replaced_stopped_and_follows_its_makers_rights(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        app.later(TO_JANUARY_20);
        let role = Role::Specialist { specialist_id: coop.specialists[0].parse().expect("an identity") };
        let own = app.sign_up("Dana", role);
        let body = json!({"specialist_id": coop.specialists[0]});
        let (first, path) = link(&own, &body);
        let secret = path.trim_start_matches("/cal/").trim_end_matches(".ics");
        assert_eq!(secret.len(), 64, "256 bits");
        let reply = fetch(app, &path, &[]);
        assert_eq!(reply.header("Cache-Control"), "private, no-cache");
        for shown in [own.get("/calendar-feeds").expect(200), app.office.get("/audit-entries?limit=200").expect(200)] {
            assert!(!shown.to_string().contains(secret));
        }
        // The secret opens nothing else.
        let thief = Client::new(&app.nobody().address, Some(secret));
        thief.get("/me").expect_problem(401, "sign-in-required");
        for wrong in ["/cal/.ics", "/cal/0000.ics", &path.to_uppercase(), &path.replace(".ics", "")] {
            assert_eq!(fetch(app, wrong, &[]).status, 404, "{wrong}");
        }

        // A new link replaces the one before; the drives can be switched, and the address stays.
        let (second, newer) = link(&own, &body);
        assert_eq!((fetch(app, &path, &[]).status, fetch(app, &newer, &[]).status), (404, 200));
        assert!(own.get(&format!("/calendar-feeds/{}", id(&first))).status == 404);
        let shown = format!("/calendar-feeds/{}", id(&second));
        assert_eq!(own.get(&shown).expect(200)["last_used_on"], "2027-01-20");
        let still = json!({"specialist_id": coop.specialists[0], "with_drives": false});
        own.put(&shown, "\"1\"", &still).expect(200);
        own.put(&shown, "\"1\"", &still).expect_problem(412, "stale-version");
        own.put(&shown, "\"2\"", &json!({"specialist_id": coop.specialists[1]})).expect_problem(422, "invalid-entries");
        assert_eq!(fetch(app, &newer, &[]).status, 200);

        // It works as long as whoever made it may see the visits.
        let me = own.get("/me").expect(200);
        let account = format!("/accounts/{}", id(&me));
        let change = |roles: Value, disabled: bool| {
            let version = app.office.get(&account).header("ETag").to_owned();
            let body = json!({"name": "Dana", "email": me["email"], "roles": roles, "disabled": disabled});
            app.office.put(&account, &version, &body).expect(200);
        };
        change(json!([{"role": "finance"}]), false);
        assert_eq!(fetch(app, &newer, &[]).status, 404);
        change(me["roles"].clone(), false);
        assert_eq!(fetch(app, &newer, &[]).status, 200);
        change(me["roles"].clone(), true);
        assert_eq!(fetch(app, &newer, &[]).status, 404);
        change(me["roles"].clone(), false);
        assert_eq!(own.send("DELETE", &format!("/api/v1{shown}"), &[], None).status, 204);
        assert_eq!(fetch(app, &newer, &[]).status, 404);
    }

    fn who_asks_again_and_again_is_answered_without_a_write(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        app.later(TO_JANUARY_20);
        let (_, path) = link(&app.office, &json!({"specialist_id": coop.specialists[0]}));
        let first = fetch(app, &path, &[]);
        let (tag, modified) = (first.header("ETag").to_owned(), first.header("Last-Modified").to_owned());
        assert!(tag.starts_with('"') && modified.ends_with(" GMT"), "{tag} {modified}");
        let entries = || app.app.operations.database.read(coop_scheduler::db::audit::head).expect("a head").seq;
        let before = entries();
        for _ in 0..50 {
            let again = fetch(app, &path, &[("If-None-Match", &tag)]);
            assert_eq!((again.status, again.text().len(), again.header("ETag")), (304, 0, tag.as_str()));
        }
        assert_eq!(fetch(app, &path, &[("If-None-Match", "\"other\"")]).text(), first.text());
        assert_eq!(entries(), before, "one entry a day, not one a request");
        app.later(DAY);
        fetch(app, &path, &[]);
        assert_eq!(entries(), before + 1);
        let snow = json!({"member_id": coop.members[0], "kind": "closure", "name": "Snow day", "starts_on": "2027-02-01", "ends_on": "2027-02-03"});
        app.office.post("/calendar-entries", &snow).expect(201);
        assert_eq!(fetch(app, &path, &[("If-None-Match", &tag)]).status, 200);
    }

    fn the_page_makes_a_link_shows_it_once_and_says_what_stops(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        coop.make(app);
        let ([first, _], [own, _]) = coop.accounts(app);
        let here = "/me/calendar";
        let mut page = browser(app, &own);
        assert!(page.get(here).text().contains("Your visits"));
        let made = page.submit(here, here, &[("what", "own")]).text();
        let at = made.find("http").and_then(|at| made[at..].find("/cal/").map(|more| at + more)).expect("the address");
        let path: String = made[at..].chars().take_while(|letter| *letter != '"').collect();
        assert_eq!(fetch(app, &path, &[]).status, 200, "{path}");
        assert!(made.contains("webcal://") && made.contains("https://calendar.google.com/calendar/render?cid=webcal%3A%2F%2F"), "{made}");
        let after = page.get(here).text();
        assert!(!after.contains("/cal/") && after.contains("Hide drives") && after.contains("A calendar last asked for it on"), "{after}");
        let feed = id(&own.get("/calendar-feeds").expect(200)["items"][0]);
        let drives = format!("{here}/{feed}/drives");
        assert_eq!(page.submit(here, &drives, &[]).status, 303);
        assert!(page.get(here).text().contains("Show drives"));
        let ask = format!("{here}/{feed}/replace");
        assert!(page.get(&ask).text().contains("stops working at once"));
        assert_eq!(page.submit(&ask, here, &[("what", "own")]).status, 200);
        assert_eq!(fetch(app, &path, &[]).status, 404);
        let feed = id(&own.get("/calendar-feeds").expect(200)["items"][0]);
        let ask = format!("{here}/{feed}/remove");
        assert_eq!(page.submit(&ask, &ask, &[]).status, 303);
        assert_eq!(own.get("/calendar-feeds").expect(200)["items"], json!([]));

        // A coordinator follows the own schools, no others.
        let mut page = browser(app, &first);
        let shown = page.get(here).text();
        assert!(shown.contains("Visits at School A-1") && !shown.contains("School B-1") && !shown.contains("Your visits"), "{shown}");
        assert_eq!(page.submit(here, here, &[("what", &coop.sites[1])]).status, 404);
        assert_eq!(page.submit(here, here, &[("what", &coop.sites[0])]).status, 200);
    }
}

/// Radicale refuses a calendar in which any event is not sound, and gives every event back by itself.
#[test]
fn a_caldav_server_takes_the_calendar_and_gives_every_event_back() {
    let app = TestApp::start(crate::support::both::DatabaseKind::Sqlite);
    let coop = SmallCoop::enter(&app.office);
    coop.make(&app);
    app.later(TO_JANUARY_20);
    let (_, path) = link(&app.office, &json!({"specialist_id": coop.specialists[0]}));
    let text = fetch(&app, &path, &[]).text();
    let radicale = Radicale::start();
    assert_eq!(radicale.put("visits", &text), 201);
    let kept = read(&radicale.get("visits"));
    let sent = read(&text);
    let uids = |events: &[Event]| events.iter().map(|one| one.uid.clone()).collect::<std::collections::BTreeSet<_>>();
    assert!(sent.len() > 20 && uids(&kept) == uids(&sent));
    let broken = text.replacen("BEGIN:VEVENT", "BEGIN:VEVENT\r\nRRULE:FREQ=NEVER", 1);
    assert_ne!(radicale.put("broken", &broken), 201, "it is not simply everything that is taken");
}
