//! `demo`: the co-op's whole job on sample data, from an empty database to cost shares, then the pages to look at.

mod story;
mod tables;
mod weeks;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use chrono::Days;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use story::Story;

use super::admin::{described, explained};
use super::serve;
use crate::app::App;
use crate::config::{Config, MailTransport};
use crate::db::service_requests::Filter;
use crate::domain::account::{AccountFields, Role};
use crate::domain::actor::Actor;
use crate::domain::cost_share::{CostShareFields, CostShareStatement};
use crate::domain::ids::TermId;
use crate::domain::plan::Plan;
use crate::domain::plan_run::{PlanRun, PlanRunFields, PlanRunState};
use crate::domain::service_request::RequestState;
use crate::domain::term::{TermFields, TermKind};
use crate::domain::token::TokenFields;
use crate::jobs::Worked;
use crate::operations::accounts::tokens;
use crate::operations::calendars::{self, CalendarFile};
use crate::operations::overview::CoverageView;
use crate::operations::sign_in::invitations;
use crate::operations::{
    Operations, PageRequest, accounts, cost_shares, imports, members, overview, plan_runs, plans, service_requests,
    specialists, terms, visits,
};

const FILES: [(&str, &str); 6] = [
    ("members.csv", include_str!("../../config/demo/members.csv")),
    ("sites.csv", include_str!("../../config/demo/sites.csv")),
    ("specialists.csv", include_str!("../../config/demo/specialists.csv")),
    ("availability.csv", include_str!("../../config/demo/availability.csv")),
    ("travel.csv", include_str!("../../config/demo/travel.csv")),
    ("requests.csv", include_str!("../../config/demo/requests.csv")),
];

/// Made up: one member teaches all year with breaks between sessions, the others as usual.
const CALENDARS: [(&str, &str); 2] = [
    ("ATLAS", include_str!("../../config/demo/calendars/year-round.csv")),
    ("", include_str!("../../config/demo/calendars/usual.csv")),
];

/// Made up: licenses and certificates, all valid; one ends before the term does.
const CREDENTIALS: (&str, &str) = ("credentials.csv", include_str!("../../config/demo/credentials/credentials.csv"));

/// The demo.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Folder for the demo's database and e-mails; what an earlier demo left there is replaced.
    #[arg(long, default_value = "coop-data/demo")]
    folder: PathBuf,
    /// How long the planner may search, in seconds.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(i64).range(1..=3600))]
    seconds: i64,
    /// Ends after printing instead of serving the pages.
    #[arg(long)]
    no_serve: bool,
}

/// Runs the demo.
pub fn run(config: Config, args: &DemoArgs) -> Result<()> {
    let config = prepare(config, &args.folder)?;
    let story = Story::begin(config.coop.time_zone);
    let app = App::build(config, story.clock())?;
    let operations = &app.operations;

    heading("1. Eight districts, their schools, shared staff and requests");
    let (account, office_token) =
        tokens::create_for_office(operations, "Demo Director", "director@coop.example.org").map_err(explained)?;
    let office = accounts::actor(account);
    let (term_code, term) = enter_term(operations, &office, &story)?;
    let mut files: BTreeMap<String, String> =
        FILES.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    files.insert(CREDENTIALS.0.to_owned(), story.moved(CREDENTIALS.1));
    let summary =
        operations.change(office.clone(), |tx, ctx| imports::run(tx, ctx, &files, &term_code)).map_err(explained)?;
    print!("{}", described(&summary));
    println!(
        "Districts, schools and addresses are real; people, rates and requests are made up (config/demo/README.md)."
    );
    let days = enter_calendars(operations, &office, &story)?;
    println!("{days} closed days and early releases in eight calendars; Atlas teaches all year (made up).");
    let people = enter_accounts(operations, &office)?;
    let password = format!("demo-{:016x}", rand::random::<u64>());
    for id in people.iter().map(|(_, actor, _)| actor.account_id).chain([office.account_id]) {
        invitations::give_password(operations, id, &password).map_err(explained)?;
    }
    let sent = submit_drafts(operations, &people)?;
    let accepted = accept_all(operations, &office)?;
    println!("Coordinators sent {sent} new requests; the office accepted {accepted}.");

    heading("2. The plan");
    let (run, plan) = make_plan(&app, &office, term, args.seconds)?;
    let plan = operations
        .change(office.clone(), |tx, ctx| plans::publish(tx, ctx, plan.id, None, &plans::Publication::default()))
        .map_err(explained)?;
    let first_day = plan.effective_from.map(|day| day.to_string()).unwrap_or_default();
    println!("{} made {}, published from {first_day}.", run.code, plan.code);

    heading("3. What is met");
    let coverage = operations
        .look(office.clone(), |tx, ctx| overview::coverage(tx, ctx, plan.id, &CoverageView::default()))
        .map_err(explained)?;
    print!("{}", tables::coverage(&coverage));

    heading("4. The largest shortfalls, and why");
    let shortfalls = operations
        .look(office.clone(), |tx, ctx| visits::list_shortfalls(tx, ctx, plan.id, PageRequest::ALL))
        .map_err(explained)?;
    print!("{}", tables::shortfalls(shortfalls.items));

    heading("5. Confirmations");
    let written = send_all(&app)?;
    println!("{written} e-mails written to {} (open one with any mail program).", app.config.mail.folder.display());

    heading("6. Cost shares of the first four weeks");
    let statement = share_costs(operations, &office, &plan, &story)?;
    print!("{}", tables::cost_shares(&statement));

    heading("7. Eight weeks later: what was delivered, and what is still owed");
    let told = weeks::live(operations, &office, &story)?;
    println!("{} visits were logged; a snow day, an illness, and make-ups for it.", told.logged);
    let districts = operations.look(office.clone(), |tx, ctx| members::list(tx, ctx, PageRequest::ALL));
    print!("{}", tables::owed(&told.owed, &districts.map_err(explained)?.items));
    if let Some((person, effects)) = &told.away {
        print!("{}", tables::away(person, effects));
    }
    let ending = operations.look(office.clone(), story::credentials_that_end).map_err(explained)?;
    print!("{}", tables::credentials(&ending));

    if args.no_serve {
        return Ok(());
    }
    heading("8. Look around");
    serve::serve(&app, |address| {
        println!("Pages (no sign-in in the demo): {address}/");
        println!("To sign in as somebody:         {address}/sign-in");
        println!("Password of all of them:        {password}");
        println!("The office is director@coop.example.org; it and finance set up a second factor first.");
        println!("API description:                {address}/docs/");
        println!(
            "\nThe API as the office:\n  curl -H 'Authorization: Bearer {}' {address}/api/v1/members",
            office_token.secret
        );
        for (who, _, secret) in &people {
            println!("as {who}: {secret}");
        }
        println!("\nCtrl-C ends it.");
    })
}

fn heading(text: &str) {
    println!("\n\u{1b}[1m{text}\u{1b}[0m");
}

/// A clean folder, and settings that touch nothing outside of it.
fn prepare(mut config: Config, folder: &Path) -> Result<Config> {
    let outbox = folder.join("outbox");
    std::fs::create_dir_all(&outbox).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    for file in ["coop.db", "coop.db-wal", "coop.db-shm", "audit-heads.log"] {
        let path = folder.join(file);
        if path.exists() {
            std::fs::remove_file(&path).with_context(|| format!("cannot replace {}", path.display()))?;
        }
    }
    for entry in std::fs::read_dir(&outbox)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "eml") {
            std::fs::remove_file(path)?;
        }
    }
    config.database.url = format!("sqlite:{}", folder.join("coop.db").display());
    config.mail.transport = MailTransport::Folder;
    config.mail.folder = outbox;
    // The demo shows its e-mails right away.
    config.mail.publish_wait_minutes = 0;
    config.audit.heads_file = folder.join("audit-heads.log");
    config.server.host = "127.0.0.1".to_owned();
    config.server.public_url = format!("http://127.0.0.1:{}", config.server.port);
    config.server.open_pages = true;
    Ok(config)
}

fn enter_term(operations: &Operations, office: &Actor, story: &Story) -> Result<(String, TermId)> {
    let (code, name) = story.term_names();
    let fields = TermFields { code, name, kind: TermKind::Regular, starts_on: story.starts_on, ends_on: story.ends_on };
    let term = operations.change(office.clone(), |tx, ctx| terms::create(tx, ctx, &fields)).map_err(explained)?;
    Ok((term.fields.code, term.id))
}

/// A coordinator for every district and somebody of every other role, each with a token.
fn enter_accounts(operations: &Operations, office: &Actor) -> Result<Vec<(String, Actor, String)>> {
    let all = PageRequest::ALL;
    let districts = operations.look(office.clone(), |tx, ctx| members::list(tx, ctx, all)).map_err(explained)?;
    let staff = operations.look(office.clone(), |tx, ctx| specialists::list(tx, ctx, all)).map_err(explained)?;
    let mut wanted: Vec<(String, AccountFields)> = Vec::new();
    let fields = |name: &str, email: &str, roles: Vec<Role>| AccountFields {
        name: name.to_owned(),
        email: email.to_owned(),
        roles,
        disabled: false,
    };
    for member in &districts.items {
        let access = vec![Role::Coordinator { member_id: member.id }];
        let who = format!("the coordinator of {}", member.fields.name);
        wanted.push((who, fields(&member.fields.contact_name, &member.fields.contact_email, access)));
    }
    if let Some(specialist) = staff.items.first() {
        let access = vec![Role::Specialist { specialist_id: specialist.id }];
        let who = format!("the specialist {}", specialist.fields.code);
        wanted.push((who, fields(&specialist.fields.name, &specialist.fields.email, access)));
    }
    if let (Some(member), Some(specialist)) = (districts.items.first(), staff.items.get(1)) {
        let (member_id, specialist_id) = (member.id, specialist.id);
        let finance = vec![Role::MemberFinance { member_id }];
        let who = format!("the finance of {}", member.fields.name);
        wanted.push((who, fields("Demo District Finance", "district.finance@coop.example.org", finance)));
        let both = vec![Role::Coordinator { member_id }, Role::Specialist { specialist_id }];
        let who = format!("a coordinator of {} who is a specialist too", member.fields.name);
        wanted.push((who, fields(&specialist.fields.name, &specialist.fields.email, both)));
    }
    for (who, name, role) in [("finance", "Demo Finance", Role::Finance), ("board", "Demo Board", Role::Board)] {
        wanted.push((who.to_owned(), fields(name, &format!("{who}@coop.example.org"), vec![role])));
    }
    let mut people = Vec::new();
    for (who, fields) in wanted {
        let who = format!("{who} ({})", fields.email);
        let token = TokenFields::for_everything("Demo");
        let made = operations.change(office.clone(), |tx, ctx| {
            let account = accounts::create(tx, ctx, &fields)?;
            let secret = tokens::create(tx, ctx, account.id, &token)?.secret;
            Ok((accounts::actor(account), secret))
        });
        let (actor, secret) = made.map_err(explained)?;
        people.push((who, actor, secret));
    }
    Ok(people)
}

fn enter_calendars(operations: &Operations, office: &Actor, story: &Story) -> Result<i64> {
    let imported = operations.change(office.clone(), |tx, ctx| {
        let mut entered = 0;
        for member in members::list(tx, ctx, PageRequest::ALL)?.items {
            let own = CALENDARS.iter().find(|(code, _)| *code == member.fields.code || code.is_empty());
            let csv = own.map(|(_, text)| story.moved(text));
            let file = CalendarFile { member_id: member.id, site_id: None, csv, ics: None, kind: None };
            entered += calendars::import(tx, ctx, &file)?.created;
        }
        Ok(entered)
    });
    imported.map_err(explained)
}

fn in_state(
    operations: &Operations,
    actor: &Actor,
    state: RequestState,
) -> Result<Vec<crate::domain::service_request::ServiceRequest>> {
    let filter = Filter { state: Some(state), ..Filter::default() };
    let found = operations
        .look(actor.clone(), |tx, ctx| service_requests::list(tx, ctx, &filter, PageRequest::ALL))
        .map_err(explained)?;
    Ok(found.items)
}

fn coordinates(actor: &Actor) -> bool {
    actor.roles.iter().any(|role| matches!(role, Role::Coordinator { .. }))
}

fn submit_drafts(operations: &Operations, people: &[(String, Actor, String)]) -> Result<usize> {
    let mut sent = 0;
    for (_, coordinator, _) in people.iter().filter(|(_, actor, _)| coordinates(actor)) {
        for request in in_state(operations, coordinator, RequestState::Draft)? {
            operations
                .change(coordinator.clone(), |tx, ctx| service_requests::submit(tx, ctx, request.id))
                .map_err(explained)?;
            sent += 1;
        }
    }
    Ok(sent)
}

fn accept_all(operations: &Operations, office: &Actor) -> Result<usize> {
    let submitted = in_state(operations, office, RequestState::Submitted)?;
    for request in &submitted {
        operations
            .change(office.clone(), |tx, ctx| service_requests::accept(tx, ctx, request.id))
            .map_err(explained)?;
    }
    Ok(submitted.len())
}

/// Runs the planner as the server does, with a progress bar.
fn make_plan(app: &App, office: &Actor, term_id: TermId, seconds: i64) -> Result<(PlanRun, Plan)> {
    let operations = &app.operations;
    let fields = PlanRunFields::of_term(term_id, seconds);
    let run = operations.change(office.clone(), |tx, ctx| plan_runs::create(tx, ctx, &fields)).map_err(explained)?;
    let planner = app.planner()?;
    let worker = std::thread::spawn(move || planner.work(&AtomicBool::new(false)));
    let bar = ProgressBar::new(seconds.unsigned_abs());
    bar.set_style(ProgressStyle::with_template("{bar:30} {elapsed} {msg}")?);
    let run = loop {
        let now = operations.look(office.clone(), |tx, ctx| plan_runs::get(tx, ctx, run.id)).map_err(explained)?;
        bar.set_position(now.progress.elapsed_seconds.unsigned_abs());
        bar.set_message(tables::progress(&now.progress));
        if now.state.is_over() {
            break now;
        }
        std::thread::sleep(Duration::from_millis(300));
    };
    bar.finish_and_clear();
    worker.join().map_err(|_| anyhow!("the planner's worker ended by a panic"))?;
    if run.state != PlanRunState::Succeeded {
        bail!("no plan was made: {}", run.failure.unwrap_or_default());
    }
    println!("{} after {} seconds.", tables::progress(&run.progress), run.progress.elapsed_seconds);
    let id = run.plan_id.context("the run has no plan")?;
    let plan = operations.look(office.clone(), |tx, ctx| plans::get(tx, ctx, id)).map_err(explained)?;
    Ok((run, plan))
}

fn send_all(app: &App) -> Result<usize> {
    let sender = app.sender().context("e-mails do not leave in this configuration")?;
    let mut written = 0;
    while sender.work() == Worked::One {
        written += 1;
    }
    Ok(written)
}

fn share_costs(operations: &Operations, office: &Actor, plan: &Plan, story: &Story) -> Result<CostShareStatement> {
    let first = story.starts_on;
    let fields = CostShareFields { plan_id: plan.id, period_from: first, period_until: first + Days::new(28) };
    operations.change(office.clone(), |tx, ctx| cost_shares::create(tx, ctx, &fields)).map_err(explained)
}
