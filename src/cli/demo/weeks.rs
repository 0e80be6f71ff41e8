//! The weeks that lie behind: visits are logged, some fall out, a snow day, an absence, make-ups, a month is locked. What
//! happens to which visit is drawn with a fixed seed.

use anyhow::{Context as _, Result};
use chrono::{Datelike, Days, NaiveDate};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::story::{Story, WEEKS_BEHIND};
use crate::cli::admin::explained;
use crate::db::dated_visits::Filter;
use crate::domain::actor::Actor;
use crate::domain::cover::AwayEffects;
use crate::domain::dated_visit::{DatedVisit, DatedVisitState, MakeUpFields};
use crate::domain::ids::SpecialistId;
use crate::domain::month::Month;
use crate::domain::owed::RequestOwed;
use crate::domain::school_calendar::{CalendarEntryFields, CalendarKind};
use crate::domain::service_log::{LogFields, MissedReason, MonthToLock};
use crate::domain::specialist::Specialist;
use crate::domain::time_away::{AwayReason, TimeAwayFields};
use crate::operations::away_effects::AwayTimes;
use crate::operations::service_logs::DayToLog;
use crate::operations::{
    Operations, PageRequest, away_effects, calendars, dated_visits, locked_months, make_up_times, make_ups, members,
    owed, service_logs, specialists, time_away,
};

/// Why visits fall out in the demo, and how often in a thousand visits.
const MISSED: [(MissedReason, u32); 5] = [
    (MissedReason::AbsentExcused, 30),
    (MissedReason::AbsentUnexcused, 10),
    (MissedReason::Activity, 8),
    (MissedReason::Declined, 5),
    (MissedReason::ProviderAbsent, 4),
];
/// In a thousand visits, so many are ten minutes shorter.
const SHORTENED: u32 = 12;
/// Most make-ups that are entered.
const MAKE_UPS: usize = 6;

/// What happened.
pub struct Told {
    /// Visits that were logged.
    pub logged: usize,
    /// Who is away from tomorrow on, and what that does.
    pub away: Option<(Specialist, AwayEffects)>,
    /// What is owed by request.
    pub owed: Vec<RequestOwed>,
}

/// Lives through the weeks up to today.
pub fn live(operations: &Operations, office: &Actor, story: &Story) -> Result<Told> {
    let staff = operations
        .look(office.clone(), |tx, ctx| specialists::list(tx, ctx, PageRequest::ALL))
        .map_err(explained)?
        .items;
    let mut chance = ChaCha8Rng::seed_from_u64(7);
    let mut logged = 0;
    for week in 0..WEEKS_BEHIND {
        let monday = story.starts_on + Days::new(7 * week);
        match week {
            2 => is_ill(operations, office, story, (staff.get(5), monday + Days::new(1)))?,
            3 => make_up(operations, office, story, monday)?,
            4 => snows(operations, office, story, monday + Days::new(2))?,
            _ => {}
        }
        story.go_to(monday + Days::new(4), 17);
        // Two people have not logged last week yet.
        let behind = if week + 1 == WEEKS_BEHIND { 2 } else { 0 };
        for person in staff.iter().skip(behind) {
            logged += log_week(operations, office, (person.id, monday), &mut chance)?;
        }
    }
    lock_first_month(operations, office, story)?;
    story.end();
    let away = goes_away(operations, office, story, &staff)?;
    let all = |tx: &mut _, ctx: &_| owed::list(tx, ctx, &owed::Filter::default(), PageRequest::ALL);
    let owed = operations.look(office.clone(), all).map_err(explained)?.items;
    Ok(Told { logged, away, owed })
}

/// Logs a week of one person: what is drawn one by one, then the rest of each day as planned.
fn log_week(
    operations: &Operations,
    office: &Actor,
    (person, monday): (SpecialistId, NaiveDate),
    chance: &mut ChaCha8Rng,
) -> Result<usize> {
    let filter = Filter {
        from: Some(monday),
        until: Some(monday + Days::new(5)),
        specialist: Some(person),
        state: Some(DatedVisitState::Planned),
        ..Filter::default()
    };
    let list = operations.look(office.clone(), |tx, ctx| dated_visits::list(tx, ctx, &filter, PageRequest::ALL));
    let visits = list.map_err(explained)?.items;
    let drawn: Vec<(&DatedVisit, LogFields)> =
        visits.iter().filter_map(|visit| Some((visit, fate(visit, chance)?))).collect();
    operations
        .change(office.clone(), |tx, ctx| {
            for (visit, fields) in &drawn {
                service_logs::log(tx, ctx, visit.id, None, fields)?;
            }
            for date in monday.iter_days().take(5).filter(|date| visits.iter().any(|one| one.visit_on == *date)) {
                service_logs::log_day_as_planned(tx, ctx, person, &DayToLog { date })?;
            }
            Ok(())
        })
        .map_err(explained)?;
    Ok(visits.len())
}

/// What is logged other than as planned.
fn fate(visit: &DatedVisit, chance: &mut ChaCha8Rng) -> Option<LogFields> {
    let mut drawn = chance.random_range(0..1000);
    for (reason, often) in MISSED {
        if drawn < often {
            return Some(LogFields::missed(reason));
        }
        drawn -= often;
    }
    (drawn < SHORTENED && visit.minutes > 20).then(|| LogFields::delivered(visit.minutes - 10))
}

/// Somebody is ill for two days, and nobody covers.
fn is_ill(
    operations: &Operations,
    office: &Actor,
    story: &Story,
    (person, day): (Option<&Specialist>, NaiveDate),
) -> Result<()> {
    let Some(person) = person else { return Ok(()) };
    story.go_to(day, 6);
    let away = absence(AwayReason::Illness, day, day + Days::new(1));
    operations.change(office.clone(), |tx, ctx| time_away::create(tx, ctx, person.id, &away)).map_err(explained)?;
    Ok(())
}

fn absence(reason: AwayReason, starts_on: NaiveDate, ends_on: NaiveDate) -> TimeAwayFields {
    TimeAwayFields { reason, starts_on, ends_on, starts: None, ends: None }
}

/// It snows, and three districts close their schools that morning.
fn snows(operations: &Operations, office: &Actor, story: &Story, day: NaiveDate) -> Result<()> {
    story.go_to(day, 6);
    operations
        .change(office.clone(), |tx, ctx| {
            for member in members::list(tx, ctx, PageRequest::ALL)?.items.iter().skip(1).take(3) {
                let entry = CalendarEntryFields {
                    member_id: member.id,
                    site_id: None,
                    kind: CalendarKind::Closure,
                    name: "Snow day".to_owned(),
                    starts_on: day,
                    ends_on: day,
                    released: None,
                };
                calendars::create(tx, ctx, &entry)?;
            }
            Ok(())
        })
        .map_err(explained)
}

/// Some of what the ill specialist missed is to be made up at suggested times; it is logged with the weeks in which it is.
fn make_up(operations: &Operations, office: &Actor, story: &Story, monday: NaiveDate) -> Result<()> {
    story.go_to(monday, 7);
    let filter = Filter { until: Some(monday), state: Some(DatedVisitState::NotCovered), ..Filter::default() };
    let list = operations.look(office.clone(), |tx, ctx| dated_visits::list(tx, ctx, &filter, PageRequest::ALL));
    let missed = list.map_err(explained)?.items;
    for visit in missed.iter().take(MAKE_UPS) {
        let made = operations.change(office.clone(), |tx, ctx| {
            let times = make_up_times::times(tx, ctx, visit.id)?.times;
            let Some(time) = times.first() else { return Ok(()) };
            let fields = MakeUpFields {
                specialist_id: time.specialist_id,
                visit_on: time.visit_on,
                starts: time.starts,
                ends: time.ends,
                despite_objections: false,
            };
            make_ups::create(tx, ctx, visit.id, &fields).map(drop)
        });
        made.map_err(explained)?;
    }
    Ok(())
}

/// The first month that is over is locked.
fn lock_first_month(operations: &Operations, office: &Actor, story: &Story) -> Result<()> {
    let first = story.starts_on;
    let month: Month = format!("{}-{:02}", first.year(), first.month()).parse().map_err(anyhow::Error::msg)?;
    story.end();
    if story.today.year() == first.year() && story.today.month() == first.month() {
        return Ok(());
    }
    operations
        .change(office.clone(), |tx, ctx| locked_months::lock(tx, ctx, &MonthToLock { month }))
        .map_err(explained)
        .context("the first month cannot be locked")?;
    Ok(())
}

/// Somebody reports two days away, from the next school day on: of all, the one for whom most can be covered.
fn goes_away(
    operations: &Operations,
    office: &Actor,
    story: &Story,
    staff: &[Specialist],
) -> Result<Option<(Specialist, AwayEffects)>> {
    let next = |day: NaiveDate| if day.weekday().number_from_monday() > 5 { None } else { Some(day) };
    let first = (1..4).find_map(|days| next(story.today + Days::new(days))).unwrap_or(story.today);
    let away = absence(AwayReason::Professional, first, first + Days::new(1));
    let days = AwayTimes { starts_on: Some(away.starts_on), ends_on: Some(away.ends_on), starts: None, ends: None };
    let mut most: Option<(i64, &Specialist)> = None;
    for person in staff {
        let look = |tx: &mut _, ctx: &_| away_effects::preview(tx, ctx, person.id, &days);
        let minutes = operations.look(office.clone(), look).map_err(explained)?.coverable_minutes;
        if most.is_none_or(|(best, _)| minutes > best) {
            most = Some((minutes, person));
        }
    }
    let Some((_, person)) = most else { return Ok(None) };
    let effects = operations
        .change(office.clone(), |tx, ctx| {
            let entered = time_away::create(tx, ctx, person.id, &away)?;
            away_effects::of(tx, ctx, entered.id)
        })
        .map_err(explained)?;
    Ok(Some((person.clone(), effects)))
}
