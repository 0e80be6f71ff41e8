//! "Set your password": the link by which somebody gets in for the first time, or again.

use askama::Template;
use chrono::NaiveDateTime;

use super::{RenderError, Rendered, render, wording};

/// Somebody was invited; goes to that person only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountInvitation {
    /// The co-op's name.
    pub coop_name: String,
    /// The name after "Hi".
    pub recipient_name: String,
    /// Whether the account has a password already, which this link replaces.
    pub has_password: bool,
    /// The e-mail address to sign in with.
    pub address: String,
    /// Until when the link works, by the clock of the co-op.
    pub works_until: NaiveDateTime,
    /// The page on which the password is set.
    pub link: String,
}

impl AccountInvitation {
    /// Renders text and HTML; no attachment.
    pub fn render(&self) -> Result<Rendered, RenderError> {
        let subject = match self.has_password {
            true => format!("Set a new password for {}", self.coop_name),
            false => format!("Your account at {}", self.coop_name),
        };
        render(subject.clone(), &Text { mail: self }, &Html { subject: &subject, mail: self }, Vec::new())
    }

    fn opening(&self) -> String {
        match self.has_password {
            true => format!("The office of {} sent you this link to set a new password.", self.coop_name),
            false => format!("{} made an account for you. Set your password to begin.", self.coop_name),
        }
    }

    /// The words of the link.
    fn invitation(&self) -> &'static str {
        "Set your password"
    }

    fn until(&self) -> String {
        wording::moment(self.works_until)
    }
}

#[derive(Template)]
#[template(path = "email_account_invitation.txt")]
struct Text<'a> {
    mail: &'a AccountInvitation,
}

#[derive(Template)]
#[template(path = "email_account_invitation.html")]
struct Html<'a> {
    subject: &'a str,
    mail: &'a AccountInvitation,
}
