//! Setting a second factor up: the secret for an authenticator app, a first code, then recovery codes shown once.

use actix_web::http::StatusCode;
use actix_web::http::header::SET_COOKIE;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use qrcode::QrCode;
use qrcode::render::svg;

use super::holder::{Holder, address_of};
use super::icon;
use super::shell::{Shell, answer, lead_to};
use super::sign_in::{CodeForm, cookies};
use crate::operations::sign_in::second_factor::{self, Confirmed, SetUp};
use crate::operations::sign_in::sessions::Next;

const PATH: &str = "/account/second-factor";

#[derive(Template)]
#[template(path = "second_factor.html")]
struct Html<'a> {
    shell: &'a Shell,
    form_token: &'a str,
    is_required: bool,
    set_up: Option<&'a SetUp>,
    /// The link as a picture for the camera of a phone.
    picture: String,
    wrong: Option<String>,
}

#[derive(Template)]
#[template(path = "recovery_codes.html")]
struct Codes<'a> {
    shell: &'a Shell,
    codes: &'a [String],
}

/// `GET /account/second-factor`
pub(super) async fn get(holder: Holder) -> HttpResponse {
    page(&holder, StatusCode::OK, None).await
}

async fn page(holder: &Holder, status: StatusCode, wrong: Option<String>) -> HttpResponse {
    if holder.signed_in.next == Next::Code {
        return lead_to("/sign-in/code");
    }
    let shell = holder.shell();
    match holder.run(|operations, secret, _| second_factor::set_up(operations, secret)).await {
        Ok(set_up) => {
            let html = Html {
                shell: &shell,
                form_token: &holder.signed_in.form_token,
                is_required: holder.signed_in.next == Next::SetUp,
                set_up: set_up.as_ref(),
                picture: set_up.as_ref().map(|set_up| picture(&set_up.link)).unwrap_or_default(),
                wrong,
            };
            answer(&shell, status, html.render())
        }
        Err(error) => holder.refuse(&error, PATH),
    }
}

/// A QR code as SVG, without script and style; nothing when the link is too long for one.
fn picture(link: &str) -> String {
    let Ok(code) = QrCode::new(link) else { return String::new() };
    let picture = code.render::<svg::Color>().module_dimensions(4, 4).build();
    // Inside a page it needs no declaration of its own, but words for those who do not see it.
    let start = picture.find("<svg").unwrap_or_default();
    picture[start..].replacen("<svg", "<svg role=\"img\" aria-label=\"QR code for an authenticator app\"", 1)
}

/// `POST /account/second-factor`
pub(super) async fn begin(request: HttpRequest, holder: Holder, form: Option<web::Form<CodeForm>>) -> HttpResponse {
    let form = form.map(web::Form::into_inner).unwrap_or_default();
    if let Err(answer) = holder.check_form(&request, &form.form) {
        return answer;
    }
    match holder.run(|operations, secret, _| second_factor::begin(operations, secret)).await {
        Ok(()) => lead_to(PATH),
        Err(error) => holder.refuse(&error, PATH),
    }
}

/// `POST /account/second-factor/code`
pub(super) async fn confirm(request: HttpRequest, holder: Holder, form: Option<web::Form<CodeForm>>) -> HttpResponse {
    let form = form.map(web::Form::into_inner).unwrap_or_default();
    if let Err(answer) = holder.check_form(&request, &form.form) {
        return answer;
    }
    let code = form.code;
    let confirmed =
        holder.run(move |operations, secret, caller| second_factor::confirm(operations, secret, &code, caller)).await;
    match confirmed {
        Ok(Confirmed::Done(opened, codes)) => {
            // The menu comes with the next page: this one is answered under the new session.
            let shell = Shell::for_stranger(&holder.settings);
            let mut response = answer(&shell, StatusCode::OK, Codes { shell: &shell, codes: &codes }.render());
            for header in cookies(&holder.settings, &opened) {
                if let Ok(value) = header.parse() {
                    response.headers_mut().append(SET_COOKIE, value);
                }
            }
            response
        }
        Ok(Confirmed::Wrong) => {
            let words = "This code does not fit. Wait for the next one, and check the clock of your device";
            page(&holder, StatusCode::UNPROCESSABLE_ENTITY, Some(words.to_owned())).await
        }
        Ok(Confirmed::Wait(seconds)) => {
            let words = "Too many tries. Wait a few minutes, then try again".to_owned();
            let mut response = page(&holder, StatusCode::TOO_MANY_REQUESTS, Some(words)).await;
            let headers = response.headers_mut();
            headers.insert(actix_web::http::header::RETRY_AFTER, actix_web::http::header::HeaderValue::from(seconds));
            response
        }
        Err(error) => holder.refuse(&error, address_of(holder.signed_in.next).unwrap_or(PATH)),
    }
}
