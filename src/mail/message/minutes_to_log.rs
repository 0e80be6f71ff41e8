//! "2 visits to log from this week": to specialists, on Fridays.

use askama::Template;
use chrono::NaiveDate;

use super::{RenderError, Rendered, render, wording};
use crate::domain::calendar::Interval;

/// Visits of the week are over and not logged; goes to who came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinutesToLog {
    /// The co-op's name.
    pub coop_name: String,
    /// The name after "Hi".
    pub recipient_name: String,
    /// The visits, by date and time.
    pub visits: Vec<VisitToLog>,
    /// The page on which they are logged.
    pub link: String,
}

/// A visit that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitToLog {
    /// The date.
    pub visit_on: NaiveDate,
    /// From when to when.
    pub time: Interval,
    /// The service, like `Speech`.
    pub service: String,
    /// The school, like `Gravois Park`.
    pub school: String,
    /// The request's code.
    pub request_code: String,
}

impl VisitToLog {
    fn when(&self) -> String {
        format!("{} {}", self.visit_on.format("%A"), wording::time_span(self.time))
    }

    fn place(&self) -> String {
        format!("{}, {}, {}", self.service, self.school, self.request_code)
    }
}

impl MinutesToLog {
    /// Renders text and HTML; no attachment.
    pub fn render(&self) -> Result<Rendered, RenderError> {
        let subject = format!("{} to log from this week", self.count());
        render(subject.clone(), &Text { mail: self }, &Html { subject: &subject, mail: self }, Vec::new())
    }

    /// `2 visits`
    fn count(&self) -> String {
        wording::count(self.visits.len() as i64, "visit", "visits")
    }

    fn opening(&self) -> String {
        let verb = if self.visits.len() == 1 { "is" } else { "are" };
        format!("{} of this week {verb} not logged yet:", self.count())
    }

    /// The words of the link.
    fn invitation(&self) -> &'static str {
        "Log minutes"
    }
}

#[derive(Template)]
#[template(path = "email_minutes_to_log.txt")]
struct Text<'a> {
    mail: &'a MinutesToLog,
}

#[derive(Template)]
#[template(path = "email_minutes_to_log.html")]
struct Html<'a> {
    subject: &'a str,
    mail: &'a MinutesToLog,
}
