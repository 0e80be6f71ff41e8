//! The own tokens: for what, how far, until when, last used; making one, and switching one off.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::TimeDelta;
use chrono_tz::Tz;

use super::account::moment;
use super::holder::Holder;
use super::icon;
use super::shell::{Shell, answer, lead_to};
use super::sign_in::{CodeForm, first_fault};
use super::wording;
use crate::domain::ids::TokenId;
use crate::domain::token::{Area, LASTS_DEFAULT, LASTS_MAX, Token, TokenFields};
use crate::operations::OperationError;
use crate::operations::accounts::tokens;

const NEW: &str = "/account/tokens/new";

/// A token as it is shown.
pub(super) struct Row {
    pub id: TokenId,
    pub name: String,
    pub reach: String,
    pub ends: String,
    pub used: String,
}

pub(super) fn rows(tokens: &[Token], zone: Tz) -> Vec<Row> {
    let row = |token: &Token| Row {
        id: token.id,
        name: token.fields.name.clone(),
        reach: reach(&token.fields),
        ends: token.fields.expires_at.map(|at| wording::date(at.with_timezone(&zone).date_naive())).unwrap_or_default(),
        used: token.last_used_at.map_or_else(|| "Never".to_owned(), |at| moment(at, zone)),
    };
    tokens.iter().rev().map(row).collect()
}

/// `Read requests, plans`
fn reach(fields: &TokenFields) -> String {
    let verb = if fields.read_only { "Read" } else { "Read and change" };
    let all = Area::ALL.iter().all(|area| fields.areas.contains(area));
    let areas: Vec<&str> = fields.areas.iter().map(|area| area_words(*area)).collect();
    if all { format!("{verb} all that you may") } else { format!("{verb} {}", areas.join(", ")) }
}

fn area_words(area: Area) -> &'static str {
    match area {
        Area::Coop => "districts, schools and terms",
        Area::Specialists => "specialists",
        Area::ServiceRequests => "requests",
        Area::Plans => "plans",
        Area::CostShares => "cost shares",
        Area::Administration => "accounts, e-mails and imports",
    }
}

#[derive(Template)]
#[template(path = "token.html")]
struct Html<'a> {
    shell: &'a Shell,
    form_token: &'a str,
    name: &'a str,
    days: i64,
    days_max: i64,
    /// Value, words, whether it is checked.
    areas: Vec<(&'static str, String, bool)>,
    changes: bool,
    wrong: Option<String>,
}

#[derive(Template)]
#[template(path = "token_made.html")]
struct MadeHtml<'a> {
    shell: &'a Shell,
    name: &'a str,
    secret: &'a str,
    ends: String,
}

/// `GET /account/tokens/new`
pub(super) async fn get(holder: Holder) -> HttpResponse {
    match allowed(&holder) {
        Ok(()) => page(&holder, &TokenFields { read_only: true, ..TokenFields::for_everything("") }, None),
        Err(answer) => answer,
    }
}

/// Who completed the sign-in and has just proven who it is.
fn allowed(holder: &Holder) -> Result<(), HttpResponse> {
    holder.complete()?;
    match holder.signed_in.session.is_proven(holder.signed_in.now) {
        true => Ok(()),
        false => Err(holder.refuse(&OperationError::ProofRequired, NEW)),
    }
}

fn page(holder: &Holder, typed: &TokenFields, wrong: Option<String>) -> HttpResponse {
    let shell = holder.shell();
    let area = |area: Area| (area.code(), wording::capital(area_words(area)), typed.areas.contains(&area));
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let html = Html {
        shell: &shell,
        form_token: &holder.signed_in.form_token,
        name: &typed.name,
        days: LASTS_DEFAULT.num_days(),
        days_max: LASTS_MAX.num_days(),
        areas: Area::ALL.map(area).into_iter().collect(),
        changes: !typed.read_only,
        wrong,
    };
    answer(&shell, status, html.render())
}

/// `POST /account/tokens/new`: shows the secret, once.
pub(super) async fn post(
    request: HttpRequest,
    holder: Holder,
    form: Option<web::Form<Vec<(String, String)>>>,
) -> HttpResponse {
    let sent = form.map(web::Form::into_inner).unwrap_or_default();
    let one = |name: &str| sent.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
    if let Err(answer) = allowed(&holder).and_then(|()| holder.check_form(&request, one("form"))) {
        return answer;
    }
    let is_chosen = |area: &Area| sent.iter().any(|(name, value)| name == "area" && value == area.code());
    let days: Option<i64> = one("days").trim().parse().ok().filter(|days| (1..=LASTS_MAX.num_days()).contains(days));
    let fields = TokenFields {
        name: one("name").trim().to_owned(),
        read_only: one("changes") != "yes",
        areas: Area::ALL.into_iter().filter(is_chosen).collect(),
        expires_at: days.map(|days| holder.signed_in.now + TimeDelta::days(days)),
    };
    if days.is_none() {
        let words = format!("Write after how many days it ends: 1 to {}", LASTS_MAX.num_days());
        return page(&holder, &fields, Some(words));
    }
    let (signed_in, asked) = (holder.signed_in.clone(), fields.clone());
    match holder.run(move |operations, _, _| tokens::create_own(operations, &signed_in, &asked)).await {
        Ok(made) => {
            let (shell, zone) = (holder.shell(), holder.operations.settings.time_zone);
            let ends = rows(std::slice::from_ref(&made.token), zone).pop().map(|row| row.ends).unwrap_or_default();
            let html = MadeHtml { shell: &shell, name: &fields.name, secret: &made.secret, ends };
            answer(&shell, StatusCode::OK, html.render())
        }
        Err(error) => match first_fault(&error) {
            Some(words) => page(&holder, &fields, Some(words)),
            None => holder.refuse(&error, NEW),
        },
    }
}

/// `POST /account/tokens/{id}/revoke`
pub(super) async fn revoke(
    request: HttpRequest,
    holder: Holder,
    id: web::Path<String>,
    form: Option<web::Form<CodeForm>>,
) -> HttpResponse {
    if let Err(answer) = holder.sent(&request, form) {
        return answer;
    }
    let Ok(id) = id.parse() else { return holder.refuse(&OperationError::NotFound, "/account") };
    let signed_in = holder.signed_in.clone();
    match holder.run(move |operations, _, _| tokens::revoke_own(operations, &signed_in, id)).await {
        Ok(()) => lead_to("/account"),
        Err(error) => holder.refuse(&error, "/account"),
    }
}
