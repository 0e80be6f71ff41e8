//! Reads the command line and calls the program.

use std::process::ExitCode;

use clap::Parser;
use coop_scheduler::cli::Cli;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
