//! What became of a dated visit: minutes that were delivered, or that it did not take place and why. Reasons are codes;
//! there is no text, so that nothing about a child can be written.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::dated_visit::{DatedVisit, DatedVisitKind, DatedVisitState, is_in_indirect_week};
use super::fault::{Fault, Faults};
use super::ids::{AccountId, DatedVisitId, LockedMonthId, MemberId, ServiceLogId, ServiceRequestId, SpecialistId};
use super::month::Month;
use super::text::in_minutes;

/// The largest group that can be written down.
pub const GROUP_SIZE_MAX: i64 = 50;

/// What became of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogOutcome {
    /// It took place, for some minutes.
    Delivered,
    /// It did not take place.
    DidNotTakePlace,
    /// What was logged before was taken back.
    NotLogged,
}

/// Why a visit did not take place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MissedReason {
    /// The child was absent, excused.
    #[serde(rename = "student_absent_excused")]
    AbsentExcused,
    /// The child was absent, not excused.
    #[serde(rename = "student_absent_unexcused")]
    AbsentUnexcused,
    /// The specialist was absent.
    ProviderAbsent,
    /// The school was closed, or the day ended early.
    Closure,
    /// An activity of the school.
    Activity,
    /// The child did not take part.
    Declined,
    /// Anything else.
    Other,
}

impl MissedReason {
    /// All of them, in the order in which they are offered.
    pub const ALL: [MissedReason; 7] = [
        MissedReason::AbsentExcused,
        MissedReason::AbsentUnexcused,
        MissedReason::ProviderAbsent,
        MissedReason::Closure,
        MissedReason::Activity,
        MissedReason::Declined,
        MissedReason::Other,
    ];

    /// How it is written.
    pub fn code(self) -> &'static str {
        match self {
            MissedReason::AbsentExcused => "student_absent_excused",
            MissedReason::AbsentUnexcused => "student_absent_unexcused",
            MissedReason::ProviderAbsent => "provider_absent",
            MissedReason::Closure => "closure",
            MissedReason::Activity => "activity",
            MissedReason::Declined => "declined",
            MissedReason::Other => "other",
        }
    }

    /// Reads the code.
    pub fn read(code: &str) -> Option<MissedReason> {
        MissedReason::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

/// What can be logged about a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogFields {
    /// What became of it.
    pub outcome: LogOutcome,
    /// How many minutes were delivered, from 1; only where it took place.
    #[schema(minimum = 1)]
    #[serde(default)]
    pub minutes: Option<i64>,
    /// Why not; only where it did not take place.
    #[serde(default)]
    pub reason: Option<MissedReason>,
    /// How many were in the group, as a number and never by name; only where it took place.
    #[schema(minimum = 1, maximum = 50)]
    #[serde(default)]
    pub group_size: Option<i64>,
}

impl LogFields {
    /// What is logged when nothing was logged, or was taken back.
    pub const NOT_LOGGED: LogFields =
        LogFields { outcome: LogOutcome::NotLogged, minutes: None, reason: None, group_size: None };

    /// It took place for so many minutes.
    pub fn delivered(minutes: i64) -> LogFields {
        LogFields { outcome: LogOutcome::Delivered, minutes: Some(minutes), reason: None, group_size: None }
    }

    /// It did not take place.
    pub fn missed(reason: MissedReason) -> LogFields {
        LogFields { outcome: LogOutcome::DidNotTakePlace, minutes: None, reason: Some(reason), group_size: None }
    }

    /// Every fault of the entries for a visit, of which at most `percent_max` of its minutes can be delivered. Dates and
    /// locked months are not looked at.
    pub fn check(&self, visit: &DatedVisit, percent_max: i64) -> Vec<Fault> {
        let mut faults = Faults::default();
        let took_place = self.outcome == LogOutcome::Delivered;
        let most = minutes_max(visit.minutes, percent_max);
        let planned = visit.minutes;
        faults.require(self.minutes.is_some() == took_place, "/minutes", || match took_place {
            true => format!("Write how many minutes were delivered, like {planned}"),
            false => "Only a visit that took place has minutes; leave them out".to_owned(),
        });
        if let Some(minutes) = self.minutes.filter(|_| took_place) {
            faults.require((1..=most).contains(&minutes), "/minutes", || {
                format!("This visit was planned for {}. Enter 1 to {most}, or add a make-up visit", in_minutes(planned))
            });
        }
        let missed = self.outcome == LogOutcome::DidNotTakePlace;
        faults.require(self.reason.is_some() == missed, "/reason", || match missed {
            true => "Choose why it did not take place, like provider_absent".to_owned(),
            false => "Only a visit that did not take place has a reason; leave it out".to_owned(),
        });
        faults.require(took_place || self.group_size.is_none(), "/group_size", || {
            "Only a visit that took place has a group; leave it out".to_owned()
        });
        let fits = self.group_size.is_none_or(|size| (1..=GROUP_SIZE_MAX).contains(&size));
        faults.require(fits, "/group_size", || format!("Write a number from 1 to {GROUP_SIZE_MAX}, or leave it out"));
        let school_closed = visit.state == DatedVisitState::Closed && !is_in_indirect_week(visit.state, &visit.reason);
        if school_closed && self.outcome != LogOutcome::NotLogged {
            let closed = *self == LogFields::missed(MissedReason::Closure);
            faults.require(closed, "/outcome", || {
                format!(
                    "The school was closed on {} ({}). Log that it did not take place, reason closure, and add a make-up \
                     visit for what was given on another day",
                    visit.visit_on, visit.reason
                )
            });
        }
        if visit.kind == DatedVisitKind::MakeUp && !visit.takes_place() {
            faults.require(self.outcome != LogOutcome::Delivered, "/outcome", || fell_out(visit));
        }
        faults.into_vec()
    }
}

/// Why minutes of a make-up that fell out are not logged as delivered: they are owed again, and may be made up elsewhere.
fn fell_out(visit: &DatedVisit) -> String {
    let why = if visit.reason.is_empty() { "whoever was to come is away" } else { &visit.reason };
    format!(
        "This make-up fell out ({why}), and its minutes are owed again. Log that it did not take place, and add another \
         make-up for what was given"
    )
}

/// The most minutes that can be logged for a visit of so many.
pub fn minutes_max(planned: i64, percent_max: i64) -> i64 {
    planned.saturating_mul(percent_max) / 100
}

/// One version of what was logged about a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ServiceLog {
    /// Identity of this version.
    pub id: ServiceLogId,
    /// Of which visit.
    pub dated_visit_id: DatedVisitId,
    /// 1 for the first, and one more with each change; the ETag. The highest counts.
    pub version: i64,
    /// The date of the visit.
    pub visit_on: NaiveDate,
    /// How long the visit was planned for.
    pub planned_minutes: i64,
    /// For which request; absent for those who see minutes only.
    pub service_request_id: Option<ServiceRequestId>,
    /// Its number; absent likewise.
    pub service_request_code: Option<String>,
    /// The member that is served.
    pub member_id: MemberId,
    /// Who was to come.
    pub specialist_id: SpecialistId,
    /// Who covers the visit, if somebody does.
    pub covered_by_specialist_id: Option<SpecialistId>,
    /// What became of it.
    pub outcome: LogOutcome,
    /// Minutes that were delivered; 0 where it did not take place.
    pub minutes: i64,
    /// Why not; absent where it took place, and for those who see minutes only.
    pub reason: Option<MissedReason>,
    /// How many were in the group, where it was written down; absent for those who see minutes only.
    pub group_size: Option<i64>,
    /// The account that logged it.
    pub logged_by: AccountId,
    /// When.
    pub logged_at: DateTime<Utc>,
}

impl ServiceLog {
    /// What was entered.
    pub fn fields(&self) -> LogFields {
        LogFields {
            outcome: self.outcome,
            minutes: Some(self.minutes).filter(|minutes| *minutes > 0),
            reason: self.reason,
            group_size: self.group_size,
        }
    }
}

/// A month whose logs no longer change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LockedMonth {
    /// Identity.
    pub id: LockedMonthId,
    /// Which month.
    pub month: Month,
    /// The account that locked it.
    pub locked_by: AccountId,
    /// When.
    pub locked_at: DateTime<Utc>,
}

/// Which month is to be locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MonthToLock {
    /// The month; it must be over.
    pub month: Month,
}
