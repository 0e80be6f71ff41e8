//! What a request carries, read piece by piece and strictly.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, web};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::body;
use super::limits::Work;
use super::problem::{Problem, ProblemKind};
use super::query::Query;
use super::shape::Shape;
use super::state::ApiState;
use crate::domain::actor::Actor;
use crate::domain::fault::Fault;
use crate::domain::json;
use crate::operations::{OperationError, Repeatable};

/// Longest `Idempotency-Key`.
pub const KEY_LENGTH_MAX: usize = 100;

/// Versions count from 1.
const NO_VERSION: i64 = -1;

/// A request to the API.
pub struct Call {
    /// The request without its body.
    pub request: HttpRequest,
    payload: Option<web::Payload>,
    /// What handlers share.
    pub state: ApiState,
}

impl Call {
    /// Takes a request apart.
    pub fn new(request: HttpRequest, payload: web::Payload, state: ApiState) -> Call {
        Call { request, payload: Some(payload), state }
    }

    /// Who asks, by the bearer token.
    ///
    /// # Errors
    /// 401 without a token that works, 429 when the account asks for too much.
    pub async fn actor(&self) -> Result<Actor, Problem> {
        let text = self.header(&header::AUTHORIZATION).and_then(|value| value.split_once(' '));
        let secret = text.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, secret)| secret.trim());
        let secret = secret.ok_or(OperationError::SignInRequired)?.to_owned();
        let actor = self.state.sign_in(secret).await?;
        let pattern = self.request.match_pattern().unwrap_or_default();
        let work = Work::of(self.request.method(), &pattern);
        self.state.limits.admit(actor.account_id, work).map_err(Problem::too_many)?;
        Ok(actor)
    }

    /// The identity at a place of the path, counted from 0.
    ///
    /// # Errors
    /// 404 for what is not an identity: there is nothing at such an address.
    pub fn id<Id: From<Uuid>>(&self, place: usize) -> Result<Id, Problem> {
        let text = self.request.match_info().iter().nth(place).map(|(_, text)| text);
        let id = text.filter(|text| text.len() == 36).and_then(|text| Uuid::parse_str(text).ok());
        id.map(Id::from).ok_or_else(Problem::not_found)
    }

    /// The query parameters.
    pub fn query(&self) -> Result<Query, Problem> {
        Query::read(self.request.query_string())
    }

    /// The version that a change is based on, from `If-Match`. A tag that is not ours becomes a version that no record
    /// has, so that the change is refused as stale, but not before it is known that the record may be seen at all.
    pub fn based_on(&self) -> Option<i64> {
        let tag = self.request.headers().get(header::IF_MATCH)?;
        Some(tag.to_str().ok().and_then(version_of_tag).unwrap_or(NO_VERSION))
    }

    /// Whether `If-None-Match` names the tag.
    pub fn has_seen(&self, tag: &str) -> bool {
        let given = self.header(&header::IF_NONE_MATCH).unwrap_or_default();
        given.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag)
    }

    /// The identity of a request that may be sent again.
    ///
    /// # Errors
    /// 422 for a key that is empty, too long or not visible ASCII.
    pub fn repeatable(&self, body: &[u8]) -> Result<Option<Repeatable>, Problem> {
        let Some(key) = self.request.headers().get("Idempotency-Key") else { return Ok(None) };
        let visible = key.as_bytes().iter().all(u8::is_ascii_graphic);
        let Some(key) = key.to_str().ok().filter(|key| visible && (1..=KEY_LENGTH_MAX).contains(&key.len())) else {
            let message = format!("Write 1 to {KEY_LENGTH_MAX} visible ASCII characters, for example a UUID");
            return Err(Problem::invalid(vec![Fault::at("/Idempotency-Key", message)]));
        };
        let mut hash = Sha256::new();
        // A key belongs to the token that it was sent with: another one of the account may be allowed less.
        let token = self.header(&header::AUTHORIZATION).unwrap_or_default();
        for part in [
            token.as_bytes(),
            b"\n",
            self.request.method().as_str().as_bytes(),
            b"\n",
            self.request.path().as_bytes(),
            b"\n",
            body,
        ] {
            hash.update(part);
        }
        let fingerprint = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Some(Repeatable { key: key.to_owned(), fingerprint }))
    }

    /// The body, up to the limit of the settings.
    ///
    /// # Errors
    /// 413 as soon as it is known to be larger: nothing more is read.
    pub async fn bytes(&mut self) -> Result<Bytes, Problem> {
        let limit = self.state.settings.body_bytes_max;
        let too_large = || {
            let detail = format!("The body is larger than {limit} bytes. Send less in one request");
            Problem::new(ProblemKind::BodyTooLarge, detail)
        };
        let announced = self.header(&header::CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
        if announced.is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        // Read once: a second reading finds an empty body.
        let Some(payload) = self.payload.take() else { return Ok(Bytes::new()) };
        let body = payload.to_bytes_limited(limit).await.map_err(|_| too_large())?;
        body.map_err(|error| match body::is_late(&error) {
            true => Problem::new(ProblemKind::BodyTooSlow, "The body did not arrive in time. Send it again"),
            false => Problem::of_status(StatusCode::BAD_REQUEST),
        })
    }

    /// The body as JSON of a type.
    ///
    /// # Errors
    /// 415 for another media type, 400 for what is not JSON (or nested deeper than 128), 422 with every fault of shape
    /// and every key that stands twice in its object.
    pub async fn json<T: DeserializeOwned>(&mut self, shape: &Shape) -> Result<(T, Bytes), Problem> {
        if !self.is_json() {
            let detail = "Send the body as JSON, with the header \"Content-Type: application/json\"";
            return Err(Problem::new(ProblemKind::UnsupportedMediaType, detail));
        }
        let bytes = self.bytes().await?;
        let (value, mut faults) = json::read(&bytes).map_err(|error| {
            Problem::new(ProblemKind::UnreadableRequest, format!("The body is not readable as JSON: {error}"))
        })?;
        faults.extend(shape.check(&value));
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        let read = serde_path_to_error::deserialize(&value);
        let read = read.map_err(|error| Problem::invalid(vec![Fault::at(pointer(error.path()), said(error.inner()))]));
        read.map(|read| (read, bytes))
    }

    fn is_json(&self) -> bool {
        let media_type = self.header(&header::CONTENT_TYPE).unwrap_or_default();
        let name = media_type.split(';').next().unwrap_or_default().trim();
        name.eq_ignore_ascii_case("application/json")
    }

    fn header(&self, name: &HeaderName) -> Option<&str> {
        self.request.headers().get(name)?.to_str().ok()
    }
}

/// The version in `"3"` or `W/"3"`.
fn version_of_tag(tag: &str) -> Option<i64> {
    tag.trim().trim_start_matches("W/").strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}

/// A path as a JSON pointer. It ends at the last place that is known for certain: the keys of a table of weekdays are
/// not named, so the pointer leads to the table and the message says which entry.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let certain = path.iter().take_while(|segment| !matches!(segment, Segment::Unknown));
    let steps = certain.filter_map(|segment| match segment {
        Segment::Seq { index } => Some(format!("/{index}")),
        Segment::Map { key } => Some(format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    steps.collect()
}

/// What the reader of a value said, as a sentence.
fn said(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
