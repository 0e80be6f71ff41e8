//! One request: what was asked, what the plan gives, by whom and when, and why the rest is short; and what can be done
//! with it.

mod change;
mod decide;
mod form;
mod read;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use askama::Template;
use serde::Deserialize;

use super::owed::Account;
use super::people::People;
use super::shell::{Place, Shell, answer};
use super::shortage::Why;
use super::status::Pill;
use super::visitor::Visitor;
use super::{icon, requests, wording};
use crate::domain::actor::{Action, Owner, Resource, may};
use crate::domain::calendar::Interval;
use crate::domain::discipline::service_word;
use crate::domain::indirect_weeks::on_average;
use crate::domain::plan::{Shortfall, Visit};
use crate::domain::report::evaluation_clocks::ClockState;
use crate::domain::service_request::{Mode, ServiceRequest, VisitMinutes};
use crate::operations::reports::evaluation_clocks;
use crate::operations::{
    Context, OperationError, PageRequest, ReadTx, members, overview, owed, service_requests, sites, terms, visits,
};
use decide::Way;

#[derive(Template)]
#[template(path = "request.html")]
struct Html<'a> {
    shell: &'a Shell,
    page: &'a Request,
    /// Absent where nothing can be done, as in a demonstration.
    form_token: Option<&'a str>,
}

/// Adds the pages.
pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .route("/requests/new", web::get().to(change::new))
        .route("/requests/new", web::post().to(change::enter))
        .route("/requests/new/check", web::post().to(change::check_new))
        .route("/requests/{code}", web::get().to(get))
        .route("/requests/{code}/edit", web::get().to(change::edit))
        .route("/requests/{code}/edit", web::post().to(change::save))
        .route("/requests/{code}/edit/check", web::post().to(change::check_edit))
        .route("/requests/{code}/{way}", web::get().to(decide::ask))
        .route("/requests/{code}/{way}", web::post().to(decide::act));
}

struct Request {
    code: String,
    title: String,
    pill: Pill,
    lede: String,
    decision_note: String,
    visits: Vec<Row>,
    /// Minutes that are missing; absent when nothing is, or no plan knows the request.
    unmet: Option<String>,
    met: String,
    /// How many minutes are unmet, and why.
    shortage: Option<(String, Why)>,
    facts: Vec<(&'static str, Vec<String>)>,
    /// What was delivered and is owed; absent before there is a visit with a date.
    owed: Option<Account>,
    notice: Option<String>,
    /// Where it is changed, while that is possible.
    edit: Option<String>,
    /// Where it is copied, for whoever may ask.
    copy: Option<String>,
    path: String,
    ways: Vec<Way>,
}

struct Row {
    day: &'static str,
    time: String,
    specialist: String,
    minutes: String,
}

#[derive(Debug, Default, Deserialize)]
struct Done {
    /// What was done just now.
    #[serde(default)]
    done: String,
}

/// `GET /requests/{code}`
async fn get(visitor: Visitor, code: web::Path<String>, done: Option<web::Query<Done>>) -> HttpResponse {
    let done = done.map(|done| done.into_inner().done).unwrap_or_default();
    let shell = visitor.shell(Place::Requests);
    match visitor.look(move |tx, ctx| read(tx, ctx, &code, &done)).await {
        Ok(page) => {
            let form_token = shell.person.as_ref().map(|person| person.form_token.as_str());
            answer(&shell, StatusCode::OK, Html { shell: &shell, page: &page, form_token }.render())
        }
        Err(error) => visitor.refuse(&error),
    }
}

fn read(tx: &mut ReadTx, ctx: &Context, code: &str, done: &str) -> Result<Request, OperationError> {
    let request = service_requests::get_by_code(tx, ctx, code)?;
    let site = sites::get(tx, ctx, request.fields.site_id)?;
    let member = members::get(tx, ctx, request.member_id)?;
    let term = terms::get(tx, ctx, request.fields.term_id)?;
    let (visits, shortfall) = in_plan(tx, ctx, &request)?;
    let given = requests::given(tx, ctx)?;
    let people = People::read(tx, ctx)?;
    let minutes = given.minutes(request.id);
    let path = format!("/requests/{}", wording::in_path(&request.code));
    let short = minutes.map(|(_, short)| short).filter(|short| *short > 0);
    Ok(Request {
        code: request.code.clone(),
        title: format!("{} at {}", service_word(&request.fields.discipline), site.fields.name),
        pill: given.pill(&request),
        lede: format!("{}. {}, {}.", wording::priority(request.fields.priority), member.fields.name, term.fields.name),
        decision_note: request.decision_note.clone(),
        visits: visits.iter().map(row).collect(),
        unmet: short.map(wording::thousands),
        met: format!(
            "{} of {}",
            wording::thousands(minutes.map_or(0, |(placed, _)| placed)),
            wording::thousands(request.fields.minutes_per_week)
        ),
        shortage: shortfall.map(|one| why(one, &people)),
        facts: facts(&request, ctx).into_iter().chain(consent(ctx, &request)).collect(),
        owed: owed::if_seen(tx, ctx, request.id)?
            .filter(|found| found.owed.planned_minutes > 0)
            .map(|found| Account::new(&found)),
        notice: decide::notice(done, &request.code),
        edit: decide::is_changeable(ctx, &request).then(|| format!("{path}/edit")),
        copy: may(&ctx.actor, Action::Write(Resource::ServiceRequests))
            .covers(Owner::member(request.member_id))
            .then(|| format!("/requests/new?copy={}", wording::in_path(&request.code))),
        ways: decide::ways(ctx, &request),
        path,
    })
}

/// The request's visits, by day and time, and its shortfall in the plan in use.
fn in_plan(
    tx: &mut ReadTx,
    ctx: &Context,
    request: &ServiceRequest,
) -> Result<(Vec<Visit>, Option<Shortfall>), OperationError> {
    let Some(plan) = overview::plan_in_use(tx, ctx)? else { return Ok((Vec::new(), None)) };
    let mut visits = visits::list(tx, ctx, plan.id, PageRequest::ALL)?.items;
    visits.retain(|visit| visit.service_request_id == request.id);
    visits.sort_by_key(|visit| (visit.weekday, visit.starts));
    let shortfalls = visits::list_shortfalls(tx, ctx, plan.id, PageRequest::ALL)?.items;
    let shortfall = shortfalls.into_iter().find(|one| one.service_request_id == request.id);
    Ok((visits, shortfall))
}

fn row(visit: &Visit) -> Row {
    Row {
        day: visit.weekday.name(),
        time: wording::time_span(Interval { starts: visit.starts, ends: visit.ends }),
        specialist: visit.specialist_name.clone(),
        minutes: wording::thousands(visit.minutes()),
    }
}

fn why(shortfall: Shortfall, people: &People) -> (String, Why) {
    let title = format!("Why {} are unmet", wording::count(shortfall.minutes, "minute", "minutes"));
    (title, Why::of_request(&shortfall, people))
}

/// The clock of an evaluation.
fn consent(ctx: &Context, request: &ServiceRequest) -> Option<(&'static str, Vec<String>)> {
    let clock = evaluation_clocks::of_request(ctx, request)?;
    let consent = request.fields.consent_on.map(|day| format!("Consent on {}", wording::date(day)));
    let due = clock.due_on.map(|day| format!("Due by {}", wording::date(day)));
    let left = match (clock.state, clock.days_left) {
        (ClockState::Running, Some(days)) => Some(format!("{} left", wording::count(days, "day", "days"))),
        (ClockState::Overdue, Some(days)) => Some(format!("Overdue by {}", wording::count(-days, "day", "days"))),
        (ClockState::NoConsent, _) => Some("The date of the parent's consent is not entered".to_owned()),
        _ => None,
    };
    Some(("Evaluation clock", [consent, due, left].into_iter().flatten().collect()))
}

fn facts(request: &ServiceRequest, ctx: &Context) -> Vec<(&'static str, Vec<String>)> {
    let fields = &request.fields;
    let visits = wording::count(fields.visits_per_week_max, "visit", "visits");
    let VisitMinutes { min, max } = fields.visit_minutes;
    let length = if min == max { format!("{min} minutes") } else { format!("{min} to {max} minutes") };
    let mut minutes = vec![format!("{} a week in at most {visits}", wording::thousands(fields.minutes_per_week))];
    if ctx.settings.three_to_one.contains(&fields.discipline) {
        let average = wording::thousands(on_average(fields.minutes_per_week));
        minutes.push(format!("Every fourth week of the term is without visits (3:1): {average} a week on average"));
    }
    let mut facts = vec![
        ("Minutes", minutes),
        ("Length of a visit", vec![length]),
        ("Times the school is open to visits", wording::open_times(&fields.windows)),
    ];
    if fields.mode == Mode::Teletherapy {
        facts.push(("How", vec!["By video".to_owned()]));
    }
    if !fields.qualifications.is_empty() {
        facts.push(("The specialist must offer", fields.qualifications.clone()));
    }
    facts
}
