//! "Your code": eight digits to sign in with. No link: there is nothing that a scanner of e-mails could open.

use askama::Template;
use chrono::NaiveDateTime;

use super::{RenderError, Rendered, render, wording};

/// Somebody asked for a code; goes to the owner of the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInCode {
    /// The co-op's name.
    pub coop_name: String,
    /// The name after "Hi".
    pub recipient_name: String,
    /// Eight digits.
    pub code: String,
    /// Until when the code works, by the clock of the co-op.
    pub works_until: NaiveDateTime,
}

impl SignInCode {
    /// Renders text and HTML; no attachment. The code is not in the subject, which phones show while they are locked.
    pub fn render(&self) -> Result<Rendered, RenderError> {
        let subject = format!("Your code to sign in to {}", self.coop_name);
        render(subject.clone(), &Text { mail: self }, &Html { subject: &subject, mail: self }, Vec::new())
    }

    /// The digits in two groups.
    fn digits(&self) -> String {
        match self.code.split_at_checked(4) {
            Some((first, second)) => format!("{first} {second}"),
            None => self.code.clone(),
        }
    }

    fn until(&self) -> String {
        wording::moment(self.works_until)
    }
}

#[derive(Template)]
#[template(path = "email_sign_in_code.txt")]
struct Text<'a> {
    mail: &'a SignInCode,
}

#[derive(Template)]
#[template(path = "email_sign_in_code.html")]
struct Html<'a> {
    subject: &'a str,
    mail: &'a SignInCode,
}
