//! Days on which the schools of a member are closed or end early.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar::{WallClock, Weekday};
use super::fault::{Fault, Faults};
use super::ids::{CalendarEntryId, MemberId, SiteId};
use super::text::check_name;

/// What an entry of a calendar means for visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CalendarKind {
    /// A holiday: closed.
    Holiday,
    /// Closed for another reason, such as snow.
    Closure,
    /// Testing: the school is open, but not to visits.
    Testing,
    /// The break between two sessions of a year-round calendar: closed.
    Intersession,
    /// The day ends early: a visit that would end later does not take place.
    EarlyRelease,
}

impl CalendarKind {
    /// All of them.
    pub const ALL: [CalendarKind; 5] = [
        CalendarKind::Holiday,
        CalendarKind::Closure,
        CalendarKind::Testing,
        CalendarKind::Intersession,
        CalendarKind::EarlyRelease,
    ];

    /// How it is written.
    pub fn code(self) -> &'static str {
        ["holiday", "closure", "testing", "intersession", "early_release"][self as usize]
    }

    /// Whether no visit takes place on the whole day.
    pub fn closes(self) -> bool {
        self != CalendarKind::EarlyRelease
    }
}

/// What can be entered about days of a calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarEntryFields {
    /// The member whose schools it is about; fixed once entered.
    pub member_id: MemberId,
    /// Only this site of the member; all of them when absent.
    #[serde(default)]
    pub site_id: Option<SiteId>,
    /// What it means for visits.
    pub kind: CalendarKind,
    /// What people call it. Name no student.
    #[schema(example = "Winter break", min_length = 1, max_length = 120)]
    pub name: String,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: NaiveDate,
    /// For an early release: when the school day ends, on the wall clock.
    #[schema(value_type = Option<String>, example = "12:30")]
    #[serde(default)]
    pub released: Option<WallClock>,
}

impl CalendarEntryFields {
    /// Every fault of the entries.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        check_name(&mut faults, "/name", &self.name);
        check_days(&mut faults, self.starts_on, self.ends_on);
        let early = self.kind == CalendarKind::EarlyRelease;
        faults.require(early == self.released.is_some(), "/released", || {
            if early {
                "Write when the school day ends, like 12:30".to_owned()
            } else {
                "Only an early release has a time; leave it out".to_owned()
            }
        });
        faults.into_vec()
    }

    /// Whether both are about the same schools, say the same kind of thing and share a day. A closed day beats an early
    /// release, so those two may meet.
    pub fn overlaps(&self, other: &CalendarEntryFields) -> bool {
        self.member_id == other.member_id
            && self.site_id == other.site_id
            && self.kind.closes() == other.kind.closes()
            && self.starts_on <= other.ends_on
            && other.starts_on <= self.ends_on
    }
}

/// Notes a fault unless the days are in order and at most a year.
pub(super) fn check_days(faults: &mut Faults, starts_on: NaiveDate, ends_on: NaiveDate) {
    let days = ends_on.signed_duration_since(starts_on).num_days();
    faults.require((0..=366).contains(&days), "/ends_on", || {
        format!("The last day must be from {starts_on} to a year later; for one day write it twice")
    });
}

/// Days of a calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CalendarEntry {
    /// Identity.
    pub id: CalendarEntryId,
    /// What was entered.
    #[serde(flatten)]
    pub fields: CalendarEntryFields,
    /// Goes up with each change; the ETag.
    pub version: i64,
    /// When it was entered.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Default)]
struct Day {
    closed: Option<String>,
    released: Option<(WallClock, String)>,
}

/// The calendars of all members, to be asked by site and date.
#[derive(Debug, Clone, Default)]
pub struct SchoolCalendar(HashMap<(MemberId, Option<SiteId>, NaiveDate), Day>);

impl SchoolCalendar {
    /// A calendar of entries in any order.
    pub fn new<'a>(entries: impl IntoIterator<Item = &'a CalendarEntryFields>) -> SchoolCalendar {
        let mut days: HashMap<(MemberId, Option<SiteId>, NaiveDate), Day> = HashMap::new();
        for entry in entries {
            for date in entry.starts_on.iter_days().take_while(|date| *date <= entry.ends_on) {
                let day = days.entry((entry.member_id, entry.site_id, date)).or_default();
                match entry.released {
                    Some(time) if !entry.kind.closes() => day.released = Some((time, entry.name.clone())),
                    _ => day.closed = Some(entry.name.clone()),
                }
            }
        }
        SchoolCalendar(days)
    }

    fn of(&self, member: MemberId, site: SiteId, date: NaiveDate) -> impl Iterator<Item = &Day> {
        [Some(site), None].into_iter().filter_map(move |site| self.0.get(&(member, site, date)))
    }

    /// Why a site is closed on a date; the site's own entry before the member's.
    pub fn closed(&self, member: MemberId, site: SiteId, date: NaiveDate) -> Option<&str> {
        self.of(member, site, date).find_map(|day| day.closed.as_deref())
    }

    /// When and why the day ends early at a site: the earlier of the site's and the member's.
    pub fn released(&self, member: MemberId, site: SiteId, date: NaiveDate) -> Option<(WallClock, &str)> {
        let times = self.of(member, site, date).filter_map(|day| day.released.as_ref());
        times.map(|(time, name)| (*time, name.as_str())).min_by_key(|(time, _)| *time)
    }

    /// Whether the site teaches on a date: a weekday that is not closed.
    pub fn teaches(&self, member: MemberId, site: SiteId, date: NaiveDate) -> bool {
        Weekday::of(date) <= Weekday::Fri && self.closed(member, site, date).is_none()
    }
}
