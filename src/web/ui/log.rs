//! Logging minutes, a day at a time: as planned by one button, or with what happened. Works without JavaScript.

mod day;
mod sent;

use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

use super::holder::Holder;
use super::icon;
use super::shell::{Place, Shell, answer, lead_to};
use crate::domain::ids::DatedVisitId;
use crate::operations::service_logs::DayToLog;
use crate::operations::{Context, OperationError, ReadTx, log_days, service_logs};
use day::{Asked, Day};
use sent::Sent;

#[derive(Template)]
#[template(path = "log.html")]
struct Html<'a> {
    shell: &'a Shell,
    form_token: &'a str,
    page: &'a Day,
}

/// Adds the pages.
pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .route("/me/log", web::get().to(today))
        .route("/me/log/{date}", web::get().to(get))
        .route("/me/log/{date}", web::post().to(post_all))
        .route("/me/log/{date}/{visit}", web::post().to(post))
        .route("/me/log/{date}/{visit}/undo", web::post().to(undo));
}

/// `GET /me/log`: today, where the co-op is.
async fn today(holder: Holder) -> HttpResponse {
    if let Err(answer) = holder.complete() {
        return answer;
    }
    let own = holder.look(|_, ctx| log_days::own_specialist(ctx).map(|_| ctx.today())).await;
    match own {
        Ok(date) => lead_to(&address(date)),
        Err(error) => holder.refuse(&error, "/me/log"),
    }
}

/// What the address of a day says beside its date.
#[derive(Debug, Default, Deserialize)]
struct Query {
    /// The visit whose form is open.
    open: Option<DatedVisitId>,
    /// The visit that was logged just now.
    logged: Option<DatedVisitId>,
    /// How many visits were logged at once just now.
    count: Option<u16>,
}

/// `GET /me/log/{date}?open=&logged=`
async fn get(holder: Holder, date: web::Path<String>, query: Option<web::Query<Query>>) -> HttpResponse {
    if let Err(answer) = holder.complete() {
        return answer;
    }
    let query = query.map(web::Query::into_inner).unwrap_or_default();
    let asked = Asked { open: query.open, logged: query.logged, count: query.count, ..Asked::default() };
    page(&holder, &date, asked).await
}

/// `POST /me/log/{date}`: all that is not logged yet went as planned.
async fn post_all(
    request: HttpRequest,
    holder: Holder,
    date: web::Path<String>,
    form: Option<web::Form<Sent>>,
) -> HttpResponse {
    let form = match holder.sent(&request, form) {
        Ok(form) => form,
        Err(answer) => return answer,
    };
    let Some(day) = read_date(&date) else { return holder.refuse(&OperationError::NotFound, "/me/log") };
    let done = holder.change(move |tx, ctx| {
        let specialist = log_days::own_specialist(ctx)?;
        service_logs::log_day_as_planned(tx, ctx, specialist, &DayToLog { date: day })
    });
    match done.await {
        Ok(done) => lead_to(&format!("{}?count={}", address(day), done.logged.len())),
        Err(error) => refused(&holder, &date, None, (form, error)).await,
    }
}

/// `POST /me/log/{date}/{visit}`
async fn post(
    request: HttpRequest,
    holder: Holder,
    path: web::Path<(String, String)>,
    form: Option<web::Form<Sent>>,
) -> HttpResponse {
    let form = match holder.sent(&request, form) {
        Ok(form) => form,
        Err(answer) => return answer,
    };
    let (Some(day), Ok(visit)) = (read_date(&path.0), path.1.parse::<DatedVisitId>()) else {
        return holder.refuse(&OperationError::NotFound, "/me/log");
    };
    let typed = form.clone();
    let logged = holder.change(move |tx, ctx| {
        let minutes = service_logs::planned_minutes(tx, ctx, visit)?;
        service_logs::log(tx, ctx, visit, typed.version(), &typed.fields(minutes)?)
    });
    match logged.await {
        Ok(_) => lead_to(&format!("{}?logged={visit}", address(day))),
        Err(error) => refused(&holder, &path.0, Some(visit), (form, error)).await,
    }
}

/// `POST /me/log/{date}/{visit}/undo`
async fn undo(
    request: HttpRequest,
    holder: Holder,
    path: web::Path<(String, String)>,
    form: Option<web::Form<Sent>>,
) -> HttpResponse {
    let form = match holder.sent(&request, form) {
        Ok(form) => form,
        Err(answer) => return answer,
    };
    let (Some(day), Ok(visit)) = (read_date(&path.0), path.1.parse::<DatedVisitId>()) else {
        return holder.refuse(&OperationError::NotFound, "/me/log");
    };
    let version = form.version().unwrap_or(0);
    match holder.change(move |tx, ctx| service_logs::undo(tx, ctx, visit, version)).await {
        Ok(_) => lead_to(&format!("{}?logged={visit}", address(day))),
        Err(error) => refused(&holder, &path.0, None, (form, error)).await,
    }
}

/// The page again, with what was typed and what is wrong with it; what is not the visitor's does not exist.
async fn refused(
    holder: &Holder,
    date: &str,
    visit: Option<DatedVisitId>,
    (form, error): (Sent, OperationError),
) -> HttpResponse {
    let Some(faults) = sent::faults(&error) else { return holder.refuse(&error, "/me/log") };
    page(holder, date, Asked { open: visit, typed: Some(form), faults, ..Asked::default() }).await
}

async fn page(holder: &Holder, date: &str, asked: Asked) -> HttpResponse {
    let Some(day) = read_date(date) else { return holder.refuse(&OperationError::NotFound, "/me/log") };
    let status = if asked.faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let read = move |tx: &mut ReadTx, ctx: &Context| {
        let found = log_days::of_day(tx, ctx, day)?;
        Ok(Day::new(&found, &asked, ctx.settings.time_zone))
    };
    match holder.look(read).await {
        Ok(page) => {
            let shell = Shell { place: Place::Log, ..holder.shell() };
            let form_token = &holder.signed_in.form_token;
            answer(&shell, status, Html { shell: &shell, form_token, page: &page }.render())
        }
        Err(error) => holder.refuse(&error, "/me/log"),
    }
}

/// A date of a year that a school may have.
fn read_date(text: &str) -> Option<NaiveDate> {
    text.parse().ok().filter(|day: &NaiveDate| (2000..2200).contains(&day.year()))
}

/// The page of a day.
pub(super) fn address(date: NaiveDate) -> String {
    format!("/me/log/{date}")
}
