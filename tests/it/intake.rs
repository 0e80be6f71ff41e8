//! Tests of `intake` through its public face.

mod demo;
mod estimate;
mod faults;
mod rows;

use std::collections::BTreeMap;

use coop_scheduler::intake::{FileFault, Intake, Known, estimate as estimates, read};

/// Reads a folder given as names and texts, into an empty database.
fn read_folder(files: &[(&str, &str)]) -> Result<Intake, Vec<FileFault>> {
    read_into(files, &Known::default())
}

fn read_into(files: &[(&str, &str)], known: &Known) -> Result<Intake, Vec<FileFault>> {
    let files: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    read(&files, known, &estimates::Settings::default())
}

const MEMBERS: &str = "code,name,member_from,member_until,contact_name,contact_email\n";
const SITES: &str = "code,member,name,address,latitude,longitude,coordinates_source,open_from,open_until\n";
const SPECIALISTS: &str = "code,name,email,disciplines,qualifications,employer,home_site,effective_from,\
    effective_until,direct_minutes_per_week_max,direct_minutes_per_day_max,lendable_minutes_per_week_max,\
    sites_per_day_max,travel_minutes_per_day_max,reach_minutes_max,break_minutes,cost_per_hour\n";
const AVAILABILITY: &str = "specialist,weekday,starts,ends,effective_from,effective_until\n";
const TRAVEL: &str = "from_site,to_site,minutes,miles,estimated\n";
const REQUESTS: &str = "code,site,discipline,qualifications,priority,mode,minutes_per_week,visits_per_week_max,\
    visit_minutes_min,visit_minutes_max,windows,current_specialist,state\n";

const KIPP: &str = "KIPP,KIPP St. Louis,2026-07-01,,Emery Violet,kipp@coop.example.org\n";
const VICTORY: &str = "KIPP-VIC,KIPP,Victory,955 Arcade Ave,38.6270,-90.2680,by hand,2026-07-01,\n";
const SLP: &str = "SLP-01,Nora Alder,slp-01@coop.example.org,SLP,spanish,member:KIPP,KIPP-VIC,2026-07-01,,\
    1320,330,480,3,75,40,30,58.40\n";
const REQUEST: &str = "SR-1,KIPP-VIC,SLP,,mandated,,240,3,30,120,mon 08:30-11:00; wed 12:00-14:45,SLP-01,\n";

/// A sound folder, in which `rows` of one file are replaced.
fn folder_with(file: &str, rows: &str) -> Result<Intake, Vec<FileFault>> {
    let availability = "SLP-01,mon,07:45,15:45,2026-07-01,\n";
    let folder = [
        ("members.csv", MEMBERS, KIPP),
        ("sites.csv", SITES, VICTORY),
        ("specialists.csv", SPECIALISTS, SLP),
        ("availability.csv", AVAILABILITY, availability),
        ("travel.csv", TRAVEL, ""),
        ("requests.csv", REQUESTS, REQUEST),
    ];
    let texts =
        folder.map(|(name, header, sound)| (name, format!("{header}{}", if name == file { rows } else { sound })));
    read_folder(&texts.iter().map(|(name, text)| (*name, text.as_str())).collect::<Vec<_>>())
}

/// The faults of a folder, each as one line.
fn faults_of(result: Result<Intake, Vec<FileFault>>) -> Vec<String> {
    result.expect_err("the folder has faults").iter().map(FileFault::to_string).collect()
}
