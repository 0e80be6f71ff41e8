//! What the pages say.

use super::{Pages, SCRIPT};

#[test]
fn the_overview_tells_what_is_met_and_why_the_rest_is_not() {
    let pages = Pages::start();
    let html = pages.get(&pages.office, "/overview").text();
    // 60 of 60 minutes at the one school; at the other 600 were asked for, in at most two visits of 60.
    assert!(html.contains("180 of 660 a week") && html.contains("<dd class=\"figure\">27%</dd>"), "{html}");
    assert!(html.contains("Proven best. No plan can place more than 180 with these people, hours and rules"));
    assert!(html.contains("All 60 minutes met") && html.contains("<strong>20%</strong>"));
    assert!(html.contains("480 of 600 minutes a week are unmet.") && html.contains("480 min short"));
    assert!(html.contains("href=\"/requests?district=B&#38;service=SLP\""), "a cell leads to its requests");
    assert!(!html.contains("100%</strong><small>"), "100% only where nothing is short");
}

#[test]
fn a_request_tells_when_by_whom_and_why_short() {
    let pages = Pages::start();
    let html = pages.get(&pages.coordinators[1], "/requests/SR-2026-0002").text();
    assert!(html.contains("SR-2026-0002, Speech at School B-1") && html.contains("480 min short"));
    assert!(html.contains("120 of 600") && html.contains("Why 480 minutes are unmet"));
    assert_eq!(html.matches("<td class=\"number\">60</td>").count(), 2, "two visits of 60 minutes");
    assert!(html.contains("Monday 8:00 a.m.–3:00 p.m."));
    let list = pages.get(&pages.office, "/requests?district=B&service=SLP").text();
    assert!(list.contains("Showing 1 of 2 requests.") && !list.contains("SR-2026-0001"));
    assert!(pages.get(&pages.office, "/requests?district=B&district=B").text().contains("Showing 2 of 2"));
}

#[test]
fn a_week_shows_stays_and_visits_and_links_only_what_can_be_seen() {
    let pages = Pages::start();
    let office = pages.get(&pages.office, "/week/S-1").text();
    let own = pages.get(&pages.specialists[0], "/week/S-1").text();
    assert!(office.contains("<a href=\"/requests/SR-2026-0001\">") && office.contains("href=\"/week\""));
    assert!(own.contains("<h1>My week</h1>") && own.contains("SR-2026-0001") && !own.contains("href=\"/requests"));
    let names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];
    assert!(names.iter().all(|day| own.contains(&format!(">{day}</h2>"))) && !own.contains(">Saturday</h2>"));
    let schedule = pages.get(&pages.office, "/week").text();
    assert!(schedule.contains("180 minutes a week") && schedule.contains("of 600"));
}

#[test]
fn names_are_printed_and_never_run() {
    let pages = Pages::start();
    for path in [
        "/overview",
        "/requests",
        "/requests/SR-2026-0001",
        "/week",
        "/week/S-1",
        "/costs",
        "/plans/PLAN-2026-0001/coverage",
    ] {
        let html = pages.get(&pages.office, path).text();
        assert!(!html.contains(SCRIPT) && !html.contains("<script"), "{path}");
        assert!(html.contains("&#60;script&#62;alert(&#39;x&#39;)&#60;/script&#62;"), "{path}: the name is shown");
    }
}

#[test]
fn cost_shares_add_up() {
    let pages = Pages::start();
    let html = pages.get(&pages.finance, "/costs").text();
    let csv = pages.get(&pages.finance, "/costs/CS-2026-0001.csv").text();
    let column = csv.lines().next().expect("a header").split(',').position(|name| name == "amount").expect("amounts");
    // From the end, since a quoted name may hold a comma.
    let from_end = csv.lines().next().expect("a header").split(',').count() - column - 1;
    let cents = |line: &str| -> i64 {
        let amount = line.rsplit(',').nth(from_end).expect("an amount");
        amount.replace('.', "").parse().expect("cents")
    };
    let net: i64 = csv.lines().skip(1).map(cents).sum();
    let shown = format!("${}.{:02}", net / 100, net % 100);
    assert!(net < 100_000, "small enough to be written without commas");
    assert!(html.contains(&format!("<td class=\"number strong\">{shown}</td></tr></tfoot>")), "{shown}: {html}");
    assert!(html.contains("January 4 to January 31, 2027"));
}

#[test]
fn without_a_plan_every_page_says_what_it_is_for() {
    let app = crate::support::app::TestApp::start(crate::support::both::DatabaseKind::Sqlite);
    let cookie = app.cookie(&app.office);
    let get = |path: &str| app.nobody().send("GET", path, &[("Cookie", &cookie)], None);
    for (path, words) in [
        ("/overview", "No plan is in use yet"),
        ("/requests", "No requests yet"),
        ("/week", "No plan is in use yet"),
        ("/costs", "No cost shares yet"),
    ] {
        let reply = get(path);
        assert!(reply.status == 200 && reply.text().contains(words), "{path}: {}", reply.text());
    }
    assert_eq!(get("/week/S-1").status, 404);
}
