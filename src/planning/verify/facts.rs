//! An instance by code, and a list of visits by request, by specialist and by day: what the rules look at.

use std::collections::BTreeMap;

use crate::domain::calendar::{Interval, Weekday};
use crate::domain::service_request::Mode;
use crate::planning::instance::{Employer, Instance, ServiceRequest, Specialist};
use crate::planning::plan_document::Visit;

/// Where a visit is given.
pub(super) fn place_of<'a>(specialist: &'a Specialist, request: &'a ServiceRequest) -> &'a str {
    if request.mode == Mode::Teletherapy { &specialist.home_site } else { &request.site }
}

/// A visit whose codes are known.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) visit: &'a Visit,
    pub(super) specialist: &'a Specialist,
    pub(super) request: &'a ServiceRequest,
    /// Code of the member that asked.
    pub(super) member: &'a str,
    /// Row of the place in the travel table.
    row: usize,
}

impl<'a> Known<'a> {
    /// Code of the site where the visit has to be given.
    pub(super) fn place(&self) -> &'a str {
        place_of(self.specialist, self.request)
    }

    pub(super) fn minutes(&self) -> u32 {
        self.visit.minutes()
    }

    /// Whether the visit is for another member than the one that employs the specialist.
    pub(super) fn is_for_others(&self) -> bool {
        !matches!(&self.specialist.employer, Employer::Member { member } if member == self.member)
    }

    /// The visit in a message.
    pub(super) fn tag(&self) -> String {
        let visit = self.visit;
        format!("{} {} {} {}-{}", visit.specialist, visit.request, visit.day, visit.starts, visit.ends)
    }

    pub(super) fn starts(&self) -> i64 {
        i64::from(self.visit.starts.minutes())
    }

    pub(super) fn ends(&self) -> i64 {
        i64::from(self.visit.ends.minutes())
    }
}

/// The visits of one specialist on one day, in order of start.
pub(super) struct Day<'a> {
    pub(super) specialist: &'a Specialist,
    pub(super) day: Weekday,
    pub(super) visits: Vec<Known<'a>>,
    /// Minutes of the drive after each visit but the last; 0 when the next visit is at the same place.
    pub(super) drives: Vec<u32>,
}

impl<'a> Day<'a> {
    pub(super) fn direct_minutes(&self) -> u32 {
        self.visits.iter().map(Known::minutes).sum()
    }

    pub(super) fn travel_minutes(&self) -> u32 {
        self.drives.iter().sum()
    }

    /// Places one after the other, with the direct minutes at each.
    pub(super) fn stays(&self) -> Vec<(&'a str, u32)> {
        let mut stays: Vec<(&str, u32)> = Vec::new();
        for known in &self.visits {
            match stays.last_mut() {
                Some((site, minutes)) if *site == known.place() => *minutes += known.minutes(),
                _ => stays.push((known.place(), known.minutes())),
            }
        }
        stays
    }

    /// The longest piece inside `from`..`until`, in minutes of the day, without a visit or a drive. A drive may come
    /// right after the visit before it or right before the visit after it, whichever leaves more.
    pub(super) fn longest_free(&self, from: i64, until: i64) -> i64 {
        let free = |starts: i64, ends: i64| (ends.min(until) - starts.max(from)).max(0);
        let before = self.visits.first().map_or(0, |first| free(0, first.starts()));
        let after = self.visits.last().map_or(0, |last| free(last.ends(), 24 * 60));
        let between = self.visits.windows(2).zip(&self.drives).map(|(pair, drive)| {
            let (left, next, drive) = (pair[0].ends(), pair[1].starts(), i64::from(*drive));
            free(left + drive, next).max(free(left, next - drive))
        });
        between.fold(before.max(after), i64::max)
    }

    /// The day in a message.
    pub(super) fn tag(&self) -> String {
        format!("{} {}", self.specialist.code, self.day)
    }
}

/// The visits of one specialist in the week, none twice.
pub(super) struct Week<'a> {
    pub(super) specialist: &'a Specialist,
    pub(super) visits: Vec<Known<'a>>,
}

/// Everything the rules look at.
pub(super) struct Facts<'a> {
    pub(super) instance: &'a Instance,
    pub(super) specialists: BTreeMap<&'a str, &'a Specialist>,
    pub(super) requests: BTreeMap<&'a str, &'a ServiceRequest>,
    rows: BTreeMap<&'a str, usize>,
    pub(super) visits: Vec<Known<'a>>,
    /// Visits for or by somebody who is not in the instance.
    pub(super) unknown: Vec<&'a Visit>,
    pub(super) by_request: BTreeMap<&'a str, Vec<Known<'a>>>,
    pub(super) weeks: BTreeMap<&'a str, Week<'a>>,
    pub(super) days: BTreeMap<(&'a str, Weekday), Day<'a>>,
}

impl<'a> Facts<'a> {
    pub(super) fn of(instance: &'a Instance, visits: &'a [Visit]) -> Facts<'a> {
        let mut facts = Facts {
            instance,
            specialists: instance.specialists.iter().map(|one| (one.code.as_str(), one)).collect(),
            requests: instance.requests.iter().map(|one| (one.code.as_str(), one)).collect(),
            rows: instance.travel.sites.iter().enumerate().map(|(row, code)| (code.as_str(), row)).collect(),
            visits: Vec::with_capacity(visits.len()),
            unknown: Vec::new(),
            by_request: BTreeMap::new(),
            weeks: BTreeMap::new(),
            days: BTreeMap::new(),
        };
        let members: BTreeMap<&str, &str> =
            instance.sites.iter().map(|site| (site.code.as_str(), site.member.as_str())).collect();
        for visit in visits {
            let found =
                facts.specialists.get(visit.specialist.as_str()).zip(facts.requests.get(visit.request.as_str()));
            let Some((&specialist, &request)) = found else {
                facts.unknown.push(visit);
                continue;
            };
            let row = facts.rows[place_of(specialist, request)];
            facts.visits.push(Known { visit, specialist, request, member: members[request.site.as_str()], row });
        }
        facts.group();
        facts
    }

    fn group(&mut self) {
        for known in &self.visits {
            let specialist = known.specialist;
            let code = specialist.code.as_str();
            self.by_request.entry(&known.request.code).or_default().push(*known);
            let week = self.weeks.entry(code).or_insert_with(|| Week { specialist, visits: Vec::new() });
            week.visits.push(*known);
            let day = known.visit.day;
            let none = || Day { specialist, day, visits: Vec::new(), drives: Vec::new() };
            self.days.entry((code, day)).or_insert_with(none).visits.push(*known);
        }
        let minutes = &self.instance.travel.minutes;
        for day in self.days.values_mut() {
            day.visits.sort_by_key(|known| (known.visit.starts, known.visit.ends, known.place(), &known.request.code));
            let drive = |pair: &[Known]| if pair[0].row == pair[1].row { 0 } else { minutes[pair[0].row][pair[1].row] };
            day.drives = day.visits.windows(2).map(drive).collect();
        }
    }

    /// Minutes of the drive between two sites of the instance.
    pub(super) fn drive_minutes(&self, from: &str, to: &str) -> u32 {
        self.instance.travel.minutes[self.rows[from]][self.rows[to]]
    }

    /// Miles of the drive from one visit to the next; 0 where the instance has none.
    pub(super) fn drive_miles(&self, from: &Known, to: &Known) -> f64 {
        self.instance.travel.miles.as_ref().map_or(0.0, |miles| miles[from.row][to.row])
    }

    /// The longest free piece of an interval of a specialist's day.
    pub(super) fn longest_free(&self, specialist: &str, day: Weekday, interval: &Interval) -> i64 {
        let (from, until) = (i64::from(interval.starts.minutes()), i64::from(interval.ends.minutes()));
        self.days.get(&(specialist, day)).map_or(until - from, |day| day.longest_free(from, until))
    }
}
