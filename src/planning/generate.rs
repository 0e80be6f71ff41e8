//! Made-up co-ops for tests, benchmarks and demonstrations: the same seed gives the same instance.
//!
//! Sites lie at random places of a region of about 24 by 24 miles and belong to members of different size. Staff are
//! spread over disciplines like the requests; half of them are employed by members, the others by the co-op or an
//! agency. Requests follow the bell schedule of their site. Weekly contracts are scaled so that requested minutes are
//! the given percentage of contracted minutes in every discipline.

use std::collections::BTreeMap;

use rand::seq::{IndexedRandom, SliceRandom};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::case::{clock, interval};
use super::instance::{
    Employer, FixedVisit, INSTANCE_FORMAT, Instance, Member, Policy, ServiceRequest, Site, Specialist, Travel,
    VisitMinutes,
};
use super::verify;
use crate::domain::calendar::{Weekday, WeeklyHours};
use crate::domain::service_request::{Mode, Priority};

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

/// Every size by name. `coop` is the size of the co-op that the product was made for.
pub const SIZES: [Size; 4] = [
    Size { name: "tiny", members: 2, sites: 3, specialists: 3, requests: 7, fixed: 1 },
    Size { name: "small", members: 4, sites: 8, specialists: 10, requests: 60, fixed: 3 },
    Size { name: "coop", members: 8, sites: 20, specialists: 30, requests: 250, fixed: 8 },
    Size { name: "medium", members: 16, sites: 80, specialists: 200, requests: 1_000, fixed: 20 },
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
/// Bell schedules: a morning and an afternoon in minutes since midnight, lunch between them.
const BELLS: [[(u32, u32); 2]; 3] = [[(480, 675), (735, 900)], [(465, 645), (690, 870)], [(510, 690), (750, 930)]];

/// Makes an instance whose requested minutes are `tightness_percent` of the contracted minutes.
pub fn generate(size: Size, tightness_percent: u32, seed: u64) -> Instance {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let members =
        (1..=size.members).map(|index| Member { code: format!("M{index:02}"), name: format!("District {index}") });
    let members: Vec<Member> = members.collect();
    let sites = sites(size, &members, &mut random);
    let travel = travel(&sites, &mut random);
    let requests = requests(size, &sites, &mut random);
    let mut instance = Instance {
        format: INSTANCE_FORMAT.to_string(),
        name: format!("generated-{}-{tightness_percent}-{seed}", size.name),
        unit_minutes: 15,
        specialists: specialists(size, &sites, &mut random),
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
    set_current(&mut instance, &mut random);
    set_fixed(&mut instance, size.fixed, &mut random);
    instance
}

fn sites(size: Size, members: &[Member], random: &mut ChaCha8Rng) -> Vec<Site> {
    let owner = |index: usize, random: &mut ChaCha8Rng| {
        // Every member has a site; the rest go to the first members more often, which makes them larger.
        if index < members.len() {
            index
        } else {
            random.random_range(0..members.len()).min(random.random_range(0..members.len()))
        }
    };
    let sites = (0..size.sites).map(|index| {
        let member = &members[owner(index, random)].code;
        Site {
            code: format!("{member}-S{:02}", index + 1),
            member: member.clone(),
            name: format!("School {}", index + 1),
        }
    });
    sites.collect()
}

fn travel(sites: &[Site], random: &mut ChaCha8Rng) -> Travel {
    let mut homes: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    let mut places = Vec::new();
    for site in sites {
        let home = *homes
            .entry(&site.member)
            .or_insert_with(|| (random.random_range(0.0..20.0), random.random_range(0.0..20.0)));
        places.push((home.0 + random.random_range(0.0..7.0), home.1 + random.random_range(0.0..7.0)));
    }
    let miles = |from: (f64, f64), to: (f64, f64)| ((from.0 - to.0).hypot(from.1 - to.1) * 1.25 * 10.0).round() / 10.0;
    let row = |from: usize| -> Vec<f64> { places.iter().map(|to| miles(places[from], *to)).collect() };
    let miles: Vec<Vec<f64>> = (0..sites.len()).map(row).collect();
    let minutes = miles.iter().enumerate().map(|(from, row)| {
        let drive =
            |(to, miles): (usize, &f64)| if from == to { 0 } else { ((miles * 1.8 + 4.0) / 5.0).ceil() as u32 * 5 };
        row.iter().enumerate().map(drive).collect()
    });
    Travel {
        sites: sites.iter().map(|site| site.code.clone()).collect(),
        minutes: minutes.collect(),
        miles: Some(miles.clone()),
    }
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

fn specialists(size: Size, sites: &[Site], random: &mut ChaCha8Rng) -> Vec<Specialist> {
    let mut made = BTreeMap::new();
    let specialists = (0..size.specialists).map(|index| {
        let (discipline, pay) = discipline(index, size.specialists);
        let number = made.entry(discipline).and_modify(|number| *number += 1).or_insert(1);
        let home = sites.choose(random).unwrap_or(&sites[0]);
        let employer = match random.random_range(0..10) {
            0..6 => Employer::Member { member: home.member.clone() },
            6..9 => Employer::Coop,
            _ => Employer::Agency { name: "Bridge Staffing".to_string() },
        };
        let lends = matches!(employer, Employer::Member { .. }) && random.random_bool(0.5);
        let mut days = SCHOOL_DAYS.to_vec();
        if random.random_bool(0.25) {
            days.shuffle(random);
            days.truncate(random.random_range(3..=4));
        }
        let starts = [465, 480, 450].choose(random).copied().unwrap_or(465);
        Specialist {
            code: format!("{discipline}-{number:02}"),
            disciplines: vec![discipline.to_string()],
            qualifications: if random.random_bool(0.25) { vec!["spanish".to_string()] } else { Vec::new() },
            employer,
            home_site: home.code.clone(),
            availability: hours(&days, &[(starts, starts + 480)]),
            direct_minutes_per_week_max: days.len() as u32 * 300,
            direct_minutes_per_day_max: Some(360),
            lendable_minutes_per_week_max: lends.then(|| random.random_range(16..=50) * 15),
            sites_per_day_max: Some(random.random_range(2..=3)),
            travel_minutes_per_day_max: Some(75),
            reach_minutes_max: random.random_bool(0.9).then(|| random.random_range(7..=10) * 5),
            break_minutes: 30,
            cost_cents_per_hour: pay + random.random_range(-5..=5) * 50,
            stay_preference: None,
            evaluation_block_minutes: 0,
            supervisors: Vec::new(),
            supervision_hours: None,
        }
    });
    specialists.collect()
}

fn requests(size: Size, sites: &[Site], random: &mut ChaCha8Rng) -> Vec<ServiceRequest> {
    let requests = (0..size.requests).map(|index| {
        let site = random.random_range(0..sites.len());
        let (discipline, _) = discipline(index, size.requests);
        let priority = match random.random_range(0..100) {
            0..72 => Priority::Mandated,
            72..88 => Priority::Evaluation,
            _ => Priority::Consult,
        };
        let length = [30, 30, 45, 60, 60, 90].choose(random).copied().unwrap_or(30);
        let visits =
            if priority == Priority::Mandated { random.random_range(1..=4) } else { random.random_range(1..=2) };
        let bells = &BELLS[site % BELLS.len()];
        let mut days = SCHOOL_DAYS.to_vec();
        let (mut slots, unusual) = (bells.to_vec(), random.random_range(0..100));
        if unusual < 20 {
            slots = vec![bells[random.random_range(0..2)]];
        } else if unusual < 40 {
            days.shuffle(random);
            days.truncate(random.random_range(2..=3));
        }
        ServiceRequest {
            code: format!("SR-2026-{:04}", index + 1),
            site: sites[site].code.clone(),
            discipline: discipline.to_string(),
            qualifications: if random.random_bool(0.08) { vec!["spanish".to_string()] } else { Vec::new() },
            priority,
            mode: if random.random_bool(0.06) { Mode::Teletherapy } else { Mode::InPerson },
            minutes_per_week: length * visits,
            visits_per_week_max: visits + u32::from(random.random_bool(0.5)),
            visit_minutes: VisitMinutes {
                min: length.min(30),
                max: if random.random_bool(0.6) { length } else { length + 30 },
            },
            windows: hours(&days, &slots),
            current_specialist: None,
        }
    });
    requests.collect()
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

fn set_current(instance: &mut Instance, random: &mut ChaCha8Rng) {
    for request in &mut instance.requests {
        let able: Vec<&Specialist> =
            instance.specialists.iter().filter(|one| one.disciplines.contains(&request.discipline)).collect();
        if random.random_bool(0.6) {
            request.current_specialist = able.choose(random).map(|one| one.code.clone());
        }
    }
}

fn set_fixed(instance: &mut Instance, count: usize, random: &mut ChaCha8Rng) {
    for _ in 0..count {
        let Some(request) = instance.requests.choose(random) else { return };
        let able = instance.specialists.iter().filter(|one| one.disciplines.contains(&request.discipline));
        let Some(specialist) = able.collect::<Vec<_>>().choose(random).copied() else { continue };
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
