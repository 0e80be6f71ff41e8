//! A co-op of two members, two specialists and two accepted requests, entered through the API.

use std::sync::atomic::AtomicBool;

use coop_scheduler::domain::account::Role;
use serde_json::{Value, json};

use super::app::TestApp;
use super::client::Client;

/// Identities of everything that was entered; `a` and `b` are the members' halves.
pub struct SmallCoop {
    /// `SPRING-2027`
    pub term: String,
    /// Members.
    pub members: [String; 2],
    /// One site a member.
    pub sites: [String; 2],
    /// One specialist employed by each member.
    pub specialists: [String; 2],
    /// Their contracts.
    pub contracts: [String; 2],
    /// Their weekly hours.
    pub availability: [String; 2],
}

/// What is made of a small co-op: a published plan and its statement.
pub struct Made {
    /// The run of the published plan.
    pub run: String,
    /// The published plan.
    pub plan: String,
    /// A draft.
    pub draft: String,
    /// The statement.
    pub cost_share: String,
}

/// The identity of an answered record.
pub fn id(record: &Value) -> String {
    record["id"].as_str().expect("an identity").to_owned()
}

/// Entries of a request for the site of one member.
pub fn request(site: &str, term: &str, minutes: i64) -> Value {
    json!({
        "site_id": site, "term_id": term, "discipline": "SLP", "priority": "mandated",
        "minutes_per_week": minutes, "visits_per_week_max": 2, "visit_minutes": {"min": 30, "max": 60},
        "windows": {"mon": [["08:00", "15:00"]], "wed": [["08:00", "15:00"]]}
    })
}

/// Entries of a member.
pub fn member(code: &str) -> Value {
    json!({
        "code": code, "name": format!("District {code}"), "contact_name": "Keisha Lee",
        "contact_email": "keisha@example.org", "member_from": "2026-07-01"
    })
}

/// Entries of a site.
pub fn site(member: &str, code: &str) -> Value {
    json!({"member_id": member, "code": code, "name": format!("School {code}"), "open_from": "2026-07-01"})
}

/// Entries of a specialist.
pub fn specialist(code: &str) -> Value {
    json!({
        "code": code, "name": format!("Specialist {code}"), "email": format!("{}@example.org", code.to_lowercase()),
        "disciplines": [{"code": "SLP", "held_from": "2020-01-01"}]
    })
}

/// Entries of a contract with a member.
pub fn contract(member: &str, home_site: &str) -> Value {
    json!({
        "employer": {"kind": "member", "member_id": member}, "home_site_id": home_site,
        "direct_minutes_per_week_max": 600, "direct_minutes_per_day_max": 300, "sites_per_day_max": 2,
        "travel_minutes_per_day_max": 60, "reach_minutes_max": 60, "break_minutes": 0,
        "cost_cents_per_hour": 6500, "effective_from": "2026-08-01"
    })
}

/// Entries of weekly hours.
pub fn hours() -> Value {
    json!({"weekly_hours": {"mon": [["08:00", "15:00"]], "wed": [["08:00", "15:00"]]}, "effective_from": "2026-08-01"})
}

/// Entries of a licence that is valid from 2020 on.
pub fn license(until: &str) -> Value {
    json!({"discipline": "SLP", "kind": "license", "issuer": "MO-BHA", "us_state": "MO", "valid_from": "2020-01-01",
        "valid_until": until})
}

/// Entries of paperwork at any time of the week.
pub fn paperwork(minutes: i64) -> Value {
    json!({"kind": "paperwork", "minutes_per_week": minutes, "effective_from": "2026-08-01"})
}

/// Entries of half an hour of supervision on the day before the clock stands.
pub fn supervised(assistant: &str) -> Value {
    json!({"assistant_id": assistant, "supervised_on": "2026-11-01", "minutes": 30})
}

impl SmallCoop {
    /// Enters an assistant whom one of the specialists supervises; gives the identity.
    pub fn assistant(&self, office: &Client, n: usize, code: &str) -> String {
        let assistant = id(&office.post("/specialists", &specialist(code)).expect(201));
        let mut terms = contract(&self.members[n], &self.sites[n]);
        terms["supervisor_ids"] = json!([self.specialists[n]]);
        office.post(&format!("/specialists/{assistant}/contracts"), &terms).expect(201);
        assistant
    }

    /// Enters everything.
    pub fn enter(office: &Client) -> SmallCoop {
        let new = |path: &str, body: &Value| id(&office.post(path, body).expect(201));
        let term = json!({"code": "SPRING-2027", "name": "Spring", "starts_on": "2027-01-04", "ends_on": "2027-05-28"});
        let term = new("/terms", &term);
        let members = ["A", "B"].map(|code| new("/members", &member(code)));
        let sites = [0, 1].map(|n| new("/sites", &site(&members[n], ["A-1", "B-1"][n])));
        let drive = json!({"minutes": 15, "miles_hundredths": 520});
        for (from, to) in [(0, 1), (1, 0)] {
            let path = format!("/travel/{}/{}", sites[from], sites[to]);
            office.put(&path, "\"0\"", &drive).expect(200);
        }
        let specialists = ["S-1", "S-2"].map(|code| new("/specialists", &specialist(code)));
        let below = |n: usize, list: &str, body: Value| new(&format!("/specialists/{}/{list}", specialists[n]), &body);
        let contracts = [0, 1].map(|n| below(n, "contracts", contract(&members[n], &sites[n])));
        let availability = [0, 1].map(|n| below(n, "availability", hours()));
        // The first can be met, the second is too large.
        for (site, minutes) in [(&sites[0], 60), (&sites[1], 600)] {
            let request = new("/service-requests", &request(site, &term, minutes));
            office.act(&format!("/service-requests/{request}/submit")).expect(200);
            office.act(&format!("/service-requests/{request}/accept")).expect(200);
        }
        SmallCoop { term, members, sites, specialists, contracts, availability }
    }

    /// Lets the real planner make a plan, publishes it, and makes a statement and another draft.
    pub fn make(&self, app: &TestApp) -> Made {
        let (run, plan) = self.plan(app);
        app.office.post(&format!("/plans/{plan}/publish"), &json!({})).expect(200);
        let statement = json!({"plan_id": plan, "period_from": "2027-01-04", "period_until": "2027-02-01"});
        let cost_share = id(&app.office.post("/cost-shares", &statement).expect(201));
        let (_, draft) = self.plan(app);
        Made { run, plan, draft, cost_share }
    }

    /// Lets the real planner make a draft; gives the run and the plan.
    pub fn plan(&self, app: &TestApp) -> (String, String) {
        let asked = json!({"term_id": self.term, "seconds_max": 3});
        let run = id(&app.office.post("/plan-runs", &asked).expect(201));
        app.app.planner().expect("a planner").work(&AtomicBool::new(false));
        let done = app.office.get(&format!("/plan-runs/{run}")).expect(200);
        let plan = done["plan_id"].as_str().unwrap_or_else(|| panic!("no plan: {done}")).to_owned();
        (run, plan)
    }

    /// Who asks for a member.
    pub fn coordinator(&self, n: usize) -> Role {
        Role::Coordinator { member_id: self.members[n].parse().expect("an identity") }
    }

    /// Who pays for a member.
    pub fn member_finance(&self, n: usize) -> Role {
        Role::MemberFinance { member_id: self.members[n].parse().expect("an identity") }
    }

    /// One of the specialists.
    pub fn specialist(&self, n: usize) -> Role {
        Role::Specialist { specialist_id: self.specialists[n].parse().expect("an identity") }
    }

    /// A coordinator of each member and an account of each specialist.
    pub fn accounts(&self, app: &TestApp) -> ([Client; 2], [Client; 2]) {
        let coordinator = |n: usize| app.sign_up(&format!("Coordinator {n}"), self.coordinator(n));
        let specialist = |n: usize| app.sign_up(&format!("Specialist {n}"), self.specialist(n));
        ([coordinator(0), coordinator(1)], [specialist(0), specialist(1)])
    }
}
