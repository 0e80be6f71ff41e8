//! Help, words and accessibility: the pages of the footer, for everybody.

use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use askama::Template;

use super::shell::{Place, Shell, answer};
use super::visitor::Visitor;
use super::{UiSettings, icon};

#[derive(Template)]
#[template(path = "help.html")]
struct Help<'a> {
    shell: &'a Shell,
}

#[derive(Template)]
#[template(path = "words.html")]
struct Words<'a> {
    shell: &'a Shell,
}

#[derive(Template)]
#[template(path = "accessibility.html")]
struct Accessibility<'a> {
    shell: &'a Shell,
}

/// `GET /help`
pub(super) async fn help(request: HttpRequest, settings: web::Data<UiSettings>) -> HttpResponse {
    let shell = shell(&request, &settings).await;
    answer(&shell, StatusCode::OK, Help { shell: &shell }.render())
}

/// `GET /words`
pub(super) async fn words(request: HttpRequest, settings: web::Data<UiSettings>) -> HttpResponse {
    let shell = shell(&request, &settings).await;
    answer(&shell, StatusCode::OK, Words { shell: &shell }.render())
}

/// `GET /accessibility`
pub(super) async fn accessibility(request: HttpRequest, settings: web::Data<UiSettings>) -> HttpResponse {
    let shell = shell(&request, &settings).await;
    answer(&shell, StatusCode::OK, Accessibility { shell: &shell }.render())
}

/// With the menu for somebody who is signed in, without it for anybody else.
async fn shell(request: &HttpRequest, settings: &UiSettings) -> Shell {
    match Visitor::extract(request).await {
        Ok(visitor) => visitor.shell(Place::Elsewhere),
        Err(_) => Shell::for_stranger(settings),
    }
}
