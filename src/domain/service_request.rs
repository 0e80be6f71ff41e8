//! What a site asks for, and the life of a request.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar::WeeklyHours;
use super::fault::{Fault, Faults};
use super::ids::{MemberId, ServiceRequestId, SiteId, SpecialistId, TermId};
use super::text::{check_code, check_range};

/// Lengths of visits are multiples of this many minutes.
pub const UNIT_MINUTES: i64 = 15;

/// The earliest date of a consent; one before it is a slip of the pen.
pub const CONSENT_FIRST: NaiveDate = match NaiveDate::from_ymd_opt(2000, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// How much a request weighs when not everything can be met. Declared in falling order of weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Minutes that an IEP promises.
    Mandated,
    /// Evaluations, which have a legal clock of their own.
    Evaluation,
    /// Advice to teachers and teams.
    Consult,
}

/// Where a visit is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// At the requesting site.
    #[default]
    InPerson,
    /// By video from the specialist's home site.
    Teletherapy,
}

/// Shortest and longest visit, in minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitMinutes {
    /// Shortest useful visit.
    #[schema(minimum = 15, maximum = 360, example = 30)]
    pub min: i64,
    /// Longest sensible visit.
    #[schema(minimum = 15, maximum = 360, example = 60)]
    pub max: i64,
}

/// What a coordinator enters. There is no free text, so that no student can be named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceRequestFields {
    /// Where.
    pub site_id: SiteId,
    /// For which term.
    pub term_id: TermId,
    /// Who: a discipline's code.
    #[schema(example = "SLP", min_length = 1, max_length = 32)]
    pub discipline: String,
    /// What else the specialist must hold, for example `spanish`.
    #[schema(max_items = 10)]
    #[serde(default)]
    pub qualifications: Vec<String>,
    /// How much it weighs.
    pub priority: Priority,
    /// In person or by video.
    #[serde(default)]
    pub mode: Mode,
    /// Minutes a week, a multiple of 15.
    #[schema(minimum = 15, maximum = 3000, multiple_of = 15, example = 60)]
    pub minutes_per_week: i64,
    /// On how many days a week at most.
    #[schema(minimum = 1, maximum = 7)]
    pub visits_per_week_max: i64,
    /// Shortest and longest visit.
    pub visit_minutes: VisitMinutes,
    /// When the site is open to these visits.
    pub windows: WeeklyHours,
    /// Who gives these visits today, if anybody; the plan keeps the person where it can.
    #[serde(default)]
    pub current_specialist_id: Option<SpecialistId>,
    /// When the parent's consent to an evaluation arrived; only for evaluations. The evaluation is due 60 calendar days
    /// later, or as many as the co-op has set.
    #[serde(default)]
    pub consent_on: Option<NaiveDate>,
}

impl ServiceRequestFields {
    /// Every fault of the entries.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        check_code(&mut faults, "/discipline", &self.discipline);
        faults.require(self.qualifications.len() <= 10, "/qualifications", || "Write at most 10".to_owned());
        for (index, qualification) in self.qualifications.iter().enumerate() {
            check_code(&mut faults, &format!("/qualifications/{index}"), qualification);
        }
        check_range(&mut faults, "/minutes_per_week", self.minutes_per_week, "minutes", UNIT_MINUTES..=3000);
        faults.require(self.minutes_per_week % UNIT_MINUTES == 0, "/minutes_per_week", || {
            let next = self.minutes_per_week.div_euclid(UNIT_MINUTES).saturating_add(1).saturating_mul(UNIT_MINUTES);
            format!("{} minutes are not a multiple of {UNIT_MINUTES}. Try {next}", self.minutes_per_week)
        });
        check_range(&mut faults, "/visits_per_week_max", self.visits_per_week_max, "visits", 1..=7);
        self.check_visit_minutes(&mut faults);
        self.check_consent(&mut faults);
        faults.into_vec()
    }

    fn check_consent(&self, faults: &mut Faults) {
        let Some(day) = self.consent_on else { return };
        faults.require(self.priority == Priority::Evaluation, "/consent_on", || {
            "Only a request for an evaluation has a date of consent; leave it out, or choose the priority evaluation"
                .to_owned()
        });
        faults.require(day >= CONSENT_FIRST, "/consent_on", || {
            format!("The consent must be from {CONSENT_FIRST} or later; correct the year")
        });
    }

    fn check_visit_minutes(&self, faults: &mut Faults) {
        let VisitMinutes { min, max } = self.visit_minutes;
        for (pointer, value) in [("/visit_minutes/min", min), ("/visit_minutes/max", max)] {
            check_range(faults, pointer, value, "minutes", UNIT_MINUTES..=360);
            faults.require(value % UNIT_MINUTES == 0, pointer, || {
                format!("{value} minutes are not a multiple of {UNIT_MINUTES}; write 15, 30, 45 and so on")
            });
        }
        faults.require(min <= max, "/visit_minutes/max", || {
            format!("The longest visit ({max}) is shorter than the shortest ({min})")
        });
        faults.require(!self.windows.is_empty(), "/windows", || {
            "Name at least one time when the site is open to visits, like {\"mon\": [[\"08:30\", \"11:00\"]]}"
                .to_owned()
        });
        for (day, intervals) in self.windows.days() {
            for (index, window) in intervals.iter().enumerate() {
                faults.require(i64::from(window.minutes()) >= min, &format!("/windows/{day}/{index}"), || {
                    format!(
                        "The shortest visit is {min} minutes, but {}'s time {window} is only {}",
                        day.name(),
                        window.minutes()
                    )
                });
            }
        }
    }
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// Being written; only its author's district sees it.
    Draft,
    /// Sent to the office.
    Submitted,
    /// The office will plan it.
    Accepted,
    /// The office will not plan it; the note says why.
    Declined,
    /// Part of the published plan.
    Planned,
    /// Taken back by the district before it was planned.
    Withdrawn,
    /// Was planned, is no longer wanted.
    Ended,
}

/// What people do with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestVerb {
    /// Change its fields.
    Edit,
    /// Send it to the office.
    Submit,
    /// Take it into the next plan.
    Accept,
    /// Refuse it.
    Decline,
    /// Put it into a published plan.
    Plan,
    /// Take it back.
    Withdraw,
    /// Stop it after it was planned.
    End,
}

impl RequestState {
    /// Whether the planner considers a request in this state.
    pub fn is_plannable(self) -> bool {
        matches!(self, RequestState::Accepted | RequestState::Planned)
    }

    /// The state after a verb, or `None` where the verb does not fit.
    pub fn after(self, verb: RequestVerb) -> Option<RequestState> {
        use RequestState::*;
        match (self, verb) {
            (Draft, RequestVerb::Edit) => Some(Draft),
            (Submitted, RequestVerb::Edit) => Some(Submitted),
            (Draft, RequestVerb::Submit) => Some(Submitted),
            (Submitted, RequestVerb::Accept) => Some(Accepted),
            (Submitted, RequestVerb::Decline) => Some(Declined),
            (Accepted | Planned, RequestVerb::Plan) => Some(Planned),
            (Draft | Submitted | Accepted, RequestVerb::Withdraw) => Some(Withdrawn),
            (Planned, RequestVerb::End) => Some(Ended),
            _ => None,
        }
    }

    /// The word shown in messages and stored.
    pub fn code(self) -> &'static str {
        match self {
            RequestState::Draft => "draft",
            RequestState::Submitted => "submitted",
            RequestState::Accepted => "accepted",
            RequestState::Declined => "declined",
            RequestState::Planned => "planned",
            RequestState::Withdrawn => "withdrawn",
            RequestState::Ended => "ended",
        }
    }
}

/// What a site asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ServiceRequest {
    /// Identity.
    pub id: ServiceRequestId,
    /// The number people use, `SR-2026-0042`.
    #[schema(example = "SR-2026-0042")]
    pub code: String,
    /// The member of the site.
    pub member_id: MemberId,
    /// Where it stands.
    pub state: RequestState,
    /// Why the office declined it; empty otherwise.
    pub decision_note: String,
    /// What was entered.
    #[serde(flatten)]
    pub fields: ServiceRequestFields,
    /// Goes up with each change; the ETag.
    pub version: i64,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_lives_forward_only() {
        use RequestState::*;
        let verbs = [RequestVerb::Submit, RequestVerb::Accept, RequestVerb::Plan, RequestVerb::End];
        let mut state = Some(Draft);
        for verb in verbs {
            state = state.and_then(|state| state.after(verb));
        }
        assert_eq!(state, Some(Ended));
        for over in [Declined, Withdrawn, Ended] {
            for verb in verbs.into_iter().chain([RequestVerb::Edit, RequestVerb::Decline, RequestVerb::Withdraw]) {
                assert_eq!(over.after(verb), None, "{over:?} {verb:?}");
            }
        }
        assert_eq!(Draft.after(RequestVerb::Accept), None);
        assert_eq!(Planned.after(RequestVerb::Edit), None);
    }
}
