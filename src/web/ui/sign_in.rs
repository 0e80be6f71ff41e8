//! Signing in: an access token becomes a cookie that only this server reads.

use actix_web::http::StatusCode;
use actix_web::http::header::{COOKIE, SET_COOKIE};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::shell::{Shell, answer, guarded, refuse};
use super::visitor::in_background;
use super::{UiSettings, icon};
use crate::operations::{OperationError, Operations, accounts};

/// How long a sign-in lasts: 12 hours.
const SECONDS: u32 = 12 * 60 * 60;
/// Longest cookie or token that is looked at.
const TOKEN_LENGTH_MAX: usize = 200;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Html<'a> {
    shell: &'a Shell,
    return_to: &'a str,
    is_wrong: bool,
}

/// Where to go after signing in.
#[derive(Default, Deserialize)]
pub(super) struct Return {
    #[serde(default)]
    to: String,
}

/// What the form sends.
#[derive(Default, Deserialize)]
pub(super) struct Form {
    #[serde(default)]
    token: String,
    #[serde(default)]
    to: String,
}

/// `GET /sign-in`
pub(super) async fn get(settings: web::Data<UiSettings>, back: Option<web::Query<Return>>) -> HttpResponse {
    let back = back.map(web::Query::into_inner).unwrap_or_default();
    page(&settings, StatusCode::OK, &back.to, false)
}

/// `POST /sign-in`
pub(super) async fn post(
    request: HttpRequest,
    operations: web::Data<Operations>,
    settings: web::Data<UiSettings>,
    form: Option<web::Form<Form>>,
) -> HttpResponse {
    // What is not a form at all has no token either.
    let form = form.map(web::Form::into_inner).unwrap_or_default();
    // Another site must not sign a visitor in to an account of its own choice.
    let site = request.headers().get("Sec-Fetch-Site").and_then(|value| value.to_str().ok());
    if site.is_some_and(|site| site != "same-origin") {
        return page(&settings, StatusCode::FORBIDDEN, "", false);
    }
    let token = form.token.trim().to_owned();
    if !is_plausible(&token) {
        return page(&settings, StatusCode::UNPROCESSABLE_ENTITY, &form.to, true);
    }
    let cookie = cookie(&settings, &token, SECONDS);
    match in_background(move || accounts::actor_of_token(&operations, &token)).await {
        Ok(_) => guarded(StatusCode::SEE_OTHER)
            .insert_header((SET_COOKIE, cookie))
            .insert_header(("Location", safe(&form.to).unwrap_or("/")))
            .finish(),
        Err(OperationError::SignInRequired) => page(&settings, StatusCode::UNPROCESSABLE_ENTITY, &form.to, true),
        Err(error) => refuse(&Shell::for_stranger(&settings), &error),
    }
}

/// `POST /sign-out`
pub(super) async fn sign_out(settings: web::Data<UiSettings>) -> HttpResponse {
    guarded(StatusCode::SEE_OTHER)
        .insert_header((SET_COOKIE, cookie(&settings, "", 0)))
        .insert_header(("Location", "/sign-in"))
        .finish()
}

fn page(settings: &UiSettings, status: StatusCode, return_to: &str, is_wrong: bool) -> HttpResponse {
    let shell = Shell::for_stranger(settings);
    let return_to = safe(return_to).unwrap_or("");
    answer(&shell, status, Html { shell: &shell, return_to, is_wrong }.render())
}

/// The way to the sign-in page, and from there back to what was asked for.
pub(super) fn address_with_return(request: &HttpRequest) -> String {
    match safe(request.path()) {
        Some(path) if path != "/" => format!("/sign-in?to={}", path.replace('&', "%26")),
        _ => "/sign-in".to_owned(),
    }
}

/// A path of this server, never an address of another one: `//host` and `/\host` would lead away.
fn safe(path: &str) -> Option<&str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.&%".contains(&byte);
    (path.starts_with('/') && !path.starts_with("//") && path.len() <= 200 && path.bytes().all(plain)).then_some(path)
}

/// The token that the visitor's cookie holds.
pub(super) fn token_of(request: &HttpRequest, settings: &UiSettings) -> Option<String> {
    let start = format!("{}=", cookie_name(settings));
    let headers = request.headers().get_all(COOKIE).filter_map(|value| value.to_str().ok());
    let token = headers.flat_map(|value| value.split(';')).find_map(|pair| pair.trim().strip_prefix(&start))?;
    is_plausible(token).then(|| token.to_owned())
}

/// Only what can stand in a cookie; whether it is a token is looked up.
fn is_plausible(token: &str) -> bool {
    (1..=TOKEN_LENGTH_MAX).contains(&token.len())
        && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}

/// Over HTTPS the name itself makes browsers refuse the cookie from any other host or path.
fn cookie_name(settings: &UiSettings) -> &'static str {
    if settings.secure_cookies { "__Host-coop" } else { "coop" }
}

fn cookie(settings: &UiSettings, token: &str, seconds: u32) -> String {
    let secure = if settings.secure_cookies { "; Secure" } else { "" };
    format!("{}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}", cookie_name(settings))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_return_never_leads_to_another_server() {
        assert_eq!(safe("/week/SLP-01"), Some("/week/SLP-01"));
        for bad in ["//evil.example", "/\\evil.example", "https://evil.example", "", "/a\r\nb", "/%0d%0a\n", "week"] {
            assert_eq!(safe(bad), None, "{bad:?}");
        }
    }
}
