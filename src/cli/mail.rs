//! Commands on e-mail: a test of the mail server, and what came back.

use std::io::Read;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};

use crate::app::{App, system_clock};
use crate::config::Config;
use crate::domain::email::{BounceOutcome, ReturnedMail};
use crate::domain::fault::Faults;
use crate::domain::text::check_email;
use crate::operations::{OperationError, outbox};

/// Longer messages are cut: what counts stands in front.
const BYTES_MAX: u64 = 1_048_576;
/// "Try again later", for mail systems that call a program (sysexits.h).
const TRY_AGAIN: u8 = 75;

/// What to do with e-mail.
#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// Sends a test message past the outbox and prints what the mail server says.
    Test(TestArgs),
    /// Takes back a message that came back, from standard input; for a pipe of the mail system.
    Bounce(BounceArgs),
}

/// To whom the test goes.
#[derive(Debug, Args)]
pub struct TestArgs {
    /// An address that you read.
    address: String,
}

/// What the mail system knows.
#[derive(Debug, Args)]
pub struct BounceArgs {
    /// The address to which the message was delivered, if its header does not say it.
    #[arg(long)]
    to: Option<String>,
}

/// Runs `mail`.
pub fn run(config: Config, command: &MailCommand) -> Result<ExitCode> {
    let app = App::build(config, system_clock())?;
    match command {
        MailCommand::Test(args) => test(&app, args),
        MailCommand::Bounce(args) => take_back(&app, args),
    }
}

fn test(app: &App, args: &TestArgs) -> Result<ExitCode> {
    let mut faults = Faults::default();
    check_email(&mut faults, "ADDRESS", &args.address);
    if let Some(fault) = faults.into_vec().first() {
        anyhow::bail!("{}", fault.message);
    }
    let sender = app.sender().context("mail.transport is \"none\": e-mails do not leave at all")?;
    match sender.send_test(&args.address) {
        Ok(words) => {
            println!("Accepted: {words}");
            println!(
                "Look whether it arrived; if not, look among the unwanted mail, and at the log of the mail server."
            );
            Ok(ExitCode::SUCCESS)
        }
        Err(words) => {
            println!("Not accepted: {words}");
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Ends well whatever the message is, so that the mail system never answers it; asks to try again when our data cannot
/// be reached.
fn take_back(app: &App, args: &BounceArgs) -> Result<ExitCode> {
    let mut bytes = Vec::new();
    std::io::stdin().take(BYTES_MAX).read_to_end(&mut bytes).context("the message could not be read")?;
    let message = String::from_utf8_lossy(&bytes).into_owned();
    let sent = ReturnedMail { message, delivered_to: args.to.clone() };
    match outbox::take_back(&app.operations, &sent) {
        Ok(verdict) => {
            let word = match verdict.outcome {
                BounceOutcome::Suspended => "Suspended",
                BounceOutcome::Noted => "Noted",
                BounceOutcome::Ignored => "Ignored",
            };
            println!("{word}: {}", verdict.reason);
            Ok(ExitCode::SUCCESS)
        }
        Err(error @ (OperationError::Busy | OperationError::Unavailable(_))) => {
            eprintln!("{error}");
            Ok(ExitCode::from(TRY_AGAIN))
        }
        Err(error) => Err(error.into()),
    }
}
