//! Time and effort: for whom each specialist worked in each month, from what was logged.
//!
//! Where salaries are charged to several cost objectives, records of the work must support how they are distributed
//! (34 CFR 200.430(i)). These rows are such a record as far as visits and drives go: they hold what was logged, never
//! what was planned.

use std::collections::{BTreeMap, HashMap};
use std::iter::Sum;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::{ReportHead, ReportPeriod};
use crate::domain::calendar::WallClock;
use crate::domain::ids::{MemberId, SiteId, SpecialistId};
use crate::domain::month::Month;

/// A visit as far as it counts as work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worked {
    /// Who came, or covered it.
    pub specialist_id: SpecialistId,
    /// The member that was served.
    pub member_id: MemberId,
    /// Where the specialist was.
    pub place_id: SiteId,
    /// The date.
    pub visit_on: NaiveDate,
    /// From.
    pub starts: WallClock,
    /// Its length as planned.
    pub planned_minutes: i64,
    /// What was delivered; absent while nothing is logged, 0 where it did not take place.
    pub delivered_minutes: Option<i64>,
}

/// Minutes of work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct EffortFigures {
    /// Delivered in visits.
    pub delivered_minutes: i64,
    /// Drives between sites on the same day, to this member's schools.
    pub travel_minutes: i64,
    /// Logged supervision of assistants, which is for no member alone.
    pub supervision_minutes: i64,
    /// All of these together.
    pub total_minutes: i64,
    /// Drives of which nobody entered how long they take; no part of the minutes.
    pub unknown_drives: i64,
    /// In visits of which nothing is logged yet; no part of the minutes.
    pub to_log_minutes: i64,
}

impl<'a> Sum<&'a EffortFigures> for EffortFigures {
    fn sum<I: Iterator<Item = &'a EffortFigures>>(rows: I) -> EffortFigures {
        rows.fold(EffortFigures::default(), |sum, row| EffortFigures {
            delivered_minutes: sum.delivered_minutes + row.delivered_minutes,
            travel_minutes: sum.travel_minutes + row.travel_minutes,
            supervision_minutes: sum.supervision_minutes + row.supervision_minutes,
            total_minutes: sum.total_minutes + row.total_minutes,
            unknown_drives: sum.unknown_drives + row.unknown_drives,
            to_log_minutes: sum.to_log_minutes + row.to_log_minutes,
        })
    }
}

/// Who supervised on a day, and how long.
pub type Supervised = (SpecialistId, NaiveDate, i64);

/// Specialist, month and member served; work for no member alone has none.
pub type Key = (SpecialistId, Month, Option<MemberId>);

/// Adds up work by specialist, month and member served. Supervision is of no member. A drive belongs to the member that it leads to, and is counted
/// between delivered visits that follow each other on a day at different sites.
pub fn add_up(
    visits: &[Worked],
    supervised: &[Supervised],
    drives: &HashMap<(SiteId, SiteId), i64>,
) -> BTreeMap<Key, EffortFigures> {
    let mut sums: BTreeMap<Key, EffortFigures> = BTreeMap::new();
    let key = |visit: &Worked| (visit.specialist_id, Month::of(visit.visit_on), Some(visit.member_id));
    for visit in visits {
        let sum = sums.entry(key(visit)).or_default();
        match visit.delivered_minutes {
            Some(minutes) => sum.delivered_minutes += minutes,
            None => sum.to_log_minutes += visit.planned_minutes,
        }
    }
    let mut given: Vec<&Worked> = visits.iter().filter(|visit| visit.delivered_minutes > Some(0)).collect();
    given.sort_by_key(|visit| (visit.specialist_id, visit.visit_on, visit.starts));
    for pair in given.windows(2) {
        let same_day = (pair[0].specialist_id, pair[0].visit_on) == (pair[1].specialist_id, pair[1].visit_on);
        if same_day && pair[0].place_id != pair[1].place_id {
            let sum = sums.entry(key(pair[1])).or_default();
            match drives.get(&(pair[0].place_id, pair[1].place_id)) {
                Some(minutes) => sum.travel_minutes += minutes,
                None => sum.unknown_drives += 1,
            }
        }
    }
    for (specialist, day, minutes) in supervised {
        sums.entry((*specialist, Month::of(*day), None)).or_default().supervision_minutes += minutes;
    }
    sums.retain(|_, sum| *sum != EffortFigures::default());
    sums.values_mut()
        .for_each(|sum| sum.total_minutes = sum.delivered_minutes + sum.travel_minutes + sum.supervision_minutes);
    sums
}

/// The work of a specialist for a member in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EffortRow {
    /// Who worked.
    pub specialist_id: SpecialistId,
    /// Their code.
    pub specialist: String,
    /// Their name.
    pub specialist_name: String,
    /// The employer, by the last contract that touches the month: `member:CODE`, `coop` or `agency:NAME`; empty
    /// without one.
    pub employer: String,
    /// The month.
    pub month: Month,
    /// Whether the month is locked, so that nothing in it changes any more.
    pub is_locked: bool,
    /// The member that was served; absent for supervision.
    pub member_id: Option<MemberId>,
    /// Its code.
    pub member: Option<String>,
    /// Whether that member employs the specialist.
    pub is_own_employer: bool,
    /// The minutes.
    #[serde(flatten)]
    pub figures: EffortFigures,
}

/// The report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TimeAndEffort {
    /// When it was made.
    #[serde(flatten)]
    pub head: ReportHead,
    /// For which months.
    #[serde(flatten)]
    pub period: ReportPeriod,
    /// By specialist, month and member.
    pub rows: Vec<EffortRow>,
    /// All rows together.
    pub total: EffortFigures,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drives_lead_from_delivered_visit_to_delivered_visit_and_belong_to_where_they_end() {
        let (who, [a, b]) = (SpecialistId::new(), [MemberId::new(), MemberId::new()]);
        let [here, there] = [SiteId::new(), SiteId::new()];
        let visit = |member_id, place_id, day: &str, starts: &str, delivered_minutes| Worked {
            specialist_id: who,
            member_id,
            place_id,
            visit_on: day.parse().expect("a date"),
            starts: starts.parse().expect("a time"),
            planned_minutes: 30,
            delivered_minutes,
        };
        let visits = [
            visit(b, there, "2027-01-04", "10:00", Some(25)),
            visit(a, here, "2027-01-04", "09:00", Some(30)),
            // It did not take place, so nobody is known to have been there.
            visit(a, here, "2027-01-04", "11:00", Some(0)),
            visit(b, there, "2027-01-04", "12:00", Some(30)),
            visit(a, here, "2027-01-04", "13:00", None),
            // The way back is not known, and the next day begins anew.
            visit(a, here, "2027-01-04", "14:00", Some(30)),
            visit(b, there, "2027-01-05", "09:00", Some(30)),
        ];
        let supervised = [(who, "2027-01-06".parse().expect("a date"), 30)];
        let sums = add_up(&visits, &supervised, &HashMap::from([((here, there), 15)]));
        let month = "2027-01".parse().expect("a month");
        let of = |member| sums[&(who, month, Some(member))];
        let expected = EffortFigures {
            delivered_minutes: 85,
            travel_minutes: 15,
            total_minutes: 100,
            supervision_minutes: 0,
            unknown_drives: 0,
            to_log_minutes: 0,
        };
        assert_eq!(of(b), expected);
        let other = sums[&(who, month, None)];
        assert_eq!((other.supervision_minutes, other.total_minutes), (30, 30));
        assert_eq!((of(a).delivered_minutes, of(a).unknown_drives, of(a).to_log_minutes), (60, 1, 30));
    }
}
