//! "Spring schedule: 13 of 14 requests met": to a district's coordinator when a plan is published.

use askama::Template;
use chrono::NaiveDate;

use super::{RenderError, Rendered, render, wording};
use crate::domain::calendar::{Interval, Weekday};

/// A plan was published; goes to a coordinator of one member and names only that member's requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanPublishedForMember {
    /// The co-op's name, for the last line.
    pub coop_name: String,
    /// The name after "Hi".
    pub recipient_name: String,
    /// The plan, as people call it, like `Spring schedule`.
    pub schedule_name: String,
    /// The member (district), like `Momentum Academy`.
    pub member_name: String,
    /// The first day of the plan.
    pub starts_on: NaiveDate,
    /// Requests that get every minute they asked for.
    pub met: Vec<MetRequest>,
    /// Requests that get fewer minutes than they asked for, or none.
    pub short: Vec<ShortRequest>,
    /// The schedule's page.
    pub link: String,
}

/// A request that gets what it asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetRequest {
    /// The request's code.
    pub request_code: String,
    /// The service, like `Speech`.
    pub service: String,
    /// The school, like `Fox Park`.
    pub school: String,
    /// Minutes asked for and planned, a week.
    pub minutes_per_week: i64,
    /// When and by whom.
    pub visits: Vec<VisitBySpecialist>,
}

/// A request that gets less than it asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShortRequest {
    /// The request's code.
    pub request_code: String,
    /// The service, like `OT`.
    pub service: String,
    /// The school, like `Fox Park`.
    pub school: String,
    /// Minutes asked for, a week.
    pub requested_minutes_per_week: i64,
    /// Minutes planned, a week; 0 when the request is unmet.
    pub planned_minutes_per_week: i64,
    /// Why, in one sentence with its full stop.
    pub reason: String,
    /// The visits it does get, when and by whom.
    pub visits: Vec<VisitBySpecialist>,
}

/// One weekly visit, as a school sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitBySpecialist {
    /// The day.
    pub weekday: Weekday,
    /// From when to when.
    pub time: Interval,
    /// The specialist's name.
    pub specialist: String,
}

impl VisitBySpecialist {
    fn line(&self) -> String {
        format!("{}, {}", wording::day_and_time(self.weekday, self.time), self.specialist)
    }
}

impl MetRequest {
    fn minutes(&self) -> String {
        wording::count(self.minutes_per_week, "minute", "minutes")
    }
}

impl ShortRequest {
    fn minutes(&self) -> String {
        minutes_of(self.planned_minutes_per_week, self.requested_minutes_per_week)
    }
}

impl PlanPublishedForMember {
    /// Renders text and HTML; no attachment.
    pub fn render(&self) -> Result<Rendered, RenderError> {
        let subject = format!("{}: {} at {}", self.schedule_name, self.requests_met(), self.member_name);
        render(subject.clone(), &Text { mail: self }, &Html { subject: &subject, mail: self }, Vec::new())
    }

    /// `Monday, January 4`
    fn starts(&self) -> String {
        wording::full_date(self.starts_on)
    }

    /// `13 of 14 requests met`
    fn requests_met(&self) -> String {
        let total = self.met.len() + self.short.len();
        format!("{} of {total} {} met", self.met.len(), if total == 1 { "request" } else { "requests" })
    }

    /// `840 of 900 minutes`
    fn minutes_met(&self) -> String {
        let met: i64 = self.met.iter().map(|request| request.minutes_per_week).sum();
        let planned: i64 = self.short.iter().map(|request| request.planned_minutes_per_week).sum();
        let asked: i64 = self.short.iter().map(|request| request.requested_minutes_per_week).sum();
        minutes_of(met + planned, met + asked)
    }
}

/// `60 of 90 minutes`
fn minutes_of(planned: i64, requested: i64) -> String {
    format!("{} of {}", wording::thousands(planned), wording::count(requested, "minute", "minutes"))
}

#[derive(Template)]
#[template(path = "email_plan_published_for_member.txt")]
struct Text<'a> {
    mail: &'a PlanPublishedForMember,
}

#[derive(Template)]
#[template(path = "email_plan_published_for_member.html")]
struct Html<'a> {
    subject: &'a str,
    mail: &'a PlanPublishedForMember,
}
