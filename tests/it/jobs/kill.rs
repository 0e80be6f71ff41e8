//! `kill -9` in the middle of publishing and of sending: nothing is lost, nothing is half done.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use coop_scheduler::db::{self, Database};
use coop_scheduler::domain::actor::Scope;
use coop_scheduler::domain::email::EmailState;
use coop_scheduler::domain::ids::PlanId;
use coop_scheduler::domain::plan::PlanState;
use coop_scheduler::domain::service_request::RequestState;
use coop_scheduler::operations::PageRequest;

use crate::support::demo_coop::DemoCoop;

/// The real server on a database file; killed when it is dropped.
struct Server {
    child: Child,
    address: String,
}

impl Server {
    fn start(folder: &Path, mail: &str) -> Server {
        let mut child = Command::new(env!("CARGO_BIN_EXE_coop-scheduler"))
            .arg("serve")
            .env("COOP__DATABASE__URL", format!("sqlite:{}", folder.join("coop.db").display()))
            .env("COOP__MAIL__TRANSPORT", mail)
            .env("COOP__MAIL__FOLDER", folder.join("outbox"))
            .env("COOP__AUDIT__HEADS_FILE", folder.join("audit-heads.log"))
            .env("COOP__MAIL__LEASE_SECONDS", "1")
            .env("COOP__SERVER__PORT", "0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("its address");
        let address = line.rsplit(' ').next().unwrap_or_default().trim().to_owned();
        assert!(address.starts_with("http://"), "{line}");
        Server { child, address }
    }

    /// `kill -9`
    fn kill(mut self) {
        self.child.kill().expect("a kill");
        self.child.wait().expect("its end");
    }
}

fn copy_database(from: &Path, to: &Path) {
    for file in ["coop.db", "coop.db-wal"] {
        let source = from.join(file);
        if source.exists() {
            std::fs::copy(&source, to.join(file)).expect("a copy");
        }
    }
}

/// Publishing is all or nothing, and an answer of 200 is kept.
fn check_published(folder: &Path, plan: PlanId, answered: bool) -> bool {
    let database = Database::open(&format!("sqlite:{}", folder.join("coop.db").display()), 2).expect("the database");
    let (plan, emails, requests, audit) = database
        .read(|tx| {
            let plan = db::plans::find(tx, plan)?.expect("the plan");
            let emails = db::emails::list(tx, None, PageRequest::ALL)?.items;
            let filter = db::service_requests::Filter { state: Some(RequestState::Planned), ..Default::default() };
            let requests = db::service_requests::list(tx, &Scope::All, &filter, PageRequest::ALL)?.items;
            let audit = db::audit::list(tx, &db::audit::Filter::default(), PageRequest::ALL)?.items;
            Ok::<_, db::DbError>((plan, emails, requests, audit))
        })
        .expect("a snapshot");
    let published = plan.state == PlanState::Published;
    let news = emails.iter().filter(|email| email.event.ends_with("_published")).count();
    let noted = audit.iter().filter(|entry| entry.fields.action == "publish").count();
    if published {
        assert!(news > 20 && requests.len() > 50 && noted == 1, "{news} {} {noted}", requests.len());
    } else {
        assert!(!answered, "the client was told that it is published");
        assert_eq!((news, requests.len(), noted), (0, 0, 0), "something is left of a publication that did not happen");
    }
    published
}

#[test]
fn killed_while_publishing_it_is_published_wholly_or_not_at_all() {
    let original = tempfile::tempdir().expect("a folder");
    let coop = DemoCoop::imported(&format!("sqlite:{}", original.path().join("coop.db").display()), original.path());
    let plan = coop.draft();
    let token = coop.office_token.clone();
    drop(coop);
    let (mut published, mut not) = (0, 0);
    for delay_milliseconds in [0, 2, 5, 10, 20, 35, 50, 80, 120, 400, 2_000, 10_000, 30_000] {
        // The long waits are for slow machines: on others the publication is over long before.
        if published >= 2 && delay_milliseconds > 120 {
            break;
        }
        let folder = tempfile::tempdir().expect("a folder");
        copy_database(original.path(), folder.path());
        let server = Server::start(folder.path(), "none");
        let url = format!("{}/api/v1/plans/{plan}/publish", server.address);
        let token = token.clone();
        let client = std::thread::spawn(move || {
            let answer =
                ureq::post(&url).header("Authorization", &format!("Bearer {token}")).send_json(serde_json::json!({}));
            answer.is_ok()
        });
        std::thread::sleep(Duration::from_millis(delay_milliseconds));
        server.kill();
        let answered = client.join().expect("the client");
        if check_published(folder.path(), plan, answered) { published += 1 } else { not += 1 }
    }
    assert!(published > 0 && not > 0, "the kills came all before or all after: {published} published, {not} not");
}

#[test]
fn killed_while_sending_every_email_arrives_with_its_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("coop.db").display());
    let coop = DemoCoop::imported(&url, folder.path());
    let plan = coop.draft();
    coop.app
        .operations
        .change(coop.office.clone(), |tx, ctx| {
            coop_scheduler::operations::plans::publish(tx, ctx, plan, None, &Default::default())
        })
        .expect("a published plan");
    let database = &coop.app.operations.database;
    let queued = || database.read(db::emails::count_queued).expect("a count");
    let total = queued();
    assert!(total > 20, "{total} e-mails");
    let deadline = Instant::now() + Duration::from_secs(120);
    let mut kills = 0;
    while queued() > 0 {
        assert!(Instant::now() < deadline, "{} e-mails are still queued", queued());
        let server = Server::start(folder.path(), "folder");
        let before = queued();
        // The first kills come in the middle of the queue, the last run may finish it.
        while queued() > 0 && before - queued() < 5 + kills * 3 && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(3));
        }
        server.kill();
        kills += 1;
    }
    assert!(kills >= 3, "{kills} kills");
    let emails = database.read(|tx| db::emails::list(tx, None, PageRequest::ALL)).expect("the outbox").items;
    assert!(emails.iter().all(|email| email.state == EmailState::Accepted));
    let files = std::fs::read_dir(folder.path().join("outbox")).expect("the folder");
    // A kill may leave a half-written temporary file behind; it never has the name of an e-mail.
    let emls = files.map(|file| file.expect("a file").path()).filter(|path| path.extension() == Some("eml".as_ref()));
    let texts: Vec<String> = emls.map(|path| std::fs::read_to_string(path).expect("a text")).collect();
    assert_eq!(texts.len(), emails.len(), "one file an e-mail, however often it was sent");
    for email in &emails {
        let id = format!("Message-ID: <{}>", email.message_id);
        let text = texts.iter().find(|text| text.contains(&id)).expect("the e-mail's file");
        assert!(text.ends_with("\r\n") && text.contains(&email.recipient), "{id} is cut short");
    }
}
