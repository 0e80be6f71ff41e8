//! The OpenAPI 3.1 document, put together from the same table that serves the routes.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::Method;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::problem::{Problem, ProblemKind};
use super::query::{LIMIT_DEFAULT, LIMIT_MAX};
use super::schema;

/// What is said about one operation.
pub struct Described {
    /// Method.
    pub method: Method,
    /// Path with `{places}`.
    pub path: String,
    /// Group in the viewer.
    pub tag: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// Query and header parameters; those of the path are added.
    pub parameters: Vec<Value>,
    /// Schema of the body, if it takes one.
    pub body: Option<Value>,
    /// Answers of success by status.
    pub answers: Vec<(u16, Value)>,
    /// Kinds of problems beside those that any operation can have.
    pub problems: Vec<ProblemKind>,
    /// Whether it needs a token.
    pub signed_in: bool,
}

/// The document while it grows.
#[derive(Default)]
pub struct Document {
    paths: Map<String, Value>,
    schemas: BTreeMap<String, Value>,
}

impl Document {
    /// A reference to the schema of a type.
    pub fn schema<T: ToSchema>(&mut self) -> Value {
        schema::reference::<T>(&mut self.schemas)
    }

    /// A reference to the schema of a part of a list.
    pub fn page<T: ToSchema>(&mut self) -> Value {
        let items = self.schema::<T>();
        let name = format!("{}Page", T::name());
        let page = json!({
            "type": "object",
            "description": "A part of a list, in order of entry",
            "required": ["items", "next"],
            "properties": {
                "items": {"type": "array", "items": items},
                "next": {"type": ["string", "null"], "description": "Give this as \"after\" to read on; null at the end"}
            },
            "additionalProperties": false
        });
        self.schemas.insert(name.clone(), page);
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    /// Adds an operation.
    pub fn add(&mut self, described: Described) {
        let mut parameters: Vec<Value> = places(&described.path).map(path_parameter).collect();
        parameters.extend(described.parameters);
        let mut responses: Map<String, Value> =
            described.answers.into_iter().map(|(status, answer)| (status.to_string(), answer)).collect();
        responses.extend(problem_responses(&described.problems));
        let mut operation = json!({
            "tags": [described.tag],
            "summary": described.summary,
            "operationId": operation_id(&described.method, &described.path),
            "parameters": parameters,
            "responses": responses,
        });
        if let Some(schema) = described.body {
            operation["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": schema}}});
        }
        if !described.signed_in {
            operation["security"] = json!([]);
        }
        let path = self.paths.entry(described.path).or_insert_with(|| json!({}));
        path[described.method.as_str().to_lowercase()] = operation;
    }

    /// The whole document.
    pub fn finish(mut self) -> Value {
        self.schemas.insert("Problem".to_owned(), Problem::schema());
        let tags: BTreeSet<&str> = self
            .paths
            .values()
            .flat_map(|path| path.as_object().into_iter().flat_map(Map::values))
            .filter_map(|operation| operation["tags"][0].as_str())
            .collect();
        json!({
            "openapi": "3.1.0",
            "info": {
                "title": "Co-op Scheduler",
                "version": env!("CARGO_PKG_VERSION"),
                "description": "Shared special-education staff for a co-op of school districts: requests, plans, \
                    confirmations and cost shares. Money is in whole cents, time in whole minutes.",
                "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"}
            },
            "servers": [{"url": "/"}],
            "tags": tags.iter().map(|name| json!({"name": name})).collect::<Vec<_>>(),
            "security": [{"token": []}],
            "paths": self.paths,
            "components": {
                "securitySchemes": {
                    "token": {"type": "http", "scheme": "bearer", "description": "A token that the office made"}
                },
                "schemas": self.schemas
            }
        })
    }
}

/// An answer with a JSON body.
pub fn json_answer(description: &str, schema: Value, headers: Value) -> Value {
    json!({"description": description, "headers": headers, "content": {"application/json": {"schema": schema}}})
}

/// The header that names a version.
pub fn etag() -> Value {
    json!({"ETag": {"description": "The version, for If-Match and If-None-Match", "required": true,
        "schema": {"type": "string", "pattern": "^\"[0-9]+\"$"}}})
}

/// The headers of a new record.
pub fn created_headers(versioned: bool) -> Value {
    let mut headers = if versioned { etag() } else { json!({}) };
    headers["Location"] =
        json!({"description": "Where it is", "schema": {"type": "string", "format": "uri-reference"}});
    headers
}

/// The parameters of a list.
pub fn page_parameters() -> Vec<Value> {
    let limit = json!({"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT});
    vec![
        parameter("query", "limit", "How many at most", limit),
        parameter("query", "after", "The \"next\" of the page before", json!({"type": "string", "format": "uuid"})),
    ]
}

/// A parameter that may be left out.
pub fn parameter(place: &str, name: &str, description: &str, schema: Value) -> Value {
    json!({"in": place, "name": name, "description": description, "required": false, "schema": schema})
}

/// The places of a path.
fn places(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn path_parameter(name: &str) -> Value {
    let schema = match name {
        "slug" => json!({"type": "string"}),
        _ => json!({"type": "string", "format": "uuid"}),
    };
    json!({"in": "path", "name": name, "required": true, "schema": schema})
}

/// One response a status; two kinds of problems may share one.
fn problem_responses(kinds: &[ProblemKind]) -> Map<String, Value> {
    let mut titles: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for kind in kinds {
        titles.entry(kind.status().as_u16()).or_default().push(kind.title());
    }
    let schema = json!({"$ref": "#/components/schemas/Problem"});
    let response = |titles: Vec<&str>| json!({"description": titles.join("; "), "content": {"application/problem+json": {"schema": schema}}});
    titles.into_iter().map(|(status, titles)| (status.to_string(), response(titles))).collect()
}

/// A name for generated clients: `get_members_by_id`.
fn operation_id(method: &Method, path: &str) -> String {
    let words = path.trim_start_matches("/api/v1").split('/').filter(|part| !part.is_empty());
    let words = words.map(|part| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
        Some(place) => format!("by_{place}"),
        None => part.replace(['-', '.'], "_"),
    });
    std::iter::once(method.as_str().to_lowercase()).chain(words).collect::<Vec<_>>().join("_")
}
