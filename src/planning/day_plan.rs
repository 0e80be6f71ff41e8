//! One day of one specialist on a timetable: which requests may be visited, how long, and what each visit is worth.
//! The rules of a request over its week stand here, one function each; those of the day in [`super::day_rules`].

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::caps::CapsLeft;
use super::case::{Case, CaseRequest, DAYS, Placed, Slot};
use super::day_rules::longest_piece;
use super::day_search::{CANDIDATES_MAX, Candidate, DaySearch, DayTask, Kept};
use super::patch::Patch;
use super::timetable::{Timetable, pair_cost, pay};
use super::worth::{self, Aims};
use crate::domain::service_request::Priority;

/// How often a disturbed day is made shorter, and a disturbed visit.
const SHORT_DAY_ONE_IN: u32 = 10;
const SHORT_VISIT_ONE_IN: u32 = 16;
/// How often the worth of a visit is disturbed much.
const OTHER_WORTH_ONE_IN: u32 = 24;

/// The best day of a specialist for a timetable from which the day was taken out.
pub(crate) fn plan_day(
    case: &Case,
    timetable: &Timetable,
    (patch, aims): (&Patch, &Aims),
    slot: usize,
    search: &mut DaySearch,
    mut noise: Option<&mut ChaCha8Rng>,
) -> Vec<Placed> {
    let (person, day) = (slot / DAYS, slot % DAYS);
    let specialist = &case.specialists[person];
    let fixed = &case.fixed[slot];
    let mut draft = Draft::new(case, timetable, person);
    for visit in fixed {
        draft.add(day, visit.option, vec![(visit.minutes, 0)], Some(visit.starts), None);
    }
    let mut free = Vec::new();
    for (index, option) in specialist.options.iter().enumerate() {
        let wanted = &case.requests[option.request];
        let skipped = aims.only.is_some_and(|member| wanted.member != member);
        if skipped || option.slots[day].is_empty() || !patch.allows(option.request) {
            continue;
        }
        // Noise on the worth makes the same days come out differently, which is what finds new timetables.
        let factor = noise.as_mut().map_or(1.0, |random| disturbed(random));
        let mut lengths = lengths(case, timetable, (patch, aims), (person, day, index), draft.most(index), factor);
        if let Some(random) = noise.as_mut() {
            shortened(&mut lengths, random);
        }
        if !lengths.is_empty() {
            free.push((index, lengths));
        }
    }
    // The search can tell only so many candidates apart; the least worth go first.
    let best = |lengths: &[(u32, i64)]| lengths.iter().map(|length| length.1).max().unwrap_or(0);
    if free.len() + draft.options.len() > CANDIDATES_MAX {
        free.sort_by_key(|(index, lengths)| (-best(lengths), *index));
        free.truncate(CANDIDATES_MAX.saturating_sub(draft.options.len()));
    }
    for (index, lengths) in free {
        let request = specialist.options[index].request;
        let kept = case.start[slot].iter().find(|visit| visit.request == request);
        let kept = kept.map(|visit| Kept { starts: visit.starts, minutes: visit.minutes, bonus: aims.kept_worth() });
        draft.add(day, index, lengths, None, kept);
    }
    if draft.options.is_empty() {
        return Vec::new();
    }
    let options = draft.options.clone();
    let mut task = draft.task(day, fixed.len(), (worth::DRIVE, specialist.stay_cost));
    if let Some(random) = noise
        && random.random_ratio(1, SHORT_DAY_ONE_IN)
    {
        // What a shorter day leaves of the week may be of more use on another day.
        let units = task.day_max.min(task.week_left) / case.unit();
        let shorter = fixed_minutes(fixed) + random.random_range(0..=units.min(24)) * case.unit();
        task.day_max = task.day_max.min(shorter);
    }
    let Some(found) = search.best_day(&task) else {
        return fixed.clone();
    };
    let placed = found.into_iter().map(|(candidate, starts, minutes)| Placed {
        request: specialist.options[options[candidate]].request,
        option: options[candidate],
        starts,
        minutes,
        fixed: candidate < task.fixed,
    });
    placed.collect()
}

fn fixed_minutes(fixed: &[Placed]) -> u32 {
    fixed.iter().map(|visit| visit.minutes).sum()
}

/// A factor of the worth of a visit, mostly near 1; now and then so far from it that even quotas do not count.
fn disturbed(random: &mut ChaCha8Rng) -> f64 {
    let part: f64 = random.random();
    if random.random_ratio(1, OTHER_WORTH_ONE_IN) { 0.6 + part } else { 0.9 + 0.2 * part }
}

/// Now and then leaves out the longer lengths, or all: the longest visit today is not always the best for the week.
fn shortened(lengths: &mut Vec<(u32, i64)>, random: &mut ChaCha8Rng) {
    if random.random_ratio(1, SHORT_VISIT_ONE_IN) {
        lengths.truncate(random.random_range(0..=lengths.len()));
    }
}

/// A day's task in the making.
pub(crate) struct Draft<'a> {
    case: &'a Case<'a>,
    timetable: &'a Timetable,
    person: usize,
    /// Direct and lendable minutes left of the week.
    week_left: u32,
    lendable_left: u32,
    candidates: Vec<Candidate<'a>>,
    places: Vec<usize>,
    /// Option of each candidate.
    pub options: Vec<usize>,
}

impl<'a> Draft<'a> {
    /// An empty day of a specialist, on a timetable from which the day was taken out.
    pub(crate) fn new(case: &'a Case<'a>, timetable: &'a Timetable, person: usize) -> Draft<'a> {
        let specialist = &case.specialists[person];
        Draft {
            case,
            timetable,
            person,
            week_left: specialist.week_max.saturating_sub(timetable.week[person]),
            lendable_left: specialist.lend_max.saturating_sub(timetable.lent[person]),
            candidates: Vec::new(),
            places: Vec::new(),
            options: Vec::new(),
        }
    }

    /// The most minutes that any visit of an option may have.
    fn most(&self, option: usize) -> u32 {
        let specialist = &self.case.specialists[self.person];
        let most = self.week_left.min(specialist.day_max);
        if specialist.options[option].lent { most.min(self.lendable_left) } else { most }
    }

    /// Adds a candidate; fixed ones come first.
    pub(crate) fn add(
        &mut self,
        day: usize,
        option: usize,
        lengths: Vec<(u32, i64)>,
        fixed: Option<u32>,
        kept: Option<Kept>,
    ) {
        let found = &self.case.specialists[self.person].options[option];
        let place = self.places.iter().position(|known| *known == found.place).unwrap_or_else(|| {
            self.places.push(found.place);
            self.places.len() - 1
        });
        let member = self.case.requests[found.request].member;
        self.candidates.push(Candidate {
            place,
            slots: &found.slots[day],
            lengths,
            lent: found.lent,
            member,
            member_left: self.member_left(member),
            fixed,
            kept,
        });
        self.options.push(option);
    }

    /// Rule `member_share_within_limit`: minutes that the specialist may still give to a member.
    fn member_left(&self, member: usize) -> u32 {
        let specialist = &self.case.specialists[self.person];
        if specialist.share_max == u32::MAX || specialist.employer == Some(member) {
            return u32::MAX;
        }
        let days = &self.timetable.days[self.person * DAYS..(self.person + 1) * DAYS];
        let fixed = &self.case.fixed[self.person * DAYS..(self.person + 1) * DAYS];
        let of_member = |visit: &&Placed| self.case.requests[visit.request].member == member;
        let given = days.iter().flatten().filter(|visit| !visit.fixed).filter(of_member);
        let given = given.chain(fixed.iter().flatten().filter(of_member)).map(|visit| visit.minutes);
        specialist.share_max.saturating_sub(given.sum())
    }

    /// Rule `evaluation_block_kept`: the free piece that this day must leave, because no other day does.
    fn block_minutes(&self, day: usize) -> u32 {
        let specialist = &self.case.specialists[self.person];
        let others = (0..DAYS).filter(|other| *other != day);
        let kept = others.into_iter().any(|other| {
            let visits = &self.timetable.days[self.person * DAYS + other];
            free_piece(self.case, self.person, &specialist.hours[other], visits) >= specialist.block_minutes
        });
        if kept { 0 } else { specialist.block_minutes }
    }

    /// The task, with the cost of a minute of driving and of a stay away from home.
    pub(crate) fn task(self, day: usize, fixed: usize, (travel_cost, stay_cost): (i64, i64)) -> DayTask<'a> {
        let specialist = &self.case.specialists[self.person];
        let fixed_minutes: u32 = self.candidates[..fixed].iter().map(|candidate| candidate.lengths[0].0).sum();
        let block_minutes = if specialist.block_minutes == 0 { 0 } else { self.block_minutes(day) };
        let caps = CapsLeft::of(self.case, self.timetable, self.person, &self.options, &self.places);
        DayTask {
            caps,
            candidates: self.candidates,
            fixed,
            places: self.places,
            drives: &self.case.drives,
            home: specialist.home,
            day_max: specialist.day_max,
            week_left: self.week_left + fixed_minutes,
            lendable_left: self.lendable_left,
            sites_max: specialist.sites_max,
            travel_max: specialist.travel_max,
            break_minutes: specialist.break_minutes,
            block_minutes,
            hours: &specialist.hours[day],
            stay_min: self.case.instance.policy.min_minutes_at_site,
            travel_cost,
            stay_cost,
        }
    }
}

/// The longest piece of some hours that is free of a specialist's visits and the drives between them.
pub(crate) fn free_piece(case: &Case, person: usize, hours: &[Slot], visits: &[Placed]) -> u32 {
    let specialist = &case.specialists[person];
    let place = |visit: &Placed| specialist.options[visit.option].place;
    let (Some(first), Some(last)) = (visits.first(), visits.last()) else {
        return longest_piece(hours, 0, 24 * 60);
    };
    let around = longest_piece(hours, 0, first.starts).max(longest_piece(hours, last.starts + last.minutes, 24 * 60));
    let between = visits.windows(2).map(|pair| {
        let drive = case.drives[place(&pair[0])][place(&pair[1])];
        let (left, next) = (pair[0].starts + pair[0].minutes, pair[1].starts);
        longest_piece(hours, left + drive, next).max(longest_piece(hours, left, next.saturating_sub(drive)))
    });
    between.fold(around, u32::max)
}

/// Lengths of a visit that the request and the limits allow, with what each is worth.
fn lengths(
    case: &Case,
    timetable: &Timetable,
    (patch, aims): (&Patch, &Aims),
    (person, day, option): (usize, usize, usize),
    limit: u32,
    factor: f64,
) -> Vec<(u32, i64)> {
    let specialist = &case.specialists[person];
    let request = specialist.options[option].request;
    let wanted = &case.requests[request];
    let allowed = patch.allowed(request);
    let visits_left = wanted.visits_max.min(allowed.visits).saturating_sub(timetable.visits[request]);
    if !one_visit_per_request_and_day(timetable.taken[request] | !allowed.days, visits_left, day) {
        return Vec::new();
    }
    let unit = case.unit();
    let missing = request_not_exceeded(wanted.minutes.min(allowed.minutes), timetable.placed[request]) / unit * unit;
    let minute = match wanted.priority {
        Priority::Mandated => aims.next_minute(wanted.member, timetable.mandated[wanted.member]),
        priority => worth::minute(priority),
    };
    let pair = if timetable.meetings[person][option] == 0 { pair_cost(wanted.current, person) } else { 0 };
    let minute = (minute as f64 * factor) as i64;
    let reachable = wanted.reachable(missing, visits_left, unit);
    let mut lengths = Vec::new();
    for minutes in visit_length(wanted, missing.min(limit), unit) {
        // A length that makes the rest of the request impossible is worth less: those minutes are probably lost. It
        // keeps half of its worth, since it may be all that can be had.
        let rest = wanted.reachable(missing - minutes, visits_left - 1, unit);
        let lost = reachable.saturating_sub(minutes + rest).min(minutes);
        let value =
            i64::from(minutes) * minute - i64::from(lost) * minute / 2 - pair - pay(specialist.cents_per_hour, minutes);
        if value > 0 {
            lengths.push((minutes, value));
        }
    }
    lengths
}

/// The day is free and another visit is allowed.
fn one_visit_per_request_and_day(taken: u8, visits_left: u32, day: usize) -> bool {
    visits_left > 0 && taken & (1 << day) == 0
}

/// Minutes that may still be placed.
fn request_not_exceeded(wanted: u32, placed: u32) -> u32 {
    wanted.saturating_sub(placed)
}

/// Lengths that the request allows, up to a limit.
pub(crate) fn visit_length(wanted: &CaseRequest, limit: u32, unit: u32) -> impl Iterator<Item = u32> {
    (wanted.visit_min..=wanted.visit_max.min(limit)).step_by(unit as usize)
}
