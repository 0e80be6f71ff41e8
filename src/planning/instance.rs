//! What the planner is asked: the document `coop-planning-instance/1`, or a later one where
//! a key is used that an earlier one does not know.
//!
//! The types mirror the file one to one, so that the office's database, a file and a benchmark all speak the same words.
//! Times are local wall clock, lengths are minutes a week. Absent limits are `None` and limit nothing.

mod check;
pub(crate) mod read;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::domain::calendar::{WallClock, Weekday, WeeklyHours};
use crate::domain::fault::Fault;
use crate::domain::service_request::{Mode, Priority};

pub use crate::domain::policy::{Fairness, StayPreference};

/// The `format` of an instance without any key of the second version.
pub const INSTANCE_FORMAT: &str = "coop-planning-instance/1";
/// The `format` of an instance that may use the keys of the second version; they are optional.
pub const INSTANCE_FORMAT_2: &str = "coop-planning-instance/2";
/// The `format` of an instance that may use the keys of the third version as well; they are optional.
pub const INSTANCE_FORMAT_3: &str = "coop-planning-instance/3";
/// The `format` of an instance that may use the keys of the fourth version as well; they are optional.
pub const INSTANCE_FORMAT_4: &str = "coop-planning-instance/4";
/// All formats, oldest first.
pub const INSTANCE_FORMATS: [&str; 4] = [INSTANCE_FORMAT, INSTANCE_FORMAT_2, INSTANCE_FORMAT_3, INSTANCE_FORMAT_4];
/// Largest instance file in bytes.
pub const INSTANCE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Most members.
pub const MEMBERS_MAX: usize = 500;
/// Most sites, and so most rows of the travel table.
pub const SITES_MAX: usize = 1_000;
/// Most specialists.
pub const SPECIALISTS_MAX: usize = 2_000;
/// Most requests.
pub const REQUESTS_MAX: usize = 10_000;
/// Most minutes that any field may state: one week.
pub const MINUTES_MAX: u32 = 7 * 24 * 60;
/// Longest evaluation block in minutes.
pub const EVALUATION_BLOCK_MAX: u32 = 600;
/// Most cents an hour, or a mile, that any field may state.
pub const CENTS_MAX: i64 = 10_000_000;

/// Everything that a plan depends on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Instance {
    /// One of [`INSTANCE_FORMATS`].
    pub format: String,
    /// A name for people.
    pub name: String,
    /// Visit lengths are multiples of this many minutes.
    pub unit_minutes: u32,
    /// First day of the plan, to hold credentials against. Format 3.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<NaiveDate>,
    /// The districts of the co-op.
    pub members: Vec<Member>,
    /// The campuses.
    pub sites: Vec<Site>,
    /// Driving minutes and miles between sites.
    pub travel: Travel,
    /// The staff.
    pub specialists: Vec<Specialist>,
    /// What is asked for.
    pub requests: Vec<ServiceRequest>,
    /// Rules and rates of the whole co-op.
    #[serde(skip_serializing_if = "is_default")]
    pub policy: Policy,
    /// Visits that must stand as they are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<FixedVisit>,
}

/// A member (LEA) of the co-op.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Member {
    /// Unique code.
    pub code: String,
    /// A name for people.
    pub name: String,
}

/// A campus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Site {
    /// Unique code.
    pub code: String,
    /// Code of its member.
    pub member: String,
    /// A name for people.
    pub name: String,
}

/// A square table of drives; row = from, column = to, in the order of `sites`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Travel {
    /// Site codes of rows and columns.
    pub sites: Vec<String>,
    /// Driving minutes.
    pub minutes: Vec<Vec<u32>>,
    /// Driving miles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub miles: Option<Vec<Vec<f64>>>,
}

/// Who pays a specialist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Employer {
    /// A member, which lends what it does not need.
    Member {
        /// Code of the member.
        member: String,
    },
    /// The co-op itself.
    Coop,
    /// A staffing agency.
    Agency {
        /// A name for people.
        name: String,
    },
}

/// A clinician.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Specialist {
    /// Unique code.
    pub code: String,
    /// Disciplines held, such as `SLP`; at least one.
    pub disciplines: Vec<String>,
    /// Further qualifications, such as `spanish`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub qualifications: Vec<String>,
    /// Who pays.
    pub employer: Employer,
    /// Code of the site where teletherapy is given and reach is measured from.
    pub home_site: String,
    /// Hours in which visits may lie.
    pub availability: WeeklyHours,
    /// Most direct minutes a week.
    pub direct_minutes_per_week_max: u32,
    /// Most direct minutes a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direct_minutes_per_day_max: Option<u32>,
    /// Most minutes a week for other members; only for a member's specialist.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lendable_minutes_per_week_max: Option<u32>,
    /// Most different sites a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sites_per_day_max: Option<u32>,
    /// Most driving minutes between sites a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub travel_minutes_per_day_max: Option<u32>,
    /// Longest drive from the home site to a site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reach_minutes_max: Option<u32>,
    /// Break that a long day leaves free; 0 for none.
    #[serde(skip_serializing_if = "is_zero")]
    pub break_minutes: u32,
    /// Pay.
    pub cost_cents_per_hour: i64,
    /// How strongly long stays are preferred; the policy's when absent. Format 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stay_preference: Option<StayPreference>,
    /// One piece of the week of so many minutes is left free for evaluations; 0 for none. Format 2.
    #[serde(skip_serializing_if = "is_zero")]
    pub evaluation_block_minutes: u32,
    /// Codes of those who supervise; anybody with a supervisor is an assistant. Format 2.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub supervisors: Vec<String>,
    /// Hours in which this specialist supervises assistants; the availability when absent. Format 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supervision_hours: Option<WeeklyHours>,
    /// By discipline, the first day on which the credential is no longer valid; disciplines whose credential does not end
    /// in the term are left out. Format 3.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub credentials_until: BTreeMap<String, NaiveDate>,
    /// Most different sites in the week. Format 4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sites_per_week_max: Option<u32>,
    /// Most requests served in the week, of however many minutes. Format 4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_max: Option<u32>,
}

impl Specialist {
    /// Whether this is an assistant, whose every visit needs a supervisor.
    pub fn is_assistant(&self) -> bool {
        !self.supervisors.is_empty()
    }
}

/// What a site asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceRequest {
    /// Unique code.
    pub code: String,
    /// Code of the requesting site.
    pub site: String,
    /// Discipline wanted.
    pub discipline: String,
    /// Qualifications wanted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub qualifications: Vec<String>,
    /// How much it weighs.
    pub priority: Priority,
    /// Where visits are given.
    #[serde(skip_serializing_if = "is_in_person")]
    pub mode: Mode,
    /// Minutes wanted a week.
    pub minutes_per_week: u32,
    /// Most visits a week.
    pub visits_per_week_max: u32,
    /// Shortest and longest visit.
    pub visit_minutes: VisitMinutes,
    /// When a visit may lie.
    pub windows: WeeklyHours,
    /// Code of the specialist who serves it now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_specialist: Option<String>,
}

/// Shortest and longest visit of a request, in minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct VisitMinutes {
    /// Shortest.
    pub min: u32,
    /// Longest.
    pub max: u32,
}

/// Rules and rates of the whole co-op.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// Mileage rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub travel_cents_per_mile: Option<i64>,
    /// What an agency would charge, by discipline.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub agency_cents_per_hour: BTreeMap<String, i64>,
    /// Fewest direct minutes of a stay away from the home site; 0 for none.
    #[serde(skip_serializing_if = "is_zero")]
    pub min_minutes_at_site: u32,
    /// What comes first where mandated minutes are short. Format 2.
    #[serde(skip_serializing_if = "is_default")]
    pub fairness: Fairness,
    /// Percent of a specialist's direct week that one member other than the employer may get. Format 2.
    #[serde(skip_serializing_if = "is_hundred")]
    pub person_member_share_max_percent: u32,
    /// How strongly long stays are preferred, for specialists without a preference of their own. Format 2.
    #[serde(skip_serializing_if = "is_default")]
    pub stay_preference: StayPreference,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            travel_cents_per_mile: None,
            agency_cents_per_hour: BTreeMap::new(),
            min_minutes_at_site: 0,
            fairness: Fairness::default(),
            person_member_share_max_percent: 100,
            stay_preference: StayPreference::default(),
        }
    }
}

/// A visit that must stand as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FixedVisit {
    /// Code of the specialist.
    pub specialist: String,
    /// Code of the request.
    pub request: String,
    /// Day of the week.
    pub day: Weekday,
    /// Start.
    pub starts: WallClock,
    /// End.
    pub ends: WallClock,
}

impl Instance {
    /// Reads and checks an instance file. On failure every fault found, each with its JSON pointer.
    pub fn read(bytes: &[u8]) -> Result<Instance, Vec<Fault>> {
        let instance = read::instance(bytes)?;
        let faults = instance.check();
        if faults.is_empty() { Ok(instance) } else { Err(faults) }
    }

    /// Every fault of the content: codes, ranges, tables, and hard rules that the fixed visits break.
    /// An instance in which a request cannot be met at all is legal; it becomes a shortfall.
    pub fn check(&self) -> Vec<Fault> {
        check::faults(self)
    }

    /// The oldest format that knows every key this instance uses.
    pub fn format_needed(&self) -> &'static str {
        let capped = |one: &Specialist| one.sites_per_week_max.is_some() || one.requests_max.is_some();
        if self.specialists.iter().any(capped) {
            return INSTANCE_FORMAT_4;
        }
        if self.effective_from.is_some() || self.specialists.iter().any(|one| !one.credentials_until.is_empty()) {
            return INSTANCE_FORMAT_3;
        }
        let policy = Policy {
            travel_cents_per_mile: self.policy.travel_cents_per_mile,
            agency_cents_per_hour: self.policy.agency_cents_per_hour.clone(),
            min_minutes_at_site: self.policy.min_minutes_at_site,
            ..Policy::default()
        };
        let plain = |one: &Specialist| {
            (one.stay_preference.is_none() && one.evaluation_block_minutes == 0)
                && (one.supervisors.is_empty() && one.supervision_hours.is_none())
        };
        let first = policy == self.policy && self.specialists.iter().all(plain);
        if first { INSTANCE_FORMAT } else { INSTANCE_FORMAT_2 }
    }

    /// Takes the newer format when the keys that are used need it.
    pub fn raise_format(&mut self) {
        let needed = self.format_needed();
        if age(&self.format) < age(needed) {
            self.format = needed.to_string();
        }
    }

    /// The instance as compact JSON with keys in the order of the types and defaults left out. Equal instances give
    /// equal bytes.
    pub fn canonical_bytes(&self) -> Vec<u8> {
        // Serializing plain structs with string keys into memory has no way to fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Lower-case hexadecimal SHA-256 of [`Instance::canonical_bytes`].
    pub fn sha256(&self) -> String {
        Sha256::digest(self.canonical_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Which of the formats this is, from 0; nothing for an unknown one.
fn age(format: &str) -> Option<usize> {
    INSTANCE_FORMATS.iter().position(|known| *known == format)
}

fn is_zero(minutes: &u32) -> bool {
    *minutes == 0
}

fn is_hundred(percent: &u32) -> bool {
    *percent == 100
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn is_in_person(mode: &Mode) -> bool {
    *mode == Mode::InPerson
}
