//! Calendars behind private links, for programs that cannot sign in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, ETAG, HttpDate, IF_NONE_MATCH, LAST_MODIFIED};
use actix_web::web::{self, Bytes, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use super::problem::Problem;
use super::state::asked_by;
use crate::operations::{OperationError, Operations, calendar_feeds};
use crate::reports::icalendar::feed_calendar;

/// What is kept is given again for so long at most, because another process may write too.
const KEPT: TimeDelta = TimeDelta::seconds(1);
/// So many calendars are kept.
const CALENDARS_MAX: usize = 1_000;

/// A calendar as it is sent.
struct Made {
    text: Bytes,
    tag: String,
    changed_at: Option<DateTime<Utc>>,
    made_at: DateTime<Utc>,
    /// How many changes the process had made before it was read.
    changes: u64,
}

/// Calendars that were just made. Many programs that ask in the same second, or one that asks without end, cost one reading
/// of the database.
#[derive(Default)]
pub(super) struct Calendars(Mutex<HashMap<[u8; 32], Arc<Made>>>);

impl Calendars {
    /// The calendar behind a secret, made anew unless nothing can have changed.
    fn calendar(&self, operations: &Operations, secret: &str) -> Result<Arc<Made>, OperationError> {
        // The secret itself is kept nowhere.
        let key: [u8; 32] = Sha256::digest(secret).into();
        let (changes, now) = (operations.database.changes(), operations.now());
        let kept = self.kept().get(&key).cloned();
        if let Some(made) = kept.filter(|made| made.changes == changes && (now - made.made_at).abs() < KEPT) {
            return Ok(made);
        }
        let calendar = calendar_feeds::calendar(operations, secret)?;
        let text = feed_calendar(&calendar);
        let hash: String = Sha256::digest(&text).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let (tag, changed_at) = (format!("\"{hash}\""), calendar.changed_at());
        let made = Arc::new(Made { text: Bytes::from(text), tag, changed_at, made_at: now, changes });
        let mut kept = self.kept();
        if kept.len() >= CALENDARS_MAX {
            kept.clear();
        }
        kept.insert(key, Arc::clone(&made));
        Ok(made)
    }

    /// A panic of another thread leaves the map whole.
    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; 32], Arc<Made>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds the one address. Needs [`Calendars`] as `web::Data`.
pub(super) fn configure(config: &mut ServiceConfig) {
    config.route("/cal/{secret}.ics", web::get().to(get));
}

/// `GET /cal/{secret}.ics`: the calendar, or 304 for who has it already.
async fn get(
    request: HttpRequest,
    secret: web::Path<String>,
    operations: web::Data<Operations>,
    calendars: web::Data<Calendars>,
) -> HttpResponse {
    let operations = asked_by(&operations, &request);
    let made = match web::block(move || calendars.calendar(&operations, &secret)).await {
        Ok(Ok(made)) => made,
        Ok(Err(error)) => return Problem::from(error).error_response(),
        Err(_) => return Problem::panicked().error_response(),
    };
    let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // A proxy that packs the answer may have marked the tag as weak; comparing for reading takes no notice of that.
    let is_known = known.split(',').any(|one| one.trim().trim_start_matches("W/") == made.tag);
    let mut answer = HttpResponse::build(if is_known { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
    answer.insert_header((ETAG, made.tag.as_str())).insert_header((CACHE_CONTROL, "private, no-cache"));
    if let Some(at) = made.changed_at {
        answer.insert_header((LAST_MODIFIED, HttpDate::from(SystemTime::from(at))));
    }
    if is_known {
        return answer.finish();
    }
    answer
        .content_type("text/calendar; charset=utf-8")
        .insert_header(("Content-Disposition", "inline; filename=\"visits.ics\""))
        .body(made.text.clone())
}
