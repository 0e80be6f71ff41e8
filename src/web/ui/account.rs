//! The own account: who is signed in where, the password, the second factor; and proving again who it is.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::form::{Entry, FormPage};
use super::holder::{Holder, SentForm};
use super::icon;
use super::own_tokens;
use super::shell::{Shell, answer, lead_to, refuse};
use super::sign_in::{CodeForm, Return, cookies, first_fault, safe};
use crate::domain::ids::LoginSessionId;
use crate::operations::OperationError;
use crate::operations::accounts::tokens;
use crate::operations::sign_in::Attempt;
use crate::operations::sign_in::own_account::{self, OwnAccount, Proof};
use crate::operations::sign_in::sessions::{Next, SignedIn};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "account.html")]
struct Html<'a> {
    shell: &'a Shell,
    name: &'a str,
    email: &'a str,
    form_token: &'a str,
    sessions: Vec<Row>,
    has_second_factor: bool,
    recovery_codes: i64,
    tokens: Vec<own_tokens::Row>,
}

/// One session as it is shown.
struct Row {
    id: LoginSessionId,
    agent: String,
    address: String,
    begun: String,
    used: String,
    is_this: bool,
}

fn rows(signed_in: &SignedIn, account: &OwnAccount, zone: Tz) -> Vec<Row> {
    let row = |session: &crate::domain::login_session::LoginSession| Row {
        id: session.id,
        agent: session.agent.clone(),
        address: session.address.clone(),
        begun: moment(session.created_at, zone),
        used: moment(session.last_used_at, zone),
        is_this: session.id == signed_in.session.id,
    };
    account.sessions.iter().rev().map(row).collect()
}

/// `Nov 2, 12:00 p.m.`
pub(super) fn moment(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%b %-d, %-I:%M %P").to_string().replace("am", "a.m.").replace("pm", "p.m.")
}

/// `GET /account`
pub(super) async fn get(holder: Holder) -> HttpResponse {
    if let Err(answer) = holder.complete() {
        return answer;
    }
    let (shell, signed_in) = (holder.shell(), holder.signed_in.clone());
    let read = holder.run(move |operations, _, _| {
        Ok((own_account::get(operations, &signed_in)?, tokens::own(operations, &signed_in)?))
    });
    match read.await {
        Ok((account, tokens)) => {
            let zone = holder.operations.settings.time_zone;
            let page = Html {
                shell: &shell,
                name: &holder.signed_in.actor.name,
                email: &holder.signed_in.email,
                form_token: &holder.signed_in.form_token,
                sessions: rows(&holder.signed_in, &account, zone),
                has_second_factor: account.has_second_factor,
                recovery_codes: account.recovery_codes,
                tokens: own_tokens::rows(&tokens, zone),
            };
            answer(&shell, StatusCode::OK, page.render())
        }
        Err(error) => refuse(&shell, &error),
    }
}

/// `POST /account/sessions/{id}/end`
pub(super) async fn end_session(
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
    match holder.run(move |operations, _, _| own_account::end_session(operations, &signed_in, id)).await {
        Ok(()) => lead_to("/account"),
        Err(error) => holder.refuse(&error, "/account"),
    }
}

/// Who has a second factor and did not use it is led there; setting one up for the first time is no obstacle.
fn no_code_due(holder: &Holder) -> Result<(), HttpResponse> {
    if holder.signed_in.next == Next::Code { holder.complete() } else { Ok(()) }
}

/// What the form of the password sends.
#[derive(Default, Deserialize)]
pub(super) struct PasswordForm {
    #[serde(default)]
    present: String,
    #[serde(default)]
    new: String,
    #[serde(default)]
    form: String,
}

impl SentForm for PasswordForm {
    fn token(&self) -> &str {
        &self.form
    }
}

/// `GET /account/password`
pub(super) async fn get_password(holder: Holder) -> HttpResponse {
    match holder.complete() {
        Ok(()) => password_page(&holder, &holder.shell()).answer(),
        Err(answer) => answer,
    }
}

/// `POST /account/password`
pub(super) async fn post_password(
    request: HttpRequest,
    holder: Holder,
    form: Option<web::Form<PasswordForm>>,
) -> HttpResponse {
    let form = match holder.sent(&request, form) {
        Ok(form) => form,
        Err(answer) => return answer,
    };
    let shell = holder.shell();
    let page = password_page(&holder, &shell);
    let changed = holder.run(move |operations, secret, caller| {
        own_account::change_password(operations, secret, (&form.present, &form.new), caller)
    });
    match changed.await {
        Ok(Attempt::Accepted(opened)) => {
            let mut response = lead_to("/account");
            for header in cookies(&holder.settings, &opened) {
                if let Ok(value) = header.parse() {
                    response.headers_mut().append(actix_web::http::header::SET_COOKIE, value);
                }
            }
            response
        }
        Ok(Attempt::Wrong) => {
            let words = "This is not your present password. Try again".to_owned();
            FormPage { wrong: Some(("present", words)), ..page }.answer()
        }
        Ok(Attempt::Wait(seconds)) => page.answer_wait(seconds),
        Err(error) => match first_fault(&error) {
            Some(words) => FormPage { wrong: Some(("new", words)), ..page }.answer(),
            None => holder.refuse(&error, "/account"),
        },
    }
}

/// What is asked of a new password.
pub(super) const PASSWORD_HINT: &str =
    "At least 15 characters, or 8 if you use a second factor. Four words that do not go together are good.";

fn password_page<'a>(holder: &Holder, shell: &'a Shell) -> FormPage<'a> {
    let new = Entry { hint: PASSWORD_HINT.to_owned(), ..Entry::password("new", "New password", "new-password") };
    let present = Entry::password("present", "Present password", "current-password");
    // Who was just let in by an e-mailed code has forgotten it, or never had one.
    let may_replace = holder.signed_in.session.may_replace_password(holder.signed_in.now);
    let entries = if may_replace { vec![new] } else { vec![present, new] };
    FormPage {
        shell,
        heading: "Change your password",
        lede: "You are signed out everywhere else.".to_owned(),
        notes: Vec::new(),
        action: "/account/password".to_owned(),
        hidden: vec![("form", holder.signed_in.form_token.clone())],
        entries,
        button: "Change the password",
        wrong: None,
        doors: Vec::new(),
        after: vec![(Some("/account".to_owned()), "Back to your account".to_owned())],
    }
}

/// `GET /account/confirm`
pub(super) async fn get_confirm(holder: Holder, back: Option<web::Query<Return>>) -> HttpResponse {
    let back = back.map(web::Query::into_inner).unwrap_or_default();
    match no_code_due(&holder) {
        Ok(()) => confirm_page(&holder, &holder.shell(), &back.to).answer(),
        Err(answer) => answer,
    }
}

/// `POST /account/confirm`
pub(super) async fn post_confirm(
    request: HttpRequest,
    holder: Holder,
    form: Option<web::Form<CodeForm>>,
) -> HttpResponse {
    let form = form.map(web::Form::into_inner).unwrap_or_default();
    if let Err(answer) = no_code_due(&holder).and_then(|()| holder.check_form(&request, &form.form)) {
        return answer;
    }
    let shell = holder.shell();
    let page = confirm_page(&holder, &shell, &form.to);
    let given = form.code;
    match holder.run(move |operations, secret, _| own_account::prove(operations, secret, &given)).await {
        Ok(Proof::Accepted) => lead_to(safe(&form.to).unwrap_or("/account")),
        Ok(Proof::Wrong) => {
            FormPage { wrong: Some(("code", "This is not right. Try again".to_owned())), ..page }.answer()
        }
        Ok(Proof::Wait(seconds)) => page.answer_wait(seconds),
        Err(error) => holder.refuse(&error, "/account"),
    }
}

fn confirm_page<'a>(holder: &Holder, shell: &'a Shell, to: &str) -> FormPage<'a> {
    let entry = Entry {
        hint: "Your password, or a code of your second factor".to_owned(),
        ..Entry::password("code", "Password or code", "current-password")
    };
    FormPage {
        shell,
        heading: "Confirm that it is you",
        lede: "You signed in more than 10 minutes ago. What comes next cannot be taken back easily.".to_owned(),
        notes: Vec::new(),
        action: "/account/confirm".to_owned(),
        hidden: vec![("to", safe(to).unwrap_or("").to_owned()), ("form", holder.signed_in.form_token.clone())],
        entries: vec![entry],
        button: "Go on",
        wrong: None,
        doors: Vec::new(),
        after: vec![(Some("/account".to_owned()), "Back to your account".to_owned())],
    }
}
