//! Rules over the visits of one specialist on one day: places, drives, stays, limits and the break.

use std::collections::BTreeSet;

use super::Found;
use super::facts::{Day, Facts};

/// A break lies between 10:30 and 13:30.
const BREAK_FROM: i64 = 630;
const BREAK_UNTIL: i64 = 810;
/// A day with more direct and travel minutes than this needs a break.
const LONG_DAY_MINUTES: u32 = 300;

fn distinct_sites(day: &Day) -> usize {
    day.stays().iter().map(|(site, _)| *site).collect::<BTreeSet<_>>().len()
}

fn row(day: &Day) -> String {
    let sites: Vec<&str> = day.stays().iter().map(|(site, _)| *site).collect();
    format!("{} {}", day.tag(), sites.join(" "))
}

/// Visits of a specialist never overlap, and the drive between sites fits.
pub(super) fn specialist_in_one_place(facts: &Facts, found: &mut Found) {
    for day in facts.days.values() {
        for (pair, drive) in day.visits.windows(2).zip(&day.drives) {
            let fits = pair[1].starts() >= pair[0].ends() + i64::from(*drive);
            found.require(fits, || format!("{} {} -> {}", day.tag(), pair[0].visit.ends, pair[1].visit.starts));
        }
    }
}

/// Direct minutes of a specialist on one day.
pub(super) fn specialist_day_within_limit(facts: &Facts, found: &mut Found) {
    for day in facts.days.values() {
        let direct = day.direct_minutes();
        let within = day.specialist.direct_minutes_per_day_max.is_none_or(|most| direct <= most);
        found.require(within, || format!("{} {direct}", day.tag()));
    }
}

/// Different sites of a specialist on one day.
pub(super) fn sites_per_day(facts: &Facts, found: &mut Found) {
    for day in facts.days.values() {
        let within = day.specialist.sites_per_day_max.is_none_or(|most| distinct_sites(day) <= most as usize);
        found.require(within, || row(day));
    }
}

/// A site is not left and entered again on the same day.
pub(super) fn no_return_to_site(facts: &Facts, found: &mut Found) {
    for day in facts.days.values() {
        found.require(distinct_sites(day) == day.stays().len(), || row(day));
    }
}

/// Driving minutes between sites on one day.
pub(super) fn travel_within_day(facts: &Facts, found: &mut Found) {
    for day in facts.days.values() {
        let travel = day.travel_minutes();
        let within = day.specialist.travel_minutes_per_day_max.is_none_or(|most| travel <= most);
        found.require(within, || format!("{} {travel}", day.tag()));
    }
}

/// A long day leaves a break in the middle, in one piece.
pub(super) fn break_kept(facts: &Facts, found: &mut Found) {
    for day in facts.days.values() {
        let pause = day.specialist.break_minutes;
        if pause > 0 && day.direct_minutes() + day.travel_minutes() > LONG_DAY_MINUTES {
            let longest = day.longest_free(BREAK_FROM, BREAK_UNTIL);
            found.require(longest >= i64::from(pause), || format!("{} longest free piece {longest}", day.tag()));
        }
    }
}

/// A stay away from the home site is worth the drive.
pub(super) fn stay_long_enough(facts: &Facts, found: &mut Found) {
    let least = facts.instance.policy.min_minutes_at_site;
    for day in facts.days.values() {
        for (site, minutes) in day.stays() {
            let worth = site == day.specialist.home_site || minutes >= least;
            found.require(worth, || format!("{} {site} {minutes}", day.tag()));
        }
    }
}
