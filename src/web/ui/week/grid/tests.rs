//! A fixed week: where its stays, names, drives and visits stand.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::*;
use crate::domain::ids::{MemberId, PlanId, ServiceRequestId, SiteId, SpecialistId, VisitId};
use crate::domain::service_request::Priority;
use crate::domain::specialist::{Specialist, SpecialistFields};
use crate::domain::travel::TravelFields;
use crate::operations::weeks::Host;

fn visit(site: SiteId, weekday: Weekday, starts: &str, ends: &str) -> Visit {
    Visit {
        id: VisitId::new(),
        plan_id: PlanId::new(),
        specialist_id: SpecialistId::new(),
        specialist_code: "SLP-01".to_owned(),
        specialist_name: "Nora Alder".to_owned(),
        service_request_id: ServiceRequestId::new(),
        service_request_code: "SR-2026-0042".to_owned(),
        discipline: "SLP".to_owned(),
        priority: Priority::Mandated,
        site_id: site,
        site_name: "Gravois Park".to_owned(),
        member_id: MemberId::new(),
        weekday,
        starts: starts.parse().expect("a time"),
        ends: ends.parse().expect("a time"),
    }
}

fn week(visits: Vec<Visit>, drives: &[(SiteId, SiteId, i64)]) -> SpecialistWeek {
    let fields = SpecialistFields {
        code: "SLP-01".to_owned(),
        name: "Nora Alder".to_owned(),
        email: "slp-01@coop.example.org".to_owned(),
        disciplines: Vec::new(),
        qualifications: Vec::new(),
    };
    let at = DateTime::<Utc>::UNIX_EPOCH;
    let hosts = visits.iter().map(|visit| visit.site_id).collect::<BTreeSet<_>>().into_iter().enumerate();
    SpecialistWeek {
        specialist: Specialist { id: SpecialistId::new(), fields, version: 1, created_at: at, updated_at: at },
        hosts: hosts
            .map(|(place, site)| (site, Host { code: "MO".to_owned(), name: "Momentum".to_owned(), place }))
            .collect(),
        drives: drives
            .iter()
            .map(|(from, to, minutes)| {
                ((*from, *to), TravelFields { minutes: *minutes, miles_hundredths: 160, estimated: false })
            })
            .collect::<BTreeMap<_, _>>(),
        by_video: BTreeSet::new(),
        dates: BTreeMap::new(),
        off: BTreeMap::new(),
        visits,
    }
}

fn stays(day: &Day) -> Vec<(u16, u16, u16)> {
    let stay = |entry: &Entry| match entry {
        Entry::Stay(stay) => Some((stay.at, stay.rows, stay.name_rows)),
        Entry::Drive(_) => None,
    };
    day.entries.iter().filter_map(stay).collect()
}

#[test]
fn a_stay_leaves_room_for_its_name_and_visits_stand_at_their_minutes() {
    let site = SiteId::new();
    let visits = vec![visit(site, Weekday::Tue, "08:15", "09:00"), visit(site, Weekday::Tue, "09:30", "10:15")];
    let grid = Grid::new(&week(visits, &[]));
    assert_eq!((grid.rows, grid.days.len()), (7 * 12, 5));
    let tuesday = &grid.days[1];
    assert_eq!(tuesday.counted, "2 visits, 90 min");
    assert_eq!(stays(tuesday), [(1, 27, 3)], "8:00 to 10:15, of it 15 minutes for the name");
    let Entry::Stay(stay) = &tuesday.entries[0] else { panic!("a stay") };
    let places: Vec<(u16, u16)> = stay.visits.iter().map(|card| (card.at, card.rows)).collect();
    assert_eq!(places, [(4, 9), (19, 9)]);
    assert_eq!(stay.time, "8:15–10:15 a.m.");
    assert_eq!(grid.days[0].counted, "No visits");
}

#[test]
fn a_drive_and_a_name_share_the_free_rows() {
    let (here, there) = (SiteId::new(), SiteId::new());
    let between = |starts: &str| {
        let visits = vec![visit(here, Weekday::Mon, "09:00", "10:00"), visit(there, Weekday::Mon, starts, "12:00")];
        let grid = Grid::new(&week(visits, &[(here, there, 20)]));
        let drive = grid.days[0].entries.iter().find_map(|entry| match entry {
            Entry::Drive(drive) => Some((drive.at, drive.rows)),
            Entry::Stay(_) => None,
        });
        (drive, stays(&grid.days[0])[1])
    };
    assert_eq!(between("10:35"), (Some((25, 4)), (29, 20, 3)), "20 minutes to drive, 15 for the name");
    assert_eq!(between("10:20"), (Some((25, 2)), (27, 22, 2)), "the drive gives way to the name");
    assert_eq!(between("10:05"), (Some((25, 1)), (26, 23, 0)), "no room for the name");
}

#[test]
fn early_late_and_weekend_visits_widen_the_grid() {
    let site = SiteId::new();
    let visits = vec![visit(site, Weekday::Sat, "07:00", "07:30"), visit(site, Weekday::Sat, "16:10", "16:40")];
    let grid = Grid::new(&week(visits, &[]));
    assert_eq!((grid.rows, grid.days.len()), (11 * 12, 6), "6:00 to 17:00, Monday to Saturday");
    assert_eq!(grid.hours.first(), Some(&(1, "6 am".to_owned())));
}
