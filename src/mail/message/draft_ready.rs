//! "Draft PLAN-2026-0009 is ready": to the office when a run of the planner ends with a draft.

use askama::Template;

use super::{RenderError, Rendered, render, wording};

/// A draft is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftReady {
    /// The co-op's name.
    pub coop_name: String,
    /// The name after "Hi".
    pub recipient_name: String,
    /// The draft.
    pub draft: DraftFigures,
    /// The plan in use, if there is one.
    pub in_use: Option<DraftFigures>,
    /// The comparison, or the draft where there is nothing to compare it with.
    pub link: String,
}

/// What a plan reaches in a week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftFigures {
    /// Its code.
    pub code: String,
    /// Minutes met.
    pub met_minutes: i64,
    /// Minutes asked for.
    pub asked_minutes: i64,
    /// IEP-mandated minutes that are not met.
    pub mandated_unmet_minutes: i64,
    /// Minutes of driving.
    pub driving_minutes: i64,
}

impl DraftReady {
    /// Renders text and HTML; no attachment.
    pub fn render(&self) -> Result<Rendered, RenderError> {
        let subject = format!("Draft {} is ready: {}", self.draft.code, self.gain());
        render(subject.clone(), &Text { mail: self }, &Html { subject: &subject, mail: self }, Vec::new())
    }

    /// `390 more minutes met`
    fn gain(&self) -> String {
        let Some(in_use) = &self.in_use else {
            return format!("{} met", of(self.draft.met_minutes, self.draft.asked_minutes));
        };
        match self.draft.met_minutes - in_use.met_minutes {
            0 => "as many minutes met".to_owned(),
            more @ 1.. => format!("{} met", wording::count(more, "more minute", "more minutes")),
            fewer => format!("{} met", wording::count(-fewer, "fewer minute", "fewer minutes")),
        }
    }

    fn opening(&self) -> String {
        match &self.in_use {
            Some(in_use) => format!("The planner has made draft {}. {} is in use.", self.draft.code, in_use.code),
            None => format!("The planner has made draft {}. No plan is in use for its term.", self.draft.code),
        }
    }

    /// The measures of a week, label and value.
    fn measures(&self) -> [(&'static str, String); 3] {
        let now = |figure: fn(&DraftFigures) -> i64| {
            let before = self.in_use.as_ref().map(figure);
            before.map_or_else(String::new, |before| format!(", now {}", wording::thousands(before)))
        };
        let draft = &self.draft;
        [
            ("Minutes met", format!("{}{}", of(draft.met_minutes, draft.asked_minutes), now(|plan| plan.met_minutes))),
            (
                "IEP-mandated unmet",
                format!(
                    "{}{}",
                    wording::count(draft.mandated_unmet_minutes, "minute", "minutes"),
                    now(|plan| plan.mandated_unmet_minutes)
                ),
            ),
            (
                "Driving",
                format!(
                    "{}{}",
                    wording::count(draft.driving_minutes, "minute", "minutes"),
                    now(|plan| plan.driving_minutes)
                ),
            ),
        ]
    }

    /// The words of the link.
    fn invitation(&self) -> &'static str {
        if self.in_use.is_some() { "Compare the two" } else { "See the draft" }
    }
}

/// `1,740 of 1,800 minutes`
fn of(met: i64, asked: i64) -> String {
    format!("{} of {}", wording::thousands(met), wording::count(asked, "minute", "minutes"))
}

#[derive(Template)]
#[template(path = "email_draft_ready.txt")]
struct Text<'a> {
    mail: &'a DraftReady,
}

#[derive(Template)]
#[template(path = "email_draft_ready.html")]
struct Html<'a> {
    subject: &'a str,
    mail: &'a DraftReady,
}
