//! Who could come instead, and when missed minutes could be made up. Suggestions only: people decide.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar::WallClock;
use super::dated_visit::DatedVisit;
use super::ids::SpecialistId;

/// The rules that the office may overrule when it says who covers a visit: limits that the co-op, a contract or a lender
/// set, and that people can agree to go beyond once. By name, as everywhere.
const LIMITS: [&str; 13] = [
    "visit_within_availability",
    "specialist_day_within_limit",
    "specialist_week_within_contract",
    "lendable_within_limit",
    "sites_per_day",
    "no_return_to_site",
    "travel_within_day",
    "site_within_reach",
    "break_kept",
    "stay_long_enough",
    "member_share_within_limit",
    "evaluation_block_kept",
    // Requests about which the planner is told nothing any more: nobody can say whether a limit holds.
    REQUEST_KNOWN,
];

/// The request of the visit is among those that the planner is told of.
pub const REQUEST_KNOWN: &str = "request_known";
/// The school is open at the time of the visit.
pub const SCHOOL_OPEN: &str = "school_open";
/// Whoever comes is under contract that day, and not away.
pub const SPECIALIST_THERE: &str = "specialist_there";
/// Whoever comes holds the discipline and the qualifications.
pub const QUALIFIED: &str = "only_qualified_specialist";
/// Whoever comes has a valid credential, where one is needed.
pub const CREDENTIAL_VALID: &str = "credential_valid";
/// Nobody is in two places, neither who comes nor those who are visited.
pub const ONE_PLACE: &str = "specialist_in_one_place";

/// Whether the office may overrule a rule for one visit. Everything that is not known as a limit is a fact, which nobody
/// can overrule: somebody who is elsewhere, away or not licensed does not come because the office says so.
pub fn can_be_overruled(rule: &str) -> bool {
    LIMITS.contains(&rule)
}

/// What speaks against somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Objection {
    /// The rule by its name, as in the format of plans; or `request_known`, `school_open`, `specialist_there`.
    #[schema(example = "travel_within_day")]
    pub rule: String,
    /// The same as a sentence.
    #[schema(example = "Too much driving on this day.")]
    pub sentence: String,
    /// Whether it is a limit, which `despite_objections` overrules. Facts stand.
    pub can_be_overruled: bool,
}

impl Objection {
    /// By a rule.
    pub fn new(rule: &str, sentence: impl Into<String>) -> Objection {
        Objection { rule: rule.to_owned(), sentence: sentence.into(), can_be_overruled: can_be_overruled(rule) }
    }
}

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
    /// What speaks against it. Somebody who is away or has no contract is not in the list at all.
    pub objections: Vec<Objection>,
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

impl CoverOption {
    /// Whether it can be meant although something speaks against it.
    pub fn can_be_meant(&self) -> bool {
        self.objections.iter().all(|one| one.can_be_overruled)
    }
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
    /// Everybody who is qualified: the free ones first, then those against whom only limits speak, then by what it adds in
    /// driving.
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
    /// Whether it is meant although limits speak against it. Facts stand: whoever is elsewhere, away or not licensed cannot
    /// be meant.
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
    /// How many people could cover it without anything that speaks against it. Absent for visits after the first hundred,
    /// and for make-ups, which are not covered: they fall out, and another one is added.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_can_be_overruled_and_facts_stand() {
        for fact in [ONE_PLACE, QUALIFIED, CREDENTIAL_VALID, SCHOOL_OPEN, SPECIALIST_THERE, "assistant_supervised", "?"]
        {
            assert!(!can_be_overruled(fact), "{fact}");
        }
        for limit in ["specialist_week_within_contract", "travel_within_day", "break_kept", "sites_per_day"] {
            assert!(can_be_overruled(limit), "{limit}");
        }
    }
}
