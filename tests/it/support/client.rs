//! A small HTTP client for tests: it never treats an answer as an error.

use std::time::Duration;

use serde_json::Value;
use ureq::http::{HeaderMap, Request};

/// Speaks HTTP as one account.
#[derive(Clone)]
pub struct Client {
    /// Where the program listens, for example `http://127.0.0.1:4711`.
    pub address: String,
    /// The token it sends.
    pub token: Option<String>,
    agent: ureq::Agent,
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Vec<u8>,
}

impl Client {
    /// A client of an address.
    pub fn new(address: &str, token: Option<&str>) -> Client {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        Client { address: address.to_owned(), token: token.map(str::to_owned), agent: config.into() }
    }

    /// GET below `/api/v1`.
    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", &format!("/api/v1{path}"), &[], None)
    }

    /// POST of JSON below `/api/v1`.
    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.send("POST", &format!("/api/v1{path}"), &[], Some(body.to_string().as_bytes()))
    }

    /// POST without a body below `/api/v1`.
    pub fn act(&self, path: &str) -> Reply {
        self.send("POST", &format!("/api/v1{path}"), &[], Some(b""))
    }

    /// PUT of JSON below `/api/v1`, based on a version.
    pub fn put(&self, path: &str, version: &str, body: &Value) -> Reply {
        let headers = [("If-Match", version)];
        self.send("PUT", &format!("/api/v1{path}"), &headers, Some(body.to_string().as_bytes()))
    }

    /// Anything. A body is sent as JSON unless the headers say otherwise.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Reply {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.address));
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        if body.is_some_and(|body| !body.is_empty()) && !headers.iter().any(|(name, _)| *name == "Content-Type") {
            request = request.header("Content-Type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = match body {
            Some(body) => self.agent.run(request.body(body.to_vec()).expect("a request")),
            None => self.agent.run(request.body(()).expect("a request")),
        };
        let mut answer = answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let body = answer.body_mut().with_config().limit(100_000_000).read_to_vec().expect("a body");
        Reply { status: answer.status().as_u16(), headers: answer.headers().clone(), body }
    }
}

impl Reply {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header, empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body of a success, as JSON.
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        self.json()
    }

    /// Checks that it is a problem document of a status and kind, and gives its faults as pointers and messages.
    pub fn expect_problem(&self, status: u16, slug: &str) -> Vec<(String, String)> {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("Content-Type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["type"], format!("/problems/{slug}"), "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["instance"], format!("urn:uuid:{}", self.header("X-Request-Id")), "{problem}");
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{problem}");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let faults = problem["errors"].as_array().cloned().unwrap_or_default();
        faults.iter().map(|fault| (text(&fault["pointer"]), text(&fault["message"]))).collect()
    }
}
