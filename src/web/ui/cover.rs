//! Finding cover: the visits that nobody comes to, who could come to one of them, and saying who does. For the office.

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;
use serde::Deserialize;

use super::holder::{Holder, SentForm};
use super::shell::{Place, Shell, lead_to, say};
use super::sign_in::first_fault;
use super::visitor::Visitor;
use super::{icon, wording};
use crate::domain::calendar::Interval;
use crate::domain::cover::{CoverFields, CoverOption, CoverOptions, Objection};
use crate::domain::dated_visit::DatedVisit;
use crate::domain::discipline::service_word;
use crate::domain::ids::{DatedVisitId, SpecialistId};
use crate::operations::cover::{self, OpenVisit};
use crate::operations::{Context, OperationError, ReadTx};

#[derive(Template)]
#[template(path = "cover.html")]
struct ListHtml<'a> {
    shell: &'a Shell,
    page: &'a [Line],
}

#[derive(Template)]
#[template(path = "cover_visit.html")]
struct VisitHtml<'a> {
    shell: &'a Shell,
    page: &'a Page,
}

/// A visit that nobody comes to.
struct Line {
    when: String,
    school: String,
    about: String,
    away: String,
    href: String,
}

struct Page {
    title: String,
    lede: String,
    path: String,
    /// Who covers it already.
    covered_by: Option<String>,
    free: Vec<Choice>,
    others: Vec<Choice>,
    /// What an agency would cost, as a sentence.
    agency: Option<String>,
}

/// Somebody who is qualified, with what it means if they come, a line each.
struct Choice {
    id: SpecialistId,
    name: String,
    lines: Vec<String>,
    objections: Vec<Objection>,
    /// Whether nothing speaks against it by video.
    by_video: bool,
    /// Whether the office can mean it all the same.
    can_be_meant: bool,
}

/// Adds the pages.
pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .route("/cover", web::get().to(list))
        .route("/cover/{visit}", web::get().to(get))
        .route("/cover/{visit}", web::post().to(post))
        .route("/cover/{visit}/release", web::post().to(release));
}

/// `GET /cover`
async fn list(visitor: Visitor) -> HttpResponse {
    let read = |tx: &mut ReadTx, ctx: &Context| Ok(cover::open(tx, ctx)?.iter().map(line).collect::<Vec<_>>());
    visitor.show(Place::Schedule, read, |shell, page| ListHtml { shell, page }.render()).await
}

fn line(open: &OpenVisit) -> Line {
    let visit = &open.visit;
    Line {
        when: when(visit),
        school: visit.site_name.clone(),
        about: about(visit),
        away: open.specialist_name.clone(),
        href: address(visit.id),
    }
}

fn when(visit: &DatedVisit) -> String {
    let time = Interval { starts: visit.starts, ends: visit.ends };
    format!("{}, {}", visit.visit_on.format("%a, %b %-d"), wording::time_span(time))
}

fn about(visit: &DatedVisit) -> String {
    let minutes = wording::count(visit.minutes, "minute", "minutes");
    format!("{}, {}, {minutes}", service_word(&visit.discipline), visit.service_request_code)
}

fn address(id: DatedVisitId) -> String {
    format!("/cover/{id}")
}

/// `GET /cover/{visit}`
async fn get(visitor: Visitor, visit: web::Path<String>) -> HttpResponse {
    let Ok(id) = visit.parse::<DatedVisitId>() else { return visitor.refuse(&OperationError::NotFound) };
    let shell = visitor.shell(Place::Schedule);
    match visitor.look(move |tx, ctx| cover::options(tx, ctx, id)).await {
        Ok(found) => {
            super::shell::answer(&shell, StatusCode::OK, VisitHtml { shell: &shell, page: &page(&found) }.render())
        }
        Err(OperationError::Conflict { detail, changes }) => say(
            &shell,
            StatusCode::CONFLICT,
            "Nobody can say who could come",
            &[vec![detail], changes].concat().join(". "),
        ),
        Err(error) => visitor.refuse(&error),
    }
}

fn page(found: &CoverOptions) -> Page {
    let visit = &found.visit;
    let choice = |one: &CoverOption| Choice {
        id: one.specialist_id,
        name: one.specialist_name.clone(),
        lines: lines(one),
        objections: one.objections.clone(),
        by_video: one.is_free_by_video,
        can_be_meant: one.can_be_meant(),
    };
    let (free, others): (Vec<_>, Vec<_>) = found.options.iter().partition(|one| one.is_free);
    let by = visit.covered_by_specialist_id;
    let covering = by.map(|by| {
        let known = found.options.iter().find(|one| one.specialist_id == by);
        known.map_or_else(|| "somebody else".to_owned(), |one| one.specialist_name.clone())
    });
    Page {
        title: format!("Cover for {}", when(visit)),
        lede: format!("{}: {}.", visit.site_name, about(visit)),
        path: address(visit.id),
        covered_by: covering,
        free: free.into_iter().map(choice).collect(),
        others: others.into_iter().map(choice).collect(),
        agency: found.agency.map(|agency| {
            format!(
                "An agency would cost {} for this visit, at {} an hour.",
                wording::money(agency.cost_cents),
                wording::money(agency.cents_per_hour)
            )
        }),
    }
}

fn lines(one: &CoverOption) -> Vec<String> {
    let drive = match one.extra_drive_minutes {
        0 => "No more driving".to_owned(),
        more if more > 0 => format!("{more} min more driving"),
        less => format!("{} min less driving", -less),
    };
    let week = format!(
        "{} of {} minutes in this week so far, and {} with this visit",
        wording::thousands(one.week_minutes),
        wording::thousands(one.week_minutes_max),
        wording::thousands(one.week_minutes + one.minutes)
    );
    vec![week, format!("{drive}, {} for the visit", wording::money(one.cost_cents))]
}

/// What the forms send.
#[derive(Debug, Clone, Default, Deserialize)]
struct Sent {
    #[serde(default)]
    specialist: String,
    #[serde(default)]
    despite: String,
    #[serde(default)]
    form: String,
}

impl SentForm for Sent {
    fn token(&self) -> &str {
        &self.form
    }
}

/// `POST /cover/{visit}`
async fn post(
    request: HttpRequest,
    holder: Holder,
    visit: web::Path<String>,
    form: Option<web::Form<Sent>>,
) -> HttpResponse {
    let form = match holder.sent(&request, form) {
        Ok(form) => form,
        Err(answer) => return answer,
    };
    let (Ok(id), Ok(specialist_id)) = (visit.parse::<DatedVisitId>(), form.specialist.parse()) else {
        return holder.refuse(&OperationError::NotFound, "/cover");
    };
    let fields = CoverFields { specialist_id, despite_objections: form.despite == "yes" };
    let done = holder.change(move |tx, ctx| cover::assign(tx, ctx, id, &fields)).await;
    settled(&holder, id, done)
}

/// `POST /cover/{visit}/release`
async fn release(
    request: HttpRequest,
    holder: Holder,
    visit: web::Path<String>,
    form: Option<web::Form<Sent>>,
) -> HttpResponse {
    if let Err(answer) = holder.sent(&request, form) {
        return answer;
    }
    let Ok(id) = visit.parse::<DatedVisitId>() else { return holder.refuse(&OperationError::NotFound, "/cover") };
    let done = holder.change(move |tx, ctx| cover::release(tx, ctx, id)).await;
    settled(&holder, id, done)
}

fn settled(holder: &Holder, id: DatedVisitId, done: Result<DatedVisit, OperationError>) -> HttpResponse {
    let refused = |words: &str| say(&holder.shell(), StatusCode::CONFLICT, "Nothing was changed", words);
    match done {
        Ok(_) => lead_to(&address(id)),
        Err(OperationError::Conflict { detail, .. }) => refused(&detail),
        Err(error) => match first_fault(&error) {
            Some(words) => refused(&words),
            None => holder.refuse(&error, "/cover"),
        },
    }
}
