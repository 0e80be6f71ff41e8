//! Plans, one plan, two plans compared, and coverage, on plans that the real planner made.

use std::sync::atomic::AtomicBool;

use coop_scheduler::domain::plan_run::{Progress, ProgressPoint};
use coop_scheduler::operations::plan_runs;
use serde_json::json;

use crate::support::app::TestApp;
use crate::support::both::DatabaseKind;
use crate::support::client::Reply;
use crate::support::small_coop::{SmallCoop, id, request};

/// A published plan, a draft with one more request, and a run that waits.
struct TwoPlans {
    app: TestApp,
}

impl TwoPlans {
    fn start() -> TwoPlans {
        let app = TestApp::start(DatabaseKind::Sqlite);
        let coop = SmallCoop::enter(&app.office);
        let (_, plan) = coop.plan(&app);
        app.office.post(&format!("/plans/{plan}/publish"), &json!({})).expect(200);
        let third = id(&app.office.post("/service-requests", &request(&coop.sites[0], &coop.term, 90)).expect(201));
        app.office.act(&format!("/service-requests/{third}/submit")).expect(200);
        app.office.act(&format!("/service-requests/{third}/accept")).expect(200);
        coop.plan(&app);
        let asked = json!({"term_id": coop.term, "seconds_max": 3});
        app.office.post("/plan-runs", &asked).expect(201);
        TwoPlans { app }
    }

    fn get(&self, path: &str) -> Reply {
        let cookie = self.app.cookie(&self.app.office);
        self.app.nobody().send("GET", path, &[("Cookie", &cookie)], None)
    }

    fn html(&self, path: &str) -> String {
        let reply = self.get(path);
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        reply.text()
    }
}

#[test]
fn plans_are_listed_with_what_they_meet_and_how_good_they_are() {
    let plans = TwoPlans::start();
    let html = plans.html("/plans");
    assert!(html.contains("2 plans. PLAN-2026-0001 is in use.") && html.contains("180 of 660"), "{html}");
    assert!(html.contains("270 of 750") && html.contains("Proven best"), "{html}");
    for state in ["In use", "Draft", "Making"] {
        assert!(html.contains(&format!(" {state}</span>")), "{state}: {html}");
    }
    assert!(html.contains("href=\"/plans/PLAN-2026-0002/compare/PLAN-2026-0001\""));
    assert!(!html.contains("/plans/RUN-2026-0001\""), "a run with a plan is told as its plan");
    let waiting = plans.html("/plans/RUN-2026-0003");
    assert!(waiting.contains("Making a draft plan") && waiting.contains("3 requests, 2 specialists, 2 schools"));
    assert!(waiting.contains("<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>"));
    let done = plans.get("/plans/RUN-2026-0001");
    assert_eq!((done.status, done.header("Location")), (303, "/plans/PLAN-2026-0001"));
}

#[test]
fn a_plan_says_how_good_it_is() {
    let plans = TwoPlans::start();
    let html = plans.html("/plans/PLAN-2026-0001");
    let limit = "No plan can place more than 180 IEP-mandated minutes with these people, hours and rules.";
    assert!(html.contains(limit) && html.contains("This plan places 180. It is proven best."), "{html}");
    assert!(html.contains("<dt>Requests met to the last minute</dt><dd>1 of 2</dd>"), "{html}");
    assert!(html.contains("District B, 20% (120 of 600)"), "who goes shortest: {html}");
    for missing in ["/plans/PLAN-1999-0001", "/plans/RUN-1999-0001", "/plans/PLAN-2026-0001/compare/PLAN-1999-0001"] {
        assert_eq!(plans.get(missing).status, 404, "{missing}");
    }
}

#[test]
fn two_plans_are_compared_by_specialist_school_and_request() {
    let plans = TwoPlans::start();
    let html = plans.html("/plans/PLAN-2026-0002/compare/PLAN-2026-0001");
    assert!(html.contains("What was asked for changed in between: 2 requests then, 3 now."), "{html}");
    assert!(html.contains("<span class=\"difference better\">90 more</span>"), "{html}");
    assert!(html.contains("What changes from PLAN-2026-0001 to PLAN-2026-0002") && html.contains(" Added</span>"));
    assert!(html.contains("<a href=\"/requests/SR-2026-0003\">SR-2026-0003</a>"), "{html}");
    assert!(html.contains("Specialist S-") && html.contains("<svg viewBox=\"-90 0"), "names and the day's picture");
    let by_request = plans.html("/plans/PLAN-2026-0002/compare/PLAN-2026-0001?by=request");
    assert!(by_request.contains("Speech at School A-1") && by_request.contains("with Specialist S-"), "{by_request}");
    let by_school = plans.html("/plans/PLAN-2026-0002/compare/PLAN-2026-0001?by=school");
    assert!(by_school.contains("<strong>School A-1</strong> <span class=\"quiet\">District A</span>"), "{by_school}");
    let back = plans.html("/plans/PLAN-2026-0001/compare/PLAN-2026-0002");
    assert!(back.contains(" Removed</span>") && back.contains("<s><span class=\"hidden\">was </span>"), "{back}");
    let same = plans.html("/plans/PLAN-2026-0001/compare/PLAN-2026-0001");
    assert!(same.contains("No visit changes.") && same.contains("<strong>none</strong>"), "{same}");
}

#[test]
fn coverage_shows_schools_or_districts_and_why_minutes_are_unmet() {
    let plans = TwoPlans::start();
    let led = plans.get("/coverage?rows=districts&priority=mandated");
    let address = "/plans/PLAN-2026-0001/coverage?rows=districts&priority=mandated";
    assert_eq!((led.status, led.header("Location")), (303, address));
    assert_eq!(plans.get("/coverage?plan=PLAN-1999-0001").status, 404);

    let schools = plans.html("/plans/PLAN-2026-0001/coverage");
    assert!(schools.contains("180 of 660 requested minutes are met each week. 480 are not, and 480 of those"));
    assert!(schools.contains("School B-1<span class=\"second\">District B</span>"), "{schools}");
    assert!(schools.contains("href=\"/requests?district=B&#38;school=B-1&#38;service=SLP\""), "{schools}");
    assert!(schools.contains("Speech at District B") && schools.contains("480 of 600 minutes a week are unmet."));
    assert!(schools.contains("All 480 are IEP-mandated.") && schools.contains("20% met"), "{schools}");
    let districts = plans.html(address);
    assert!(districts.contains(">District</th>") && !districts.contains("School B-1<span"), "{districts}");
    let consults = plans.html("/plans/PLAN-2026-0001/coverage?priority=consult");
    assert!(consults.contains("Every requested minute is met."), "{consults}");
    let list = plans.html("/requests?school=B-1");
    assert!(list.contains("Showing 1 of 3 requests."), "{list}");
}

/// The minutes in `(60 min)` behind each cause.
fn minutes_of_causes(html: &str) -> Vec<i64> {
    let heads = html.split(" min).</strong>").filter_map(|before| before.rsplit_once('('));
    heads.filter_map(|(_, minutes)| minutes.replace(',', "").parse().ok()).collect()
}

#[test]
fn causes_add_up_to_the_unmet_minutes() {
    let plans = TwoPlans::start();
    let html = plans.html("/requests/SR-2026-0002");
    let causes = minutes_of_causes(&html);
    if causes.is_empty() {
        assert!(html.contains("Why 480 minutes are unmet"), "{html}");
    } else {
        assert_eq!(causes.iter().sum::<i64>(), 480, "{html}");
    }
}

#[test]
fn without_plans_the_pages_say_what_they_are_for() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    let cookie = app.cookie(&app.office);
    for (path, words) in [("/plans", "No plans yet"), ("/coverage", "No plan is in use yet")] {
        let reply = app.nobody().send("GET", path, &[("Cookie", &cookie)], None);
        assert!(reply.status == 200 && reply.text().contains(words), "{path}: {}", reply.text());
    }
}

#[test]
fn what_was_tried_on_a_plan_is_told_with_its_gain_and_cost() {
    let app = TestApp::start(DatabaseKind::Sqlite);
    let coop = SmallCoop::enter(&app.office);
    let (_, plan) = coop.plan(&app);
    app.office.post(&format!("/plans/{plan}/publish"), &json!({})).expect(200);
    let coverage = || {
        let cookie = app.cookie(&app.office);
        app.nobody().send("GET", "/plans/PLAN-2026-0001/coverage", &[("Cookie", &cookie)], None).text()
    };
    assert!(coverage().contains("Not tried yet"));
    let longer = json!({"kind": "visit_length", "request": "SR-2026-0002", "min": 30, "max": 240});
    let hire = |minutes: u32| {
        json!({"kind": "hire", "discipline": "SLP", "minutes_per_week": minutes, "employer": "coop",
               "cents_per_hour": 6000})
    };
    for (name, change) in [("Half time", hire(660)), ("Full time", hire(1_320)), ("Longer visits", longer)] {
        let asked = json!({"name": name, "changes": [change], "seconds_max": 3});
        app.office.post(&format!("/plans/{plan}/scenarios"), &asked).expect(201);
        app.app.planner().expect("a planner").work(&AtomicBool::new(false));
    }
    let html = coverage();
    // 11 hours at 60 dollars, 36 weeks a year.
    assert!(html.contains(">Half time<") && html.contains("$23,760"), "{html}");
    let row = html.split("<tr>").find(|row| row.contains(">Longer visits<")).expect("a row");
    // Two visits of 240 minutes instead of 60.
    assert!(row.contains("data-label=\"More minutes met\">360<") && row.contains(">$0<"), "{row}");
    let first = html.find(">Longer visits<").zip(html.find(">Half time<")).expect("both");
    assert!(first.0 < first.1, "what costs nothing comes first");
    assert!(html.contains("Hours a week added") && html.contains("480 min unmet today"), "{html}");
}

#[test]
fn a_run_at_work_shows_its_curve_with_the_numbers_beside_it() {
    let plans = TwoPlans::start();
    let done = plans.app.office.get("/plan-runs?limit=1").expect(200)["items"][0].clone();
    let curve = done["progress"]["curve"].as_array().expect("a list");
    assert!(curve.len() == 1 || curve.is_sorted_by_key(|one| one["elapsed_seconds"].as_i64()), "{done}");
    assert_eq!(curve.last().expect("what the planner told")["best_mandated_minutes"], 180, "{done}");

    let operations = &plans.app.app.operations;
    let run = plan_runs::claim(operations).expect("the database").expect("the run that waits");
    let html = plans.html("/plans/RUN-2026-0003");
    assert!(!html.contains("run-curve"), "nothing is known yet");
    let point = |elapsed_seconds, best_mandated_minutes, bound_mandated_minutes| ProgressPoint {
        elapsed_seconds,
        best_mandated_minutes,
        bound_mandated_minutes,
    };
    let progress = Progress {
        phase: "Searching for better days, sharing shortage fairly".to_owned(),
        best_mandated_minutes: Some(240),
        bound_mandated_minutes: Some(270),
        elapsed_seconds: 3,
        curve: vec![point(0, 180, None), point(1, 180, Some(270)), point(2, 240, Some(270))],
    };
    plan_runs::report(operations, &run, &progress).expect("written down");
    let html = plans.html("/plans/RUN-2026-0003");
    let words = "After 3 seconds the best plan went from 180 to 240 minutes of IEP-mandated visits; no plan can have more \
                 than 270.";
    assert!(html.contains(&format!("role=\"img\" aria-label=\"{words}\"")), "{html}");
    assert!(
        html.contains("<polyline class=\"best-line\"") && html.contains("<polyline class=\"limit-line\""),
        "{html}"
    );
    assert!(
        html.contains("<th scope=\"row\">2 seconds</th><td class=\"number\">240</td><td class=\"number\">270</td>")
    );
    assert!(!html.contains("style="), "no style beside the style sheet");
    let told = plans.app.office.get(&format!("/plan-runs/{}", run.id)).expect(200);
    assert_eq!(
        told["progress"]["curve"][1],
        json!({"elapsed_seconds": 1, "best_mandated_minutes": 180, "bound_mandated_minutes": 270})
    );
}
