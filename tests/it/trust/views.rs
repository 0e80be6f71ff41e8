//! Every view and export of restricted records is written down: one entry each, before it is answered.

use coop_scheduler::domain::audit::{Concerned, Outcome};
use serde_json::Value;

use super::{meddle, trail};
use crate::support::both::on_both_databases;
use crate::support::small_coop::{SmallCoop, id};

/// A page that asks for the parts of the program bare would act "on the command line".
#[test]
fn every_page_knows_from_where_it_is_asked() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/ui");
    for entry in std::fs::read_dir(folder).expect("the pages") {
        let path = entry.expect("a file").path();
        let is_asked = ["visitor.rs", "holder.rs"].iter().any(|name| path.ends_with(name));
        if path.is_file() && !is_asked {
            let text = std::fs::read_to_string(&path).expect("a file");
            assert!(
                !text.contains("operations: web::Data<Operations>,\n"),
                "{}: take visitor::AskedHere",
                path.display()
            );
        }
    }
}

on_both_databases! {
    fn c48_every_view_of_requests_is_recorded(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let (coordinators, _) = coop.accounts(app);
        let all = app.office.get("/service-requests").expect(200);
        let requests: Vec<&Value> = all["items"].as_array().expect("a list").iter().collect();
        let own = |n: usize| id(requests[n]);
        let before = trail(app).len();
        // A fixed walk over actors and addresses that looks random and is the same each time.
        let mut state: u64 = 48;
        let mut expected = Vec::new();
        for _ in 0..1000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let (who, what) = ((state >> 33) % 3, (state >> 43) % 4);
            let client = [&app.office, &coordinators[0], &coordinators[1]][who as usize];
            let n = who.saturating_sub(1) as usize;
            let path = match what {
                0 => "/service-requests".to_owned(),
                1 => "/service-requests?state=accepted&limit=1".to_owned(),
                _ => format!("/service-requests/{}", own(n)),
            };
            client.get(&path).expect(200);
            expected.push((path, who));
        }
        let rows = trail(app).split_off(before);
        let rows: Vec<_> = rows.iter().filter(|entry| entry.fields.action == "view").collect();
        assert_eq!(rows.len(), 1000);
        for (entry, (path, who)) in rows.iter().zip(&expected) {
            let fields = &entry.fields;
            assert!(fields.detail.starts_with(&format!("GET /api/v1{path}")), "{} is not {path}", fields.detail);
            assert_eq!((fields.subject_kind.as_str(), fields.address.as_str()), ("service_request", "127.0.0.1"));
            assert!(fields.means.starts_with("token ") && fields.account_id.is_some() && fields.outcome == Outcome::Done);
            assert_eq!(fields.subject_code.is_empty(), !path.ends_with(|last: char| last.is_ascii_hexdigit()) || path.contains('='), "{path}");
            let own = Concerned::Members(vec![coop.members[usize::from(*who == 2)].parse().expect("an identity")]);
            match (who, fields.subject_code.is_empty()) {
                (0, true) => assert_eq!(fields.members, Concerned::Everybody),
                _ => assert_eq!(fields.members, own),
            }
        }
    }

    fn what_is_seen_of_others_restricted_records_is_recorded_too(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let made = coop.make(app);
        let (coordinators, specialists) = coop.accounts(app);
        let views = [
            (&app.office, format!("/plans/{}/visits", made.plan), "view", "visit"),
            (&coordinators[0], format!("/plans/{}/shortfalls", made.plan), "view", "shortfall"),
            (&coordinators[0], format!("/plans/{}/coverage", made.plan), "view", "coverage"),
            (&specialists[0], format!("/plans/{}/visits", made.plan), "view", "visit"),
            (&specialists[0], format!("/specialists/{}/contracts", coop.specialists[0]), "view", "work_terms"),
            (&app.office, format!("/contracts/{}", coop.contracts[0]), "view", "work_terms"),
            (&specialists[0], "/credentials".to_owned(), "view", "work_terms"),
            (&app.office, format!("/plans/{}/workload", made.plan), "view", "work_terms"),
            (&app.office, "/cost-shares".to_owned(), "view", "cost_share"),
            (&coordinators[1], format!("/cost-shares/{}", made.cost_share), "view", "cost_share"),
            (&coordinators[1], format!("/cost-shares/{}/csv", made.cost_share), "export", "cost_share"),
            (&app.office, format!("/plans/{}/document", made.plan), "export", "plan_document"),
            (&app.office, format!("/plan-runs/{}/instance", made.run), "export", "plan_instance"),
            (&app.office, format!("/plans/{}/compare/{}", made.draft, made.plan), "view", "plan_document"),
        ];
        for (client, path, action, kind) in views {
            let before = trail(app).len();
            assert_eq!(client.get(&path).status, 200, "{path}");
            let new = trail(app).split_off(before);
            let told: Vec<_> = new.iter().map(|one| (one.fields.action.as_str(), one.fields.subject_kind.as_str())).collect();
            assert_eq!(told, [(action, kind)], "{path}");
        }
        // A page that shows several kinds makes one entry, with all of them.
        let before = trail(app).len();
        let cookie = app.cookie(&coordinators[0]);
        let page = app.nobody().send("GET", "/overview?name=Jordan", &[("Cookie", &cookie)], None);
        assert_eq!(page.status, 200);
        let new = trail(app).split_off(before);
        assert_eq!(new.len(), 1);
        let fields = &new[0].fields;
        assert!(fields.subject_kind == "coverage, shortfall, visit", "{fields:?}");
        assert!(fields.means.starts_with("session ") && fields.detail.starts_with("GET /overview "), "{fields:?}");
        assert!(!fields.detail.contains("Jordan"), "what stands after a page's address may be anything");
        // What is not restricted leaves no entry.
        let before = trail(app).len();
        for path in ["/me", "/members", "/terms", "/plans", "/disciplines"] {
            app.office.get(path).expect(200);
        }
        assert_eq!(trail(app).len(), before);
    }

    fn what_cannot_be_written_down_is_not_shown(app: &TestApp) {
        SmallCoop::enter(&app.office);
        app.office.get("/service-requests").expect(200);
        let sqlite = "CREATE TRIGGER stop BEFORE INSERT ON audit_entries BEGIN SELECT RAISE(ABORT, 'stop'); END";
        let postgres = "ALTER TABLE audit_entries ADD CONSTRAINT stop CHECK (seq < 0) NOT VALID";
        super::meddle_with(app, sqlite, postgres).expect("the owner can");
        let refused = app.office.get("/service-requests");
        assert_eq!(refused.status, 503, "{}", refused.text());
        assert!(!refused.text().contains("SR-2026"));
        app.office.get("/members").expect(200);
        super::meddle_with(app, "DROP TRIGGER stop", "ALTER TABLE audit_entries DROP CONSTRAINT stop").expect("done");
        app.office.get("/service-requests").expect(200);
    }

    fn c51_refusals_of_known_accounts_are_recorded(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let (coordinators, _) = coop.accounts(app);
        let all = app.office.get("/service-requests").expect(200);
        let other = id(&all["items"][1]);
        let before = trail(app).len();
        coordinators[0].get(&format!("/service-requests/{other}")).expect_problem(404, "not-found");
        coordinators[0].get("/audit-entries").expect_problem(404, "not-found");
        coordinators[0].post("/members", &crate::support::small_coop::member("X")).expect_problem(403, "forbidden");
        let cookie = app.cookie(&coordinators[0]);
        let count = trail(app).len();
        let forged = app.nobody().send("POST", "/sign-out", &[("Cookie", &cookie), ("Sec-Fetch-Site", "cross-site")], Some(b""));
        assert_eq!(forged.status, 403);
        let new = trail(app).split_off(before);
        let told: Vec<(&str, &str, &str)> = new
            .iter()
            .filter(|one| one.fields.outcome == Outcome::Refused)
            .map(|one| (one.fields.action.as_str(), one.fields.subject_code.as_str(), one.fields.detail.as_str()))
            .collect();
        let asked = format!("GET /api/v1/service-requests/{other}");
        assert_eq!(told, [
            ("refuse", asked.as_str(), "404"),
            ("refuse", "GET /api/v1/audit-entries", "404"),
            ("refuse", "POST /api/v1/members", "403"),
            ("refuse", "POST /sign-out", "403"),
        ]);
        assert!(new.iter().all(|one| one.fields.account_id.is_some()) && trail(app).len() == count + 1);
        // Nobody known: nothing is written, so that strangers cannot fill the trail.
        app.nobody().get("/members").expect_problem(401, "sign-in-required");
        let mut stranger = app.office.clone();
        stranger.token = Some("coop_guess".to_owned());
        stranger.get("/members").expect_problem(401, "sign-in-required");
        assert_eq!(trail(app).len(), count + 1);
        meddle(app, "SELECT 1").expect("the database answers");
    }

    fn the_trail_of_a_member_is_found_and_exported(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let (coordinators, _) = coop.accounts(app);
        coordinators[1].get("/service-requests").expect(200);
        let of = |query: &str| -> Vec<Value> {
            app.office.get(&format!("/audit-entries?limit=200&{query}")).expect(200)["items"].as_array().expect("a list").clone()
        };
        let told = |items: &[Value]| -> Vec<String> {
            items.iter().map(|one| format!("{} {} {}", one["action"], one["subject_kind"], one["subject_code"]).replace('"', "")).collect()
        };
        let b = told(&of(&format!("member={}", coop.members[1])));
        for expected in ["create site B-1", "submit service_request SR-2026-0002", "view service_request "] {
            assert!(b.iter().any(|one| one == expected), "{expected}: {b:?}");
        }
        assert!(!b.iter().any(|one| one.ends_with("site A-1") || one.ends_with("SR-2026-0001")), "{b:?}");
        assert!(told(&of("kind=term")).iter().all(|one| one == "create term SPRING-2027"));
        assert_eq!(told(&of("code=SR-2026-0002")).len(), 3);
        assert_eq!(of("until=2026-11-02T17:59:59Z").len(), 0);
        app.later(3600);
        app.office.post("/members", &crate::support::small_coop::member("C")).expect(201);
        assert_eq!(told(&of("from=2026-11-02T18:30:00Z")), ["create member C"]);
        assert_eq!(app.office.get("/audit-entries?from=yesterday").status, 422);

        let export = ["audit", "export", "--member", "B", "--as", "director@coop.example.org"];
        let (is_well, csv) = super::chain::run(app, &export);
        assert!(is_well && csv.starts_with("seq,at,account,means,address,action,kind,code,members,"), "{csv}");
        assert_eq!(csv.lines().count(), b.len() + 1, "{csv}");
        assert!(csv.contains(",coordinator.1@example.org,token ") && csv.contains(",view,service_request,,B,"), "{csv}");
        let last = trail(app).pop().expect("an entry").fields;
        assert_eq!((last.action.as_str(), last.subject_kind.as_str(), last.means.as_str()), ("export", "audit_entry", "command line"));
    }
}
