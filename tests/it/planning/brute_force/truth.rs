//! The exact best of goals 1 to 3, by trying everything.
//!
//! Every day that a specialist can work is made by [`super::days`]; here a day is nothing but its minutes by request. Days
//! are put together to weeks and the weeks of all specialists to timetables, without losing any combination of minutes.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};

use coop_scheduler::domain::calendar::Weekday;
use coop_scheduler::domain::policy::Fairness;
use coop_scheduler::domain::service_request::{Mode, Priority};
use coop_scheduler::planning::Instance;
use coop_scheduler::planning::instance::{Employer, ServiceRequest, Specialist};

use super::days::DaysOf;

/// Numbers by request, eight bits each, so that all requests are added and compared at once.
pub type Lanes = u64;
const TOPS: Lanes = 0x8080_8080_8080_8080;

pub fn lane(lanes: Lanes, request: usize) -> u32 {
    (lanes >> (8 * request) & 0xff) as u32
}

pub fn in_lane(number: u32, request: usize) -> Lanes {
    Lanes::from(number) << (8 * request)
}

/// Whether no number is above its limit. Numbers and limits are below 128.
fn within(numbers: Lanes, limits: Lanes) -> bool {
    (limits | TOPS).wrapping_sub(numbers) & TOPS == TOPS
}

/// Minutes that goals 1 to 3 look at: mandated ones by member, then evaluation and consult.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Goals {
    pub members: Vec<u32>,
    pub evaluation: u32,
    pub consult: u32,
}

impl Goals {
    pub fn mandated(&self) -> u32 {
        self.members.iter().sum()
    }
}

/// A week, or several people's weeks: units of every request, on which days, in how many visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Week {
    units: Lanes,
    days: Lanes,
    visits: Lanes,
}

/// What is true about an instance.
pub struct Truth {
    /// The best timetable under the rule for lenders.
    pub best: Goals,
    /// Mandated minutes that each lender can place alone.
    pub alone: BTreeMap<String, u32>,
    /// Whether some possible day is long enough to need a break.
    pub long_days: bool,
    asked: Vec<u32>,
    fairness: Fairness,
    all: Vec<Goals>,
}

impl Truth {
    pub fn of(instance: &Instance) -> Truth {
        let asked_of = |member: &str| -> u32 {
            let own = instance.requests.iter().filter(|one| one.priority == Priority::Mandated);
            own.filter(|one| member_of(instance, one) == member).map(|one| one.minutes_per_week).sum()
        };
        let asked: Vec<u32> = instance.members.iter().map(|member| asked_of(&member.code)).collect();
        let fairness = instance.policy.fairness;
        let limits = Limits::of(instance);
        let mut long_days = false;
        let weeks: Vec<Vec<Week>> =
            instance.specialists.iter().map(|one| weeks(instance, one, &limits, &mut long_days)).collect();
        let mut alone = BTreeMap::new();
        for (index, member) in instance.members.iter().enumerate() {
            let employs =
                |one: &&(&Specialist, &Vec<Week>)| one.0.employer == Employer::Member { member: member.code.clone() };
            let people: Vec<_> = instance.specialists.iter().zip(&weeks).collect();
            let people: Vec<&Vec<Week>> = people.iter().filter(employs).map(|(_, weeks)| *weeks).collect();
            if people.is_empty() {
                continue;
            }
            let foreign = limits.lanes(|request| if member_of(instance, request) == member.code { 0 } else { 0xff });
            let own = people
                .into_iter()
                .map(|weeks| weeks.iter().filter(|week| week.units & foreign == 0).copied().collect());
            let together = together(own.collect(), &limits);
            let most = together.iter().map(|week| goals(instance, week.units).members[index]).max();
            alone.insert(member.code.clone(), most.unwrap_or(0));
        }
        let keeps = |goals: &Goals| {
            instance
                .members
                .iter()
                .zip(&goals.members)
                .all(|(member, placed)| *placed >= alone.get(&member.code).copied().unwrap_or(0))
        };
        let units: HashSet<Lanes> = together(weeks, &limits).into_iter().map(|week| week.units).collect();
        let all: HashSet<Goals> = units.into_iter().map(|units| goals(instance, units)).filter(keeps).collect();
        let mut all: Vec<Goals> = all.into_iter().collect();
        all.sort_by(|left, right| order(&asked, fairness, left, right));
        let best = all.last().expect("what lenders do alone is possible").clone();
        Truth { best, alone, long_days, asked, fairness, all }
    }

    /// Goals 1 to 3: more mandated minutes; then the members' shares, worst first; then evaluation, then consult.
    pub fn order(&self, left: &Goals, right: &Goals) -> Ordering {
        order(&self.asked, self.fairness, left, right)
    }

    /// Share of the worst-served member in the best timetable, in basis points, rounded down.
    pub fn worst_share_basis_points(&self) -> u32 {
        let shares = self.best.members.iter().zip(&self.asked).filter(|(_, asked)| **asked > 0);
        shares.map(|(placed, asked)| 10_000 * placed / asked).min().unwrap_or(0)
    }

    /// The most evaluation minutes with no fewer mandated ones, and the most consult minutes with no fewer of both.
    pub fn most_with_no_less_than(&self, than: &Goals) -> (u32, u32) {
        let mandated = self.all.iter().filter(|one| one.mandated() >= than.mandated());
        let both = mandated.clone().filter(|one| one.evaluation >= than.evaluation);
        let evaluation = mandated.map(|one| one.evaluation).max();
        (evaluation.unwrap_or(0), both.map(|one| one.consult).max().unwrap_or(0))
    }
}

fn order(asked: &[u32], fairness: Fairness, left: &Goals, right: &Goals) -> Ordering {
    let shares = |goals: &Goals| {
        let mut shares: Vec<(u32, u32)> = goals
            .members
            .iter()
            .zip(asked)
            .filter(|(_, asked)| **asked > 0)
            .map(|(placed, asked)| (*placed, *asked))
            .collect();
        shares.sort_by(compare);
        shares
    };
    let fair = || {
        if fairness == Fairness::MostMinutes {
            return Ordering::Equal;
        }
        let pairs = shares(left).into_iter().zip(shares(right));
        pairs.map(|(left, right)| compare(&left, &right)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    };
    left.mandated()
        .cmp(&right.mandated())
        .then_with(fair)
        .then(left.evaluation.cmp(&right.evaluation))
        .then(left.consult.cmp(&right.consult))
}

/// Compares placed / asked exactly.
fn compare(left: &(u32, u32), right: &(u32, u32)) -> Ordering {
    (left.0 * right.1).cmp(&(right.0 * left.1))
}

fn member_of<'a>(instance: &'a Instance, request: &ServiceRequest) -> &'a str {
    &instance.sites.iter().find(|site| site.code == request.site).expect("its site").member
}

fn goals(instance: &Instance, units: Lanes) -> Goals {
    let mut goals = Goals { members: vec![0; instance.members.len()], evaluation: 0, consult: 0 };
    for (index, request) in instance.requests.iter().enumerate() {
        let minutes = lane(units, index) * instance.unit_minutes;
        match request.priority {
            Priority::Mandated => {
                let member = member_of(instance, request);
                let at = instance.members.iter().position(|one| one.code == member).expect("its member");
                goals.members[at] += minutes;
            }
            Priority::Evaluation => goals.evaluation += minutes,
            Priority::Consult => goals.consult += minutes,
        }
    }
    goals
}

/// What the requests allow over all specialists.
struct Limits<'a> {
    instance: &'a Instance,
    units: Lanes,
    visits: Lanes,
}

impl Limits<'_> {
    fn of(instance: &Instance) -> Limits<'_> {
        let limits = Limits { instance, units: 0, visits: 0 };
        let units = limits.lanes(|request| request.minutes_per_week / instance.unit_minutes);
        let visits = limits.lanes(|request| request.visits_per_week_max);
        Limits { instance, units, visits }
    }

    fn lanes(&self, number: impl Fn(&ServiceRequest) -> u32) -> Lanes {
        self.instance.requests.iter().enumerate().map(|(index, request)| in_lane(number(request), index)).sum()
    }

    /// Both together, if requests allow it.
    fn join(&self, left: &Week, right: &Week) -> Option<Week> {
        if left.days & right.days != 0 {
            return None;
        }
        let both =
            Week { units: left.units + right.units, days: left.days | right.days, visits: left.visits + right.visits };
        (within(both.units, self.units) && within(both.visits, self.visits)).then_some(both)
    }
}

/// Every combination of one week a person. Of those that differ only by a needless visit day, the leaner one is enough.
fn together(people: Vec<Vec<Week>>, limits: &Limits) -> Vec<Week> {
    let mut joint = vec![Week { units: 0, days: 0, visits: 0 }];
    for weeks in people {
        let mut next = HashSet::new();
        for left in &joint {
            next.extend(weeks.iter().filter_map(|right| limits.join(left, right)));
        }
        joint = lean(next);
    }
    joint
}

fn lean(weeks: HashSet<Week>) -> Vec<Week> {
    let mut by_units: HashMap<Lanes, Vec<Week>> = HashMap::new();
    for week in weeks {
        let same = by_units.entry(week.units).or_default();
        if same.iter().any(|other| other.days & !week.days == 0) {
            continue;
        }
        same.retain(|other| week.days & !other.days != 0);
        same.push(week);
    }
    by_units.into_values().flatten().collect()
}

/// Every week of a specialist, alone in the world.
fn weeks(instance: &Instance, specialist: &Specialist, limits: &Limits, long_days: &mut bool) -> Vec<Week> {
    let requests = 0..instance.requests.len();
    let allowed = |week: &Week| {
        let minutes = |counts: &dyn Fn(&str) -> bool| -> u32 {
            let members = instance.requests.iter().map(|request| member_of(instance, request)).enumerate();
            let counted = members.filter(|(_, member)| counts(member));
            counted.map(|(request, _)| lane(week.units, request) * instance.unit_minutes).sum()
        };
        week_allowed(instance, specialist, minutes) && caps_kept(instance, specialist, week.units)
    };
    let mut weeks = HashSet::from([(Week { units: 0, days: 0, visits: 0 }, specialist.evaluation_block_minutes == 0)]);
    for (number, day) in Weekday::ALL.into_iter().enumerate() {
        let days = DaysOf::all(instance, specialist, day);
        *long_days |= days.long;
        let mut next = HashSet::new();
        for (units, block) in days.found {
            let given = requests.clone().filter(|request| lane(units, *request) > 0);
            let (mut on, mut visits) = (0, 0);
            for request in given {
                on |= in_lane(1 << number, request);
                visits |= in_lane(1, request);
            }
            let day = Week { units, days: on, visits };
            for (week, kept) in &weeks {
                next.extend(limits.join(week, &day).filter(allowed).map(|week| (week, *kept || block)));
            }
        }
        weeks = next;
    }
    // Only who has visits must keep a block.
    lean(weeks.into_iter().filter(|(week, kept)| *kept || week.units == 0).map(|(week, _)| week).collect())
}

/// Whether a week's limits hold, given the minutes for the members that a test picks.
fn week_allowed(instance: &Instance, specialist: &Specialist, minutes: impl Fn(&dyn Fn(&str) -> bool) -> u32) -> bool {
    let most = specialist.direct_minutes_per_week_max;
    let employer = match &specialist.employer {
        Employer::Member { member } => Some(member.as_str()),
        Employer::Coop | Employer::Agency { .. } => None,
    };
    let lent = minutes(&|member| employer.is_some_and(|own| own != member));
    let percent = instance.policy.person_member_share_max_percent;
    let mut foreign = instance.members.iter().filter(|member| employer != Some(member.code.as_str()));
    minutes(&|_| true) <= most
        && specialist.lendable_minutes_per_week_max.is_none_or(|most| lent <= most)
        && foreign.all(|member| 100 * minutes(&|other| other == member.code) <= percent * most)
}

/// Whether a week has no more different requests and sites than it may; visits from afar are given at home.
fn caps_kept(instance: &Instance, specialist: &Specialist, units: Lanes) -> bool {
    let served = instance.requests.iter().enumerate().filter(|(request, _)| lane(units, *request) > 0);
    let places = served.clone().map(|(_, request)| match request.mode {
        Mode::Teletherapy => &specialist.home_site,
        Mode::InPerson => &request.site,
    });
    let sites = places.collect::<HashSet<_>>().len();
    specialist.sites_per_week_max.is_none_or(|most| sites <= most as usize)
        && specialist.requests_max.is_none_or(|most| served.count() <= most as usize)
}
