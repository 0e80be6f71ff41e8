//! Licenses and certificates: all of them or what ends soon, and those of one specialist, with how valid they are. The
//! office adds, corrects and removes them.

mod change;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use askama::Template;
use chrono::{NaiveDate, TimeDelta};
use serde::Deserialize;

use super::shell::{Place, Shell, answer};
use super::status::Pill;
use super::visitor::Visitor;
use super::{icon, whole_week, wording};
use crate::domain::actor::{Action, Owner, Resource, may};
use crate::domain::credential::{CredentialFields, EndingCredential};
use crate::domain::discipline::service_word;
use crate::domain::specialist::Specialist;
use crate::operations::credentials::{self, Filter};
use crate::operations::{Context, OperationError, PageRequest, ReadTx, specialists};

const HERE: &str = "/credentials";
/// Who is told that something ends is told this many days ahead.
pub(super) const SOON_DAYS: i64 = 90;

#[derive(Template)]
#[template(path = "credentials.html")]
struct ListHtml<'a> {
    shell: &'a Shell,
    page: &'a List,
}

#[derive(Template)]
#[template(path = "credentials_of.html")]
struct OneHtml<'a> {
    shell: &'a Shell,
    page: &'a One,
}

struct List {
    lede: String,
    is_ending: bool,
    rows: Vec<Row>,
    /// People without anything on file.
    nothing: Vec<(String, String)>,
}

struct One {
    name: String,
    /// How the person stands in each discipline, a sentence each.
    standing: Vec<String>,
    rows: Vec<Row>,
    /// Where one is added; absent for whoever only sees them.
    add: Option<String>,
    week: String,
    notice: Option<&'static str>,
}

/// One credential as it is shown.
pub(super) struct Row {
    pub name: String,
    /// The page of the person.
    pub href: String,
    pub service: String,
    pub what: String,
    pub pill: Pill,
    pub from: String,
    pub last_day: String,
    /// Where it is corrected and removed.
    pub change: String,
    pub remove: String,
}

/// Adds the pages.
pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .route(HERE, web::get().to(list))
        .route("/credentials/of/{code}", web::get().to(one))
        .route("/credentials/of/{code}/new", web::get().to(change::new))
        .route("/credentials/of/{code}/new", web::post().to(change::add))
        .route("/credentials/{id}", web::get().to(change::edit))
        .route("/credentials/{id}", web::post().to(change::save))
        .route("/credentials/{id}/remove", web::get().to(change::ask_removal))
        .route("/credentials/{id}/remove", web::post().to(change::remove));
}

#[derive(Debug, Default, Deserialize)]
struct Chosen {
    #[serde(default)]
    show: String,
    /// What was done just now.
    #[serde(default)]
    done: String,
}

/// `GET /credentials?show=ending`, for whoever sees those of everybody.
async fn list(visitor: Visitor, chosen: Option<web::Query<Chosen>>) -> HttpResponse {
    let is_ending = chosen.is_some_and(|chosen| chosen.show == "ending");
    let read = move |tx: &mut ReadTx, ctx: &Context| read(tx, ctx, is_ending);
    visitor.show(Place::Credentials, read, |shell, page| ListHtml { shell, page }.render()).await
}

fn read(tx: &mut ReadTx, ctx: &Context, is_ending: bool) -> Result<List, OperationError> {
    if !may(&ctx.actor, Action::Read(Resource::Credentials)).covers(Owner::COOP) {
        return Err(OperationError::NotFound);
    }
    let today = ctx.today();
    let mut found = credentials::list(tx, ctx, &Filter::default(), PageRequest::ALL)?.items;
    let people = specialists::list(tx, ctx, PageRequest::ALL)?.items;
    let has = |person: &&Specialist| found.iter().any(|one| one.credential.specialist_id == person.id);
    let nothing = people
        .iter()
        .filter(|person| !is_ending && !has(person))
        .map(|person| (path_of(&person.fields.code), person.fields.name.clone()))
        .collect();
    if is_ending {
        found.retain(|one| is_soon(one, today));
        found.sort_by_key(|one| (one.credential.fields.valid_until, one.specialist_code.clone()));
    } else {
        found.sort_by_key(|one| (one.specialist_code.clone(), one.credential.fields.valid_from));
    }
    let lede = match (is_ending, found.len()) {
        (true, 0) => "Nothing ends in the next 90 days.".to_owned(),
        (true, count) => format!(
            "{} in the next {SOON_DAYS} days or ended before. Visits after the last day are not covered until a renewal is on file.",
            wording::count(count as i64, "ends", "end")
        ),
        (false, count) => {
            format!("{} on file, without their numbers.", wording::count(count as i64, "credential", "credentials"))
        }
    };
    Ok(List { lede, is_ending, rows: found.iter().map(|one| row(one, today)).collect(), nothing })
}

/// Whether it ends within the next days or has ended, and nothing follows.
fn is_soon(one: &EndingCredential, today: NaiveDate) -> bool {
    let ends = one.credential.fields.valid_until;
    !one.renewed && ends.is_some_and(|until| until <= today + TimeDelta::days(SOON_DAYS))
}

/// How many end soon or have ended, for whoever sees those of everybody.
pub(super) fn ending(tx: &mut ReadTx, ctx: &Context) -> Result<i64, OperationError> {
    if !may(&ctx.actor, Action::Read(Resource::Credentials)).covers(Owner::COOP) {
        return Ok(0);
    }
    let today = ctx.today();
    let filter = Filter { ending_before: Some(today + TimeDelta::days(SOON_DAYS)), ..Filter::default() };
    let found = credentials::list(tx, ctx, &filter, PageRequest::ALL)?.items;
    Ok(found.iter().filter(|one| is_soon(one, today)).count() as i64)
}

fn row(one: &EndingCredential, today: NaiveDate) -> Row {
    let (fields, id) = (&one.credential.fields, one.credential.id);
    Row {
        name: one.specialist_name.clone(),
        href: path_of(&one.specialist_code),
        service: service_word(&fields.discipline).to_owned(),
        what: what(fields),
        pill: pill(fields, one.renewed, today),
        from: wording::date(fields.valid_from),
        last_day: fields.valid_until.map_or_else(|| "No end".to_owned(), |until| wording::date(last_day(until))),
        change: format!("{HERE}/{id}"),
        remove: format!("{HERE}/{id}/remove"),
    }
}

/// The last day on which it is valid.
fn last_day(until: NaiveDate) -> NaiveDate {
    until - TimeDelta::days(1)
}

/// `License (MO-BHA, MO)`
fn what(fields: &CredentialFields) -> String {
    let state = fields.us_state.as_ref().map_or_else(String::new, |state| format!(", {state}"));
    format!("{} ({}{state})", wording::capital(fields.kind.word()), fields.issuer)
}

fn pill(fields: &CredentialFields, renewed: bool, today: NaiveDate) -> Pill {
    let new = |class, icon, words: String| Pill { class, icon, words };
    let Some(until) = fields.valid_until.filter(|until| *until <= today + TimeDelta::days(SOON_DAYS)) else {
        return match fields.valid_from > today {
            true => new("wait", icon::RING, format!("From {}", wording::month_day(fields.valid_from))),
            false => new("met", icon::FULL, "Valid".to_owned()),
        };
    };
    let left = (last_day(until) - today).num_days();
    match (left, renewed) {
        (..0, true) => new("wait", icon::RING, "Ended, renewed".to_owned()),
        (..0, false) => new("unmet", icon::DIAMOND, "Ended".to_owned()),
        (_, true) => new("met", icon::FULL, "Valid, renewed".to_owned()),
        (0, false) => new("part", icon::HALF, "Ends today".to_owned()),
        (left, false) => new("part", icon::HALF, format!("Ends in {}", wording::count(left, "day", "days"))),
    }
}

/// The page of a specialist.
fn path_of(code: &str) -> String {
    format!("{HERE}/of/{}", wording::in_path(code))
}

/// `GET /credentials/of/{specialist code}`
async fn one(visitor: Visitor, code: web::Path<String>, chosen: Option<web::Query<Chosen>>) -> HttpResponse {
    let shell = visitor.shell(Place::Credentials);
    let done = chosen.map(|chosen| chosen.into_inner().done).unwrap_or_default();
    match visitor.look(move |tx, ctx| one_of(tx, ctx, &code, &done)).await {
        Ok(mut page) => {
            // In a demonstration without a session there are no forms.
            page.add = page.add.filter(|_| shell.person.is_some());
            answer(&shell, StatusCode::OK, OneHtml { shell: &shell, page: &page }.render())
        }
        Err(error) => visitor.refuse(&error),
    }
}

fn one_of(tx: &mut ReadTx, ctx: &Context, code: &str, done: &str) -> Result<One, OperationError> {
    let person = person(tx, ctx, code)?;
    let rows = rows_of(tx, ctx, &person)?;
    let writes = may(&ctx.actor, Action::Write(Resource::Credentials)).covers(Owner::specialist(person.id));
    Ok(One {
        standing: whole_week::standing_of(tx, ctx, person.id)?,
        rows,
        add: writes.then(|| format!("{}/new", path_of(code))),
        week: format!("/week/{}", wording::in_path(code)),
        notice: match done {
            "added" => Some("The credential is on file. Visits from today on follow."),
            "changed" => Some("The credential is corrected. Visits from today on follow."),
            "removed" => Some("The credential is off the file. Visits from today on follow."),
            _ => None,
        },
        name: person.fields.name,
    })
}

/// A specialist whose credentials the actor can see.
fn person(tx: &mut ReadTx, ctx: &Context, code: &str) -> Result<Specialist, OperationError> {
    let scope = may(&ctx.actor, Action::Read(Resource::Credentials));
    let found = specialists::list(tx, ctx, PageRequest::ALL)?.items.into_iter().find(|one| one.fields.code == code);
    found.filter(|one| scope.covers(Owner::specialist(one.id))).ok_or(OperationError::NotFound)
}

/// The credentials of a specialist, by first day.
fn rows_of(tx: &mut ReadTx, ctx: &Context, person: &Specialist) -> Result<Vec<Row>, OperationError> {
    let filter = Filter { specialist: Some(person.id), ..Filter::default() };
    let mut found = credentials::list(tx, ctx, &filter, PageRequest::ALL)?.items;
    found.sort_by_key(|one| (one.credential.fields.discipline.clone(), one.credential.fields.valid_from));
    let today = ctx.today();
    Ok(found.iter().map(|one| row(one, today)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::credential::CredentialKind;

    #[test]
    fn the_pill_counts_to_the_last_day_on_which_it_is_valid() {
        let day = |text: &str| -> NaiveDate { text.parse().expect("a date") };
        let words = |until: Option<&str>, renewed| {
            let fields = CredentialFields {
                discipline: "SLP".to_owned(),
                kind: CredentialKind::License,
                issuer: "MO-BHA".to_owned(),
                us_state: None,
                valid_from: day("2025-02-01"),
                valid_until: until.map(day),
            };
            pill(&fields, renewed, day("2027-01-18")).words
        };
        assert_eq!(words(None, false), "Valid");
        assert_eq!(words(Some("2027-04-19"), false), "Valid");
        assert_eq!(words(Some("2027-04-18"), false), "Ends in 89 days");
        assert_eq!(words(Some("2027-01-20"), false), "Ends in 1 day");
        assert_eq!(words(Some("2027-01-19"), false), "Ends today");
        assert_eq!(words(Some("2027-01-18"), false), "Ended");
        assert_eq!(
            (words(Some("2027-01-18"), true), words(Some("2027-02-01"), true)),
            ("Ended, renewed".to_owned(), "Valid, renewed".to_owned())
        );
    }
}
