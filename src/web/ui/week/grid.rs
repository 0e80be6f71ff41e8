//! Places in the week grid. A row is five minutes; all days share the rows, so that nothing is cut off when text grows.
//!
//! A *stay* is the time at one site without leaving it. Its band begins a few rows before its first visit, to leave room
//! for the school's name; after a drive that leaves too few free rows the name stands on the visits instead.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::domain::actor::{Owner, Scope};
use crate::domain::calendar::{CLOCK_STEP_MINUTES, Interval, WallClock, Weekday};
use crate::domain::ids::MemberId;
use crate::domain::plan::Visit;
use crate::operations::weeks::SpecialistWeek;
use crate::web::ui::{hue, wording};

/// Rows that the school's name takes: 15 minutes.
const NAME_ROWS: u16 = 3;
/// Rows that a drive needs to be readable.
const DRIVE_ROWS: u16 = 2;
/// The grid shows at least the hours from here, in minutes after midnight ...
const OPENS: u16 = 8 * 60;
/// ... to here.
const CLOSES: u16 = 15 * 60;

/// The whole grid.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Grid {
    /// Five-minute rows, without the head.
    pub rows: u16,
    /// Row and words of each full hour.
    pub hours: Vec<(u16, String)>,
    /// Monday to Friday, and the weekend where it has visits.
    pub days: Vec<Day>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Day {
    pub code: &'static str,
    pub name: &'static str,
    /// The name's first three letters.
    pub short: &'static str,
    pub counted: String,
    pub entries: Vec<Entry>,
}

/// One entry of a day, in order of time.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Stay(Stay),
    Drive(Drive),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stay {
    pub hue: &'static str,
    pub school: String,
    pub time: String,
    pub at: u16,
    pub rows: u16,
    /// Rows left for the name; 0 where it stands on the visits.
    pub name_rows: u16,
    pub visits: Vec<Card>,
}

/// One visit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Card {
    pub at: u16,
    pub rows: u16,
    pub time: String,
    pub request: String,
    /// The member that asked.
    pub member: MemberId,
    /// Where the request is; empty for those who do not see it.
    pub href: String,
    pub words: String,
    /// Why it does not take place on the date; empty where it does.
    pub off: String,
    /// Where its minutes are logged; empty for those who do not log them, and before its day.
    pub log: String,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Drive {
    pub at: u16,
    pub rows: u16,
    pub words: String,
}

impl Grid {
    pub(super) fn new(week: &SpecialistWeek) -> Grid {
        let starts = week.visits.iter().map(|visit| visit.starts.minutes());
        let first = starts.min().unwrap_or(OPENS).saturating_sub(NAME_ROWS * CLOCK_STEP_MINUTES);
        let opens = first.min(OPENS) / 60 * 60;
        let last = week.visits.iter().map(|visit| visit.ends.minutes()).max().unwrap_or(CLOSES);
        let closes = last.max(CLOSES).div_ceil(60) * 60;
        let has_visits = |day: &Weekday| week.visits.iter().any(|visit| visit.weekday == *day);
        let days = Weekday::ALL.into_iter().filter(|day| *day <= Weekday::Fri || has_visits(day));
        Grid {
            rows: rows_between(opens, closes),
            hours: (opens / 60..closes / 60)
                .map(|hour| (rows_between(opens, hour * 60) + 1, hour_words(hour)))
                .collect(),
            days: days.map(|weekday| day(week, weekday, opens)).collect(),
        }
    }

    /// Visits up to today lead to the page on which the specialist logs them.
    pub(super) fn add_log_links(&mut self, dates: &BTreeMap<Weekday, NaiveDate>, today: NaiveDate) {
        for (weekday, date) in dates.iter().filter(|(_, date)| **date <= today) {
            let days = self.days.iter_mut().filter(|day| day.code == weekday.code());
            for entry in days.flat_map(|day| &mut day.entries) {
                if let Entry::Stay(stay) = entry {
                    stay.visits.iter_mut().for_each(|card| card.log = format!("/me/log/{date}"));
                }
            }
        }
    }

    /// Visits of requests outside the scope lead nowhere.
    pub(super) fn keep_links(&mut self, requests: &Scope) {
        let stays = self.days.iter_mut().flat_map(|day| &mut day.entries).filter_map(|entry| match entry {
            Entry::Stay(stay) => Some(stay),
            Entry::Drive(_) => None,
        });
        let cards = stays.flat_map(|stay| &mut stay.visits);
        cards.filter(|card| !requests.covers(Owner::member(card.member))).for_each(|card| card.href.clear());
    }
}

fn rows_between(from: u16, to: u16) -> u16 {
    to.saturating_sub(from) / CLOCK_STEP_MINUTES
}

/// `8 am`, `9` .. `12 pm`, `1`: the half of the day is said where it begins.
fn hour_words(hour: u16) -> String {
    let twelve = (hour + 11) % 12 + 1;
    match hour {
        12 => "12 pm".to_owned(),
        hour if hour <= OPENS / 60 => format!("{twelve} am"),
        _ => twelve.to_string(),
    }
}

fn day(week: &SpecialistWeek, weekday: Weekday, opens: u16) -> Day {
    let visits: Vec<&Visit> = week.visits.iter().filter(|visit| visit.weekday == weekday).collect();
    let minutes: i64 = visits.iter().map(|visit| visit.minutes()).sum();
    let mut entries = Vec::new();
    let mut before: Option<&Visit> = None;
    for stay_visits in visits.chunk_by(|a, b| a.site_id == b.site_id) {
        let arrival = Arrival::new(week, before, stay_visits, opens);
        entries.extend(arrival.drive.map(Entry::Drive));
        entries.push(Entry::Stay(stay(week, stay_visits, arrival.name_rows, opens)));
        before = stay_visits.last().copied();
    }
    let counted = match visits.len() as i64 {
        0 => "No visits".to_owned(),
        number => format!("{}, {} min", wording::count(number, "visit", "visits"), wording::thousands(minutes)),
    };
    let date = week.dates.get(&weekday).map(|date| format!("{}: ", wording::month_day(*date)));
    let counted = date.unwrap_or_default() + &counted;
    let name = weekday.name();
    Day { code: weekday.code(), name, short: &name[..3], counted, entries }
}

/// How the free rows before a stay are shared between the drive to it and its name.
struct Arrival {
    drive: Option<Drive>,
    name_rows: u16,
}

impl Arrival {
    fn new(week: &SpecialistWeek, before: Option<&Visit>, stay: &[&Visit], opens: u16) -> Arrival {
        let Some(first) = stay.first() else { return Arrival { drive: None, name_rows: 0 } };
        let Some(before) = before else {
            return Arrival { drive: None, name_rows: NAME_ROWS.min(rows_between(opens, first.starts.minutes())) };
        };
        let free = rows_between(before.ends.minutes(), first.starts.minutes());
        let Some(travel) = week.drives.get(&(before.site_id, first.site_id)).filter(|_| free > 0) else {
            return Arrival { drive: None, name_rows: NAME_ROWS.min(free) };
        };
        let name_rows = NAME_ROWS.min(free.saturating_sub(DRIVE_ROWS));
        let wanted = u16::try_from(travel.minutes).unwrap_or(u16::MAX).div_ceil(CLOCK_STEP_MINUTES);
        let drive = Drive {
            at: rows_between(opens, before.ends.minutes()) + 1,
            rows: wanted.max(DRIVE_ROWS).min(free - name_rows),
            words: format!("{} min, {}", travel.minutes, wording::miles(travel.miles_hundredths)),
        };
        Arrival { drive: Some(drive), name_rows }
    }
}

fn stay(week: &SpecialistWeek, visits: &[&Visit], name_rows: u16, opens: u16) -> Stay {
    let first = visits.first().map_or(opens, |visit| visit.starts.minutes());
    let last = visits.last().map_or(opens, |visit| visit.ends.minutes());
    let site = visits.first().map(|visit| visit.site_id);
    let host = site.and_then(|site| week.hosts.get(&site));
    let span = WallClock::from_minutes(first).zip(WallClock::from_minutes(last));
    let span = span.map(|(starts, ends)| wording::time_span(Interval { starts, ends }));
    Stay {
        hue: host.map_or("", |host| hue::of_district(host.place)),
        school: visits.first().map_or_else(String::new, |visit| visit.site_name.clone()),
        time: span.unwrap_or_default(),
        at: rows_between(opens, first) + 1 - name_rows,
        rows: rows_between(first, last) + name_rows,
        name_rows,
        visits: visits.iter().map(|visit| card(week, visit, first, name_rows)).collect(),
    }
}

fn card(week: &SpecialistWeek, visit: &Visit, stay_starts: u16, name_rows: u16) -> Card {
    let video = if week.by_video.contains(&visit.service_request_id) { ", by video" } else { "" };
    Card {
        at: rows_between(stay_starts, visit.starts.minutes()) + name_rows + 1,
        rows: rows_between(visit.starts.minutes(), visit.ends.minutes()),
        time: wording::short_span(Interval { starts: visit.starts, ends: visit.ends }),
        request: visit.service_request_code.clone(),
        member: visit.member_id,
        href: format!("/requests/{}", wording::in_path(&visit.service_request_code)),
        words: format!("{}{video}", wording::short_priority(visit.priority)),
        off: week.off.get(&visit.id).cloned().unwrap_or_default(),
        log: String::new(),
    }
}

#[cfg(test)]
mod tests;
