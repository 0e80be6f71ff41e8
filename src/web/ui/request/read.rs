//! What is typed into the form of a request, read, and what is stored as it would be typed.

use std::collections::BTreeMap;

use super::form::{Offered, PRIORITIES, TIMES_MAX, count_rows};
use crate::domain::calendar::{Interval, WallClock, Weekday, WeeklyHours};
use crate::domain::fault::Faults;
use crate::domain::ids::SpecialistId;
use crate::domain::service_request::{Mode, ServiceRequestFields, UNIT_MINUTES, VisitMinutes};
use crate::operations::OperationError;
use crate::web::ui::typed::Typed;
use crate::web::ui::wording;

/// Adds a row of times, or takes one away, as a button of the form says. Whether it did.
pub(super) fn rearranged(typed: &mut Typed) -> bool {
    let count = count_rows(typed);
    let wanted = typed.one("do").to_owned();
    if wanted == "add" {
        if count < TIMES_MAX {
            for name in ["day", "from", "to"] {
                let first = typed.one(&format!("{name}-0")).to_owned();
                typed.set(&format!("{name}-0"), first);
                typed.set(&format!("{name}-{count}"), "");
            }
        }
        return true;
    }
    let Some(gone) = wanted.strip_prefix("remove-").and_then(|number| number.parse::<usize>().ok()) else {
        return false;
    };
    for name in ["day", "from", "to"] {
        for number in gone..count {
            let next = typed.one(&format!("{name}-{}", number + 1)).to_owned();
            typed.set(&format!("{name}-{number}"), next);
        }
        typed.0.retain(|(known, _)| *known != format!("{name}-{}", count - 1) || count == 1);
    }
    true
}

/// What was typed. Who gives these visits today is no entry of the form and stays.
///
/// # Errors
/// Every entry that cannot be read.
pub(super) fn read(
    typed: &Typed,
    offered: &Offered,
    current_specialist_id: Option<SpecialistId>,
) -> Result<ServiceRequestFields, OperationError> {
    let mut faults = Faults::default();
    let site = offered.sites.iter().find(|site| site.id.to_string() == typed.one("school"));
    faults.require(site.is_some(), "/school", || "Choose a school".to_owned());
    let discipline = offered.disciplines.iter().find(|one| one.code == typed.one("service"));
    faults.require(discipline.is_some(), "/service", || "Choose a service".to_owned());
    let term = offered.terms.iter().find(|term| term.id.to_string() == typed.one("term"));
    faults.require(term.is_some(), "/term", || "Choose a term".to_owned());
    let minutes = whole(typed, &mut faults, ("minutes", "minutes a week", "60"), 15..=3000);
    let visits = whole(typed, &mut faults, ("visits", "visits a week", "2"), 1..=7);
    let visit_minutes = lengths(typed, &mut faults, minutes.zip(visits));
    let windows = times(typed, &mut faults, visit_minutes.map(|one| one.min));
    let priority = PRIORITIES.iter().find(|one| one.1 == typed.one("priority")).map(|one| one.0);
    faults.require(priority.is_some(), "/priority", || "Choose why it is needed".to_owned());
    let consent_on = typed.date_or_none(&mut faults, "consent_on", "day of the consent");
    let mode = if typed.one("mode") == "teletherapy" { Mode::Teletherapy } else { Mode::InPerson };
    let faults = faults.into_vec();
    match (site, discipline, term, minutes, visits, visit_minutes, windows, priority) {
        (
            Some(site),
            Some(discipline),
            Some(term),
            Some(minutes_per_week),
            Some(visits_per_week_max),
            Some(visit_minutes),
            Some(windows),
            Some(priority),
        ) if faults.is_empty() => Ok(ServiceRequestFields {
            site_id: site.id,
            term_id: term.id,
            discipline: discipline.code.clone(),
            qualifications: typed.all("qualification").map(str::to_owned).collect(),
            priority,
            mode,
            minutes_per_week,
            visits_per_week_max,
            visit_minutes,
            windows,
            current_specialist_id,
            consent_on,
        }),
        _ => Err(OperationError::Invalid(faults)),
    }
}

fn whole(
    typed: &Typed,
    faults: &mut Faults,
    (name, words, example): (&str, &str, &str),
    range: std::ops::RangeInclusive<i64>,
) -> Option<i64> {
    let number = typed.one(name).parse().ok().filter(|number| range.contains(number));
    faults.require(number.is_some(), &format!("/{name}"), || {
        let (least, most) = (wording::thousands(*range.start()), wording::thousands(*range.end()));
        format!("Enter {words} as a number from {least} to {most}, like {example}")
    });
    number
}

/// Shortest and longest visit: as typed, or of equal length.
fn lengths(typed: &Typed, faults: &mut Faults, amount: Option<(i64, i64)>) -> Option<VisitMinutes> {
    if typed.one("shortest").is_empty() && typed.one("longest").is_empty() {
        let (minutes, visits) = amount?;
        let each = minutes / visits;
        if minutes % visits == 0 && each % UNIT_MINUTES == 0 {
            return Some(VisitMinutes { min: each, max: each });
        }
        let times = if visits == 1 { "1 visit".to_owned() } else { format!("{visits} equal visits") };
        let next = (minutes / (visits * UNIT_MINUTES) + 1) * visits * UNIT_MINUTES;
        faults.note(
            "/minutes",
            format!(
                "{minutes} minutes do not make {times} of whole {UNIT_MINUTES} minutes. Try {next}, or enter the shortest and the \
                 longest visit"
            ),
        );
        return None;
    }
    let mut one = |name: &str, words: &str, other: &str| match typed.one(name) {
        "" => typed.one(other).parse().ok(),
        _ => whole(typed, faults, (name, words, "30"), 15..=360),
    };
    let (min, max) =
        (one("shortest", "the shortest visit", "longest"), one("longest", "the longest visit", "shortest"));
    min.zip(max).map(|(min, max)| VisitMinutes { min, max })
}

/// The times of the week. A row that is wholly empty says nothing.
fn times(typed: &Typed, faults: &mut Faults, shortest: Option<i64>) -> Option<WeeklyHours> {
    let mut days: BTreeMap<Weekday, Vec<Interval>> = BTreeMap::new();
    let mut is_sound = true;
    for number in 0..count_rows(typed) {
        let one = |name: &str| typed.one(&format!("{name}-{number}"));
        if one("from").is_empty() && one("to").is_empty() {
            continue;
        }
        let place = format!("/from-{number}");
        let clock = |text: &str| text.parse::<WallClock>().ok();
        let (day, from, to) = (one("day").parse::<Weekday>().ok(), clock(one("from")), clock(one("to")));
        let (Some(day), Some(from), Some(to)) = (day, from, to) else {
            faults.note(
                place,
                "Choose a day and enter both times on steps of five minutes, like 08:30 and 11:00".to_owned(),
            );
            is_sound = false;
            continue;
        };
        let name = day.name();
        match Interval::new(from, to) {
            Err(_) => {
                faults.note(place, format!("{name}'s end time must be after its start time"));
                is_sound = false;
            }
            Ok(time) => {
                let length = i64::from(time.minutes());
                if let Some(shortest) = shortest.filter(|shortest| *shortest > length) {
                    faults.note(
                        place,
                        format!("The shortest visit is {shortest} minutes, but {name}'s time is only {length}"),
                    );
                    is_sound = false;
                }
                days.entry(day).or_default().push(time);
            }
        }
    }
    if days.is_empty() {
        faults
            .require(!is_sound, "/windows", || "Enter at least one time when the school is open to visits".to_owned());
        return None;
    }
    match WeeklyHours::new(days) {
        Ok(hours) => Some(hours),
        Err(_) => {
            faults.note("/windows", "Two of these times overlap: join them, or move one".to_owned());
            None
        }
    }
}

/// What is stored, as it would be typed.
pub(super) fn typed_of(fields: &ServiceRequestFields) -> Typed {
    let mut typed = Typed::default();
    let priority = PRIORITIES.iter().find(|one| one.0 == fields.priority).map_or("", |one| one.1);
    let mode = if fields.mode == Mode::Teletherapy { "teletherapy" } else { "in_person" };
    let VisitMinutes { min, max } = fields.visit_minutes;
    let is_equal = min == max && min * fields.visits_per_week_max == fields.minutes_per_week;
    let length = |minutes: i64| if is_equal { String::new() } else { minutes.to_string() };
    let pairs = [
        ("school", fields.site_id.to_string()),
        ("service", fields.discipline.clone()),
        ("term", fields.term_id.to_string()),
        ("minutes", fields.minutes_per_week.to_string()),
        ("visits", fields.visits_per_week_max.to_string()),
        ("shortest", length(min)),
        ("longest", length(max)),
        ("mode", mode.to_owned()),
        ("priority", priority.to_owned()),
        ("consent_on", fields.consent_on.map(|day| day.to_string()).unwrap_or_default()),
    ];
    typed.0.extend(pairs.map(|(name, value)| (name.to_owned(), value)));
    let rows = fields.windows.days().flat_map(|(day, times)| times.iter().map(move |time| (day, time)));
    for (number, (day, time)) in rows.enumerate() {
        let row = [("day", day.code().to_owned()), ("from", time.starts.to_string()), ("to", time.ends.to_string())];
        typed.0.extend(row.map(|(name, value)| (format!("{name}-{number}"), value)));
    }
    typed.0.extend(fields.qualifications.iter().map(|code| ("qualification".to_owned(), code.clone())));
    typed
}

/// A fault of a stored entry at the field of the form that it belongs to.
pub(super) fn on_form((name, words): (String, String)) -> (String, String) {
    let field = match name.as_str() {
        "site_id" => "school",
        "term_id" => "term",
        "discipline" => "service",
        "minutes_per_week" => "minutes",
        "visits_per_week_max" => "visits",
        "visit_minutes-min" => "shortest",
        "visit_minutes-max" => "longest",
        other if other.starts_with("windows") => "windows",
        other if other.starts_with("qualifications") => "qualification",
        other => other,
    };
    (field.to_owned(), words)
}
