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
use crate::support::demo_coop::{demo_files, noon};
use crate::support::small_coop::{id, request};
use crate::trust::meddle;

/// Of the demo's requests every so manieth is accepted, so that the test ends within a minute.
const ACCEPTED: usize = 3;
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
        meddle(app, "UPDATE api_tokens SET expires_at = '2027-10-01T00:00:00.000000Z'").expect("the owner can");
        let term = json!({"code": "SPRING-2027", "name": "Spring", "starts_on": "2027-01-04", "ends_on": "2027-05-28"});
        let term = id(&office.post("/terms", &term).expect(201));
        office.post("/imports", &json!({"term": "SPRING-2027", "files": demo_files()})).expect(200);
        let mut story = Story {
            app,
            random: ChaCha8Rng::seed_from_u64(2027),
            at: noon(),
            term,
            members: by_code(&all(office, "/members")),
            people: by_code(&all(office, "/specialists")),
            plan: String::new(),
        };
        story.ask();
        story.enter_calendars();
        story.go(date("2026-12-14"), 18);
        story.plan = story.planned(json!({"term_id": story.term, "seconds_max": 4}));
        office.post(&format!("/plans/{}/publish", story.plan), &json!({})).expect(200);
        story
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
        meddle(self.app, "UPDATE api_tokens SET expires_at = '2027-10-01T00:00:00.000000Z'").expect("the owner can");
        let first = coordinator.post("/service-requests", &request(&id(site), &self.term, 60)).expect(201);
        coordinator.act(&format!("/service-requests/{}/submit", id(&first))).expect(200);
        office.act(&format!("/service-requests/{}/accept", id(&first))).expect(200);
        for draft in all(office, "/service-requests?state=draft").iter().step_by(ACCEPTED) {
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
            "term_id": self.term, "seconds_max": 4, "based_on_plan_id": self.plan, "without_specialist_ids": [person]
        });
        self.plan = self.planned(asked);
        let body = json!({"effective_from": followed_from});
        office.post(&format!("/plans/{}/publish", self.plan), &body).expect(200);
        let left = all(office, &format!("/dated-visits?specialist={person}&from={followed_from}&kind=weekly"));
        assert!(left.is_empty(), "{left:?}");
    }
}
