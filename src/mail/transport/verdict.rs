//! What an answer or a failure of a mail server means, by the command that it answered.
//!
//! | what happens | verdict |
//! |---|---|
//! | no connection, TLS failure, timeout, drop before the final dot; 4xx up to MAIL; 421 anywhere but at RCPT | [`Failure::Trouble`] |
//! | 452, unless it is about the mailbox (4.2.x) | [`Failure::SlowDown`] |
//! | other 4xx at RCPT | [`Failure::MailboxNotNow`] |
//! | other 4xx at DATA or after the final dot | [`Failure::NotNow`] |
//! | no answer to the final dot | [`Failure::Ambiguous`] |
//! | 5xx up to MAIL; 530, 535 and 538 anywhere; no STARTTLS or AUTH offered | [`Failure::Misconfigured`] |
//! | other 5xx at RCPT, DATA or after the final dot with 5.7.x | [`Failure::PolicyRefused`] |
//! | other 5xx at RCPT | [`Failure::RecipientRefused`] |
//! | other 5xx at DATA or after the final dot | [`Failure::MessageRefused`] |

use lettre::transport::smtp::Error as SmtpError;

use super::Failure;

/// How much of a server's answer is kept, in characters.
const ANSWER_CHARACTERS_MAX: usize = 500;

/// The command that was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Connecting, TLS and EHLO.
    Connecting,
    /// STARTTLS.
    StartTls,
    /// AUTH.
    Auth,
    /// MAIL.
    Mail,
    /// RCPT.
    Rcpt,
    /// DATA, and the message up to the final dot.
    Data,
    /// The final dot.
    Dot,
}

impl Stage {
    fn name(self) -> &'static str {
        match self {
            Stage::Connecting => "connecting",
            Stage::StartTls => "STARTTLS",
            Stage::Auth => "AUTH",
            Stage::Mail => "MAIL",
            Stage::Rcpt => "RCPT",
            Stage::Data => "DATA",
            Stage::Dot => "final dot",
        }
    }

    /// Whether it says nothing about recipient and message.
    fn is_about_us(self) -> bool {
        matches!(self, Stage::Connecting | Stage::StartTls | Stage::Auth | Stage::Mail)
    }
}

/// What a failure means.
pub(super) fn verdict(stage: Stage, error: &SmtpError) -> Failure {
    let text = plain(&format!("{}: {error}", stage.name()));
    match error.status() {
        Some(code) => answered(stage, u16::from(code), &error.to_string(), text),
        // lettre's own refusals, such as a server that offers no STARTTLS or no way to log in.
        None if error.is_client() && stage.is_about_us() => Failure::Misconfigured(text),
        None if stage == Stage::Dot => Failure::Ambiguous(text),
        None => Failure::Trouble(text),
    }
}

/// What an answer that is not a success means.
fn answered(stage: Stage, code: u16, said: &str, text: String) -> Failure {
    // An enhanced status code of RFC 3463, like 5.7.1; a network address has three dots.
    let enhanced = |class: &str| {
        said.split([' ', '-', ':', '(', ')']).any(|word| word.starts_with(class) && word.matches('.').count() == 2)
    };
    match code {
        530 | 535 | 538 => Failure::Misconfigured(text),
        500..=599 if stage.is_about_us() => Failure::Misconfigured(text),
        500..=599 if enhanced("5.7.") => Failure::PolicyRefused(text),
        500..=599 if stage == Stage::Rcpt => Failure::RecipientRefused(text),
        500..=599 => Failure::MessageRefused(text),
        452 if !enhanced("4.2.") => Failure::SlowDown(text),
        400..=499 if stage.is_about_us() => Failure::Trouble(text),
        _ if stage == Stage::Rcpt => Failure::MailboxNotNow(text),
        421 => Failure::Trouble(text),
        _ => Failure::NotNow(text),
    }
}

/// What an answer out of step means.
pub(super) fn out_of_step(stage: Stage, code: impl std::fmt::Display) -> Failure {
    let text = plain(&format!("{}: unexpected answer {code}", stage.name()));
    if stage == Stage::Dot { Failure::Ambiguous(text) } else { Failure::Trouble(text) }
}

/// A server's answer as one short line.
pub(super) fn plain(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(ANSWER_CHARACTERS_MAX).collect()
}
