//! Rules of one specialist on one day: places, drives, stays, limits and the break.

use super::{Check, Index, Known, distinct};
use crate::domain::calendar::Weekday;
use crate::planning::instance::Specialist;
use crate::planning::rule::Rule;

/// A break lies between 10:30 and 13:30.
const BREAK_FROM: i64 = 630;
const BREAK_UNTIL: i64 = 810;
/// A day with more direct and travel minutes than this needs a break.
const LONG_DAY_MINUTES: u32 = 300;

/// Checks the visits of one specialist on one day, in order of start.
pub(super) fn check(index: &Index, day: Weekday, visits: &[&Known], check: &mut Check) {
    let Some(first) = visits.first() else {
        return;
    };
    let specialist = first.specialist;
    let code = &specialist.code;
    let drives: Vec<u32> = visits.windows(2).map(|pair| drive(index, pair[0], pair[1])).collect();
    for (pair, drive) in visits.windows(2).zip(&drives) {
        let (left, next) = (pair[0].visit.ends, pair[1].visit.starts);
        let fits = u32::from(next.minutes()) >= u32::from(left.minutes()) + drive;
        check.require(fits, Rule::SpecialistInOnePlace, || format!("{code} {day} {left} -> {next}"));
    }
    let direct: u32 = visits.iter().map(|known| known.visit.minutes()).sum();
    let within = specialist.direct_minutes_per_day_max.is_none_or(|most| direct <= most);
    check.require(within, Rule::SpecialistDayWithinLimit, || format!("{code} {day} {direct}"));
    stays(index, day, visits, check);
    let travel: u32 = drives.iter().sum();
    let within = specialist.travel_minutes_per_day_max.is_none_or(|most| travel <= most);
    check.require(within, Rule::TravelWithinDay, || format!("{code} {day} {travel}"));
    if specialist.break_minutes > 0 && direct + travel > LONG_DAY_MINUTES {
        let longest = longest_free(visits, &drives);
        check.require(longest >= i64::from(specialist.break_minutes), Rule::BreakKept, || {
            format!("{code} {day} longest free piece {longest}")
        });
    }
}

fn drive(index: &Index, from: &Known, to: &Known) -> u32 {
    if from.place() == to.place() { 0 } else { index.drive_minutes(from.place(), to.place()) }
}

fn stays(index: &Index, day: Weekday, visits: &[&Known], check: &mut Check) {
    let mut stays: Vec<(&str, u32)> = Vec::new();
    for known in visits {
        match stays.last_mut() {
            Some((site, minutes)) if *site == known.place() => *minutes += known.visit.minutes(),
            _ => stays.push((known.place(), known.visit.minutes())),
        }
    }
    let specialist: &Specialist = visits[0].specialist;
    let code = &specialist.code;
    let row = || stays.iter().map(|(site, _)| *site).collect::<Vec<_>>().join(" ");
    let sites = distinct(stays.iter().map(|(site, _)| *site));
    check.require(sites.len() == stays.len(), Rule::NoReturnToSite, || format!("{code} {day} {}", row()));
    let within = specialist.sites_per_day_max.is_none_or(|most| sites.len() <= most as usize);
    check.require(within, Rule::SitesPerDay, || format!("{code} {day} {}", row()));
    for (site, minutes) in &stays {
        let worth = *site == specialist.home_site || *minutes >= index.instance.policy.min_minutes_at_site;
        check.require(worth, Rule::StayLongEnough, || format!("{code} {day} {site} {minutes}"));
    }
}

/// The longest free piece of the break's hours. A drive may come right after the visit before it or right before the
/// visit after it, whichever leaves more.
fn longest_free(visits: &[&Known], drives: &[u32]) -> i64 {
    let free = |from: i64, until: i64| (until.min(BREAK_UNTIL) - from.max(BREAK_FROM)).max(0);
    let starts = |known: &Known| i64::from(known.visit.starts.minutes());
    let ends = |known: &Known| i64::from(known.visit.ends.minutes());
    let before = visits.first().map_or(0, |first| free(0, starts(first)));
    let after = visits.last().map_or(0, |last| free(ends(last), 24 * 60));
    let between = visits.windows(2).zip(drives).map(|(pair, drive)| {
        let (left, next, drive) = (ends(pair[0]), starts(pair[1]), i64::from(*drive));
        free(left + drive, next).max(free(left, next - drive))
    });
    between.fold(before.max(after), i64::max)
}
