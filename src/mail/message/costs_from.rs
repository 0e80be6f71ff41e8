//! "Cost shares from January 4": to finance when a plan is published. No amount is told that no statement holds.

use askama::Template;
use chrono::{NaiveDate, TimeDelta};

use super::{RenderError, Rendered, render, wording};

/// A plan was published that costs will follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostsFrom {
    /// The co-op's name.
    pub coop_name: String,
    /// The name after "Hi".
    pub recipient_name: String,
    /// The plan, as people call it, like `Spring schedule`.
    pub schedule_name: String,
    /// Its code.
    pub plan_code: String,
    /// The first day of the plan.
    pub starts_on: NaiveDate,
    /// The newest statement of the plan before, if there is one.
    pub before: Option<StatementBefore>,
    /// The page of cost shares.
    pub link: String,
}

/// A statement that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementBefore {
    /// Its code.
    pub code: String,
    /// First day that it counts.
    pub counted_from: NaiveDate,
    /// First day that it counts no more.
    pub counted_until: NaiveDate,
    /// What all members are charged, in cents.
    pub charged_cents: i64,
}

impl CostsFrom {
    /// Renders text and HTML; no attachment.
    pub fn render(&self) -> Result<Rendered, RenderError> {
        let subject = format!("Cost shares follow {} from {}", self.plan_code, wording::month_and_day(self.starts_on));
        render(subject.clone(), &Text { mail: self }, &Html { subject: &subject, mail: self }, Vec::new())
    }

    /// `Monday, January 4`
    fn starts(&self) -> String {
        wording::full_date(self.starts_on)
    }

    fn amounts(&self) -> String {
        let new = "There is no statement of the new plan yet; make one to see what it costs.";
        match &self.before {
            Some(before) => {
                let last = wording::month_and_day(before.counted_until - TimeDelta::days(1));
                format!(
                    "The last statement of the plan before, {}, charges {} from {} to {last}. {new}",
                    before.code,
                    wording::money(before.charged_cents),
                    wording::month_and_day(before.counted_from),
                )
            }
            None => new.to_owned(),
        }
    }

    /// The words of the link.
    fn invitation(&self) -> &'static str {
        "See cost shares"
    }
}

#[derive(Template)]
#[template(path = "email_costs_from.txt")]
struct Text<'a> {
    mail: &'a CostsFrom,
}

#[derive(Template)]
#[template(path = "email_costs_from.html")]
struct Html<'a> {
    subject: &'a str,
    mail: &'a CostsFrom,
}
