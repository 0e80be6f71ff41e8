//! Command `import-calendar`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;

use super::admin::{FILE_BYTES_MAX, office, one_of, told};
use crate::app::{App, system_clock};
use crate::config::Config;
use crate::domain::school_calendar::CalendarKind;
use crate::operations::calendars::{self, CalendarFile};
use crate::operations::{OperationError, PageRequest, members, sites};

/// Imports closed days and early releases.
#[derive(Debug, Args)]
pub struct CalendarArgs {
    /// A .csv or .ics file; see docs/import.md for its columns and events.
    file: PathBuf,
    /// Code of the member whose calendar it is.
    #[arg(long)]
    member: String,
    /// Code of a site, when the calendar is for this one only.
    #[arg(long)]
    site: Option<String>,
    /// What the events of an .ics file mean where they do not say it themselves.
    #[arg(long, value_parser = kind, default_value = "holiday")]
    kind: CalendarKind,
    /// E-mail address of the account in whose name it is done.
    #[arg(long = "as")]
    account: String,
}

fn kind(text: &str) -> Result<CalendarKind, String> {
    one_of(&CalendarKind::ALL, CalendarKind::code, text)
}

/// Runs `import-calendar`: exit 0 and what was done, 1 and every fault as file:line:column.
pub fn import(config: Config, args: &CalendarArgs) -> Result<ExitCode> {
    let app = App::build(config, system_clock())?;
    let path = args.file.display();
    if std::fs::metadata(&args.file).with_context(|| format!("cannot read {path}"))?.len() > FILE_BYTES_MAX {
        bail!("{path} is larger than {} MiB; split it", FILE_BYTES_MAX / 1024 / 1024);
    }
    let text = std::fs::read_to_string(&args.file).with_context(|| format!("{path} is not UTF-8; save it as UTF-8"))?;
    let is_ics = args.file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("ics"));
    let (csv, ics) = if is_ics { (None, Some(text)) } else { (Some(text), None) };
    let actor = office(&app.operations, &args.account)?;
    let outcome = app.operations.change(actor, |tx, ctx| {
        let all = members::list(tx, ctx, PageRequest::ALL)?.items;
        let member = all.into_iter().find(|member| member.fields.code == args.member);
        let member =
            member.ok_or_else(|| OperationError::invalid("/member", format!("There is no member {}", args.member)))?;
        let site_id = match &args.site {
            None => None,
            Some(code) => {
                let all = sites::list(tx, ctx, PageRequest::ALL)?.items;
                let site = all.into_iter().find(|site| site.fields.code == *code);
                Some(site.ok_or_else(|| OperationError::invalid("/site", format!("There is no site {code}")))?.id)
            }
        };
        let file =
            CalendarFile { member_id: member.id, site_id, csv: csv.clone(), ics: ics.clone(), kind: Some(args.kind) };
        calendars::import(tx, ctx, &file)
    });
    told(outcome, |done| {
        let (new, unchanged, follow) = (done.created, done.unchanged, done.dated_visits_changed);
        format!("{new} new, {unchanged} unchanged; {follow} dated visits follow.\n")
    })
}
