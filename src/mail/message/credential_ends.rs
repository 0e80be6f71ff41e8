//! "Your license ends": 90, 30 and 7 days ahead, to the person and to the office.

use askama::Template;
use chrono::{NaiveDate, TimeDelta};

use super::{RenderError, Rendered, render, wording};

/// A credential ends soon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialEnds {
    /// The co-op's name.
    pub coop_name: String,
    /// The name after "Hi".
    pub recipient_name: String,
    /// Whether it is the recipient's own.
    pub is_own: bool,
    /// Whose it is.
    pub person_name: String,
    /// What it is: `license`.
    pub kind: String,
    /// For which service, in the words of the screen: `Speech`.
    pub service: String,
    /// Code of the body that issued it.
    pub issuer: String,
    /// First day on which it is no longer valid.
    pub ends_before: NaiveDate,
    /// The page of the person's week.
    pub link: String,
}

impl CredentialEnds {
    /// Renders text and HTML; no attachment.
    pub fn render(&self) -> Result<Rendered, RenderError> {
        let subject = format!("{} {} ends on {}", self.whose(), self.kind, self.last_day());
        render(subject.clone(), &Text { mail: self }, &Html { subject: &subject, mail: self }, Vec::new())
    }

    fn whose(&self) -> String {
        if self.is_own { "Your".to_owned() } else { format!("{}’s", self.person_name) }
    }

    /// `March 31, 2027`
    fn last_day(&self) -> String {
        year(self.ends_before - TimeDelta::days(1))
    }

    /// `April 1, 2027`
    fn first_day_without(&self) -> String {
        year(self.ends_before)
    }

    fn what(&self) -> String {
        format!("{} {} for {} ({})", self.whose(), self.kind, self.service, self.issuer)
    }

    fn next_step(&self) -> &'static str {
        if self.is_own {
            "Send us the dates of the renewal when you have them."
        } else {
            "Enter the renewal when you have its dates, or plan these visits for somebody else."
        }
    }

    /// The words of the link.
    fn invitation(&self) -> &'static str {
        if self.is_own { "See your week" } else { "See the week" }
    }
}

fn year(date: NaiveDate) -> String {
    format!("{}, {}", wording::month_and_day(date), date.format("%Y"))
}

#[derive(Template)]
#[template(path = "email_credential_ends.txt")]
struct Text<'a> {
    mail: &'a CredentialEnds,
}

#[derive(Template)]
#[template(path = "email_credential_ends.html")]
struct Html<'a> {
    subject: &'a str,
    mail: &'a CredentialEnds,
}
