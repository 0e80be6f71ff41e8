//! Time away of the specialist who is signed in: what is entered, reporting more after a look at what it touches, and
//! taking it back.

use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use super::holder::{Holder, SentForm};
use super::shell::{Place, Shell, answer, lead_to};
use super::{icon, wording};
use crate::domain::calendar::{Interval, WallClock};
use crate::domain::cover::AwayEffects;
use crate::domain::discipline::service_word;
use crate::domain::fault::Faults;
use crate::domain::ids::TimeAwayId;
use crate::domain::time_away::{AwayReason, TimeAway, TimeAwayFields};
use crate::operations::away_effects::AwayTimes;
use crate::operations::{Context, OperationError, away_effects, log_days, time_away};

const HERE: &str = "/me/time-away";
/// Codes and words of the classes of reasons.
const REASONS: [(AwayReason, &str, &str); 6] = [
    (AwayReason::Illness, "illness", "Illness"),
    (AwayReason::Family, "family", "Family"),
    (AwayReason::Vacation, "vacation", "Vacation"),
    (AwayReason::Professional, "professional", "Training or another professional day"),
    (AwayReason::OffContract, "off_contract", "A day outside my contract"),
    (AwayReason::Other, "other", "Something else"),
];

#[derive(Template)]
#[template(path = "time_away.html")]
struct ListHtml<'a> {
    shell: &'a Shell,
    form_token: &'a str,
    rows: &'a [Row],
}

#[derive(Template)]
#[template(path = "time_away_new.html")]
struct NewHtml<'a> {
    shell: &'a Shell,
    form_token: &'a str,
    sent: &'a Sent,
    faults: &'a [(String, String)],
}

#[derive(Template)]
#[template(path = "time_away_check.html")]
struct CheckHtml<'a> {
    shell: &'a Shell,
    form_token: &'a str,
    sent: &'a Sent,
    lede: String,
    visits: Vec<(String, String)>,
    cover: String,
}

struct Row {
    when: String,
    reason: &'static str,
    /// Where it is taken back; absent once it is over.
    withdraw: Option<String>,
}

/// What the form sends, as it was typed.
#[derive(Debug, Clone, Default, Deserialize)]
struct Sent {
    #[serde(default)]
    reason: String,
    #[serde(default)]
    starts_on: String,
    #[serde(default)]
    ends_on: String,
    #[serde(default)]
    starts: String,
    #[serde(default)]
    ends: String,
    #[serde(default)]
    form: String,
}

impl SentForm for Sent {
    fn token(&self) -> &str {
        &self.form
    }
}

/// Adds the pages.
pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .route(HERE, web::get().to(list))
        .route(HERE, web::post().to(post))
        .route("/me/time-away/new", web::get().to(new))
        .route("/me/time-away/check", web::post().to(check))
        .route("/me/time-away/{id}/withdraw", web::post().to(withdraw));
}

/// `GET /me/time-away`
async fn list(holder: Holder) -> HttpResponse {
    if let Err(answer) = holder.complete() {
        return answer;
    }
    let found = holder.look(|tx, ctx| Ok((time_away::list(tx, ctx, log_days::own_specialist(ctx)?)?, ctx.today())));
    match found.await {
        Ok((mut found, today)) => {
            found.sort_by_key(|away| std::cmp::Reverse(away.fields.starts_on));
            let rows: Vec<Row> = found.iter().map(|away| row(away, today)).collect();
            let shell = Shell { place: Place::TimeAway, ..holder.shell() };
            let form_token = &holder.signed_in.form_token;
            answer(&shell, StatusCode::OK, ListHtml { shell: &shell, form_token, rows: &rows }.render())
        }
        Err(error) => holder.refuse(&error, HERE),
    }
}

fn row(away: &TimeAway, today: NaiveDate) -> Row {
    let reason = REASONS.iter().find(|one| one.0 == away.fields.reason).map_or("", |one| one.2);
    let withdraw = (away.fields.ends_on >= today).then(|| format!("{HERE}/{}/withdraw", away.id));
    Row { when: when(&away.fields), reason, withdraw }
}

/// `Monday, January 18`, `Jan 18 to Feb 19, 12:00–3:00 p.m.`
fn when(fields: &TimeAwayFields) -> String {
    let days = match fields.starts_on == fields.ends_on {
        true => wording::date(fields.starts_on),
        false => format!("{} to {}", wording::date(fields.starts_on), wording::date(fields.ends_on)),
    };
    match fields.starts.zip(fields.ends) {
        Some((starts, ends)) => format!("{days}, {}", wording::time_span(Interval { starts, ends })),
        None => days,
    }
}

/// `GET /me/time-away/new`
async fn new(holder: Holder) -> HttpResponse {
    if let Err(answer) = holder.complete() {
        return answer;
    }
    match holder.look(|_, ctx| log_days::own_specialist(ctx)).await {
        Ok(_) => form(&holder, &Sent::default(), &[]),
        Err(error) => holder.refuse(&error, HERE),
    }
}

fn form(holder: &Holder, sent: &Sent, faults: &[(String, String)]) -> HttpResponse {
    let shell = Shell { place: Place::TimeAway, ..holder.shell() };
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let form_token = &holder.signed_in.form_token;
    answer(&shell, status, NewHtml { shell: &shell, form_token, sent, faults }.render())
}

impl Sent {
    /// What is to be entered.
    ///
    /// # Errors
    /// Every entry that cannot be read.
    fn fields(&self) -> Result<TimeAwayFields, OperationError> {
        let mut faults = Faults::default();
        let reason = REASONS.iter().find(|one| one.1 == self.reason).map(|one| one.0);
        faults.require(reason.is_some(), "/reason", || "Choose a reason".to_owned());
        let starts_on = self.starts_on.trim().parse::<NaiveDate>().ok();
        faults.require(starts_on.is_some(), "/starts_on", || "Enter the first day, like 2027-01-18".to_owned());
        let ends_on = match self.ends_on.trim() {
            "" => starts_on,
            text => text.parse().ok(),
        };
        let is_last_readable = ends_on.is_some() || self.ends_on.trim().is_empty();
        faults.require(is_last_readable, "/ends_on", || "Enter the last day, like 2027-01-19, or nothing".to_owned());
        let mut clock = |pointer: &str, text: &str| match text.trim() {
            "" => None,
            text => {
                let time = text.parse::<WallClock>().ok();
                faults.require(time.is_some(), pointer, || {
                    "Enter a time, like 12:00, or nothing for whole days".to_owned()
                });
                time
            }
        };
        let (starts, ends) = (clock("/starts", &self.starts), clock("/ends", &self.ends));
        match (reason, starts_on, ends_on, faults.into_vec()) {
            (Some(reason), Some(starts_on), Some(ends_on), faults) if faults.is_empty() => {
                Ok(TimeAwayFields { reason, starts_on, ends_on, starts, ends })
            }
            (.., faults) => Err(OperationError::Invalid(faults)),
        }
    }

    fn is_chosen(&self, code: &str) -> bool {
        self.reason == code
    }
}

impl NewHtml<'_> {
    /// Name, label, kind, hint and what was typed.
    fn entries(&self) -> [(&str, &str, &str, &str, &str); 4] {
        let sent = self.sent;
        let part = "For a part of each day; leave empty for whole days";
        [
            ("starts_on", "First day", "date", "", sent.starts_on.as_str()),
            ("ends_on", "Last day (optional)", "date", "Leave empty for one day", sent.ends_on.as_str()),
            ("starts", "From (optional)", "time", part, sent.starts.as_str()),
            ("ends", "Until (optional)", "time", "", sent.ends.as_str()),
        ]
    }

    fn wrong(&self, field: &str) -> Option<&str> {
        self.faults.iter().find(|(name, _)| name == field).map(|(_, words)| words.as_str())
    }
}

/// `POST /me/time-away/check`: what it would touch; nothing is stored.
async fn check(request: HttpRequest, holder: Holder, sent: Option<web::Form<Sent>>) -> HttpResponse {
    let sent = match holder.sent(&request, sent) {
        Ok(sent) => sent,
        Err(answer) => return answer,
    };
    let typed = sent.clone();
    let found = holder.look(move |tx, ctx| {
        let own = log_days::own_specialist(ctx)?;
        let fields = typed.fields()?;
        let times = AwayTimes {
            starts_on: Some(fields.starts_on),
            ends_on: Some(fields.ends_on),
            starts: fields.starts,
            ends: fields.ends,
        };
        Ok((fields, away_effects::preview(tx, ctx, own, &times)?))
    });
    match found.await {
        Ok((fields, effects)) => {
            let shell = Shell { place: Place::TimeAway, ..holder.shell() };
            let page = CheckHtml {
                shell: &shell,
                form_token: &holder.signed_in.form_token,
                sent: &sent,
                lede: format!("You will be away {}.", when(&fields)),
                visits: effects.visits.iter().map(|one| touched(&one.visit)).collect(),
                cover: cover(&effects),
            };
            answer(&shell, StatusCode::OK, page.render())
        }
        Err(error) => refused(&holder, &sent, &error),
    }
}

fn touched(visit: &crate::domain::dated_visit::DatedVisit) -> (String, String) {
    let time = Interval { starts: visit.starts, ends: visit.ends };
    let when = format!("{}, {}", visit.visit_on.format("%a, %b %-d"), wording::time_span(time));
    (when, format!("{}: {}, {}", visit.site_name, service_word(&visit.discipline), visit.service_request_code))
}

fn cover(effects: &AwayEffects) -> String {
    if effects.visits.is_empty() {
        return "No visit is touched.".to_owned();
    }
    format!(
        "{} with {} would not take place. Somebody who is free could cover {} of these minutes; the office decides who.",
        wording::count(effects.visits.len() as i64, "visit", "visits"),
        wording::count(effects.minutes, "minute", "minutes"),
        wording::thousands(effects.coverable_minutes)
    )
}

/// `POST /me/time-away`
async fn post(request: HttpRequest, holder: Holder, sent: Option<web::Form<Sent>>) -> HttpResponse {
    let sent = match holder.sent(&request, sent) {
        Ok(sent) => sent,
        Err(answer) => return answer,
    };
    let typed = sent.clone();
    let done = holder.change(move |tx, ctx| {
        let own = log_days::own_specialist(ctx)?;
        time_away::create(tx, ctx, own, &typed.fields()?)
    });
    match done.await {
        Ok(_) => lead_to(HERE),
        Err(error) => refused(&holder, &sent, &error),
    }
}

fn refused(holder: &Holder, sent: &Sent, error: &OperationError) -> HttpResponse {
    let OperationError::Invalid(faults) = error else { return holder.refuse(error, HERE) };
    let faults: Vec<(String, String)> =
        faults.iter().map(|fault| (fault.pointer.trim_start_matches('/').to_owned(), fault.message.clone())).collect();
    form(holder, sent, &faults)
}

/// `POST /me/time-away/{id}/withdraw`
async fn withdraw(
    request: HttpRequest,
    holder: Holder,
    id: web::Path<String>,
    sent: Option<web::Form<Sent>>,
) -> HttpResponse {
    if let Err(answer) = holder.sent(&request, sent) {
        return answer;
    }
    let Ok(id) = id.parse::<TimeAwayId>() else { return holder.refuse(&OperationError::NotFound, HERE) };
    let done = holder.change(move |tx, ctx: &Context| {
        log_days::own_specialist(ctx)?;
        time_away::remove(tx, ctx, id)
    });
    match done.await {
        Ok(()) => lead_to(HERE),
        Err(error) => holder.refuse(&error, HERE),
    }
}
