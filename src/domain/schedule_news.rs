//! What people are told when visits with a date change: who learns what, and when.
//!
//! Of every visit it is kept what was told last. What is told is the difference to that, so that a change that is undone
//! before anybody was told of it is told to nobody.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::calendar::Interval;
use super::dated_visit::{DatedVisitKind, DatedVisitState, instant};
use super::ids::{AccountId, DatedVisitId, MemberId, ServiceRequestId, SiteId, SpecialistId};
use super::school_calendar::SchoolCalendar;

/// So many school days after today a change is told at once, whatever somebody chose.
const NEAR_SCHOOL_DAYS: usize = 2;
/// No break between school days is longer.
const BREAK_MAX_DAYS: usize = 120;
/// When the summary of a day goes out, on the wall clock of the co-op.
const SUMMARY_AT: NaiveTime = match NaiveTime::from_hms_opt(16, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

/// What somebody knows of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Told {
    /// That there is none.
    Nothing,
    /// It takes place with the specialist of the plan.
    TakesPlace,
    /// The school is closed.
    Closed,
    /// It would end after an early release.
    EarlyRelease,
    /// The specialist cannot come, and nobody comes instead.
    NotCovered,
    /// Somebody comes instead.
    CoveredBy(SpecialistId),
}

impl Told {
    /// What there is to know of a visit that stands.
    pub fn of(state: DatedVisitState, covered_by: Option<SpecialistId>) -> Told {
        match (covered_by, state) {
            (Some(by), _) => Told::CoveredBy(by),
            (None, DatedVisitState::Planned) => Told::TakesPlace,
            (None, DatedVisitState::Closed) => Told::Closed,
            (None, DatedVisitState::EarlyRelease) => Told::EarlyRelease,
            (None, DatedVisitState::NotCovered) => Told::NotCovered,
        }
    }

    /// As it is stored.
    pub fn code(self) -> String {
        match self {
            Told::Nothing => String::new(),
            Told::TakesPlace => "planned".to_owned(),
            Told::Closed => "closed".to_owned(),
            Told::EarlyRelease => "early_release".to_owned(),
            Told::NotCovered => "not_covered".to_owned(),
            Told::CoveredBy(by) => format!("covered:{by}"),
        }
    }

    /// From the stored form.
    pub fn read(code: &str) -> Option<Told> {
        Some(match code {
            "" => Told::Nothing,
            "planned" => Told::TakesPlace,
            "closed" => Told::Closed,
            "early_release" => Told::EarlyRelease,
            "not_covered" => Told::NotCovered,
            _ => Told::CoveredBy(code.strip_prefix("covered:")?.parse().ok()?),
        })
    }

    /// What a school knows after this: of its closed days it knows by its own calendar, so they change nothing.
    pub fn for_school(self, known: Told) -> Told {
        if matches!(self, Told::Closed | Told::EarlyRelease) { known } else { self }
    }

    fn is_by(self, person: SpecialistId) -> bool {
        self == Told::CoveredBy(person)
    }
}

/// What there is to know of a new visit of a plan: the e-mails about the plan tell it.
pub fn told_when_laid_out(
    kind: DatedVisitKind,
    state: DatedVisitState,
    covered_by: Option<SpecialistId>,
) -> (Told, Told) {
    match kind {
        DatedVisitKind::MakeUp => (Told::Nothing, Told::Nothing),
        DatedVisitKind::Weekly => {
            let told = Told::of(state, covered_by);
            (told.for_school(Told::TakesPlace), told)
        }
    }
}

/// Whether the specialist of a visit is told of a change: not of what comes from their own absence.
pub fn owner_learns(known: Told, now: Told) -> bool {
    use Told::*;
    match (known, now) {
        (TakesPlace, Closed | EarlyRelease) | (Closed | EarlyRelease, TakesPlace) => true,
        (Closed, EarlyRelease) | (EarlyRelease, Closed) => true,
        // A make-up, planned or cancelled.
        (Nothing, TakesPlace) | (TakesPlace, Nothing) => true,
        // They come themselves after all.
        (CoveredBy(_), TakesPlace) => true,
        _ => false,
    }
}

/// Whether those who were told of a make-up, the school and whoever gives it, are told of a change: that it takes place or
/// does no more, whatever the cause. Somebody has to choose another time.
pub fn make_up_learns(known: Told, now: Told) -> bool {
    (known == Told::TakesPlace) != (now == Told::TakesPlace)
}

/// Whether somebody who covers a visit, or did, is told of a change.
pub fn cover_learns(person: SpecialistId, known: Told, now: Told) -> bool {
    known.is_by(person) != now.is_by(person)
}

/// To whom news go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reader {
    /// Who asks for the member, by account.
    Coordinator(AccountId),
    /// The contact of a member that has no coordinator's account.
    Contact(MemberId),
    /// Who comes to a visit, or covers it.
    Specialist(SpecialistId),
}

impl Reader {
    /// As it is stored.
    pub fn code(self) -> String {
        match self {
            Reader::Coordinator(id) => format!("coordinator/{id}"),
            Reader::Contact(id) => format!("contact/{id}"),
            Reader::Specialist(id) => format!("specialist/{id}"),
        }
    }

    /// From the stored form.
    pub fn read(code: &str) -> Option<Reader> {
        let (kind, id) = code.split_once('/')?;
        let id = Uuid::parse_str(id).ok()?;
        match kind {
            "coordinator" => Some(Reader::Coordinator(id.into())),
            "contact" => Some(Reader::Contact(id.into())),
            "specialist" => Some(Reader::Specialist(id.into())),
            _ => None,
        }
    }
}

/// A visit whose change nobody was told of yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedVisit {
    /// Which.
    pub id: DatedVisitId,
    /// Who comes by plan.
    pub specialist_id: SpecialistId,
    /// For which request.
    pub service_request_id: ServiceRequestId,
    /// The site that is served.
    pub site_id: SiteId,
    /// Its member.
    pub member_id: MemberId,
    /// The date.
    pub visit_on: NaiveDate,
    /// From when to when.
    pub time: Interval,
    /// Where it comes from.
    pub kind: DatedVisitKind,
    /// Why the school is closed or ends early.
    pub reason: String,
    /// What the school was told last.
    pub told_school: Told,
    /// What staff was told last.
    pub told_staff: Told,
    /// What there is to know now.
    pub now: Told,
}

/// How somebody wants to be told of changes that are not near.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleEmails {
    /// Each at once.
    EachChange,
    /// All of a day in one e-mail at 4 p.m.
    #[default]
    DailySummary,
}

/// How somebody wants e-mails. Changes of today and of the next two school days are always told at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailChoices {
    /// How changes of visits are told.
    pub schedule: ScheduleEmails,
}

/// Whether a visit lies so near that its change is told at once: today or on one of the next two school days of its site.
pub fn is_near(
    calendar: &SchoolCalendar,
    (member, site): (MemberId, SiteId),
    visit_on: NaiveDate,
    today: NaiveDate,
) -> bool {
    let school_days = today
        .iter_days()
        .skip(1)
        .take(BREAK_MAX_DAYS)
        .filter(|date| calendar.teaches(member, site, *date))
        .take(NEAR_SCHOOL_DAYS);
    (today..=school_days.last().unwrap_or(today)).contains(&visit_on)
}

/// When the next summary after an instant goes out.
pub fn next_summary(zone: Tz, after: DateTime<Utc>) -> DateTime<Utc> {
    let today = after.with_timezone(&zone).date_naive();
    let first = instant(zone, today.and_time(SUMMARY_AT));
    if first > after { first } else { instant(zone, (today + TimeDelta::days(1)).and_time(SUMMARY_AT)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::school_calendar::{CalendarEntryFields, CalendarKind};

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn what_was_told_is_read_as_it_is_stored() {
        let somebody = SpecialistId::new();
        let all = [Told::Nothing, Told::TakesPlace, Told::Closed, Told::EarlyRelease, Told::NotCovered];
        for told in all.into_iter().chain([Told::CoveredBy(somebody)]) {
            assert_eq!(Told::read(&told.code()), Some(told));
        }
        assert_eq!(Told::read("covered:"), None);
        let readers = [
            Reader::Coordinator(AccountId::new()),
            Reader::Contact(MemberId::new()),
            Reader::Specialist(SpecialistId::new()),
        ];
        for reader in readers {
            assert_eq!(Reader::read(&reader.code()), Some(reader));
        }
    }

    #[test]
    fn nobody_is_told_of_the_own_absence_nor_a_school_of_its_own_calendar() {
        let other = Told::CoveredBy(SpecialistId::new());
        for (known, now) in [
            (Told::TakesPlace, Told::NotCovered),
            (Told::NotCovered, Told::TakesPlace),
            (Told::NotCovered, other),
            (other, Told::Closed),
            (Told::Closed, Told::NotCovered),
        ] {
            assert!(!owner_learns(known, now), "{known:?} {now:?}");
        }
        assert!(owner_learns(Told::TakesPlace, Told::Closed) && owner_learns(other, Told::TakesPlace));
        assert_eq!(Told::Closed.for_school(Told::NotCovered), Told::NotCovered);
        assert_eq!(Told::TakesPlace.for_school(Told::NotCovered), Told::TakesPlace);
    }

    #[test]
    fn two_school_days_leave_closed_days_and_weekends_out() {
        let (member, site) = (MemberId::new(), SiteId::new());
        let closed = CalendarEntryFields {
            member_id: member,
            site_id: None,
            kind: CalendarKind::Holiday,
            name: "King Day".to_owned(),
            starts_on: date("2027-01-18"),
            ends_on: date("2027-01-18"),
            released: None,
        };
        let calendar = SchoolCalendar::new([&closed]);
        // From Friday the 15th: Monday is closed, Tuesday and Wednesday are the next two.
        let near = |day: &str| is_near(&calendar, (member, site), date(day), date("2027-01-15"));
        assert_eq!(
            ["2027-01-14", "2027-01-15", "2027-01-18", "2027-01-20", "2027-01-21"].map(near),
            [false, true, true, true, false]
        );
    }

    #[test]
    fn the_next_summary_is_at_four_in_the_afternoon_where_the_co_op_is() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("an instant");
        let next = |text: &str| next_summary(chrono_tz::America::Chicago, at(text));
        assert_eq!(next("2027-01-18T21:59:59Z"), at("2027-01-18T22:00:00Z"));
        assert_eq!(next("2027-01-18T22:00:00Z"), at("2027-01-19T22:00:00Z"));
        assert_eq!(next("2027-03-14T12:00:00Z"), at("2027-03-14T21:00:00Z"), "the clocks have changed");
    }
}
