//! Made-up co-ops for tests, benchmarks and demonstrations: the same seed gives the same instance.
//!
//! Sites lie at random places of a region that grows with their number, and belong to members of different size. Staff
//! are spread over disciplines like the requests; six in ten are employed by members, the others by the co-op or an
//! agency. Requests follow the bell schedule of their site. Weekly contracts are scaled so that requested minutes are
//! the given percentage of contracted minutes in every discipline.

mod all_rules;
mod people;
mod region;
mod wishes;

use std::collections::BTreeMap;

use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub use all_rules::generate_with_all_rules;

use super::case::{clock, interval};
use super::instance::{FixedVisit, INSTANCE_FORMAT, Instance, Member, Policy, ServiceRequest, Specialist, Travel};
use super::verify;
use crate::domain::calendar::{Weekday, WeeklyHours};

/// How large an instance to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Name on the command line.
    pub name: &'static str,
    /// Members.
    pub members: usize,
    /// Sites.
    pub sites: usize,
    /// Specialists.
    pub specialists: usize,
    /// Requests.
    pub requests: usize,
    /// Fixed visits that are tried; those that would break a rule are left out.
    pub fixed: usize,
}

/// Every size by name. `coop` is the size of the co-op that the product was made for, `state` that of a state agency.
pub const SIZES: [Size; 6] = [
    Size { name: "tiny", members: 2, sites: 3, specialists: 3, requests: 7, fixed: 1 },
    Size { name: "small", members: 4, sites: 8, specialists: 10, requests: 60, fixed: 3 },
    Size { name: "coop", members: 8, sites: 20, specialists: 30, requests: 250, fixed: 8 },
    Size { name: "medium", members: 16, sites: 80, specialists: 200, requests: 1_000, fixed: 20 },
    Size { name: "region", members: 16, sites: 80, specialists: 200, requests: 1_200, fixed: 20 },
    Size { name: "state", members: 60, sites: 500, specialists: 1_500, requests: 6_000, fixed: 60 },
];

/// Disciplines with their part of requests and staff in percent and their pay in cents an hour.
const DISCIPLINES: [(&str, usize, i64); 6] = [
    ("SLP", 38, 6_450),
    ("OT", 22, 6_100),
    ("PSY", 15, 6_900),
    ("PT", 12, 6_300),
    ("BCBA", 8, 7_200),
    ("TVI", 5, 6_000),
];
const SCHOOL_DAYS: [Weekday; 5] = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];

/// Makes an instance whose requested minutes are `tightness_percent` of the contracted minutes.
pub fn generate(size: Size, tightness_percent: u32, seed: u64) -> Instance {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let members =
        (1..=size.members).map(|index| Member { code: format!("M{index:02}"), name: format!("District {index}") });
    let members: Vec<Member> = members.collect();
    let sites = region::sites(size, &members, &mut random);
    let travel = region::travel(size, &sites, &mut random);
    let requests = wishes::requests(size, &sites, &mut random);
    let mut instance = Instance {
        format: INSTANCE_FORMAT.to_string(),
        name: format!("generated-{}-{tightness_percent}-{seed}", size.name),
        unit_minutes: 15,
        effective_from: None,
        specialists: people::specialists(size, &sites, &mut random),
        members,
        sites,
        travel,
        requests,
        policy: Policy {
            travel_cents_per_mile: Some(70),
            agency_cents_per_hour: DISCIPLINES.iter().map(|(code, _, pay)| (code.to_string(), pay * 4 / 3)).collect(),
            min_minutes_at_site: 60,
            ..Policy::default()
        },
        fixed: Vec::new(),
    };
    set_contracts(&mut instance, tightness_percent, &mut random);
    let nearby = region::is_large(size);
    set_current(&mut instance, nearby, &mut random);
    set_fixed(&mut instance, size.fixed, nearby, &mut random);
    instance
}

/// The discipline of the entry at `index` of `count`, so that parts are kept exactly.
fn discipline(index: usize, count: usize) -> (&'static str, i64) {
    let at = (index * 100 + 50) / count;
    let mut sum = 0;
    for (code, part, pay) in DISCIPLINES {
        sum += part;
        if at < sum {
            return (code, pay);
        }
    }
    (DISCIPLINES[0].0, DISCIPLINES[0].2)
}

fn hours(days: &[Weekday], slots: &[(u32, u32)]) -> WeeklyHours {
    let intervals: Vec<_> = slots.iter().filter_map(|slot| interval(*slot)).collect();
    WeeklyHours::new(days.iter().map(|day| (*day, intervals.clone())).collect()).unwrap_or_default()
}

fn set_contracts(instance: &mut Instance, tightness_percent: u32, random: &mut ChaCha8Rng) {
    for (discipline, _, _) in DISCIPLINES {
        let asked: u32 =
            instance.requests.iter().filter(|one| one.discipline == discipline).map(|one| one.minutes_per_week).sum();
        let staff: Vec<&mut Specialist> =
            instance.specialists.iter_mut().filter(|one| one.disciplines[0] == discipline).collect();
        let days: u32 = staff.iter().map(|one| one.availability.days().count() as u32).sum();
        let per_day = asked * 100 / tightness_percent.max(1) / days.max(1);
        for specialist in staff {
            let days = specialist.availability.days().count() as u32;
            let minutes = per_day * days * random.random_range(90..=110) / 100;
            specialist.direct_minutes_per_week_max = (minutes / 15 * 15).clamp(60, days * 360);
        }
    }
}

/// Who holds the discipline of a request; of those, when `nearby`, who reaches its site. Drives are the same both ways.
fn able<'a>(instance: &'a Instance, request: &ServiceRequest, nearby: bool) -> Vec<&'a Specialist> {
    let qualified = instance.specialists.iter().filter(|one| one.disciplines.contains(&request.discipline));
    if !nearby {
        return qualified.collect();
    }
    let Travel { sites, minutes, .. } = &instance.travel;
    let to = sites.iter().position(|code| *code == request.site).unwrap_or(0);
    let drives: BTreeMap<&str, u32> = sites.iter().map(String::as_str).zip(minutes[to].iter().copied()).collect();
    let reaches = |one: &&Specialist| one.reach_minutes_max.is_none_or(|most| drives[one.home_site.as_str()] <= most);
    qualified.filter(reaches).collect()
}

fn set_current(instance: &mut Instance, nearby: bool, random: &mut ChaCha8Rng) {
    for index in 0..instance.requests.len() {
        let current = if random.random_bool(0.6) {
            able(instance, &instance.requests[index], nearby).choose(random).map(|one| one.code.clone())
        } else {
            None
        };
        instance.requests[index].current_specialist = current;
    }
}

fn set_fixed(instance: &mut Instance, count: usize, nearby: bool, random: &mut ChaCha8Rng) {
    for _ in 0..count {
        let Some(request) = instance.requests.choose(random) else { return };
        let Some(specialist) = able(instance, request, nearby).choose(random).copied() else { continue };
        let day = SCHOOL_DAYS[random.random_range(0..SCHOOL_DAYS.len())];
        let Some(window) = request.windows.on(day).first() else { continue };
        let starts = window.starts.minutes();
        let ends = clock(u32::from(starts) + request.visit_minutes.max);
        let (specialist, request) = (specialist.code.clone(), request.code.clone());
        instance.fixed.push(FixedVisit { specialist, request, day, starts: window.starts, ends });
        if !verify::broken_by_fixed(instance).is_empty() {
            instance.fixed.pop();
        }
    }
}
