//! The demo co-op in a database of its own: imported, accepted, and planned by the real planner in its own process.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use chrono::{DateTime, NaiveDate, Utc};
use coop_scheduler::app::App;
use coop_scheduler::config::{Config, Limits};
use coop_scheduler::db::service_requests::Filter;
use coop_scheduler::domain::actor::Actor;
use coop_scheduler::domain::ids::{PlanId, TermId};
use coop_scheduler::domain::plan_run::{PlanRun, PlanRunFields};
use coop_scheduler::domain::service_request::RequestState;
use coop_scheduler::domain::term::{TermFields, TermKind};
use coop_scheduler::operations::{OperationError, PageRequest, accounts, imports, plan_runs, service_requests, terms};

/// A co-op with requests that are ready to be planned.
pub struct DemoCoop {
    /// The program's parts.
    pub app: App,
    /// The director.
    pub office: Actor,
    /// A token of the director.
    pub office_token: String,
    /// The term of the requests.
    pub term: TermId,
}

/// The time that stands still in tests.
pub fn noon() -> DateTime<Utc> {
    "2026-11-02T18:00:00Z".parse().expect("a time")
}

/// Settings for a test: this database, e-mails into this folder, the real program as planner.
pub fn config(database_url: &str, folder: &Path) -> Config {
    let mut config = Config::load(None).expect("default settings");
    config.database.url = database_url.to_owned();
    config.mail.folder = folder.join("outbox");
    config.audit.heads_file = folder.join("audit-heads.log");
    config.planner.program = env!("CARGO_BIN_EXE_coop-scheduler").to_owned();
    config.server.port = 0;
    // Tests ask for more in a second than people in a day; those of the limits set their own.
    config.server.limits = Limits::default();
    // Tests of the wait set it themselves.
    config.mail.publish_wait_minutes = 0;
    config
}

/// The CSV files of the demo.
pub fn demo_files() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/demo");
    coop_scheduler::cli::admin::read_folder(&folder).expect("the demo folder")
}

impl DemoCoop {
    /// Imports the demo and accepts every request.
    pub fn imported(database_url: &str, folder: &Path) -> DemoCoop {
        let app = App::build(config(database_url, folder), Arc::new(noon)).expect("the program's parts");
        let operations = &app.operations;
        let (account, token) = accounts::tokens::create_for_office(operations, "Director", "director@coop.example.org")
            .expect("an account");
        let office = accounts::actor(account);
        let day = |month, day| NaiveDate::from_ymd_opt(2027, month, day).expect("a day");
        let fields = TermFields {
            code: "SPRING-2027".to_owned(),
            name: "Spring 2027".to_owned(),
            kind: TermKind::Regular,
            starts_on: day(1, 4),
            ends_on: day(5, 28),
        };
        let files = demo_files();
        let term = operations
            .change(office.clone(), |tx, ctx| {
                let term = terms::create(tx, ctx, &fields)?;
                imports::run(tx, ctx, &files, "SPRING-2027")?;
                let drafts = Filter { state: Some(RequestState::Draft), ..Filter::default() };
                for request in service_requests::list(tx, ctx, &drafts, PageRequest::ALL)?.items {
                    service_requests::submit(tx, ctx, request.id)?;
                    service_requests::accept(tx, ctx, request.id)?;
                }
                Ok(term.id)
            })
            .expect("the demo's files");
        DemoCoop { office, office_token: token.secret, term, app }
    }

    /// Queues a run and carries it out.
    pub fn run_planner(&self, seconds_max: i64) -> PlanRun {
        let run = self.queue_run(seconds_max).expect("a run");
        self.app.planner().expect("a planner").work(&AtomicBool::new(false));
        self.run(&run)
    }

    /// Queues a run.
    pub fn queue_run(&self, seconds_max: i64) -> Result<PlanRun, OperationError> {
        let fields = PlanRunFields::of_term(self.term, seconds_max);
        self.app.operations.change(self.office.clone(), |tx, ctx| plan_runs::create(tx, ctx, &fields))
    }

    /// A run as it stands now.
    pub fn run(&self, run: &PlanRun) -> PlanRun {
        self.app.operations.look(self.office.clone(), |tx, ctx| plan_runs::get(tx, ctx, run.id)).expect("the run")
    }

    /// A draft plan that was made in a few seconds.
    pub fn draft(&self) -> PlanId {
        let run = self.run_planner(5);
        run.plan_id.unwrap_or_else(|| panic!("no plan: {:?}", run.failure))
    }
}
