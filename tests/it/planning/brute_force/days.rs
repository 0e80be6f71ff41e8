//! Every day that a specialist can work: visit by visit, each as early as possible, with the break and the evaluation block
//! in every gap where they can lie.

use std::collections::BTreeSet;

use coop_scheduler::domain::calendar::{Weekday, WeeklyHours};
use coop_scheduler::domain::service_request::{Mode, Priority};
use coop_scheduler::planning::Instance;
use coop_scheduler::planning::instance::{ServiceRequest, Specialist};

use super::truth::{Lanes, in_lane, lane};

const BREAK_FROM: u32 = 630;
const BREAK_UNTIL: u32 = 810;
const LONG_DAY_MINUTES: u32 = 300;

type Slot = (u32, u32);

/// A day planned up to the end of its last visit.
#[derive(Clone, Default)]
struct Label {
    units: Lanes,
    ends: u32,
    place: Option<usize>,
    left: Vec<usize>,
    stay: u32,
    direct: u32,
    travel: u32,
    /// The break and the evaluation block are behind us.
    rested: bool,
    blocked: bool,
}

/// A request as one specialist sees it on one day.
struct Choice {
    request: usize,
    place: usize,
    slots: Vec<Slot>,
    lengths: Vec<u32>,
}

/// All days of one specialist on one weekday.
pub struct DaysOf<'a> {
    instance: &'a Instance,
    specialist: &'a Specialist,
    home: usize,
    open: Vec<Slot>,
    choices: Vec<Choice>,
    /// Units by request, and whether the day has an evaluation block.
    pub found: BTreeSet<(Lanes, bool)>,
    /// Whether some day is long enough to need a break.
    pub long: bool,
}

fn slots(hours: &WeeklyHours, day: Weekday) -> Vec<Slot> {
    hours.on(day).iter().map(|one| (u32::from(one.starts.minutes()), u32::from(one.ends.minutes()))).collect()
}

fn shared(left: &[Slot], right: &[Slot]) -> Vec<Slot> {
    let both = left.iter().flat_map(|one| right.iter().map(|other| (one.0.max(other.0), one.1.min(other.1))));
    both.filter(|(from, until)| from < until).collect()
}

fn row(instance: &Instance, site: &str) -> usize {
    instance.travel.sites.iter().position(|code| code == site).expect("a row")
}

/// When a specialist may serve a request on a day, all rules of a single visit but its length considered.
fn when(instance: &Instance, specialist: &Specialist, wanted: &ServiceRequest, day: Weekday) -> Vec<Slot> {
    let remote = wanted.mode == Mode::Teletherapy;
    let reaches = |one: &Specialist| {
        let drive = instance.travel.minutes[row(instance, &one.home_site)][row(instance, &wanted.site)];
        remote || one.reach_minutes_max.is_none_or(|most| drive <= most)
    };
    let qualified = specialist.disciplines.contains(&wanted.discipline)
        && wanted.qualifications.iter().all(|one| specialist.qualifications.contains(one));
    if !qualified || !reaches(specialist) {
        return Vec::new();
    }
    let own = shared(&slots(&wanted.windows, day), &slots(&specialist.availability, day));
    if specialist.supervisors.is_empty() {
        return own;
    }
    if wanted.priority == Priority::Evaluation {
        return Vec::new();
    }
    let named = |one: &&Specialist| specialist.supervisors.contains(&one.code) && reaches(one);
    let supervisors = instance.specialists.iter().filter(named);
    let hours = supervisors.map(|one| slots(one.supervision_hours.as_ref().unwrap_or(&one.availability), day));
    hours.flat_map(|hours| shared(&own, &hours)).collect()
}

impl<'a> DaysOf<'a> {
    /// Makes them.
    pub fn all(instance: &'a Instance, specialist: &'a Specialist, day: Weekday) -> DaysOf<'a> {
        let home = row(instance, &specialist.home_site);
        let choice = |(request, wanted): (usize, &ServiceRequest)| {
            let lengths = (wanted.visit_minutes.min..=wanted.visit_minutes.max).step_by(instance.unit_minutes as usize);
            Choice {
                request,
                place: if wanted.mode == Mode::Teletherapy { home } else { row(instance, &wanted.site) },
                slots: when(instance, specialist, wanted, day),
                lengths: lengths.filter(|length| *length <= wanted.minutes_per_week).collect(),
            }
        };
        let choices = instance.requests.iter().enumerate().map(choice).filter(|choice| !choice.slots.is_empty());
        let mut days = DaysOf {
            instance,
            specialist,
            home,
            open: slots(&specialist.availability, day),
            choices: choices.collect(),
            found: BTreeSet::new(),
            long: false,
        };
        days.extend(&Label::default());
        days
    }

    /// Notes the label where it is a whole day, and goes on with one more visit in every way.
    fn extend(&mut self, label: &Label) {
        let stay_kept = label.place.is_none_or(|place| self.stay_kept(place, label.stay));
        if stay_kept && self.rest_kept(label) {
            let block = self.specialist.evaluation_block_minutes;
            let after = self.open.iter().any(|(from, until)| label.ends.max(*from) + block <= *until);
            self.found.insert((label.units, label.blocked || after));
        }
        for index in 0..self.choices.len() {
            let choice = &self.choices[index];
            let moves = label.place.is_some_and(|place| place != choice.place);
            if lane(label.units, choice.request) > 0 || (moves && (!stay_kept || label.left.contains(&choice.place))) {
                continue;
            }
            let drive = label.place.map_or(0, |place| self.instance.travel.minutes[place][choice.place]);
            let mut next = Label { travel: label.travel + drive, place: Some(choice.place), ..label.clone() };
            if let Some(place) = label.place.filter(|_| moves) {
                next.left.push(place);
                next.stay = 0;
            }
            let sites = next.left.len() as u32 + 1;
            if self.specialist.sites_per_day_max.is_some_and(|most| sites > most)
                || self.specialist.travel_minutes_per_day_max.is_some_and(|most| next.travel > most)
            {
                continue;
            }
            let lengths = choice.lengths.clone();
            for (earliest, rested, blocked) in self.beginnings(label, drive) {
                for &length in &lengths {
                    self.visit(index, length, earliest, Label { rested, blocked, ..next.clone() });
                }
            }
        }
    }

    /// From when on the next visit may start: with or without the break and the block in between. Both may share the same
    /// free time, and each lies before or after the drive.
    fn beginnings(&self, label: &Label, drive: u32) -> Vec<(u32, bool, bool)> {
        let free = |minutes: u32, hours: &[Slot]| {
            let mut starts = Vec::new();
            for (before, after) in [(drive, 0), (0, drive)] {
                for (open, until) in hours {
                    let from = (label.ends + before).max(*open);
                    if from + minutes <= *until {
                        starts.push(from + minutes + after);
                    }
                }
            }
            starts
        };
        let (pause, block) = (self.specialist.break_minutes, self.specialist.evaluation_block_minutes);
        let mut breaks = vec![(0, label.rested)];
        if pause > 0 && !label.rested {
            breaks.extend(free(pause, &[(BREAK_FROM, BREAK_UNTIL)]).into_iter().map(|starts| (starts, true)));
        }
        let mut blocks = vec![(0, label.blocked)];
        if block > 0 && !label.blocked {
            blocks.extend(free(block, &self.open).into_iter().map(|starts| (starts, true)));
        }
        let soonest = label.ends + drive;
        let both = breaks.into_iter().flat_map(|one| blocks.iter().map(move |other| (one, *other)));
        both.map(|(one, other)| (soonest.max(one.0).max(other.0), one.1, other.1)).collect()
    }

    fn visit(&mut self, choice: usize, length: u32, earliest: u32, mut next: Label) {
        next.direct += length;
        if self.specialist.direct_minutes_per_day_max.is_some_and(|most| next.direct > most) {
            return;
        }
        let earliest = earliest.next_multiple_of(5);
        let choice = &self.choices[choice];
        let starts = choice.slots.iter().filter_map(|(from, until)| {
            let starts = earliest.max(*from);
            (starts + length <= *until).then_some(starts)
        });
        let Some(starts) = starts.min() else { return };
        next.ends = starts + length;
        next.stay += length;
        next.units += in_lane(length / self.instance.unit_minutes, choice.request);
        self.extend(&next);
    }

    fn stay_kept(&self, place: usize, minutes: u32) -> bool {
        place == self.home || minutes >= self.instance.policy.min_minutes_at_site
    }

    fn rest_kept(&mut self, label: &Label) -> bool {
        let pause = self.specialist.break_minutes;
        let long = pause > 0 && label.direct + label.travel > LONG_DAY_MINUTES;
        self.long |= long;
        !long || label.rested || label.ends + pause <= BREAK_UNTIL
    }
}
