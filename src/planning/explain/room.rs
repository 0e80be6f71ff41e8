//! Room for one more visit of a request on days as they stand, under all rules or only some of them.

use crate::planning::caps::Caps;
use crate::planning::case::{Case, DAYS, Placed, Slot};
use crate::planning::day_plan::free_piece;
use crate::planning::day_rules::{BREAK_FROM, BREAK_UNTIL, LONG_DAY_MINUTES};
use crate::planning::rule::Rule;
use crate::planning::timetable::Timetable;

/// Which rules count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rules {
    /// Only limits of minutes: any time of a working day will do.
    Hours,
    /// Also the caps on sites and requests of a week.
    Capped,
    /// Also windows, availability and what is there already.
    Windows,
    /// Also drives, sites, stays, breaks.
    Day,
    /// Also the shortest visit: all of them.
    All,
}

/// A request on a timetable.
#[derive(Clone, Copy)]
pub(super) struct Room<'a> {
    pub case: &'a Case<'a>,
    pub timetable: &'a Timetable,
    pub request: usize,
    /// A rule of the day that is left out, to learn whether it is the one that matters.
    pub skip: Option<Rule>,
}

/// One more visit that would fit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fit {
    pub person: usize,
    pub day: usize,
    pub starts: u32,
    pub minutes: u32,
    /// Whether a visit that is there becomes longer by so much.
    pub grows: bool,
}

impl Room<'_> {
    /// Minutes that are missing.
    pub(super) fn missing(&self) -> u32 {
        self.case.requests[self.request].minutes - self.timetable.placed[self.request]
    }

    /// Visits that may be added.
    pub(super) fn visits_left(&self) -> u32 {
        self.case.requests[self.request].visits_max.saturating_sub(self.timetable.visits[self.request])
    }

    /// Minutes of the week that a specialist has left for the request; `returned` are counted as not given.
    pub(super) fn week_left(&self, person: usize, option: usize, returned: u32) -> u32 {
        let one = &self.case.specialists[person];
        let left = |most: u32, used: u32| most.saturating_sub(used.saturating_sub(returned));
        let week = left(one.week_max, self.timetable.week[person]);
        let lent = one.options[option].lent;
        let lend = if lent { left(one.lend_max, self.timetable.lent[person]) } else { u32::MAX };
        let member = self.case.requests[self.request].member;
        let share = if one.share_max == u32::MAX || one.employer == Some(member) {
            u32::MAX
        } else {
            left(one.share_max, self.given(person, |visit| self.case.requests[visit.request].member == member))
        };
        week.min(lend).min(share)
    }

    /// Whether the caps on sites and requests of a specialist's week let the request in.
    pub(super) fn within_caps(&self, person: usize, option: usize) -> bool {
        let (sites, requests) = Caps::allow(self.case, self.timetable, person, option);
        (sites || self.skip == Some(Rule::SitesWithinCap)) && (requests || self.skip == Some(Rule::RequestsWithinCap))
    }

    /// Minutes that a specialist gives to some visits.
    pub(super) fn given(&self, person: usize, which: impl Fn(&Placed) -> bool) -> u32 {
        let days = &self.timetable.days[person * DAYS..(person + 1) * DAYS];
        days.iter().flatten().filter(|visit| which(visit)).map(|visit| visit.minutes).sum()
    }

    /// The most minutes that more visits could bring when only some rules count. `returned` tells for each specialist
    /// the minutes that are counted as not given.
    pub(super) fn potential(&self, rules: Rules, returned: impl Fn(usize) -> u32) -> u32 {
        let wanted = &self.case.requests[self.request];
        let mut left: Vec<(usize, usize, u32)> = wanted
            .matches
            .iter()
            .map(|&(person, option)| (person, option, self.week_left(person, option, returned(person))))
            .collect();
        let mut fits: Vec<Fit> = Vec::new();
        for &(person, option, most) in &left {
            for day in 0..DAYS {
                if self.timetable.taken[self.request] & (1 << day) == 0 {
                    fits.extend(self.fit(person, option, day, rules, most, returned(person)));
                } else {
                    fits.extend(self.growth(person, option, day, rules, most, returned(person)));
                }
            }
        }
        fits.sort_by_key(|fit| (u32::MAX - fit.minutes, fit.day, fit.person));
        let (mut missing, mut visits, mut days, mut sum) = (self.missing(), self.visits_left(), 0_u8, 0);
        let least = if rules == Rules::All { wanted.visit_min } else { self.case.unit() };
        for fit in fits {
            let Some(person) = left.iter_mut().find(|one| one.0 == fit.person) else { continue };
            let minutes = fit.minutes.min(missing).min(person.2) / self.case.unit() * self.case.unit();
            let fits = if fit.grows {
                minutes >= self.case.unit()
            } else {
                visits > 0 && days & (1 << fit.day) == 0 && minutes >= least
            };
            if fits {
                person.2 -= minutes;
                missing -= minutes;
                visits -= u32::from(!fit.grows);
                days |= 1 << fit.day;
                sum += minutes;
            }
        }
        sum
    }

    /// The longest visit that fits into a specialist's day as it stands.
    pub(super) fn fit(
        &self,
        person: usize,
        option: usize,
        day: usize,
        rules: Rules,
        most: u32,
        returned: u32,
    ) -> Option<Fit> {
        let (one, wanted) = (&self.case.specialists[person], &self.case.requests[self.request]);
        let visits = &self.timetable.days[person * DAYS + day];
        let direct: u32 = visits.iter().map(|visit| visit.minutes).sum();
        let day_left = one.day_max.saturating_sub(direct.saturating_sub(returned));
        let most = most.min(day_left).min(wanted.visit_max).min(self.missing());
        if rules == Rules::Capped && !self.within_caps(person, option) {
            return None;
        }
        if matches!(rules, Rules::Hours | Rules::Capped) {
            let works = !one.hours[day].is_empty();
            return (works && most >= self.case.unit()).then_some(Fit {
                person,
                day,
                starts: 0,
                minutes: most,
                grows: false,
            });
        }
        self.fit_into(person, option, day, &one.options[option].slots[day], rules, most)
    }

    /// How much longer the visit of the day could be.
    fn growth(&self, person: usize, option: usize, day: usize, rules: Rules, most: u32, returned: u32) -> Option<Fit> {
        let (unit, one) = (self.case.unit(), &self.case.specialists[person]);
        let visits = &self.timetable.days[person * DAYS + day];
        let at = visits.iter().position(|visit| visit.option == option && !visit.fixed)?;
        let (visit, place) = (visits[at], one.options[option].place);
        let direct: u32 = visits.iter().map(|visit| visit.minutes).sum();
        let day_left = one.day_max.saturating_sub(direct.saturating_sub(returned));
        let longest = self.case.requests[self.request].visit_max.saturating_sub(visit.minutes);
        let mut minutes = longest.min(most).min(day_left).min(self.missing()) / unit * unit;
        let fit =
            |starts: u32, minutes: u32| (minutes > 0).then_some(Fit { person, day, starts, minutes, grows: true });
        if matches!(rules, Rules::Hours | Rules::Capped) {
            return fit(visit.starts, minutes);
        }
        let slots = &one.options[option].slots[day];
        let slot = slots.iter().find(|slot| slot.0 <= visit.starts && visit.starts + visit.minutes <= slot.1)?;
        let no_drive = rules == Rules::Windows || self.skip == Some(Rule::SpecialistInOnePlace);
        let drive = |other: &Placed| if no_drive { 0 } else { self.drive(person, place, other) };
        let before = at.checked_sub(1).map(|before| &visits[before]);
        let from =
            before.map_or(0, |other| other.starts + other.minutes + drive(other)).max(slot.0).next_multiple_of(5);
        let until = visits.get(at + 1).map_or(24 * 60, |other| other.starts.saturating_sub(drive(other))).min(slot.1);
        while minutes > 0 {
            let length = visit.minutes + minutes;
            let latest = (until / 5 * 5).checked_sub(length).filter(|latest| *latest >= from);
            let fits = |starts: &u32| {
                let mut day_visits = visits.clone();
                day_visits[at] = Placed { starts: *starts, minutes: length, ..visit };
                rules == Rules::Windows || self.is_sound(person, day, &day_visits)
            };
            let starts =
                latest.and_then(|latest| [visit.starts.clamp(from, latest), from, latest].into_iter().find(fits));
            if let Some(starts) = starts {
                return fit(starts, minutes);
            }
            minutes -= unit;
        }
        None
    }

    /// The longest visit that fits into some slots of a day.
    pub(super) fn fit_into(
        &self,
        person: usize,
        option: usize,
        day: usize,
        slots: &[Slot],
        rules: Rules,
        most: u32,
    ) -> Option<Fit> {
        if !self.within_caps(person, option) {
            return None;
        }
        let (unit, visits) = (self.case.unit(), &self.timetable.days[person * DAYS + day]);
        let least = if rules == Rules::All { self.case.requests[self.request].visit_min } else { unit };
        let place = self.case.specialists[person].options[option].place;
        let mut best: Option<Fit> = None;
        for at in 0..=visits.len() {
            let before = at.checked_sub(1).map(|before| &visits[before]);
            let no_drive = rules == Rules::Windows || self.skip == Some(Rule::SpecialistInOnePlace);
            let drive = |other: &Placed| if no_drive { 0 } else { self.drive(person, place, other) };
            let from = before.map_or(0, |visit| visit.starts + visit.minutes + drive(visit));
            let until = visits.get(at).map_or(24 * 60, |visit| visit.starts.saturating_sub(drive(visit)));
            for slot in slots {
                let (from, until) = (slot.0.max(from).next_multiple_of(5), slot.1.min(until) / 5 * 5);
                let mut minutes = until.saturating_sub(from).min(most) / unit * unit;
                while minutes >= least.max(1) && best.is_none_or(|best| best.minutes < minutes) {
                    let fits = |starts: &u32| {
                        let visit = Placed { request: self.request, option, starts: *starts, minutes, fixed: false };
                        let mut day_visits = visits.clone();
                        day_visits.insert(at, visit);
                        rules == Rules::Windows || self.is_sound(person, day, &day_visits)
                    };
                    if let Some(starts) = [from, until - minutes].into_iter().find(fits) {
                        best = Some(Fit { person, day, starts, minutes, grows: false });
                    }
                    minutes -= unit;
                }
            }
        }
        best
    }

    fn drive(&self, person: usize, place: usize, other: &Placed) -> u32 {
        self.case.drives[place][self.case.specialists[person].options[other.option].place]
    }

    /// Whether the visits of a day keep the rules about sites, drives, stays, the break and the block.
    fn is_sound(&self, person: usize, day: usize, visits: &[Placed]) -> bool {
        let one = &self.case.specialists[person];
        let place = |visit: &Placed| one.options[visit.option].place;
        let (mut stays, mut travel): (Vec<(usize, u32)>, u32) = (Vec::new(), 0);
        for visit in visits {
            match stays.last_mut() {
                Some((site, minutes)) if *site == place(visit) => *minutes += visit.minutes,
                last => {
                    travel += last.map_or(0, |last| self.case.drives[last.0][place(visit)]);
                    stays.push((place(visit), visit.minutes));
                }
            }
        }
        let returns = (1..stays.len()).any(|stay| stays[..stay].iter().any(|earlier| earlier.0 == stays[stay].0));
        let stay_min = self.case.instance.policy.min_minutes_at_site;
        let short = stays.iter().any(|(site, minutes)| *site != one.home && *minutes < stay_min);
        let direct: u32 = visits.iter().map(|visit| visit.minutes).sum();
        let rested = one.break_minutes == 0
            || direct + travel <= LONG_DAY_MINUTES
            || free_piece(self.case, person, &[(BREAK_FROM, BREAK_UNTIL)], visits) >= one.break_minutes;
        // The block is looked for on this day only; another day may hold it, which makes this a little too strict.
        let blocked = one.block_minutes == 0
            || free_piece(self.case, person, &one.hours[day], visits) >= one.block_minutes
            || self.other_day_is_free(person, day);
        let no_drive = self.skip == Some(Rule::SpecialistInOnePlace);
        let rules = [
            (Rule::NoReturnToSite, !returns),
            (Rule::StayLongEnough, !short),
            (Rule::SitesPerDay, stays.len() <= one.sites_max as usize),
            (Rule::TravelWithinDay, no_drive || travel <= one.travel_max),
            (Rule::BreakKept, rested),
            (Rule::EvaluationBlockKept, blocked),
        ];
        rules.into_iter().all(|(rule, holds)| holds || self.skip == Some(rule))
    }

    fn other_day_is_free(&self, person: usize, day: usize) -> bool {
        let one = &self.case.specialists[person];
        (0..DAYS).filter(|other| *other != day).any(|other| {
            let visits = &self.timetable.days[person * DAYS + other];
            free_piece(self.case, person, &one.hours[other], visits) >= one.block_minutes
        })
    }
}
