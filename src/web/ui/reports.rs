//! Reports of the school year: choose one and its days, see its table, and take the same table along as a file.

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, TimeDelta};
use serde::Deserialize;

use super::shell::{Place, Shell, answer, guarded, lead_to};
use super::visitor::Visitor;
use super::{icon, wording};
use crate::domain::report::evaluation_clocks::OnlyClocks;
use crate::domain::report::service_fidelity::OnlyFidelity;
use crate::domain::report::{PERIOD_DAYS_MAX, ReportKind, ReportPeriod};
use crate::operations::reports::{
    self, Days, FileFormat, evaluation_clocks, service_fidelity, time_and_effort, unscheduled_time,
};
use crate::operations::{Context, OperationError, ReadTx};
use crate::reports::csv::Cell;
use crate::reports::school_year::Tabular;
use crate::reports::table::Table;
use crate::web::answer::report_headers;

#[derive(Template)]
#[template(path = "reports.html")]
struct Html<'a> {
    shell: &'a Shell,
    page: &'a Page,
}

struct Page {
    title: &'static str,
    /// Address and words of each report, and whether it is the one that is shown.
    kinds: Vec<(&'static str, &'static str, bool)>,
    has_days: bool,
    /// Which rows can be chosen: value, words, whether it is chosen.
    rows_shown: Vec<(&'static str, &'static str, bool)>,
    from: String,
    to: String,
    /// Field and words of what must be corrected.
    wrong: Vec<(&'static str, String)>,
    /// Absent while something must be corrected.
    shown: Option<Shown>,
}

struct Shown {
    facts: Vec<(&'static str, String)>,
    columns: Vec<(&'static str, bool)>,
    rows: Vec<Vec<(String, bool)>>,
    total: Option<Vec<(String, bool)>>,
    csv: String,
    xlsx: String,
}

/// What is asked for, as it stands in the address.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    report: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    only: String,
}

/// What is asked for, as far as it could be read.
#[derive(Debug, Clone, Copy)]
struct Asked {
    kind: ReportKind,
    days: Days,
    short: bool,
    over: bool,
    overdue: bool,
}

/// `GET /reports?report=&from=&to=&only=`
pub(super) async fn get(visitor: Visitor, chosen: Option<web::Query<Chosen>>) -> HttpResponse {
    let chosen = chosen.map(web::Query::into_inner).unwrap_or_default();
    let shell = visitor.shell(Place::Reports);
    let asked = chosen.clone();
    let found = visitor.look(move |tx, ctx| page(tx, ctx, &asked)).await;
    let found = match found {
        // The days that were given do not fit to those that were left out.
        Err(OperationError::Invalid(_)) => {
            visitor.look(move |_, ctx| blank(ctx, &chosen, vec![("to", ORDER.to_owned())])).await
        }
        found => found,
    };
    match found {
        Ok(page) => {
            let status = if page.wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
            answer(&shell, status, Html { shell: &shell, page: &page }.render())
        }
        Err(error) => visitor.refuse(&error),
    }
}

/// `GET /reports/{report}.csv`
pub(super) async fn get_csv(visitor: Visitor, kind: web::Path<String>, chosen: web::Query<Chosen>) -> HttpResponse {
    file(visitor, &kind, chosen.into_inner(), FileFormat::Csv).await
}

/// `GET /reports/{report}.xlsx`
pub(super) async fn get_xlsx(visitor: Visitor, kind: web::Path<String>, chosen: web::Query<Chosen>) -> HttpResponse {
    file(visitor, &kind, chosen.into_inner(), FileFormat::Xlsx).await
}

async fn file(visitor: Visitor, kind: &str, chosen: Chosen, format: FileFormat) -> HttpResponse {
    let Some(kind) = ReportKind::read(kind) else { return visitor.refuse(&OperationError::NotFound) };
    let chosen = Chosen { report: kind.code().to_owned(), ..chosen };
    let back = format!("/reports?report={}&{}", kind.code(), query(&chosen));
    let (asked, wrong) = read(kind, &chosen);
    if !wrong.is_empty() {
        return lead_to(&back);
    }
    match visitor.look(move |tx, ctx| reports::file_of(ctx, table(tx, ctx, asked)?, format)).await {
        Ok(file) => {
            let (media_type, saved) = report_headers(&file);
            guarded(StatusCode::OK)
                .content_type(media_type)
                .insert_header((CONTENT_DISPOSITION, saved))
                .body(file.bytes)
        }
        Err(OperationError::Invalid(_)) => lead_to(&back),
        Err(error) => visitor.refuse(&error),
    }
}

const ORDER: &str = "The last day must be on or after the first day, and at most 366 days later";

/// The days and the rows, with every fault of them.
fn read(kind: ReportKind, chosen: &Chosen) -> (Asked, Vec<(&'static str, String)>) {
    let mut wrong = Vec::new();
    let mut day = |field: &'static str, name: &str, text: &str| {
        let found = Some(text).filter(|text| text.len() == 10).and_then(|text| text.parse::<NaiveDate>().ok());
        if found.is_none() && !text.is_empty() {
            wrong.push((field, format!("Write the {name} as a date, like 2027-01-04")));
        }
        found
    };
    let (from, to) = (day("from", "first day", &chosen.from), day("to", "last day", &chosen.to));
    if let (Some(from), Some(to)) = (from, to)
        && !(0..PERIOD_DAYS_MAX).contains(&to.signed_duration_since(from).num_days())
    {
        wrong.push(("to", ORDER.to_owned()));
    }
    let until = to.and_then(|day| day.checked_add_signed(TimeDelta::days(1)));
    let only = |word: &str| chosen.only == word;
    let days = Days { from, until };
    (Asked { kind, days, short: only("short"), over: only("over"), overdue: only("overdue") }, wrong)
}

fn kind(ctx: &Context, chosen: &Chosen) -> Result<(ReportKind, Vec<ReportKind>), OperationError> {
    let offered = reports::offered(ctx)?;
    let first = offered.first().copied().ok_or(OperationError::NotFound)?;
    let kind = if chosen.report.is_empty() { Some(first) } else { ReportKind::read(&chosen.report) };
    let kind = kind.filter(|kind| offered.contains(kind)).ok_or(OperationError::NotFound)?;
    Ok((kind, offered))
}

fn page(tx: &mut ReadTx, ctx: &Context, chosen: &Chosen) -> Result<Page, OperationError> {
    let (kind, _) = kind(ctx, chosen)?;
    let (asked, wrong) = read(kind, chosen);
    let page = blank(ctx, chosen, wrong)?;
    if !page.wrong.is_empty() {
        return Ok(page);
    }
    let table = table(tx, ctx, asked)?;
    Ok(Page { shown: Some(shown(&table, chosen)), ..page })
}

/// The page without a table.
fn blank(ctx: &Context, chosen: &Chosen, wrong: Vec<(&'static str, String)>) -> Result<Page, OperationError> {
    let (kind, offered) = kind(ctx, chosen)?;
    let choices: &[(&str, &str)] = match kind {
        ReportKind::ServiceFidelity => {
            &[("", "All rows"), ("short", "Short of delivery"), ("over", "Delivered beyond the plan")]
        }
        ReportKind::EvaluationClocks => &[("", "All rows"), ("overdue", "Overdue")],
        ReportKind::UnscheduledTime | ReportKind::TimeAndEffort => &[],
    };
    Ok(Page {
        title: kind.title(),
        kinds: offered.into_iter().map(|one| (one.code(), one.title(), one == kind)).collect(),
        has_days: matches!(kind, ReportKind::ServiceFidelity | ReportKind::TimeAndEffort),
        rows_shown: choices.iter().map(|(value, words)| (*value, *words, *value == chosen.only)).collect(),
        from: chosen.from.clone(),
        to: chosen.to.clone(),
        wrong,
        shown: None,
    })
}

fn table(tx: &mut ReadTx, ctx: &Context, asked: Asked) -> Result<Table, OperationError> {
    let table = match asked.kind {
        ReportKind::ServiceFidelity => {
            let only = match (asked.short, asked.over) {
                (true, _) => Some(OnlyFidelity::Short),
                (_, true) => Some(OnlyFidelity::Over),
                _ => None,
            };
            let in_months = service_fidelity::is_in_months(ctx);
            let days = if in_months { widened(asked.days) } else { asked.days };
            let narrowed = service_fidelity::Narrowed { days, only, ..Default::default() };
            service_fidelity::report(tx, ctx, &narrowed)?.table()
        }
        ReportKind::TimeAndEffort => {
            let narrowed = time_and_effort::Narrowed { days: widened(asked.days), ..Default::default() };
            time_and_effort::report(tx, ctx, &narrowed)?.table()
        }
        ReportKind::UnscheduledTime => unscheduled_time::report(tx, ctx, &())?.table(),
        ReportKind::EvaluationClocks => {
            let only = asked.overdue.then_some(OnlyClocks::Overdue);
            evaluation_clocks::report(tx, ctx, &evaluation_clocks::Narrowed { member: None, only })?.table()
        }
    };
    Ok(table)
}

/// The days as the whole months that they lie in.
fn widened(days: Days) -> Days {
    let month = |day: NaiveDate| {
        ReportPeriod { period_from: day, period_until: day.checked_add_signed(TimeDelta::days(1)).unwrap_or(day) }
            .whole_months()
    };
    Days {
        from: days.from.map(|day| month(day).period_from),
        until: days.until.map(|day| month(day - TimeDelta::days(1)).period_until),
    }
}

fn shown(table: &Table, chosen: &Chosen) -> Shown {
    let row = |cells: &Vec<Cell>| cells.iter().map(written).collect::<Vec<_>>();
    let is_number = |column: usize| {
        let cells = table.rows.iter().chain(&table.total).filter_map(|row| row.get(column));
        cells.into_iter().any(|cell| matches!(cell, Cell::Integer(_)))
    };
    let address = |ending: &str| format!("/reports/{}.{ending}?{}", table.kind.code(), query(chosen));
    Shown {
        facts: table.head.iter().skip(1).map(|(label, cell)| (*label, written(cell).0)).collect(),
        columns: table.columns.iter().enumerate().map(|(place, words)| (*words, is_number(place))).collect(),
        rows: table.rows.iter().map(row).collect(),
        total: table.total.as_ref().map(row),
        csv: address("csv"),
        xlsx: address("xlsx"),
    }
}

/// The days and the rows as they stand in an address. Only what is known is repeated.
fn query(chosen: &Chosen) -> String {
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let parts = [("from", &chosen.from), ("to", &chosen.to), ("only", &chosen.only)];
    let given = parts.iter().filter(|(_, value)| !value.is_empty() && plain(value));
    given.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// The words of a cell, and whether it is a number.
fn written(cell: &Cell) -> (String, bool) {
    match cell {
        Cell::Text(text) => (text.clone(), false),
        Cell::Integer(number) => (wording::thousands(*number), true),
        Cell::Cents(cents) => (wording::money(*cents), true),
        Cell::Date(day) => (wording::date(*day), false),
        Cell::Empty => (String::new(), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(from: &str, to: &str) -> (Asked, Vec<&'static str>) {
        let chosen = Chosen { from: from.to_owned(), to: to.to_owned(), ..Chosen::default() };
        let (asked, wrong) = read(ReportKind::ServiceFidelity, &chosen);
        (asked, wrong.into_iter().map(|(field, _)| field).collect())
    }

    #[test]
    fn the_last_day_is_inside_and_every_bad_day_is_named() {
        let (found, wrong) = asked("2027-01-04", "2027-01-31");
        assert_eq!((found.days.until, wrong.len()), ("2027-02-01".parse().ok(), 0));
        assert_eq!(asked("2027-01-04", "2027-01-03").1, ["to"]);
        assert_eq!(asked("2027-01-04", "2028-01-05").1, ["to"]);
        assert_eq!(asked("1/4/2027", "2027-02-30").1, ["from", "to"]);
        assert_eq!(asked("", "").1.len(), 0);
    }

    #[test]
    fn days_are_widened_to_their_months() {
        let day = |text: &str| text.parse::<NaiveDate>().ok();
        let wide = widened(Days { from: day("2027-01-04"), until: day("2027-02-01") });
        assert_eq!((wide.from, wide.until), (day("2027-01-01"), day("2027-02-01")));
        let wide = widened(Days { from: None, until: day("2027-02-02") });
        assert_eq!((wide.from, wide.until), (None, day("2027-03-01")));
    }
}
