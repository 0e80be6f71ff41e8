//! Setting a password by an invitation. Looking at the link uses nothing up and signs nobody in.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, SET_COOKIE};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::UiSettings;
use super::account::PASSWORD_HINT;
use super::cookie::Cookie;
use super::form::{Entry, FormPage};
use super::holder::{is_from_here, refuse_foreign};
use super::shell::{Shell, refuse, say};
use super::sign_in::first_fault;
use super::visitor::{AskedHere, in_background};
use crate::domain::account::Account;
use crate::operations::OperationError;
use crate::operations::sign_in::invitations;

/// What the form sends.
#[derive(Default, Deserialize)]
pub(super) struct Form {
    #[serde(default)]
    password: String,
}

/// `GET /invitation/{secret}`
pub(super) async fn get(
    operations: AskedHere,
    settings: web::Data<UiSettings>,
    secret: web::Path<String>,
) -> HttpResponse {
    let (shell, looked) = (Shell::for_stranger(&settings), secret.clone());
    match in_background(move || invitations::look(&operations, &looked)).await {
        Ok(account) => page(&shell, &account, &secret).answer(),
        Err(error) => refused(&shell, &error),
    }
}

/// `POST /invitation/{secret}`
pub(super) async fn post(
    request: HttpRequest,
    operations: AskedHere,
    settings: web::Data<UiSettings>,
    secret: web::Path<String>,
    form: Option<web::Form<Form>>,
) -> HttpResponse {
    let form = form.map(web::Form::into_inner).unwrap_or_default();
    let shell = Shell::for_stranger(&settings);
    if !is_from_here(&request, &settings) {
        return refuse_foreign(&shell);
    }
    let (looked, asked) = (secret.clone(), operations.clone());
    let account = match in_background(move || invitations::look(&asked, &looked)).await {
        Ok(account) => account,
        Err(error) => return refused(&shell, &error),
    };
    let used = secret.clone();
    match in_background(move || invitations::accept(&operations, &used, &form.password)).await {
        Ok(device) => {
            let words = "Go to the first page and sign in with it.";
            let mut response = say(&shell, StatusCode::OK, "Your password is set", words);
            let device = device.map(|device| Cookie::Device.written(&settings, &device));
            if let Some(Ok(cookie)) = device.map(|device| HeaderValue::from_str(&device)) {
                response.headers_mut().append(SET_COOKIE, cookie);
            }
            response
        }
        Err(error) => match first_fault(&error) {
            Some(words) => FormPage { wrong: Some(("password", words)), ..page(&shell, &account, &secret) }.answer(),
            None => refused(&shell, &error),
        },
    }
}

fn refused(shell: &Shell, error: &OperationError) -> HttpResponse {
    let words = "This link was used already, or is too old. Ask the co-op's office for a new one.";
    match error {
        OperationError::NotFound => say(shell, StatusCode::NOT_FOUND, "This link does not work", words),
        error => refuse(shell, error),
    }
}

fn page<'a>(shell: &'a Shell, account: &Account, secret: &str) -> FormPage<'a> {
    let entry = Entry { hint: PASSWORD_HINT.to_owned(), ..Entry::password("password", "New password", "new-password") };
    FormPage {
        shell,
        heading: "Set your password",
        lede: format!("For {}. You sign in with {}.", account.fields.name, account.fields.email),
        notes: Vec::new(),
        action: format!("/invitation/{secret}"),
        hidden: Vec::new(),
        entries: vec![entry],
        button: "Set the password",
        wrong: None,
        doors: Vec::new(),
        after: Vec::new(),
    }
}
