//! What is owed: planned minutes against what became of each of them, by request and period. Integers only.
//!
//! Every planned minute is in exactly one place: planned = delivered + missed + to log + to come. Every missed minute
//! too: missed = made up + still owed + not owed. A make-up counts for the visit that it makes up for, whenever it is
//! given, so that periods add up. Days that the calendar calls a holiday or a break are no part of what was planned.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::dated_visit::DatedVisitState;
use super::ids::{MemberId, ServiceRequestId, SiteId};
use super::service_log::{LogFields, LogOutcome, MissedReason};
use super::text::in_minutes;

/// Why planned minutes were not delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MissedCause {
    /// The child was absent, excused.
    #[serde(rename = "student_absent_excused")]
    AbsentExcused,
    /// The child was absent, not excused.
    #[serde(rename = "student_absent_unexcused")]
    AbsentUnexcused,
    /// The specialist was absent, or away and not covered.
    ProviderAbsent,
    /// The school was closed, or the day ended early.
    Closure,
    /// An activity of the school.
    Activity,
    /// The child did not take part.
    Declined,
    /// Anything else.
    Other,
    /// The visit took place for fewer minutes than planned.
    Shortened,
}

impl From<MissedReason> for MissedCause {
    fn from(reason: MissedReason) -> MissedCause {
        match reason {
            MissedReason::AbsentExcused => MissedCause::AbsentExcused,
            MissedReason::AbsentUnexcused => MissedCause::AbsentUnexcused,
            MissedReason::ProviderAbsent => MissedCause::ProviderAbsent,
            MissedReason::Closure => MissedCause::Closure,
            MissedReason::Activity => MissedCause::Activity,
            MissedReason::Declined => MissedCause::Declined,
            MissedReason::Other => MissedCause::Other,
        }
    }
}

/// Which missed minutes the co-op owes. Minutes missed because the specialist was absent are always owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwedRules {
    /// The child was absent, excused or not.
    pub family: bool,
    /// The child did not take part.
    pub declined: bool,
    /// The school was closed.
    pub closure: bool,
    /// An activity of the school.
    pub activity: bool,
    /// Another reason.
    pub other: bool,
    /// The visit was shorter than planned.
    pub shortened: bool,
}

impl Default for OwedRules {
    fn default() -> OwedRules {
        OwedRules { family: false, declined: false, closure: true, activity: true, other: true, shortened: true }
    }
}

impl OwedRules {
    /// Whether minutes missed for this cause are owed.
    pub fn owes(&self, cause: MissedCause) -> bool {
        match cause {
            MissedCause::AbsentExcused | MissedCause::AbsentUnexcused => self.family,
            MissedCause::ProviderAbsent => true,
            MissedCause::Closure => self.closure,
            MissedCause::Activity => self.activity,
            MissedCause::Declined => self.declined,
            MissedCause::Other => self.other,
            MissedCause::Shortened => self.shortened,
        }
    }

    /// The rule that decides, in a sentence, and where it comes from.
    pub fn rule(&self, cause: MissedCause) -> (&'static str, &'static str) {
        const BALKMAN: &str = "OSEP Letter to Balkman, 1995, confirmed in 2008; a setting of the co-op";
        match (cause, self.owes(cause)) {
            (MissedCause::ProviderAbsent, _) => (
                "Make it up in full, or the IEP team decides about compensatory services",
                "Missouri DESE 2008, LS05.23.08, after OSEP Letter to Clarke, 2007",
            ),
            (MissedCause::AbsentExcused | MissedCause::AbsentUnexcused | MissedCause::Declined, false) => {
                ("The service was made available: generally no duty to make it up", BALKMAN)
            }
            (MissedCause::AbsentExcused | MissedCause::AbsentUnexcused | MissedCause::Declined, true) => {
                ("The co-op makes it up, though generally there is no duty to", BALKMAN)
            }
            (_, true) => ("The co-op makes it up", "A setting of the co-op"),
            (_, false) => ("The co-op does not make it up", "A setting of the co-op"),
        }
    }
}

/// A make-up, as far as it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MakeUp {
    /// Its length.
    pub minutes: i64,
    /// Whether it fell out: the school is closed, or whoever was to come is not there.
    pub falls_out: bool,
    /// What was logged; absent while nothing is.
    pub log: Option<LogFields>,
}

impl MakeUp {
    /// Minutes that it promises: nothing is logged, and it takes place as far as anybody knows.
    pub fn open_minutes(&self) -> i64 {
        if self.falls_out || counts(self.log).is_some() { 0 } else { self.minutes }
    }
}

/// A visit of the weekly plan on a date, as far as it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedVisit {
    /// Its length.
    pub minutes: i64,
    /// Whether it takes place, as far as calendars and absences say.
    pub state: DatedVisitState,
    /// Whether the calendar has no school that day: a holiday, or the break of a year-round calendar.
    pub no_school: bool,
    /// Whether its end lies in the past.
    pub is_over: bool,
    /// What was logged; absent while nothing is.
    pub log: Option<LogFields>,
    /// What was added to make up for it.
    pub make_ups: Vec<MakeUp>,
}

/// What became of a planned visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// No school that day: it was never planned.
    NoSchool,
    /// It took place for so many minutes.
    Delivered(i64),
    /// It did not take place.
    Missed(MissedCause),
    /// It is over, and nobody said what became of it.
    ToLog,
    /// It lies ahead; with a cause where it is known that it will not take place.
    ToCome(Option<MissedCause>),
}

/// What was logged, unless it was taken back.
fn counts(log: Option<LogFields>) -> Option<LogFields> {
    log.filter(|log| log.outcome != LogOutcome::NotLogged)
}

impl PlannedVisit {
    /// What became of it. A log counts before what calendar and absences say; a day without school before a log that
    /// says that nothing took place.
    pub fn fate(&self) -> Fate {
        let log = counts(self.log);
        if let Some(minutes) = log.and_then(|log| log.minutes) {
            return Fate::Delivered(minutes);
        }
        if self.no_school {
            return Fate::NoSchool;
        }
        if let Some(reason) = log.and_then(|log| log.reason) {
            return Fate::Missed(reason.into());
        }
        let off = match self.state {
            DatedVisitState::Planned => None,
            DatedVisitState::Closed | DatedVisitState::EarlyRelease => Some(MissedCause::Closure),
            DatedVisitState::NotCovered => Some(MissedCause::ProviderAbsent),
        };
        match (self.is_over, off) {
            (false, off) => Fate::ToCome(off),
            (true, Some(cause)) => Fate::Missed(cause),
            (true, None) => Fate::ToLog,
        }
    }

    /// Why minutes of it are missing, or will be, and how many.
    pub fn missing(&self) -> Option<(MissedCause, i64)> {
        match self.fate() {
            Fate::Missed(cause) | Fate::ToCome(Some(cause)) => Some((cause, self.minutes)),
            Fate::Delivered(minutes) if minutes < self.minutes => {
                Some((MissedCause::Shortened, self.minutes - minutes))
            }
            _ => None,
        }
    }

    fn made_up(&self) -> i64 {
        let delivered = |one: &MakeUp| counts(one.log).and_then(|log| log.minutes).unwrap_or(0);
        self.make_ups.iter().map(delivered).sum()
    }

    fn open_make_ups(&self) -> i64 {
        self.make_ups.iter().map(MakeUp::open_minutes).sum()
    }

    /// How many minutes of make-ups can still be added: what is owed, less what was made up or is going to be.
    pub fn can_be_made_up(&self, rules: &OwedRules) -> i64 {
        let owed = self.missing().filter(|(cause, _)| rules.owes(*cause)).map_or(0, |(_, minutes)| minutes);
        (owed - self.made_up() - self.open_make_ups()).max(0)
    }
}

/// Minutes missed for one cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MissedMinutes {
    /// Why.
    pub cause: MissedCause,
    /// How many.
    pub minutes: i64,
    /// How many of them were made up.
    pub made_up_minutes: i64,
    /// How many of them are still owed.
    pub still_owed_minutes: i64,
    /// Whether such minutes are owed.
    pub is_owed: bool,
    /// By which rule.
    pub rule: String,
    /// Where the rule comes from.
    pub source: String,
}

/// Where it leads if it goes on like this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Projection {
    /// The last day that is looked at.
    pub ends_on: NaiveDate,
    /// Of what is to log and to come and not known to fall out, so many minutes will be delivered at the pace so far.
    pub expected_minutes: i64,
    /// Minutes that will be owed then.
    pub short_minutes: i64,
    /// The same as a sentence.
    pub sentence: String,
}

/// What is owed, in minutes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Owed {
    /// Planned on days with school.
    pub planned_minutes: i64,
    /// Delivered, at most as planned.
    pub delivered_minutes: i64,
    /// Planned, over, and not delivered.
    pub missed_minutes: i64,
    /// Over, and nobody said what became of it: neither owed nor delivered.
    pub to_log_minutes: i64,
    /// Still to come.
    pub to_come_minutes: i64,
    /// Of those to come, what is known not to take place: school closed, or specialist away and not covered.
    pub falls_out_minutes: i64,
    /// In the weekly plan, on days without school; no part of `planned_minutes`.
    pub no_school_minutes: i64,
    /// Missed and made up.
    pub made_up_minutes: i64,
    /// Missed, owed, and not yet made up.
    pub still_owed_minutes: i64,
    /// Missed, not owed, and not made up.
    pub not_owed_minutes: i64,
    /// In make-up visits of which nothing is logged yet, without those that fell out.
    pub make_ups_open_minutes: i64,
    /// Delivered beyond what was planned or missed.
    pub over_delivered_minutes: i64,
    /// Still owed because the specialist was absent: for the IEP team to decide about.
    pub for_team_decision_minutes: i64,
    /// Missed minutes by cause.
    pub missed: Vec<MissedMinutes>,
    /// Where it leads; absent when nothing is to log or to come.
    pub projection: Option<Projection>,
}

/// What is owed of one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RequestOwed {
    /// The request.
    pub service_request_id: ServiceRequestId,
    /// Its number.
    pub service_request_code: String,
    /// Its discipline.
    pub discipline: String,
    /// The member that is served.
    pub member_id: MemberId,
    /// The site that is served.
    pub site_id: SiteId,
    /// First day of what was counted.
    pub period_from: NaiveDate,
    /// First day after it.
    pub period_until: NaiveDate,
    /// The minutes.
    #[serde(flatten)]
    pub owed: Owed,
}

/// What is owed of the visits of a request, of which the last day looked at is `ends_on`.
///
/// The projection takes minutes that are to log or to come, without those that are known to fall out, and expects of them
/// the part that was delivered so far of what was delivered or missed and is owed, rounded down; all of them while nothing
/// was. Short is what is still owed, and what is not expected, and what falls out and is owed, less make-ups that are
/// planned; never below zero.
pub fn owed(visits: &[PlannedVisit], rules: &OwedRules, ends_on: NaiveDate) -> Owed {
    let mut sum = Owed::default();
    let (mut causes, mut falls_out_owed) = (BTreeMap::<MissedCause, [i64; 2]>::new(), 0);
    for visit in visits {
        let fate = visit.fate();
        if fate == Fate::NoSchool {
            sum.no_school_minutes += visit.minutes;
        } else {
            sum.planned_minutes += visit.minutes;
        }
        match fate {
            Fate::NoSchool | Fate::Missed(_) => {}
            Fate::Delivered(minutes) => {
                sum.delivered_minutes += minutes.min(visit.minutes);
                sum.over_delivered_minutes += (minutes - visit.minutes).max(0);
            }
            Fate::ToLog => sum.to_log_minutes += visit.minutes,
            Fate::ToCome(cause) => {
                sum.to_come_minutes += visit.minutes;
                sum.falls_out_minutes += cause.map_or(0, |_| visit.minutes);
                falls_out_owed += cause.filter(|cause| rules.owes(*cause)).map_or(0, |_| visit.minutes);
            }
        }
        let missed = visit.missing().filter(|_| !matches!(fate, Fate::ToCome(_)));
        let made_up = visit.made_up().min(missed.map_or(0, |(_, minutes)| minutes));
        sum.over_delivered_minutes += visit.made_up() - made_up;
        sum.make_ups_open_minutes += visit.open_make_ups();
        if let Some((cause, minutes)) = missed {
            let [all, of_them] = causes.entry(cause).or_default();
            *all += minutes;
            *of_them += made_up;
        }
    }
    for (cause, [minutes, made_up]) in causes {
        add_missed(&mut sum, rules, cause, (minutes, made_up));
    }
    sum.projection = projection(&sum, falls_out_owed, ends_on);
    sum
}

fn add_missed(sum: &mut Owed, rules: &OwedRules, cause: MissedCause, (minutes, made_up): (i64, i64)) {
    let is_owed = rules.owes(cause);
    let (rule, source) = rules.rule(cause);
    let left = minutes - made_up;
    let still_owed = if is_owed { left } else { 0 };
    sum.missed_minutes += minutes;
    sum.made_up_minutes += made_up;
    sum.still_owed_minutes += still_owed;
    sum.not_owed_minutes += left - still_owed;
    if cause == MissedCause::ProviderAbsent {
        sum.for_team_decision_minutes += still_owed;
    }
    sum.missed.push(MissedMinutes {
        cause,
        minutes,
        made_up_minutes: made_up,
        still_owed_minutes: still_owed,
        is_owed,
        rule: rule.to_owned(),
        source: source.to_owned(),
    });
}

fn projection(sum: &Owed, falls_out_owed: i64, ends_on: NaiveDate) -> Option<Projection> {
    let ahead = sum.to_log_minutes + sum.to_come_minutes;
    if ahead + sum.make_ups_open_minutes == 0 {
        return None;
    }
    let due = ahead - sum.falls_out_minutes;
    let owed: i64 = sum.missed.iter().filter(|one| one.is_owed).map(|one| one.minutes).sum();
    let settled = sum.delivered_minutes + owed;
    let expected_minutes = if settled == 0 { due } else { due.saturating_mul(sum.delivered_minutes) / settled };
    let short = sum.still_owed_minutes + due - expected_minutes + falls_out_owed - sum.make_ups_open_minutes;
    let short_minutes = short.max(0);
    let day = ends_on.format("%B %-d");
    let sentence = match short_minutes {
        0 => format!("At this pace nothing is short by {day}"),
        minutes => format!("At this pace {} short by {day}", in_minutes(minutes)),
    };
    Some(Projection { ends_on, expected_minutes, short_minutes, sentence })
}

#[cfg(test)]
mod tests;
