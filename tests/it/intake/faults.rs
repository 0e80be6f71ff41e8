//! Every class of fault, with the place where it stands. Lines count the header as 1, columns begin at 1.

use std::collections::BTreeMap;

use coop_scheduler::intake::{Known, estimate, limits, read};

use super::{
    AVAILABILITY, KIPP, MEMBERS, REQUEST, SITES, SLP, SPECIALISTS, TRAVEL, VICTORY, faults_of, folder_with, read_folder,
};

#[test]
fn unknown_files_are_refused() {
    assert_eq!(
        faults_of(read_folder(&[("pupils.csv", "name\n")])),
        ["pupils.csv:1:1: this file is not part of an import; the files are members.csv, sites.csv, specialists.csv, \
          availability.csv, credentials.csv, travel.csv, requests.csv"]
    );
}

#[test]
fn the_header_is_strict() {
    let columns = "from_site, to_site, minutes, miles, estimated";
    assert_eq!(
        faults_of(read_folder(&[("travel.csv", "from_site,minutes,km,minutes,miles,estimated\nA,1,1,1,1,no\n")])),
        [
            format!("travel.csv:1:3: \"km\" is not a column of this file; its columns are {columns}"),
            "travel.csv:1:4: column minutes is there twice; remove one".to_owned(),
            format!("travel.csv:1:7: missing to_site; the columns are {columns}"),
        ]
    );
    assert_eq!(
        faults_of(read_folder(&[("travel.csv", "\n\n")])),
        ["travel.csv:1:1: the file is empty; begin it with from_site,to_site,minutes,miles,estimated"]
    );
}

#[test]
fn files_are_limited_and_must_be_utf8() {
    let read_bytes = |bytes: Vec<u8>| {
        faults_of(read(
            &BTreeMap::from([("travel.csv".to_owned(), bytes)]),
            &Known::default(),
            &estimate::Settings::default(),
        ))
    };
    assert_eq!(
        read_bytes(vec![b'a'; limits::FILE_BYTES_MAX + 1]),
        ["travel.csv:1:1: the file is larger than 1048576 bytes; split it into several imports"]
    );
    assert_eq!(
        read_bytes(b"from_site\nCaf\xe9\n".to_vec()),
        ["travel.csv:2:1: the file is not UTF-8 from here on; save it as \"CSV UTF-8\""]
    );
    let faults = read_bytes(format!("{TRAVEL}{}", "A,B,5,1,no\n".repeat(limits::FILE_ROWS_MAX + 1)).into_bytes());
    assert!(faults.contains(&"travel.csv:5002:1: more than 5000 rows; split the file into several imports".to_owned()));
}

#[test]
fn rows_of_the_wrong_width_and_broken_cells() {
    let rows = "KIPP,KIPP,2026-07-01\n\nX,X, Inc,2026-07-01,,Emery,x@coop.example.org\nY,\"two\nlines\",2026-07-01,,Y,y@coop.example.org\n";
    assert_eq!(
        faults_of(read_folder(&[("members.csv", &format!("{MEMBERS}{rows}"))])),
        [
            "members.csv:2:4: 3 cells where the header has 6; put quotation marks around a cell that holds a comma",
            "members.csv:4:7: 7 cells where the header has 6; put quotation marks around a cell that holds a comma",
            "members.csv:5:2: this cell holds a line break or control character; remove it, or close the quotation \
             mark that opens here",
        ]
    );
}

#[test]
fn codes_names_dates_and_addresses() {
    let rows = "KI PP,,2026-7-1,,Emery,kipp\nB,B,2026-07-01,2026-07-01,B,b@coop.example.org\nB,B,2026-02-30,,B,b@coop.example.org\n";
    assert_eq!(
        faults_of(read_folder(&[("members.csv", &format!("{MEMBERS}{rows}"))])),
        [
            "members.csv:2:1: code: \"KI PP\" is not a code; write 1 to 32 letters, digits, - _ & or ., like KIPP-VIC",
            "members.csv:2:2: name is empty; it is needed",
            "members.csv:2:3: member_from: \"2026-7-1\" is not a date; write YYYY-MM-DD, like 2026-08-17",
            "members.csv:2:6: contact_email: \"kipp\" is not an e-mail address; write one like ana@school.example.org",
            "members.csv:3:4: member_until must be later than member_from; it is the first day outside",
            "members.csv:4:1: B is already on line 3; a code stands in one row only",
            "members.csv:4:3: member_from: \"2026-02-30\" is not a date; write YYYY-MM-DD, like 2026-08-17",
        ]
    );
}

#[test]
fn the_column_of_a_fault_follows_the_order_of_the_file() {
    let text = "contact_email,code,name,member_from,member_until,contact_name\nno,KIPP,KIPP,2026-07-01,,Emery\n";
    assert!(faults_of(read_folder(&[("members.csv", text)]))[0].starts_with("members.csv:2:1: contact_email: "));
}

#[test]
fn sites() {
    let rows = format!(
        "{}{}{}",
        VICTORY.replace(",KIPP,", ",KIP,"),
        "S2,KIPP,S,,38.6,,x,2026-07-01,\n",
        "S3,KIPP,S,,91,-90,,2026-07-01,\n"
    );
    let faults = faults_of(folder_with("sites.csv", &rows));
    assert_eq!(
        faults,
        [
            "sites.csv:2:2: member: there is no member KIP; add it to members.csv or correct the code",
            "sites.csv:3:6: longitude is empty; write latitude, longitude and coordinates_source, or none of them",
            "sites.csv:4:5: latitude: \"91\" is not allowed; write a number like 38.620090",
        ]
    );
    let unsourced = VICTORY.replace("by hand", "");
    assert_eq!(
        faults_of(folder_with("sites.csv", &unsourced)),
        ["sites.csv:2:7: coordinates_source is empty; say where the coordinates come from"]
    );
}

#[test]
fn specialists() {
    let row = "SLP-01,Nora,slp@coop.example.org,SLP,,member:KIP,NOWHERE,2026-07-01,,3001,330,480,0,75,40,,58.405\n";
    assert_eq!(
        faults_of(folder_with("specialists.csv", row)),
        [
            "specialists.csv:2:6: employer: there is no member KIP; add it to members.csv or correct the code",
            "specialists.csv:2:7: home_site: there is no site NOWHERE; add it to sites.csv or correct the code",
            "specialists.csv:2:10: direct_minutes_per_week_max: \"3001\" is not allowed; write a whole number from 0 to 3000",
            "specialists.csv:2:13: sites_per_day_max: \"0\" is not allowed; write a whole number from 1 to 10",
            "specialists.csv:2:16: break_minutes is empty; it is needed",
            "specialists.csv:2:17: cost_per_hour: \"58.405\" is not allowed; write a number like 64.50 (up to 1000.00)",
        ]
    );
    assert_eq!(
        faults_of(folder_with("specialists.csv", &SLP.replace("member:KIPP", "Coop"))),
        ["specialists.csv:2:6: employer: \"Coop\" is not an employer; write member:CODE, coop or agency:NAME"]
    );
    assert_eq!(
        faults_of(folder_with("specialists.csv", &SLP.replace("member:KIPP", "coop"))),
        ["specialists.csv:2:12: only a member's specialist is lent; leave the cell empty for coop and agency staff"]
    );
    for money in ["$58", "58,40", "-1", "1000.01", "1e2", ".5", "5."] {
        let row = SLP.replace("58.40", &format!("\"{money}\""));
        assert!(
            faults_of(folder_with("specialists.csv", &row))[0].starts_with("specialists.csv:2:17: cost_per_hour"),
            "{money}"
        );
    }
}

#[test]
fn availability() {
    let rows = "SLP-01,mon,07:45,12:00,2026-07-01,2027-01-01\nSLP-01,mon,11:00,15:00,2026-12-31,\n\
        SLP-01,mon,11:00,15:00,2027-01-01,\nSLP-02,monday,8:00,15:01,2026-07-01,\nSLP-01,tue,15:00,08:00,2026-07-01,\n";
    assert_eq!(
        faults_of(folder_with("availability.csv", rows)),
        [
            "availability.csv:3:3: 11:00-15:00 overlaps 07:45-12:00 on line 2 for SLP-01 on mon; join the two or move one",
            "availability.csv:4:3: 11:00-15:00 overlaps 11:00-15:00 on line 3 for SLP-01 on mon; join the two or move one",
            "availability.csv:5:1: specialist: there is no specialist SLP-02; add it to specialists.csv or correct the code",
            "availability.csv:5:2: weekday: \"monday\" is not a weekday; write mon, tue, wed, thu, fri, sat or sun",
            "availability.csv:5:3: starts: \"8:00\" is not a time; write HH:MM, like 08:30",
            "availability.csv:5:4: ends: \"15:01\" is not on a five-minute step; write for example 15:00",
            "availability.csv:6:4: ends: 15:00-08:00 ends before it starts; the end must be later than the start",
        ]
    );
    let sound = "SLP-01,mon,07:45,12:00,2026-07-01,2027-01-01\nSLP-01,mon,11:00,15:00,2027-01-01,\n";
    assert!(read_folder(&[("members.csv", &format!("{MEMBERS}{KIPP}")), ("availability.csv", AVAILABILITY)]).is_ok());
    assert!(folder_with("availability.csv", sound).is_ok());
}

#[test]
fn credentials() {
    let header = "specialist,discipline,kind,issuer,us_state,valid_from,valid_until\n";
    let rows = "SLP-02,SLP,license,MO-BHA,MO,2025-02-01,2027-02-01\nSLP-01,SLP,diploma,Board of Arts,Mo,2025-02-01,\n\
        SLP-01,SLP,license,MO-BHA,,2025-02-01,2025-02-01\nSLP-01,,license,MO-BHA,MO,soon,\n";
    let with = |header: &str, rows: &str| {
        let people = format!("{SPECIALISTS}{SLP}");
        let file = format!("{header}{rows}");
        let (members, sites) = (format!("{MEMBERS}{KIPP}"), format!("{SITES}{VICTORY}"));
        read_folder(&[
            ("members.csv", &members),
            ("sites.csv", &sites),
            ("specialists.csv", &people),
            ("credentials.csv", &file),
        ])
    };
    assert_eq!(
        faults_of(with(header, rows)),
        [
            "credentials.csv:2:1: specialist: there is no specialist SLP-02; add it to specialists.csv or correct the code",
            "credentials.csv:3:3: kind: write license, certificate or registration",
            "credentials.csv:3:4: issuer: \"Board of Arts\" is not a code; write 1 to 32 letters, digits, - _ & or ., like KIPP-VIC",
            "credentials.csv:3:5: us_state: write the two capital letters of the state, like MO",
            "credentials.csv:4:7: valid_until must be later than valid_from; it is the first day outside",
            "credentials.csv:5:2: discipline is empty; it is needed",
            "credentials.csv:5:6: valid_from: \"soon\" is not a date; write YYYY-MM-DD, like 2026-08-17",
        ]
    );
    assert_eq!(
        faults_of(with("specialist,discipline,kind,issuer,number,valid_from,valid_until\n", ""))[0],
        "credentials.csv:1:5: \"number\" is not a column of this file; its columns are specialist, discipline, kind, \
         issuer, us_state, valid_from, valid_until"
    );
    let without_state = "specialist,discipline,kind,issuer,valid_from,valid_until\n";
    let sound = with(without_state, "SLP-01,SLP,license,MO-BHA,2025-02-01,\n").expect("sound");
    assert_eq!((sound.credentials.len(), sound.credentials[0].fields.us_state.clone()), (1, None));
}

#[test]
fn travel() {
    let rows = "KIPP-VIC,KIPP-VIC,5,1,no\nKIPP-VIC,X,481,1.234,maybe\n";
    assert_eq!(
        faults_of(folder_with("travel.csv", rows)),
        [
            "travel.csv:2:2: to_site: KIPP-VIC is where the drive begins; leave the row out",
            "travel.csv:3:2: to_site: there is no site X; add it to sites.csv or correct the code",
            "travel.csv:3:3: minutes: \"481\" is not allowed; write a whole number from 0 to 480",
            "travel.csv:3:4: miles: \"1.234\" is not allowed; write a number like 5.10 (up to 1000.00)",
            "travel.csv:3:5: estimated: \"maybe\" is not allowed; write yes, no",
        ]
    );
}

#[test]
fn travel_that_can_be_neither_found_nor_estimated() {
    let unknown = |code: &str| format!("{code},KIPP,{code},,,,,2026-07-01,\n");
    let sites = format!("{VICTORY}{}{}", unknown("A"), unknown("B"));
    let more = "is unknown; add rows to travel.csv, or coordinates to both sites to have it estimated";
    assert_eq!(
        faults_of(folder_with("sites.csv", &sites)),
        [
            format!("sites.csv:3:5: travel from A to KIPP-VIC and 1 more {more}"),
            format!("sites.csv:4:5: travel from B to KIPP-VIC and 1 more {more}"),
        ]
    );
    let members = format!("{MEMBERS}{KIPP}");
    let sites = format!("{SITES}{sites}");
    let travel = format!("{TRAVEL}A,KIPP-VIC,5,1,no\nB,A,5,1,no\nKIPP-VIC,B,5,1,no\nA,KIPP-VIC,6,1,no\n");
    assert_eq!(
        faults_of(read_folder(&[("members.csv", &members), ("sites.csv", &sites), ("travel.csv", &travel)])),
        ["travel.csv:5:1: A to KIPP-VIC is already on line 2; remove one"]
    );
}

#[test]
fn requests() {
    let row = "SR-1,X,SPL,,urgent,tele,250,8,20,375,mon 8:30-11:00,SLP-99,planned\n";
    assert_eq!(
        faults_of(folder_with("requests.csv", row)),
        [
            "requests.csv:2:2: site: there is no site X; add it to sites.csv or correct the code",
            "requests.csv:2:3: discipline: no specialist holds the discipline SPL; the disciplines held are SLP",
            "requests.csv:2:5: priority: \"urgent\" is not allowed; write mandated, evaluation, consult",
            "requests.csv:2:6: mode: \"tele\" is not allowed; write in_person, teletherapy",
            "requests.csv:2:7: minutes_per_week: 250 is not a multiple of 15; write 240 or 255",
            "requests.csv:2:8: visits_per_week_max: \"8\" is not allowed; write a whole number from 1 to 7",
            "requests.csv:2:9: visit_minutes_min: 20 is not a multiple of 15; write 15 or 30",
            "requests.csv:2:10: visit_minutes_max: \"375\" is not allowed; write a whole number from 15 to 360",
            "requests.csv:2:11: windows: \"8:30\" is not a time; write HH:MM, like 08:30",
            "requests.csv:2:12: current_specialist: there is no specialist SLP-99; add it to specialists.csv or correct the code",
            "requests.csv:2:13: state: \"planned\" is not allowed; write draft, submitted, accepted",
        ]
    );
}

#[test]
fn figures_of_a_request_that_cannot_hold_together() {
    let fault = |from: &str, to: &str| faults_of(folder_with("requests.csv", &REQUEST.replace(from, to)));
    assert_eq!(
        fault(",30,120,", ",45,30,"),
        ["requests.csv:2:10: the longest visit, 30, is shorter than the shortest, 45"]
    );
    assert_eq!(
        fault(",240,3,30,120,", ",30,3,60,120,"),
        ["requests.csv:2:9: the shortest visit, 60, is longer than the week's 30"]
    );
    assert_eq!(
        fault(",240,3,", ",375,3,"),
        [
            "requests.csv:2:8: 3 visits of at most 120 minutes cannot hold 375 minutes a week; allow more or longer visits"
        ]
    );
    assert_eq!(
        fault("mon 08:30-11:00", "mon 08:30-08:50"),
        [
            "requests.csv:2:11: mon 08:30-08:50 is shorter than the shortest visit, 30 minutes; lengthen the window or leave it out"
        ]
    );
    assert_eq!(
        fault("wed 12:00", "mon 10:30"),
        ["requests.csv:2:11: windows: mon: 08:30-11:00 and 10:30-14:45 overlap; join them or move one"]
    );
    assert_eq!(
        fault("mon 08:30-11:00; wed 12:00-14:45", ";"),
        ["requests.csv:2:11: windows: no window; write at least one, like mon 08:30-11:00"]
    );
}

#[test]
fn one_fault_does_not_become_many() {
    // The site's date is wrong; the request, the specialist and the travel of that site are not faults as well.
    let site = VICTORY.replace("2026-07-01", "someday");
    assert_eq!(
        faults_of(folder_with("sites.csv", &site)),
        ["sites.csv:2:8: open_from: \"someday\" is not a date; write YYYY-MM-DD, like 2026-08-17"]
    );
}

#[test]
fn faults_of_all_files_come_together() {
    let members = format!("{MEMBERS}{}", KIPP.replace("2026-07-01", ""));
    let travel = format!("{TRAVEL}A,B,1,1,no\n");
    let files: Vec<String> = faults_of(read_folder(&[("travel.csv", &travel), ("members.csv", &members)]));
    assert_eq!(files.iter().map(|line| &line[..11]).collect::<Vec<_>>(), ["members.csv", "travel.csv:", "travel.csv:"]);
}
