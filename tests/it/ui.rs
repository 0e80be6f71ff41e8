//! The pages over real HTTP: numbers, roles, headers, escaping, signing in. `.ci/browser-check` looks at them in a
//! browser.

mod access;
mod assets;
mod content;
mod cover;
pub mod log;
mod office_pages;
mod outbox;
mod plans;
mod reports;
mod requests;
mod sign_in;

pub use log::browser;

use coop_scheduler::domain::account::Role;
use serde_json::json;

use crate::support::app::TestApp;
use crate::support::both::DatabaseKind;
use crate::support::client::{Client, Reply};
use crate::support::small_coop::{SmallCoop, id};

/// What every page answers with.
const POLICY: &str = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";
/// A name that would run if it were not escaped.
const SCRIPT: &str = "<script>alert('x')</script>";

/// A running program with a published plan and its cost shares, and somebody of each role.
struct Pages {
    app: TestApp,
    office: Client,
    finance: Client,
    member_finance: Client,
    board: Client,
    both: Client,
    coordinators: [Client; 2],
    specialists: [Client; 2],
}

impl Pages {
    fn start() -> Pages {
        let app = TestApp::start(DatabaseKind::Sqlite);
        let coop = SmallCoop::enter(&app.office);
        let rename = |path: String| {
            let mut fields = app.office.get(&path).expect(200);
            let version = format!("\"{}\"", fields["version"]);
            for only_read in ["id", "version", "created_at", "updated_at"] {
                fields.as_object_mut().expect("an object").remove(only_read);
            }
            fields["name"] = json!(format!("{SCRIPT} {}", fields["code"].as_str().expect("a code")));
            app.office.put(&path, &version, &fields).expect(200);
        };
        rename(format!("/members/{}", coop.members[0]));
        rename(format!("/sites/{}", coop.sites[0]));
        rename(format!("/specialists/{}", coop.specialists[0]));
        let (coordinators, specialists) = coop.accounts(&app);
        let (_, plan) = coop.plan(&app);
        app.office.post(&format!("/plans/{plan}/publish"), &json!({})).expect(200);
        let statement = json!({"plan_id": plan, "period_from": "2027-01-04", "period_until": "2027-02-01"});
        id(&app.office.post("/cost-shares", &statement).expect(201));
        let finance = app.sign_up("Finance", Role::Finance);
        let member_finance = app.sign_up("Member finance", coop.member_finance(0));
        let board = app.sign_up("Board", Role::Board);
        let both = app.sign_up_as("Both", &[coop.coordinator(0), coop.specialist(0)]);
        let office = app.office.clone();
        Pages { app, office, finance, member_finance, board, both, coordinators, specialists }
    }

    /// A page as somebody sees it who signed in.
    fn get(&self, who: &Client, path: &str) -> Reply {
        let cookie = format!("other=1; {}", self.app.cookie(who));
        self.app.nobody().send("GET", path, &[("Cookie", &cookie)], None)
    }
}
