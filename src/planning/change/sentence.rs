//! A change in plain words.

use serde_json::Value;

use super::{Change, HireEmployer, new_minutes};
use crate::domain::calendar::{Interval, Weekday, WeeklyHours};
use crate::planning::instance::Instance;

impl Change {
    /// The change in plain words, without a full stop: `Open Tuesday 07:30-09:00 at KIPP Victory for SR-2026-0007`.
    pub fn sentence(&self, instance: &Instance) -> String {
        let at = |request: &str| request_site(instance, request);
        match self {
            Change::OpenWindow { request, day, starts, ends } => {
                format!("Open {} {starts}-{ends}{} for {request}", day.name(), at(request))
            }
            Change::SetWindows { request, windows } => {
                format!("Set the windows of {request}{} to {}", at(request), hours(windows))
            }
            Change::VisitLength { request, min, max } if min == max => {
                format!("Allow visits of {min} min for {request}{}", at(request))
            }
            Change::VisitLength { request, min, max } => {
                format!("Allow visits of {min} to {max} min for {request}{}", at(request))
            }
            Change::VisitsPerWeek { request, max } => {
                let visits = if *max == 1 { "visit" } else { "visits" };
                format!("Allow {max} {visits} a week for {request}{}", at(request))
            }
            Change::RequestMinutes { request, minutes_per_week } => {
                format!("Ask for {minutes_per_week} min a week for {request}{}", at(request))
            }
            Change::AddRequest { request } => format!(
                "Add {}: {} min a week of {} at {}",
                request.code,
                request.minutes_per_week,
                request.discipline,
                site_name(instance, &request.site)
            ),
            Change::RemoveRequest { request } => format!("Remove {request}{}", at(request)),
            Change::CloseSite { site, days } => {
                let days = days.as_ref().map_or(String::new(), |days| format!(" on {}", named(days)));
                format!("Close {}{days}", site_name(instance, site))
            }
            Change::Mileage { cents_per_mile } => format!("Pay {} a mile", dollars(*cents_per_mile)),
            Change::AgencyPay { discipline, cents_per_hour } => {
                format!("An agency charges {} an hour for {discipline}", dollars(*cents_per_hour))
            }
            Change::Policy(keys) => {
                let set: Vec<String> =
                    keys.iter().map(|(key, value)| format!("{} {}", plain(key), told(value))).collect();
                format!("Set the co-op's rules: {}", set.join(", "))
            }
            _ => self.sentence_of_specialist(instance),
        }
    }

    /// The changes that are about one person.
    fn sentence_of_specialist(&self, instance: &Instance) -> String {
        match self {
            Change::LendMore { specialist, minutes } => {
                format!("Let {specialist} give {minutes} more min a week to other members")
            }
            Change::LongerWeek { specialist, minutes } => {
                format!("Extend {specialist}'s week by {minutes} minutes")
            }
            Change::LongerDay { specialist, minutes } => format!("Extend {specialist}'s days by {minutes} minutes"),
            Change::LongerHours { specialist, day, starts, ends } => {
                format!("Let {specialist} work {} {starts}-{ends}", day.name())
            }
            Change::DriveFurther { specialist, minutes } => format!("Let {specialist} drive {minutes} min further"),
            Change::MoreSites { specialist, sites } => {
                format!("Let {specialist} visit {sites} more {} a day", if *sites == 1 { "site" } else { "sites" })
            }
            Change::MoreSitesAWeek { specialist, sites } => {
                format!(
                    "Let {specialist} go to {sites} more {} in the week",
                    if *sites == 1 { "site" } else { "sites" }
                )
            }
            Change::MoreRequests { specialist, requests } => {
                format!(
                    "Let {specialist} serve {requests} more {}",
                    if *requests == 1 { "request" } else { "requests" }
                )
            }
            Change::SuperviseMore { specialist, day, starts, ends } => {
                let found = instance.specialists.iter().find(|one| one.code == *specialist);
                let interval = Interval::new(*starts, *ends).ok();
                let more = found.zip(interval).map_or(0, |(one, interval)| new_minutes(one, *day, interval).0);
                format!("{more} more minutes of supervision by {specialist}, {} {starts}-{ends}", day.name())
            }
            Change::AddQualification { specialist, qualification } => {
                format!("Give {specialist} the qualification {qualification}")
            }
            Change::AddDiscipline { specialist, discipline } => format!("Let {specialist} also give {discipline}"),
            Change::AddSpecialist { specialist } => format!(
                "Add {} ({}) with {} minutes a week",
                specialist.code,
                specialist.disciplines.join(", "),
                specialist.direct_minutes_per_week_max
            ),
            Change::Hire { discipline, minutes_per_week, qualifications, employer, cents_per_hour, .. } => {
                let verb = match employer {
                    HireEmployer::Coop => "Hire",
                    HireEmployer::Agency => "Buy from an agency",
                };
                let with = if qualifications.is_empty() {
                    String::new()
                } else {
                    format!(" with {}", qualifications.join(", "))
                };
                format!(
                    "{verb} {minutes_per_week} minutes of {discipline} a week{with} at {} an hour",
                    dollars(*cents_per_hour)
                )
            }
            Change::RemoveSpecialist { specialist } => format!("Plan without {specialist}"),
            Change::Absence { specialist, days } => format!("{specialist} is away on {}", named(days)),
            Change::Pay { specialist, cents_per_hour } => {
                format!("Pay {specialist} {} an hour", dollars(*cents_per_hour))
            }
            // Every other kind has its words in `sentence`.
            _ => format!("{} {}", self.kind().replace('_', " "), instance.name),
        }
    }
}

/// ` at KIPP Victory`, or nothing for a request that is not in the instance.
fn request_site(instance: &Instance, request: &str) -> String {
    let found = instance.requests.iter().find(|one| one.code == request);
    found.map_or(String::new(), |one| format!(" at {}", site_name(instance, &one.site)))
}

fn site_name<'a>(instance: &'a Instance, code: &'a str) -> &'a str {
    instance.sites.iter().find(|site| site.code == code).map_or(code, |site| &site.name)
}

/// `Monday, Tuesday and Friday`.
fn named(days: &[Weekday]) -> String {
    let names: Vec<&str> = days.iter().map(|day| day.name()).collect();
    match names.split_last() {
        None => "no day".to_string(),
        Some((only, [])) => (*only).to_string(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
    }
}

fn hours(hours: &WeeklyHours) -> String {
    let days: Vec<String> = hours
        .days()
        .map(|(day, intervals)| {
            let times: Vec<String> = intervals.iter().map(ToString::to_string).collect();
            format!("{} {}", day.name(), times.join(", "))
        })
        .collect();
    if days.is_empty() { "none".to_string() } else { days.join("; ") }
}

/// `$61.50`.
fn dollars(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}${}.{:02}", cents.unsigned_abs() / 100, cents.unsigned_abs() % 100)
}

fn plain(name: &str) -> String {
    name.replace('_', " ")
}

fn told(value: &Value) -> String {
    match value {
        Value::String(text) => plain(text),
        Value::Object(entries) => {
            let parts: Vec<String> = entries.iter().map(|(key, value)| format!("{key} {}", told(value))).collect();
            parts.join(", ")
        }
        other => other.to_string(),
    }
}
