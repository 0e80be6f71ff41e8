//! "We have your request": to the coordinator who submitted a request.

use askama::Template;
use chrono::NaiveDate;

use super::{RenderError, Rendered, render, wording};
use crate::domain::calendar::{Interval, Weekday};
use crate::domain::service_request::Priority;

/// A request was submitted; goes to the coordinator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestReceived {
    /// The co-op's name, for the last line.
    pub coop_name: String,
    /// The name after "Hi".
    pub recipient_name: String,
    /// The request's code, like `SR-2026-0042`.
    pub request_code: String,
    /// The service, in the words of the screen, like `Speech`.
    pub service: String,
    /// How much the request weighs.
    pub priority: Priority,
    /// District and school, like `Momentum Academy, Fox Park`.
    pub school: String,
    /// Minutes asked for, a week.
    pub requested_minutes_per_week: i64,
    /// Visits asked for, a week.
    pub visits_per_week: i64,
    /// When the school is open to visits. Empty: at any time.
    pub times: Vec<OpenTime>,
    /// About when the next plan is made, if that is known.
    pub next_plan_on: Option<NaiveDate>,
    /// The page of the request.
    pub link: String,
}

/// A time of the week at which a school is open to visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenTime {
    /// The day.
    pub weekday: Weekday,
    /// From when to when.
    pub time: Interval,
}

impl RequestReceived {
    /// Renders text and HTML; no attachment.
    pub fn render(&self) -> Result<Rendered, RenderError> {
        let subject = format!("We have your request {}", self.request_code);
        render(subject.clone(), &Text { mail: self }, &Html { subject: &subject, mail: self }, Vec::new())
    }

    /// `December 7`
    fn next_plan(&self) -> Option<String> {
        self.next_plan_on.map(wording::month_and_day)
    }

    /// The words of the link.
    fn invitation(&self) -> String {
        format!("See or change {}", self.request_code)
    }

    /// The facts of the request, label and value, in the order of the form.
    fn facts(&self) -> [(&'static str, String); 4] {
        let times: Vec<String> = self.times.iter().map(|open| wording::day_and_time(open.weekday, open.time)).collect();
        [
            ("Service", format!("{}, {}", self.service, wording::priority(self.priority))),
            ("School", self.school.clone()),
            (
                "Minutes",
                format!(
                    "{} a week in {}",
                    wording::thousands(self.requested_minutes_per_week),
                    wording::count(self.visits_per_week, "visit", "visits")
                ),
            ),
            ("Times", if times.is_empty() { "Any time".to_owned() } else { times.join(", ") }),
        ]
    }
}

#[derive(Template)]
#[template(path = "email_request_received.txt")]
struct Text<'a> {
    mail: &'a RequestReceived,
}

#[derive(Template)]
#[template(path = "email_request_received.html")]
struct Html<'a> {
    subject: &'a str,
    mail: &'a RequestReceived,
}
