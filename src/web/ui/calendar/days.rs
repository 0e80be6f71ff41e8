//! Entries of calendars as people read them: the same days of several districts are one line.

use chrono::NaiveDate;

use crate::domain::calendar::WallClock;
use crate::domain::ids::{CalendarEntryId, MemberId, SiteId};
use crate::domain::member::Member;
use crate::domain::school_calendar::{CalendarEntry, CalendarEntryFields, CalendarKind};
use crate::domain::site::Site;
use crate::operations::{Context, OperationError, PageRequest, ReadTx, members, sites};
use crate::web::ui::wording;

/// The districts and schools that the visitor can see.
pub(super) struct Places {
    pub members: Vec<Member>,
    pub sites: Vec<Site>,
}

impl Places {
    pub(super) fn read(tx: &mut ReadTx, ctx: &Context) -> Result<Places, OperationError> {
        let mut members = members::list(tx, ctx, PageRequest::ALL)?.items;
        let mut sites = sites::list(tx, ctx, PageRequest::ALL)?.items;
        members.sort_by(|a, b| a.fields.name.cmp(&b.fields.name));
        sites.sort_by(|a, b| a.fields.name.cmp(&b.fields.name));
        Ok(Places { members, sites })
    }

    fn member(&self, id: MemberId) -> &str {
        self.members.iter().find(|one| one.id == id).map_or("", |one| one.fields.name.as_str())
    }

    fn site(&self, id: SiteId) -> &str {
        self.sites.iter().find(|one| one.id == id).map_or("", |one| one.fields.name.as_str())
    }

    /// Whose schools an entry is about.
    pub(super) fn whose(&self, fields: &CalendarEntryFields) -> String {
        match fields.site_id {
            Some(site) => self.site(site).to_owned(),
            None if self.members.len() == 1 => "All schools".to_owned(),
            None => self.member(fields.member_id).to_owned(),
        }
    }
}

/// What people call a kind.
pub(super) fn kind_words(kind: CalendarKind) -> &'static str {
    match kind {
        CalendarKind::Holiday => "Holiday",
        CalendarKind::Closure => "Closed",
        CalendarKind::Testing => "Testing, no visits",
        CalendarKind::Intersession => "Break between sessions",
        CalendarKind::EarlyRelease => "Early release",
    }
}

/// The letter of a kind where there is no room for words.
pub(super) fn letter(kind: CalendarKind) -> &'static str {
    ["H", "C", "T", "B", "E"][kind as usize]
}

/// The same days, for one school, a district or several.
pub(super) struct Group {
    pub kind: CalendarKind,
    pub name: String,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    pub released: Option<WallClock>,
    pub who: String,
    /// Whether it is about all that is shown.
    pub is_whole: bool,
    pub ids: Vec<CalendarEntryId>,
    /// Whose schools, where it is more than one line can hold.
    pub all: Vec<String>,
}

/// A line of the list below the months.
pub(super) struct Days {
    pub id: String,
    pub when: String,
    pub name: String,
    pub class: &'static str,
    pub letter: &'static str,
    pub about: String,
    /// Whose schools, where they are many.
    pub all: Vec<String>,
    /// Where it is changed, for a single entry.
    pub change: Option<String>,
    pub remove: String,
}

impl Group {
    /// `Mon, Jan 18`, `Mon, Dec 21 to Fri, Jan 1`
    pub(super) fn when(&self) -> String {
        span(self.starts_on, self.ends_on)
    }

    /// `Early release at 12:30 p.m., all districts`
    pub(super) fn about(&self) -> String {
        let kind = kind_words(self.kind);
        let at = self.released.map(|time| format!(" at {}", time.spoken())).unwrap_or_default();
        format!("{kind}{at}, {}", self.who)
    }

    /// What was entered.
    pub(super) fn sentence(&self) -> String {
        format!("{}, {}: {} is entered. Visits from today on follow.", self.name, self.when(), self.about())
    }

    /// With links that come back to a district.
    pub(super) fn shown(&self, district: &str) -> Days {
        let ids = write_ids(self.ids.iter().copied());
        let back =
            if district.is_empty() { String::new() } else { format!("&district={}", wording::in_path(district)) };
        Days {
            id: self.ids.first().map(ToString::to_string).unwrap_or_default(),
            when: self.when(),
            name: self.name.clone(),
            class: self.kind.code(),
            letter: letter(self.kind),
            about: self.about(),
            all: self.all.clone(),
            change: (self.ids.len() == 1).then(|| format!("/calendar/{ids}")),
            remove: format!("/calendar/remove?entries={ids}{back}"),
        }
    }
}

pub(super) fn span(starts_on: NaiveDate, ends_on: NaiveDate) -> String {
    let day = |date: NaiveDate| date.format("%a, %b %-d").to_string();
    if starts_on == ends_on { day(starts_on) } else { format!("{} to {}", day(starts_on), day(ends_on)) }
}

/// Entries in order of days, with the same days of several districts as one.
pub(super) fn grouped(entries: &[CalendarEntry], places: &Places, is_one_district: bool) -> Vec<Group> {
    let mut sorted: Vec<&CalendarEntry> = entries.iter().collect();
    let place = |entry: &CalendarEntry| (places.member(entry.fields.member_id).to_owned(), places.whose(&entry.fields));
    sorted.sort_by_key(|entry| {
        let fields = &entry.fields;
        (fields.starts_on, fields.ends_on, fields.kind.code(), fields.name.clone(), place(entry))
    });
    let same = |a: &&CalendarEntry, b: &&CalendarEntry| {
        let key = |one: &CalendarEntryFields| (one.starts_on, one.ends_on, one.kind, one.released);
        key(&a.fields) == key(&b.fields) && a.fields.name == b.fields.name
    };
    sorted.chunk_by(same).map(|chunk| group(chunk, places, is_one_district)).collect()
}

fn group(chunk: &[&CalendarEntry], places: &Places, is_one_district: bool) -> Group {
    let whole = chunk.iter().filter(|entry| entry.fields.site_id.is_none()).count();
    let shown = if is_one_district { 1 } else { places.members.len() };
    let is_whole = whole >= shown;
    let names: Vec<String> = chunk.iter().map(|entry| places.whose(&entry.fields)).collect();
    let who = match (is_whole, names.len()) {
        (true, _) if shown > 1 => "all districts".to_owned(),
        (true, _) => "all schools".to_owned(),
        (false, 1 | 2) => names.join(" and "),
        (false, many) if whole == many => format!("{many} of {shown} districts"),
        (false, many) => format!("{many} districts and schools"),
    };
    let all = if !is_whole && names.len() > 2 { names } else { Vec::new() };
    let first = &chunk[0].fields;
    Group {
        kind: first.kind,
        name: first.name.clone(),
        starts_on: first.starts_on,
        ends_on: first.ends_on,
        released: first.released,
        who,
        is_whole,
        ids: chunk.iter().map(|entry| entry.id).collect(),
        all,
    }
}

/// Identities with commas between them, as they stand in an address. What is none is left out.
pub(super) fn read_ids(text: &str) -> Vec<CalendarEntryId> {
    text.split(',').filter_map(|one| one.parse().ok()).collect()
}

pub(super) fn write_ids(ids: impl Iterator<Item = CalendarEntryId>) -> String {
    ids.map(|id| id.to_string()).collect::<Vec<_>>().join(",")
}
