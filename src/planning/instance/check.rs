//! The content of an instance: codes, ranges, tables, and fixed visits that break a hard rule.

use std::collections::BTreeSet;

use crate::domain::fault::{Fault, Faults};
use crate::planning::verify;

use super::*;

/// Longest code and name.
const TEXT_CHARACTERS_MAX: usize = 200;

/// Codes that may be referred to.
struct Codes<'a> {
    members: BTreeSet<&'a str>,
    sites: BTreeSet<&'a str>,
    specialists: BTreeSet<&'a str>,
    requests: BTreeSet<&'a str>,
}

/// Every fault of the content.
pub(super) fn faults(instance: &Instance) -> Vec<Fault> {
    let mut faults = Faults::default();
    format(&mut faults, instance);
    text(&mut faults, "/name", &instance.name);
    let unit = instance.unit_minutes;
    faults.require((5..=120).contains(&unit) && unit.is_multiple_of(5), "/unit_minutes", || {
        "must be a multiple of 5 from 5 to 120".to_string()
    });
    sizes(&mut faults, instance);
    let codes = Codes {
        members: unique(&mut faults, "members", instance.members.iter().map(|member| member.code.as_str())),
        sites: unique(&mut faults, "sites", instance.sites.iter().map(|site| site.code.as_str())),
        specialists: unique(&mut faults, "specialists", instance.specialists.iter().map(|one| one.code.as_str())),
        requests: unique(&mut faults, "requests", instance.requests.iter().map(|one| one.code.as_str())),
    };
    for (index, site) in instance.sites.iter().enumerate() {
        refers(&mut faults, &format!("/sites/{index}/member"), "member", &codes.members, &site.member);
        text(&mut faults, &format!("/sites/{index}/name"), &site.name);
    }
    for (index, member) in instance.members.iter().enumerate() {
        text(&mut faults, &format!("/members/{index}/name"), &member.name);
    }
    travel(&mut faults, instance, &codes);
    for (index, specialist) in instance.specialists.iter().enumerate() {
        check_specialist(&mut faults, &format!("/specialists/{index}"), specialist, &codes);
    }
    for (index, request) in instance.requests.iter().enumerate() {
        check_request(&mut faults, &format!("/requests/{index}"), request, unit, &codes);
    }
    supervision(&mut faults, instance, &codes);
    credentials(&mut faults, instance);
    policy(&mut faults, &instance.policy);
    for (index, fixed) in instance.fixed.iter().enumerate() {
        let place = format!("/fixed/{index}");
        refers(&mut faults, &format!("{place}/specialist"), "specialist", &codes.specialists, &fixed.specialist);
        refers(&mut faults, &format!("{place}/request"), "request", &codes.requests, &fixed.request);
        faults.require(fixed.starts < fixed.ends, &format!("{place}/ends"), || "must be later than starts".to_string());
    }
    // Rules can be tested only on an instance whose codes and tables are sound.
    if faults.is_empty() {
        for broken in verify::broken_by_fixed(instance) {
            faults.note("/fixed", format!("the fixed visits break a hard rule: {broken}"));
        }
    }
    faults.into_result().err().unwrap_or_default()
}

fn format(faults: &mut Faults, instance: &Instance) {
    let known = age(&instance.format).is_some();
    let all = INSTANCE_FORMATS.map(|format| format!("\"{format}\"")).join(", ");
    faults.require(known, "/format", || format!("must be one of {all}"));
    let needed = instance.format_needed();
    faults.require(!known || age(&instance.format) >= age(needed), "/format", || {
        format!("must be \"{needed}\" for the keys that are used")
    });
}

fn sizes(faults: &mut Faults, instance: &Instance) {
    for (name, found, most) in [
        ("members", instance.members.len(), MEMBERS_MAX),
        ("sites", instance.sites.len(), SITES_MAX),
        ("specialists", instance.specialists.len(), SPECIALISTS_MAX),
        ("requests", instance.requests.len(), REQUESTS_MAX),
    ] {
        faults
            .require(found <= most, &format!("/{name}"), || format!("has {found} entries; at most {most} are allowed"));
    }
}

fn text(faults: &mut Faults, place: &str, text: &str) {
    let sound = text.chars().count() <= TEXT_CHARACTERS_MAX && !text.chars().any(char::is_control);
    faults.require(sound && !text.trim().is_empty(), place, || {
        format!("must be 1 to {TEXT_CHARACTERS_MAX} characters without control characters")
    });
}

fn unique<'a>(faults: &mut Faults, list: &str, codes: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    for (index, code) in codes.enumerate() {
        let place = format!("/{list}/{index}/code");
        text(faults, &place, code);
        faults.require(seen.insert(code), &place, || format!("\"{code}\" is already used; codes are unique"));
    }
    seen
}

fn refers(faults: &mut Faults, place: &str, kind: &str, known: &BTreeSet<&str>, code: &str) {
    faults.require(known.contains(code), place, || format!("there is no {kind} \"{code}\""));
}

fn minutes(faults: &mut Faults, place: String, minutes: u32) {
    faults.require(minutes <= MINUTES_MAX, &place, || format!("must be at most {MINUTES_MAX} minutes"));
}

fn cents(faults: &mut Faults, place: &str, cents: i64) {
    faults.require((0..=CENTS_MAX).contains(&cents), place, || format!("must be 0 to {CENTS_MAX} cents"));
}

fn travel(faults: &mut Faults, instance: &Instance, codes: &Codes) {
    let Travel { sites, minutes, miles } = &instance.travel;
    let mut seen = BTreeSet::new();
    for (index, site) in sites.iter().enumerate() {
        let place = format!("/travel/sites/{index}");
        refers(faults, &place, "site", &codes.sites, site);
        faults.require(seen.insert(site.as_str()), &place, || format!("\"{site}\" is listed twice"));
    }
    for missing in codes.sites.difference(&seen) {
        faults.note("/travel/sites", format!("the site \"{missing}\" is missing from the travel table"));
    }
    square(faults, "/travel/minutes", sites.len(), minutes, |drive| *drive <= 24 * 60, "0 to 1440 minutes");
    if let Some(miles) = miles {
        let sound = |drive: &f64| drive.is_finite() && (0.0..=2_000.0).contains(drive);
        square(faults, "/travel/miles", sites.len(), miles, sound, "0 to 2000 miles");
    }
    for (index, row) in minutes.iter().enumerate() {
        faults.require(
            row.get(index).is_none_or(|drive| *drive == 0),
            &format!("/travel/minutes/{index}/{index}"),
            || "must be 0: a site is no drive away from itself".to_string(),
        );
    }
}

fn square<T>(faults: &mut Faults, place: &str, side: usize, rows: &[Vec<T>], sound: impl Fn(&T) -> bool, range: &str) {
    faults.require(rows.len() == side, place, || {
        format!("has {} rows for {side} sites; the table must be square", rows.len())
    });
    for (index, row) in rows.iter().enumerate() {
        let place = format!("{place}/{index}");
        faults.require(row.len() == side, &place, || {
            format!("has {} entries for {side} sites; the table must be square", row.len())
        });
        for (column, _) in row.iter().enumerate().filter(|(_, drive)| !sound(drive)) {
            faults.note(format!("{place}/{column}"), format!("must be {range}"));
        }
    }
}

fn check_specialist(faults: &mut Faults, place: &str, specialist: &Specialist, codes: &Codes) {
    faults.require(!specialist.disciplines.is_empty(), &format!("{place}/disciplines"), || {
        "must name at least one discipline".to_string()
    });
    for (index, discipline) in specialist.disciplines.iter().enumerate() {
        text(faults, &format!("{place}/disciplines/{index}"), discipline);
    }
    for (index, qualification) in specialist.qualifications.iter().enumerate() {
        text(faults, &format!("{place}/qualifications/{index}"), qualification);
    }
    match &specialist.employer {
        Employer::Member { member } => {
            refers(faults, &format!("{place}/employer/member"), "member", &codes.members, member)
        }
        Employer::Agency { name } => text(faults, &format!("{place}/employer/name"), name),
        Employer::Coop => {}
    }
    faults.require(
        specialist.lendable_minutes_per_week_max.is_none() || matches!(specialist.employer, Employer::Member { .. }),
        &format!("{place}/lendable_minutes_per_week_max"),
        || "only a member's specialist is lent; remove it".to_string(),
    );
    refers(faults, &format!("{place}/home_site"), "site", &codes.sites, &specialist.home_site);
    for (key, limit) in [
        ("direct_minutes_per_week_max", Some(specialist.direct_minutes_per_week_max)),
        ("direct_minutes_per_day_max", specialist.direct_minutes_per_day_max),
        ("lendable_minutes_per_week_max", specialist.lendable_minutes_per_week_max),
        ("travel_minutes_per_day_max", specialist.travel_minutes_per_day_max),
        ("reach_minutes_max", specialist.reach_minutes_max),
    ] {
        minutes(faults, format!("{place}/{key}"), limit.unwrap_or(0));
    }
    for (key, limit) in [
        ("sites_per_day_max", specialist.sites_per_day_max),
        ("sites_per_week_max", specialist.sites_per_week_max),
        ("requests_max", specialist.requests_max),
    ] {
        faults.require(limit != Some(0), &format!("{place}/{key}"), || "must be at least 1".to_string());
    }
    let pause = specialist.break_minutes;
    faults.require(pause <= 180 && pause.is_multiple_of(5), &format!("{place}/break_minutes"), || {
        "must be a multiple of 5 from 0 to 180".to_string()
    });
    cents(faults, &format!("{place}/cost_cents_per_hour"), specialist.cost_cents_per_hour);
    let block = specialist.evaluation_block_minutes;
    let sound = block <= EVALUATION_BLOCK_MAX && block.is_multiple_of(5);
    faults.require(sound, &format!("{place}/evaluation_block_minutes"), || {
        format!("must be a multiple of 5 from 0 to {EVALUATION_BLOCK_MAX}")
    });
}

/// Supervisors are other specialists who are no assistants themselves.
fn supervision(faults: &mut Faults, instance: &Instance, codes: &Codes) {
    let people = &instance.specialists;
    let assistants: BTreeSet<&str> =
        people.iter().filter(|one| one.is_assistant()).map(|one| one.code.as_str()).collect();
    for (row, specialist) in people.iter().enumerate() {
        let mut seen = BTreeSet::new();
        for (index, supervisor) in specialist.supervisors.iter().enumerate() {
            let place = format!("/specialists/{row}/supervisors/{index}");
            refers(faults, &place, "specialist", &codes.specialists, supervisor);
            faults.require(seen.insert(supervisor), &place, || format!("\"{supervisor}\" is listed twice"));
            if *supervisor == specialist.code {
                faults.note(place, "nobody supervises their own visits; name somebody else");
            } else if assistants.contains(supervisor.as_str()) {
                faults.note(place, format!("\"{supervisor}\" has supervisors too; an assistant supervises nobody"));
            }
        }
    }
}

/// Ends of credentials are of disciplines that are held, and need a day to be held against.
fn credentials(faults: &mut Faults, instance: &Instance) {
    for (row, specialist) in instance.specialists.iter().enumerate() {
        for discipline in specialist.credentials_until.keys() {
            let key = discipline.replace('~', "~0").replace('/', "~1");
            faults.require(
                specialist.disciplines.contains(discipline),
                &format!("/specialists/{row}/credentials_until/{key}"),
                || format!("\"{discipline}\" is not among the disciplines of this specialist"),
            );
        }
    }
    let ends = instance.specialists.iter().any(|one| !one.credentials_until.is_empty());
    faults.require(!ends || instance.effective_from.is_some(), "/effective_from", || {
        "must be there where a specialist has credentials_until: the first day of the plan, like 2027-01-04".to_string()
    });
}

fn check_request(faults: &mut Faults, place: &str, request: &ServiceRequest, unit: u32, codes: &Codes) {
    refers(faults, &format!("{place}/site"), "site", &codes.sites, &request.site);
    text(faults, &format!("{place}/discipline"), &request.discipline);
    for (index, qualification) in request.qualifications.iter().enumerate() {
        text(faults, &format!("{place}/qualifications/{index}"), qualification);
    }
    let VisitMinutes { min, max } = request.visit_minutes;
    for (key, length) in
        [("minutes_per_week", request.minutes_per_week), ("visit_minutes/min", min), ("visit_minutes/max", max)]
    {
        let whole = unit == 0 || length.is_multiple_of(unit);
        faults.require((1..=MINUTES_MAX).contains(&length) && whole, &format!("{place}/{key}"), || {
            format!("must be a multiple of {unit} minutes from {unit} to {MINUTES_MAX}")
        });
    }
    faults.require(min <= max, &format!("{place}/visit_minutes"), || {
        format!("the shortest visit ({min}) is longer than the longest ({max})")
    });
    faults.require((1..=7).contains(&request.visits_per_week_max), &format!("{place}/visits_per_week_max"), || {
        "must be 1 to 7".to_string()
    });
    if let Some(current) = &request.current_specialist {
        refers(faults, &format!("{place}/current_specialist"), "specialist", &codes.specialists, current);
    }
}

fn policy(faults: &mut Faults, policy: &Policy) {
    cents(faults, "/policy/travel_cents_per_mile", policy.travel_cents_per_mile.unwrap_or(0));
    for (discipline, rate) in &policy.agency_cents_per_hour {
        let key = discipline.replace('~', "~0").replace('/', "~1");
        cents(faults, &format!("/policy/agency_cents_per_hour/{key}"), *rate);
    }
    minutes(faults, "/policy/min_minutes_at_site".to_string(), policy.min_minutes_at_site);
    let percent = policy.person_member_share_max_percent;
    faults.require((1..=100).contains(&percent), "/policy/person_member_share_max_percent", || {
        "must be 1 to 100".to_string()
    });
}
