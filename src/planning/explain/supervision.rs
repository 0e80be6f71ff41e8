//! More supervision: when an assistant could come, were there a supervisor at that time.

use super::causes::qualified;
use super::room::Room;
use crate::domain::calendar::Weekday;
use crate::domain::service_request::{Mode, Priority};
use crate::planning::case::{
    Case, DAYS, Slot, clock, interval, site_within_reach, visit_within_window_and_availability,
};
use crate::planning::change::{Change, new_minutes};

/// A visit that an assistant could give under more supervision.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Wanted {
    /// The longest first: `u32::MAX` less its minutes.
    shorter: u32,
    /// Minutes that the supervisor would be paid for, and supervise in all.
    paid: u32,
    more: u32,
    day: usize,
    supervisor: usize,
    starts: u32,
    minutes: u32,
}

/// Times at which an assistant with hours left could come, with a supervisor who reaches the school: those that bring
/// most first, then those that need least.
pub(super) fn supervise_more(room: &Room) -> Vec<Change> {
    let (case, instance) = (room.case, room.case.instance);
    let wanted = &instance.requests[room.request];
    let Some(site) = instance.travel.sites.iter().position(|site| *site == wanted.site) else { return Vec::new() };
    if wanted.priority == Priority::Evaluation {
        return Vec::new();
    }
    let reaches = |person: usize| {
        let drive = case.drives[case.specialists[person].home][site];
        site_within_reach(&instance.specialists[person], wanted.mode == Mode::Teletherapy, drive)
    };
    let mut found = Vec::new();
    let able = qualified(case, room.request).into_iter();
    for assistant in able.filter(|person| instance.specialists[*person].is_assistant() && reaches(*person)) {
        let one = &instance.specialists[assistant];
        let named = |person: &usize| one.supervisors.contains(&instance.specialists[*person].code) && reaches(*person);
        let supervisors: Vec<usize> = (0..instance.specialists.len()).filter(named).collect();
        let place = if wanted.mode == Mode::Teletherapy { case.specialists[assistant].home } else { site };
        for day in (0..DAYS).filter(|day| room.timetable.taken[room.request] & (1 << day) == 0) {
            let weekday = Weekday::ALL[day];
            let open = visit_within_window_and_availability(&one.availability, &wanted.windows, weekday);
            for piece in free(room, assistant, day, place, &open) {
                let minutes = (piece.1 - piece.0).min(most(room, assistant, day)) / case.unit() * case.unit();
                if minutes >= wanted.visit_minutes.min {
                    found.extend(supervisors.iter().filter_map(|one| least(case, *one, day, piece, minutes)));
                }
            }
        }
    }
    found.sort();
    let change = |one: &Wanted| Change::SuperviseMore {
        specialist: instance.specialists[one.supervisor].code.clone(),
        day: Weekday::ALL[one.day],
        starts: clock(one.starts),
        ends: clock(one.starts + one.minutes),
    };
    found.iter().map(change).collect()
}

/// The longest visit that the assistant's minutes and the request allow.
fn most(room: &Room, assistant: usize, day: usize) -> u32 {
    let (one, wanted) = (&room.case.specialists[assistant], &room.case.requests[room.request]);
    let direct: u32 = room.timetable.days[assistant * DAYS + day].iter().map(|visit| visit.minutes).sum();
    let week = one.week_max.saturating_sub(room.timetable.week[assistant]);
    week.min(one.day_max.saturating_sub(direct)).min(wanted.visit_max).min(room.missing())
}

/// What the visits of a day and the drives to them leave of some stretches. Planning again will tell whether the other
/// rules of the day hold.
fn free(room: &Room, person: usize, day: usize, place: usize, open: &[Slot]) -> Vec<Slot> {
    let visits = &room.timetable.days[person * DAYS + day];
    let one = &room.case.specialists[person];
    let drive = |at: usize| room.case.drives[place][one.options[visits[at].option].place];
    let mut pieces = Vec::new();
    for at in 0..=visits.len() {
        let before = at.checked_sub(1).map_or(0, |before| {
            let visit = &visits[before];
            visit.starts + visit.minutes + drive(before)
        });
        let after = visits.get(at).map_or(24 * 60, |visit| visit.starts.saturating_sub(drive(at)));
        let piece = |slot: &Slot| (slot.0.max(before).next_multiple_of(5), slot.1.min(after) / 5 * 5);
        pieces.extend(open.iter().map(piece).filter(|piece| piece.0 < piece.1));
    }
    pieces
}

/// The start inside a piece at which a supervisor has least to add; `None` where nothing is missing.
fn least(case: &Case, supervisor: usize, day: usize, piece: Slot, minutes: u32) -> Option<Wanted> {
    let starts = (piece.0..=piece.1 - minutes).step_by(5);
    let wanted = |starts: u32| {
        let when = interval((starts, starts + minutes))?;
        let (more, paid) = new_minutes(&case.instance.specialists[supervisor], Weekday::ALL[day], when);
        Some(Wanted { shorter: u32::MAX - minutes, paid, more, day, supervisor, starts, minutes })
    };
    starts.filter_map(wanted).min().filter(|one| one.more > 0)
}
