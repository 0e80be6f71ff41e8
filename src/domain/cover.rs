//! Who could come instead, and when missed minutes could be made up. Suggestions only: people decide.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar::WallClock;
use super::dated_visit::DatedVisit;
use super::ids::SpecialistId;

/// Somebody who holds what a visit needs and has a contract on its day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CoverOption {
    /// Who.
    pub specialist_id: SpecialistId,
    /// Their code.
    pub specialist_code: String,
    /// Their name.
    pub specialist_name: String,
    /// Whether no rule of the plan speaks against it.
    pub is_free: bool,
    /// What speaks against it, as sentences. Somebody who is away or has no contract is not in the list at all.
    pub objections: Vec<String>,
    /// Whether nothing speaks against it if it is given by video from where they are that day. Whether that serves the
    /// student is the IEP team's to say.
    pub is_free_by_video: bool,
    /// Minutes of the visit that they would give.
    pub minutes: i64,
    /// Minutes of driving that it adds to their week; less than 0 where it lies on the way.
    pub extra_drive_minutes: i64,
    /// Direct minutes of their week without it, of plans, cover and make-ups.
    pub week_minutes: i64,
    /// What their contract allows.
    pub week_minutes_max: i64,
    /// What the minutes cost, in cents.
    pub cost_cents: i64,
}

/// Hours of an agency, where the co-op knows a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct AgencyOption {
    /// The agency's rate.
    pub cents_per_hour: i64,
    /// What the visit would cost, in cents.
    pub cost_cents: i64,
}

/// Who could cover a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CoverOptions {
    /// The visit.
    pub visit: DatedVisit,
    /// Everybody who is qualified: the free ones first, then by what it adds in driving.
    pub options: Vec<CoverOption>,
    /// What an agency would cost, where a rate is known.
    pub agency: Option<AgencyOption>,
}

/// Who covers a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoverFields {
    /// Who comes.
    pub specialist_id: SpecialistId,
    /// Whether it is meant although rules of the plan speak against it.
    #[serde(default)]
    pub despite_objections: bool,
}

/// A time at which missed minutes could be made up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MakeUpTime {
    /// Who would come.
    pub specialist_id: SpecialistId,
    /// Their code.
    pub specialist_code: String,
    /// Their name.
    pub specialist_name: String,
    /// The date.
    pub visit_on: NaiveDate,
    /// From, on the wall clock.
    #[schema(value_type = String, example = "08:30")]
    pub starts: WallClock,
    /// To, on the wall clock.
    #[schema(value_type = String, example = "09:15")]
    pub ends: WallClock,
    /// Length.
    pub minutes: i64,
    /// Minutes of driving that it adds to their week.
    pub extra_drive_minutes: i64,
}

/// Times that fit the specialist's week and the school's, the earliest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MakeUpTimes {
    /// How many minutes can still be made up.
    pub minutes_left: i64,
    /// At most one a day and person.
    pub times: Vec<MakeUpTime>,
}

/// A visit that time away touches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TouchedVisit {
    /// The visit.
    pub visit: DatedVisit,
    /// How many people could cover it without anything that speaks against it. Absent for visits after the first hundred.
    pub free_people: Option<i64>,
    /// The first of them.
    pub first: Option<CoverOption>,
}

/// What time away does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AwayEffects {
    /// The visits that nobody comes to unless they are covered, by date and time.
    pub visits: Vec<TouchedVisit>,
    /// Their minutes.
    pub minutes: i64,
    /// Of these, minutes of visits that somebody free could cover.
    pub coverable_minutes: i64,
    /// Whether it lasts so long that planning again close to the plan is worth a try, with what to send.
    pub replan: Option<ReplanSuggestion>,
}

/// A plan run to try: the plan in use without the person who is away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReplanSuggestion {
    /// Why, as a sentence.
    pub reason: String,
    /// What to send to `/plan-runs`.
    pub plan_run: super::plan_run::PlanRunFields,
}

/// What minutes cost at a rate, to the nearest cent.
pub fn cost_cents(minutes: i64, cents_per_hour: i64) -> i64 {
    (minutes * cents_per_hour + 30) / 60
}
