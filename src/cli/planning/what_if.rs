//! `what-if`: tries changes on an instance and its plan, without a server.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;

use anyhow::{Result, anyhow};
use clap::Args;

use super::progress::Bar;
use super::{of_this_co_op, read, unreadable, write_json};
use crate::planning::change::{self, Change, Effect};
use crate::planning::{Instance, Options, PlanDocument, SolveError, Start, solve};

/// Plans an instance again with changes, starting from a plan, and tells what they bring.
#[derive(Debug, Args)]
pub struct WhatIfArgs {
    /// The instance, format coop-planning-instance/1 to /4.
    instance: PathBuf,
    /// Its plan, format coop-plan/1.
    plan: PathBuf,
    /// The changes: {"changes": [...]}, see docs/changes.md.
    #[arg(long)]
    changes: PathBuf,
    /// Where to write the changed instance.
    #[arg(long)]
    out_instance: PathBuf,
    /// Where to write the new plan.
    #[arg(long)]
    out: PathBuf,
    /// Mandated minutes that moving one visit of the plan must bring.
    #[arg(long, default_value_t = 0)]
    minutes_per_moved_visit: u32,
    /// Ends after so many seconds in any case; a run that meets this limit is not repeatable.
    #[arg(long)]
    seconds: Option<u32>,
    /// Work of the search; the same work and seed give the same plan on every machine.
    #[arg(long)]
    work: Option<u64>,
    /// Seed of the search.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Threads to use; the plan does not depend on their number.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=64))]
    threads: u8,
}

/// Runs `what-if`. Exit 0 with a plan, 2 for files that cannot be read, a plan of another co-op, or changes that
/// cannot be made.
pub fn run_what_if(args: &WhatIfArgs) -> Result<ExitCode> {
    let instance = read(&args.instance, Instance::read)?;
    let before = read(&args.plan, PlanDocument::read)?;
    let changes = read(&args.changes, change::changes_file)?;
    let (instance, before, changes) = match (instance, before, changes) {
        (Ok(instance), Ok(before), Ok(changes)) => (instance, before, changes),
        (Err(code), ..) | (_, Err(code), _) | (.., Err(code)) => return Ok(code),
    };
    let before = match of_this_co_op(&instance, &args.plan, before) {
        Ok(before) => before,
        Err(code) => return Ok(code),
    };
    if before.instance_sha256 != instance.sha256() {
        eprintln!("note: the plan was made for another version of the instance");
    }
    let changed = match change::apply(&instance, &changes) {
        Ok(changed) => changed,
        Err(faults) => return Ok(unreadable(&args.changes, &faults)),
    };
    write_json(&args.out_instance, &changed)?;
    let options = Options {
        seconds: args.seconds,
        work: args.work,
        seed: args.seed,
        threads: usize::from(args.threads),
        start: Some(Start { visits: before.visits.clone(), minutes_per_moved_visit: args.minutes_per_moved_visit }),
        ..Options::default()
    };
    let after = match solve(&changed, &options, &Bar::new(), &AtomicBool::new(false)) {
        Ok(after) => after,
        Err(SolveError::Instance(faults)) => return Ok(unreadable(&args.changes, &faults)),
        Err(error) => return Err(anyhow!("no plan, nothing was written: {error}")),
    };
    write_json(&args.out, &after)?;
    tell(&instance, &changes, &Effect::between(&before, &after))?;
    Ok(ExitCode::SUCCESS)
}

fn tell(instance: &Instance, changes: &[Change], effect: &Effect) -> Result<()> {
    let mut out = std::io::stdout().lock();
    for change in changes {
        writeln!(out, "{}", change.sentence(instance))?;
    }
    let cents = change::cents_per_week(instance, changes);
    writeln!(out, "minutes gained: {}, mandated: {}", effect.minutes_gained, effect.mandated_minutes_gained)?;
    writeln!(
        out,
        "visits kept: {}, moved: {}; people touched: {}",
        effect.visits_kept, effect.visits_moved, effect.people_touched
    )?;
    writeln!(out, "cents a week: {cents}")?;
    if effect.minutes_gained > 0 {
        writeln!(
            out,
            "cents for each minute: {}",
            (cents + effect.minutes_gained / 2).div_euclid(effect.minutes_gained)
        )?;
    }
    Ok(())
}
