//! Who sees which page, and that what is hidden looks like what is missing.

use super::{POLICY, Pages};
use crate::support::client::Client;

/// Paths, and whether the office, finance, a coordinator, a specialist, the finance of a member, the board, and somebody
/// who is a coordinator and a specialist at once see them.
const PAGES: [(&str, [u16; 7]); 53] = [
    ("/", [303, 303, 303, 303, 303, 303, 303]),
    ("/overview", [200, 404, 200, 404, 404, 200, 200]),
    ("/requests", [200, 404, 200, 404, 404, 404, 200]),
    ("/requests/SR-2026-0001", [200, 404, 200, 404, 404, 404, 200]),
    ("/requests/SR-2026-0002", [200, 404, 404, 404, 404, 404, 404]),
    ("/plans", [200, 404, 404, 404, 404, 404, 404]),
    ("/plans/PLAN-2026-0001", [200, 404, 404, 404, 404, 404, 404]),
    ("/plans/PLAN-2026-0001/compare/PLAN-2026-0001", [200, 404, 404, 404, 404, 404, 404]),
    ("/plans/PLAN-2026-0001/coverage", [200, 404, 404, 404, 404, 404, 404]),
    ("/plans/PLAN-2026-0001/publish", [404, 404, 404, 404, 404, 404, 404]),
    ("/people", [200, 404, 404, 404, 404, 404, 404]),
    ("/people/new", [200, 404, 404, 404, 404, 404, 404]),
    ("/outbox", [200, 404, 404, 404, 404, 404, 404]),
    ("/outbox/templates", [200, 404, 404, 404, 404, 404, 404]),
    ("/account/tokens/new", [200, 200, 200, 200, 200, 200, 200]),
    ("/account", [200, 200, 200, 200, 200, 200, 200]),
    ("/coverage", [303, 404, 404, 404, 404, 404, 404]),
    ("/week", [200, 404, 404, 303, 404, 404, 303]),
    ("/week/S-1", [200, 404, 404, 200, 404, 404, 200]),
    ("/week/S-2", [200, 404, 404, 404, 404, 404, 404]),
    ("/owed", [200, 404, 200, 404, 404, 404, 200]),
    ("/me/log", [404, 404, 404, 303, 404, 404, 303]),
    ("/me/log/2026-11-02", [404, 404, 404, 200, 404, 404, 200]),
    ("/me/time-away", [404, 404, 404, 200, 404, 404, 200]),
    ("/me/time-away/new", [404, 404, 404, 200, 404, 404, 200]),
    ("/cover", [200, 404, 404, 404, 404, 404, 404]),
    ("/months", [200, 200, 404, 404, 404, 404, 404]),
    ("/costs", [200, 200, 200, 404, 200, 200, 200]),
    ("/costs/CS-2026-0001.csv", [200, 200, 200, 404, 200, 404, 200]),
    ("/reports", [200, 200, 200, 200, 404, 404, 200]),
    ("/reports?report=service-fidelity", [200, 200, 200, 404, 404, 404, 200]),
    ("/reports?report=time-and-effort", [200, 200, 404, 200, 404, 404, 200]),
    ("/reports?report=unscheduled-time", [200, 404, 404, 200, 404, 404, 200]),
    ("/reports?report=evaluation-clocks", [200, 404, 200, 404, 404, 404, 200]),
    ("/reports?report=nothing", [404, 404, 404, 404, 404, 404, 404]),
    ("/reports/service-fidelity.csv", [200, 200, 200, 404, 404, 404, 200]),
    ("/reports/time-and-effort.xlsx", [200, 200, 404, 200, 404, 404, 200]),
    ("/calendar", [200, 404, 200, 404, 404, 404, 200]),
    ("/calendar?term=SPRING-2027", [200, 404, 200, 404, 404, 404, 200]),
    ("/calendar/new", [200, 404, 200, 404, 404, 404, 200]),
    ("/calendar/import", [200, 404, 200, 404, 404, 404, 200]),
    ("/calendar/snow-day", [200, 404, 200, 404, 404, 404, 200]),
    ("/requests/new", [200, 404, 200, 404, 404, 404, 200]),
    ("/requests/SR-2026-0001/end", [200, 404, 200, 404, 404, 404, 200]),
    ("/credentials", [200, 404, 404, 404, 404, 404, 404]),
    ("/credentials/of/S-1", [200, 404, 404, 200, 404, 404, 200]),
    ("/credentials/of/S-1/new", [200, 404, 404, 404, 404, 404, 404]),
    ("/terms", [200, 404, 404, 404, 404, 404, 404]),
    ("/terms/new", [200, 404, 404, 404, 404, 404, 404]),
    ("/sites", [200, 404, 404, 404, 404, 404, 404]),
    ("/sites/new", [200, 404, 404, 404, 404, 404, 404]),
    ("/help", [200, 200, 200, 200, 200, 200, 200]),
    ("/no-such-page", [404, 404, 404, 404, 404, 404, 404]),
];

#[test]
fn every_role_sees_its_pages_and_nothing_else() {
    let pages = Pages::start();
    let (coordinator, specialist) = (&pages.coordinators[0], &pages.specialists[0]);
    let others = [&pages.member_finance, &pages.board, &pages.both];
    let roles: Vec<&Client> =
        [&pages.office, &pages.finance, coordinator, specialist].into_iter().chain(others).collect();
    for (path, expected) in PAGES {
        let statuses: Vec<u16> = roles.iter().map(|who| pages.get(who, path).status).collect();
        assert_eq!(statuses, expected, "{path}");
        for who in &roles {
            let reply = pages.get(who, path);
            assert_eq!(reply.header("Content-Security-Policy"), POLICY, "{path}");
            assert_eq!(reply.header("Cache-Control"), "no-store", "{path}");
            assert_eq!(reply.header("X-Content-Type-Options"), "nosniff", "{path}");
            let html = reply.text();
            assert!(!html.contains("<script") && !html.contains(" style="), "{path}");
        }
    }
    let homes: Vec<String> = roles.iter().map(|who| pages.get(who, "/").header("Location").to_owned()).collect();
    assert_eq!(homes, ["/overview", "/costs", "/overview", "/week/S-1", "/costs", "/overview", "/overview"]);
    assert_eq!(pages.get(&pages.specialists[1], "/week").header("Location"), "/week/S-2");
}

#[test]
fn no_menu_has_more_than_seven_entries_and_every_page_stands_beside_one() {
    let pages = Pages::start();
    let html = pages.get(&pages.office, "/overview").text();
    let menu = html.split("<ul class=\"menu\">").nth(1).and_then(|rest| rest.split("</ul>").next()).expect("a menu");
    assert_eq!(menu.matches("<li>").count(), 7, "{menu}");
    for (page, beside) in [
        ("/calendar", ["/week", "/owed", "/reports"].as_slice()),
        ("/owed", &["/calendar"]),
        ("/costs", &["/months"]),
        ("/months", &["/costs"]),
        ("/people", &["/credentials", "/sites", "/terms"]),
    ] {
        let html = pages.get(&pages.office, page).text();
        let tabs = html
            .split("class=\"tabs beside\"")
            .nth(1)
            .and_then(|rest| rest.split("</nav>").next())
            .expect("pages beside");
        assert!(tabs.contains(&format!("href=\"{page}\" aria-current=\"page\"")), "{page}: {tabs}");
        assert!(beside.iter().all(|other| tabs.contains(&format!("href=\"{other}\""))), "{page}: {tabs}");
    }
    assert!(pages.get(&pages.finance, "/costs").text().contains("href=\"/months\""), "finance locks months");
}

#[test]
fn roles_add_up_in_the_menu_and_the_board_sees_sums_only() {
    let pages = Pages::start();
    let html = pages.get(&pages.both, "/overview").text();
    for words in ["<p class=\"menu-head\">District coordinator</p>", "<p class=\"menu-head\">Specialist</p>", "My week"]
    {
        assert!(html.contains(words), "{words}: {html}");
    }
    assert!(html.contains("District coordinator, Specialist"), "{html}");
    assert!(!pages.get(&pages.coordinators[0], "/overview").text().contains("menu-head"), "one menu needs no heading");

    let html = pages.get(&pages.board, "/overview").text();
    assert!(!html.contains("SR-2026") && !html.contains("/requests"), "{html}");
    for words in ["Small districts together", "Fewer than 150 minutes a week are shown together with others"] {
        assert!(html.contains(words), "{words}: {html}");
    }
    let costs = pages.get(&pages.board, "/costs").text();
    assert!(costs.contains("District B") && costs.contains("Where the money goes") && !costs.contains(".csv"));
    let own = pages.get(&pages.member_finance, "/costs").text();
    assert!(own.contains("alert") && !own.contains("District B") && own.contains(".csv"), "{own}");
}

#[test]
fn what_is_hidden_answers_like_what_is_missing() {
    let pages = Pages::start();
    let coordinator = &pages.coordinators[0];
    let missing = pages.get(coordinator, "/requests/SR-1999-0001");
    for hidden in ["/requests/SR-2026-0002", "/week/S-1", "/week/NOBODY", "/week", "/no-such-page"] {
        let reply = pages.get(coordinator, hidden);
        assert_eq!((reply.status, reply.text()), (404, missing.text()), "{hidden}");
    }
    let specialist = &pages.specialists[0];
    let (other, nobody) = (pages.get(specialist, "/week/S-2"), pages.get(specialist, "/week/NOBODY"));
    assert_eq!((other.status, other.text()), (404, nobody.text()));
}

#[test]
fn a_stranger_is_led_to_sign_in_whether_the_page_exists_or_not() {
    let pages = Pages::start();
    for path in ["/overview", "/requests/SR-2026-0001", "/requests/SR-1999-0001", "/week/S-1"] {
        let reply = pages.app.nobody().send("GET", path, &[], None);
        assert_eq!((reply.status, reply.header("Location")), (303, format!("/sign-in?to={path}").as_str()));
    }
    let gone = pages.app.nobody().send("GET", "/no-such-page", &[], None);
    assert!(gone.status == 404 && gone.text().contains("Page not found") && !gone.text().contains("Sign out"));
    for path in ["/help", "/words", "/accessibility", "/sign-in"] {
        assert_eq!(pages.app.nobody().send("GET", path, &[], None).status, 200, "{path}");
    }
}

#[test]
fn a_coordinator_sees_the_own_district_only() {
    let pages = Pages::start();
    let [first, second] = &pages.coordinators;
    let html = pages.get(second, "/overview").text();
    assert_eq!(html.matches("<th scope=\"row\">").count(), 1, "one row and no total");
    assert!(html.contains("District B") && !html.contains("SR-2026-0001") && html.contains("SR-2026-0002"));
    assert!(!html.contains("No plan can place"), "the limit of the whole co-op is the office's");
    assert!(!pages.get(first, "/overview").text().contains("District B"));

    let costs = pages.get(second, "/costs").text();
    assert!(costs.contains("District B") && !costs.contains("alert") && !costs.contains("Where the money goes"));
    let csv = pages.get(second, "/costs/CS-2026-0001.csv");
    assert!(csv.header("Content-Disposition").contains("coop-cost-CS-2026-0001.csv"));
    assert!(csv.text().lines().skip(1).all(|line| line.contains(",B,")), "{}", csv.text());
}
