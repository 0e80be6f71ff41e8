//! Commands on the audit trail: its head, whether it is unbroken, and what concerns a member or an account.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

use super::admin::{explained, office};
use crate::app::{App, system_clock};
use crate::config::Config;
use crate::domain::audit::Head;
use crate::operations::audit;

/// What to do with the audit trail.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Prints number and hash of the last entry; keep them outside of this machine.
    Head,
    /// Follows the whole trail: exit 0 when it is unbroken, 1 and what is wrong when it is not.
    Verify(VerifyArgs),
    /// Prints entries as CSV.
    Export(ExportArgs),
}

/// What the trail is held against.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// A head that was kept, as SEQ:HASH; may be given several times. Those in audit.heads_file count anyway.
    #[arg(long = "head")]
    heads: Vec<String>,
}

/// Which entries.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Only what may concern the member of this code.
    #[arg(long)]
    member: Option<String>,
    /// Only what the account of this e-mail address did.
    #[arg(long)]
    account: Option<String>,
    /// Only on records of this kind, for example service_request.
    #[arg(long)]
    kind: Option<String>,
    /// Only on the record of this code, for example SR-2026-0042.
    #[arg(long)]
    code: Option<String>,
    /// Only at this time or later, like 2026-11-02T00:00:00Z.
    #[arg(long)]
    from: Option<DateTime<Utc>>,
    /// Only before this time.
    #[arg(long)]
    until: Option<DateTime<Utc>>,
    /// E-mail address of the office account in whose name it is done.
    #[arg(long = "as")]
    office: String,
}

/// Runs `audit`.
pub fn run(config: Config, command: &AuditCommand) -> Result<ExitCode> {
    let heads_file = config.audit.heads_file.clone();
    let app = App::build(config, system_clock())?;
    match command {
        AuditCommand::Head => {
            println!("{}", audit::head(&app.operations).map_err(explained)?);
            Ok(ExitCode::SUCCESS)
        }
        AuditCommand::Verify(args) => verify(&app, &heads_file, args),
        AuditCommand::Export(args) => export(&app, args),
    }
}

fn verify(app: &App, heads_file: &Path, args: &VerifyArgs) -> Result<ExitCode> {
    let mut heads = kept_heads(heads_file)?;
    for text in &args.heads {
        heads.push(Head::read(text).with_context(|| format!("{text} is no head; write SEQ:HASH"))?);
    }
    match audit::verify(&app.operations, &heads).map_err(explained)? {
        Ok(head) => {
            println!("{} entries, unbroken, held against {} kept heads. Head: {head}", head.seq, heads.len());
            Ok(ExitCode::SUCCESS)
        }
        Err(fault) => {
            eprintln!("The audit trail is broken: {fault}.");
            Ok(ExitCode::FAILURE)
        }
    }
}

/// The heads of the file, which is absent before the first day.
fn kept_heads(file: &Path) -> Result<Vec<Head>> {
    if file.as_os_str().is_empty() || !file.exists() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let read = |line: &str| {
        let head = line.split_whitespace().last().and_then(Head::read);
        head.with_context(|| format!("{}: \"{line}\" is no head; an audit.heads_file is not edited", file.display()))
    };
    text.lines().filter(|line| !line.trim().is_empty()).map(read).collect()
}

fn export(app: &App, args: &ExportArgs) -> Result<ExitCode> {
    let actor = office(&app.operations, &args.office)?;
    let database = &app.operations.database;
    let member = match &args.member {
        Some(code) => Some(
            database
                .read(|tx| crate::db::members::find_by_code(tx, code))?
                .with_context(|| format!("there is no member {code}"))?
                .id,
        ),
        None => None,
    };
    let account = match &args.account {
        Some(email) => match database.read(|tx| crate::db::accounts::find_by_email(tx, email))? {
            Some(account) => Some(account.id),
            None => bail!("there is no account {email}"),
        },
        None => None,
    };
    let filter = audit::Filter {
        member,
        account,
        kind: args.kind.clone(),
        code: args.code.clone(),
        from: args.from,
        until: args.until,
    };
    let table = app.operations.look(actor, |tx, ctx| audit::csv(tx, ctx, &filter)).map_err(explained)?;
    std::io::stdout().write_all(&table)?;
    Ok(ExitCode::SUCCESS)
}
