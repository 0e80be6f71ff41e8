//! The program.

fn main() -> anyhow::Result<std::process::ExitCode> {
    coop_scheduler::cli::run()
}
