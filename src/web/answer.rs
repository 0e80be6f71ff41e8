//! Answers: one record with its version, a page, a change, a file.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, ETag, EntityTag};
use serde::Serialize;
use serde_json::json;

use super::call::Call;
use super::record::Record;
use crate::operations::reports::{FileFormat, ReportFile};
use crate::operations::{Answer, Page};

/// The media type of a workbook.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// One record: 200 with its version as `ETag`, or 304 when the client has that version.
pub fn record<T: Record>(call: &Call, record: &T) -> HttpResponse {
    let Some(version) = record.version() else { return HttpResponse::Ok().json(record) };
    let tag = format!("\"{version}\"");
    let mut response = if call.has_seen(&tag) { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header(etag(version));
    if call.has_seen(&tag) { response.finish() } else { response.json(record) }
}

/// A part of a list.
pub fn page<T: Serialize>(page: &Page<T>) -> HttpResponse {
    HttpResponse::Ok().json(page)
}

/// A list that is never cut.
pub fn whole_list<T: Serialize>(items: &[T]) -> HttpResponse {
    HttpResponse::Ok().json(json!({"items": items, "next": null}))
}

/// What a change answers.
pub fn change(answer: &Answer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = HttpResponse::build(status);
    if let Some(location) = &answer.location {
        response.insert_header((header::LOCATION, location.as_str()));
    }
    if let Some(version) = answer.version {
        response.insert_header(etag(version));
    }
    if answer.repeated {
        response.insert_header(("Idempotency-Replayed", "true"));
    }
    if status == StatusCode::NO_CONTENT { response.finish() } else { response.json(&answer.body) }
}

/// JSON that is stored as text.
pub fn json_text(text: String) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(text)
}

/// A CSV file to be saved.
pub fn csv(name: &str, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8; header=present")
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")))
        .body(bytes)
}

/// The media type of a report's file and how it is to be saved.
pub fn report_headers(file: &ReportFile) -> (&'static str, String) {
    let (media_type, ending) = match file.format {
        // What the report is about stands above its columns.
        FileFormat::Csv => ("text/csv; charset=utf-8; header=absent", "csv"),
        FileFormat::Xlsx => (XLSX, "xlsx"),
    };
    (media_type, format!("attachment; filename=\"{}.{ending}\"", file.name))
}

/// A report's file to be saved.
pub fn report(file: ReportFile) -> HttpResponse {
    let (media_type, saved) = report_headers(&file);
    HttpResponse::Ok().content_type(media_type).insert_header((header::CONTENT_DISPOSITION, saved)).body(file.bytes)
}

fn etag(version: i64) -> ETag {
    ETag(EntityTag::new_strong(version.to_string()))
}
