//! Routes for everybody: health, and the pages that explain problems.

use actix_web::HttpResponse;
use serde_json::json;

use super::api::Api;
use super::call::Call;
use super::problem::{Problem, ProblemKind};

/// Adds the routes.
pub fn add(api: &mut Api) {
    use ProblemKind::{InternalError, NotFound, Unavailable};
    api.group("Operation");
    let well = || (204, json!({"description": "Yes"}));
    api.open("/healthz", "Whether the program runs", well(), &[InternalError], |_| async {
        Ok(HttpResponse::NoContent().finish())
    });
    api.open("/readyz", "Whether the database answers", well(), &[InternalError, Unavailable], |call| async move {
        call.state.ready().await.map(|()| HttpResponse::NoContent().finish())
    });
    let page = json!({"description": "The page", "content": {"text/plain": {"schema": {"type": "string"}}}});
    api.open("/problems/{slug}", "What a kind of problem means", (200, page), &[NotFound, InternalError], problem_page);
}

async fn problem_page(call: Call) -> Result<HttpResponse, Problem> {
    let kind = call.request.match_info().get("slug").and_then(ProblemKind::find).ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(kind.page()))
}
