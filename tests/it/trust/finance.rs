//! Finance sees money and nothing of requests: every code of a request is a canary, and every answer is searched.

use serde_json::Value;

use super::meddle_with;
use crate::support::both::on_both_databases;
use crate::support::client::Client;
use crate::support::small_coop::{SmallCoop, id};

/// What stands in the place of the codes of requests.
const CANARY: &str = "ZQ0";

/// Pages with every code that the co-op has.
const PAGES: [&str; 28] = [
    "/",
    "/overview",
    "/requests",
    "/requests/ZQ0001",
    "/plans",
    "/plans/PLAN-2026-0001",
    "/plans/PLAN-2026-0002",
    "/plans/PLAN-2026-0002/publish",
    "/plans/PLAN-2026-0001/compare/PLAN-2026-0002",
    "/plans/PLAN-2026-0001/coverage",
    "/plans/RUN-2026-0001",
    "/coverage",
    "/week",
    "/week/S-1",
    "/week/S-2",
    "/owed",
    "/months",
    "/reports",
    "/reports?report=service-fidelity",
    "/reports?report=time-and-effort",
    "/reports/service-fidelity.csv",
    "/reports/time-and-effort.csv",
    "/reports/evaluation-clocks.csv",
    "/costs",
    "/costs/CS-2026-0001.csv",
    "/account",
    "/help",
    "/no-such-page",
];

/// Where the canary is in anything that somebody gets to see, headers included, beside what was asked for.
fn sightings(client: &Client, cookie: &str, paths: &[String], pages: &[&str]) -> Vec<String> {
    let asked = paths.iter().map(|path| (path.as_str(), false)).chain(pages.iter().map(|page| (*page, true)));
    let mut seen = Vec::new();
    for (path, is_page) in asked {
        let reply = match is_page {
            true => Client::new(&client.address, None).send("GET", path, &[("Cookie", cookie)], None),
            false => client.send("GET", path, &[], None),
        };
        if reply.text().contains(CANARY) || format!("{:?}", reply.headers).contains(CANARY) {
            seen.push(format!("{path} ({})", reply.status));
        }
    }
    seen
}

on_both_databases! {
    fn c36_finance_sees_no_request_in_any_answer(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let rename = "UPDATE service_requests SET code = 'ZQ' || substr(code, 9)";
        meddle_with(app, rename, rename).expect("the owner can");
        let finance = app.sign_up("Finance", coop_scheduler::domain::account::Role::Finance);
        let made = coop.make(app);
        while app.app.sender().expect("mail").work() == coop_scheduler::jobs::Worked::One {}

        // Every address of the served description, with every identity in every place.
        let mut ids = vec![made.run.clone(), made.plan.clone(), made.draft.clone(), made.cost_share.clone(), coop.term.clone()];
        ids.extend([&coop.members, &coop.sites, &coop.specialists, &coop.contracts, &coop.availability].into_iter().flatten().cloned());
        // In January minutes are logged, which finance sees.
        app.later(79 * 24 * 60 * 60);
        let visits = app.office.get("/dated-visits?from=2027-01-18&until=2027-01-19").expect(200);
        let visit = id(&visits["items"][0]);
        app.office.act(&format!("/dated-visits/{visit}/log-as-planned")).expect(200);
        assert_eq!(finance.get("/service-logs").expect(200)["items"].as_array().map(Vec::len), Some(1));
        ids.push(visit);
        let requests = app.office.get("/service-requests").expect(200);
        ids.extend(requests["items"].as_array().expect("a list").iter().map(id));
        let description = app.nobody().send("GET", "/openapi.json", &[], None).expect(200);
        let mut paths = Vec::new();
        for (path, methods) in description["paths"].as_object().expect("paths") {
            if methods.get("get").is_none_or(Value::is_null) {
                continue;
            }
            for other in ids.iter().take(if path.contains('{') { usize::MAX } else { 1 }) {
                let filled = path.replace("{id}", other).replace("{other}", &made.plan).replace("{slug}", "conflict");
                assert!(!filled.contains('{'), "{filled} has another place");
                paths.push(filled);
            }
        }
        assert!(paths.len() > 300, "{}", paths.len());
        let cookie = app.cookie(&finance);
        assert_eq!(sightings(&finance, &cookie, &paths, &PAGES), Vec::<String>::new());
        let told: Vec<_> = app.mail.delivered().into_iter().filter(|one| one.recipient == "finance@example.org").collect();
        assert!(told.iter().all(|one| !String::from_utf8_lossy(&one.message).contains(CANARY)));
        // The same search finds it where it may be.
        let office = sightings(&app.office, &app.cookie(&app.office), &paths, &PAGES);
        for seen in ["/service-requests", "/service-logs", "/owed", "/visits", "/document", "/instance", "/requests/ZQ0001", "/plans/PLAN-2026-0001/coverage",
            "/reports?report=service-fidelity", "/reports/service-fidelity.csv", "/api/v1/reports/service-fidelity/csv"] {
            assert!(office.iter().any(|path| path.contains(seen)), "{seen}: {office:?}");
        }
    }
}
