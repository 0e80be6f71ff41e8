//! The co-op that lives through a term: its clock, its people, its plans and its calendars.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use coop_scheduler::domain::account::Role;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use super::super::{all, date};
use crate::support::app::TestApp;
use crate::support::client::Client;
use crate::support::demo_coop::{demo_files, noon};
use crate::support::small_coop::{id, request};
use crate::trust::meddle;

/// How long the planner may search: what it finds is good enough to live by.
const SECONDS_MAX: i64 = 2;
/// Keys of a contract that the program gives and nobody enters.
const GIVEN: [&str; 5] = ["id", "specialist_id", "version", "created_at", "updated_at"];

/// The demo co-op and where its story stands.
pub struct Story<'a> {
    /// The program.
    pub app: &'a TestApp,
    /// Chance, the same in every run.
    pub random: ChaCha8Rng,
    /// The time on the program's clock.
    pub at: DateTime<Utc>,
    /// The term.
    pub term: String,
    /// Identities of members by code.
    pub members: BTreeMap<String, String>,
    /// Identities of specialists by code.
    pub people: BTreeMap<String, String>,
    /// The specialists' own accounts, by identity of the specialist.
    pub accounts: BTreeMap<String, Client>,
    /// Who locks months.
    pub finance: Client,
    /// The plan that is followed.
    pub plan: String,
}

fn by_code(records: &[Value]) -> BTreeMap<String, String> {
    let pair = |record: &Value| (record["code"].as_str().expect("a code").to_owned(), id(record));
    records.iter().map(pair).collect()
}

impl<'a> Story<'a> {
    /// The demo is imported, requests are sent and accepted, calendars imported, the term planned and published.
    pub fn begin(app: &'a TestApp) -> Story<'a> {
        let office = &app.office;
        let term = json!({"code": "SPRING-2027", "name": "Spring", "starts_on": "2027-01-04", "ends_on": "2027-05-28"});
        let term = id(&office.post("/terms", &term).expect(201));
        office.post("/imports", &json!({"term": "SPRING-2027", "files": demo_files()})).expect(200);
        let people = by_code(&all(office, "/specialists"));
        let account = |(code, id): (&String, &String)| {
            let role = Role::Specialist { specialist_id: id.parse().expect("an identity") };
            (id.clone(), app.sign_up(code, role))
        };
        let mut story = Story {
            app,
            random: ChaCha8Rng::seed_from_u64(2027),
            at: noon(),
            term,
            members: by_code(&all(office, "/members")),
            accounts: people.iter().map(account).collect(),
            finance: app.sign_up("Finance", Role::Finance),
            people,
            plan: String::new(),
        };
        story.ask();
        // Tokens last for 90 days, and the story for longer.
        meddle(app, "UPDATE api_tokens SET expires_at = '2027-10-01T00:00:00.000000Z'").expect("the owner can");
        story.enter_calendars();
        story.go(date("2026-12-14"), 18);
        story.is_planned();
        story
    }

    fn is_planned(&mut self) {
        self.plan = self.planned(json!({"term_id": self.term, "seconds_max": SECONDS_MAX}));
        self.app.office.post(&format!("/plans/{}/publish", self.plan), &json!({})).expect(200);
    }

    /// The summer's extended school year (ESY): one school of each member asks for an hour a week.
    pub fn summer_begins(&mut self) {
        let office = &self.app.office;
        let term = json!({"code": "ESY-2027", "name": "Summer", "starts_on": "2027-06-07", "ends_on": "2027-07-02"});
        self.term = id(&office.post("/terms", &term).expect(201));
        let sites = all(office, "/sites");
        for (index, member) in self.members.values().enumerate() {
            let site = sites.iter().find(|site| site["member_id"] == *member).expect("a school");
            let mut asked = request(&id(site), &self.term, 60);
            asked["discipline"] = json!(["SLP", "OT", "PT"][index % 3]);
            let asked = id(&office.post("/service-requests", &asked).expect(201));
            office.act(&format!("/service-requests/{asked}/submit")).expect(200);
            office.act(&format!("/service-requests/{asked}/accept")).expect(200);
        }
        self.is_planned();
    }

    /// Moves the clock on to an hour (UTC) of a day.
    pub fn go(&mut self, day: NaiveDate, hour: u32) {
        let to = day.and_time(NaiveTime::from_hms_opt(hour, 30, 0).expect("a time")).and_utc();
        assert!(to >= self.at, "{to} is before {}", self.at);
        self.app.later((to - self.at).num_seconds());
        self.at = to;
    }

    /// A first request by the coordinator of the year-round member, and those of the import.
    fn ask(&mut self) {
        let office = &self.app.office;
        let atlas = &self.members["ATLAS"];
        let sites = all(office, "/sites");
        let site = sites.iter().find(|site| site["member_id"] == *atlas).expect("a school of Atlas");
        let coordinator =
            self.app.sign_up("Atlas", Role::Coordinator { member_id: atlas.parse().expect("an identity") });
        let first = coordinator.post("/service-requests", &request(&id(site), &self.term, 60)).expect(201);
        coordinator.act(&format!("/service-requests/{}/submit", id(&first))).expect(200);
        office.act(&format!("/service-requests/{}/accept", id(&first))).expect(200);
        for draft in &all(office, "/service-requests?state=draft") {
            office.act(&format!("/service-requests/{}/submit", id(draft))).expect(200);
            office.act(&format!("/service-requests/{}/accept", id(draft))).expect(200);
        }
    }

    fn enter_calendars(&self) {
        let usual = include_str!("../../../../config/demo/calendars/usual.csv");
        let year_round = include_str!("../../../../config/demo/calendars/year-round.csv");
        for (code, member) in &self.members {
            let csv = if code == "ATLAS" { year_round } else { usual };
            self.app.office.post("/calendar-imports", &json!({"member_id": member, "csv": csv})).expect(200);
        }
    }

    /// Enters one day in the calendar of some members, all of them when none is named.
    pub fn enter_day(&self, codes: &[&str], kind: &str, day: NaiveDate, released: Option<&str>) {
        for (code, member) in &self.members {
            if codes.is_empty() || codes.contains(&code.as_str()) {
                let mut entry = json!({
                    "member_id": member, "kind": kind, "name": "As it came", "starts_on": day, "ends_on": day
                });
                if let Some(released) = released {
                    entry["released"] = json!(released);
                }
                self.app.office.post("/calendar-entries", &entry).expect(201);
            }
        }
    }

    /// Lets the real planner make a draft.
    fn planned(&self, asked: Value) -> String {
        let run = id(&self.app.office.post("/plan-runs", &asked).expect(201));
        self.app.app.planner().expect("a planner").work(&AtomicBool::new(false));
        let done = self.app.office.get(&format!("/plan-runs/{run}")).expect(200);
        done["plan_id"].as_str().unwrap_or_else(|| panic!("no plan: {done}")).to_owned()
    }

    /// Somebody's contract ends, and another plan without them is followed some days later.
    pub fn leaves(&mut self, code: &str, ends: NaiveDate, followed_from: NaiveDate) {
        let office = &self.app.office;
        let person = self.people[code].clone();
        let mut contract = office.get(&format!("/specialists/{person}/contracts")).expect(200)["items"][0].clone();
        let (path, version) = (format!("/contracts/{}", id(&contract)), format!("\"{}\"", contract["version"]));
        if let Some(entries) = contract.as_object_mut() {
            entries.retain(|key, _| !GIVEN.contains(&key.as_str()));
        }
        contract["effective_until"] = json!(ends);
        office.put(&path, &version, &contract).expect(200);
        let asked = json!({
            "term_id": self.term, "seconds_max": SECONDS_MAX, "based_on_plan_id": self.plan, "without_specialist_ids": [person]
        });
        self.plan = self.planned(asked);
        self.is_followed_from(followed_from);
        let left = all(office, &format!("/dated-visits?specialist={person}&from={followed_from}&kind=weekly"));
        assert!(left.is_empty(), "{left:?}");
    }

    /// Publishes the plan; make-ups at the times of its visits are named first, and fall out.
    fn is_followed_from(&self, day: NaiveDate) {
        let path = format!("/plans/{}/publish", self.plan);
        let refused = self.app.office.post(&path, &json!({"effective_from": day}));
        if refused.status == 200 {
            return;
        }
        assert_eq!(refused.status, 409, "{}", refused.text());
        let text = refused.text();
        let (_, named) = text.split_once("make_ups_that_fall_out as [").expect("identities");
        let (named, _) = named.split_once(']').expect("the end of the list");
        let ids: Value = serde_json::from_str(&format!("[{}]", named.replace('\\', ""))).expect("a list");
        println!("{} make-ups make way for a plan", ids.as_array().map_or(0, Vec::len));
        let body = json!({"effective_from": day, "make_ups_that_fall_out": ids});
        self.app.office.post(&path, &body).expect(200);
    }
}
