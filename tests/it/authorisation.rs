//! Who may do what: every route of the served description, for every role, on own, another's and missing records.
//!
//! A route without a row fails the test, and so does a row without a route. What somebody may not see must answer
//! exactly like what does not exist.

mod non_interference;
mod rows;

use std::collections::{BTreeMap, BTreeSet};

use coop_scheduler::db::suppressed_addresses;
use coop_scheduler::domain::account::Role;
use coop_scheduler::domain::email::SuppressedBecause;
use serde_json::{Value, json};

use rows::ROWS;

use crate::support::app::TestApp;
use crate::support::both::on_both_databases;
use crate::support::client::{Client, Reply};
use crate::support::demo_coop::noon;
use crate::support::small_coop::{
    Made, SmallCoop, contract, hours, id, license, member, paperwork, request, site, specialist, supervised,
};

/// Routes that need no token.
const OPEN: &[&str] = &["GET /healthz", "GET /readyz", "GET /problems/{slug}"];

/// What the program decides and nobody enters, except where a body has an entry of that name.
const DECIDED: [&str; 9] =
    ["id", "version", "state", "code", "member_id", "role", "amount_cents", "net_cents", "created_at"];

const MISSING: &str = "01900000-0000-7000-8000-000000000000";

/// A closed day of a member.
fn closed(member: &str, name: &str) -> Value {
    json!({
        "member_id": member, "kind": "holiday", "name": name, "starts_on": "2027-02-15", "ends_on": "2027-02-15"
    })
}

/// An address to which nothing is sent.
fn suppress(app: &TestApp, address: &str) -> String {
    let because = SuppressedBecause::Refused;
    let insert = |tx: &mut _| suppressed_addresses::insert(tx, address, because, "550", noon());
    app.app.operations.database.write(insert).expect("an address");
    let listed = app.office.get("/suppressed-addresses?limit=200").expect(200);
    id(listed["items"].as_array().and_then(|items| items.last()).expect("it is listed"))
}

/// Records of both halves of the co-op.
struct Records<'a> {
    coop: &'a SmallCoop,
    made: &'a Made,
    withdrawn: [String; 2],
    accounts: [String; 2],
    tokens: [String; 2],
    email: String,
    suppressed: [String; 2],
    scenario: String,
    days: [String; 2],
    away: [String; 2],
    feeds: [String; 2],
    dated: [String; 2],
    credentials: [String; 2],
    blocks: [String; 2],
    logs: [String; 2],
}

impl<'a> Records<'a> {
    fn enter(app: &TestApp, coop: &'a SmallCoop, made: &'a Made) -> Records<'a> {
        let office = &app.office;
        let withdrawn = [0, 1].map(|n| {
            let entered = id(&office.post("/service-requests", &request(&coop.sites[n], &coop.term, 30)).expect(201));
            office.act(&format!("/service-requests/{entered}/withdraw")).expect(200);
            entered
        });
        let account =
            |n: usize| json!({"name": "Ana", "email": format!("ana{n}@example.org"), "roles": [{"role": "finance"}]});
        let accounts = [0, 1].map(|n| id(&office.post("/accounts", &account(n)).expect(201)));
        let tokens = [0, 1].map(|n| {
            let path = format!("/accounts/{}/tokens", accounts[n]);
            id(&office.post(&path, &json!({"name": "Spare"})).expect(201))
        });
        let email = id(&office.get("/emails?limit=1").expect(200)["items"][0]);
        let suppressed = ["a@x.example", "b@x.example"].map(|address| suppress(app, address));
        let away = json!({"name": "Away", "changes": [{"kind": "absence", "specialist": "S-1", "days": ["mon"]}]});
        let scenario = id(&office.post(&format!("/plans/{}/scenarios", made.plan), &away).expect(201));
        office.act(&format!("/scenarios/{scenario}/archive")).expect(200);
        let days =
            [0, 1].map(|n| id(&office.post("/calendar-entries", &closed(&coop.members[n], "Holiday")).expect(201)));
        let away = [0, 1].map(|n| {
            let body = json!({"reason": "family", "starts_on": "2027-02-08", "ends_on": "2027-02-08"});
            id(&office.post(&format!("/specialists/{}/time-away", coop.specialists[n]), &body).expect(201))
        });
        let feeds = [0, 1]
            .map(|n| id(&office.post("/calendar-feeds", &json!({"specialist_id": coop.specialists[n]})).expect(201)));
        let visits = office.get("/dated-visits?limit=200").expect(200);
        let dated = [0, 1].map(|n| {
            let is_own =
                |one: &&Value| one["member_id"] == coop.members[n] && one["specialist_id"] == coop.specialists[n];
            id(visits["items"].as_array().expect("items").iter().find(is_own).expect("each serves the own member too"))
        });
        let below = |n: usize, list: &str, body: Value| {
            id(&office.post(&format!("/specialists/{}/{list}", coop.specialists[n]), &body).expect(201))
        };
        let credentials = [0, 1].map(|n| below(n, "credentials", license("2029-01-01")));
        let blocks = [0, 1].map(|n| below(n, "indirect-blocks", paperwork(30)));
        let logs = [0, 1].map(|n| {
            let assistant = coop.assistant(office, n, ["AS-1", "AS-2"][n]);
            below(n, "supervision-logs", supervised(&assistant))
        });
        Records {
            coop,
            made,
            withdrawn,
            accounts,
            tokens,
            email,
            suppressed,
            scenario,
            days,
            away,
            feeds,
            dated,
            credentials,
            blocks,
            logs,
        }
    }

    /// The path of a route for the records of one half, or for missing ones.
    fn path(&self, route: &str, half: Option<usize>) -> String {
        let n = half.unwrap_or(0);
        let first = route.trim_start_matches('/').split('/').next().unwrap_or_default();
        let record = match first {
            "members" => &self.coop.members[n],
            "sites" => &self.coop.sites[n],
            "terms" => &self.coop.term,
            "specialists" => &self.coop.specialists[n],
            "contracts" => &self.coop.contracts[n],
            "availability" => &self.coop.availability[n],
            "service-requests" => &self.withdrawn[n],
            "plan-runs" => &self.made.run,
            "plans" => [&self.made.plan, &self.made.draft][n],
            "scenarios" => &self.scenario,
            "cost-shares" => &self.made.cost_share,
            "calendar-entries" => &self.days[n],
            "time-away" => &self.away[n],
            "calendar-feeds" => &self.feeds[n],
            "dated-visits" => &self.dated[n],
            "credentials" => &self.credentials[n],
            "indirect-blocks" => &self.blocks[n],
            "supervision-logs" => &self.logs[n],
            "suppressed-addresses" => &self.suppressed[n],
            "accounts" => &self.accounts[n],
            _ => &self.email,
        };
        let values = [
            ("{id}", record.as_str()),
            ("{token_id}", &self.tokens[n]),
            ("{from}", &self.coop.sites[n]),
            ("{to}", &self.coop.sites[1 - n]),
            ("{other}", &self.made.draft),
        ];
        let fill = |path: String, (place, value): &(&str, &str)| path.replace(place, half.map_or(MISSING, |_| value));
        values.iter().fold(route.to_owned(), fill)
    }

    /// A body of the right shape that is refused once it is clear that the actor may send it.
    fn body(&self, method: &str, route: &str) -> Value {
        let coop = self.coop;
        match (method, route) {
            (_, "/me/email-choices") => json!({"schedule": "never"}),
            (_, "/members" | "/members/{id}") => member("A"),
            (_, "/sites" | "/sites/{id}") => site(&coop.members[0], "A-1"),
            (_, "/travel/{from}/{to}") => json!({"minutes": -1, "miles_hundredths": 0}),
            (_, "/terms" | "/terms/{id}") => {
                json!({"code": "SPRING-2027", "name": "Spring", "starts_on": "2027-01-04", "ends_on": "2027-05-28"})
            }
            (_, "/calendar-entries" | "/calendar-entries/{id}") => closed(&coop.members[0], ""),
            (_, "/calendar-imports") => json!({"member_id": coop.members[0]}),
            (_, "/specialists/{id}/time-away" | "/time-away/{id}") => {
                json!({"reason": "other", "starts_on": "2027-03-02", "ends_on": "2027-03-01"})
            }
            (_, "/specialists/{id}/credentials" | "/credentials/{id}") => license("2019-01-01"),
            (_, "/specialists/{id}/indirect-blocks" | "/indirect-blocks/{id}") => paperwork(7),
            (_, "/specialists/{id}/supervision-logs") => supervised(MISSING),
            (_, "/imports") => json!({"term": "NONE", "files": {}}),
            (_, "/specialists" | "/specialists/{id}") => specialist("S-1"),
            (_, "/specialists/{id}/contracts" | "/contracts/{id}") => contract(&coop.members[0], &coop.sites[0]),
            (_, "/specialists/{id}/availability" | "/availability/{id}") => hours(),
            (_, "/service-requests" | "/service-requests/{id}") => request(&coop.sites[0], &coop.term, 7),
            (_, "/service-requests/{id}/decline") => json!({"reason": "No"}),
            (_, "/plan-runs") => json!({"term_id": coop.term, "seconds_max": 0}),
            (_, "/plans/{id}/scenarios") => json!({"name": "", "changes": []}),
            (_, "/plans/{id}/scenarios/one-more") => json!({"seconds_max": 0}),
            (_, "/cost-shares") => {
                json!({"plan_id": MISSING, "period_from": "2027-01-04", "period_until": "2027-02-01"})
            }
            (_, "/accounts" | "/accounts/{id}") => {
                json!({"name": "Ana", "email": "ana0@example.org", "roles": [{"role": "finance"}]})
            }
            (_, "/accounts/{id}/tokens") => json!({"name": ""}),
            (_, "/accounts/{id}/hand-over") => json!({"to_account_id": MISSING}),
            (_, "/dated-visits/{id}/log") => json!({"outcome": "delivered", "minutes": 30}),
            (_, "/dated-visits/{id}/cover") => json!({"specialist_id": coop.specialists[1]}),
            (_, "/dated-visits/{id}/make-ups") => json!({
                "specialist_id": coop.specialists[0], "visit_on": "2027-02-05", "starts": "09:00", "ends": "09:30"
            }),
            (_, "/specialists/{id}/log-day-as-planned") => json!({"date": "2027-02-05"}),
            (_, "/returned-mail") => json!({"message": "Subject: Thank you\n\nI got it.\n"}),
            (_, "/locked-months") => json!({"month": "2027-02"}),
            _ => json!({}),
        }
    }

    fn send(&self, client: &Client, route: &str, half: Option<usize>) -> Reply {
        let (method, route) = route.split_once(' ').expect("a method and a path");
        let path = format!("/api/v1{}", self.path(route, half));
        let body = self.body(method, route).to_string();
        let acts = [
            "submit",
            "withdraw",
            "end",
            "accept",
            "cancel",
            "resend",
            "resume",
            "archive",
            "invitation",
            "renew-dated-visits",
            "log-as-planned",
            "release-cover",
            "take-back",
        ];
        let bare = acts.iter().any(|verb| route.ends_with(&format!("/{verb}")));
        let headers: &[(&str, &str)] = if route.ends_with("/publish") { &[("If-Match", "\"99\"")] } else { &[] };
        match method {
            "GET" | "DELETE" => client.send(method, &path, &[], None),
            _ if bare => client.send(method, &path, &[], Some(b"")),
            _ => client.send(method, &path, headers, Some(body.as_bytes())),
        }
    }
}

/// An answer without what differs from request to request.
fn comparable(reply: &Reply) -> (u16, BTreeMap<String, String>, String) {
    let request_id = reply.header("X-Request-Id");
    let headers = reply.headers.iter().filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()));
    let headers = headers.map(|(name, value)| (name.to_string(), format!("{value:?}"))).collect();
    (reply.status, headers, reply.text().replace(request_id, ""))
}

fn described_routes(app: &TestApp) -> BTreeSet<String> {
    let document = app.nobody().send("GET", "/openapi.json", &[], None).expect(200);
    let mut routes = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for method in operations.as_object().expect("operations").keys() {
            routes.insert(format!("{} {}", method.to_uppercase(), path.trim_start_matches("/api/v1")));
        }
    }
    routes
}

/// Statuses on own and on another's record.
fn halves(expected: &str) -> (u16, u16) {
    let (own, other) = expected.split_once('/').unwrap_or((expected, expected));
    (own.parse().expect("a status"), other.parse().expect("a status"))
}

on_both_databases! {
    fn every_route_knows_who_may_use_it(app: &TestApp) {
        let rows: BTreeSet<String> = ROWS.iter().map(|(route, _)| route).chain(OPEN).map(|&route| route.to_owned()).collect();
        assert_eq!(described_routes(app), rows, "each route needs a row, each row a route");

        let coop = SmallCoop::enter(&app.office);
        let made = coop.make(app);
        let records = Records::enter(app, &coop, &made);
        let finance = app.sign_up("Finance", Role::Finance);
        let board = app.sign_up("Board", Role::Board);
        let (coordinators, specialists) = coop.accounts(app);
        let member_finances = [0, 1].map(|n| app.sign_up(&format!("Member finance {n}"), coop.member_finance(n)));
        let both = [0, 1].map(|n| app.sign_up_as(&format!("Both {n}"), &[coop.coordinator(n), coop.specialist(n)]));
        let nobody = app.nobody();
        // Of each role: its column, and which half is its own.
        let mut actors = vec![(&finance, 1, 0)];
        actors.extend(coordinators.iter().enumerate().map(|(half, client)| (client, 2, half)));
        actors.extend(specialists.iter().enumerate().map(|(half, client)| (client, 3, half)));
        actors.extend(member_finances.iter().enumerate().map(|(half, client)| (client, 4, half)));
        actors.push((&board, 5, 0));
        actors.extend(both.iter().enumerate().map(|(half, client)| (client, 6, half)));
        // The office comes last: its revocation of tokens succeeds.
        actors.push((&app.office, 0, 0));

        let mut wrong = Vec::new();
        for (route, expected) in ROWS {
            for half in [Some(0), Some(1), None] {
                records.send(&nobody, route, half).expect_problem(401, "sign-in-required");
            }
            let plans = route.contains(" /plans/");
            for &(client, column, half) in &actors {
                let half = if plans { 0 } else { half };
                let (own, other) = halves(expected[column]);
                let got_own = records.send(client, route, Some(half));
                let got_other = records.send(client, route, Some(1 - half));
                if (got_own.status, got_other.status) != (own, other) {
                    let got = (got_own.status, got_other.status);
                    wrong.push(format!("{route}, column {column}, half {half}: expected {:?}, got {got:?}", (own, other)));
                }
                if !route.contains('{') {
                    continue;
                }
                let missing = records.send(client, route, None);
                if missing.status != 404 && !route.contains("/travel/") {
                    wrong.push(format!("{route}, column {column}: a missing record answers {}", missing.status));
                }
                if other == 404 && comparable(&got_other) != comparable(&missing) {
                    wrong.push(format!("{route}, column {column}: another's {got_other:?} is not like missing {missing:?}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    fn c38_nobody_sets_what_the_program_decides(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let made = coop.make(app);
        let records = Records::enter(app, &coop, &made);
        let document = app.nobody().send("GET", "/openapi.json", &[], None).expect(200);
        let mut tried = 0;
        for (route, _) in ROWS {
            let (method, path) = route.split_once(' ').expect("a method and a path");
            let described = &document["paths"][format!("/api/v1{path}")][method.to_lowercase()];
            let Some(name) = described["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str() else {
                continue;
            };
            let schema = document.pointer(name.trim_start_matches('#')).expect("a schema");
            let address = format!("/api/v1{}", records.path(path, Some(0)));
            for field in DECIDED {
                if schema["properties"].get(field).is_some() {
                    continue;
                }
                let mut body = records.body(method, path);
                body[field] = json!(coop.members[1]);
                let reply = app.office.send(method, &address, &[("If-Match", "\"1\"")], Some(body.to_string().as_bytes()));
                let faults = reply.expect_problem(422, "invalid-entries");
                assert!(faults.iter().any(|(place, _)| *place == format!("/{field}")), "{route} {field}: {faults:?}");
                tried += 1;
            }
        }
        assert!(tried > 20 * DECIDED.len(), "{tried} tries are too few");
        for (role, place) in [
            (json!({"role": "office", "member_id": coop.members[0]}), "/roles/0/member_id"),
            (json!({"role": "coordinator", "member_id": coop.members[0], "specialist_id": MISSING}), "/roles/0/specialist_id"),
        ] {
            let body = json!({"name": "Ben", "email": "ben@example.org", "roles": [role]});
            let faults = app.office.post("/accounts", &body).expect_problem(422, "invalid-entries");
            assert_eq!(faults[0].0, place);
        }
    }

    fn lists_hold_only_what_one_may_see(app: &TestApp) {
        let coop = SmallCoop::enter(&app.office);
        let made = coop.make(app);
        let (coordinators, specialists) = coop.accounts(app);
        let items = |client: &Client, path: &str| client.get(path).expect(200)["items"].as_array().cloned().unwrap_or_default();
        let (visits, shortfalls) = (format!("/plans/{}/visits", made.plan), format!("/plans/{}/shortfalls", made.plan));
        for half in [0, 1] {
            let all = items(&app.office, &visits);
            let own = items(&coordinators[half], &visits);
            assert!(own.iter().all(|visit| visit["member_id"] == coop.members[half]), "{own:?}");
            assert!(!own.is_empty() && own.len() < all.len());
            let own = items(&specialists[half], &visits);
            assert!(own.iter().all(|visit| visit["specialist_id"] == coop.specialists[half]), "{own:?}");
            for path in ["/service-requests", "/sites", &shortfalls] {
                let own = items(&coordinators[half], path);
                assert!(own.iter().all(|one| one["member_id"] == coop.members[half]), "{path}: {own:?}");
            }
            assert_eq!(items(&coordinators[half], "/members").iter().map(id).collect::<Vec<_>>(), [coop.members[half].as_str()]);
            assert_eq!(items(&specialists[half], "/specialists").iter().map(id).collect::<Vec<_>>(), [coop.specialists[half].as_str()]);
            let plans = items(&coordinators[half], "/plans");
            assert_eq!(plans.iter().map(id).collect::<Vec<_>>(), [made.plan.as_str()], "drafts are not shown");
            let statement = coordinators[half].get(&format!("/cost-shares/{}", made.cost_share)).expect(200).to_string();
            let other = ["A", "B"][1 - half];
            assert!(!statement.contains(&format!("\"member\":\"{other}\"")), "{statement}");
        }
    }
}
