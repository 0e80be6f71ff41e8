//! `plan`, `what-if`, `verify`, `diff` and `generate`: planning files without a server.

mod diff;
mod limited;
mod progress;
mod what_if;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use clap::{Args, ValueEnum};

pub use self::diff::{DiffArgs, run_diff};
pub use self::what_if::{WhatIfArgs, run_what_if};

use self::progress::{Bar, JsonLines};
use crate::domain::fault::Fault;
use crate::planning::generate::{SIZES, Size, generate, generate_with_all_rules};
use crate::planning::{Instance, Options, PlanDocument, Progress, Report, SolveError, Start, left_out, solve, verify};

/// Exit code of `verify` for a plan that breaks rules.
const BROKEN: u8 = 1;
/// Exit code for files that cannot be read.
const UNREADABLE: u8 = 2;

/// Makes a plan for an instance file.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// The instance, format coop-planning-instance/1 to /4.
    instance: PathBuf,
    /// Where to write the plan, format coop-plan/1.
    #[arg(long)]
    out: PathBuf,
    /// Ends after so many seconds in any case; a run that meets this limit is not repeatable.
    #[arg(long)]
    seconds: Option<u32>,
    /// Work of the search; the same work and seed give the same plan on every machine. Grows with the size of the
    /// instance when it is not given.
    #[arg(long)]
    work: Option<u64>,
    /// Seed of the search.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Threads to use; the plan does not depend on their number.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=64))]
    threads: u8,
    /// A plan to stay close to: that of the instance before something changed.
    #[arg(long)]
    start: Option<PathBuf>,
    /// Mandated minutes that moving one visit of that plan must bring.
    #[arg(long, default_value_t = 15, requires = "start")]
    minutes_per_moved_visit: u32,
    /// Leaves out why requests are short and what would change it.
    #[arg(long)]
    no_reasons: bool,
    /// Ends with the best plan so far as soon as this file exists.
    #[arg(long)]
    stop_file: Option<PathBuf>,
    /// Writes progress as one JSON object a line to standard output.
    #[arg(long)]
    progress_json: bool,
    /// Most memory that the process may take. When that is too little, the error says so.
    #[arg(long)]
    memory_mib: Option<u64>,
    /// Set by this program for the process that it starts under the limit.
    #[arg(long, hide = true, requires = "memory_mib")]
    inside_memory_limit: bool,
}

/// Checks a plan file against its instance file.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The instance, format coop-planning-instance/1 to /4.
    instance: PathBuf,
    /// The plan, format coop-plan/1.
    plan: PathBuf,
}

/// Makes up an instance for tests and benchmarks.
#[derive(Debug, Args)]
pub struct GenerateArgs {
    /// tiny, small, coop (8 members, 20 sites, 30 specialists, 250 requests), medium, region (16, 80, 200, 1200) or
    /// state (60, 500, 1500, 6000).
    #[arg(long, value_parser = size)]
    size: Size,
    /// Requested minutes as a percentage of contracted minutes.
    #[arg(long, default_value_t = 107, value_parser = clap::value_parser!(u32).range(20..=400))]
    tightness: u32,
    /// Seed.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// `first`: rules of coop-planning-instance/1; `all`: also assistants, evaluation blocks, a cap on one member's share
    /// of a person, and preferences for long stays, format coop-planning-instance/2.
    #[arg(long, value_enum, default_value_t = Rules::First)]
    rules: Rules,
    /// Where to write the instance.
    #[arg(long)]
    out: PathBuf,
}

/// Which rules a made-up co-op uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Rules {
    First,
    All,
}

fn size(name: &str) -> Result<Size, String> {
    let names = || SIZES.map(|size| size.name).join(", ");
    SIZES.into_iter().find(|size| size.name == name).ok_or_else(|| format!("write one of {}", names()))
}

/// Runs `plan`. Exit 0 with a plan, 2 for an unreadable instance, or a plan to stay close to that is another co-op's.
pub fn run_plan(args: &PlanArgs) -> Result<ExitCode> {
    if let Some(mebibytes) = args.memory_mib {
        if !args.inside_memory_limit {
            return limited::run_inside(mebibytes, &args.out);
        }
        limited::set(mebibytes)?;
    }
    let instance = match read(&args.instance, Instance::read)? {
        Ok(instance) => instance,
        Err(code) => return Ok(code),
    };
    let start = match &args.start {
        Some(path) => match read(path, PlanDocument::read)?.and_then(|plan| of_this_co_op(&instance, path, plan)) {
            Ok(plan) => Some(Start { visits: plan.visits, minutes_per_moved_visit: args.minutes_per_moved_visit }),
            Err(code) => return Ok(code),
        },
        None => None,
    };
    let stop = stop_flag(args.stop_file.clone())?;
    let progress: Box<dyn Progress> =
        if args.progress_json { Box::new(JsonLines::new()) } else { Box::new(Bar::new()) };
    let progress = Written { progress, out: &args.out };
    let options = Options {
        seconds: args.seconds,
        work: args.work,
        seed: args.seed,
        threads: usize::from(args.threads),
        explain: !args.no_reasons,
        start,
    };
    let plan = solve(&instance, &options, &progress, &stop);
    drop(progress);
    match plan {
        Ok(plan) => {
            write_json(&args.out, &plan)?;
            let (amount, bounds) = (plan.totals.all.mandated, plan.bounds);
            eprintln!(
                "{} of {} mandated minutes placed; no plan places more than {}. {:.1} seconds.",
                amount.placed, amount.requested, bounds.mandated_placed_at_most, plan.run.seconds
            );
            Ok(ExitCode::SUCCESS)
        }
        Err(SolveError::Instance(faults)) => Ok(unreadable(&args.instance, &faults)),
        Err(SolveError::Rejected(broken)) => {
            let lines: Vec<String> = broken.iter().map(ToString::to_string).collect();
            Err(anyhow!("the plan found was rejected, nothing was written:\n{}", lines.join("\n")))
        }
    }
}

/// Writes every better plan to the plan file, so that it is there even if the process is killed.
struct Written<'a> {
    progress: Box<dyn Progress>,
    out: &'a Path,
}

impl Progress for Written<'_> {
    fn report(&self, report: &Report) {
        self.progress.report(report);
    }

    fn plan(&self, plan: &PlanDocument) {
        // Should the disk be full, the last plan says so.
        let _ = write_json(self.out, plan);
    }
}

/// Runs `verify`. Exit 0 and the totals, 1 and every broken rule, 2 and every fault of an unreadable file.
pub fn run_verify(args: &VerifyArgs) -> Result<ExitCode> {
    let instance = read(&args.instance, Instance::read)?;
    let plan = read(&args.plan, PlanDocument::read)?;
    let (instance, plan) = match (instance, plan) {
        (Ok(instance), Ok(plan)) => (instance, plan),
        (Err(code), _) | (_, Err(code)) => return Ok(code),
    };
    if plan.instance_sha256 != instance.sha256() {
        eprintln!("note: the plan was made for another version of the instance");
    }
    let mut out = std::io::stdout().lock();
    match verify(&instance, &plan) {
        Ok(totals) => {
            writeln!(out, "{}", serde_json::to_string_pretty(&totals)?)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(broken) => {
            for rule in broken {
                writeln!(out, "{rule}")?;
            }
            Ok(ExitCode::from(BROKEN))
        }
    }
}

/// Runs `generate`.
pub fn run_generate(args: &GenerateArgs) -> Result<ExitCode> {
    let instance = match args.rules {
        Rules::First => generate(args.size, args.tightness, args.seed),
        Rules::All => generate_with_all_rules(args.size, args.tightness, args.seed),
    };
    write_json(&args.out, &instance)?;
    Ok(ExitCode::SUCCESS)
}

/// Reads a file, or prints its faults and gives the exit code.
fn read<T>(path: &Path, read: impl Fn(&[u8]) -> Result<T, Vec<Fault>>) -> Result<Result<T, ExitCode>> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(read(&bytes).map_err(|faults| unreadable(path, &faults)))
}

/// A plan to stay close to; tells what is left out of it, or that it is the plan of another co-op.
fn of_this_co_op(instance: &Instance, path: &Path, plan: PlanDocument) -> Result<PlanDocument, ExitCode> {
    let found = left_out(instance, &plan).map_err(|message| {
        unreadable(path, &[Fault::at("", format!("{message}; name a plan of this co-op, from before the change"))])
    })?;
    if found.total() > 0 {
        eprintln!(
            "note: {} of the {} visits in {} were left out: {} by specialists or for requests that the instance does not \
             have, {} at times, of lengths or between people that it does not allow",
            found.total(),
            found.of,
            path.display(),
            found.unknown,
            found.unfit
        );
    }
    Ok(plan)
}

fn unreadable(path: &Path, faults: &[Fault]) -> ExitCode {
    for fault in faults {
        eprintln!("{}: {fault}", path.display());
    }
    ExitCode::from(UNREADABLE)
}

/// Writes beside the target and renames, so that a reader never sees half a file.
fn write_json(path: &Path, document: &impl serde::Serialize) -> Result<()> {
    let context = || format!("cannot write {}", path.display());
    if path.exists() && !path.is_file() {
        return Err(anyhow!("{} is no regular file; name one", path.display()));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(context)?;
    serde_json::to_writer_pretty(&mut file, document).with_context(context)?;
    writeln!(file).with_context(context)?;
    file.persist(path).with_context(context)?;
    Ok(())
}

/// A flag that Ctrl-C, a termination signal or the stop file sets.
fn stop_flag(stop_file: Option<PathBuf>) -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        // A second Ctrl-C ends at once, in case the search does not.
        signal_hook::flag::register_conditional_shutdown(signal, 130, stop.clone())?;
        signal_hook::flag::register(signal, stop.clone())?;
    }
    if let Some(file) = stop_file {
        let seen = stop.clone();
        std::thread::spawn(move || {
            while !file.exists() {
                std::thread::sleep(Duration::from_millis(200));
            }
            seen.store(true, Ordering::Relaxed);
        });
    }
    Ok(stop)
}
