//! A part of a co-op around one request, planned again after a change: small enough to be planned in a moment, with all
//! rules of the whole, so that what comes out fits into the whole plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;

use crate::domain::calendar::{Weekday, WeeklyHours};
use crate::domain::fault::Fault;
use crate::domain::service_request::Priority;
use crate::planning::case::{Case, Component, DAYS};
use crate::planning::change::{self, Change};
use crate::planning::improve::{Budget, Heat, Improver, random};
use crate::planning::instance::{Instance, ServiceRequest};
use crate::planning::patch::Patch;
use crate::planning::plan_document::Visit;
use crate::planning::timetable::Timetable;
use crate::planning::verify;
use crate::planning::worth::Aims;

/// Specialists of a part, besides those whom a change names.
const PEOPLE_MAX: usize = 7;
/// Work of planning a part again.
pub(super) const WORK: u64 = 1_200_000;
/// Not quite warm: what is there is good already.
const HEAT: Heat = Heat { from: 0.35, until: 1.0 };
/// First stream of random numbers of these searches.
const STREAM: u64 = 2_000_000;

/// The plan of the whole co-op.
pub(super) struct Whole<'a> {
    pub case: &'a Case<'a>,
    pub timetable: &'a Timetable,
    /// Mandated minutes that each lender could place alone, by code of the member.
    pub floors: &'a BTreeMap<&'a str, u32>,
    pub seed: u64,
}

/// What planning again after some changes found.
#[derive(Debug, Clone, PartialEq)]
pub struct Replanned {
    /// The whole instance with the changes.
    pub instance: Instance,
    /// All visits.
    pub visits: Vec<Visit>,
    /// Minutes gained over the whole co-op; less than 0 when minutes of a lower priority made way.
    pub minutes_gained: i64,
    /// How many of them are mandated.
    pub mandated_minutes_gained: i64,
    /// How many of them are for the request.
    pub minutes_gained_for_request: i64,
    /// Visits that stood before and stand otherwise now.
    pub visits_moved: u32,
}

impl Whole<'_> {
    /// Plans again around a request.
    pub(super) fn replan(&self, request: usize, changes: &[Change]) -> Result<Replanned, Vec<Fault>> {
        let changed = change::apply(self.case.instance, changes)?;
        let people = self.people(request, changes, &changed);
        let before = self.visits();
        let (near, far): (Vec<&Visit>, Vec<&Visit>) =
            before.iter().partition(|visit| people.contains(visit.specialist.as_str()));
        let wanted = self.requests(request, &near, &people);
        let part = part_of(&changed, &people, &wanted, &far);
        let near: Vec<Visit> = near.into_iter().cloned().collect();
        let mut visits: Vec<Visit> = far.into_iter().cloned().collect();
        visits.extend(self.planned(&part, &near, request));
        visits.sort();
        if !verify::broken_by_visits(&changed, &visits).is_empty() {
            // A change that forbids what stands; a remedy never does.
            visits.clone_from(&before);
        }
        Ok(self.measured(changed, request, &before, visits))
    }

    fn visits(&self) -> Vec<Visit> {
        let days = self.timetable.days.iter().enumerate();
        let mut visits: Vec<Visit> = days
            .flat_map(|(slot, placed)| placed.iter().map(move |one| self.case.visit(slot / DAYS, slot % DAYS, one)))
            .collect();
        visits.sort();
        visits
    }

    /// Codes of the specialists who are planned again: whoever a change names or brings, and those of the discipline
    /// with most hours left.
    fn people<'b>(&self, request: usize, changes: &'b [Change], changed: &'b Instance) -> BTreeSet<&'b str> {
        let wanted = &self.case.instance.requests[request];
        let known: BTreeSet<&str> = self.case.instance.specialists.iter().map(|one| one.code.as_str()).collect();
        let named: BTreeSet<&str> = changes.iter().filter_map(Change::specialist).collect();
        let is_new = |code: &str| !known.contains(code) || named.contains(code);
        let mut people: BTreeSet<&str> =
            changed.specialists.iter().map(|one| one.code.as_str()).filter(|code| is_new(code)).collect();
        let holds = |person: &usize| self.case.instance.specialists[*person].disciplines.contains(&wanted.discipline);
        let mut others: Vec<usize> = (0..self.case.specialists.len()).filter(holds).collect();
        let left = |person: usize| {
            let matched = self.case.requests[request].matches.iter().any(|(one, _)| *one == person);
            (matched, self.case.specialists[person].week_max.saturating_sub(self.timetable.week[person]))
        };
        others.sort_by_key(|person| (std::cmp::Reverse(left(*person)), *person));
        others.truncate(PEOPLE_MAX);
        let codes: BTreeSet<&str> =
            others.iter().map(|person| self.case.instance.specialists[*person].code.as_str()).collect();
        people.extend(changed.specialists.iter().map(|one| one.code.as_str()).filter(|code| codes.contains(code)));
        let supervisors: BTreeSet<&str> = changed
            .specialists
            .iter()
            .filter(|one| people.contains(one.code.as_str()))
            .flat_map(|one| one.supervisors.iter().map(String::as_str))
            .collect();
        people.extend(supervisors);
        // More supervision is of use to those who are supervised.
        for change in changes {
            if let Change::SuperviseMore { specialist, .. } = change {
                let assists = changed.specialists.iter().filter(|one| one.supervisors.contains(specialist));
                people.extend(assists.map(|one| one.code.as_str()));
            }
        }
        people
    }

    /// Codes of the requests that are planned again: those that these people serve, and short ones that they could.
    fn requests(&self, request: usize, near: &[&Visit], people: &BTreeSet<&str>) -> BTreeSet<String> {
        let mut wanted: BTreeSet<String> = near.iter().map(|visit| visit.request.clone()).collect();
        for (index, one) in self.case.requests.iter().enumerate() {
            let able = || {
                let mut matches = one.matches.iter();
                matches.any(|(person, _)| people.contains(self.case.instance.specialists[*person].code.as_str()))
            };
            if index == request || self.timetable.placed[index] < one.minutes && able() {
                wanted.insert(self.case.instance.requests[index].code.clone());
            }
        }
        wanted
    }

    /// Plans the part from what stands.
    fn planned(&self, part: &Instance, near: &[Visit], request: usize) -> Vec<Visit> {
        let mut case = Case::of(part);
        case.stay_close_to(near);
        let mut timetable = Timetable::standing(&case);
        let aims = self.aims(&case, &timetable);
        let patch = Patch::whole(&Component {
            specialists: (0..case.specialists.len()).filter(|one| !case.specialists[*one].options.is_empty()).collect(),
            requests: (0..case.requests.len()).filter(|one| !case.requests[*one].matches.is_empty()).collect(),
        });
        let stop = AtomicBool::new(false);
        let budget = Budget { work: WORK, time: None, stop: &stop };
        let mut improver = Improver::new(&case, &patch, &aims, random(self.seed, STREAM + request as u64));
        improver.fill(&mut timetable, &budget);
        let days = improver.run(timetable.clone(), &budget, HEAT, |_| {});
        timetable.replace(&case, &days);
        let days = timetable.days.iter().enumerate();
        days.flat_map(|(slot, placed)| placed.iter().map(move |one| (slot, one)))
            .map(|(slot, one)| case.visit(slot / DAYS, slot % DAYS, one))
            .collect()
    }

    /// The goals of the whole plan, as far as the part can do anything for them.
    fn aims(&self, part: &Case, standing: &Timetable) -> Aims {
        let members = part.instance.members.len();
        let mut asked = vec![0; members];
        for request in self.case.requests.iter().filter(|request| request.priority == Priority::Mandated) {
            asked[request.member] += request.minutes;
        }
        let outside = |member: usize| self.timetable.mandated[member].saturating_sub(standing.mandated[member]);
        let floor = |member: usize| {
            let code = self.case.instance.members[member].code.as_str();
            self.floors.get(code).copied().unwrap_or(0).saturating_sub(outside(member))
        };
        Aims {
            alone: (0..members).map(floor).collect(),
            outside: (0..members).map(outside).collect(),
            asked,
            fair: self.case.is_fair(),
            ..Aims::none(members)
        }
    }

    fn measured(&self, instance: Instance, request: usize, before: &[Visit], visits: Vec<Visit>) -> Replanned {
        let code = &self.case.instance.requests[request].code;
        let mandated: BTreeSet<&str> = instance
            .requests
            .iter()
            .filter(|one| one.priority == Priority::Mandated)
            .map(|one| one.code.as_str())
            .collect();
        let sum = |visits: &[Visit], which: &dyn Fn(&Visit) -> bool| -> i64 {
            visits.iter().filter(|visit| which(visit)).map(|visit| i64::from(visit.minutes())).sum()
        };
        let gained = |which: &dyn Fn(&Visit) -> bool| sum(&visits, which) - sum(before, which);
        let stays: BTreeSet<&Visit> = visits.iter().collect();
        Replanned {
            minutes_gained: gained(&|_| true),
            mandated_minutes_gained: gained(&|visit| mandated.contains(visit.request.as_str())),
            minutes_gained_for_request: gained(&|visit| visit.request == *code),
            visits_moved: before.iter().filter(|visit| !stays.contains(visit)).count() as u32,
            instance,
            visits,
        }
    }
}

/// The instance of some people and requests. What others give a request is taken off it, with the days on which they do.
fn part_of(whole: &Instance, people: &BTreeSet<&str>, wanted: &BTreeSet<String>, far: &[&Visit]) -> Instance {
    let mut given: BTreeMap<&str, (u32, u32, Vec<Weekday>)> = BTreeMap::new();
    for visit in far {
        let (minutes, visits, days) = given.entry(&visit.request).or_default();
        *minutes += visit.minutes();
        *visits += 1;
        days.push(visit.day);
    }
    let rest = |request: &ServiceRequest| {
        let mut rest = request.clone();
        if let Some((minutes, visits, days)) = given.get(request.code.as_str()) {
            rest.minutes_per_week = rest.minutes_per_week.saturating_sub(*minutes);
            rest.visits_per_week_max = rest.visits_per_week_max.saturating_sub(*visits);
            let open = request.windows.days().filter(|(day, _)| !days.contains(day));
            rest.windows =
                WeeklyHours::new(open.map(|(day, slots)| (day, slots.to_vec())).collect()).unwrap_or_default();
        }
        (rest.minutes_per_week > 0 && rest.visits_per_week_max > 0).then_some(rest)
    };
    let requests: Vec<ServiceRequest> =
        whole.requests.iter().filter(|one| wanted.contains(&one.code)).filter_map(rest).collect();
    let kept = |code: &str| requests.iter().any(|one| one.code == code);
    let fixed = whole.fixed.iter().filter(|one| people.contains(one.specialist.as_str()) && kept(&one.request));
    Instance {
        specialists: whole.specialists.iter().filter(|one| people.contains(one.code.as_str())).cloned().collect(),
        fixed: fixed.cloned().collect(),
        requests,
        ..whole.clone()
    }
}
