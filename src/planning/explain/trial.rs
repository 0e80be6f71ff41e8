//! Trying a change on the final plan: one specialist, one more request, everything else standing.
//!
//! A trial is a co-op of its own with one specialist, the requests that this specialist serves and the one that is
//! short. The visits of other days stand as they are; those of the day that is tried keep their length and may move
//! within the day, so no other request loses a minute.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::calendar::{Interval, Weekday, WeeklyHours};
use crate::planning::case::{Case, DAYS, Match, Placed};
use crate::planning::day_search::{CANDIDATES_MAX, Candidate, DaySearch, DayTask};
use crate::planning::instance::{Instance, ServiceRequest, Specialist, Travel};
use crate::planning::plan_document::Visit;
use crate::planning::timetable::Timetable;

/// More than the minutes of any visit, so that no visit is dropped for the new one.
const STANDING: i64 = 1_000_000;

/// A request that is short, and the plan it is short in.
pub(super) struct Trial<'a> {
    pub case: &'a Case<'a>,
    pub timetable: &'a Timetable,
    pub request: usize,
}

/// What a trial found.
pub(super) struct Gain {
    /// Minutes of the request gained.
    pub minutes: u32,
    /// The new visit.
    pub visit: Visit,
    /// All visits of the specialist on that day, the new one among them.
    pub day: Vec<Visit>,
}

impl Trial<'_> {
    /// The most minutes that a specialist could give in one more visit after a change, which gets the specialist, the
    /// request and the whole small co-op.
    pub(super) fn attempt(&self, person: usize, change: impl Fn(&mut Instance)) -> Option<Gain> {
        let mut small = self.small(person);
        change(&mut small);
        let case = Case::of(&small);
        let wanted = case.requests.len() - 1;
        let option = case.specialists[0].options.iter().position(|option| option.request == wanted)?;
        let mut best: Option<(u32, usize, Vec<Placed>, usize)> = None;
        for day in 0..DAYS {
            if self.timetable.taken[self.request] & (1 << day) != 0 {
                continue;
            }
            let Some((minutes, visits, at)) = self.on_day(&case, person, day, option) else { continue };
            if best.as_ref().is_none_or(|best| minutes > best.0) {
                best = Some((minutes, day, visits, at));
            }
        }
        let (minutes, day, visits, at) = best?;
        let day: Vec<Visit> = visits.iter().map(|visit| case.visit(0, day, visit)).collect();
        Some(Gain { minutes, visit: day[at].clone(), day })
    }

    /// The co-op of one specialist, without what the specialist already gives.
    fn small(&self, person: usize) -> Instance {
        let instance = self.case.instance;
        let mut served: Vec<usize> =
            self.days(person).flat_map(|(_, visits)| visits.iter().map(|visit| visit.request)).collect();
        served.sort_unstable();
        served.dedup();
        served.retain(|request| *request != self.request);
        served.push(self.request);
        let mut requests: Vec<ServiceRequest> =
            served.iter().map(|request| instance.requests[*request].clone()).collect();
        let mut specialist = instance.specialists[person].clone();
        // Visits of this very request are counted against the limits but not planned again.
        let own = self.days(person).flat_map(|(_, visits)| visits);
        let own: u32 = own.filter(|visit| visit.request == self.request).map(|visit| visit.minutes).sum();
        specialist.direct_minutes_per_week_max -= own.min(specialist.direct_minutes_per_week_max);
        let wanted = &self.case.requests[self.request];
        if let Some(lendable) = &mut specialist.lendable_minutes_per_week_max
            && self.case.specialists[person].employer.is_some_and(|employer| employer != wanted.member)
        {
            *lendable -= own.min(*lendable);
        }
        if let Some(last) = requests.last_mut() {
            last.minutes_per_week -= self.timetable.placed[self.request];
        }
        for request in &mut requests {
            request.current_specialist = None;
        }
        let code_of = |site: usize| &instance.travel.sites[site];
        let needed = |site: &usize| {
            *site == self.case.specialists[person].home || requests.iter().any(|one| one.site == *code_of(*site))
        };
        let sites: BTreeSet<usize> = (0..instance.travel.sites.len()).filter(needed).collect();
        Instance { specialists: vec![specialist], requests, ..frame(instance, &sites) }
    }

    /// Days of a specialist with their visits.
    fn days(&self, person: usize) -> impl Iterator<Item = (usize, &Vec<Placed>)> {
        (0..DAYS).map(move |day| (day, &self.timetable.days[person * DAYS + day]))
    }

    /// One more visit on a day: its minutes, all visits of the day, and which of them is the new one.
    fn on_day(&self, case: &Case, person: usize, day: usize, option: usize) -> Option<(u32, Vec<Placed>, usize)> {
        let specialist = &case.specialists[0];
        let wanted = &case.requests[case.requests.len() - 1];
        if self.timetable.visits[self.request] >= wanted.visits_max || specialist.options[option].slots[day].is_empty()
        {
            return None;
        }
        let standing = self.standing(case, person, day)?;
        if standing.len() >= CANDIDATES_MAX {
            return None;
        }
        let mut places: Vec<usize> = Vec::new();
        let mut place = |site: usize| {
            places.iter().position(|known| *known == site).unwrap_or_else(|| {
                places.push(site);
                places.len() - 1
            })
        };
        let mut candidates = Vec::new();
        for visit in &standing {
            let option = &specialist.options[visit.option];
            candidates.push(Candidate {
                place: place(option.place),
                slots: &option.slots[day],
                lengths: vec![(visit.minutes, STANDING)],
                lent: option.lent,
                fixed: visit.fixed.then_some(visit.starts),
            });
        }
        let (week, lent) = self.elsewhere(case, person, day);
        let new = &specialist.options[option];
        let unit = case.unit();
        let lengths = (wanted.visit_min..=wanted.visit_max.min(wanted.minutes)).step_by(unit as usize);
        candidates.push(Candidate {
            place: place(new.place),
            slots: &new.slots[day],
            lengths: lengths.map(|minutes| (minutes, i64::from(minutes))).collect(),
            lent: new.lent,
            fixed: None,
        });
        let fixed: Vec<&Placed> = standing.iter().filter(|visit| visit.fixed).collect();
        let fixed_lent = |visit: &&&Placed| specialist.options[visit.option].lent;
        let fixed_lent: u32 = fixed.iter().filter(fixed_lent).map(|visit| visit.minutes).sum();
        let task = DayTask {
            candidates,
            fixed: fixed.len(),
            places,
            drives: &case.drives,
            home: specialist.home,
            minutes_left: specialist.week_max.saturating_sub(week).min(specialist.day_max),
            lendable_left: specialist.lend_max.saturating_sub(lent + fixed_lent),
            sites_max: specialist.sites_max,
            travel_max: specialist.travel_max,
            break_minutes: specialist.break_minutes,
            stay_min: case.instance.policy.min_minutes_at_site,
            travel_cost: 0,
            stay_cost: 0,
        };
        let found = DaySearch::new().best_day(&task)?;
        let at = found.iter().position(|(candidate, _, _)| *candidate == standing.len())?;
        if found.len() != standing.len() + 1 {
            return None;
        }
        let minutes = found[at].2;
        let placed = found.into_iter().map(|(candidate, starts, minutes)| match standing.get(candidate) {
            Some(visit) => Placed { starts, ..*visit },
            None => Placed { request: case.requests.len() - 1, option, starts, minutes, fixed: false },
        });
        Some((minutes, placed.collect(), at))
    }

    /// The visits of a day in the words of the small co-op, fixed ones first. `None` when a change made one impossible.
    fn standing(&self, case: &Case, person: usize, day: usize) -> Option<Vec<Placed>> {
        let instance = self.case.instance;
        let translate = |visit: &Placed| {
            let code = &instance.requests[visit.request].code;
            let same = |option: &Match| &case.instance.requests[option.request].code == code;
            let option = case.specialists[0].options.iter().position(same)?;
            Some(Placed { request: case.specialists[0].options[option].request, option, ..*visit })
        };
        let visits = &self.timetable.days[person * DAYS + day];
        let mut standing: Vec<Placed> = visits.iter().map(translate).collect::<Option<_>>()?;
        standing.sort_by_key(|visit| (!visit.fixed, visit.starts));
        Some(standing)
    }

    /// Direct and lent minutes of the specialist for other requests on other days.
    fn elsewhere(&self, case: &Case, person: usize, day: usize) -> (u32, u32) {
        let (mut week, mut lent) = (0, 0);
        for (other, visits) in self.days(person) {
            for visit in visits.iter().filter(|visit| other != day && visit.request != self.request) {
                week += visit.minutes;
                let member = self.case.requests[visit.request].member;
                if case.specialists[0].employer.is_some_and(|employer| employer != member) {
                    lent += visit.minutes;
                }
            }
        }
        (week, lent)
    }
}

/// The part of an instance that has only these sites, without people and requests: small tables are quick to copy.
fn frame(instance: &Instance, sites: &BTreeSet<usize>) -> Instance {
    let part = |row: &Vec<u32>| -> Vec<u32> { sites.iter().map(|site| row[*site]).collect() };
    let travel = Travel {
        sites: sites.iter().map(|site| instance.travel.sites[*site].clone()).collect(),
        minutes: sites.iter().map(|site| part(&instance.travel.minutes[*site])).collect(),
        miles: None,
    };
    Instance {
        format: instance.format.clone(),
        name: instance.name.clone(),
        unit_minutes: instance.unit_minutes,
        members: instance.members.clone(),
        sites: instance.sites.iter().filter(|site| travel.sites.contains(&site.code)).cloned().collect(),
        travel,
        specialists: Vec::new(),
        requests: Vec::new(),
        policy: instance.policy.clone(),
        fixed: Vec::new(),
    }
}

/// The specialist of a small co-op.
pub(super) fn specialist(instance: &mut Instance) -> &mut Specialist {
    &mut instance.specialists[0]
}

/// The request that is short in a small co-op.
pub(super) fn request(instance: &mut Instance) -> &mut ServiceRequest {
    let last = instance.requests.len() - 1;
    &mut instance.requests[last]
}

/// Hours with some stretches added on one day; what overlaps or touches becomes one interval.
pub(super) fn opened(hours: &WeeklyHours, day: Weekday, more: &[Interval]) -> WeeklyHours {
    let mut days: BTreeMap<_, _> = hours.days().map(|(day, intervals)| (day, intervals.to_vec())).collect();
    let mut intervals = days.remove(&day).unwrap_or_default();
    intervals.extend(more);
    intervals.sort();
    let mut joined: Vec<Interval> = Vec::new();
    for interval in intervals {
        match joined.last_mut() {
            Some(last) if interval.starts <= last.ends => last.ends = last.ends.max(interval.ends),
            _ => joined.push(interval),
        }
    }
    days.insert(day, joined);
    WeeklyHours::new(days).unwrap_or_else(|_| hours.clone())
}
