//! What is read from a sound folder.

use std::collections::{BTreeMap, BTreeSet};

use coop_scheduler::domain::calendar::Weekday;
use coop_scheduler::domain::employer::EmployerCode;
use coop_scheduler::domain::policy::StayPreference;
use coop_scheduler::domain::service_request::{Mode, RequestState};
use coop_scheduler::intake::Known;
use coop_scheduler::intake::estimate::Coordinates;

use super::{
    AVAILABILITY, KIPP, MEMBERS, REQUESTS, SITES, SLP, SPECIALISTS, TRAVEL, VICTORY, faults_of, folder_with,
    read_folder, read_into,
};

const SOULARD: &str = "SOULARD,KIPP,Soulard,1110 Victor St,,,,2026-07-01,\n";

#[test]
fn every_file_is_optional() {
    assert_eq!(read_folder(&[]).map(|intake| intake.members.len()), Ok(0));
}

#[test]
fn a_sound_folder_is_read_in_full() {
    let intake = folder_with("", "").expect("sound");
    let specialist = &intake.specialists[0];
    assert_eq!(specialist.line, 2);
    assert_eq!(specialist.employer, EmployerCode::Member("KIPP".into()));
    assert_eq!(specialist.cost_cents_per_hour, 5840);
    assert_eq!(specialist.lendable_minutes_per_week_max, Some(480));
    assert_eq!(specialist.qualifications, BTreeSet::from(["spanish".to_owned()]));
    let request = &intake.requests[0];
    assert_eq!((request.mode, request.state), (Mode::InPerson, RequestState::Submitted));
    assert_eq!(request.windows.on(Weekday::Wed)[0].to_string(), "12:00-14:45");
    assert_eq!(request.current_specialist.as_deref(), Some("SLP-01"));
    assert_eq!(
        intake.sites[0].coordinates,
        Some(Coordinates { latitude_microdegrees: 38_627_000, longitude_microdegrees: -90_268_000 })
    );
}

#[test]
fn spreadsheet_habits_are_accepted() {
    let text = "\u{feff}name,code, member_from ,member_until,contact_email,contact_name\r\n\
        \r\n\" KIPP, \"\"St. Louis\"\" \", KIPP ,2026-07-01,2027-07-01,kipp@coop.example.org,Emery\r\n,,,,,\r\n";
    let intake = read_folder(&[("members.csv", text)]).expect("sound");
    let [member] = intake.members.as_slice() else { panic!("one member") };
    assert_eq!((member.line, member.code.as_str(), member.name.as_str()), (3, "KIPP", "KIPP, \"St. Louis\""));
    assert!(member.membership.until.is_some());
}

#[test]
fn money_and_miles_are_read_exactly() {
    for (written, cents) in [("58", 5800), ("58.4", 5840), ("0.07", 7), ("1000.00", 100_000)] {
        let row = super::SLP.replace("58.40", written);
        assert_eq!(folder_with("specialists.csv", &row).expect("sound").specialists[0].cost_cents_per_hour, cents);
    }
}

#[test]
fn a_travel_row_counts_both_ways_unless_the_way_back_has_its_own() {
    let sites = format!("{SITES}{VICTORY}{SOULARD}");
    let members = format!("{MEMBERS}{KIPP}");
    let travel = |rows: &str| {
        let travel = format!("{TRAVEL}{rows}");
        let folder = [("members.csv", &*members), ("sites.csv", &*sites), ("travel.csv", &*travel)];
        let intake = read_folder(&folder).expect("sound");
        let mut drives: Vec<_> =
            intake.travel.iter().map(|t| (t.from_site.clone(), t.minutes, t.miles_hundredths, t.estimated)).collect();
        drives.sort();
        drives
    };
    let one_way = travel("SOULARD,KIPP-VIC,15,5.1,no\n");
    assert_eq!(one_way, [("KIPP-VIC".into(), 15, 510, false), ("SOULARD".into(), 15, 510, false)]);
    let two_ways = travel("SOULARD,KIPP-VIC,15,5.1,no\nKIPP-VIC,SOULARD,20,5.25,yes\n");
    assert_eq!(two_ways, [("KIPP-VIC".into(), 20, 525, true), ("SOULARD".into(), 15, 510, false)]);
}

#[test]
fn a_missing_pair_is_estimated_and_says_so() {
    let second = VICTORY.replace("KIPP-VIC", "KIPP-INS").replace("38.6270", "38.6025");
    let intake = folder_with("sites.csv", &format!("{VICTORY}{second}")).expect("sound");
    assert_eq!(intake.travel.len(), 2);
    assert!(intake.travel.iter().all(|drive| drive.estimated && drive.line.is_none() && drive.minutes == 15));
}

#[test]
fn sites_that_are_never_open_together_need_no_travel() {
    let closed = SOULARD.replace("2026-07-01,", "2024-07-01,2025-07-01");
    let intake = folder_with("sites.csv", &format!("{VICTORY}{closed}")).expect("sound");
    assert!(intake.travel.is_empty());
}

#[test]
fn a_folder_may_refer_to_what_the_database_holds() {
    let known = Known {
        specialist_codes: BTreeSet::from(["OT-09".to_owned()]),
        member_codes: BTreeSet::from(["KIPP".to_owned()]),
        sites: BTreeMap::from([
            ("OLD".to_owned(), Some(Coordinates::from_degrees(38.60, -90.20))),
            ("FAR".to_owned(), None),
        ]),
        travel: BTreeSet::from([("FAR".to_owned(), "KIPP-VIC".to_owned())]),
        ..Known::default()
    };
    let availability = format!("{AVAILABILITY}OT-09,tue,08:00,15:00,2026-07-01,\n");
    let sites = format!("{SITES}{VICTORY}");
    let intake = read_into(&[("availability.csv", &availability), ("sites.csv", &sites)], &known).expect("sound");
    let joined: BTreeSet<_> = intake.travel.iter().map(|drive| drive.from_site.as_str()).collect();
    assert_eq!(joined, BTreeSet::from(["KIPP-VIC", "OLD"]));
}

#[test]
fn the_day_of_consent_is_for_evaluations_and_its_column_may_be_left_out() {
    let intake = folder_with("", "").expect("sound");
    assert_eq!(intake.requests[0].consent_on, None);
    let header = REQUESTS.replace('\n', ",consent_on\n");
    let read = |priority: &str, day: &str| {
        let row = format!("SR-1,KIPP-VIC,SLP,,{priority},,240,3,30,120,mon 08:30-11:00; wed 12:00-14:45,,,{day}\n");
        let folder = [
            ("members.csv", format!("{MEMBERS}{KIPP}")),
            ("sites.csv", format!("{SITES}{VICTORY}")),
            ("specialists.csv", format!("{SPECIALISTS}{SLP}")),
            ("availability.csv", format!("{AVAILABILITY}SLP-01,mon,07:45,15:45,2026-07-01,\n")),
            ("requests.csv", format!("{header}{row}")),
        ];
        let files = folder.each_ref().map(|(name, text)| (*name, text.as_str()));
        read_folder(&files).map(|intake| intake.requests[0].consent_on)
    };
    let day = "2026-10-01".parse().expect("a date");
    assert_eq!(read("evaluation", "2026-10-01").expect("sound"), Some(Some(day)));
    assert_eq!(read("mandated", "").expect("sound"), Some(None));
    let told = format!("{:?}", read("mandated", "2026-10-01").expect_err("a fault"));
    assert!(told.contains("only an evaluation has a date of consent") && told.contains("column: 14"), "{told}");
    assert!(read("evaluation", "10/1/2026").is_err());
}

#[test]
fn evaluation_blocks_and_supervisors_may_be_left_out_or_empty() {
    let row = &folder_with("specialists.csv", super::SLP).expect("sound").specialists[0];
    assert_eq!((row.evaluation_block_minutes, &row.supervisors), (None, &None));
    let header = SPECIALISTS.replace('\n', ",supervisors,evaluation_block_minutes\n");
    let slp = super::SLP.trim_end();
    let assistant = slp.replace("SLP-01", "SLPA-01");
    let read = |rows: &str| {
        let (members, sites) = (format!("{MEMBERS}{KIPP}"), format!("{SITES}{VICTORY}"));
        let people = format!("{header}{rows}");
        read_folder(&[("members.csv", &members), ("sites.csv", &sites), ("specialists.csv", &people)])
    };
    let people = read(&format!("{slp},,90\n{assistant},SLP-01,\n")).expect("sound").specialists;
    let told: Vec<_> = people.iter().map(|row| (row.evaluation_block_minutes, row.supervisors.clone())).collect();
    assert_eq!(told[0], (Some(90), Some(BTreeSet::new())));
    assert_eq!(told[1], (Some(0), Some(BTreeSet::from(["SLP-01".to_owned()]))));
    let faults = faults_of(read(&format!("{slp},SLP-09,91\n{assistant},SLPA-01,605\n")));
    assert_eq!(
        faults,
        [
            "specialists.csv:2:18: supervisors: there is no specialist SLP-09; add it to specialists.csv or correct the code",
            "specialists.csv:2:19: evaluation_block_minutes: 91 is not a multiple of 5",
            "specialists.csv:3:18: supervisors: SLPA-01 cannot supervise SLPA-01; name somebody else",
            "specialists.csv:3:19: evaluation_block_minutes: \"605\" is not allowed; write a whole number from 0 to 600",
        ]
    );
}

#[test]
fn supervision_hours_and_preferences_may_be_left_out_or_empty() {
    let row = &folder_with("specialists.csv", super::SLP).expect("sound").specialists[0];
    assert_eq!((&row.supervision_hours, row.stay_preference), (&None, None));
    let header = SPECIALISTS.replace('\n', ",supervisors,supervision_hours,stay_preference\n");
    let slp = super::SLP.trim_end();
    let other = slp.replace("SLP-01", "SLPA-01");
    let read = |rows: &str| {
        let (members, sites) = (format!("{MEMBERS}{KIPP}"), format!("{SITES}{VICTORY}"));
        let people = format!("{header}{rows}");
        read_folder(&[("members.csv", &members), ("sites.csv", &sites), ("specialists.csv", &people)])
    };
    let people = read(&format!("{slp},,mon 08:00-09:00; mon 10:00-11:00,whole_day\n{other},SLP-01,,\n"))
        .expect("sound")
        .specialists;
    let hours = people[0].supervision_hours.clone().flatten().expect("hours");
    let told: Vec<String> = hours.on(Weekday::Mon).iter().map(ToString::to_string).collect();
    assert_eq!(told, ["08:00-09:00", "10:00-11:00"]);
    assert_eq!(people[0].stay_preference, Some(Some(StayPreference::WholeDay)));
    assert_eq!((&people[1].supervision_hours, people[1].stay_preference), (&Some(None), Some(None)));
    let faults = faults_of(read(&format!("{slp},,mon 8-9,long\n{other},SLP-01,mon 08:00-09:00,\n")));
    assert_eq!(
        faults,
        [
            "specialists.csv:2:19: supervision_hours: \"8\" is not a time; write HH:MM, like 08:30",
            "specialists.csv:2:20: stay_preference: \"long\" is not allowed; write any, half_day, whole_day",
            "specialists.csv:3:19: an assistant supervises nobody; leave supervision_hours empty",
        ]
    );
}
