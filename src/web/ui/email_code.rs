//! Signing in by an e-mailed code, which is typed into the browser that asked for it.

use std::time::Duration;

use actix_web::http::header::SET_COOKIE;
use actix_web::rt::time::{Instant, sleep_until};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::UiSettings;
use super::cookie::Cookie;
use super::form::{Entry, FormPage};
use super::holder::{caller, is_from_here, refuse_foreign};
use super::shell::{Shell, lead_to, refuse};
use super::sign_in::{CodeForm, Return, safe, seated, with_return};
use super::visitor::{AskedHere, in_background};
use crate::operations::OperationError;
use crate::operations::sign_in::Attempt;
use crate::operations::sign_in::email_code::{self, Asked};

/// Asking takes at least so long, so that the work of writing an e-mail does not tell known addresses from others.
const ASKING_TAKES: Duration = Duration::from_millis(200);

/// What the form of the address sends.
#[derive(Default, Deserialize)]
pub(super) struct Form {
    #[serde(default)]
    email: String,
    #[serde(default)]
    to: String,
}

/// `GET /sign-in/email`
pub(super) async fn get(
    operations: AskedHere,
    settings: web::Data<UiSettings>,
    back: Option<web::Query<Return>>,
) -> HttpResponse {
    let (shell, back) = (Shell::for_stranger(&settings), back.map(web::Query::into_inner).unwrap_or_default());
    match operations.settings.sign_in.email_codes {
        true => page(&shell, &back.to, "").answer(),
        false => refuse(&shell, &OperationError::NotFound),
    }
}

/// `POST /sign-in/email`
pub(super) async fn post(
    request: HttpRequest,
    operations: AskedHere,
    settings: web::Data<UiSettings>,
    form: Option<web::Form<Form>>,
) -> HttpResponse {
    let answered_at = Instant::now() + ASKING_TAKES;
    let (shell, form) = (Shell::for_stranger(&settings), form.map(web::Form::into_inner).unwrap_or_default());
    if !is_from_here(&request, &settings) {
        return refuse_foreign(&shell);
    }
    let (caller, email) = (caller(&request, &settings), form.email.clone());
    let asked = in_background(move || email_code::ask(&operations, &email, &caller)).await;
    sleep_until(answered_at).await;
    match asked {
        Ok(Asked::Written(browser)) => {
            let mut response = lead_to(&with_return("/sign-in/email/code", &form.to));
            if let Ok(cookie) = Cookie::EmailCode.written(&settings, &browser).parse() {
                response.headers_mut().append(SET_COOKIE, cookie);
            }
            response
        }
        Ok(Asked::Wait(seconds)) => page(&shell, &form.to, &form.email).answer_wait(seconds),
        Err(error) => refuse(&shell, &error),
    }
}

/// `GET /sign-in/email/code`
pub(super) async fn get_code(
    request: HttpRequest,
    settings: web::Data<UiSettings>,
    back: Option<web::Query<Return>>,
) -> HttpResponse {
    let back = back.map(web::Query::into_inner).unwrap_or_default();
    match Cookie::EmailCode.read(&request, &settings) {
        Some(_) => code_page(&Shell::for_stranger(&settings), &back.to).answer(),
        None => lead_to(&with_return("/sign-in/email", &back.to)),
    }
}

/// `POST /sign-in/email/code`
pub(super) async fn post_code(
    request: HttpRequest,
    operations: AskedHere,
    settings: web::Data<UiSettings>,
    form: Option<web::Form<CodeForm>>,
) -> HttpResponse {
    let (shell, form) = (Shell::for_stranger(&settings), form.map(web::Form::into_inner).unwrap_or_default());
    if !is_from_here(&request, &settings) {
        return refuse_foreign(&shell);
    }
    let Some(browser) = Cookie::EmailCode.read(&request, &settings) else {
        return lead_to(&with_return("/sign-in/email", &form.to));
    };
    let (caller, asked) = (caller(&request, &settings), operations.clone());
    match in_background(move || email_code::give(&asked, &browser, &form.code, &caller)).await {
        Ok(Attempt::Accepted(opened)) => {
            let mut response = seated(&operations, &settings, &opened, &form.to).await;
            if let Ok(cookie) = Cookie::EmailCode.written(&settings, "").parse() {
                response.headers_mut().append(SET_COOKIE, cookie);
            }
            response
        }
        Ok(Attempt::Wrong) => {
            let words = "This code does not fit, or is too old. After five tries, get a new one";
            FormPage { wrong: Some(("code", words.to_owned())), ..code_page(&shell, &form.to) }.answer()
        }
        Ok(Attempt::Wait(seconds)) => code_page(&shell, &form.to).answer_wait(seconds),
        Err(error) => refuse(&shell, &error),
    }
}

fn page<'a>(shell: &'a Shell, return_to: &str, email: &str) -> FormPage<'a> {
    FormPage {
        shell,
        heading: "Get a code by e-mail",
        lede: "We send a code to the address of your account. Type it in here, in this browser.".to_owned(),
        notes: Vec::new(),
        action: "/sign-in/email".to_owned(),
        hidden: vec![("to", safe(return_to).unwrap_or("").to_owned())],
        entries: vec![Entry::email(email)],
        button: "Send me a code",
        wrong: None,
        doors: Vec::new(),
        after: vec![(Some(with_return("/sign-in", return_to)), "Sign in with a password".to_owned())],
    }
}

fn code_page<'a>(shell: &'a Shell, return_to: &str) -> FormPage<'a> {
    let new = "For 10 minutes after this you can set a new password on the page of your account.".to_owned();
    FormPage {
        shell,
        heading: "Enter the code",
        lede: "If the address belongs to an account, an e-mail with a code is on its way. It works for 10 minutes."
            .to_owned(),
        notes: Vec::new(),
        action: "/sign-in/email/code".to_owned(),
        hidden: vec![("to", safe(return_to).unwrap_or("").to_owned())],
        entries: vec![Entry::code("Code", "Eight digits from the e-mail")],
        button: "Sign in",
        wrong: None,
        doors: Vec::new(),
        after: vec![
            (None, new),
            (Some(with_return("/sign-in/email", return_to)), "No e-mail? Get another code".to_owned()),
        ],
    }
}
