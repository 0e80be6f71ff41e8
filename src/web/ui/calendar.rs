//! Calendars of districts: by month or by term, with what is entered, and the ways to enter, import and take away days.

mod change;
mod days;
mod import;
mod month;
mod remove;
mod snow_day;

use actix_web::HttpResponse;
use actix_web::web::{self, ServiceConfig};
use askama::Template;
use chrono::{Datelike, Months, NaiveDate};
use serde::Deserialize;

use super::fields::Choice;
use super::shell::{Place, Shell, answer};
use super::visitor::Visitor;
use super::{icon, wording};
use crate::domain::actor::{Action, Resource, may};
use crate::domain::calendar::Weekday;
use crate::domain::school_calendar::{CalendarEntryFields, CalendarKind, SchoolCalendar};
use crate::domain::term::Term;
use crate::operations::calendars::{self, Filter};
use crate::operations::{Context, OperationError, PageRequest, ReadTx, terms};
use days::{Days, Places, grouped, kind_words, letter};
use month::Month;

const HERE: &str = "/calendar";
/// The largest form that carries the text of a file.
const FORM_BYTES_MAX: usize = 1_000_000;

#[derive(Template)]
#[template(path = "calendar.html")]
struct Html<'a> {
    shell: &'a Shell,
    page: &'a Page,
    /// Absent where nothing can be changed, as in a demonstration.
    form_token: Option<&'a str>,
}

struct Page {
    title: String,
    /// Address of the same days by month and by term, and which one this is.
    by_month: String,
    by_term: Option<String>,
    is_term: bool,
    before: (String, String),
    after: (String, String),
    districts: Vec<Choice>,
    /// What the filter must carry along.
    kept: Vec<(&'static str, String)>,
    months: Vec<Month>,
    days: Vec<Days>,
    /// District, school days, closed days and early releases of a term.
    counted: Vec<[String; 4]>,
    notice: Option<Notice>,
    changes: bool,
    snow_day: String,
}

/// What was done just now.
struct Notice {
    words: String,
    /// The entries that Undo takes away.
    undo: String,
}

/// Adds the pages.
pub(super) fn configure(config: &mut ServiceConfig) {
    let limit = web::FormConfig::default().limit(FORM_BYTES_MAX);
    config
        .route(HERE, web::get().to(get))
        .route(HERE, web::post().to(change::enter))
        .route("/calendar/new", web::get().to(change::new))
        .route("/calendar/check", web::post().to(change::check))
        .route("/calendar/remove", web::get().to(remove::ask))
        .route("/calendar/remove", web::post().to(remove::remove))
        .route("/calendar/snow-day", web::get().to(snow_day::get))
        .route("/calendar/snow-day", web::post().to(snow_day::post))
        .service(
            web::resource("/calendar/import")
                .app_data(limit)
                .route(web::get().to(import::get))
                .route(web::post().to(import::post)),
        )
        .service(
            web::resource("/calendar/import/check")
                .app_data(web::PayloadConfig::new(FORM_BYTES_MAX))
                .route(web::post().to(import::check)),
        )
        .route("/calendar/{id}", web::get().to(change::edit))
        .route("/calendar/{id}", web::post().to(change::save));
}

/// What is asked for, as it stands in the address.
#[derive(Debug, Clone, Default, Deserialize)]
struct Chosen {
    #[serde(default)]
    month: String,
    /// Code of a term: all its months.
    #[serde(default)]
    term: String,
    #[serde(default)]
    district: String,
    /// Entries that were entered just now.
    #[serde(default)]
    done: String,
    /// How many were imported just now.
    imported: Option<u32>,
    /// How many were taken away just now.
    removed: Option<u32>,
    #[serde(default)]
    changed: String,
}

/// `GET /calendar?month=&term=&district=`
async fn get(visitor: Visitor, chosen: Option<web::Query<Chosen>>) -> HttpResponse {
    let chosen = chosen.map(web::Query::into_inner).unwrap_or_default();
    let shell = visitor.shell(Place::Calendar);
    match visitor.look(move |tx, ctx| read(tx, ctx, &chosen)).await {
        Ok(mut page) => {
            let form_token = shell.person.as_ref().map(|person| person.form_token.as_str());
            page.changes &= form_token.is_some();
            let html = Html { shell: &shell, page: &page, form_token }.render();
            answer(&shell, actix_web::http::StatusCode::OK, html)
        }
        Err(error) => visitor.refuse(&error),
    }
}

/// The first day of a month that is written `2027-01`.
fn read_month(text: &str) -> Option<NaiveDate> {
    let first = format!("{text}-01");
    super::typed::read_date(&first).filter(|day| (2000..2200).contains(&day.year()))
}

/// The page of a month.
fn address(day: NaiveDate, district: &str) -> String {
    let month = format!("{HERE}?month={}", day.format("%Y-%m"));
    if district.is_empty() { month } else { format!("{month}&district={}", wording::in_path(district)) }
}

fn address_of_term(term: &Term, district: &str) -> String {
    let all = format!("{HERE}?term={}", wording::in_path(&term.fields.code));
    if district.is_empty() { all } else { format!("{all}&district={}", wording::in_path(district)) }
}

fn read(tx: &mut ReadTx, ctx: &Context, chosen: &Chosen) -> Result<Page, OperationError> {
    let places = Places::read(tx, ctx)?;
    let today = ctx.today();
    let mut terms = terms::list(tx, ctx, PageRequest::ALL)?.items;
    terms.sort_by_key(|term| term.fields.starts_on);
    let term = terms.iter().position(|term| !chosen.term.is_empty() && term.fields.code == chosen.term);
    let shown = read_month(&chosen.month).unwrap_or_else(|| month::first_of(today));
    // An address that somebody made up is a district that is not there: nothing is filtered by it.
    let district = places.members.iter().find(|member| member.fields.code == chosen.district);
    let code = district.map_or("", |member| member.fields.code.as_str());
    let (from, until) = match term.map(|place| &terms[place].fields) {
        Some(fields) => (month::first_of(fields.starts_on), month::next(fields.ends_on)),
        None => (shown, month::next(shown)),
    };
    let filter = Filter { member: district.map(|member| member.id), from: Some(from), until: Some(until) };
    let entries = calendars::list(tx, ctx, &filter, PageRequest::ALL)?.items;
    let groups = grouped(&entries, &places, district.is_some());
    let months = std::iter::successors(Some(from), |day| Some(month::next(*day))).take_while(|day| *day < until);
    let at = |place: Option<usize>| place.and_then(|place| terms.get(place));
    let near = nearest(&terms, shown);
    let (title, before, after) = match term {
        Some(place) => {
            let link = |other: Option<&Term>| match other {
                Some(term) => (address_of_term(term, code), term.fields.name.clone()),
                None => (String::new(), String::new()),
            };
            (terms[place].fields.name.clone(), link(at(place.checked_sub(1))), link(at(Some(place + 1))))
        }
        None => {
            let link = |day: NaiveDate| (address(day, code), day.format("%B").to_string());
            let before = shown.checked_sub_months(Months::new(1)).unwrap_or(shown);
            (shown.format("%B %Y").to_string(), link(before), link(month::next(shown)))
        }
    };
    let is_term = term.is_some();
    let kept = if is_term { ("term", chosen.term.clone()) } else { ("month", shown.format("%Y-%m").to_string()) };
    let shown_term = term.or(near).and_then(|place| terms.get(place));
    Ok(Page {
        title,
        by_month: address(if is_term { within(&terms, term, today) } else { shown }, code),
        by_term: shown_term.map(|term| address_of_term(term, code)),
        is_term,
        before,
        after,
        districts: places
            .members
            .iter()
            .map(|member| Choice::new(member.fields.code.as_str(), member.fields.name.as_str(), code))
            .collect(),
        kept: vec![kept],
        months: months.map(|day| Month::new(day, today, &groups)).collect(),
        counted: match term {
            Some(place) => {
                counted(&terms[place], &places, &entries.iter().map(|one| &one.fields).collect::<Vec<_>>(), code)
            }
            None => Vec::new(),
        },
        days: groups.iter().map(|group| group.shown(code)).collect(),
        notice: notice(tx, ctx, &places, chosen)?,
        changes: !may(&ctx.actor, Action::Write(Resource::CalendarEntries)).is_nothing(),
        snow_day: if code.is_empty() {
            "/calendar/snow-day".to_owned()
        } else {
            format!("/calendar/snow-day?district={}", wording::in_path(code))
        },
    })
}

/// The term that a day lies in, or the next one, or the last.
fn nearest(terms: &[Term], day: NaiveDate) -> Option<usize> {
    let coming = terms.iter().position(|term| term.fields.ends_on >= day);
    coming.or(terms.len().checked_sub(1))
}

/// Today where it lies in the term, or the first day of the term.
fn within(terms: &[Term], term: Option<usize>, today: NaiveDate) -> NaiveDate {
    let fields = term.and_then(|place| terms.get(place)).map(|term| &term.fields);
    match fields {
        Some(fields) if !(fields.starts_on..=fields.ends_on).contains(&today) => fields.starts_on,
        _ => today,
    }
}

/// How many days each district teaches in a term. Schools of a district may differ.
fn counted(term: &Term, places: &Places, entries: &[&CalendarEntryFields], district: &str) -> Vec<[String; 4]> {
    let calendar = SchoolCalendar::new(entries.iter().copied());
    let days = || term.fields.starts_on.iter_days().take_while(|day| *day <= term.fields.ends_on);
    let is_weekday = |day: &NaiveDate| Weekday::of(*day) <= Weekday::Fri;
    let mut rows = Vec::new();
    for member in places.members.iter().filter(|one| district.is_empty() || one.fields.code == district) {
        let mut counts: [Vec<i64>; 3] = Default::default();
        for site in places.sites.iter().filter(|site| site.fields.member_id == member.id) {
            let count = |holds: &dyn Fn(&NaiveDate) -> bool| days().filter(|day| is_weekday(day) && holds(day)).count();
            let teaches = |day: &NaiveDate| calendar.teaches(member.id, site.id, *day);
            counts[0].push(count(&teaches) as i64);
            counts[1].push(count(&|day| !teaches(day)) as i64);
            counts[2].push(count(&|day| teaches(day) && calendar.released(member.id, site.id, *day).is_some()) as i64);
        }
        let [teaching, closed, early] = counts.map(|all| span(&all));
        rows.push([member.fields.name.clone(), teaching, closed, early]);
    }
    rows
}

/// `88`, or `88 to 90` where schools differ.
fn span(all: &[i64]) -> String {
    match (all.iter().min(), all.iter().max()) {
        (Some(least), Some(most)) if least == most => wording::thousands(*least),
        (Some(least), Some(most)) => format!("{least} to {most}"),
        _ => "–".to_owned(),
    }
}

/// What was done just now, as far as it is still there.
fn notice(tx: &mut ReadTx, ctx: &Context, places: &Places, chosen: &Chosen) -> Result<Option<Notice>, OperationError> {
    let told = |words: String| Some(Notice { words, undo: String::new() });
    if let Some(count) = chosen.imported {
        let count = wording::count(i64::from(count), "entry is", "entries are");
        return Ok(told(format!("{count} new. Visits from today on follow.")));
    }
    if let Some(count) = chosen.removed {
        let count = wording::count(i64::from(count), "entry is", "entries are");
        return Ok(told(format!("{count} taken away. Visits take place again where somebody comes.")));
    }
    if chosen.changed == "yes" {
        return Ok(told("The entry is changed. Visits from today on follow.".to_owned()));
    }
    let mut entries = Vec::new();
    for id in days::read_ids(&chosen.done) {
        match calendars::get(tx, ctx, id) {
            Ok(entry) => entries.push(entry),
            Err(OperationError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    let undo = days::write_ids(entries.iter().map(|entry| entry.id));
    let groups = grouped(&entries, places, false);
    Ok(groups.first().map(|group| Notice { words: group.sentence(), undo }))
}

impl Html<'_> {
    /// Class, letter and words of each kind.
    fn legend(&self) -> [(&'static str, &'static str, &'static str); 5] {
        CalendarKind::ALL.map(|kind| (kind.code(), letter(kind), kind_words(kind)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_read_strictly() {
        assert_eq!(read_month("2027-01"), NaiveDate::from_ymd_opt(2027, 1, 1));
        for wrong in ["", "2027", "2027-13", "2027-1", "1999-01", "2027-01-01"] {
            assert_eq!(read_month(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn schools_that_differ_are_counted_as_a_span() {
        assert_eq!([span(&[88, 88]), span(&[90, 88]), span(&[])], ["88", "88 to 90", "–"].map(str::to_owned));
    }
}
