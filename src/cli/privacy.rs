//! Commands on what belongs to a member: take it along, and have it erased.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::admin::{explained, office};
use crate::app::{App, system_clock};
use crate::config::Config;
use crate::operations::erasure::{self, Subject};
use crate::operations::member_export;

/// Everything of one member.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The member's code.
    member: String,
    /// The folder; it must not exist yet.
    #[arg(long)]
    out: PathBuf,
    /// E-mail address of the office account in whose name it is done.
    #[arg(long = "as")]
    office: String,
}

/// Of what kind it is.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Kind {
    /// A member that left, by its code: with its sites, requests, visits, own staff and accounts.
    Member,
    /// A request that is over, by its code: with its visits.
    Request,
    /// A specialist whose contracts are over, by its code: with credentials, time away, supervision and the account.
    Specialist,
    /// A person's account that is switched off, by its e-mail address.
    Account,
}

/// What to erase.
#[derive(Debug, Args)]
pub struct EraseArgs {
    /// Of what kind.
    kind: Kind,
    /// Its code, or the e-mail address of an account.
    code: String,
    /// The same again: it cannot be undone.
    #[arg(long)]
    confirm: String,
    /// E-mail address of the office account in whose name it is done.
    #[arg(long = "as")]
    office: String,
}

/// Runs `erase`.
pub fn erase(config: Config, args: &EraseArgs) -> Result<()> {
    if args.confirm != args.code {
        bail!("--confirm is not {}; nothing was erased", args.code);
    }
    let subject = match args.kind {
        Kind::Member => Subject::Member(args.code.clone()),
        Kind::Request => Subject::ServiceRequest(args.code.clone()),
        Kind::Specialist => Subject::Specialist(args.code.clone()),
        Kind::Account => Subject::Account(args.code.clone()),
    };
    let app = App::build(config, system_clock())?;
    let actor = office(&app.operations, &args.office)?;
    let certificate = erasure::erase(&app.operations, actor, &subject).map_err(explained)?;
    println!("Certificate of erasure {}", certificate.id);
    println!(
        "{} {} was erased on {} in the name of {}.",
        certificate.kind.code(),
        args.code,
        certificate.at,
        args.office
    );
    for (what, count) in certificate.counts.iter().filter(|(_, count)| **count > 0) {
        println!("{count:>7} {what}");
    }
    println!("SHA-256 {}", certificate.sha256());
    println!("The database was written anew. Delete backups made before, and the folder of e-mails if there is one.");
    Ok(())
}

/// Runs `export-member`: one JSON file for each kind of record, and a list of them with counts and SHA-256.
pub fn export_member(config: Config, args: &ExportArgs) -> Result<()> {
    if args.out.exists() {
        bail!("{} exists already; name a new folder", args.out.display());
    }
    let app = App::build(config, system_clock())?;
    let actor = office(&app.operations, &args.office)?;
    let found = app.operations.database.read(|tx| crate::db::members::find_by_code(tx, &args.member))?;
    let member = found.with_context(|| format!("there is no member {}", args.member))?;
    let text = app.operations.look(actor, |tx, ctx| member_export::export(tx, ctx, member.id)).map_err(explained)?;
    let all: Map<String, Value> = serde_json::from_str(&text)?;
    std::fs::create_dir_all(&args.out).with_context(|| format!("cannot make {}", args.out.display()))?;
    let mut files = Vec::new();
    let write = |name: &str, value: &Value| -> Result<Vec<u8>> {
        let bytes = serde_json::to_vec_pretty(value)?;
        let path = args.out.join(name);
        std::fs::write(&path, &bytes).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(bytes)
    };
    for (kind, records) in &all {
        let name = format!("{kind}.json");
        let bytes = write(&name, records)?;
        let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let count = records.as_array().map_or(1, Vec::len);
        println!("{name:<22} {count:>6}");
        files.push(json!({"file": name, "records": count, "sha256": sha256}));
    }
    let made_at = app.operations.now();
    write("manifest.json", &json!({"member": args.member, "made_at": made_at, "files": files}))?;
    println!("Everything of {} is in {}.", args.member, args.out.display());
    Ok(())
}
