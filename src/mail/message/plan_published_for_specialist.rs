//! "Your schedule from January 4": to a specialist when a plan is published, with an invitation to each weekly visit that begins or ends.

use askama::Template;
use chrono::NaiveDate;

use super::{Attachment, RenderError, Rendered, render, wording};
use crate::domain::calendar::{Interval, Weekday};

/// A plan was published; goes to one specialist and names only that specialist's visits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanPublishedForSpecialist {
    /// The co-op's name, for the last line.
    pub coop_name: String,
    /// The name after "Hi".
    pub recipient_name: String,
    /// The plan, as people call it, like `Spring schedule`.
    pub schedule_name: String,
    /// The first day of the plan.
    pub starts_on: NaiveDate,
    /// The week's visits, in any order.
    pub visits: Vec<OwnVisit>,
    /// What differs from the plan in use before. Empty when there was none, or nothing changed.
    pub changes: Vec<ScheduleChange>,
    /// A note from the director: the name it is from, and its text.
    pub note: Option<(String, String)>,
    /// The page of the specialist's week.
    pub link: String,
    /// What begins and what ends, for calendars: texts of [`crate::reports::icalendar::invitation`], one a series.
    pub invitations: Vec<String>,
}

/// One weekly visit, as its specialist sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnVisit {
    /// The request's code.
    pub request_code: String,
    /// The service, like `Speech`.
    pub service: String,
    /// The school, like `Fox Park`.
    pub school: String,
    /// The day.
    pub weekday: Weekday,
    /// From when to when.
    pub time: Interval,
}

impl OwnVisit {
    fn time_span(&self) -> String {
        wording::time_span(self.time)
    }

    fn place(&self) -> String {
        format!("{}, {}", self.request_code, self.school)
    }

    fn line(&self) -> String {
        format!("{}, {}, {}", self.service, self.school, self.request_code)
    }
}

/// What differs for a specialist between two plans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScheduleChange {
    /// A visit that was not in the plan before.
    New(OwnVisit),
    /// A visit that now has another time.
    Moved {
        /// The visit as it is now.
        visit: OwnVisit,
        /// The day before the move.
        from_weekday: Weekday,
        /// The time before the move.
        from_time: Interval,
    },
    /// A visit that this specialist does not give any more.
    NoLongerYours {
        /// The visit as it was.
        visit: OwnVisit,
        /// Who gives it now, if anybody does.
        taken_by: Option<String>,
    },
}

impl ScheduleChange {
    /// The kind of change, as people read it.
    fn label(&self) -> &'static str {
        match self {
            ScheduleChange::New(_) => "New",
            ScheduleChange::Moved { .. } => "Moved",
            ScheduleChange::NoLongerYours { .. } => "No longer yours",
        }
    }

    /// The rest of the line.
    fn line(&self) -> String {
        match self {
            ScheduleChange::New(visit) => {
                format!("{}, {}", visit.place(), wording::day_and_time(visit.weekday, visit.time))
            }
            ScheduleChange::Moved { visit, from_weekday, from_time } => format!(
                "{}, {} to {}",
                visit.place(),
                wording::day_and_time(*from_weekday, *from_time),
                wording::day_and_time(visit.weekday, visit.time)
            ),
            ScheduleChange::NoLongerYours { visit, taken_by } => {
                let gone = format!("{}, {}", visit.place(), wording::day_and_time(visit.weekday, visit.time));
                match taken_by {
                    Some(specialist) => format!("{gone}; {specialist} takes it"),
                    None => gone,
                }
            }
        }
    }
}

impl PlanPublishedForSpecialist {
    /// Renders text and HTML; each invitation is attached, as `visit-1.ics` and so on.
    pub fn render(&self) -> Result<Rendered, RenderError> {
        let from = wording::month_and_day(self.starts_on);
        let subject = match self.changes.len() {
            0 => format!("Your schedule from {from}"),
            1 => format!("Your schedule from {from}: 1 change"),
            changes => format!("Your schedule from {from}: {changes} changes"),
        };
        let attach = |(index, text): (usize, &String)| {
            let method = if text.contains("\r\nMETHOD:CANCEL\r\n") { "CANCEL" } else { "REQUEST" };
            Attachment {
                file_name: format!("visit-{}.ics", index + 1),
                content_type: format!("text/calendar; charset=utf-8; method={method}"),
                content: text.clone().into_bytes(),
            }
        };
        let calendar = self.invitations.iter().enumerate().map(attach).collect();
        render(subject.clone(), &Text { mail: self }, &Html { subject: &subject, mail: self }, calendar)
    }

    /// `Monday, January 4`
    fn starts(&self) -> String {
        wording::full_date(self.starts_on)
    }

    /// `1,200 minutes a week in 31 visits`
    fn load(&self) -> String {
        let minutes = self.visits.iter().map(|visit| i64::from(visit.time.minutes())).sum();
        let minutes = wording::count(minutes, "minute", "minutes");
        let (visits, noun) = (self.visits.len(), if self.visits.len() == 1 { "visit" } else { "visits" });
        format!("{minutes} a week in {visits} {noun}")
    }

    /// The days that have visits, Monday first, each day's visits by time.
    fn days(&self) -> Vec<(Weekday, Vec<&OwnVisit>)> {
        let mut days = Vec::new();
        for weekday in Weekday::ALL {
            let mut visits: Vec<&OwnVisit> = self.visits.iter().filter(|visit| visit.weekday == weekday).collect();
            visits.sort_by_key(|visit| visit.time);
            if !visits.is_empty() {
                days.push((weekday, visits));
            }
        }
        days
    }
}

#[derive(Template)]
#[template(path = "email_plan_published_for_specialist.txt")]
struct Text<'a> {
    mail: &'a PlanPublishedForSpecialist,
}

#[derive(Template)]
#[template(path = "email_plan_published_for_specialist.html")]
struct Html<'a> {
    subject: &'a str,
    mail: &'a PlanPublishedForSpecialist,
}
