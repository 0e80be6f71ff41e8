//! Commands for the person who runs the server: import, create-term, create-account, reset-second-factor, forget-openid,
//! create-token, migrate.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use chrono::{NaiveDate, TimeDelta};
use clap::Args;

use crate::app::{App, system_clock};
use crate::config::Config;
use crate::domain::actor::Actor;
use crate::domain::term::{TermFields, TermKind};
use crate::domain::token::{Area, LASTS_DEFAULT, LASTS_MAX, TokenFields};
use crate::operations::accounts::tokens;
use crate::operations::imports::{ImportSummary, Tally};
use crate::operations::sign_in::{invitations, resets};
use crate::operations::{OperationError, Operations, accounts, imports, terms};

/// More than this is not an import folder.
pub(super) const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Imports a folder of CSV files.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The folder; see docs/import.md for its files.
    folder: PathBuf,
    /// Code of the term that the requests are for.
    #[arg(long)]
    term: String,
    /// E-mail address of the office account in whose name it is done.
    #[arg(long = "as")]
    account: String,
}

/// A planning term.
#[derive(Debug, Args)]
pub struct TermArgs {
    /// Short code, for example SPRING-2027.
    code: String,
    /// Name, for example "Spring 2027".
    name: String,
    /// First day, YYYY-MM-DD.
    starts_on: NaiveDate,
    /// Last day, YYYY-MM-DD.
    ends_on: NaiveDate,
    /// What it is: regular, or esy for extended school year.
    #[arg(long, default_value = "regular", value_parser = term_kind)]
    kind: TermKind,
    /// E-mail address of the office account in whose name it is done.
    #[arg(long = "as")]
    account: String,
}

/// An office account.
#[derive(Debug, Args)]
pub struct AccountArgs {
    /// Name of the person.
    name: String,
    /// E-mail address.
    email: String,
}

/// The owner of an account.
#[derive(Debug, Args)]
pub struct PersonArgs {
    /// E-mail address of the account.
    email: String,
}

/// A token for the API.
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// E-mail address of the account.
    account: String,
    /// What it is for.
    name: String,
    /// Lets it change what its owner may change; without this it only reads.
    #[arg(long)]
    change: bool,
    /// Parts of the API that it reaches, separated by commas; all of them when absent.
    #[arg(long, value_delimiter = ',', value_parser = area)]
    areas: Vec<Area>,
    /// After how many days it ends.
    #[arg(long, default_value_t = LASTS_DEFAULT.num_days(), value_parser = clap::value_parser!(i64).range(1..=LASTS_MAX.num_days()))]
    days: i64,
}

fn area(text: &str) -> Result<Area, String> {
    one_of(&Area::ALL, Area::code, text)
}

fn term_kind(text: &str) -> Result<TermKind, String> {
    one_of(&TermKind::ALL, TermKind::code, text)
}

/// The one of a list that has a code.
pub fn one_of<T: Copy>(all: &[T], code: fn(T) -> &'static str, text: &str) -> Result<T, String> {
    let codes: Vec<&str> = all.iter().map(|one| code(*one)).collect();
    let found = all.iter().copied().find(|one| code(*one) == text);
    found.ok_or_else(|| format!("choose one of {}", codes.join(", ")))
}

/// Runs `import`: exit 0 and what was done, 1 and every fault as file:line:column.
pub fn import(config: Config, args: &ImportArgs) -> Result<ExitCode> {
    let app = App::build(config, system_clock())?;
    let files = read_folder(&args.folder)?;
    let actor = office(&app.operations, &args.account)?;
    told(app.operations.change(actor, |tx, ctx| imports::run(tx, ctx, &files, &args.term)), described)
}

/// Prints what an import did, or every fault: exit 0 or 1.
pub fn told<T>(outcome: Result<T, OperationError>, described: impl FnOnce(&T) -> String) -> Result<ExitCode> {
    match outcome {
        Ok(done) => {
            print!("{}", described(&done));
            Ok(ExitCode::SUCCESS)
        }
        Err(OperationError::Invalid(faults)) => {
            for fault in &faults {
                eprintln!("{}", fault.message);
            }
            eprintln!("{} faults; nothing was imported.", faults.len());
            Ok(ExitCode::FAILURE)
        }
        Err(error) => Err(explained(error)),
    }
}

/// The CSV files of a folder by name.
pub fn read_folder(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read the folder {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.ends_with(".csv") {
            continue;
        }
        if entry.metadata()?.len() > FILE_BYTES_MAX {
            bail!("{name} is larger than {} MiB; split it", FILE_BYTES_MAX / 1024 / 1024);
        }
        let bytes = std::fs::read(entry.path()).with_context(|| format!("cannot read {name}"))?;
        let text = String::from_utf8(bytes).with_context(|| format!("{name} is not UTF-8; save it as CSV UTF-8"))?;
        files.insert(name, text);
    }
    if files.is_empty() {
        bail!("there is no .csv file in {}", folder.display());
    }
    Ok(files)
}

/// What an import did, one line a file.
pub fn described(summary: &ImportSummary) -> String {
    let line = |name: &str, tally: &Tally| {
        format!("{name:<13} {:>5} new {:>5} changed {:>5} unchanged\n", tally.created, tally.changed, tally.unchanged)
    };
    [
        line("members", &summary.members),
        line("sites", &summary.sites),
        line("specialists", &summary.specialists),
        line("availability", &summary.availability),
        line("credentials", &summary.credentials),
        line("travel", &summary.travel),
        line("requests", &summary.requests),
    ]
    .concat()
}

/// Runs `create-term`.
pub fn create_term(config: Config, args: &TermArgs) -> Result<()> {
    let app = App::build(config, system_clock())?;
    let actor = office(&app.operations, &args.account)?;
    let fields = TermFields {
        code: args.code.clone(),
        name: args.name.clone(),
        kind: args.kind,
        starts_on: args.starts_on,
        ends_on: args.ends_on,
    };
    let term = app.operations.change(actor, |tx, ctx| terms::create(tx, ctx, &fields)).map_err(explained)?;
    println!("{} {}", term.fields.code, term.id);
    Ok(())
}

/// Runs `create-account`.
pub fn create_account(config: Config, args: &AccountArgs) -> Result<()> {
    let app = App::build(config, system_clock())?;
    let (account, link, until) =
        invitations::invite_office_account(&app.operations, &args.name, &args.email).map_err(explained)?;
    let until = until.with_timezone(&app.config.coop.time_zone).format("%B %-d, %-I:%M %p");
    println!("Office account {} <{}>.", account.fields.name, account.fields.email);
    println!("Open this link to set its password. It works once, until {until}, and is shown only now:\n{link}");
    Ok(())
}

/// Runs `reset-second-factor`.
pub fn reset_second_factor(config: Config, args: &PersonArgs) -> Result<()> {
    let app = App::build(config, system_clock())?;
    let account = resets::second_factor(&app.operations, &args.email).map_err(explained)?;
    println!("{} <{}> has no second factor now and is signed out.", account.fields.name, account.fields.email);
    Ok(())
}

/// Runs `forget-openid`.
pub fn forget_openid(config: Config, args: &PersonArgs) -> Result<()> {
    let app = App::build(config, system_clock())?;
    let account = resets::openid(&app.operations, &args.email).map_err(explained)?;
    println!("{} <{}> is found by the e-mail address the next time.", account.fields.name, account.fields.email);
    Ok(())
}

/// Runs `create-token`.
pub fn create_token(config: Config, args: &TokenArgs) -> Result<()> {
    let app = App::build(config, system_clock())?;
    let actor = office(&app.operations, &args.account)?;
    let fields = TokenFields {
        name: args.name.clone(),
        read_only: !args.change,
        areas: if args.areas.is_empty() { Area::ALL.to_vec() } else { args.areas.clone() },
        expires_at: Some(app.operations.now() + TimeDelta::days(args.days)),
    };
    let token =
        app.operations.change(actor, |tx, ctx| tokens::create_for_actor(tx, ctx, &fields)).map_err(explained)?;
    let until = token.token.fields.expires_at.map(|at| at.date_naive().to_string()).unwrap_or_default();
    println!("A token for the API until {until}, shown only now:\n{}", token.secret);
    Ok(())
}

/// Runs `migrate`.
pub fn migrate(config: Config) -> Result<()> {
    App::build(config, system_clock())?;
    println!("The database is up to date.");
    Ok(())
}

/// The account of an address, in whose name something is done.
pub fn office(operations: &Operations, email: &str) -> Result<Actor> {
    let found = operations.database.read(|tx| crate::db::accounts::find_by_email(tx, email))?;
    let Some(account) = found.filter(|account| !account.fields.disabled) else {
        bail!("there is no account {email}; make one with: coop-scheduler create-account NAME {email}");
    };
    Ok(accounts::actor(account))
}

/// An error with all its faults and changes, for a terminal.
pub fn explained(error: OperationError) -> anyhow::Error {
    let more: Vec<String> = match &error {
        OperationError::Invalid(faults) | OperationError::MayNameChild(faults) => {
            faults.iter().map(ToString::to_string).collect()
        }
        OperationError::Conflict { changes, .. } => changes.clone(),
        _ => Vec::new(),
    };
    let error = anyhow::Error::new(error);
    if more.is_empty() { error } else { error.context(more.join("\n")) }
}
