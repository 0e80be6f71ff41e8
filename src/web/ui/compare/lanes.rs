//! The day of a specialist that changes most, before and after, as two lanes of blocks. Decorative: the list below
//! says all.

use std::collections::BTreeMap;

use crate::domain::calendar::{WallClock, Weekday};
use crate::domain::plan::Visit;
use crate::domain::plan_comparison::ChangeGroup;
use crate::web::ui::wording;

/// Lengths are in units of a minute.
pub(super) struct Lanes {
    pub day: &'static str,
    /// Length of the whole lane.
    pub length: i64,
    pub before: Vec<Block>,
    pub after: Vec<Block>,
    /// Place and words of each full hour.
    pub hours: Vec<(i64, String)>,
}

/// Visits that follow each other at one school.
pub(super) struct Block {
    pub at: i64,
    pub length: i64,
    /// The school, as much of it as fits.
    pub words: String,
    /// Whether a visit in it is only in this plan.
    pub is_changed: bool,
}

/// Minutes of the lane that one letter takes.
const MINUTES_A_LETTER: i64 = 4;

impl Lanes {
    /// `None` for somebody without a change on a school day.
    pub(super) fn new(group: &ChangeGroup, before: &[Visit], after: &[Visit]) -> Option<Lanes> {
        let mut changes: BTreeMap<Weekday, usize> = BTreeMap::new();
        let sides = group.changes.iter().flat_map(|change| change.before.iter().chain(&change.after));
        for visit in sides.filter(|visit| visit.specialist_code == group.code) {
            *changes.entry(visit.weekday).or_default() += 1;
        }
        let day = changes.into_iter().max_by_key(|(day, count)| (*count, std::cmp::Reverse(*day)))?.0;
        let of_day = |all: &[Visit]| {
            let own = all.iter().filter(|visit| visit.specialist_code == group.code && visit.weekday == day);
            let mut own: Vec<Visit> = own.cloned().collect();
            own.sort_by_key(|visit| visit.starts);
            own
        };
        let (before, after) = (of_day(before), of_day(after));
        let both = || before.iter().chain(&after);
        let starts = both().map(|visit| minutes(visit.starts) / 60 * 60).min()?;
        let ends = both().map(|visit| (minutes(visit.ends) + 59) / 60 * 60).max()?;
        let hour = |minutes: i64| {
            let time = WallClock::from_minutes(u16::try_from(minutes).ok()?)?;
            let clock = wording::clock(time);
            Some((minutes - starts, clock.split(':').next().unwrap_or_default().to_owned()))
        };
        Some(Lanes {
            day: day.name(),
            length: ends - starts,
            hours: (0..(ends - starts) / 60).filter_map(|hours| hour(starts + 60 * hours)).collect(),
            before: blocks(&before, &after, starts),
            after: blocks(&after, &before, starts),
        })
    }
}

fn minutes(time: WallClock) -> i64 {
    i64::from(time.minutes())
}

fn blocks(visits: &[Visit], others: &[Visit], starts: i64) -> Vec<Block> {
    let is_new = |visit: &Visit| {
        let same = |other: &Visit| {
            (other.service_request_id, other.starts, other.ends, other.site_id)
                == (visit.service_request_id, visit.starts, visit.ends, visit.site_id)
        };
        !others.iter().any(same)
    };
    let stays = visits.chunk_by(|a, b| a.site_id == b.site_id && is_new(a) == is_new(b));
    let block = |stay: &[Visit]| {
        let (first, last) = (stay.first()?, stay.last()?);
        let length = minutes(last.ends) - minutes(first.starts);
        let letters = usize::try_from((length - 8) / MINUTES_A_LETTER).unwrap_or(0);
        let words = if first.site_name.chars().count() <= letters {
            first.site_name.clone()
        } else {
            let cut: String = first.site_name.chars().take(letters.saturating_sub(1)).collect();
            if cut.chars().count() < 3 { String::new() } else { format!("{}…", cut.trim_end()) }
        };
        Some(Block { at: minutes(first.starts) - starts, length, words, is_changed: is_new(first) })
    };
    stays.filter_map(block).collect()
}
