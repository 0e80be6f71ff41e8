//! When missed minutes could be made up: times that fit the week of a specialist and the school's calendar.

use chrono::{NaiveDate, TimeDelta};

use super::cover::{Person, Staff};
use super::error::OperationError;
use super::runner::Context;
use super::{make_ups, owed, service_logs};
use crate::db::{self, ReadTx};
use crate::domain::actor::{Action, Owner, Resource, may};
use crate::domain::calendar::{Interval, WallClock, Weekday, WeeklyHours};
use crate::domain::cover::{MakeUpTime, MakeUpTimes};
use crate::domain::dated_visit::{DatedVisit, DatedVisitState};
use crate::domain::ids::{DatedVisitId, SpecialistId};

/// How far ahead is looked, in days.
const DAYS_AHEAD: i64 = 28;
/// Most times that are told.
const TIMES_MAX: usize = 12;
/// Visits begin at a multiple of so many minutes.
const STEP_MINUTES: u16 = 5;

/// Times of the next four weeks at which a missed visit could be made up: days first on which nobody comes for the request
/// anyway, then by date, and on each day whoever was to come before others. Specialists get times of their own, the office
/// those of everybody who is qualified.
///
/// # Errors
/// A conflict when the term of its plan cannot be planned, because facts are missing that the rules need.
pub fn times(tx: &mut ReadTx, ctx: &Context, id: DatedVisitId) -> Result<MakeUpTimes, OperationError> {
    let missed = service_logs::visit_to_log(tx, ctx, id)?;
    let left = owed::can_be_made_up(tx, ctx, &missed)?;
    let minutes = left.min(missed.minutes);
    let mut found = MakeUpTimes { minutes_left: left, times: Vec::new() };
    if minutes < i64::from(STEP_MINUTES) {
        return Ok(found);
    }
    let mut staff = Staff::read(tx, ctx, missed.plan_id)?;
    let Some(windows) = make_ups::windows(&staff, &missed) else { return Ok(found) };
    let (first, last) = days(tx, ctx, &missed)?;
    let visits = visits_anyway(tx, ctx, &missed, (first, last))?;
    let teaches = |date: &NaiveDate| staff.facts.calendar.teaches(missed.member_id, missed.site_id, *date);
    let dates = first.iter_days().take_while(|date| *date <= last).filter(teaches);
    let is_visited = |date: &NaiveDate| visits.iter().any(|visit| visit.visit_on == *date);
    let (visited, free): (Vec<NaiveDate>, Vec<NaiveDate>) = dates.partition(is_visited);
    for date in free.into_iter().chain(visited) {
        let taken: Vec<&DatedVisit> = visits.iter().filter(|visit| visit.visit_on == date).collect();
        for wanted in on_day(ctx, &staff, &missed, (date, minutes, &windows)) {
            let overlaps = |visit: &&DatedVisit| visit.starts < wanted.ends && wanted.starts < visit.ends;
            let is_told = |time: &MakeUpTime| time.visit_on == date && time.specialist_id == wanted.person.id;
            if taken.iter().any(overlaps) || found.times.iter().any(is_told) {
                continue;
            }
            let tried = DatedVisit {
                id: DatedVisitId::new(),
                visit_on: date,
                starts: wanted.starts,
                ends: wanted.ends,
                minutes,
                ..missed.clone()
            };
            if !staff.is_there(wanted.person.id, &tried) {
                continue;
            }
            let fit = make_ups::tried(tx, ctx, &mut staff, (&wanted.person, &tried))?;
            if fit.against.is_empty() {
                found.times.push(MakeUpTime {
                    specialist_id: wanted.person.id,
                    specialist_code: wanted.person.code,
                    specialist_name: wanted.person.name,
                    visit_on: date,
                    starts: wanted.starts,
                    ends: wanted.ends,
                    minutes,
                    extra_drive_minutes: fit.extra_drive_minutes,
                });
            }
            if found.times.len() == TIMES_MAX {
                return Ok(found);
            }
        }
    }
    Ok(found)
}

/// A time and a person to try.
struct Wanted {
    person: Person,
    starts: WallClock,
    ends: WallClock,
}

/// What there is to try on a day: whoever was to come first, each from the earliest time on.
fn on_day(
    ctx: &Context,
    staff: &Staff,
    missed: &DatedVisit,
    (date, minutes, windows): (NaiveDate, i64, &WeeklyHours),
) -> Vec<Wanted> {
    let usual = missed.covered_by_specialist_id.unwrap_or(missed.specialist_id);
    let mut people = staff.who_can(&DatedVisit { visit_on: date, ..missed.clone() });
    people.retain(|one| writes_for(ctx, one.id));
    people.sort_by_key(|one| (one.id != usual, one.code.clone()));
    let mut wanted = Vec::new();
    for person in people {
        let hours = staff.instance.specialists.iter().find(|one| one.code == person.code);
        let hours = hours.map(|one| overlap(&one.availability, windows, Weekday::of(date))).unwrap_or_default();
        let times = starts(&hours, minutes).into_iter();
        wanted.extend(times.map(|time| Wanted { person: person.clone(), starts: time.starts, ends: time.ends }));
    }
    wanted
}

fn writes_for(ctx: &Context, person: SpecialistId) -> bool {
    may(&ctx.actor, Action::Write(Resource::ServiceLogs)).covers(Owner::specialist(person))
}

/// From tomorrow, or from the day that is known to fall out, and not beyond the term.
fn days(tx: &mut ReadTx, ctx: &Context, missed: &DatedVisit) -> Result<(NaiveDate, NaiveDate), OperationError> {
    let plan = db::plans::find(tx, missed.plan_id)?.ok_or(OperationError::NotFound)?;
    let term = db::terms::find(tx, plan.term_id)?.ok_or(OperationError::NotFound)?.fields;
    let first = missed.visit_on.max(ctx.today()) + TimeDelta::days(1);
    Ok((first, (first + TimeDelta::days(DAYS_AHEAD)).min(term.ends_on)))
}

/// Visits for the request that take place anyway.
fn visits_anyway(
    tx: &mut ReadTx,
    ctx: &Context,
    missed: &DatedVisit,
    (first, last): (NaiveDate, NaiveDate),
) -> Result<Vec<DatedVisit>, OperationError> {
    let period = (first, last + TimeDelta::days(1));
    let mut visits = db::dated_visits::of_requests(tx, &[missed.service_request_id], period, ctx.settings.time_zone)?;
    visits.retain(|visit| visit.state == DatedVisitState::Planned);
    Ok(visits)
}

/// The times of a day that lie in both.
fn overlap(one: &WeeklyHours, other: &WeeklyHours, weekday: Weekday) -> Vec<Interval> {
    let of = |hours: &WeeklyHours| hours.on(weekday).to_vec();
    let other = of(other);
    let pairs = of(one).into_iter().flat_map(|left| other.iter().map(move |right| (left, *right)));
    let common = pairs.filter_map(|(left, right)| {
        let (starts, ends) = (left.starts.max(right.starts), left.ends.min(right.ends));
        Interval::new(starts, ends).ok()
    });
    common.collect()
}

/// Every time of that length in the hours, from the earliest on.
fn starts(hours: &[Interval], minutes: i64) -> Vec<Interval> {
    let minutes = u16::try_from(minutes).unwrap_or(u16::MAX);
    let mut times = Vec::new();
    for interval in hours {
        let mut from = interval.starts.minutes().next_multiple_of(STEP_MINUTES);
        while from.checked_add(minutes).is_some_and(|until| until <= interval.ends.minutes()) {
            let clock = |minute: u16| WallClock::from_minutes(minute);
            if let Some((starts, ends)) = clock(from).zip(clock(from + minutes)) {
                times.extend(Interval::new(starts, ends).ok());
            }
            from += STEP_MINUTES;
        }
    }
    times
}
