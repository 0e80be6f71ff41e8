//! The pages: HTML from the server, without JavaScript.
//!
//! A page is made in three steps, one file a page: an operation reads under the visitor's rights, a plain struct holds
//! every word and number as it is shown, and a template prints it. What a visitor may not see answers exactly like what
//! does not exist.

mod account;
mod accounts;
mod assets;
mod calendar;
mod calendar_links;
mod compare;
mod cookie;
mod costs;
mod cover;
mod coverage;
mod credentials;
mod email_choices;
mod email_code;
mod fields;
mod form;
mod heat;
mod holder;
mod hue;
mod icon;
mod invitation;
mod log;
mod months;
mod openid;
mod outbox;
mod overview;
mod owed;
mod own_tokens;
mod people;
mod plan;
mod plans;
mod publish;
mod reports;
mod request;
mod requests;
mod second_factor;
mod shell;
mod shortage;
mod sign_in;
mod sites;
mod specialists;
mod status;
mod terms;
mod text;
mod time_away;
mod typed;
mod upload;
mod visitor;
mod week;
mod whole_week;
mod wording;

use std::net::IpAddr;

use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, HttpRequest, HttpResponse};

use crate::operations::OperationError;
pub(in crate::web) use cookie::SESSION_NAMES;
use visitor::Visitor;

/// Settings of the pages.
#[derive(Debug, Clone, Default)]
pub struct UiSettings {
    /// Name of the co-op, on every page.
    pub coop_name: String,
    /// Where it is.
    pub city: String,
    /// The address by which people know the server, without a slash at the end.
    pub public_url: String,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// A body that takes longer to arrive is refused.
    pub body_seconds_max: u64,
    /// Whether a visitor without a session sees everything, as the office does. For demonstrations on one machine only.
    pub open_pages: bool,
    /// Whether the cookies travel over HTTPS only.
    pub secure_cookies: bool,
}

/// Adds the pages and their assets. Needs [`crate::operations::Operations`] and [`UiSettings`] as `web::Data`.
pub fn configure(config: &mut ServiceConfig) {
    config
        .configure(accounts::configure)
        .configure(calendar::configure)
        .configure(credentials::configure)
        .configure(log::configure)
        .configure(request::configure)
        .configure(sites::configure)
        .configure(terms::configure)
        .configure(cover::configure)
        .configure(outbox::configure)
        .configure(time_away::configure)
        .configure(calendar_links::configure)
        .route("/", web::get().to(visitor::home))
        .route("/overview", web::get().to(overview::get))
        .route("/requests", web::get().to(requests::get))
        .route("/plans", web::get().to(plans::get))
        .route("/plans/{code}", web::get().to(plan::get))
        .route("/plans/{code}/compare/{other}", web::get().to(compare::get))
        .route("/plans/{code}/coverage", web::get().to(coverage::get))
        .route("/plans/{code}/publish", web::get().to(publish::get))
        .route("/plans/{code}/publish", web::post().to(publish::post))
        .route("/plans/{code}/take-back", web::get().to(publish::get_take_back))
        .route("/plans/{code}/take-back", web::post().to(publish::post_take_back))
        .route("/coverage", web::get().to(coverage::lead))
        .route("/week", web::get().to(specialists::get))
        .route("/week/{code}", web::get().to(week::get))
        .route("/owed", web::get().to(owed::get))
        .route("/reports", web::get().to(reports::get))
        .route("/reports/{report}.csv", web::get().to(reports::get_csv))
        .route("/reports/{report}.xlsx", web::get().to(reports::get_xlsx))
        .route("/months", web::get().to(months::get))
        .route("/months/lock", web::post().to(months::post))
        .route("/costs", web::get().to(costs::get))
        .route("/costs/{code}.csv", web::get().to(costs::get_csv))
        .route("/sign-in", web::get().to(sign_in::get))
        .route("/sign-in", web::post().to(sign_in::post))
        .route("/sign-in/code", web::get().to(sign_in::get_code))
        .route("/sign-in/code", web::post().to(sign_in::post_code))
        .route("/sign-in/email", web::get().to(email_code::get))
        .route("/sign-in/email", web::post().to(email_code::post))
        .route("/sign-in/email/code", web::get().to(email_code::get_code))
        .route("/sign-in/email/code", web::post().to(email_code::post_code))
        .route("/sign-in/openid/{name}", web::post().to(openid::post))
        .route("/sign-in/openid/{name}/callback", web::get().to(openid::get_callback))
        .route("/sign-out", web::post().to(sign_in::sign_out))
        .route("/invitation/{secret}", web::get().to(invitation::get))
        .route("/invitation/{secret}", web::post().to(invitation::post))
        .route("/account", web::get().to(account::get))
        .route("/account/sessions/{id}/end", web::post().to(account::end_session))
        .route("/account/emails", web::post().to(email_choices::post))
        .route("/account/password", web::get().to(account::get_password))
        .route("/account/password", web::post().to(account::post_password))
        .route("/account/confirm", web::get().to(account::get_confirm))
        .route("/account/confirm", web::post().to(account::post_confirm))
        .route("/account/tokens/new", web::get().to(own_tokens::get))
        .route("/account/tokens/new", web::post().to(own_tokens::post))
        .route("/account/tokens/{id}/revoke", web::post().to(own_tokens::revoke))
        .route("/account/second-factor", web::get().to(second_factor::get))
        .route("/account/second-factor", web::post().to(second_factor::begin))
        .route("/account/second-factor/code", web::post().to(second_factor::confirm))
        .route("/help", web::get().to(text::help))
        .route("/words", web::get().to(text::words))
        .route("/accessibility", web::get().to(text::accessibility))
        .route("/assets/{name}", web::get().to(assets::get));
}

/// The page for somebody who asks for too much.
pub fn too_many(request: &HttpRequest, seconds: u64) -> HttpResponse {
    use actix_web::http::{StatusCode, header};
    let settings =
        request.app_data::<web::Data<UiSettings>>().map(|settings| (***settings).clone()).unwrap_or_default();
    let minutes = seconds.div_ceil(60);
    let unit = if minutes == 1 { "minute" } else { "minutes" };
    let words = format!("You, or others on your network, ask for more pages than we can give. Wait {minutes} {unit}.");
    let shell = shell::Shell::for_stranger(&settings);
    let mut response = shell::say(&shell, StatusCode::TOO_MANY_REQUESTS, "Too much at once", &words);
    response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(seconds));
    response
}

/// The page for an address that does not exist, for use as the server's default.
pub async fn not_found(request: HttpRequest) -> HttpResponse {
    match Visitor::extract(&request).await {
        Ok(visitor) => visitor.refuse(&OperationError::NotFound),
        Err(_) => shell::refuse_stranger(&request, &OperationError::NotFound),
    }
}
