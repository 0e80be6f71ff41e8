//! Reading changes strictly: every fault of form, each with its JSON pointer.

use serde_json::Value;

use super::{CHANGES_BYTES_MAX, CHANGES_MAX, Change};
use crate::domain::fault::Fault;
use crate::domain::text::shortened;
use crate::planning::document::{self, Fields, Place};
use crate::planning::instance::read;

/// Every `kind`, as messages name them.
const KINDS: &str = "open_window, set_windows, visit_length, visits_per_week, request_minutes, add_request, \
                     remove_request, lend_more, longer_week, longer_day, longer_hours, drive_further, more_sites, \
                     more_sites_a_week, more_requests, supervise_more, add_qualification, \
                     add_discipline, add_specialist, hire, remove_specialist, absence, close_site, pay, mileage, \
                     agency_pay, policy";

/// Reads a file `{"changes": [...]}`. On failure every fault found, such as one at `/changes/0/request`.
pub fn changes_file(bytes: &[u8]) -> Result<Vec<Change>, Vec<Fault>> {
    document::read(bytes, CHANGES_BYTES_MAX, |place| {
        place.object(&["changes"])?.at("changes").and_then(|list| all(&list))
    })
}

/// Reads a list of changes; the pointers of faults begin with `/changes`.
pub fn changes_in(list: &Value) -> Result<Vec<Change>, Vec<Fault>> {
    document::read_value(list, "/changes", all)
}

fn all(list: &Place) -> Option<Vec<Change>> {
    list.list(CHANGES_MAX, change)
}

/// One change, wherever it stands in a document.
pub(crate) fn change(place: &Place) -> Option<Change> {
    let Some(named) = place.child("kind") else {
        place.note(format!("must be an object whose \"kind\" is one of: {KINDS}"));
        return None;
    };
    let kind: String = named.leaf()?;
    match kind.as_str() {
        "open_window" | "set_windows" | "visit_length" | "visits_per_week" | "request_minutes" | "add_request"
        | "remove_request" => of_request(place, &kind),
        "hire" => hire(place),
        "absence" | "close_site" | "add_specialist" => with_days_or_whole(place, &kind),
        "mileage" => {
            Some(Change::Mileage { cents_per_mile: with(place, &["cents_per_mile"])?.required("cents_per_mile")? })
        }
        "agency_pay" => {
            let fields = with(place, &["discipline", "cents_per_hour"])?;
            let (discipline, cents_per_hour) = (fields.required("discipline"), fields.required("cents_per_hour"));
            Some(Change::AgencyPay { discipline: discipline?, cents_per_hour: cents_per_hour? })
        }
        "policy" => place.without("kind", |keys| read::policy(keys).is_some()).map(Change::Policy),
        "lend_more" | "longer_week" | "longer_day" | "longer_hours" | "drive_further" | "more_sites"
        | "more_sites_a_week" | "more_requests" | "supervise_more" | "add_qualification" | "add_discipline"
        | "remove_specialist" | "pay" => of_specialist(place, &kind),
        unknown => {
            named.note(format!("\"{}\" is no kind of change; write one of: {KINDS}", shortened(unknown)));
            None
        }
    }
}

/// The fields of a change besides its kind.
fn with<'a, 'p>(place: &'p Place<'a>, keys: &[&str]) -> Option<Fields<'a, 'p>> {
    place.object(&[&["kind"], keys].concat())
}

fn of_request(place: &Place, kind: &str) -> Option<Change> {
    match kind {
        "open_window" => {
            let fields = with(place, &["request", "day", "starts", "ends"])?;
            let (request, day) = (fields.required("request"), fields.required("day"));
            let (starts, ends) = (fields.required("starts"), fields.required("ends"));
            Some(Change::OpenWindow { request: request?, day: day?, starts: starts?, ends: ends? })
        }
        "set_windows" => {
            let fields = with(place, &["request", "windows"])?;
            let (request, windows) = (fields.required("request"), fields.at("windows").and_then(|hours| hours.hours()));
            Some(Change::SetWindows { request: request?, windows: windows? })
        }
        "visit_length" => {
            let fields = with(place, &["request", "min", "max"])?;
            let (request, min, max) = (fields.required("request"), fields.required("min"), fields.required("max"));
            Some(Change::VisitLength { request: request?, min: min?, max: max? })
        }
        "visits_per_week" => {
            let fields = with(place, &["request", "max"])?;
            let (request, max) = (fields.required("request"), fields.required("max"));
            Some(Change::VisitsPerWeek { request: request?, max: max? })
        }
        "request_minutes" => {
            let fields = with(place, &["request", "minutes_per_week"])?;
            let (request, minutes_per_week) = (fields.required("request"), fields.required("minutes_per_week"));
            Some(Change::RequestMinutes { request: request?, minutes_per_week: minutes_per_week? })
        }
        "add_request" => {
            let request = with(place, &["request"])?.at("request").and_then(|whole| read::request(&whole))?;
            Some(Change::AddRequest { request: Box::new(request) })
        }
        _ => Some(Change::RemoveRequest { request: with(place, &["request"])?.required("request")? }),
    }
}

fn of_specialist(place: &Place, kind: &str) -> Option<Change> {
    let by = |key: &'static str| {
        let fields = with(place, &["specialist", key])?;
        let (specialist, by) = (fields.required::<String>("specialist"), fields.required::<u32>(key));
        Some((specialist?, by?))
    };
    let text = |key: &'static str| {
        let fields = with(place, &["specialist", key])?;
        let (specialist, text) = (fields.required::<String>("specialist"), fields.required::<String>(key));
        Some((specialist?, text?))
    };
    Some(match kind {
        "lend_more" => by("minutes").map(|(specialist, minutes)| Change::LendMore { specialist, minutes })?,
        "longer_week" => by("minutes").map(|(specialist, minutes)| Change::LongerWeek { specialist, minutes })?,
        "longer_day" => by("minutes").map(|(specialist, minutes)| Change::LongerDay { specialist, minutes })?,
        "drive_further" => by("minutes").map(|(specialist, minutes)| Change::DriveFurther { specialist, minutes })?,
        "more_sites" => by("sites").map(|(specialist, sites)| Change::MoreSites { specialist, sites })?,
        "more_sites_a_week" => by("sites").map(|(specialist, sites)| Change::MoreSitesAWeek { specialist, sites })?,
        "more_requests" => {
            by("requests").map(|(specialist, requests)| Change::MoreRequests { specialist, requests })?
        }
        "add_qualification" => {
            let (specialist, qualification) = text("qualification")?;
            Change::AddQualification { specialist, qualification }
        }
        "add_discipline" => {
            let (specialist, discipline) = text("discipline")?;
            Change::AddDiscipline { specialist, discipline }
        }
        "remove_specialist" => {
            Change::RemoveSpecialist { specialist: with(place, &["specialist"])?.required("specialist")? }
        }
        "longer_hours" | "supervise_more" => {
            let fields = with(place, &["specialist", "day", "starts", "ends"])?;
            let (specialist, day) = (fields.required("specialist"), fields.required("day"));
            let (starts, ends) = (fields.required("starts"), fields.required("ends"));
            let (specialist, day, starts, ends) = (specialist?, day?, starts?, ends?);
            match kind {
                "longer_hours" => Change::LongerHours { specialist, day, starts, ends },
                _ => Change::SuperviseMore { specialist, day, starts, ends },
            }
        }
        _ => {
            let fields = with(place, &["specialist", "cents_per_hour"])?;
            let (specialist, cents_per_hour) = (fields.required("specialist"), fields.required("cents_per_hour"));
            Change::Pay { specialist: specialist?, cents_per_hour: cents_per_hour? }
        }
    })
}

fn with_days_or_whole(place: &Place, kind: &str) -> Option<Change> {
    let days = |days: &Place| days.list(7, |day| day.leaf());
    match kind {
        "absence" => {
            let fields = with(place, &["specialist", "days"])?;
            let (specialist, days) = (fields.required("specialist"), fields.at("days").and_then(|list| days(&list)));
            Some(Change::Absence { specialist: specialist?, days: days? })
        }
        "close_site" => {
            let fields = with(place, &["site", "days"])?;
            let (site, days) = (fields.required("site"), fields.maybe("days", days));
            Some(Change::CloseSite { site: site?, days: days? })
        }
        _ => {
            let whole = with(place, &["specialist"])?.at("specialist").and_then(|whole| read::specialist(&whole))?;
            Some(Change::AddSpecialist { specialist: Box::new(whole) })
        }
    }
}

fn hire(place: &Place) -> Option<Change> {
    let keys = ["discipline", "minutes_per_week", "qualifications", "employer", "cents_per_hour", "code", "home_site"];
    let fields = with(place, &keys)?;
    let (discipline, minutes_per_week) = (fields.required("discipline"), fields.required("minutes_per_week"));
    let qualifications = fields.or_default("qualifications");
    let (employer, cents_per_hour) = (fields.required("employer"), fields.required("cents_per_hour"));
    let (code, home_site) = (fields.optional("code"), fields.optional("home_site"));
    Some(Change::Hire {
        discipline: discipline?,
        minutes_per_week: minutes_per_week?,
        qualifications: qualifications?,
        employer: employer?,
        cents_per_hour: cents_per_hour?,
        code: code?,
        home_site: home_site?,
    })
}
