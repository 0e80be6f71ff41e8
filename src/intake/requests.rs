//! `requests.csv`: what the sites ask for.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::limits::{REQUEST_MINUTES_PER_WEEK, VISIT_MINUTES, VISITS_PER_WEEK};
use super::table::{RowReader, Shape, Table};
use super::{Codes, FileFault, cell};
use crate::domain::calendar::WeeklyHours;
use crate::domain::service_request::{Mode, Priority, RequestState};

pub(super) const SHAPE: Shape = Shape {
    file: "requests.csv",
    columns: &[
        "code",
        "site",
        "discipline",
        "qualifications",
        "priority",
        "mode",
        "minutes_per_week",
        "visits_per_week_max",
        "visit_minutes_min",
        "visit_minutes_max",
        "windows",
        "current_specialist",
        "state",
        "consent_on",
    ],
    optional: &["consent_on"],
};

/// The states in which a request may be imported; the others come about by what people do.
const STATES: [(&str, RequestState); 3] =
    [("draft", RequestState::Draft), ("submitted", RequestState::Submitted), ("accepted", RequestState::Accepted)];
const PRIORITIES: [(&str, Priority); 3] =
    [("mandated", Priority::Mandated), ("evaluation", Priority::Evaluation), ("consult", Priority::Consult)];
const MODES: [(&str, Mode); 2] = [("in_person", Mode::InPerson), ("teletherapy", Mode::Teletherapy)];

/// A service request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestRow {
    /// Line in the file.
    pub line: usize,
    /// The code under which it is imported again without a second one being made.
    pub code: String,
    /// Code of the site that asks.
    pub site: String,
    /// Discipline asked for.
    pub discipline: String,
    /// Qualifications asked for; possibly held by nobody, which the plan then reports as a shortfall.
    pub qualifications: BTreeSet<String>,
    /// How much it weighs.
    pub priority: Priority,
    /// Where it is given.
    pub mode: Mode,
    /// Minutes a week.
    pub minutes_per_week: i64,
    /// Days a week at most.
    pub visits_per_week_max: i64,
    /// Shortest visit.
    pub visit_minutes_min: i64,
    /// Longest visit.
    pub visit_minutes_max: i64,
    /// When visits may take place.
    pub windows: WeeklyHours,
    /// Code of the specialist who gives it now.
    pub current_specialist: Option<String>,
    /// How far it has come.
    pub state: RequestState,
    /// When the parent's consent to an evaluation arrived; `None` without the column.
    pub consent_on: Option<Option<NaiveDate>>,
}

pub(super) fn read(table: &Table, codes: &Codes, faults: &mut Vec<FileFault>) -> Vec<RequestRow> {
    let mut seen = BTreeMap::new();
    let specialists = &codes.specialists;
    table.rows(faults, |row| {
        cell::only_once(row, "code", &mut seen);
        let code = row.required("code", cell::code);
        let site = row.required("site", cell::one_of_codes(&codes.sites, "site", "sites.csv"));
        let discipline = row.required("discipline", |text| discipline(text, codes));
        let qualifications = row.parsed("qualifications", cell::codes);
        let priority = row.required("priority", cell::one_of(&PRIORITIES));
        let mode = row.optional("mode", cell::one_of(&MODES));
        let minutes = row.required("minutes_per_week", cell::units(REQUEST_MINUTES_PER_WEEK));
        let visits = row.required("visits_per_week_max", cell::whole(VISITS_PER_WEEK));
        let min = row.required("visit_minutes_min", cell::units(VISIT_MINUTES));
        let max = row.required("visit_minutes_max", cell::units(VISIT_MINUTES));
        let windows = row.required("windows", cell::weekly_hours);
        let current =
            row.optional("current_specialist", cell::one_of_codes(specialists, "specialist", "specialists.csv"));
        let state = row.optional("state", cell::one_of(&STATES));
        let consent = match row.has("consent_on") {
            true => row.optional("consent_on", cell::date).map(Some),
            false => Some(None),
        };
        let request = RequestRow {
            line: row.line(),
            code: code?,
            site: site?,
            discipline: discipline?,
            qualifications: qualifications?,
            priority: priority?,
            mode: mode?.unwrap_or_default(),
            minutes_per_week: minutes?,
            visits_per_week_max: visits?,
            visit_minutes_min: min?,
            visit_minutes_max: max?,
            windows: windows?,
            current_specialist: current?,
            state: state?.unwrap_or(RequestState::Submitted),
            consent_on: consent?,
        };
        check_together(row, &request).then_some(request)
    })
}

/// Whether the figures of a request can hold together; otherwise their faults are noted.
fn check_together(row: &mut RowReader<'_>, request: &RequestRow) -> bool {
    let (min, max) = (request.visit_minutes_min, request.visit_minutes_max);
    let (minutes, visits) = (request.minutes_per_week, request.visits_per_week_max);
    let mut faults: Vec<(&str, String)> = Vec::new();
    if min > max {
        faults.push(("visit_minutes_max", format!("the longest visit, {max}, is shorter than the shortest, {min}")));
    } else if min > minutes {
        faults.push(("visit_minutes_min", format!("the shortest visit, {min}, is longer than the week's {minutes}")));
    } else if visits * max < minutes {
        let message = format!("{visits} visits of at most {max} minutes cannot hold {minutes} minutes a week");
        faults.push(("visits_per_week_max", format!("{message}; allow more or longer visits")));
    }
    for (day, intervals) in request.windows.days() {
        for interval in intervals.iter().filter(|interval| i64::from(interval.minutes()) < min) {
            let message = format!("{day} {interval} is shorter than the shortest visit, {min} minutes");
            faults.push(("windows", format!("{message}; lengthen the window or leave it out")));
        }
    }
    if request.consent_on.flatten().is_some() && request.priority != Priority::Evaluation {
        let message =
            "only an evaluation has a date of consent; leave the cell empty, or write the priority evaluation";
        faults.push(("consent_on", message.to_owned()));
    }
    let sound = faults.is_empty();
    faults.into_iter().for_each(|(column, message)| row.note(column, message));
    sound
}

fn discipline(text: &str, codes: &Codes) -> Result<String, String> {
    let code = cell::code(text)?;
    if codes.disciplines.contains(&code) {
        return Ok(code);
    }
    let held: Vec<&str> = codes.disciplines.iter().map(String::as_str).collect();
    Err(format!("no specialist holds the discipline {code}; the disciplines held are {}", held.join(", ")))
}
