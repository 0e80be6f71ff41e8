//! E-mails as the office sees them: what waits, what was accepted, what failed and in whose words, addresses to which
//! nothing is sent, and what each kind of e-mail looks like. The text of a real e-mail is never shown: it may hold a
//! link or a code that opens an account.

use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::{self, FormConfig, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use chrono_tz::Tz;
use serde::Deserialize;

use super::account::moment;
use super::holder::Holder;
use super::shell::{Place, Shell, answer, guarded, lead_to, say};
use super::typed::Posted;
use super::visitor::Visitor;
use super::{icon, wording};
use crate::domain::email::{
    BounceOutcome, BounceVerdict, Email, EmailState, ParkedBecause, ReturnedMail, SuppressedAddress, SuppressedBecause,
};
use crate::domain::ids::{EmailId, SuppressedAddressId};
use crate::domain::mail_queue::{MailQueue, MailQueueState};
use crate::operations::emails::{self, Template as Kind};
use crate::operations::{Context, OperationError, PageRequest, ReadTx};

const HERE: &str = "/outbox";
/// How many e-mails of each state are shown.
const SHOWN: i64 = 50;
/// A message that came back is no longer than this.
const RETURNED_BYTES_MAX: usize = 1_048_576;

#[derive(Template)]
#[template(path = "outbox.html")]
struct Html<'a> {
    shell: &'a Shell,
    form_token: Option<&'a str>,
    page: &'a Page,
}

#[derive(Template)]
#[template(path = "outbox_templates.html")]
struct KindsHtml<'a> {
    shell: &'a Shell,
    kinds: &'a [Kind],
}

/// Everything on the page.
struct Page {
    lede: String,
    /// The queue does not run: in bold, and the rest.
    notice: Option<(String, String)>,
    is_paused: bool,
    figures: Vec<(&'static str, String, String)>,
    failed: Vec<Row>,
    waiting: Vec<Row>,
    accepted: Vec<Row>,
    suppressed: Vec<SuppressedRow>,
}

struct Row {
    id: EmailId,
    recipient: String,
    subject: String,
    when: String,
    why: &'static str,
    words: String,
    tries: String,
    can_be_sent_again: bool,
}

struct SuppressedRow {
    id: SuppressedAddressId,
    address: String,
    why: &'static str,
    words: String,
    since: String,
}

/// What the forms send.
#[derive(Default, Deserialize)]
struct Sent {
    #[serde(default)]
    form: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    delivered_to: String,
}

/// Adds the pages.
pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .route(HERE, web::get().to(get))
        .route("/outbox/templates", web::get().to(kinds))
        .route("/outbox/templates/{name}.eml", web::get().to(kind))
        .route("/outbox/resume", web::post().to(resume))
        .route("/outbox/{id}/resend", web::post().to(resend))
        .route("/outbox/suppressed/{id}/remove", web::post().to(unsuppress))
        .service(
            web::resource("/outbox/returned")
                .app_data(FormConfig::default().limit(RETURNED_BYTES_MAX))
                .route(web::post().to(returned)),
        );
}

/// `GET /outbox`
async fn get(visitor: Visitor) -> HttpResponse {
    let shell = visitor.shell(Place::Outbox);
    match visitor.look(read).await {
        Ok(page) => {
            let form_token = shell.person.as_ref().map(|person| person.form_token.as_str());
            answer(&shell, StatusCode::OK, Html { shell: &shell, form_token, page: &page }.render())
        }
        Err(error) => visitor.refuse(&error),
    }
}

fn read(tx: &mut ReadTx, ctx: &Context) -> Result<Page, OperationError> {
    let queue = emails::queue(tx, ctx)?;
    let zone = ctx.settings.time_zone;
    let suppressed = emails::suppressed(tx, ctx, PageRequest::ALL)?.items;
    let mut rows = |state| -> Result<Vec<Row>, OperationError> {
        let found = emails::newest(tx, ctx, state, SHOWN)?;
        Ok(found.iter().map(|email| row(email, &suppressed, zone)).collect())
    };
    let (failed, waiting, accepted) =
        (rows(EmailState::Parked)?, rows(EmailState::Queued)?, rows(EmailState::Accepted)?);
    let notice = notice(&queue, zone);
    let lede = match (&notice, queue.parked) {
        (Some((bold, _)), _) => bold.clone(),
        (None, 0) => "Everything that could be sent was sent.".to_owned(),
        (None, parked) => format!("{} to look at.", wording::count(parked, "e-mail", "e-mails")),
    };
    let unclear = match queue.ambiguous_total {
        0 => "a server took them".to_owned(),
        tries => format!("{} may have arrived twice", wording::count(tries, "e-mail", "e-mails")),
    };
    let figures = vec![
        ("Waiting", wording::thousands(queue.queued), "to be sent".to_owned()),
        ("Accepted", wording::thousands(queue.accepted), unclear),
        ("Not sent", wording::thousands(queue.parked), "wait for you".to_owned()),
        ("Addresses", wording::thousands(queue.suppressed_addresses), "get nothing".to_owned()),
    ];
    let suppressed = suppressed.iter().map(|one| suppressed_row(one, zone)).collect();
    let is_paused = queue.state == MailQueueState::Paused;
    Ok(Page { lede, notice, is_paused, figures, failed, waiting, accepted, suppressed })
}

fn notice(queue: &MailQueue, zone: Tz) -> Option<(String, String)> {
    let until = queue.waits_until.map_or_else(|| "soon".to_owned(), |at| format!("at {}", moment(at, zone)));
    let since = queue.since.map_or_else(String::new, |at| format!(" since {}", moment(at, zone)));
    let reason = &queue.reason;
    match queue.state {
        MailQueueState::Running => None,
        MailQueueState::Waiting => Some((
            format!("The mail server could not take e-mails{since}."),
            format!("It said or did: {reason}. Nothing is lost. We try again {until}."),
        )),
        MailQueueState::Paused => Some((
            format!("Sending is paused{since}: the mail server refuses us."),
            format!(
                "It said: {reason}. All e-mails are kept. Ask who runs the server to mend the login or the sender, \
                 then try again. We try one e-mail {until}."
            ),
        )),
    }
}

fn row(email: &Email, suppressed: &[SuppressedAddress], zone: Tz) -> Row {
    let is_suppressed = suppressed.iter().any(|one| one.address == email.recipient.to_ascii_lowercase());
    let when = match email.state {
        EmailState::Queued => email.next_attempt_at,
        _ => email.finished_at.unwrap_or(email.created_at),
    };
    Row {
        id: email.id,
        recipient: email.recipient.clone(),
        subject: if email.subject.is_empty() { "(erased)".to_owned() } else { email.subject.clone() },
        when: moment(when, zone),
        why: email.parked_because.map_or("", why),
        words: email.server_text.clone(),
        tries: wording::count(email.attempts, "try", "tries"),
        can_be_sent_again: email.state == EmailState::Parked && !is_suppressed,
    }
}

fn why(because: ParkedBecause) -> &'static str {
    match because {
        ParkedBecause::RecipientRefused => "The mail server does not know this address",
        ParkedBecause::MessageRefused => "The mail server refused this e-mail",
        ParkedBecause::GaveUp => "It was tried for five days",
        ParkedBecause::Unclear => "It may have arrived several times; the mail server never said so",
        ParkedBecause::Suppressed => "Nothing is sent to this address, see below",
        ParkedBecause::Returned => "It came back",
    }
}

fn suppressed_row(one: &SuppressedAddress, zone: Tz) -> SuppressedRow {
    let why = match one.because {
        SuppressedBecause::Refused => "The mail server does not know it",
        SuppressedBecause::Returned => "An e-mail came back",
    };
    SuppressedRow {
        id: one.id,
        address: one.address.clone(),
        why,
        words: one.server_text.clone(),
        since: moment(one.created_at, zone),
    }
}

/// `GET /outbox/templates`
async fn kinds(visitor: Visitor) -> HttpResponse {
    let print = |shell: &Shell, kinds: &Vec<Kind>| KindsHtml { shell, kinds }.render();
    visitor.show(Place::Outbox, |_, ctx| emails::templates(ctx), print).await
}

/// `GET /outbox/templates/NAME.eml`: the whole message, for a mail program.
async fn kind(visitor: Visitor, name: web::Path<String>) -> HttpResponse {
    let found = visitor.look(move |_, ctx| {
        let found = emails::templates(ctx)?.into_iter().find(|kind| kind.name == name.as_str());
        found.ok_or(OperationError::NotFound)
    });
    match found.await {
        Ok(kind) => {
            let disposition = format!("attachment; filename=\"{}.eml\"", kind.name);
            guarded(StatusCode::OK)
                .insert_header((CONTENT_DISPOSITION, disposition))
                .content_type("message/rfc822")
                .body(kind.message)
        }
        Err(error) => visitor.refuse(&error),
    }
}

fn done<T>(holder: &Holder, outcome: Result<T, OperationError>) -> HttpResponse {
    match outcome {
        Ok(_) => lead_to(HERE),
        Err(OperationError::Conflict { detail, .. }) => {
            say(&holder.shell(), StatusCode::CONFLICT, "This cannot be done now", &format!("{detail}."))
        }
        Err(error) => holder.refuse(&error, HERE),
    }
}

/// `POST /outbox/resume`
async fn resume(posted: Posted) -> HttpResponse {
    let outcome = posted.holder.change(emails::resume).await;
    done(&posted.holder, outcome)
}

/// `POST /outbox/ID/resend`
async fn resend(posted: Posted, id: web::Path<String>) -> HttpResponse {
    let holder = posted.holder;
    let Ok(id) = id.parse() else { return holder.refuse(&OperationError::NotFound, HERE) };
    let outcome = holder.change(move |tx, ctx| emails::resend(tx, ctx, id)).await;
    done(&holder, outcome)
}

/// `POST /outbox/suppressed/ID/remove`
async fn unsuppress(posted: Posted, id: web::Path<String>) -> HttpResponse {
    let holder = posted.holder;
    let Ok(id) = id.parse() else { return holder.refuse(&OperationError::NotFound, HERE) };
    let outcome = holder.change(move |tx, ctx| emails::unsuppress(tx, ctx, id)).await;
    done(&holder, outcome)
}

/// `POST /outbox/returned`
async fn returned(request: HttpRequest, holder: Holder, form: Option<web::Form<Sent>>) -> HttpResponse {
    let form = form.map(web::Form::into_inner).unwrap_or_default();
    if let Err(answer) = holder.complete().and_then(|()| holder.check_form(&request, &form.form)) {
        return answer;
    }
    let delivered_to = Some(form.delivered_to.trim().to_owned()).filter(|address| !address.is_empty());
    let sent = ReturnedMail { message: form.message, delivered_to };
    match holder.change(move |tx, ctx| emails::take_returned(tx, ctx, &sent)).await {
        Ok(verdict) => {
            let (heading, words) = told(&verdict);
            say(&Shell { place: Place::Outbox, ..holder.shell() }, StatusCode::OK, heading, &words)
        }
        Err(error) => holder.refuse(&error, HERE),
    }
}

fn told(verdict: &BounceVerdict) -> (&'static str, String) {
    let reason = verdict.reason.trim_end_matches('.');
    match verdict.outcome {
        BounceOutcome::Suspended => (
            "The e-mail came back",
            format!(
                "Nothing more is sent to its address until you take it off the list. The mail system said: {reason}."
            ),
        ),
        BounceOutcome::Noted => ("Passing trouble", format!("The words are kept, nothing else changes: {reason}.")),
        BounceOutcome::Ignored => ("Nothing was changed", format!("{reason}.")),
    }
}
