//! What the sites of a made-up co-op ask for.

use rand::RngExt;
use rand::seq::{IndexedRandom, SliceRandom};
use rand_chacha::ChaCha8Rng;

use super::{SCHOOL_DAYS, Size, discipline, hours};
use crate::domain::service_request::{Mode, Priority};
use crate::planning::instance::{ServiceRequest, Site, VisitMinutes};

/// Bell schedules: a morning and an afternoon in minutes since midnight, lunch between them.
const BELLS: [[(u32, u32); 2]; 3] = [[(480, 675), (735, 900)], [(465, 645), (690, 870)], [(510, 690), (750, 930)]];

/// Requests, spread evenly over the sites.
pub(super) fn requests(size: Size, sites: &[Site], random: &mut ChaCha8Rng) -> Vec<ServiceRequest> {
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
