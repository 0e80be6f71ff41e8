//! The folders that ship with the product are sound.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use coop_scheduler::intake::{Intake, Known, estimate, read};

fn read_shipped(folder: &str) -> Intake {
    let count = if folder == "config/demo" { 6 } else { 7 };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("the folder ships").map(|entry| entry.expect("readable").path()) {
        if entry.extension().is_some_and(|extension| extension == "csv") {
            let name = entry.file_name().expect("a name").to_string_lossy().into_owned();
            files.insert(name, fs::read(&entry).expect("readable"));
        }
    }
    assert_eq!(files.len(), count, "all files ship; the demo has no credentials yet");
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
