//! The whole work of a week, not visits alone: evaluation, meetings, paperwork, planning, supervision, make-up time.
//!
//! Who plans visits into every contracted minute plans evenings of paperwork. What is known of the other work is kept
//! out of the plan: a block with a time is taken out of the hours, a floating one out of the week's minutes.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar::{CLOCK_STEP_MINUTES, Interval, Period, WallClock, Weekday, WeeklyHours, check_period};
use super::fault::{Fault, Faults};
use super::ids::{IndirectBlockId, PlanId, SpecialistId};
use super::text::check_range;

/// Direct hours of a school week in percent: 22.0 of 37.2 hours in the mean of the ASHA 2022 Schools Survey (speech-language
/// pathologists). To compare with, not a goal.
pub const DIRECT_SHARE_ASHA_2022_PERCENT: i64 = 59;

/// Work that is not visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IndirectKind {
    /// Evaluations and their reports.
    Evaluation,
    /// Meetings of IEP teams.
    IepMeetings,
    /// Notes, progress reports, billing.
    Paperwork,
    /// Planning of visits.
    Planning,
    /// Supervision of assistants.
    Supervision,
    /// Time kept for visits that are made up.
    MakeUpTime,
    /// Anything else.
    Other,
}

impl IndirectKind {
    /// In a sentence.
    pub fn word(self) -> &'static str {
        match self {
            IndirectKind::Evaluation => "evaluation",
            IndirectKind::IepMeetings => "IEP meetings",
            IndirectKind::Paperwork => "paperwork",
            IndirectKind::Planning => "planning",
            IndirectKind::Supervision => "supervision",
            IndirectKind::MakeUpTime => "make-up time",
            IndirectKind::Other => "other work",
        }
    }
}

/// What can be entered about a block of such work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IndirectBlockFields {
    /// What it is for.
    pub kind: IndirectKind,
    /// How long, a multiple of 5.
    #[schema(minimum = 5, maximum = 2400, multiple_of = 5)]
    pub minutes_per_week: i64,
    /// For a block with a time: its day. Without one it floats, and only its minutes count.
    #[serde(default)]
    pub weekday: Option<Weekday>,
    /// And when it begins.
    #[schema(value_type = Option<String>, example = "14:00")]
    #[serde(default)]
    pub starts: Option<WallClock>,
    /// For supervision: who is supervised; an assistant whose contract names this specialist.
    #[serde(default)]
    pub assistant_id: Option<SpecialistId>,
    /// First day in force.
    pub effective_from: NaiveDate,
    /// First day no longer in force.
    #[serde(default)]
    pub effective_until: Option<NaiveDate>,
}

impl IndirectBlockFields {
    /// Every fault of the entries.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        let minutes = self.minutes_per_week;
        check_range(&mut faults, "/minutes_per_week", minutes, "minutes", 5..=2400);
        faults.require(minutes % i64::from(CLOCK_STEP_MINUTES) == 0, "/minutes_per_week", || {
            format!("{minutes} is not a multiple of 5 minutes. Try {}", minutes - minutes % 5)
        });
        match (self.weekday, self.starts) {
            (Some(_), None) => faults.note("/starts", "Write when it begins, like 14:00; or leave out the day too"),
            (None, Some(_)) => faults.note("/weekday", "Write its day, like fri; or leave out the time too"),
            (Some(_), Some(starts)) => {
                let ends = i64::from(starts.minutes()) + minutes;
                faults.require(ends <= 24 * 60, "/minutes_per_week", || {
                    format!("{minutes} minutes from {starts} on end after midnight; begin earlier or write fewer")
                });
            }
            (None, None) => {}
        }
        let has_reason = self.assistant_id.is_none() || self.kind == IndirectKind::Supervision;
        faults.require(has_reason, "/assistant_id", || {
            "Only supervision names an assistant; leave this out, or write the kind supervision".to_owned()
        });
        check_period(&mut faults, "/effective_until", self.effective_from, self.effective_until);
        faults.into_vec()
    }

    /// When it is in force.
    pub fn period(&self) -> Period {
        Period { from: self.effective_from, until: self.effective_until }
    }

    /// Its day and time, when it has one.
    pub fn fixed(&self) -> Option<(Weekday, Interval)> {
        let (weekday, starts) = self.weekday.zip(self.starts)?;
        let ends = u16::try_from(i64::from(starts.minutes()) + self.minutes_per_week).ok()?;
        Some((weekday, Interval::new(starts, WallClock::from_minutes(ends)?).ok()?))
    }
}

/// A block of work that is not visits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct IndirectBlock {
    /// Identity.
    pub id: IndirectBlockId,
    /// Whose.
    pub specialist_id: SpecialistId,
    /// What was entered.
    #[serde(flatten)]
    pub fields: IndirectBlockFields,
    /// Goes up with each change; the ETag.
    pub version: i64,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What the co-op asks of a week; 0 is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WorkloadPolicy {
    /// Most different sites of a specialist in a week.
    pub sites_per_week_max: i64,
    /// Most requests of a specialist, of however many minutes.
    pub requests_max: i64,
    /// Minutes a week that everybody has for planning, at least.
    pub planning_minutes_per_week: i64,
}

/// Minutes of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct IndirectMinutes {
    /// What for.
    pub kind: IndirectKind,
    /// At a time of the week.
    pub fixed_minutes: i64,
    /// At any time.
    pub floating_minutes: i64,
}

/// What the blocks in force and the policy reserve, by kind.
pub fn reserved(blocks: &[IndirectBlockFields], policy: &WorkloadPolicy) -> Vec<IndirectMinutes> {
    let mut by_kind: BTreeMap<IndirectKind, (i64, i64)> = BTreeMap::new();
    for block in blocks {
        let (fixed, floating) = by_kind.entry(block.kind).or_default();
        *(if block.fixed().is_some() { fixed } else { floating }) += block.minutes_per_week;
    }
    if policy.planning_minutes_per_week > 0 {
        let (fixed, floating) = by_kind.entry(IndirectKind::Planning).or_default();
        *floating = (*floating).max(policy.planning_minutes_per_week - *fixed);
    }
    let minutes = |(kind, (fixed_minutes, floating_minutes))| IndirectMinutes { kind, fixed_minutes, floating_minutes };
    by_kind.into_iter().map(minutes).collect()
}

/// All of them together.
pub fn sum(indirect: &[IndirectMinutes]) -> i64 {
    indirect.iter().map(|one| one.fixed_minutes + one.floating_minutes).sum()
}

/// Minutes of weekly hours.
pub fn length(hours: &WeeklyHours) -> i64 {
    hours.days().flat_map(|(_, day)| day).map(|interval| i64::from(interval.minutes())).sum()
}

/// The week's limit on visits: what the contract says, and no more than the other work leaves of the week.
pub fn direct_minutes_max(contract_max: i64, week_minutes: i64, indirect_minutes: i64) -> i64 {
    if indirect_minutes == 0 { contract_max } else { contract_max.min((week_minutes - indirect_minutes).max(0)) }
}

/// Weekly hours without the blocks that have a time.
pub fn without_blocks(hours: &WeeklyHours, blocks: &[IndirectBlockFields]) -> WeeklyHours {
    let fixed: Vec<(Weekday, Interval)> = blocks.iter().filter_map(IndirectBlockFields::fixed).collect();
    let left = |(day, open): (Weekday, &[Interval])| {
        let taken = fixed.iter().filter(|(weekday, _)| *weekday == day);
        let left =
            taken.fold(open.to_vec(), |left, (_, block)| left.iter().flat_map(|one| cut(*one, *block)).collect());
        (day, left)
    };
    // Pieces of intervals that did not overlap do not overlap; only very many could be refused.
    WeeklyHours::new(hours.days().map(left).collect()).unwrap_or_default()
}

/// What is left of an interval without another one.
fn cut(open: Interval, block: Interval) -> impl Iterator<Item = Interval> {
    let before = Interval::new(open.starts, open.ends.min(block.starts)).ok();
    let after = Interval::new(open.starts.max(block.ends), open.ends).ok();
    before.into_iter().chain(after)
}

/// Where the length of a week is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WeekFrom {
    /// The contract says how many minutes are paid.
    Contract,
    /// It does not: the weekly hours are counted.
    WeeklyHours,
}

/// The week of one specialist in a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SpecialistWorkload {
    /// Who.
    pub specialist_id: SpecialistId,
    /// Their code.
    pub specialist_code: String,
    /// Their name.
    pub specialist_name: String,
    /// All minutes of the week.
    pub week_minutes: i64,
    /// Where that is from.
    pub week_minutes_from: WeekFrom,
    /// Minutes of visits.
    pub direct_minutes: i64,
    /// The most minutes of visits that are planned.
    pub direct_minutes_max: i64,
    /// Minutes of visits in percent of the week, rounded to the nearest; 0 for an empty week.
    pub direct_share_percent: i64,
    /// What is reserved for other work.
    pub indirect: Vec<IndirectMinutes>,
    /// What is left for drives, breaks and everything else; negative where the week is too short.
    pub other_minutes: i64,
    /// How many requests they serve.
    pub requests: i64,
    /// At how many sites in the week.
    pub sites: i64,
    /// What goes beyond the co-op's policy, in sentences.
    pub warnings: Vec<String>,
}

/// The weeks of all specialists of a plan that one can see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Workload {
    /// Of which plan.
    pub plan_id: PlanId,
    /// To compare with: the mean direct share of speech-language pathologists in schools, ASHA 2022 Schools Survey.
    pub direct_share_asha_2022_percent: i64,
    /// By code.
    pub specialists: Vec<SpecialistWorkload>,
}

/// A part of a whole in percent, rounded to the nearest; 0 of nothing.
pub fn percent(part: i64, whole: i64) -> i64 {
    if whole <= 0 { 0 } else { (part * 200 + whole) / (whole * 2) }
}

impl SpecialistWorkload {
    /// What goes beyond the policy, in sentences that name the person by code.
    pub fn check(&self, policy: &WorkloadPolicy) -> Vec<String> {
        let code = &self.specialist_code;
        let mut warnings = Vec::new();
        if policy.sites_per_week_max > 0 && self.sites > policy.sites_per_week_max {
            let most = policy.sites_per_week_max;
            warnings.push(format!("{code} has {} sites in the week; the co-op wants at most {most}", self.sites));
        }
        if policy.requests_max > 0 && self.requests > policy.requests_max {
            let most = policy.requests_max;
            warnings.push(format!("{code} serves {} requests; the co-op wants at most {most}", self.requests));
        }
        if self.other_minutes < 0 {
            let short = -self.other_minutes;
            warnings.push(format!(
                "{code} has {short} minutes more of visits and reserved work than the week of {}",
                self.week_minutes
            ));
        }
        warnings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(text: &str) -> WeeklyHours {
        serde_json::from_str(text).expect("hours")
    }

    fn block(kind: IndirectKind, minutes: i64, at: Option<(&str, Weekday)>) -> IndirectBlockFields {
        IndirectBlockFields {
            kind,
            minutes_per_week: minutes,
            weekday: at.map(|(_, day)| day),
            starts: at.map(|(time, _)| time.parse().expect("a time")),
            assistant_id: None,
            effective_from: NaiveDate::MIN,
            effective_until: None,
        }
    }

    #[test]
    fn a_block_with_a_time_is_cut_out_of_the_hours() {
        let open = hours(r#"{"mon": [["08:00", "12:00"], ["13:00", "15:00"]], "tue": [["08:00", "12:00"]]}"#);
        let cut = |blocks: &[IndirectBlockFields]| without_blocks(&open, blocks);
        let at = |time, minutes| block(IndirectKind::Paperwork, minutes, Some((time, Weekday::Mon)));
        let tue = r#""tue": [["08:00", "12:00"]]"#;
        assert_eq!(
            cut(&[at("09:00", 60)]),
            hours(&format!(r#"{{"mon": [["08:00", "09:00"], ["10:00", "12:00"], ["13:00", "15:00"]], {tue}}}"#))
        );
        assert_eq!(
            cut(&[at("11:00", 180)]),
            hours(&format!(r#"{{"mon": [["08:00", "11:00"], ["14:00", "15:00"]], {tue}}}"#))
        );
        assert_eq!(cut(&[at("07:00", 600)]), hours(&format!("{{{tue}}}")));
        assert_eq!(cut(&[at("12:00", 60), block(IndirectKind::Planning, 600, None)]), open);
        assert_eq!((length(&open), length(&cut(&[at("09:00", 60)]))), (600, 540));
    }

    #[test]
    fn the_policy_tops_planning_up_and_the_week_bounds_visits() {
        let policy = WorkloadPolicy { planning_minutes_per_week: 200, ..WorkloadPolicy::default() };
        let blocks = [
            block(IndirectKind::Planning, 60, Some(("08:00", Weekday::Fri))),
            block(IndirectKind::Paperwork, 90, None),
        ];
        let indirect = reserved(&blocks, &policy);
        assert_eq!(sum(&indirect), 290);
        assert_eq!(
            indirect[1],
            IndirectMinutes { kind: IndirectKind::Planning, fixed_minutes: 60, floating_minutes: 140 }
        );
        assert_eq!(sum(&reserved(&blocks, &WorkloadPolicy::default())), 150);
        assert_eq!(direct_minutes_max(600, 840, 290), 550);
        assert_eq!(direct_minutes_max(600, 840, 100), 600);
        assert_eq!(direct_minutes_max(600, 500, 0), 600);
        assert_eq!(direct_minutes_max(600, 200, 290), 0);
        assert_eq!((percent(1320, 2232), percent(1, 2), percent(1, 0)), (59, 50, 0));
    }

    /// A plan from before the caps were set, or one that was published earlier, may go beyond them.
    #[test]
    fn a_plan_beyond_the_caps_is_warned_about() {
        let week = SpecialistWorkload {
            specialist_id: SpecialistId::new(),
            specialist_code: "SLP-01".to_owned(),
            specialist_name: String::new(),
            week_minutes: 600,
            week_minutes_from: WeekFrom::Contract,
            direct_minutes: 300,
            direct_minutes_max: 300,
            direct_share_percent: 50,
            indirect: Vec::new(),
            other_minutes: 300,
            requests: 3,
            sites: 2,
            warnings: Vec::new(),
        };
        let policy = |sites_per_week_max, requests_max| WorkloadPolicy {
            sites_per_week_max,
            requests_max,
            ..WorkloadPolicy::default()
        };
        assert!(week.check(&policy(0, 0)).is_empty() && week.check(&policy(2, 3)).is_empty());
        let told = week.check(&policy(1, 2));
        assert_eq!(told[0], "SLP-01 has 2 sites in the week; the co-op wants at most 1");
        assert_eq!(told[1], "SLP-01 serves 3 requests; the co-op wants at most 2");
    }

    #[test]
    fn a_time_needs_its_day_and_ends_before_midnight() {
        let places = |fields: IndirectBlockFields| -> Vec<String> {
            fields.check().into_iter().map(|fault| fault.pointer).collect()
        };
        let fixed = block(IndirectKind::Other, 60, Some(("23:30", Weekday::Fri)));
        assert_eq!(places(fixed), ["/minutes_per_week"]);
        assert_eq!(places(IndirectBlockFields { weekday: None, ..fixed }), ["/weekday"]);
        assert_eq!(places(IndirectBlockFields { starts: None, ..fixed }), ["/starts"]);
        assert_eq!(places(block(IndirectKind::Other, 7, None)), ["/minutes_per_week"]);
        assert!(places(block(IndirectKind::Other, 60, None)).is_empty());
    }
}
