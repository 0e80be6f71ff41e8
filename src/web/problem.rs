//! What went wrong, as RFC 9457 `application/problem+json`. Every error of the API passes through here.

use std::error::Error;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::boundary::set_headers;
pub use super::problem_kind::ProblemKind;
use crate::domain::fault::Fault;
use crate::operations::OperationError;

/// Seconds after which a client may try again.
const RETRY_AFTER: u64 = 5;

/// An error answer. Its texts are boxed so that results stay small.
#[derive(Debug, Clone)]
pub struct Problem {
    /// What kind.
    pub kind: ProblemKind,
    /// What happened and what to do, for this request.
    pub detail: Box<str>,
    /// Every fault of the entries.
    pub errors: Vec<Fault>,
    /// What changed meanwhile.
    pub changes: Vec<String>,
    /// The methods that would work.
    pub allow: Option<Box<str>>,
    /// The chain of causes, for the log only.
    pub cause: Option<Box<str>>,
    /// The request it belongs to, once known.
    pub request_id: Option<Uuid>,
    /// Seconds after which a client may try again, where that is known.
    pub retry_after: Option<u64>,
    /// Whether browsers shall come back by https only.
    pub is_secure: bool,
}

/// The document as it is sent.
#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
    errors: &'a [Fault],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    changes: &'a [String],
}

impl Problem {
    /// A problem of a kind.
    pub fn new(kind: ProblemKind, detail: impl Into<Box<str>>) -> Problem {
        Problem {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            changes: Vec::new(),
            allow: None,
            cause: None,
            request_id: None,
            retry_after: None,
            is_secure: false,
        }
    }

    /// Entries with faults.
    pub fn invalid(errors: Vec<Fault>) -> Problem {
        OperationError::Invalid(errors).into()
    }

    /// One asks for more than the limits allow.
    pub fn too_many(seconds: u64) -> Problem {
        let detail = format!("You ask for more than one may. Try again in {seconds} seconds");
        Problem { retry_after: Some(seconds), ..Problem::new(ProblemKind::TooMany, detail) }
    }

    /// Nothing is there.
    pub fn not_found() -> Problem {
        OperationError::NotFound.into()
    }

    /// The program failed; its panic is in the log already.
    pub fn panicked() -> Problem {
        OperationError::internal("a handler panicked").into()
    }

    /// The problem behind a bare error status of the framework.
    pub fn of_status(status: StatusCode) -> Problem {
        match status {
            StatusCode::NOT_FOUND => Problem::not_found(),
            StatusCode::PAYLOAD_TOO_LARGE => Problem::new(ProblemKind::BodyTooLarge, "Send less in one request"),
            StatusCode::METHOD_NOT_ALLOWED => {
                Problem::new(ProblemKind::MethodNotAllowed, "This address does not know this method")
            }
            status if status.is_client_error() => {
                Problem::new(ProblemKind::UnreadableRequest, "The request could not be read")
            }
            _ => OperationError::internal(format!("a bare status {status}")).into(),
        }
    }

    /// The answer.
    pub fn response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.kind.status());
        if self.kind == ProblemKind::SignInRequired {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        if matches!(self.kind, ProblemKind::Busy | ProblemKind::Unavailable | ProblemKind::TooMany) {
            response.insert_header((header::RETRY_AFTER, self.retry_after.unwrap_or(RETRY_AFTER)));
        }
        if let Some(allow) = &self.allow {
            response.insert_header((header::ALLOW, &**allow));
        }
        let document = Document {
            r#type: self.kind.uri(),
            title: self.kind.title(),
            status: self.kind.status().as_u16(),
            detail: &self.detail,
            instance: self.request_id.map(|id| id.urn().to_string()),
            errors: &self.errors,
            changes: &self.changes,
        };
        let mut response = response.json(document);
        let media_type = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, media_type);
        response
    }

    /// The JSON schema of the document.
    pub fn schema() -> Value {
        json!({
            "type": "object",
            "description": "What went wrong (RFC 9457)",
            "required": ["type", "title", "status", "detail", "instance"],
            "properties": {
                "type": {"type": "string", "format": "uri-reference", "description": "A page that explains the kind"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string", "description": "What happened and what to do"},
                "instance": {"type": "string", "format": "uri", "description": "Name it when you ask for help"},
                "errors": {
                    "type": "array",
                    "description": "Every fault of what was sent",
                    "items": {
                        "type": "object",
                        "required": ["pointer", "message"],
                        "properties": {
                            "pointer": {"type": "string", "description": "JSON pointer to the entry, or the name of a parameter"},
                            "message": {"type": "string", "description": "What is wrong and what to write instead"}
                        },
                        "additionalProperties": false
                    }
                },
                "changes": {
                    "type": "array",
                    "description": "What changed meanwhile",
                    "items": {"type": "string"}
                }
            },
            "additionalProperties": false
        })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind.status()
    }

    /// The answer carries the problem, so that the boundary can add the request's identity. With an identity it comes
    /// from the boundary itself and is sent as it is.
    fn error_response(&self) -> HttpResponse {
        let mut response = self.response();
        match self.request_id {
            Some(id) => set_headers(response.headers_mut(), id, "/api/", self.is_secure),
            None => drop(response.extensions_mut().insert(self.clone())),
        }
        response
    }
}

impl From<OperationError> for Problem {
    fn from(error: OperationError) -> Problem {
        let detail = error.to_string();
        let cause =
            matches!(error, OperationError::Internal(_) | OperationError::Unavailable(_)).then(|| chain(&error).into());
        let kind = match &error {
            OperationError::NotFound => ProblemKind::NotFound,
            OperationError::Forbidden(_) | OperationError::ProofRequired => ProblemKind::Forbidden,
            OperationError::SignInRequired => ProblemKind::SignInRequired,
            OperationError::Invalid(_) => ProblemKind::InvalidEntries,
            OperationError::MayNameChild(_) => ProblemKind::MayNameChild,
            OperationError::Conflict { .. } => ProblemKind::Conflict,
            OperationError::StaleVersion => ProblemKind::StaleVersion,
            OperationError::VersionRequired => ProblemKind::VersionRequired,
            OperationError::TooMany(_) => ProblemKind::TooMany,
            OperationError::Busy => ProblemKind::Busy,
            OperationError::Unavailable(_) => ProblemKind::Unavailable,
            OperationError::Internal(_) => ProblemKind::InternalError,
        };
        let (errors, changes) = match error {
            OperationError::Invalid(faults) | OperationError::MayNameChild(faults) => (faults, Vec::new()),
            OperationError::Conflict { changes, .. } => (Vec::new(), changes),
            _ => (Vec::new(), Vec::new()),
        };
        Problem { errors, changes, cause, ..Problem::new(kind, detail) }
    }
}

/// An error with everything that caused it, in one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(": ");
        text.push_str(&source.to_string());
        next = source.source();
    }
    text
}
