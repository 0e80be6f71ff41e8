//! Changes of an instance: what a remedy asks for, and what people try in a "what if".
//!
//! A change is data, so that the same words stand in a plan's remedies, in a scenario of the office and in a file for
//! the command line. [`apply()`] makes a new, sound instance; nothing is ever changed in place.

mod apply;
mod cost;
mod effect;
mod read;
mod sentence;
mod supervision;

use serde::Serialize;
use serde_json::{Map, Value};

use super::instance::{ServiceRequest, Specialist};
use crate::domain::calendar::{WallClock, Weekday, WeeklyHours};

pub use apply::apply;
pub use cost::cents_per_week;
pub use effect::Effect;
pub(crate) use read::change as read_change;
pub use read::{changes_file, changes_in};
pub(crate) use supervision::new_minutes;

/// Most changes of one list.
pub const CHANGES_MAX: usize = 500;
/// Largest file of changes in bytes.
pub const CHANGES_BYTES_MAX: usize = 4 * 1024 * 1024;

/// One change of an instance. Codes are those of the instance; minutes and cents are whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// Adds an interval to a request's windows, joined with what it touches.
    OpenWindow {
        /// Code of the request.
        request: String,
        /// Day of the week.
        day: Weekday,
        /// Start.
        starts: WallClock,
        /// End.
        ends: WallClock,
    },
    /// Puts other windows in place of a request's windows.
    SetWindows {
        /// Code of the request.
        request: String,
        /// The new windows.
        windows: WeeklyHours,
    },
    /// Sets the shortest and longest visit of a request.
    VisitLength {
        /// Code of the request.
        request: String,
        /// Shortest visit in minutes.
        min: u32,
        /// Longest visit in minutes.
        max: u32,
    },
    /// Sets how many visits a week a request may have.
    VisitsPerWeek {
        /// Code of the request.
        request: String,
        /// Most visits a week.
        max: u32,
    },
    /// Sets the minutes a week of a request.
    RequestMinutes {
        /// Code of the request.
        request: String,
        /// Minutes wanted a week.
        minutes_per_week: u32,
    },
    /// Adds a request.
    AddRequest {
        /// The whole request.
        request: Box<ServiceRequest>,
    },
    /// Takes a request away, with its fixed visits.
    RemoveRequest {
        /// Code of the request.
        request: String,
    },
    /// Raises what a member's specialist may give to other members in a week.
    LendMore {
        /// Code of the specialist.
        specialist: String,
        /// By so many minutes.
        minutes: u32,
    },
    /// Raises a specialist's direct minutes a week.
    LongerWeek {
        /// Code of the specialist.
        specialist: String,
        /// By so many minutes.
        minutes: u32,
    },
    /// Raises a specialist's direct minutes a day.
    LongerDay {
        /// Code of the specialist.
        specialist: String,
        /// By so many minutes.
        minutes: u32,
    },
    /// Adds an interval to a specialist's availability, joined with what it touches.
    LongerHours {
        /// Code of the specialist.
        specialist: String,
        /// Day of the week.
        day: Weekday,
        /// Start.
        starts: WallClock,
        /// End.
        ends: WallClock,
    },
    /// Raises the longest drive from a specialist's home site to a site.
    DriveFurther {
        /// Code of the specialist.
        specialist: String,
        /// By so many minutes.
        minutes: u32,
    },
    /// Raises the sites a day of a specialist.
    MoreSites {
        /// Code of the specialist.
        specialist: String,
        /// By so many sites.
        sites: u32,
    },
    /// Raises the different sites in the week of a specialist.
    MoreSitesAWeek {
        /// Code of the specialist.
        specialist: String,
        /// By so many sites.
        sites: u32,
    },
    /// Raises how many requests a specialist may serve.
    MoreRequests {
        /// Code of the specialist.
        specialist: String,
        /// By so many requests.
        requests: u32,
    },
    /// Adds an interval to the hours in which a specialist supervises assistants, joined with what it touches. Who has no
    /// such hours supervises whenever they work, and goes on to.
    SuperviseMore {
        /// Code of the supervisor.
        specialist: String,
        /// Day of the week.
        day: Weekday,
        /// Start.
        starts: WallClock,
        /// End.
        ends: WallClock,
    },
    /// Gives a specialist one more qualification.
    AddQualification {
        /// Code of the specialist.
        specialist: String,
        /// Such as `spanish`.
        qualification: String,
    },
    /// Gives a specialist one more discipline.
    AddDiscipline {
        /// Code of the specialist.
        specialist: String,
        /// Such as `SLP`.
        discipline: String,
    },
    /// Adds a specialist.
    AddSpecialist {
        /// The whole specialist.
        specialist: Box<Specialist>,
    },
    /// Adds a specialist of whom only the outlines are known: Monday to Friday 07:30-15:30, at most 360 direct minutes
    /// and three sites a day, 75 driving minutes a day, no limit of reach, a break of 30 minutes.
    Hire {
        /// Discipline.
        discipline: String,
        /// Direct minutes a week.
        minutes_per_week: u32,
        /// Further qualifications.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        qualifications: Vec<String>,
        /// Who pays.
        employer: HireEmployer,
        /// Pay.
        cents_per_hour: i64,
        /// Code; `NEW-<discipline>-<n>` when absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// Code of the home site; when absent the site that asks for most minutes of the discipline.
        #[serde(skip_serializing_if = "Option::is_none")]
        home_site: Option<String>,
    },
    /// Takes a specialist away, with the fixed visits, and from the requests served today.
    RemoveSpecialist {
        /// Code of the specialist.
        specialist: String,
    },
    /// Takes whole days out of a specialist's availability, with the fixed visits on them.
    Absence {
        /// Code of the specialist.
        specialist: String,
        /// Days of the week.
        days: Vec<Weekday>,
    },
    /// Takes the windows of all requests of a site away, with the fixed visits for them.
    CloseSite {
        /// Code of the site.
        site: String,
        /// Only on these days; on all days when absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        days: Option<Vec<Weekday>>,
    },
    /// Sets a specialist's pay.
    Pay {
        /// Code of the specialist.
        specialist: String,
        /// Pay.
        cents_per_hour: i64,
    },
    /// Sets the mileage rate.
    Mileage {
        /// Rate.
        cents_per_mile: i64,
    },
    /// Sets what an agency would charge for a discipline.
    AgencyPay {
        /// Discipline.
        discipline: String,
        /// Rate.
        cents_per_hour: i64,
    },
    /// Sets any keys of the instance's policy; the others stay.
    Policy(Map<String, Value>),
}

/// Who pays a person who is hired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HireEmployer {
    /// The co-op itself.
    Coop,
    /// A staffing agency.
    Agency,
}

impl Change {
    /// Code of the specialist whom the change is about, of those who were there before.
    pub(crate) fn specialist(&self) -> Option<&str> {
        match self {
            Change::LendMore { specialist, .. }
            | Change::LongerWeek { specialist, .. }
            | Change::LongerDay { specialist, .. }
            | Change::LongerHours { specialist, .. }
            | Change::DriveFurther { specialist, .. }
            | Change::MoreSites { specialist, .. }
            | Change::MoreSitesAWeek { specialist, .. }
            | Change::MoreRequests { specialist, .. }
            | Change::SuperviseMore { specialist, .. }
            | Change::AddQualification { specialist, .. }
            | Change::AddDiscipline { specialist, .. }
            | Change::RemoveSpecialist { specialist }
            | Change::Absence { specialist, .. }
            | Change::Pay { specialist, .. } => Some(specialist),
            _ => None,
        }
    }

    /// The `kind` of this change in a file.
    pub fn kind(&self) -> &'static str {
        match self {
            Change::OpenWindow { .. } => "open_window",
            Change::SetWindows { .. } => "set_windows",
            Change::VisitLength { .. } => "visit_length",
            Change::VisitsPerWeek { .. } => "visits_per_week",
            Change::RequestMinutes { .. } => "request_minutes",
            Change::AddRequest { .. } => "add_request",
            Change::RemoveRequest { .. } => "remove_request",
            Change::LendMore { .. } => "lend_more",
            Change::LongerWeek { .. } => "longer_week",
            Change::LongerDay { .. } => "longer_day",
            Change::LongerHours { .. } => "longer_hours",
            Change::DriveFurther { .. } => "drive_further",
            Change::MoreSites { .. } => "more_sites",
            Change::MoreSitesAWeek { .. } => "more_sites_a_week",
            Change::MoreRequests { .. } => "more_requests",
            Change::SuperviseMore { .. } => "supervise_more",
            Change::AddQualification { .. } => "add_qualification",
            Change::AddDiscipline { .. } => "add_discipline",
            Change::AddSpecialist { .. } => "add_specialist",
            Change::Hire { .. } => "hire",
            Change::RemoveSpecialist { .. } => "remove_specialist",
            Change::Absence { .. } => "absence",
            Change::CloseSite { .. } => "close_site",
            Change::Pay { .. } => "pay",
            Change::Mileage { .. } => "mileage",
            Change::AgencyPay { .. } => "agency_pay",
            Change::Policy(_) => "policy",
        }
    }
}
