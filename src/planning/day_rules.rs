//! The hard rules of a day, as the day search keeps them: one function a rule, with the rule's name.
//!
//! A rule is asked while a day grows, so that no day that breaks it is ever made. The same rules are counted again,
//! from finished plans and without these functions, in [`mod@super::verify`].

use super::case::Slot;
use super::day_search::{Candidate, DayTask, Label, Step};

/// A break lies between 10:30 and 13:30 (rule `break_kept`).
pub(crate) const BREAK_FROM: u32 = 630;
pub(crate) const BREAK_UNTIL: u32 = 810;
/// Rule `break_kept` applies to days with more direct and travel minutes than this.
pub(crate) const LONG_DAY_MINUTES: u32 = 300;
/// Times lie on this step.
const CLOCK_STEP: u32 = 5;
/// The end of a day in minutes since midnight.
const MIDNIGHT: u32 = 24 * 60;

/// When the specialist can be at another site.
pub(crate) fn specialist_in_one_place(label: &Label, drive: u32) -> u32 {
    label.ends + drive
}

/// A site is not left and entered again.
pub(crate) fn no_return_to_site(label: &Label, place: usize) -> bool {
    label.places & (1 << place) == 0
}

/// One more site is within the limit.
pub(crate) fn sites_per_day(task: &DayTask, label: &Label) -> bool {
    label.sites < task.sites_max
}

/// One more drive is within the limit.
pub(crate) fn travel_within_day(task: &DayTask, label: &Label, drive: u32) -> bool {
    label.travel + drive <= task.travel_max
}

/// The stay that the label is in is long enough to leave it, or to end the day with it.
pub(crate) fn stay_long_enough(task: &DayTask, label: &Label) -> bool {
    label.stay >= task.stay_min || task.places[label.place] == task.home
}

/// So many direct minutes are within the day's limit.
pub(crate) fn specialist_day_within_limit(task: &DayTask, direct: u32) -> bool {
    direct <= task.day_max
}

/// So many direct minutes of this day are within what is left of the week.
pub(crate) fn specialist_week_within_contract(task: &DayTask, direct: u32) -> bool {
    direct <= task.week_left
}

/// So many lent minutes of this day are within what is left to lend.
pub(crate) fn lendable_within_limit(task: &DayTask, lent: u32) -> bool {
    lent <= task.lendable_left
}

/// A visit of so many minutes is within what its member may still get of the specialist. `given` counts what the day
/// already gives to the member; it is asked only where there is a limit.
pub(crate) fn member_share_within_limit(candidate: &Candidate, minutes: u32, given: impl FnOnce() -> u32) -> bool {
    candidate.member_left == u32::MAX || given() + minutes <= candidate.member_left
}

/// The places of a day, one bit each, are within what is left of the week's different sites.
pub(crate) fn sites_within_cap(task: &DayTask, places: u128) -> bool {
    (places & task.caps.new_places).count_ones() <= task.caps.sites
}

/// The visits of a day, one bit a candidate, are within what is left of the week's different requests.
pub(crate) fn requests_within_cap(task: &DayTask, seen: u128) -> bool {
    (seen & task.caps.new_candidates).count_ones() <= task.caps.requests
}

/// When a visit must end so that the next fixed visit can stand; without one, never.
pub(crate) fn fixed_visits_stand(task: &DayTask, label: Option<&Label>, index: usize) -> u32 {
    let done = label.map_or(0, |label| label.fixed_done);
    if done < task.fixed && task.candidates[index].fixed.is_none() {
        task.candidates[done].fixed.unwrap_or(u32::MAX)
    } else {
        u32::MAX
    }
}

/// Whether a day that ends with the label has its break: before a visit, after the last, or the day is short.
pub(crate) fn break_kept(task: &DayTask, label: &Label) -> bool {
    label.rested
        || label.direct + label.travel <= LONG_DAY_MINUTES
        || label.ends.max(BREAK_FROM) + task.break_minutes <= BREAK_UNTIL
}

/// The earliest start that leaves a break before it, the drive before or after the break.
pub(crate) fn after_break(task: &DayTask, step: &Step) -> Option<u32> {
    after_piece(&[(BREAK_FROM, BREAK_UNTIL)], task.break_minutes, step)
}

/// Whether a day that ends with the label leaves the evaluation block free.
pub(crate) fn evaluation_block_kept(task: &DayTask, label: &Label) -> bool {
    label.blocked || longest_piece(task.hours, label.ends, MIDNIGHT) >= task.block_minutes
}

/// The earliest start that leaves the evaluation block before it, the drive before or after the block.
pub(crate) fn after_block(task: &DayTask, step: &Step) -> Option<u32> {
    after_piece(task.hours, task.block_minutes, step)
}

/// The earliest start with a free piece of so many minutes before it, inside one of the stretches.
fn after_piece(stretches: &[Slot], minutes: u32, step: &Step) -> Option<u32> {
    let piece = |from: u32| {
        let fits = |slot: &&Slot| from.max(slot.0) + minutes <= slot.1;
        stretches.iter().find(fits).map(|slot| from.max(slot.0) + minutes)
    };
    let drive_first = piece(step.earliest);
    let rest_first = piece(step.left).map(|until| until + step.drive);
    drive_first.into_iter().chain(rest_first).min().map(|start| start.next_multiple_of(CLOCK_STEP))
}

/// The longest part of the stretches between two times.
pub(crate) fn longest_piece(stretches: &[Slot], from: u32, until: u32) -> u32 {
    stretches.iter().map(|slot| slot.1.min(until).saturating_sub(slot.0.max(from))).max().unwrap_or(0)
}
