//! The best day of one specialist: which visits, in which order, when and how long.
//!
//! A labelled search over time. A label is a day that is planned up to the end of its last visit; it is extended by one
//! more visit at a time, as early as the rules let it start. Every label keeps the rules, so whatever comes out is a
//! day that can really be worked. Few labels are kept for the same end and place, which makes the search a heuristic;
//! labels that cannot beat the best complete day are dropped, which loses nothing.

use super::case::Slot;

/// Labels kept for the same end of the last visit and the same place.
const LABELS_KEPT: usize = 6;
/// Candidates that a search can tell apart.
pub(crate) const CANDIDATES_MAX: usize = 128;
/// A break lies between 10:30 and 13:30 (rule `break_kept`).
const BREAK_FROM: u32 = 630;
const BREAK_UNTIL: u32 = 810;
/// Rule `break_kept` applies to days with more direct and travel minutes than this.
const LONG_DAY_MINUTES: u32 = 300;
/// Times lie on this step.
const STEP: u32 = 5;
const TICKS: usize = 24 * 60 / STEP as usize + 1;
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
    /// Start of a visit that must be in the day as it is.
    pub fixed: Option<u32>,
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
    /// Direct minutes left for the day, fixed visits not yet counted.
    pub minutes_left: u32,
    /// Lendable minutes left for the day, fixed visits already taken off.
    pub lendable_left: u32,
    pub sites_max: u32,
    pub travel_max: u32,
    pub break_minutes: u32,
    /// Fewest direct minutes of a stay away from home.
    pub stay_min: u32,
    /// What a minute of driving costs.
    pub travel_cost: i64,
    /// What going to one more site away from home costs.
    pub stay_cost: i64,
}

/// A visit of the day that was found: candidate, start and length.
pub(crate) type Found = (usize, u32, u32);

#[derive(Clone, Copy)]
struct Label {
    value: i64,
    seen: u128,
    places: u128,
    before: u32,
    ends: u32,
    starts: u32,
    direct: u32,
    lent: u32,
    travel: u32,
    stay: u32,
    sites: u32,
    place: usize,
    candidate: usize,
    fixed_done: usize,
    rested: bool,
}

/// Memory of the search, kept between days.
pub(crate) struct DaySearch {
    labels: Vec<Label>,
    ending: Vec<Vec<u32>>,
    ahead: Vec<i64>,
    best: Option<u32>,
    best_value: i64,
    /// Extensions tried so far: the measure of work by which a search ends.
    pub work: u64,
}

impl DaySearch {
    pub(crate) fn new() -> DaySearch {
        DaySearch {
            labels: Vec::new(),
            ending: vec![Vec::new(); TICKS],
            ahead: vec![0; TICKS],
            best: None,
            best_value: 0,
            work: 0,
        }
    }

    /// The best day found, in order of start. `None` when nothing is worth doing or the fixed visits fit no day.
    pub(crate) fn best_day(&mut self, task: &DayTask) -> Option<Vec<Found>> {
        self.work += DAY_WORK;
        self.labels.clear();
        self.ending.iter_mut().for_each(Vec::clear);
        self.best = None;
        // With fixed visits even a day without gain must be found, because they must be in it.
        self.best_value = if task.fixed > 0 { i64::MIN } else { 0 };
        self.look_ahead(task);
        self.extend(task, None);
        for tick in 0..TICKS {
            let mut next = 0;
            while let Some(&label) = self.ending[tick].get(next) {
                next += 1;
                self.extend(task, Some(label));
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

    /// For every time, the most that visits from then on could be worth if only the clock stood in the way.
    fn look_ahead(&mut self, task: &DayTask) {
        let mut opens: Vec<(u32, u32, usize)> = Vec::new();
        for (index, candidate) in task.candidates.iter().enumerate() {
            opens.extend(candidate.slots.iter().map(|slot| (slot.0, slot.1, index)));
        }
        let last = opens.iter().map(|open| open.1).max().unwrap_or(0) / STEP;
        self.ahead.fill(0);
        for tick in (0..=last).rev() {
            let time = tick * STEP;
            let mut most = self.ahead.get(tick as usize + 1).copied().unwrap_or(0);
            for &(from, until, index) in opens.iter().filter(|open| open.0 <= time && time < open.1) {
                debug_assert!(from <= time);
                for &(minutes, value) in &task.candidates[index].lengths {
                    if time + minutes <= until {
                        most = most.max(value + self.ahead[((time + minutes) / STEP) as usize]);
                    }
                }
            }
            self.ahead[tick as usize] = most;
        }
    }

    fn extend(&mut self, task: &DayTask, from: Option<u32>) {
        let label = from.map(|index| self.labels[index as usize]);
        if let Some(label) = &label
            && label.value.saturating_add(self.ahead[(label.ends / STEP) as usize]) <= self.best_value
        {
            return;
        }
        for index in 0..task.candidates.len() {
            if label.as_ref().is_some_and(|label| label.seen & (1 << index) != 0) {
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
        let fixed_done = label.map_or(0, |label| label.fixed_done);
        let latest_end = if fixed_done < task.fixed && candidate.fixed.is_none() {
            task.candidates[fixed_done].fixed.unwrap_or(NOBODY)
        } else {
            NOBODY
        };
        let rested = task.break_minutes == 0 || label.is_some_and(|label| label.rested);
        for &(opens, closes) in candidate.slots {
            let closes = closes.min(latest_end);
            let early = opens.max(step.earliest);
            let break_start = if rested { None } else { step.after_break(task.break_minutes).map(|at| opens.max(at)) };
            let later = break_start.filter(|start| *start > early);
            for starts in [Some(early), later].into_iter().flatten() {
                if candidate.fixed.is_some_and(|fixed| fixed != starts && !(starts < fixed && fixed < closes)) {
                    continue;
                }
                let starts = candidate.fixed.unwrap_or(starts);
                let rests = rested || break_start.is_some_and(|enough| starts >= enough);
                for &(minutes, value) in &candidate.lengths {
                    if starts + minutes > closes {
                        break;
                    }
                    self.work += 1;
                    let next = step.label(task, label, from, index, (starts, minutes, value, rests));
                    if let Some(next) = next {
                        self.keep(task, next);
                    }
                }
            }
        }
    }

    /// Keeps a label if it is among the best for its end and place, and notes it if it is the best whole day.
    fn keep(&mut self, task: &DayTask, label: Label) {
        let whole = label.fixed_done == task.fixed && stay_is_worth_it(task, &label) && break_is_kept(task, &label);
        let best = whole && label.value > self.best_value;
        let worst_first = |labels: &[Label], ids: &[u32]| {
            ids.iter().enumerate().min_by_key(|(_, id)| labels[**id as usize].value).map(|(at, _)| at)
        };
        let bucket = &mut self.ending[(label.ends / STEP) as usize];
        let rivals: Vec<u32> =
            bucket.iter().copied().filter(|id| self.labels[*id as usize].place == label.place).collect();
        let same = rivals.iter().copied().find(|id| {
            let rival = &self.labels[*id as usize];
            rival.seen == label.seen && rival.rested == label.rested && rival.fixed_done == label.fixed_done
        });
        let id = self.labels.len() as u32;
        let outdone = |rival: u32, labels: &[Label]| labels[rival as usize].value >= label.value;
        let replaced = match same {
            Some(rival) if outdone(rival, &self.labels) => None,
            Some(rival) => Some(Some(rival)),
            None if rivals.len() < LABELS_KEPT => Some(None),
            None => worst_first(&self.labels, &rivals)
                .map(|at| rivals[at])
                .filter(|rival| !outdone(*rival, &self.labels))
                .map(Some),
        };
        if replaced.is_none() && !best {
            return;
        }
        self.labels.push(label);
        match replaced {
            Some(Some(rival)) => bucket.iter_mut().filter(|id| **id == rival).for_each(|slot| *slot = id),
            Some(None) => bucket.push(id),
            None => {}
        }
        if best {
            self.best = Some(id);
            self.best_value = label.value;
        }
    }
}

/// Going on from a label to the place of a candidate.
struct Step {
    /// When the specialist can be there.
    earliest: u32,
    /// End of the last visit; 0 before the first.
    left: u32,
    drive: u32,
    new_site: bool,
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
        let allowed = label.places & (1 << candidate.place) == 0
            && label.sites < task.sites_max
            && label.travel + drive <= task.travel_max
            && stay_is_worth_it(task, label);
        allowed.then_some(Step { earliest: label.ends + drive, left: label.ends, drive, new_site: true })
    }

    /// The earliest start that leaves a break of so many minutes before it, the drive before or after the break.
    fn after_break(&self, minutes: u32) -> Option<u32> {
        let rest = |from: u32| Some(from.max(BREAK_FROM) + minutes).filter(|until| *until <= BREAK_UNTIL);
        let drive_first = rest(self.earliest);
        let rest_first = rest(self.left).map(|until| until + self.drive);
        drive_first.into_iter().chain(rest_first).min()
    }

    fn label(
        &self,
        task: &DayTask,
        label: Option<&Label>,
        from: Option<u32>,
        index: usize,
        (starts, minutes, value, rested): (u32, u32, i64, bool),
    ) -> Option<Label> {
        let candidate = &task.candidates[index];
        let free = candidate.fixed.is_none();
        // Fixed minutes are taken off the limits beforehand, because they come whatever else is planned.
        let direct = label.map_or_else(|| fixed_minutes(task), |label| label.direct) + if free { minutes } else { 0 };
        let lent = label.map_or(0, |label| label.lent) + if free && candidate.lent { minutes } else { 0 };
        if direct > task.minutes_left || lent > task.lendable_left {
            return None;
        }
        let away = task.places[candidate.place] != task.home;
        let driving = i64::from(self.drive) * task.travel_cost;
        let going = if self.new_site && away { task.stay_cost } else { 0 };
        Some(Label {
            value: label.map_or(0, |label| label.value) + value - driving - going,
            seen: label.map_or(0, |label| label.seen) | 1 << index,
            places: label.map_or(0, |label| label.places) | 1 << candidate.place,
            before: from.unwrap_or(NOBODY),
            ends: starts + minutes,
            starts,
            direct,
            lent,
            travel: label.map_or(0, |label| label.travel) + self.drive,
            stay: if self.new_site { minutes } else { label.map_or(0, |label| label.stay) + minutes },
            sites: label.map_or(0, |label| label.sites) + u32::from(self.new_site),
            place: candidate.place,
            candidate: index,
            fixed_done: label.map_or(0, |label| label.fixed_done) + usize::from(!free),
            rested,
        })
    }
}

fn fixed_minutes(task: &DayTask) -> u32 {
    task.candidates[..task.fixed].iter().map(|candidate| candidate.lengths[0].0).sum()
}

/// Rule `stay_long_enough` for the stay that the label is in.
fn stay_is_worth_it(task: &DayTask, label: &Label) -> bool {
    label.stay >= task.stay_min || task.places[label.place] == task.home
}

/// Rule `break_kept` for a day that ends with the label.
fn break_is_kept(task: &DayTask, label: &Label) -> bool {
    label.rested
        || label.direct + label.travel <= LONG_DAY_MINUTES
        || label.ends.max(BREAK_FROM) + task.break_minutes <= BREAK_UNTIL
}
