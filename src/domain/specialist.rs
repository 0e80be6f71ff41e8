//! Specialists: the shared clinicians, with what they may do, who employs them, and when they can come.
//!
//! Facts that change over time are kept with dates: disciplines and qualifications are held from/until, contracts and weekly hours are
//! effective from/until. A plan uses what is in force on its first day.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar::{WeeklyHours, check_period};
use super::fault::{Fault, Faults};
use super::ids::{AvailabilityId, ContractId, MemberId, SiteId, SpecialistId};
use super::policy::StayPreference;
use super::text::{check_code, check_email, check_name, check_range};

/// A discipline or qualification that a specialist holds for a time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Holding {
    /// Code of a discipline (`SLP`) or a qualification (`spanish`).
    #[schema(example = "SLP", min_length = 1, max_length = 32)]
    pub code: String,
    /// First day it is held.
    pub held_from: NaiveDate,
    /// First day it is no longer held.
    #[serde(default)]
    pub held_until: Option<NaiveDate>,
}

impl Holding {
    /// Whether it is held on a date.
    pub fn is_held_on(&self, date: NaiveDate) -> bool {
        self.held_from <= date && self.held_until.is_none_or(|until| date < until)
    }
}

/// What can be entered about a specialist as a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SpecialistFields {
    /// Short code, unique in the co-op.
    #[schema(example = "SLP-01", min_length = 1, max_length = 32)]
    pub code: String,
    /// Name.
    #[schema(min_length = 1, max_length = 120)]
    pub name: String,
    /// Gets the published week.
    #[schema(example = "slp-01@coop.example.org", max_length = 254)]
    pub email: String,
    /// Disciplines held; at least one.
    #[schema(min_items = 1, max_items = 20)]
    pub disciplines: Vec<Holding>,
    /// Further qualifications, for example a language.
    #[schema(max_items = 20)]
    #[serde(default)]
    pub qualifications: Vec<Holding>,
}

impl SpecialistFields {
    /// Every fault of the entries.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        check_code(&mut faults, "/code", &self.code);
        check_name(&mut faults, "/name", &self.name);
        check_email(&mut faults, "/email", &self.email);
        faults.require(!self.disciplines.is_empty(), "/disciplines", || {
            "Name at least one discipline, for example SLP".to_owned()
        });
        for (list, holdings) in [("disciplines", &self.disciplines), ("qualifications", &self.qualifications)] {
            faults.require(holdings.len() <= 20, &format!("/{list}"), || "Write at most 20".to_owned());
            for (index, holding) in holdings.iter().enumerate() {
                check_code(&mut faults, &format!("/{list}/{index}/code"), &holding.code);
                let place = format!("/{list}/{index}/held_until");
                check_period(&mut faults, &place, holding.held_from, holding.held_until);
                let again = holdings[..index].iter().any(|earlier| {
                    earlier.code == holding.code
                        && earlier.held_until.is_none_or(|until| holding.held_from < until)
                        && holding.held_until.is_none_or(|until| earlier.held_from < until)
                });
                faults.require(!again, &format!("/{list}/{index}"), || {
                    format!("{} is listed twice for the same dates; keep one", holding.code)
                });
            }
        }
        faults.into_vec()
    }
}

/// A shared clinician.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Specialist {
    /// Identity.
    pub id: SpecialistId,
    /// What was entered.
    #[serde(flatten)]
    pub fields: SpecialistFields,
    /// Goes up with each change; the ETag.
    pub version: i64,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Who pays a specialist's salary.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Employer {
    /// A member that serves its own sites and lends hours to others.
    Member {
        /// The lender.
        member_id: MemberId,
    },
    /// The co-op itself.
    Coop {},
    /// An agency under contract.
    Agency {
        /// Its name.
        #[schema(min_length = 1, max_length = 120)]
        name: String,
    },
}

/// Terms of work from a date on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContractFields {
    /// Who employs the specialist.
    pub employer: Employer,
    /// Where the day starts, and from where teletherapy is given.
    pub home_site_id: SiteId,
    /// Direct minutes (visits, not paperwork) a week.
    #[schema(minimum = 0, maximum = 3000)]
    pub direct_minutes_per_week_max: i64,
    /// Direct minutes a day.
    #[schema(minimum = 0, maximum = 720)]
    pub direct_minutes_per_day_max: i64,
    /// Paid minutes a week, all work together; the length of the weekly hours when absent.
    #[schema(minimum = 5, maximum = 4000)]
    #[serde(default)]
    pub paid_minutes_per_week: Option<i64>,
    /// Minutes a week that a member's specialist may give to other members; no limit when absent.
    #[schema(minimum = 0, maximum = 3000)]
    #[serde(default)]
    pub lendable_minutes_per_week_max: Option<i64>,
    /// Different sites a day.
    #[schema(minimum = 1, maximum = 10)]
    pub sites_per_day_max: i64,
    /// Minutes on the road between sites a day.
    #[schema(minimum = 0, maximum = 480)]
    pub travel_minutes_per_day_max: i64,
    /// Longest drive from the home site to a site.
    #[schema(minimum = 0, maximum = 480)]
    pub reach_minutes_max: i64,
    /// Free minutes in one piece around noon on a long day.
    #[schema(minimum = 0, maximum = 120)]
    pub break_minutes: i64,
    /// Loaded cost of an hour (salary, benefits, overhead), in cents.
    #[schema(minimum = 0, maximum = 100_000)]
    pub cost_cents_per_hour: i64,
    /// Minutes a week that stay free in one piece for evaluations, a multiple of 5; 0 for none.
    #[schema(minimum = 0, maximum = 600, multiple_of = 5)]
    #[serde(default)]
    pub evaluation_block_minutes: i64,
    /// Who supervises; anybody with a supervisor is an assistant, who visits only where and when a supervisor can.
    #[schema(max_items = 20)]
    #[serde(default)]
    pub supervisor_ids: Vec<SpecialistId>,
    /// When this specialist supervises assistants; the weekly hours when absent. Never for an assistant.
    #[serde(default)]
    pub supervision_hours: Option<WeeklyHours>,
    /// How strongly long stays at a site are preferred; the co-op's preference when absent.
    #[serde(default)]
    pub stay_preference: Option<StayPreference>,
    /// First day in force.
    pub effective_from: NaiveDate,
    /// First day no longer in force.
    #[serde(default)]
    pub effective_until: Option<NaiveDate>,
}

impl ContractFields {
    /// Every fault of the entries.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        if let Employer::Agency { name } = &self.employer {
            check_name(&mut faults, "/employer/name", name);
        }
        let mut range = |name: &str, value: i64, unit: &str, limits: std::ops::RangeInclusive<i64>| {
            check_range(&mut faults, &format!("/{name}"), value, unit, limits);
        };
        range("direct_minutes_per_week_max", self.direct_minutes_per_week_max, "minutes", 0..=3000);
        range("direct_minutes_per_day_max", self.direct_minutes_per_day_max, "minutes", 0..=720);
        if let Some(lendable) = self.lendable_minutes_per_week_max {
            range("lendable_minutes_per_week_max", lendable, "minutes", 0..=3000);
        }
        if let Some(paid) = self.paid_minutes_per_week {
            range("paid_minutes_per_week", paid, "minutes", 5..=4000);
        }
        range("sites_per_day_max", self.sites_per_day_max, "sites", 1..=10);
        range("travel_minutes_per_day_max", self.travel_minutes_per_day_max, "minutes", 0..=480);
        range("reach_minutes_max", self.reach_minutes_max, "minutes", 0..=480);
        range("break_minutes", self.break_minutes, "minutes", 0..=120);
        range("cost_cents_per_hour", self.cost_cents_per_hour, "cents", 0..=100_000);
        range("evaluation_block_minutes", self.evaluation_block_minutes, "minutes", 0..=600);
        faults.require(self.evaluation_block_minutes % 5 == 0, "/evaluation_block_minutes", || {
            format!("{} is not a multiple of 5 minutes", self.evaluation_block_minutes)
        });
        faults.require(self.supervisor_ids.len() <= 20, "/supervisor_ids", || "Write at most 20".to_owned());
        for (index, supervisor) in self.supervisor_ids.iter().enumerate() {
            let again = self.supervisor_ids[..index].contains(supervisor);
            faults.require(!again, &format!("/supervisor_ids/{index}"), || "Listed twice; keep one".to_owned());
        }
        self.check_supervision_hours(&mut faults);
        check_period(&mut faults, "/effective_until", self.effective_from, self.effective_until);
        faults.into_vec()
    }

    fn check_supervision_hours(&self, faults: &mut Faults) {
        let Some(hours) = &self.supervision_hours else { return };
        faults.require(self.supervisor_ids.is_empty(), "/supervision_hours", || {
            "An assistant supervises nobody; leave out these hours, or the supervisors".to_owned()
        });
        faults.require(!hours.is_empty(), "/supervision_hours", || {
            "Write at least one interval; leave the hours out to supervise in all weekly hours".to_owned()
        });
    }
}

/// A contract of a specialist, in force for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Contract {
    /// Identity.
    pub id: ContractId,
    /// Whose contract.
    pub specialist_id: SpecialistId,
    /// What was entered.
    #[serde(flatten)]
    pub fields: ContractFields,
    /// Goes up with each change; the ETag.
    pub version: i64,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Weekly hours from a date on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AvailabilityFields {
    /// When the specialist can give visits; no overlapping intervals.
    pub weekly_hours: WeeklyHours,
    /// First day in force.
    pub effective_from: NaiveDate,
    /// First day no longer in force.
    #[serde(default)]
    pub effective_until: Option<NaiveDate>,
}

impl AvailabilityFields {
    /// Every fault of the entries.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        check_period(&mut faults, "/effective_until", self.effective_from, self.effective_until);
        faults.into_vec()
    }
}

/// Weekly hours of a specialist, in force for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Availability {
    /// Identity.
    pub id: AvailabilityId,
    /// Whose hours.
    pub specialist_id: SpecialistId,
    /// What was entered.
    #[serde(flatten)]
    pub fields: AvailabilityFields,
    /// Goes up with each change; the ETag.
    pub version: i64,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}
