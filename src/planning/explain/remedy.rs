//! Changes that were tried on the final plan and verified to help.

use super::trial::{self, Gain, Trial};
use crate::domain::calendar::{Interval, Weekday};
use crate::domain::service_request::{Mode, Priority};
use crate::planning::case::Case;
use crate::planning::instance::{Instance, Specialist};
use crate::planning::plan_document::{Remedy, Visit};
use crate::planning::timetable::Timetable;
use crate::planning::verify;

/// Specialists for whom changes are tried.
const PEOPLE_MAX: usize = 6;

/// Changes that help, the most helpful first.
pub(super) fn remedies(case: &Case, timetable: &Timetable, visits: &[Visit], request: usize) -> Vec<Remedy> {
    let trial = Trial { case, timetable, request };
    let attempts = Attempts { trial, visits };
    let mut found = Vec::new();
    for person in candidates(case, timetable, request) {
        found.extend(attempts.more_minutes(person));
        found.extend(attempts.longer_drive(person));
        found.extend(attempts.open_window(person));
    }
    found.extend(attempts.shorter_visits());
    found.sort_by(|left: &Remedy, right| {
        right.minutes_gained.cmp(&left.minutes_gained).then_with(|| left.change.cmp(&right.change))
    });
    found.dedup_by(|left, right| left.change == right.change);
    found
}

/// Qualified specialists, those with most hours left first.
fn candidates(case: &Case, timetable: &Timetable, request: usize) -> Vec<usize> {
    let wanted = &case.instance.requests[request];
    let qualified = |person: &usize| {
        let one = &case.instance.specialists[*person];
        one.disciplines.contains(&wanted.discipline)
            && wanted.qualifications.iter().all(|qualification| one.qualifications.contains(qualification))
    };
    let mut people: Vec<usize> = (0..case.specialists.len()).filter(qualified).collect();
    let left = |person: usize| case.specialists[person].week_max.saturating_sub(timetable.week[person]);
    people.sort_by_key(|person| (u32::MAX - left(*person), *person));
    people.truncate(PEOPLE_MAX);
    people
}

struct Attempts<'a> {
    trial: Trial<'a>,
    visits: &'a [Visit],
}

impl Attempts<'_> {
    /// No other request loses or wins a minute, and no other day changes.
    fn remedy(&self, change: String, minutes: u32) -> Remedy {
        let mandated = self.trial.case.requests[self.trial.request].priority == Priority::Mandated;
        Remedy {
            change,
            minutes_gained: minutes,
            mandated_minutes_gained: if mandated { minutes } else { 0 },
            minutes_gained_for_request: minutes,
            cents_per_week: 0,
            visits_moved: 0,
            apply: Vec::new(),
        }
    }

    fn code(&self, person: usize) -> &str {
        &self.trial.case.instance.specialists[person].code
    }

    /// A longer week, a longer day, more to lend: the smallest change of one limit that gives the most minutes.
    fn more_minutes(&self, person: usize) -> Vec<Remedy> {
        let code = self.code(person).to_string();
        let unlimited = 7 * 24 * 60;
        let week = self.limit(person, |one, extra| one.direct_minutes_per_week_max += extra, unlimited);
        let day = self.limit(
            person,
            |one, extra| one.direct_minutes_per_day_max = one.direct_minutes_per_day_max.map(|most| most + extra),
            unlimited,
        );
        let lend = self.limit(
            person,
            |one, extra| one.lendable_minutes_per_week_max = one.lendable_minutes_per_week_max.map(|most| most + extra),
            unlimited,
        );
        let told = |found: Option<(u32, u32)>, change: &dyn Fn(u32) -> String| {
            found.map(|(extra, minutes_gained)| self.remedy(change(extra), minutes_gained))
        };
        [
            told(week, &|extra| format!("Allow {code} {extra} more minutes a week.")),
            told(day, &|extra| format!("Allow {code} {extra} more minutes a day.")),
            told(lend, &|extra| format!("Let {code} give {extra} more minutes a week to other members.")),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Tries a limit without end, then finds the smallest raise that gains as much.
    fn limit(&self, person: usize, raise: impl Fn(&mut Specialist, u32), unlimited: u32) -> Option<(u32, u32)> {
        let attempt = |extra: u32| self.trial.attempt(person, |small| raise(trial::specialist(small), extra));
        let most = attempt(unlimited)?.minutes;
        let unit = self.trial.case.unit();
        for extra in (unit..=most).step_by(unit as usize) {
            if let Some(gain) = attempt(extra).filter(|gain| gain.minutes >= most) {
                let stands = self.stands(person, &gain, |instance| raise(&mut instance.specialists[person], extra));
                return stands.then_some((extra, most));
            }
        }
        None
    }

    /// A specialist who is qualified but too far away.
    fn longer_drive(&self, person: usize) -> Option<Remedy> {
        let case = self.trial.case;
        let wanted = &case.instance.requests[self.trial.request];
        let site = case.instance.travel.sites.iter().position(|site| *site == wanted.site)?;
        let drive = case.drives[case.specialists[person].home][site];
        let limit = case.instance.specialists[person].reach_minutes_max?;
        if drive <= limit || wanted.mode == Mode::Teletherapy {
            return None;
        }
        let gain = self.trial.attempt(person, |small| trial::specialist(small).reach_minutes_max = Some(drive))?;
        let stands =
            self.stands(person, &gain, |instance| instance.specialists[person].reach_minutes_max = Some(drive));
        let change =
            format!("Let {} drive {drive} minutes to {}, now at most {limit}.", self.code(person), wanted.site);
        stands.then_some(self.remedy(change, gain.minutes))
    }

    /// Another time of day at the school, where the specialist has room.
    fn open_window(&self, person: usize) -> Option<Remedy> {
        let hours = &self.trial.case.instance.specialists[person].availability;
        let request = self.trial.request;
        let mut best: Option<(Gain, Weekday, Interval)> = None;
        for (day, open) in hours.days() {
            let gain = self.trial.attempt(person, |small| {
                let request = trial::request(small);
                let only = trial::opened(&Default::default(), day, open);
                request.windows = only;
            });
            let Some(gain) = gain else { continue };
            let Ok(window) = Interval::new(gain.visit.starts, gain.visit.ends) else { continue };
            if best.as_ref().is_none_or(|(best, _, _)| gain.minutes > best.minutes) {
                best = Some((gain, day, window));
            }
        }
        let (gain, day, window) = best?;
        let stands = self.stands(person, &gain, |instance| {
            let windows = &mut instance.requests[request].windows;
            *windows = trial::opened(windows, day, &[window]);
        });
        let change = format!("Open {} {window} for this request; {} can come then.", day.name(), self.code(person));
        stands.then_some(self.remedy(change, gain.minutes))
    }

    /// Shorter visits than the request allows now.
    fn shorter_visits(&self) -> Option<Remedy> {
        let (case, request) = (self.trial.case, self.trial.request);
        let unit = case.unit();
        let shortest = case.requests[request].visit_min;
        for length in (unit..shortest).rev().filter(|length| length.is_multiple_of(unit)) {
            for &(person, _) in case.requests[request].matches.iter().take(PEOPLE_MAX) {
                let gain = self.trial.attempt(person, |small| trial::request(small).visit_minutes.min = length);
                let Some(gain) = gain else { continue };
                if self.stands(person, &gain, |instance| instance.requests[request].visit_minutes.min = length) {
                    let change = format!("Allow visits of {length} minutes.");
                    return Some(self.remedy(change, gain.minutes));
                }
            }
        }
        None
    }

    /// Whether the whole plan with the new day keeps every rule of the changed instance.
    fn stands(&self, person: usize, gain: &Gain, change: impl Fn(&mut Instance)) -> bool {
        let mut changed = self.trial.case.instance.clone();
        change(&mut changed);
        let code = self.code(person);
        let other = |visit: &&Visit| visit.specialist != code || visit.day != gain.visit.day;
        let visits: Vec<Visit> = self.visits.iter().filter(other).chain(&gain.day).cloned().collect();
        verify::broken_by_visits(&changed, &visits).is_empty()
    }
}
