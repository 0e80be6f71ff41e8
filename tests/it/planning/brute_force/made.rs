//! Co-ops of two or three specialists and three to five requests that together meet every rule.

use coop_scheduler::planning::Instance;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

use crate::planning::small_coop::read;

const SITES: [(&str, &str); 4] = [("A1", "A"), ("A2", "A"), ("B1", "B"), ("C1", "C")];
const DAYS: [&str; 2] = ["mon", "tue"];

/// What differs between the kinds of co-ops: short days in steps of 15 minutes, or long ones, with breaks, in hours.
struct Kind {
    unit: u32,
    /// Units of the shortest visit, and most units more of the longest.
    visit: (u32, u32),
    /// Specialists' hours begin and end within these minutes since midnight, on so many days.
    begins: (u32, u32),
    length: (u32, u32),
    days: usize,
    people: usize,
    requests: usize,
}

const KINDS: [Kind; 4] = [
    Kind { unit: 15, visit: (2, 2), begins: (480, 540), length: (105, 210), days: 2, people: 3, requests: 5 },
    Kind { unit: 60, visit: (2, 1), begins: (450, 480), length: (390, 450), days: 1, people: 3, requests: 5 },
    Kind { unit: 30, visit: (1, 5), begins: (600, 660), length: (120, 240), days: 2, people: 3, requests: 5 },
    Kind { unit: 60, visit: (2, 1), begins: (480, 510), length: (390, 450), days: 2, people: 3, requests: 4 },
];

/// The co-op of a seed.
pub fn very_small(seed: u64) -> Instance {
    read(&value(seed, &mut ChaCha8Rng::seed_from_u64(seed)))
}

/// The co-op of a seed with assistants, evaluation blocks and a policy of the second format.
pub fn very_small_with_all_rules(seed: u64) -> Instance {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut value = value(seed, &mut random);
    value["format"] = json!("coop-planning-instance/2");
    value["policy"]["person_member_share_max_percent"] = json!([100, 40, 60][random.random_range(0..3)]);
    if random.random_bool(0.25) {
        value["policy"]["fairness"] = json!("most_minutes");
    }
    let people = value["specialists"].as_array_mut().expect("a list");
    for person in &mut *people {
        let block = [0, 45, 90, 150, 240][random.random_range(0..5)];
        person["evaluation_block_minutes"] = json!(block);
    }
    if random.random_bool(0.3) {
        return read(&value);
    }
    let last = people.len() - 1;
    let supervisors: Vec<String> = (0..random.random_range(1..=last)).map(|index| format!("P{index}")).collect();
    people[last]["supervisors"] = json!(supervisors);
    if random.random_bool(0.6) {
        let (early, late) = (random.random_range(108..=132) * 5, random.random_range(132..=162) * 5);
        let hours = json!([["07:30", clock(early)], [clock(late), "16:00"]]);
        people[0]["supervision_hours"] = json!({"mon": hours, "tue": [["08:00", clock(late)]]});
    }
    read(&value)
}

/// The co-op of a seed in which nearly everybody has a cap on sites or on requests.
pub fn very_small_with_caps(seed: u64) -> Instance {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut value = value(seed, &mut random);
    value["format"] = json!("coop-planning-instance/4");
    for person in value["specialists"].as_array_mut().expect("a list") {
        let (sites, requests) = [(1, 0), (2, 0), (0, 1), (0, 2), (1, 2), (2, 2), (0, 0)][random.random_range(0..7)];
        for (key, most) in [("sites_per_week_max", sites), ("requests_max", requests)] {
            if most > 0 {
                person[key] = json!(most);
            }
        }
    }
    read(&value)
}

fn value(seed: u64, random: &mut ChaCha8Rng) -> Value {
    let kind = &KINDS[(seed % KINDS.len() as u64) as usize];
    let people: Vec<Value> = (0..kind.people).map(|index| specialist(kind, index, random)).collect();
    let requests: Vec<Value> = (0..kind.requests).map(|index| request(kind, index, random)).collect();
    let names = SITES.map(|(code, _)| code);
    let members = ["A", "B", "C"].map(|code| json!({"code": code, "name": code}));
    let sites = SITES.map(|(code, member)| json!({"code": code, "member": member, "name": code}));
    let stay = [0, kind.unit * 2, kind.unit * 3][random.random_range(0..3)];
    json!({
        "format": "coop-planning-instance/1", "name": format!("very-small-{seed}"), "unit_minutes": kind.unit,
        "members": members,
        "sites": sites,
        "travel": {"sites": names, "minutes": drives(random)},
        "specialists": people, "requests": requests,
        "policy": {"min_minutes_at_site": stay},
    })
}

/// Drives that need not be a multiple of five minutes, nor shorter than a way round.
fn drives(random: &mut ChaCha8Rng) -> Vec<Vec<u32>> {
    let mut table = vec![vec![0; SITES.len()]; SITES.len()];
    for (from, to) in (0..SITES.len()).flat_map(|from| (0..from).map(move |to| (from, to))) {
        let minutes = *[5, 7, 10, 12, 15, 20, 25, 40].choose(random).expect("one");
        (table[from][to], table[to][from]) = (minutes, minutes);
    }
    table
}

fn clock(minutes: u32) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn specialist(kind: &Kind, index: usize, random: &mut ChaCha8Rng) -> Value {
    let (home, member) = *SITES.choose(random).expect("a site");
    let mut availability = Map::new();
    for day in &DAYS[..kind.days] {
        let from = random.random_range(kind.begins.0 / 5..=kind.begins.1 / 5) * 5;
        let until = from + random.random_range(kind.length.0 / 5..=kind.length.1 / 5) * 5;
        availability.insert(day.to_string(), json!([[clock(from), clock(until)]]));
    }
    let employer = match random.random_range(0..10) {
        0..6 => json!({"kind": "member", "member": member}),
        6..9 => json!({"kind": "coop"}),
        _ => json!({"kind": "agency", "name": "Agency"}),
    };
    let disciplines = if random.random_bool(0.3) { json!(["SLP", "OT"]) } else { json!(["SLP"]) };
    let pause = [0, 30, 60, 90][random.random_range(0..4)];
    let mut value = json!({
        "code": format!("P{index}"), "disciplines": disciplines, "employer": employer, "home_site": home,
        "qualifications": if random.random_bool(0.5) { json!(["spanish"]) } else { json!([]) },
        "availability": availability, "break_minutes": pause,
        "direct_minutes_per_week_max": random.random_range(4..=14) * kind.unit, "cost_cents_per_hour": 6_000,
    });
    let lends = value["employer"]["kind"] == "member";
    let mut limit = |key: &str, part: f64, minutes: u32| {
        if random.random_bool(part) {
            value[key] = json!(minutes);
        }
        random.random_range(1..=3)
    };
    let mut next = limit("sites_per_day_max", 0.0, 0);
    next = limit("sites_per_day_max", 0.7, next.min(2));
    next = limit("direct_minutes_per_day_max", 0.5, (next + 2) * kind.unit);
    next = limit("travel_minutes_per_day_max", 0.5, next * 14);
    next = limit("reach_minutes_max", 0.25, next * 10 + 5);
    if lends {
        limit("lendable_minutes_per_week_max", 0.5, next * kind.unit);
    }
    value
}

fn request(kind: &Kind, index: usize, random: &mut ChaCha8Rng) -> Value {
    let (site, _) = *SITES.choose(random).expect("a site");
    let shortest = kind.visit.0 * kind.unit;
    let longest = shortest + random.random_range(0..=kind.visit.1) * kind.unit;
    let visits = random.random_range(1..=kind.days as u32);
    let priority = ["mandated", "mandated", "mandated", "evaluation", "consult"].choose(random).expect("one");
    let mut windows = Map::new();
    for day in &DAYS[..kind.days] {
        if random.random_bool(0.15) {
            continue;
        }
        // One window, or two with a gap between them that cuts the day in an odd place.
        let from = kind.begins.0 + random.random_range(0..=6) * 5;
        let until = kind.begins.1 + kind.length.1 - random.random_range(0..=6) * 5;
        let middle = random.random_range((from + shortest) / 5..=(until - shortest) / 5) * 5;
        let slots = match random.random_range(0..6) {
            0 => json!([[clock(from), clock(middle)]]),
            1 => json!([[clock(from), clock(middle)], [clock(middle + 10), clock(until)]]),
            2 => json!([[clock(middle), clock(until)]]),
            _ => json!([[clock(from), clock(until)]]),
        };
        windows.insert(day.to_string(), slots);
    }
    json!({
        "code": format!("R{index}"), "site": site, "discipline": if random.random_bool(0.12) { "OT" } else { "SLP" },
        "qualifications": if random.random_bool(0.15) { json!(["spanish"]) } else { json!([]) },
        "priority": priority,
        "mode": if random.random_bool(0.15) { "teletherapy" } else { "in_person" },
        "minutes_per_week": (kind.visit.0 * visits + random.random_range(0..=kind.visit.1.max(2))) * kind.unit,
        "visits_per_week_max": visits, "visit_minutes": {"min": shortest, "max": longest}, "windows": windows,
    })
}
