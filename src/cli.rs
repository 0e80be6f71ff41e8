//! The command line.

pub mod planning;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Co-op Scheduler.
#[derive(Debug, Parser)]
#[command(name = "coop-scheduler", version)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes a plan for an instance file.
    Plan(planning::PlanArgs),
    /// Checks a plan file against its instance file.
    Verify(planning::VerifyArgs),
    /// Makes up an instance for tests and benchmarks.
    Generate(planning::GenerateArgs),
}

/// Runs what the command line asks for.
pub fn run() -> anyhow::Result<ExitCode> {
    match CommandLine::parse().command {
        Command::Plan(args) => planning::run_plan(&args),
        Command::Verify(args) => planning::run_verify(&args),
        Command::Generate(args) => planning::run_generate(&args),
    }
}
