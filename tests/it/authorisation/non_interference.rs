//! What one member does changes no byte of what another member sees: lists, counts, pages, files and tags.

use std::collections::BTreeMap;

use serde_json::json;

use super::{ROWS, Records, comparable};
use crate::support::app::TestApp;
use crate::support::both::on_both_databases;
use crate::support::client::Client;
use crate::support::small_coop::{SmallCoop, id, member, request, site};

type Seen = BTreeMap<String, (u16, BTreeMap<String, String>, String)>;

const PAGES: [&str; 23] = [
    "/",
    "/overview",
    "/requests",
    "/requests?status=waiting",
    "/requests?q=SR",
    "/requests/SR-2026-0001",
    "/requests/SR-2026-0002",
    "/requests/SR-2026-0009",
    "/plans",
    "/coverage",
    "/week",
    "/week/S-1",
    "/week/S-2",
    "/owed",
    "/costs",
    "/costs/CS-2026-0001.csv",
    "/reports",
    "/reports?report=service-fidelity&only=short",
    "/reports?report=evaluation-clocks",
    "/reports/service-fidelity.csv",
    "/reports/service-fidelity.xlsx",
    "/reports/evaluation-clocks.csv",
    "/account",
];

const QUERIES: [&str; 14] = [
    "/service-requests?limit=1",
    "/service-requests?state=draft",
    "/sites?limit=1",
    "/members?limit=1",
    "/dated-visits?limit=1",
    "/dated-visits?state=closed",
    "/dated-visits?kind=make_up",
    "/service-logs?limit=1",
    "/service-logs?outcome=delivered",
    "/reports/service-fidelity?from=2027-01-04&until=2027-06-01",
    "/reports/service-fidelity?only=over",
    "/reports/evaluation-clocks?only=overdue",
    "/owed?limit=1",
    "/owed?from=2027-01-04&until=2027-02-01",
];

/// Everything that somebody can fetch: every route on own, another's and missing records, and every page.
fn everything(app: &TestApp, records: &Records, client: &Client) -> Seen {
    let mut seen = Seen::new();
    for (route, _) in ROWS.iter().filter(|(route, _)| route.starts_with("GET ")) {
        for half in [Some(0), Some(1), None] {
            seen.insert(format!("{route} {half:?}"), comparable(&records.send(client, route, half)));
        }
    }
    for path in QUERIES {
        seen.insert(path.to_owned(), comparable(&client.get(path)));
    }
    let cookie = app.cookie(client);
    for path in PAGES {
        let reply = app.nobody().send("GET", path, &[("Cookie", &cookie)], None);
        seen.insert(path.to_owned(), comparable(&reply));
    }
    seen
}

/// Requests of the second member in many states, and what the office changes about that member.
fn much_happens_to_the_second_member(app: &TestApp, coop: &SmallCoop, coordinator: &Client) {
    let office = &app.office;
    let enter = |minutes: i64| {
        id(&coordinator.post("/service-requests", &request(&coop.sites[1], &coop.term, minutes)).expect(201))
    };
    let act =
        |who: &Client, request: &str, verb: &str| who.act(&format!("/service-requests/{request}/{verb}")).expect(200);
    let draft = enter(45);
    let changed = request(&coop.sites[1], &coop.term, 90);
    coordinator.put(&format!("/service-requests/{draft}"), "\"1\"", &changed).expect(200);
    let [submitted, withdrawn, accepted, declined] = [30, 60, 75, 120].map(|minutes| {
        let request = enter(minutes);
        act(coordinator, &request, "submit");
        request
    });
    act(coordinator, &withdrawn, "withdraw");
    act(office, &accepted, "accept");
    office.post(&format!("/service-requests/{declined}/decline"), &json!({"reason": "No room"})).expect(200);
    assert_ne!(submitted, draft);
    let planned = office.get("/service-requests?state=planned").expect(200);
    let planned = planned["items"].as_array().expect("items").iter().find(|one| one["member_id"] == coop.members[1]);
    act(coordinator, &id(planned.expect("a planned request")), "end");
    office.post("/sites", &site(&coop.members[1], "B-2")).expect(201);
    let mut fields = member("B");
    fields["contact_name"] = json!("Somebody Else");
    office.put(&format!("/members/{}", coop.members[1]), "\"1\"", &fields).expect(200);
    let mut fields = site(&coop.members[1], "B-1");
    fields["open_until"] = json!("2027-05-28");
    office.put(&format!("/sites/{}", coop.sites[1]), "\"1\"", &fields).expect(200);
    let snow = json!({
        "member_id": coop.members[1], "kind": "closure", "name": "Snow", "starts_on": "2027-02-01", "ends_on": "2027-02-05"
    });
    coordinator.post("/calendar-entries", &snow).expect(201);
    log_visits(app, coop);
    app.sign_up("Another coordinator", coop.coordinator(1));
    while app.app.sender().expect("mail").work() == coop_scheduler::jobs::Worked::One {}
}

/// Some visits took place, some did not, and one is made up.
fn log_visits(app: &TestApp, coop: &SmallCoop) {
    let visits = app.office.get("/dated-visits?from=2027-01-04&until=2027-01-20&limit=200").expect(200);
    let own = visits["items"].as_array().expect("items").iter().filter(|one| one["member_id"] == coop.members[1]);
    for (n, visit) in own.enumerate() {
        let path = format!("/dated-visits/{}", id(visit));
        if n % 2 == 0 {
            app.office.act(&format!("{path}/log-as-planned")).expect(200);
            continue;
        }
        let missed = json!({"outcome": "did_not_take_place", "reason": "provider_absent"});
        app.office.post(&format!("{path}/log"), &missed).expect(200);
        let starts = format!("{:02}:00", 8 + n % 8);
        let ends = format!("{:02}:30", 8 + n % 8);
        let make_up = json!({
            "specialist_id": visit["specialist_id"], "visit_on": "2027-01-22", "starts": starts, "ends": ends,
            "despite_objections": true
        });
        app.office.post(&format!("{path}/make-ups"), &make_up).expect(201);
    }
}

on_both_databases! {
    fn c37_what_one_member_does_leaves_anothers_bytes_alone(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let made = coop.make(app);
        let records = Records::enter(app, &coop, &made);
        // In January, when visits can be logged.
        app.later(79 * 24 * 60 * 60);
        let ([first, second], _) = coop.accounts(app);
        let finance = app.sign_up("Member finance", coop.member_finance(0));
        let watchers = [&first, &finance];
        let (before, office) = (watchers.map(|who| everything(app, &records, who)), everything(app, &records, &app.office));
        assert_eq!(before[0]["/requests/SR-2026-0001"].0, 200);
        much_happens_to_the_second_member(app, &coop, &second);
        for (who, before) in watchers.iter().zip(&before) {
            for (path, after) in everything(app, &records, who) {
                assert_eq!(before[&path], after, "{path}");
            }
        }
        let after = everything(app, &records, &app.office);
        let changed = after.iter().filter(|(path, seen)| office[*path] != **seen).count();
        assert!(changed > 8, "only {changed} answers changed for the office");
    }
}
