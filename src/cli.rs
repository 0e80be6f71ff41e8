//! The command line.

pub mod admin;
pub mod audit;
pub mod calendar;
pub mod demo;
mod die_at;
pub mod mail;
pub mod planning;
pub mod privacy;
pub mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::config::Config;

/// Shared special-education staff for school co-ops.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
pub struct Cli {
    /// A settings file; see config/production.example.toml.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves the API and the pages, runs plans and sends e-mails, until Ctrl-C.
    Serve,
    /// Shows the whole job on a co-op of sample data, then serves it.
    Demo(demo::DemoArgs),
    /// Imports a folder of CSV files; see docs/import.md.
    Import(admin::ImportArgs),
    /// Imports closed days and early releases of a member from a .csv or .ics file; see docs/import.md.
    ImportCalendar(calendar::CalendarArgs),
    /// Enters a planning term.
    CreateTerm(admin::TermArgs),
    /// Makes an office account, or takes the one there is, and prints a link to set its password.
    CreateAccount(admin::AccountArgs),
    /// Takes a lost second factor from an account: its owner signs in and sets up a new one.
    ResetSecondFactor(admin::PersonArgs),
    /// Forgets whom a provider of identities takes an account for; see docs/openid.md.
    ForgetOpenid(admin::PersonArgs),
    /// Makes a token for the API in the name of an account.
    CreateToken(admin::TokenArgs),
    /// Writes everything of one member into a folder.
    ExportMember(privacy::ExportArgs),
    /// Erases a member or specialist that left, a request that is over or an account, and prints the certificate.
    Erase(privacy::EraseArgs),
    /// Looks after the audit trail: head, verify, export.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Tries the mail server, takes back what bounced.
    #[command(subcommand)]
    Mail(mail::MailCommand),
    /// Prints the settings in force.
    CheckConfig,
    /// Brings the database up to date and ends.
    Migrate,
    /// Prints the OpenAPI document.
    Openapi,
    /// Makes a plan for an instance file.
    Plan(planning::PlanArgs),
    /// Plans an instance file again with changes; see docs/changes.md.
    WhatIf(planning::WhatIfArgs),
    /// Checks a plan file against its instance file.
    Verify(planning::VerifyArgs),
    /// Tells what changes from one plan file to another.
    Diff(planning::DiffArgs),
    /// Makes up an instance file.
    Generate(planning::GenerateArgs),
}

impl Cli {
    /// Carries out the command.
    pub fn run(self) -> Result<ExitCode> {
        // Planning files need neither settings nor a database.
        match &self.command {
            Command::Plan(args) => return planning::run_plan(args),
            Command::WhatIf(args) => return planning::run_what_if(args),
            Command::Verify(args) => return planning::run_verify(args),
            Command::Diff(args) => return planning::run_diff(args),
            Command::Generate(args) => return planning::run_generate(args),
            Command::Openapi => {
                println!("{}", crate::web::openapi_json()?);
                return Ok(ExitCode::SUCCESS);
            }
            _ => {}
        }
        let mut config = Config::load(self.config.as_deref())?;
        if matches!(self.command, Command::Demo(_)) {
            // Its own words are for people; the log would stand between them.
            config.log.level = "warn".to_owned();
        }
        crate::telemetry::start(&config.log);
        match self.command {
            Command::Serve => serve::run(config)?,
            Command::Demo(args) => demo::run(config, &args)?,
            Command::Import(args) => return admin::import(config, &args),
            Command::ImportCalendar(args) => return calendar::import(config, &args),
            Command::CreateTerm(args) => admin::create_term(config, &args)?,
            Command::CreateAccount(args) => admin::create_account(config, &args)?,
            Command::ResetSecondFactor(args) => admin::reset_second_factor(config, &args)?,
            Command::ForgetOpenid(args) => admin::forget_openid(config, &args)?,
            Command::CreateToken(args) => admin::create_token(config, &args)?,
            Command::ExportMember(args) => privacy::export_member(config, &args)?,
            Command::Erase(args) => privacy::erase(config, &args)?,
            Command::Audit(command) => return audit::run(config, &command),
            Command::Mail(command) => return mail::run(config, &command),
            Command::CheckConfig => print!("{}", config.printed()),
            Command::Migrate => admin::migrate(config)?,
            Command::Plan(_)
            | Command::WhatIf(_)
            | Command::Verify(_)
            | Command::Diff(_)
            | Command::Generate(_)
            | Command::Openapi => {}
        }
        Ok(ExitCode::SUCCESS)
    }
}
