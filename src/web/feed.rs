//! Calendars behind private links, for programs that cannot sign in.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, ETAG, HttpDate, IF_NONE_MATCH, LAST_MODIFIED};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use sha2::{Digest, Sha256};

use super::problem::Problem;
use super::state::asked_by;
use crate::operations::{OperationError, Operations, calendar_feeds};
use crate::reports::icalendar::feed_calendar;

/// Adds the one address.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.route("/cal/{secret}.ics", web::get().to(get));
}

/// `GET /cal/{secret}.ics`: the calendar, or 304 for who has it already.
async fn get(request: HttpRequest, secret: web::Path<String>, operations: web::Data<Operations>) -> HttpResponse {
    let operations = asked_by(&operations, &request);
    let made = web::block(move || {
        let calendar = calendar_feeds::calendar(&operations, &secret)?;
        Ok::<_, OperationError>((feed_calendar(&calendar), calendar.changed_at()))
    });
    let (text, changed_at) =
        match made.await.map_err(|_| Problem::panicked()).and_then(|made| made.map_err(Problem::from)) {
            Ok(made) => made,
            Err(problem) => return problem.error_response(),
        };
    let hash: String = Sha256::digest(&text).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("\"{hash}\"");
    let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // A proxy that packs the answer may have marked the tag as weak; comparing for reading takes no notice of that.
    let is_known = known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag);
    let mut answer = HttpResponse::build(if is_known { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
    answer.insert_header((ETAG, tag)).insert_header((CACHE_CONTROL, "private, no-cache"));
    if let Some(at) = changed_at {
        answer.insert_header((LAST_MODIFIED, HttpDate::from(std::time::SystemTime::from(at))));
    }
    if is_known {
        return answer.finish();
    }
    answer
        .content_type("text/calendar; charset=utf-8")
        .insert_header(("Content-Disposition", "inline; filename=\"visits.ics\""))
        .body(text)
}
