//! The staff of a made-up co-op.

use std::collections::BTreeMap;

use rand::RngExt;
use rand::seq::{IndexedRandom, SliceRandom};
use rand_chacha::ChaCha8Rng;

use super::{SCHOOL_DAYS, Size, discipline, hours, region};
use crate::planning::instance::{Employer, Site, Specialist};

/// Specialists with rough contracts; the caller sets the minutes.
pub(super) fn specialists(size: Size, sites: &[Site], random: &mut ChaCha8Rng) -> Vec<Specialist> {
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
            // In a small region one in ten drives anywhere; in a large one nobody does.
            reach_minutes_max: random
                .random_bool(0.9)
                .then(|| random.random_range(7..=10) * 5)
                .or(region::is_large(size).then_some(60)),
            break_minutes: 30,
            cost_cents_per_hour: pay + random.random_range(-5..=5) * 50,
            stay_preference: None,
            evaluation_block_minutes: 0,
            supervisors: Vec::new(),
            supervision_hours: None,
            credentials_until: BTreeMap::new(),
            sites_per_week_max: None,
            requests_max: None,
        }
    });
    specialists.collect()
}
