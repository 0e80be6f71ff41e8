//! A made-up co-op that uses every rule and preference, those of the second format of instance files as well.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{SCHOOL_DAYS, Size, generate};
use crate::domain::calendar::{Interval, Weekday, WeeklyHours};
use crate::domain::policy::{Fairness, StayPreference};
use crate::planning::instance::{Instance, Specialist};
use crate::planning::verify;

/// Disciplines that know assistants (SLPA, COTA, PTA).
const WITH_ASSISTANTS: [&str; 3] = ["SLP", "OT", "PT"];
/// One in so many specialists of these is an assistant.
const ASSISTANTS: usize = 4;
/// Most supervisors of an assistant.
const SUPERVISORS_MAX: usize = 2;
/// Evaluation blocks in minutes; psychologists evaluate most.
const BLOCK_MINUTES: u32 = 60;
const BLOCK_OF_PSYCHOLOGISTS_MINUTES: u32 = 120;
/// Percent of a week that one member other than the employer may get.
const MEMBER_SHARE_PERCENT: u32 = 60;

/// Like [`generate`], and then some specialists become assistants, keep time for evaluations, prefer long stays or have a
/// cap on the sites or requests of their week, and a policy says so. Fixed visits that do not fit any more are left out.
pub fn generate_with_all_rules(size: Size, tightness_percent: u32, seed: u64) -> Instance {
    let mut instance = generate(size, tightness_percent, seed);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    // The first stream made the instance.
    random.set_stream(1);
    instance.name.push_str("-all");
    instance.policy.person_member_share_max_percent = MEMBER_SHARE_PERCENT;
    instance.policy.stay_preference = StayPreference::HalfDay;
    if random.random_bool(0.25) {
        instance.policy.fairness = Fairness::MostMinutes;
    }
    for discipline in WITH_ASSISTANTS {
        set_assistants(&mut instance, discipline, &mut random);
    }
    for specialist in &mut instance.specialists {
        set_wishes(specialist, &mut random);
    }
    for specialist in &mut instance.specialists {
        set_caps(specialist, &mut random);
    }
    instance.raise_format();
    for fixed in std::mem::take(&mut instance.fixed) {
        instance.fixed.push(fixed);
        if !verify::broken_by_fixed(&instance).is_empty() {
            instance.fixed.pop();
        }
    }
    instance
}

/// Makes every fourth of a discipline an assistant of the one or two nearest others.
fn set_assistants(instance: &mut Instance, discipline: &str, random: &mut ChaCha8Rng) {
    let of_it: Vec<usize> = instance
        .specialists
        .iter()
        .enumerate()
        .filter(|(_, one)| one.disciplines[0] == discipline)
        .map(|(index, _)| index)
        .collect();
    let is_assistant = |position: usize| position % ASSISTANTS == ASSISTANTS - 1;
    let row = |instance: &Instance, person: usize| {
        let home = &instance.specialists[person].home_site;
        instance.travel.sites.iter().position(|site| site == home).unwrap_or(0)
    };
    for (position, &assistant) in of_it.iter().enumerate().filter(|(position, _)| is_assistant(*position)) {
        let drives = &instance.travel.minutes[row(instance, assistant)];
        let able = of_it.iter().enumerate().filter(|(other, _)| !is_assistant(*other) && *other != position);
        let mut near: Vec<(u32, usize)> = able.map(|(_, &person)| (drives[row(instance, person)], person)).collect();
        near.sort_unstable();
        near.truncate(random.random_range(1..=SUPERVISORS_MAX));
        let codes = near.iter().map(|(_, person)| instance.specialists[*person].code.clone()).collect();
        for (_, person) in near {
            if random.random_bool(0.5) {
                let supervisor = &mut instance.specialists[person];
                supervisor.supervision_hours = Some(mornings(&supervisor.availability));
            }
        }
        let one = &mut instance.specialists[assistant];
        one.supervisors = codes;
        one.cost_cents_per_hour = one.cost_cents_per_hour * 6 / 10;
    }
}

/// The first five hours of every day.
fn mornings(hours: &WeeklyHours) -> WeeklyHours {
    let first = |day: Weekday| {
        let open = hours.on(day).first()?;
        let ends = crate::planning::case::clock(u32::from(open.starts.minutes()) + 300).min(open.ends);
        Some((day, vec![Interval::new(open.starts, ends).ok()?]))
    };
    WeeklyHours::new(SCHOOL_DAYS.into_iter().filter_map(first).collect()).unwrap_or_default()
}

fn set_wishes(specialist: &mut Specialist, random: &mut ChaCha8Rng) {
    let psychologist = specialist.disciplines[0] == "PSY";
    if psychologist || (random.random_bool(0.2) && !specialist.is_assistant()) {
        specialist.evaluation_block_minutes = if psychologist { BLOCK_OF_PSYCHOLOGISTS_MINUTES } else { BLOCK_MINUTES };
    }
    specialist.stay_preference = match random.random_range(0..5) {
        0 => Some(StayPreference::WholeDay),
        1 => Some(StayPreference::Any),
        _ => None,
    };
}

/// A quarter goes to few sites in a week, another quarter serves few requests.
fn set_caps(specialist: &mut Specialist, random: &mut ChaCha8Rng) {
    match random.random_range(0..4) {
        0 => specialist.sites_per_week_max = Some(random.random_range(2..=4)),
        1 => specialist.requests_max = Some(random.random_range(4..=10)),
        _ => {}
    }
}
