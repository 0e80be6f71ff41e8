//! Visits with a date: what a weekly plan means for each day on which it is followed.
//!
//! Everything is decided on the wall clock, so that 9:00 stays 9:00 when the clocks change; an instant is worked out only
//! to be shown.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar::{Interval, Period, WallClock, Weekday};
use super::credential::OnFile;
use super::ids::{DatedVisitId, MemberId, PlanId, ServiceRequestId, SiteId, SpecialistId, VisitId};
use super::indirect_weeks::{INDIRECT_WEEK, IndirectWeeks};
use super::school_calendar::SchoolCalendar;
use super::time_away::TimeAwayFields;

/// Why a visit is not covered, where no valid credential is on file.
pub const CREDENTIAL_ENDED: &str = "Credential ended";
/// Why a make-up fell out: a visit of the weekly plan, or one that is covered, is at its time.
pub const TIME_TAKEN: &str = "Another visit is at this time";
/// Why a make-up that fell out does not come back: its minutes are not owed any more.
pub const MADE_UP_OTHERWISE: &str = "These minutes are made up at another time";

/// Whether a visit takes place on its date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DatedVisitState {
    /// It takes place as planned.
    Planned,
    /// The school is closed, or the week is one without visits (3:1).
    Closed,
    /// It would end after an early release.
    EarlyRelease,
    /// The specialist is away or may not practise, and nobody covers it.
    NotCovered,
}

/// Where a dated visit comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DatedVisitKind {
    /// From the weekly plan.
    Weekly,
    /// Added to make up for one that was missed.
    MakeUp,
}

/// A visit of a plan on one date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DatedVisit {
    /// Identity; the same as long as the plan has this visit on this date.
    pub id: DatedVisitId,
    /// Of which plan.
    pub plan_id: PlanId,
    /// Of which weekly visit; for a make-up, of the one that was missed.
    pub visit_id: VisitId,
    /// Who comes.
    pub specialist_id: SpecialistId,
    /// Their code.
    pub specialist_code: String,
    /// For which request.
    pub service_request_id: ServiceRequestId,
    /// Its number.
    pub service_request_code: String,
    /// Its discipline.
    pub discipline: String,
    /// The site that is served.
    pub site_id: SiteId,
    /// Name of that site.
    pub site_name: String,
    /// The member that is served.
    pub member_id: MemberId,
    /// The date.
    pub visit_on: NaiveDate,
    /// From, on the wall clock.
    #[schema(value_type = String, example = "08:30")]
    pub starts: WallClock,
    /// To, on the wall clock.
    #[schema(value_type = String, example = "09:15")]
    pub ends: WallClock,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends: always its minutes later.
    pub ends_at: DateTime<Utc>,
    /// Length.
    pub minutes: i64,
    /// Whether it takes place.
    pub state: DatedVisitState,
    /// Why not, such as the holiday's name; empty where it takes place, and where a person is away or, for schools, may
    /// not practise. A make-up that does not take place fell out: its minutes are owed again.
    pub reason: String,
    /// Where it comes from.
    pub kind: DatedVisitKind,
    /// For a make-up: the dated visit that it makes up for.
    pub makes_up_id: Option<DatedVisitId>,
    /// Who covers it in place of the specialist, if somebody does.
    pub covered_by_specialist_id: Option<SpecialistId>,
    /// Version of its log; 0 when nothing was ever logged.
    pub log_version: i64,
}

impl DatedVisit {
    /// When it is, on the wall clock.
    pub fn time(&self) -> Interval {
        Interval { starts: self.starts, ends: self.ends }
    }

    /// Whether it takes place, as far as calendars and absences say.
    pub fn takes_place(&self) -> bool {
        self.state == DatedVisitState::Planned
    }

    /// Who comes: whoever covers it, or was to come.
    pub fn given_by(&self) -> SpecialistId {
        self.covered_by_specialist_id.unwrap_or(self.specialist_id)
    }

    /// The same visit as one of a week, given by somebody: whether it takes place then is [`outcome`]'s to say.
    pub fn of_week(&self, specialist_id: SpecialistId) -> WeeklyVisit {
        WeeklyVisit {
            id: self.visit_id,
            specialist_id,
            member_id: self.member_id,
            site_id: self.site_id,
            weekday: Weekday::of(self.visit_on),
            time: self.time(),
            discipline: self.discipline.clone(),
        }
    }

    /// Whether both cannot be given: at overlapping times on one day, by the same specialist or for the same request, whose
    /// students are in one place.
    pub fn clashes_with(&self, other: &DatedVisit) -> bool {
        self.id != other.id
            && self.visit_on == other.visit_on
            && self.time().overlaps(other.time())
            && (self.given_by() == other.given_by() || self.service_request_id == other.service_request_id)
    }
}

/// Whether a visit of the weekly plan was never to take place, because its week is one without visits.
pub fn is_in_indirect_week(state: DatedVisitState, reason: &str) -> bool {
    state == DatedVisitState::Closed && reason == INDIRECT_WEEK
}

/// A make-up visit to be added for one that was missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeUpFields {
    /// Who comes; must hold the discipline of the request on that day.
    pub specialist_id: SpecialistId,
    /// The date: not before the visit that was missed, within the term.
    pub visit_on: NaiveDate,
    /// From, on the wall clock.
    #[schema(value_type = String, example = "13:00")]
    pub starts: WallClock,
    /// To, on the wall clock: at most as long as what is still owed.
    #[schema(value_type = String, example = "13:30")]
    pub ends: WallClock,
    /// Whether it is meant although it lies outside the times of the school or the specialist, or beyond a limit: only the
    /// office agrees on that. Facts stand: nobody is in two places, or drives in no time.
    #[serde(default)]
    pub despite_objections: bool,
}

/// A visit of a plan, as far as its dates depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeeklyVisit {
    /// Which.
    pub id: VisitId,
    /// Who comes.
    pub specialist_id: SpecialistId,
    /// The member that is served.
    pub member_id: MemberId,
    /// The site that is served.
    pub site_id: SiteId,
    /// On which day of the week.
    pub weekday: Weekday,
    /// From when to when.
    pub time: Interval,
    /// The discipline that is asked for.
    pub discipline: String,
}

/// What decides whether visits take place.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Closed days and early releases.
    pub calendar: SchoolCalendar,
    /// When sites are open at all; one that is missing is open.
    pub sites: HashMap<SiteId, Period>,
    /// When specialists are under contract.
    pub contracts: HashMap<SpecialistId, Vec<Period>>,
    /// Until when they may practise.
    pub credentials: OnFile,
    /// When they are away.
    pub away: HashMap<SpecialistId, Vec<TimeAwayFields>>,
    /// Weeks without visits of the weekly plan.
    pub indirect: IndirectWeeks,
}

impl Facts {
    /// The same for a plan of one term, whose weeks without visits are counted from its first day.
    pub fn of_term(&self, term: (NaiveDate, NaiveDate)) -> Facts {
        Facts { indirect: self.indirect.of_term(term), ..self.clone() }
    }
}

/// Whether a visit takes place on a date, and why not. A closed school comes before an absence: nobody is missed there.
pub fn outcome(visit: &WeeklyVisit, date: NaiveDate, facts: &Facts) -> (DatedVisitState, String) {
    if let Some(name) = facts.calendar.closed(visit.member_id, visit.site_id, date) {
        return (DatedVisitState::Closed, name.to_owned());
    }
    if facts.sites.get(&visit.site_id).is_some_and(|open| !open.contains(date)) {
        return (DatedVisitState::Closed, "The school is closed for good".to_owned());
    }
    if let Some((time, name)) = facts.calendar.released(visit.member_id, visit.site_id, date)
        && visit.time.ends > time
    {
        return (DatedVisitState::EarlyRelease, format!("{name}, until {}", time.spoken()));
    }
    let contracts = facts.contracts.get(&visit.specialist_id);
    let away = facts.away.get(&visit.specialist_id);
    let has_contract = contracts.is_some_and(|periods| periods.iter().any(|period| period.contains(date)));
    if !has_contract || away.is_some_and(|away| away.iter().any(|one| one.touches(date, visit.time))) {
        return (DatedVisitState::NotCovered, String::new());
    }
    if !facts.credentials.standing(visit.specialist_id, &visit.discipline, date).allows() {
        return (DatedVisitState::NotCovered, CREDENTIAL_ENDED.to_owned());
    }
    (DatedVisitState::Planned, String::new())
}

/// The same of a visit of the weekly plan, which weeks without visits (3:1) leave out. They come first of all: a visit that
/// was never to take place is not missed because of snow.
pub fn outcome_in_plan(visit: &WeeklyVisit, date: NaiveDate, facts: &Facts) -> (DatedVisitState, String) {
    match facts.indirect.hold(&visit.discipline, date) {
        true => (DatedVisitState::Closed, INDIRECT_WEEK.to_owned()),
        false => outcome(visit, date, facts),
    }
}

/// Every visit on every date from `from` up to but not including `until`: its place in `visits`, the date, and whether it
/// takes place. In order of dates, and on a date in the order of `visits`.
pub fn lay_out(
    visits: &[WeeklyVisit],
    (from, until): (NaiveDate, NaiveDate),
    facts: &Facts,
) -> Vec<(usize, NaiveDate, DatedVisitState, String)> {
    let mut dated = Vec::new();
    for date in from.iter_days().take_while(|date| *date < until) {
        let weekday = Weekday::of(date);
        for (index, visit) in visits.iter().enumerate().filter(|(_, visit)| visit.weekday == weekday) {
            let (state, reason) = outcome_in_plan(visit, date, facts);
            dated.push((index, date, state, reason));
        }
    }
    dated
}

/// The instant of a local time. A time that occurs twice is the first; one that the clocks skip is read with the offset
/// before the skip, as RFC 5545 section 3.3.5 asks.
pub fn instant(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    match zone.from_local_datetime(&local).earliest() {
        Some(instant) => instant.with_timezone(&Utc),
        None => instant(zone, local - TimeDelta::hours(1)) + TimeDelta::hours(1),
    }
}

/// When a visit begins and ends. It ends its minutes after it began, whatever the clocks do meanwhile.
pub fn instants(zone: Tz, date: NaiveDate, time: Interval) -> (DateTime<Utc>, DateTime<Utc>) {
    let local = date.and_time(NaiveTime::MIN) + TimeDelta::minutes(i64::from(time.starts.minutes()));
    let starts = instant(zone, local);
    (starts, starts + TimeDelta::minutes(i64::from(time.minutes())))
}
