//! What every request passes on its way in and every answer on its way out.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, ResponseError, web};
use uuid::Uuid;

use super::limits::Limits;
use super::problem::Problem;
use super::ui::{self, UiSettings};
use super::{address, body};
use crate::operations::{Operations, Origin, audit};

/// Nothing may be loaded or framed: the API answers with data only.
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";
/// The viewer of the API's description loads its own script and style; its script sets styles.
const VIEWER_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The header by which a person says that what is sent names no student.
pub const CONFIRM_NO_NAMES: &str = "Confirm-No-Names";

/// Gives the request its identity, answers HEAD like GET without a body, turns a panic into a problem, and sets the
/// headers of every answer.
pub async fn boundary<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let id = Uuid::now_v7();
    let method = request.method().clone();
    let path = logged_path(request.path()).to_owned();
    if method == Method::HEAD {
        // The connection knows that it was HEAD and leaves the body out.
        request.head_mut().method = Method::GET;
    }
    let operations = asked_from(&request);
    if let Some(seconds) = request.app_data::<Data<UiSettings>>().map(|pages| pages.body_seconds_max) {
        body::limit(&mut request, Duration::from_secs(seconds));
    }
    let is_secure = request.app_data::<Data<UiSettings>>().is_some_and(|pages| pages.secure_cookies);
    let entered = request.app_data::<Data<Limits>>().map(|limits| limits.enter(&request)).transpose();
    let outcome = match (entered, refused_outright(&request)) {
        (Err(seconds), _) => Ok(with_problem(too_many(request, seconds), id)),
        (_, Some(problem)) => Ok(with_problem(request.into_response(problem.error_response()), id)),
        (Ok(_under_way), None) => match caught(async move { next.call(request).await }).await {
            Some(Ok(response)) => Ok(with_problem(response.map_into_boxed_body(), id)),
            Some(Err(error)) => Err(identified(error, id, is_secure)),
            None => Err(identified(Problem::panicked().into(), id, is_secure)),
        },
    };
    // Without a response there is no request left to answer; the server writes the error's own answer.
    let outcome = outcome.map(|mut response| {
        set_headers(response.headers_mut(), id, &path, is_secure);
        response
    });
    let status = outcome.as_ref().map_or_else(|error| error.as_response_error().status_code(), |one| one.status());
    if let Some(operations) = operations {
        note_refusal(operations, status, id).await;
    }
    let milliseconds = started.elapsed().as_millis();
    tracing::info!(%method, path, status = status.as_u16(), milliseconds, request_id = %id, "answered");
    outcome
}

/// Notes from where the request came, for the audit trail.
fn asked_from(request: &ServiceRequest) -> Option<Operations> {
    let settings = request.app_data::<web::Data<UiSettings>>()?;
    let address = address::of(request.headers(), request.peer_addr(), &settings.trusted_proxies);
    let path = logged_path(request.path());
    // The API refuses parameters that it does not know; what stands after a page's address may be anything.
    let query = if path.starts_with("/api/") { request.query_string() } else { "" };
    let mark = if query.is_empty() { "" } else { "?" };
    let origin = Origin::request(address, &format!("{} {path}{mark}{query}", request.method()));
    let confirms = request.headers().get(CONFIRM_NO_NAMES).is_some_and(|value| value.as_bytes() == b"true");
    let origin = origin.naming_nobody(confirms);
    let operations = request.app_data::<web::Data<Operations>>()?.asked_from(origin.clone());
    request.extensions_mut().insert(origin);
    Some(operations)
}

/// Writes down that a known account was refused, before it is told. A refusal that cannot be written down stays one.
async fn note_refusal(operations: Operations, status: StatusCode, id: Uuid) {
    if operations.origin.account().is_some() && audit::is_noted(status.as_u16()) {
        let note = web::block(move || audit::note_answer(&operations, status.as_u16())).await;
        if !matches!(note, Ok(Ok(()))) {
            tracing::error!(request_id = %id, "a refusal is missing in the audit trail");
        }
    }
}

/// Methods that no address answers, because they echo or tunnel. Bodies whose length is said in two ways never come here:
/// the server refuses them as it reads them.
fn refused_outright(request: &ServiceRequest) -> Option<Problem> {
    let refused = [Method::TRACE, Method::CONNECT].contains(request.method());
    refused.then(|| Problem::of_status(StatusCode::METHOD_NOT_ALLOWED))
}

/// The answer to one request too many: a problem for programs, a page for people.
fn too_many(request: ServiceRequest, seconds: u64) -> ServiceResponse {
    let response = match request.path().starts_with("/api/") {
        true => Problem::too_many(seconds).error_response(),
        false => ui::too_many(request.request(), seconds),
    };
    request.into_response(response)
}

/// The path as it may be written down: one that holds a secret is cut.
fn logged_path(path: &str) -> &str {
    ["/invitation/", "/cal/"].into_iter().find(|start| path.starts_with(start)).unwrap_or(path)
}

/// The outcome of a future, or nothing when it panics.
async fn caught<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    poll_fn(move |context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(poll) => poll.map(Some),
        Err(_) => Poll::Ready(None),
    })
    .await
}

/// Writes the body of a problem again, now with the request's identity; gives a bare error of the framework a body.
fn with_problem(response: ServiceResponse, id: Uuid) -> ServiceResponse {
    let carried = response.response().extensions().get::<Problem>().cloned();
    let status = response.status();
    let bare = status.is_client_error() || status.is_server_error();
    let bare = bare && !response.headers().contains_key(header::CONTENT_TYPE);
    let Some(problem) = carried.or_else(|| bare.then(|| Problem::of_status(status))) else { return response };
    let problem = logged(Problem { request_id: Some(id), ..problem });
    let (request, _) = response.into_parts();
    ServiceResponse::new(request, problem.response())
}

fn identified(error: Error, id: Uuid, is_secure: bool) -> Error {
    let status = error.as_response_error().status_code();
    let problem = error.as_error::<Problem>().cloned().unwrap_or_else(|| Problem::of_status(status));
    logged(Problem { request_id: Some(id), is_secure, ..problem }).into()
}

fn logged(problem: Problem) -> Problem {
    if let (Some(cause), Some(id)) = (&problem.cause, problem.request_id) {
        tracing::error!(request_id = %id, cause, "request failed");
    }
    problem
}

/// Sets the headers that every answer has; what a page chose for itself stays.
pub(super) fn set_headers(headers: &mut HeaderMap, id: Uuid, path: &str, is_secure: bool) {
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    let mut unless_set = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    let policy = if path.starts_with("/docs/") { VIEWER_POLICY } else { DATA_POLICY };
    unless_set(header::CONTENT_SECURITY_POLICY, policy);
    unless_set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    unless_set(header::REFERRER_POLICY, "no-referrer");
    unless_set(header::X_FRAME_OPTIONS, "DENY");
    unless_set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if is_secure {
        unless_set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
    if path.starts_with("/api/") {
        unless_set(header::CACHE_CONTROL, "no-store");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c45_the_log_holds_no_secret_of_an_address() {
        assert_eq!(logged_path("/invitation/0123456789abcdef"), "/invitation/");
        assert_eq!(logged_path("/cal/0123456789abcdef.ics"), "/cal/");
        // What follows a question mark is no part of a path: codes and states of providers are never written down.
        let request =
            actix_web::test::TestRequest::with_uri("/sign-in/openid/x/callback?code=secret").to_http_request();
        assert_eq!(logged_path(request.path()), "/sign-in/openid/x/callback");
    }
}
