//! The best day of one specialist: which visits, in which order, when and how long.
//!
//! A labelled search over time. A label is a day that is planned up to the end of its last visit; it is extended by one
//! more visit at a time, as early as the rules let it start. Every label keeps the rules, so whatever comes out is a
//! day that can really be worked. Few labels are kept for the same end and place, which makes the search a heuristic;
//! labels that cannot beat the best complete day are dropped, which loses nothing.
//!
//! The rules of a day stand in [`super::day_rules`], one function each.

use super::caps::CapsLeft;
use super::case::Slot;
use super::day_rules as rule;

/// Most labels kept for the same end of the last visit and the same place.
pub(crate) const LABELS_KEPT: usize = 6;
/// Candidates that a search can tell apart.
pub(crate) const CANDIDATES_MAX: usize = 128;
/// Times lie on this step.
const STEP: u32 = 5;
/// Work of a day besides its steps, so that a search over easy days ends as well.
const DAY_WORK: u64 = 1_000;
const NOBODY: u32 = u32::MAX;

/// A visit that may be given on the day.
pub(crate) struct Candidate<'a> {
    /// Index into [`DayTask::places`].
    pub place: usize,
    /// Where it may lie.
    pub slots: &'a [Slot],
    /// Lengths to choose from with what each is worth, shortest first.
    pub lengths: Vec<(u32, i64)>,
    /// Whether its minutes count as lent.
    pub lent: bool,
    /// The member that is served.
    pub member: usize,
    /// Minutes that the specialist may still give to that member; `u32::MAX` without a limit.
    pub member_left: u32,
    /// Start of a visit that must be in the day as it is.
    pub fixed: Option<u32>,
    /// The visit as people know it, and what it is worth to leave it so.
    pub kept: Option<Kept>,
}

/// A visit of the plan that a new one should stay close to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    pub starts: u32,
    pub minutes: u32,
    pub bonus: i64,
}

/// One day to plan.
pub(crate) struct DayTask<'a> {
    /// At most [`CANDIDATES_MAX`]; fixed ones first, in order of start.
    pub candidates: Vec<Candidate<'a>>,
    /// How many candidates are fixed.
    pub fixed: usize,
    /// Site index of each place.
    pub places: Vec<usize>,
    /// Driving minutes by site index.
    pub drives: &'a [Vec<u32>],
    /// Site index of the home site.
    pub home: usize,
    /// Direct minutes of the day, fixed visits among them.
    pub day_max: u32,
    /// Direct minutes left of the week, with those of the fixed visits.
    pub week_left: u32,
    /// Lendable minutes left, fixed visits already taken off.
    pub lendable_left: u32,
    /// What is left of the week's sites and requests.
    pub caps: CapsLeft,
    pub sites_max: u32,
    pub travel_max: u32,
    pub break_minutes: u32,
    /// The piece of an evaluation block that this day must leave free; 0 for none.
    pub block_minutes: u32,
    /// Working hours, in which such a piece must lie.
    pub hours: &'a [Slot],
    /// Fewest direct minutes of a stay away from home.
    pub stay_min: u32,
    /// What a minute of driving costs.
    pub travel_cost: i64,
    /// What going to one more site away from home costs.
    pub stay_cost: i64,
}

/// A visit of the day that was found: candidate, start and length.
pub(crate) type Found = (usize, u32, u32);

/// A day planned up to the end of its last visit.
#[derive(Clone, Copy)]
pub(crate) struct Label {
    pub value: i64,
    pub seen: u128,
    pub places: u128,
    pub before: u32,
    pub ends: u32,
    pub starts: u32,
    pub direct: u32,
    pub lent: u32,
    pub travel: u32,
    pub stay: u32,
    pub sites: u32,
    pub place: usize,
    pub candidate: usize,
    pub fixed_done: usize,
    pub rested: bool,
    pub blocked: bool,
}

/// The labels with the same end and place.
#[derive(Clone, Copy, Default)]
struct Bucket {
    count: usize,
    labels: [u32; LABELS_KEPT],
}

/// What a candidate is worth at best.
struct Dense {
    /// By [`per_minute`].
    worth: i64,
    longest: u32,
    candidate: usize,
}

/// Parts of a point in which worth by the minute is counted.
const FINE: i64 = 64;

/// Worth of a minute, rounded up.
fn per_minute(value: i64, minutes: u32) -> i64 {
    let minutes = i64::from(minutes.max(1));
    (value * FINE + minutes - 1).div_euclid(minutes)
}

/// Memory of the search, kept between days.
pub(crate) struct DaySearch {
    labels: Vec<Label>,
    /// By end and place, `tick * places + place`; ticks count from when the first window opens.
    ending: Vec<Bucket>,
    /// Free candidates, those first that are worth most a minute.
    dense: Vec<Dense>,
    /// When the first window opens and the last one closes.
    opens: u32,
    closes: u32,
    /// Latest start of each candidate.
    latest: Vec<u32>,
    best: Option<u32>,
    best_value: i64,
    /// Labels kept for the same end and place, up to [`LABELS_KEPT`]: fewer are quicker and find less.
    pub labels_kept: usize,
    /// Extensions tried so far: the measure of work by which a search ends.
    pub work: u64,
}

impl DaySearch {
    pub(crate) fn new() -> DaySearch {
        DaySearch {
            labels: Vec::new(),
            ending: Vec::new(),
            dense: Vec::new(),
            opens: 0,
            closes: 0,
            latest: Vec::new(),
            best: None,
            best_value: 0,
            labels_kept: LABELS_KEPT,
            work: 0,
        }
    }

    /// The best day found, in order of start. `None` when nothing is worth doing or the fixed visits fit no day.
    pub(crate) fn best_day(&mut self, task: &DayTask) -> Option<Vec<Found>> {
        self.work += DAY_WORK;
        self.labels.clear();
        self.best = None;
        // With fixed visits even a day without gain must be found, because they must be in it.
        self.best_value = if task.fixed > 0 { i64::MIN } else { 0 };
        self.look_ahead(task);
        self.ending.clear();
        let ticks = self.closes.saturating_sub(self.opens) / STEP + 1;
        self.ending.resize(ticks as usize * task.places.len(), Bucket::default());
        self.extend(task, None);
        for bucket in 0..self.ending.len() {
            for at in 0..self.ending[bucket].count {
                self.extend(task, Some(self.ending[bucket].labels[at]));
            }
        }
        let mut found = Vec::new();
        let mut at = self.best?;
        while at != NOBODY {
            let label = &self.labels[at as usize];
            found.push((label.candidate, label.starts, label.ends - label.starts));
            at = label.before;
        }
        found.reverse();
        Some(found)
    }

    /// Sorts the candidates by what a minute of theirs is worth at best, and notes when each must start.
    fn look_ahead(&mut self, task: &DayTask) {
        self.latest.clear();
        self.dense.clear();
        (self.opens, self.closes) = (u32::MAX, 0);
        for (index, candidate) in task.candidates.iter().enumerate() {
            let shortest = candidate.lengths.first().map_or(0, |length| length.0);
            let latest = candidate.slots.iter().map(|slot| slot.1.saturating_sub(shortest)).max();
            self.latest.push(latest.unwrap_or(0));
            self.opens = candidate.slots.iter().map(|slot| slot.0).fold(self.opens, u32::min);
            self.closes = candidate.slots.iter().map(|slot| slot.1).fold(self.closes, u32::max);
            let bonus = candidate.kept.map_or(0, |kept| kept.bonus);
            let worth = candidate.lengths.iter().map(|(minutes, value)| per_minute(value + bonus, *minutes)).max();
            let longest = candidate.lengths.last().map_or(0, |length| length.0);
            // Fixed visits are worth nothing, they come whatever else is planned.
            if candidate.fixed.is_none() {
                self.dense.push(Dense { worth: worth.unwrap_or(0), longest, candidate: index });
            }
        }
        self.dense.sort_unstable_by_key(|dense| (-dense.worth, dense.candidate));
    }

    /// Whether a label may become a better day than the best so far: what is left of the day's minutes and of the clock
    /// is filled with the candidates worth most a minute, drives and starts left out.
    fn may_beat_best(&mut self, task: &DayTask, label: &Label) -> bool {
        let mut left = task.day_max.min(task.week_left).saturating_sub(label.direct);
        left = left.min(self.closes.saturating_sub(label.ends));
        // In the finer unit of `per_minute`.
        let mut missing = self.best_value.saturating_sub(label.value).saturating_mul(FINE);
        for dense in &self.dense {
            if missing < 0 {
                return true;
            }
            if left == 0 {
                return false;
            }
            self.work += 1;
            if label.seen & (1 << dense.candidate) == 0 && self.latest[dense.candidate] >= label.ends {
                let minutes = dense.longest.min(left);
                missing -= i64::from(minutes) * dense.worth;
                left -= minutes;
            }
        }
        missing < 0
    }

    fn extend(&mut self, task: &DayTask, from: Option<u32>) {
        let label = from.map(|index| self.labels[index as usize]);
        if label.as_ref().is_some_and(|label| !self.may_beat_best(task, label)) {
            return;
        }
        let ends = label.as_ref().map_or(0, |label| label.ends);
        for index in 0..task.candidates.len() {
            if self.latest[index] < ends || label.as_ref().is_some_and(|label| label.seen & (1 << index) != 0) {
                continue;
            }
            self.work += 1;
            let Some(step) = Step::to(task, label.as_ref(), index) else {
                continue;
            };
            self.try_starts(task, label.as_ref(), from, index, &step);
        }
    }

    fn try_starts(&mut self, task: &DayTask, label: Option<&Label>, from: Option<u32>, index: usize, step: &Step) {
        let candidate = &task.candidates[index];
        let latest_end = rule::fixed_visits_stand(task, label, index);
        let rested = task.break_minutes == 0 || label.is_some_and(|label| label.rested);
        let blocked = task.block_minutes == 0 || label.is_some_and(|label| label.blocked);
        let rests_at = if rested { None } else { rule::after_break(task, step) };
        let blocks_at = if blocked { None } else { rule::after_block(task, step) };
        for &(opens, closes) in candidate.slots {
            let closes = closes.min(latest_end);
            let early = opens.max(step.earliest);
            let later = |at: Option<u32>| at.map(|at| opens.max(at)).filter(|start| *start > early);
            let both = rests_at.zip(blocks_at).map(|(rest, block)| rest.max(block));
            let kept = candidate.kept.map(|kept| kept.starts).filter(|start| *start > early && *start < closes);
            let mut starts = [Some(early), later(rests_at), later(blocks_at), later(both), kept];
            if let Some(fixed) = candidate.fixed {
                let fits = early <= fixed && fixed < closes;
                starts = [fits.then_some(fixed), None, None, None, None];
            }
            for at in 0..starts.len() {
                let Some(start) = starts[at].filter(|start| !starts[..at].contains(&Some(*start))) else {
                    continue;
                };
                let flags = (
                    rested || rests_at.is_some_and(|enough| start >= enough),
                    blocked || blocks_at.is_some_and(|enough| start >= enough),
                );
                for &(minutes, value) in &candidate.lengths {
                    if start + minutes > closes {
                        break;
                    }
                    self.work += 1;
                    let same = candidate.kept.filter(|kept| kept.starts == start && kept.minutes == minutes);
                    let value = value + same.map_or(0, |kept| kept.bonus);
                    if let Some(next) = self.label(task, label, from, index, step, (start, minutes, value, flags)) {
                        self.keep(task, next);
                    }
                }
            }
        }
    }

    /// The label after one more visit; `None` when a limit is met.
    fn label(
        &self,
        task: &DayTask,
        label: Option<&Label>,
        from: Option<u32>,
        index: usize,
        step: &Step,
        (starts, minutes, value, (rested, blocked)): (u32, u32, i64, (bool, bool)),
    ) -> Option<Label> {
        let candidate = &task.candidates[index];
        let free = candidate.fixed.is_none();
        // Fixed minutes are taken off the limits beforehand, because they come whatever else is planned.
        let direct = label.map_or_else(|| fixed_minutes(task), |label| label.direct) + if free { minutes } else { 0 };
        let lent = label.map_or(0, |label| label.lent) + if free && candidate.lent { minutes } else { 0 };
        let seen = label.map_or(0, |label| label.seen) | 1 << index;
        let places = label.map_or(0, |label| label.places) | 1 << candidate.place;
        let allowed = rule::specialist_day_within_limit(task, direct)
            && rule::specialist_week_within_contract(task, direct)
            && rule::lendable_within_limit(task, lent)
            && rule::sites_within_cap(task, places)
            && rule::requests_within_cap(task, seen)
            && (!free
                || rule::member_share_within_limit(candidate, minutes, || self.given_to(task, from, candidate.member)));
        if !allowed {
            return None;
        }
        let away = task.places[candidate.place] != task.home;
        let driving = i64::from(step.drive) * task.travel_cost;
        let going = if step.new_site && away { task.stay_cost } else { 0 };
        Some(Label {
            value: label.map_or(0, |label| label.value) + value - driving - going,
            seen,
            places,
            before: from.unwrap_or(NOBODY),
            ends: starts + minutes,
            starts,
            direct,
            lent,
            travel: label.map_or(0, |label| label.travel) + step.drive,
            stay: if step.new_site { minutes } else { label.map_or(0, |label| label.stay) + minutes },
            sites: label.map_or(0, |label| label.sites) + u32::from(step.new_site),
            place: candidate.place,
            candidate: index,
            fixed_done: label.map_or(0, |label| label.fixed_done) + usize::from(!free),
            rested,
            blocked,
        })
    }

    /// Minutes that a label's day already gives to a member, fixed visits not counted.
    fn given_to(&self, task: &DayTask, from: Option<u32>, member: usize) -> u32 {
        let mut minutes = 0;
        let mut at = from.unwrap_or(NOBODY);
        while at != NOBODY {
            let label = &self.labels[at as usize];
            let candidate = &task.candidates[label.candidate];
            if candidate.member == member && candidate.fixed.is_none() {
                minutes += label.ends - label.starts;
            }
            at = label.before;
        }
        minutes
    }

    /// Keeps a label if it is among the best for its end and place, and notes it if it is the best whole day.
    fn keep(&mut self, task: &DayTask, label: Label) {
        let whole = label.value > self.best_value
            && label.fixed_done == task.fixed
            && rule::stay_long_enough(task, &label)
            && rule::break_kept(task, &label)
            && rule::evaluation_block_kept(task, &label);
        let bucket = &mut self.ending[((label.ends - self.opens) / STEP) as usize * task.places.len() + label.place];
        let (mut same, mut worst) = (None, None::<(usize, i64)>);
        for (at, id) in bucket.labels[..bucket.count].iter().enumerate() {
            let rival = &self.labels[*id as usize];
            if rival.seen == label.seen
                && (rival.rested, rival.blocked, rival.fixed_done) == (label.rested, label.blocked, label.fixed_done)
            {
                same = Some((at, rival.value));
                break;
            }
            if worst.is_none_or(|(_, value)| rival.value < value) {
                worst = Some((at, rival.value));
            }
        }
        let full = bucket.count >= self.labels_kept;
        let rival = same.or(worst.filter(|_| full));
        let kept = rival.is_none_or(|(_, value)| value < label.value);
        if !kept && !whole {
            return;
        }
        let id = self.labels.len() as u32;
        self.labels.push(label);
        if kept {
            let at = rival.map_or(bucket.count, |(at, _)| at);
            bucket.labels[at] = id;
            bucket.count = bucket.count.max(at + 1);
        }
        if whole {
            self.best = Some(id);
            self.best_value = label.value;
        }
    }
}

/// Going on from a label to the place of a candidate.
pub(crate) struct Step {
    /// When the specialist can be there.
    pub earliest: u32,
    /// End of the last visit; 0 before the first.
    pub left: u32,
    pub drive: u32,
    pub new_site: bool,
}

impl Step {
    /// Whether the rules about places let the candidate come next.
    fn to(task: &DayTask, label: Option<&Label>, index: usize) -> Option<Step> {
        let candidate = &task.candidates[index];
        if candidate.fixed.is_some() && label.map_or(0, |label| label.fixed_done) != index {
            return None;
        }
        let Some(label) = label else {
            return Some(Step { earliest: 0, left: 0, drive: 0, new_site: true });
        };
        if label.place == candidate.place {
            return Some(Step { earliest: label.ends, left: label.ends, drive: 0, new_site: false });
        }
        let drive = task.drives[task.places[label.place]][task.places[candidate.place]];
        let allowed = rule::no_return_to_site(label, candidate.place)
            && rule::sites_per_day(task, label)
            && rule::travel_within_day(task, label, drive)
            && rule::stay_long_enough(task, label);
        let earliest = rule::specialist_in_one_place(label, drive).next_multiple_of(STEP);
        allowed.then_some(Step { earliest, left: label.ends, drive, new_site: true })
    }
}

fn fixed_minutes(task: &DayTask) -> u32 {
    task.candidates[..task.fixed].iter().map(|candidate| candidate.lengths[0].0).sum()
}
