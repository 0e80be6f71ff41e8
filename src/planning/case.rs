//! An instance turned into numbers: indices instead of codes, and for every specialist the requests within reach with
//! the hours in which a visit can really lie.

use std::collections::BTreeMap;

use super::caps::Caps;
use super::instance::{Employer, Fairness, Instance, ServiceRequest, Specialist};
use super::plan_document::Visit;
use super::worth;
use crate::domain::calendar::{Interval, WallClock, Weekday, WeeklyHours};
use crate::domain::service_request::{Mode, Priority};

/// Days of a week.
pub(crate) const DAYS: usize = 7;

/// A stretch of one day in minutes since midnight, long enough for a visit.
pub(crate) type Slot = (u32, u32);

/// An instance by index.
pub(crate) struct Case<'a> {
    /// The instance itself.
    pub instance: &'a Instance,
    /// Staff in the order of the instance.
    pub specialists: Vec<CaseSpecialist>,
    /// Requests in the order of the instance.
    pub requests: Vec<CaseRequest>,
    /// Minutes of driving, by site index from and to.
    pub drives: Vec<Vec<u32>>,
    /// Fixed visits by specialist and day, `specialist * DAYS + day`.
    pub fixed: Vec<Vec<Placed>>,
    /// Visits of the plan to stay close to, in the same order; empty without one.
    pub start: Vec<Vec<Placed>>,
}

/// A specialist by index; absent limits are `u32::MAX`.
pub(crate) struct CaseSpecialist {
    pub home: usize,
    pub employer: Option<usize>,
    pub week_max: u32,
    pub day_max: u32,
    pub lend_max: u32,
    pub sites_max: u32,
    pub travel_max: u32,
    pub break_minutes: u32,
    /// Minutes that one member other than the employer may get.
    pub share_max: u32,
    /// Free piece that one day of the week must leave; 0 for none.
    pub block_minutes: u32,
    /// Different sites and requests of the week.
    pub caps: Caps,
    /// What going to one more site away from home costs, in points.
    pub stay_cost: i64,
    /// Working hours by day.
    pub hours: [Vec<Slot>; DAYS],
    pub cents_per_hour: i64,
    /// Requests this specialist may serve, in order of request.
    pub options: Vec<Match>,
}

/// A request that a specialist may serve.
pub(crate) struct Match {
    pub request: usize,
    /// Site index where the visit is given.
    pub place: usize,
    /// Whether the minutes count as lent.
    pub lent: bool,
    /// By day: where window and availability overlap for at least the shortest visit.
    pub slots: [Vec<Slot>; DAYS],
}

/// A request by index.
pub(crate) struct CaseRequest {
    pub member: usize,
    pub priority: Priority,
    /// Asked for.
    pub minutes: u32,
    pub visit_min: u32,
    pub visit_max: u32,
    pub visits_max: u32,
    pub current: Option<usize>,
    /// `(specialist, index into its options)`.
    pub matches: Vec<(usize, usize)>,
}

/// A visit of a specialist on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Placed {
    pub request: usize,
    /// Index into the specialist's options.
    pub option: usize,
    pub starts: u32,
    pub minutes: u32,
    pub fixed: bool,
}

impl CaseRequest {
    /// The most minutes that so many visits can give when so many are still missing.
    pub(crate) fn reachable(&self, missing: u32, visits: u32, unit: u32) -> u32 {
        let missing = missing / unit * unit;
        let most = |count: u32| if count * self.visit_min <= missing { missing.min(count * self.visit_max) } else { 0 };
        (1..=visits).map(most).max().unwrap_or(0)
    }
}

impl<'a> Case<'a> {
    /// Indexes a sound instance.
    pub(crate) fn of(instance: &'a Instance) -> Case<'a> {
        let index = |codes: Vec<&'a str>| -> BTreeMap<&'a str, usize> {
            codes.into_iter().enumerate().map(|(index, code)| (code, index)).collect()
        };
        let members = index(instance.members.iter().map(|member| member.code.as_str()).collect());
        let sites = index(instance.travel.sites.iter().map(String::as_str).collect());
        let people = index(instance.specialists.iter().map(|one| one.code.as_str()).collect());
        let member_of_site: BTreeMap<&str, usize> =
            instance.sites.iter().map(|site| (site.code.as_str(), members[site.member.as_str()])).collect();
        let requests = instance.requests.iter().map(|request| CaseRequest {
            member: member_of_site[request.site.as_str()],
            priority: request.priority,
            minutes: request.minutes_per_week,
            visit_min: request.visit_minutes.min,
            visit_max: request.visit_minutes.max,
            visits_max: request.visits_per_week_max,
            current: request.current_specialist.as_ref().and_then(|code| people.get(code.as_str()).copied()),
            matches: Vec::new(),
        });
        let mut case = Case {
            instance,
            specialists: Vec::with_capacity(instance.specialists.len()),
            requests: requests.collect(),
            drives: instance.travel.minutes.clone(),
            fixed: vec![Vec::new(); instance.specialists.len() * DAYS],
            start: vec![Vec::new(); instance.specialists.len() * DAYS],
        };
        for person in &instance.specialists {
            let limit = |limit: Option<u32>| limit.unwrap_or(u32::MAX);
            case.specialists.push(CaseSpecialist {
                home: sites[person.home_site.as_str()],
                employer: match &person.employer {
                    Employer::Member { member } => Some(members[member.as_str()]),
                    Employer::Coop | Employer::Agency { .. } => None,
                },
                week_max: person.direct_minutes_per_week_max,
                day_max: limit(person.direct_minutes_per_day_max),
                lend_max: limit(person.lendable_minutes_per_week_max),
                sites_max: limit(person.sites_per_day_max),
                travel_max: limit(person.travel_minutes_per_day_max),
                break_minutes: person.break_minutes,
                share_max: share_max(instance, person),
                block_minutes: person.evaluation_block_minutes,
                caps: Caps { sites: limit(person.sites_per_week_max), requests: limit(person.requests_max) },
                stay_cost: worth::stay(person.stay_preference.unwrap_or(instance.policy.stay_preference)),
                hours: Weekday::ALL.map(|day| slots_on(&person.availability, day)),
                cents_per_hour: person.cost_cents_per_hour,
                options: Vec::new(),
            });
        }
        case.match_requests(&sites);
        case.place_fixed(&people);
        case
    }

    fn match_requests(&mut self, sites: &BTreeMap<&str, usize>) {
        let instance = self.instance;
        let mut by_discipline: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (request, wanted) in instance.requests.iter().enumerate() {
            by_discipline.entry(&wanted.discipline).or_default().push(request);
        }
        let people: BTreeMap<&str, &Specialist> =
            instance.specialists.iter().map(|one| (one.code.as_str(), one)).collect();
        for (person, asked) in instance.specialists.iter().enumerate() {
            let supervisors: Vec<&Specialist> =
                asked.supervisors.iter().filter_map(|code| people.get(code.as_str()).copied()).collect();
            let disciplines = asked.disciplines.iter().filter_map(|held| by_discipline.get(held.as_str()));
            let mut requests: Vec<usize> = disciplines.flatten().copied().collect();
            requests.sort_unstable();
            requests.dedup();
            for request in requests {
                let wanted = &instance.requests[request];
                let remote = wanted.mode == Mode::Teletherapy;
                let (home, site) = (sites[asked.home_site.as_str()], sites[wanted.site.as_str()]);
                if !only_qualified_specialist(asked, wanted)
                    || !credential_valid(instance, asked, &wanted.discipline)
                    || !site_within_reach(asked, remote, self.drives[home][site])
                {
                    continue;
                }
                let near = |one: &&&Specialist| {
                    site_within_reach(one, remote, self.drives[sites[one.home_site.as_str()]][site])
                };
                let near: Vec<&Specialist> = supervisors.iter().filter(near).copied().collect();
                let slots = Weekday::ALL.map(|day| {
                    let slots = visit_within_window_and_availability(&asked.availability, &wanted.windows, day);
                    assistant_supervised(asked, &near, wanted.priority, day, slots)
                        .into_iter()
                        .filter(|slot| slot.0 + wanted.visit_minutes.min <= slot.1)
                        .collect()
                });
                if slots.iter().all(Vec::is_empty) {
                    continue;
                }
                let specialist = &mut self.specialists[person];
                let member = self.requests[request].member;
                let lent = specialist.employer.is_some_and(|employer| employer != member);
                specialist.options.push(Match { request, place: if remote { home } else { site }, lent, slots });
                self.requests[request].matches.push((person, specialist.options.len() - 1));
            }
        }
    }

    fn place_fixed(&mut self, people: &BTreeMap<&str, usize>) {
        let requests: BTreeMap<&str, usize> =
            self.instance.requests.iter().enumerate().map(|(index, one)| (one.code.as_str(), index)).collect();
        for fixed in &self.instance.fixed {
            let (person, request) = (people[fixed.specialist.as_str()], requests[fixed.request.as_str()]);
            // A sound instance has only fixed visits that keep every rule, so the pair is always matched.
            let Some(option) = self.specialists[person].options.iter().position(|one| one.request == request) else {
                continue;
            };
            let starts = u32::from(fixed.starts.minutes());
            let minutes = u32::from(fixed.ends.minutes()) - starts;
            let visits = &mut self.fixed[person * DAYS + fixed.day as usize];
            visits.push(Placed { request, option, starts, minutes, fixed: true });
            visits.sort_by_key(|visit| visit.starts);
            visits.dedup();
        }
    }

    /// Notes the visits of a plan to stay close to. Those that the instance no longer allows are left out: a person or
    /// a request that is gone, a time that is closed, a length that is not allowed any more.
    pub(crate) fn stay_close_to(&mut self, visits: &[Visit]) {
        let people: BTreeMap<&str, usize> =
            self.instance.specialists.iter().enumerate().map(|(index, one)| (one.code.as_str(), index)).collect();
        for visit in visits {
            let Some(&person) = people.get(visit.specialist.as_str()) else { continue };
            let options = &self.specialists[person].options;
            let code = |option: &&Match| self.instance.requests[option.request].code == visit.request;
            let Some(option) = options.iter().find(code) else { continue };
            let (starts, minutes) = (u32::from(visit.starts.minutes()), visit.minutes());
            let wanted = &self.requests[option.request];
            let day = visit.day as usize;
            let open = option.slots[day].iter().any(|slot| slot.0 <= starts && starts + minutes <= slot.1);
            let length =
                (wanted.visit_min..=wanted.visit_max).contains(&minutes) && minutes.is_multiple_of(self.unit());
            let slot = person * DAYS + day;
            let fixed = self.fixed[slot].iter().any(|fixed| fixed.request == option.request);
            if open && length && !fixed {
                let request = option.request;
                let at = options.iter().position(|one| one.request == request).unwrap_or(0);
                self.start[slot].push(Placed { request, option: at, starts, minutes, fixed: false });
            }
        }
        for visits in &mut self.start {
            visits.sort_by_key(|visit| visit.starts);
        }
    }

    /// Whether the worst-served members come first.
    pub(crate) fn is_fair(&self) -> bool {
        self.instance.policy.fairness == Fairness::WorstServedFirst
    }

    /// The length unit of visits.
    pub(crate) fn unit(&self) -> u32 {
        self.instance.unit_minutes
    }

    /// A visit in the words of the plan document.
    pub(crate) fn visit(&self, specialist: usize, day: usize, placed: &Placed) -> Visit {
        let place = self.specialists[specialist].options[placed.option].place;
        Visit {
            specialist: self.instance.specialists[specialist].code.clone(),
            request: self.instance.requests[placed.request].code.clone(),
            site: self.instance.travel.sites[place].clone(),
            day: Weekday::ALL[day],
            starts: clock(placed.starts),
            ends: clock(placed.starts + placed.minutes),
        }
    }

    /// Groups of specialists and requests that have nothing to do with each other, largest first. Requests that
    /// nobody can serve belong to no group.
    pub(crate) fn components(&self) -> Vec<Component> {
        let mut group: Vec<Option<usize>> = vec![None; self.specialists.len()];
        let mut components: Vec<Component> = Vec::new();
        for first in 0..self.specialists.len() {
            if group[first].is_some() || self.specialists[first].options.is_empty() {
                continue;
            }
            let mut component = Component { specialists: vec![first], requests: Vec::new() };
            group[first] = Some(components.len());
            let mut next = 0;
            while let Some(&specialist) = component.specialists.get(next) {
                next += 1;
                for option in &self.specialists[specialist].options {
                    for &(other, _) in &self.requests[option.request].matches {
                        if group[other].is_none() {
                            group[other] = Some(components.len());
                            component.specialists.push(other);
                        }
                    }
                }
            }
            component.specialists.sort_unstable();
            components.push(component);
        }
        for (request, wanted) in self.requests.iter().enumerate() {
            if let Some(group) = wanted.matches.first().and_then(|(specialist, _)| group[*specialist]) {
                components[group].requests.push(request);
            }
        }
        components.sort_by_key(|component| (usize::MAX - component.requests.len(), component.specialists[0]));
        components
    }
}

/// Specialists and requests that can be planned without looking at the others.
#[derive(Debug, Clone)]
pub(crate) struct Component {
    pub specialists: Vec<usize>,
    pub requests: Vec<usize>,
}

/// The specialist holds the discipline and every qualification of the request.
fn only_qualified_specialist(specialist: &Specialist, request: &ServiceRequest) -> bool {
    specialist.disciplines.contains(&request.discipline)
        && request.qualifications.iter().all(|one| specialist.qualifications.contains(one))
}

/// The credential for a discipline is valid on the first day of the plan. What does not end in the term is in no instance.
pub(crate) fn credential_valid(instance: &Instance, specialist: &Specialist, discipline: &str) -> bool {
    match (specialist.credentials_until.get(discipline), instance.effective_from) {
        (Some(until), Some(first_day)) => first_day < *until,
        _ => true,
    }
}

/// The drive from the home site is within the limit; teletherapy needs no drive.
pub(crate) fn site_within_reach(specialist: &Specialist, remote: bool, drive: u32) -> bool {
    remote || specialist.reach_minutes_max.is_none_or(|most| drive <= most)
}

/// Where the hours of a specialist and the windows of a request overlap on a day.
pub(crate) fn visit_within_window_and_availability(
    hours: &WeeklyHours,
    windows: &WeeklyHours,
    day: Weekday,
) -> Vec<Slot> {
    let mut slots = Vec::new();
    for window in windows.on(day) {
        for open in hours.on(day) {
            let starts = u32::from(window.starts.minutes().max(open.starts.minutes()));
            let ends = u32::from(window.ends.minutes().min(open.ends.minutes()));
            if starts < ends {
                slots.push((starts, ends));
            }
        }
    }
    slots
}

/// Where one of the supervisors near enough can be reached; assistants give no evaluations.
fn assistant_supervised(
    specialist: &Specialist,
    supervisors: &[&Specialist],
    priority: Priority,
    day: Weekday,
    slots: Vec<Slot>,
) -> Vec<Slot> {
    if !specialist.is_assistant() {
        return slots;
    }
    if priority == Priority::Evaluation {
        return Vec::new();
    }
    let mut supervised: Vec<Slot> = Vec::new();
    for one in supervisors {
        for (from, until) in slots_on(one.supervision_hours.as_ref().unwrap_or(&one.availability), day) {
            let within = slots.iter().map(|slot| (slot.0.max(from), slot.1.min(until)));
            supervised.extend(within.filter(|slot| slot.0 < slot.1));
        }
    }
    supervised.sort_unstable();
    supervised.dedup();
    supervised
}

/// Rule `member_share_within_limit`: minutes that one member other than the employer may get of a specialist.
fn share_max(instance: &Instance, specialist: &Specialist) -> u32 {
    let percent = instance.policy.person_member_share_max_percent;
    if percent >= 100 { u32::MAX } else { specialist.direct_minutes_per_week_max * percent / 100 }
}

/// Hours of a day in minutes since midnight.
pub(crate) fn slots_on(hours: &WeeklyHours, day: Weekday) -> Vec<Slot> {
    let slot = |open: &Interval| (u32::from(open.starts.minutes()), u32::from(open.ends.minutes()));
    hours.on(day).iter().map(slot).collect()
}

/// Minutes since midnight as a wall-clock time. The search only makes times on the five-minute step of one day.
pub(crate) fn clock(minutes: u32) -> WallClock {
    u16::try_from(minutes)
        .ok()
        .and_then(WallClock::from_minutes)
        .unwrap_or_else(|| unreachable!("{minutes} is no time of day on a five-minute step"))
}

/// An interval of wall-clock times.
pub(crate) fn interval(slot: Slot) -> Option<Interval> {
    Interval::new(clock(slot.0), clock(slot.1)).ok()
}
