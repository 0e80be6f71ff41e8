//! The folders that ship with the product are sound.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use coop_scheduler::intake::{Intake, Known, estimate, read};

fn read_shipped(folder: &str) -> Intake {
    read_with(folder, None)
}

/// The same with a file from somewhere else.
fn read_with(folder: &str, more: Option<(&str, Vec<u8>)>) -> Intake {
    let count = if folder == "config/demo" { 6 } else { 7 };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("the folder ships").map(|entry| entry.expect("readable").path()) {
        if entry.extension().is_some_and(|extension| extension == "csv") {
            let name = entry.file_name().expect("a name").to_string_lossy().into_owned();
            files.insert(name, fs::read(&entry).expect("readable"));
        }
    }
    assert_eq!(files.len(), count, "all files ship; credentials of the demo stand apart, as its calendars do");
    files.extend(more.map(|(name, bytes)| (name.to_owned(), bytes)));
    read(&files, &Known::default(), &estimate::Settings::default())
        .unwrap_or_else(|faults| panic!("{}", faults.iter().map(|fault| format!("{fault}\n")).collect::<String>()))
}

#[test]
fn the_template_is_sound() {
    let intake = read_shipped("docs/import-template");
    assert!(!intake.members.is_empty() && !intake.requests.is_empty() && !intake.availability.is_empty());
    assert!(!intake.credentials.is_empty());
}

#[test]
fn the_demo_is_sound_and_everybody_takes_part() {
    let intake = read_shipped("config/demo");
    assert_eq!(intake.members.len(), 8);
    let member_of: BTreeMap<_, _> = intake.sites.iter().map(|site| (&site.code, &site.member)).collect();
    let asking: BTreeSet<_> = intake.requests.iter().map(|request| member_of[&request.site]).collect();
    assert_eq!(asking.len(), 8, "every member asks for something");
    let scheduled: BTreeSet<_> = intake.availability.iter().map(|row| &row.specialist).collect();
    assert_eq!(scheduled.len(), intake.specialists.len(), "every specialist has hours");
    let pairs = intake.sites.len() * (intake.sites.len() - 1);
    assert_eq!(intake.travel.len(), pairs, "every pair of sites is joined, both ways");
}

#[test]
fn the_demo_has_a_request_that_nobody_is_qualified_for() {
    let intake = read_shipped("config/demo");
    let unmet = intake.requests.iter().filter(|request| {
        !intake.specialists.iter().any(|specialist| {
            specialist.disciplines.contains(&request.discipline)
                && request.qualifications.is_subset(&specialist.qualifications)
        })
    });
    assert_eq!(unmet.count(), 3);
}

#[test]
fn every_address_of_the_demo_is_reserved_for_examples() {
    let intake = read_shipped("config/demo");
    let members = intake.members.iter().map(|member| &member.contact_email);
    for email in members.chain(intake.specialists.iter().map(|specialist| &specialist.email)) {
        assert!(email.ends_with("@coop.example.org"), "{email}");
    }
}

#[test]
fn every_specialist_of_the_demo_has_credentials_and_one_ends_in_its_term() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/demo/credentials/credentials.csv");
    let intake = read_with("config/demo", Some(("credentials.csv", fs::read(file).expect("readable"))));
    let holders: BTreeSet<_> = intake.credentials.iter().map(|row| &row.specialist).collect();
    assert_eq!(holders.len(), intake.specialists.len());
    let (first, last) = ("2027-01-04".parse().expect("a day"), "2027-05-28".parse().expect("a day"));
    assert!(intake.credentials.iter().all(|row| row.fields.period().contains(first)), "all are valid when it begins");
    let ending: Vec<&str> = intake
        .credentials
        .iter()
        .filter(|row| !row.fields.period().contains(last))
        .map(|row| row.specialist.as_str())
        .collect();
    assert_eq!(ending, ["OT-03"]);
}
