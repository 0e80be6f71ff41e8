//! "Thursday: no speech visits at Gravois Park": to coordinators and specialists when visits with a date change.

use askama::Template;
use chrono::NaiveDate;

use super::{RenderError, Rendered, render, wording};
use crate::domain::calendar::Interval;

/// Visits changed; goes to one person and names only what concerns that person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleChanged {
    /// The co-op's name.
    pub coop_name: String,
    /// The name after "Hi".
    pub recipient_name: String,
    /// The changes, by date and time.
    pub changes: Vec<VisitChange>,
    /// Whether the link leads to the recipient's own week.
    pub is_own_week: bool,
    /// Whether the recipient can choose how often we write.
    pub has_choice: bool,
    /// The page of the visits.
    pub link: String,
}

/// What changed about one visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitChange {
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
    /// What changed.
    pub what: ChangeOfVisit,
}

/// A change, for those who ask for visits and for those who come.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeOfVisit {
    /// To the school: nobody comes.
    NotCovered {
        /// Who cannot come. Why is not said.
        person: String,
    },
    /// To the school: somebody else comes.
    Covered {
        /// Who comes.
        by: String,
        /// Who cannot.
        instead_of: String,
    },
    /// To the school: it takes place after all.
    TakesPlace {
        /// Who comes.
        person: String,
    },
    /// To the school: there is a make-up.
    MakeUpPlanned {
        /// Who comes.
        person: String,
    },
    /// To both: a make-up is cancelled.
    MakeUpCancelled,
    /// To both: a make-up does not take place.
    MakeUpFallsOut {
        /// Why, like `Snow day`.
        why: String,
    },
    /// To the school: the plan has it no more.
    Gone,
    /// To the specialist: the school is closed.
    Closed {
        /// Why, like `Snow day`.
        reason: String,
    },
    /// To the specialist: the school ends early.
    EarlyRelease {
        /// Why and when, like `Half day, until 12:30 p.m.`
        reason: String,
    },
    /// To the specialist: the school is open after all.
    OpenAgain,
    /// To the specialist: nobody covers it any more, because they come themselves.
    YoursAgain,
    /// To the specialist: a make-up to give.
    OwnMakeUp,
    /// To who covers.
    YouCover {
        /// Who cannot come.
        instead_of: String,
    },
    /// To who covered.
    NoCoverOfYours {
        /// What is instead, in a sentence; may be empty.
        why: String,
    },
}

impl ChangeOfVisit {
    /// The change in a few words.
    fn label(&self) -> &'static str {
        match self {
            ChangeOfVisit::NotCovered { .. } => "Not covered",
            ChangeOfVisit::Covered { .. } => "Covered",
            ChangeOfVisit::TakesPlace { .. } | ChangeOfVisit::OpenAgain => "Takes place after all",
            ChangeOfVisit::MakeUpPlanned { .. } | ChangeOfVisit::OwnMakeUp => "Make-up",
            ChangeOfVisit::MakeUpCancelled => "Make-up cancelled",
            ChangeOfVisit::MakeUpFallsOut { .. } => "Make-up falls out",
            ChangeOfVisit::Gone => "No longer planned",
            ChangeOfVisit::Closed { .. } => "School closed",
            ChangeOfVisit::EarlyRelease { .. } => "Early release",
            ChangeOfVisit::YoursAgain => "Yours again",
            ChangeOfVisit::YouCover { .. } => "You cover",
            ChangeOfVisit::NoCoverOfYours { .. } => "No longer yours to cover",
        }
    }

    /// What more there is to say; may be empty.
    fn words(&self) -> String {
        match self {
            ChangeOfVisit::NotCovered { person } => format!("{person} cannot come."),
            ChangeOfVisit::Covered { by, instead_of } => format!("{by} comes instead of {instead_of}."),
            ChangeOfVisit::TakesPlace { person } | ChangeOfVisit::MakeUpPlanned { person } => {
                format!("{person} comes.")
            }
            ChangeOfVisit::Closed { reason } | ChangeOfVisit::EarlyRelease { reason } if !reason.is_empty() => {
                full_stop(reason)
            }
            ChangeOfVisit::MakeUpFallsOut { why } => {
                format!("{} Its minutes are owed again: choose another time.", full_stop(why))
            }
            ChangeOfVisit::YoursAgain => "Nobody covers it any more.".to_owned(),
            ChangeOfVisit::YouCover { instead_of } => format!("{instead_of} cannot come."),
            ChangeOfVisit::NoCoverOfYours { why } => why.clone(),
            _ => String::new(),
        }
    }

    /// The fact in a subject: of one visit and of several. No person is named in a subject.
    fn fact(&self, several: bool, service: &str) -> String {
        let noun = if several { "visits" } else { "visit" };
        let one = if several { String::new() } else { "a ".to_owned() };
        let (is, takes) = if several { ("are", "take") } else { ("is", "takes") };
        match self {
            ChangeOfVisit::NotCovered { .. } => format!("no {service} {noun}"),
            ChangeOfVisit::Covered { .. } => format!("{one}{service} {noun} {is} covered"),
            ChangeOfVisit::TakesPlace { .. } | ChangeOfVisit::OpenAgain => {
                format!("{one}{service} {noun} {takes} place after all")
            }
            ChangeOfVisit::MakeUpPlanned { .. } | ChangeOfVisit::OwnMakeUp => {
                format!("{service} {}", if several { "make-ups" } else { "make-up" })
            }
            ChangeOfVisit::MakeUpCancelled => format!("no {service} {}", if several { "make-ups" } else { "make-up" }),
            ChangeOfVisit::MakeUpFallsOut { .. } => {
                let fall = if several { "make-ups fall out" } else { "make-up falls out" };
                format!("{service} {fall}")
            }
            ChangeOfVisit::Gone => format!("{one}{service} {noun} no longer planned"),
            ChangeOfVisit::Closed { .. } => format!("closed, no {service} {noun}"),
            ChangeOfVisit::EarlyRelease { .. } => format!("early release, no {service} {noun}"),
            ChangeOfVisit::YoursAgain => format!("{one}{service} {noun} {is} yours again"),
            ChangeOfVisit::YouCover { .. } => format!("you cover {one}{service} {noun}"),
            ChangeOfVisit::NoCoverOfYours { .. } => format!("you no longer cover {one}{service} {noun}"),
        }
    }
}

fn full_stop(words: &str) -> String {
    if words.ends_with('.') { words.to_owned() } else { format!("{words}.") }
}

impl VisitChange {
    fn time_span(&self) -> String {
        wording::time_span(self.time)
    }

    fn place(&self) -> String {
        format!("{}, {}, {}", self.service, self.school, self.request_code)
    }

    fn label(&self) -> &'static str {
        self.what.label()
    }

    fn words(&self) -> String {
        let words = self.what.words();
        if words.is_empty() { words } else { format!(" {words}") }
    }
}

impl ScheduleChanged {
    /// Renders text and HTML; no attachment.
    pub fn render(&self) -> Result<Rendered, RenderError> {
        let subject = self.subject();
        render(subject.clone(), &Text { mail: self }, &Html { subject: &subject, mail: self }, Vec::new())
    }

    /// One fact where there is one: the same of the same service at one school on one day.
    fn subject(&self) -> String {
        let Some(first) = self.changes.first() else { return "Your visits".to_owned() };
        let same = |one: &VisitChange| {
            (one.visit_on, &one.school, &one.service, one.label())
                == (first.visit_on, &first.school, &first.service, first.label())
        };
        let from = wording::month_and_day(first.visit_on);
        if !self.changes.iter().all(same) {
            let count = wording::count(self.changes.len() as i64, "change", "changes");
            return format!("{count} of visits from {}, {from}", first.visit_on.format("%A"));
        }
        let service = match first.service.chars().nth(1) {
            // OT stays OT.
            Some(second) if second.is_lowercase() => first.service.to_lowercase(),
            _ => first.service.clone(),
        };
        let fact = first.what.fact(self.changes.len() > 1, &service);
        format!("{}: {fact} at {}, {from}", first.visit_on.format("%A"), first.school)
    }

    /// `2 visits changed:`
    fn opening(&self) -> String {
        format!("{} changed:", wording::count(self.changes.len() as i64, "visit", "visits"))
    }

    /// The days with their changes.
    fn days(&self) -> Vec<(String, Vec<&VisitChange>)> {
        let mut days: Vec<(NaiveDate, Vec<&VisitChange>)> = Vec::new();
        for change in &self.changes {
            match days.last_mut().filter(|(date, _)| *date == change.visit_on) {
                Some((_, changes)) => changes.push(change),
                None => days.push((change.visit_on, vec![change])),
            }
        }
        days.into_iter().map(|(date, changes)| (wording::full_date(date), changes)).collect()
    }

    /// What we do now, where nobody comes.
    fn next_step(&self) -> Option<&'static str> {
        let open = self.changes.iter().any(|one| matches!(one.what, ChangeOfVisit::NotCovered { .. }));
        open.then_some("We are looking for cover and write again when somebody comes.")
    }

    /// The words of the link.
    fn invitation(&self) -> &'static str {
        if self.is_own_week { "See your week" } else { "See the visits" }
    }

    /// How often we write.
    fn choice(&self) -> Option<&'static str> {
        self.has_choice.then_some(
            "Changes of today and the next two school days come at once. How you get all others, you choose under Your \
             account.",
        )
    }
}

#[derive(Template)]
#[template(path = "email_schedule_changed.txt")]
struct Text<'a> {
    mail: &'a ScheduleChanged,
}

#[derive(Template)]
#[template(path = "email_schedule_changed.html")]
struct Html<'a> {
    subject: &'a str,
    mail: &'a ScheduleChanged,
}
