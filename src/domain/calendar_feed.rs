//! Private links by which people's own calendars follow the visits of a specialist or of a school.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calendar::Interval;
use super::dated_visit::{DatedVisitKind, DatedVisitState};
use super::fault::{Fault, Faults};
use super::ids::{AccountId, CalendarFeedId, DatedVisitId, PlanId, SiteId, SpecialistId};

/// A calendar shows so many days of the past.
pub const DAYS_BACK: TimeDelta = TimeDelta::weeks(4);
/// A visit that was dropped stays as cancelled for so long.
pub const CANCELLED_KEPT: TimeDelta = TimeDelta::days(14);
/// Changes of one visit that have a number of their own within one plan.
const REVISIONS_MAX: i64 = 1_000;

/// What can be entered about a link: whose visits, and whether drives are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarFeedFields {
    /// The visits of this specialist. Either this or a site.
    #[serde(default)]
    pub specialist_id: Option<SpecialistId>,
    /// The visits at this site.
    #[serde(default)]
    pub site_id: Option<SiteId>,
    /// Whether drives between schools are events of their own. True when absent; a school's calendar has none.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub with_drives: bool,
}

fn yes() -> bool {
    true
}

impl CalendarFeedFields {
    /// Every fault of the entries.
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        if self.specialist_id.is_some() == self.site_id.is_some() {
            faults.note("/specialist_id", "Name either a specialist or a site");
        }
        faults.into_vec()
    }
}

/// A link as its owner sees it: not the link itself, of which only the hash is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CalendarFeed {
    /// Identity.
    pub id: CalendarFeedId,
    /// Who made it. It works as long as this account may see the visits.
    pub account_id: AccountId,
    /// What was entered.
    #[serde(flatten)]
    pub fields: CalendarFeedFields,
    /// The last day on which a calendar fetched it.
    pub last_used_on: Option<NaiveDate>,
    /// Goes up with each change; the ETag.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A new link with its address, which is told once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NewCalendarFeed {
    /// The link.
    #[serde(flatten)]
    pub feed: CalendarFeed,
    /// The address to subscribe to. Whoever has it sees the visits.
    #[schema(example = "https://coop.example.org/cal/….ics")]
    pub address: String,
}

/// A visit with a date as calendars see it: one that stands, or one that was dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarVisit {
    /// The dated visit.
    pub id: DatedVisitId,
    /// Of which plan.
    pub plan_id: PlanId,
    /// Who comes by plan; for cover that was taken back, who was to cover.
    pub specialist_id: SpecialistId,
    /// Their code.
    pub specialist_code: String,
    /// Number of the request.
    pub request_code: String,
    /// Discipline that is asked for.
    pub discipline: String,
    /// The site that is served.
    pub site_id: SiteId,
    /// Its name.
    pub site_name: String,
    /// Its address.
    pub site_address: String,
    /// The date.
    pub visit_on: NaiveDate,
    /// From when to when, on the wall clock.
    pub time: Interval,
    /// Where it comes from.
    pub kind: DatedVisitKind,
    /// Who covers it.
    pub covered_by: Option<SpecialistId>,
    /// How often it changed.
    pub revision: i64,
    /// When it last changed, or was dropped; absent while it is as it was laid out.
    pub changed_at: Option<DateTime<Utc>>,
    /// What became of it.
    pub standing: Standing,
}

/// Whether a calendar shows a visit, and as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It has a row.
    Stands {
        /// Whether it takes place.
        state: DatedVisitState,
        /// Why not.
        reason: String,
    },
    /// A plan no longer holds it, or a make-up was cancelled.
    Dropped,
    /// Somebody was to cover it and no longer is.
    CoverTakenBack,
}

/// The identity of a visit in people's calendars (the UID of RFC 5545, without the domain): the same when the visit moves
/// within its week, also to the days of another plan.
///
/// A specialist's visits of a week for one request are numbered by time. So the second of two keeps its identity when a new
/// plan moves it, and it is the last number that is missing when a week has fewer visits than before.
pub fn identities(visits: &[&CalendarVisit]) -> Vec<String> {
    let mut order: Vec<usize> = (0..visits.len()).collect();
    order.sort_by_key(|index| (visits[*index].visit_on, visits[*index].time.starts, visits[*index].id));
    let mut numbers: HashMap<(SpecialistId, &str, NaiveDate), usize> = HashMap::new();
    let mut named = vec![String::new(); visits.len()];
    for index in order {
        let visit = visits[index];
        named[index] = match (&visit.standing, visit.kind) {
            (Standing::CoverTakenBack, _) => cover_identity(visit.id),
            (_, DatedVisitKind::MakeUp) => format!("make-up-{}", visit.id),
            (_, DatedVisitKind::Weekly) => {
                let monday =
                    visit.visit_on - TimeDelta::days(i64::from(visit.visit_on.weekday().num_days_from_monday()));
                let number = numbers.entry((visit.specialist_id, &visit.request_code, monday)).or_default();
                *number += 1;
                let (request, person) = (&visit.request_code, &visit.specialist_code);
                format!("visit-{request}-{person}-{}-{number}", monday.format("%Y%m%d"))
            }
        };
    }
    named
}

/// The identity of a visit in the calendar of whoever covers it.
pub fn cover_identity(id: DatedVisitId) -> String {
    format!("cover-{id}")
}

/// Which version of an event this is (SEQUENCE): grows with every plan of the term that is published or taken back and with
/// every change of the visit. A later version never has a lower number (RFC 5545, 3.8.7.4).
pub fn sequence(plans_before: i64, revision: i64) -> i64 {
    plans_before * REVISIONS_MAX + revision.min(REVISIONS_MAX - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit(on: &str, starts: &str, ends: &str) -> CalendarVisit {
        let time = Interval { starts: starts.parse().expect("a time"), ends: ends.parse().expect("a time") };
        CalendarVisit {
            id: DatedVisitId::new(),
            plan_id: PlanId(uuid::Uuid::nil()),
            specialist_id: SpecialistId(uuid::Uuid::nil()),
            specialist_code: "S-1".to_owned(),
            request_code: "SR-2026-0001".to_owned(),
            discipline: "slp".to_owned(),
            site_id: SiteId(uuid::Uuid::nil()),
            site_name: "Gravois Park".to_owned(),
            site_address: String::new(),
            visit_on: on.parse().expect("a date"),
            time,
            kind: DatedVisitKind::Weekly,
            covered_by: None,
            revision: 0,
            changed_at: None,
            standing: Standing::Stands { state: DatedVisitState::Planned, reason: String::new() },
        }
    }

    #[test]
    fn a_visit_that_moves_within_its_week_keeps_its_identity() {
        let before = [visit("2027-01-06", "13:00", "13:30"), visit("2027-01-04", "08:00", "08:30")];
        let after = [visit("2027-01-05", "09:00", "09:30"), visit("2027-01-08", "08:00", "08:30")];
        let of = |visits: &[CalendarVisit]| identities(&visits.iter().collect::<Vec<_>>());
        let [second, first] = of(&before).try_into().expect("two");
        assert_eq!(of(&after), [first.clone(), second]);
        assert_eq!(of(&after[1..]).first(), Some(&first), "the last number is what is missing");
        assert_ne!(of(&[visit("2027-01-11", "08:00", "08:30")]), [first], "another week is another visit");
    }

    #[test]
    fn a_later_plan_and_a_change_have_greater_numbers() {
        assert!(sequence(1, 0) > sequence(0, 999_999) && sequence(0, 2) > sequence(0, 1));
    }
}
