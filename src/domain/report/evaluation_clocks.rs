//! Evaluation clocks: until when an evaluation is due after a parent agreed to it.
//!
//! Missouri counts 60 calendar days from the consent (MPACT, newsletter of September 2023); the number is a setting of
//! the co-op. The date of the consent is all that is known: nothing says for whom.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ReportHead;
use crate::domain::ids::{MemberId, ServiceRequestId, SiteId};
use crate::domain::service_request::RequestState;

/// How a clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    /// The date of the consent is not known.
    NoConsent,
    /// It is not yet due.
    Running,
    /// The due date has passed, and the request has not ended.
    Overdue,
    /// The request has ended.
    Ended,
}

impl ClockState {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            ClockState::NoConsent => "No date of consent",
            ClockState::Running => "Running",
            ClockState::Overdue => "Overdue",
            ClockState::Ended => "Ended",
        }
    }
}

/// Which rows are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnlyClocks {
    /// Those that are overdue.
    Overdue,
}

/// The clock of one evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// How it stands.
    pub state: ClockState,
    /// The last day on which it is in time.
    pub due_on: Option<NaiveDate>,
    /// Days from today until then; negative when it is overdue. Absent when it does not run.
    pub days_left: Option<i64>,
}

/// The last day on which an evaluation is in time: so many calendar days after the consent.
pub fn due_on(consent_on: NaiveDate, days: u64) -> Option<NaiveDate> {
    consent_on.checked_add_days(Days::new(days))
}

/// How the clock of a request stands on a day.
pub fn clock(consent_on: Option<NaiveDate>, days: u64, request: RequestState, today: NaiveDate) -> Clock {
    let due_on = consent_on.and_then(|day| due_on(day, days));
    let left = due_on.map(|due| due.signed_duration_since(today).num_days());
    let state = match (request, left) {
        (RequestState::Ended, _) => ClockState::Ended,
        (_, None) => ClockState::NoConsent,
        (_, Some(left)) if left < 0 => ClockState::Overdue,
        _ => ClockState::Running,
    };
    Clock { state, due_on, days_left: left.filter(|_| state != ClockState::Ended) }
}

/// One evaluation that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClockRow {
    /// The request.
    pub service_request_id: ServiceRequestId,
    /// Its number.
    pub service_request_code: String,
    /// The member that asks.
    pub member_id: MemberId,
    /// Its code.
    pub member: String,
    /// The site.
    pub site_id: SiteId,
    /// Its code.
    pub site: String,
    /// The discipline.
    pub discipline: String,
    /// Where the request stands.
    pub request_state: RequestState,
    /// When the parent's consent arrived.
    pub consent_on: Option<NaiveDate>,
    /// The last day on which it is in time.
    pub due_on: Option<NaiveDate>,
    /// Days left; negative when it is overdue.
    pub days_left: Option<i64>,
    /// How the clock stands.
    pub clock: ClockState,
    /// Minutes of visits with a date in the term, on days with school.
    pub planned_minutes: i64,
    /// Minutes that were delivered, also as a make-up or beyond what was planned.
    pub delivered_minutes: i64,
}

/// The report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EvaluationClocks {
    /// When it was made.
    #[serde(flatten)]
    pub head: ReportHead,
    /// Calendar days from the consent to the due date.
    pub days: i64,
    /// By due date, the earliest first; those without one last.
    pub rows: Vec<ClockRow>,
    /// How many are overdue.
    pub overdue: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn sixty_calendar_days_after_consent_also_over_a_leap_day() {
        assert_eq!(due_on(day("2027-01-04"), 60), Some(day("2027-03-05")));
        assert_eq!(due_on(day("2028-01-04"), 60), Some(day("2028-03-04")));
        assert_eq!(due_on(NaiveDate::MAX, 60), None);
    }

    #[test]
    fn the_due_day_is_in_time_and_the_next_one_is_not() {
        let on = |today: &str, state| clock(Some(day("2027-01-04")), 60, state, day(today));
        let due = on("2027-03-05", RequestState::Planned);
        assert_eq!((due.state, due.days_left), (ClockState::Running, Some(0)));
        let late = on("2027-03-06", RequestState::Planned);
        assert_eq!((late.state, late.days_left), (ClockState::Overdue, Some(-1)));
        let ended = on("2027-03-06", RequestState::Ended);
        assert_eq!((ended.state, ended.days_left), (ClockState::Ended, None));
        assert_eq!(clock(None, 60, RequestState::Draft, day("2027-03-06")).state, ClockState::NoConsent);
    }
}
