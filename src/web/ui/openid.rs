//! Signing in with an account of one's own district: to the provider and back.
//!
//! Both ways lead over a small page of ours instead of a redirect. On the way there, because our policy lets forms lead
//! nowhere else. On the way back, because strict cookies are not sent while a browser comes from another site.

use actix_web::http::StatusCode;
use actix_web::http::header::{REFRESH, SET_COOKIE};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::UiSettings;
use super::cookie::Cookie;
use super::holder::{caller, is_from_here, refuse_foreign, resumed};
use super::icon;
use super::shell::{Shell, answer, refuse, say};
use super::sign_in::{Return, after_sign_in, cookies, safe};
use super::visitor::{AskedHere, in_background};
use crate::openid::ProviderSettings;
use crate::operations::sign_in::openid::{self, Brought, Way};

/// A page that goes on by itself, and a link for browsers that do not.
#[derive(Template)]
#[template(path = "go_on.html")]
struct Html<'a> {
    shell: &'a Shell,
    heading: &'a str,
    address: &'a str,
}

/// What the provider sends back with the browser.
#[derive(Default, Deserialize)]
pub(super) struct Callback {
    #[serde(default)]
    state: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    iss: Option<String>,
}

/// The button that leads to a provider.
pub(super) fn door(provider: &ProviderSettings) -> (String, String) {
    (format!("/sign-in/openid/{}", provider.name), format!("Sign in with {}", provider.label))
}

fn go_on(shell: &Shell, heading: &str, address: &str, cookies: Vec<String>) -> HttpResponse {
    let mut response = answer(shell, StatusCode::OK, Html { shell, heading, address }.render());
    if let Ok(value) = format!("0; url={address}").parse() {
        response.headers_mut().insert(REFRESH, value);
    }
    for value in cookies.iter().filter_map(|cookie| cookie.parse().ok()) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}

fn away(shell: &Shell) -> HttpResponse {
    let words = "The other side does not answer. Sign in with your password, or try again in a few minutes.";
    say(shell, StatusCode::SERVICE_UNAVAILABLE, "This sign-in is not available at this moment", words)
}

/// `POST /sign-in/openid/{name}`
pub(super) async fn post(
    request: HttpRequest,
    operations: AskedHere,
    settings: web::Data<UiSettings>,
    name: web::Path<String>,
    form: Option<web::Form<Return>>,
) -> HttpResponse {
    let (shell, form) = (Shell::for_stranger(&settings), form.map(web::Form::into_inner).unwrap_or_default());
    // Another site must not send visitors on a way whose end it chose.
    if !is_from_here(&request, &settings) {
        return refuse_foreign(&shell);
    }
    let return_to = safe(&form.to).unwrap_or("").to_owned();
    match in_background(move || openid::begin(&operations, &name, &return_to)).await {
        Ok(Way::Open(start)) => {
            let cookie = Cookie::Openid.written(&settings, &start.browser);
            go_on(&shell, "You sign in on another page", &start.address, vec![cookie])
        }
        Ok(Way::Closed | Way::Away) => away(&shell),
        Err(error) => refuse(&shell, &error),
    }
}

/// `GET /sign-in/openid/{name}/callback`: the one address that changes something by GET, because providers lead back so.
/// Without the cookie of the browser that began it does nothing.
pub(super) async fn get_callback(
    request: HttpRequest,
    operations: AskedHere,
    settings: web::Data<UiSettings>,
    name: web::Path<String>,
    brought: Option<web::Query<Callback>>,
) -> HttpResponse {
    let (shell, brought) = (Shell::for_stranger(&settings), brought.map(web::Query::into_inner).unwrap_or_default());
    let Some(browser) = Cookie::Openid.read(&request, &settings) else { return closed(&shell) };
    let brought = Brought { browser, state: brought.state, code: brought.code, issuer: brought.iss };
    let (caller, asked) = (caller(&request, &settings), operations.clone());
    let (opened, to) = match in_background(move || openid::finish(&asked, &name, &brought, &caller)).await {
        Ok(Way::Open(opened)) => opened,
        Ok(Way::Closed) => return closed(&shell),
        Ok(Way::Away) => return away(&shell),
        Err(error) => return refuse(&shell, &error),
    };
    match resumed(&operations, &opened.secret).await {
        Ok(signed_in) => {
            let mut all = cookies(&settings, &opened);
            all.push(Cookie::Openid.written(&settings, ""));
            go_on(&shell, "You are signed in", &after_sign_in(signed_in.next, &to), all)
        }
        Err(error) => refuse(&shell, &error),
    }
}

fn closed(shell: &Shell) -> HttpResponse {
    let words = "Go back to the sign-in page and try again. If it does not help, your account here may have another \
                 e-mail address: sign in with your password or a code by e-mail, or ask the co-op's office.";
    say(shell, StatusCode::UNPROCESSABLE_ENTITY, "You could not be signed in", words)
}
