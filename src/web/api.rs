//! The kinds of routes: each method serves a route and describes it, so that the two cannot differ.
//!
//! A route signs the actor in, reads what the request carries, calls one operation, and answers. The table of all
//! routes is [`super::routes`].

mod files;
mod read;
mod write;

use std::future::Future;
use std::rc::Rc;

use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, Resource, Route, web};
use serde_json::Value;

use super::call::Call;
use super::document::{Described, Document};
use super::problem::{Problem, ProblemKind};
use super::query::Query;
use super::state::ApiState;

/// Filters of a list.
pub trait Narrowing: Send + 'static {
    /// Their parameters.
    fn parameters(document: &mut Document) -> Vec<Value>;

    /// Takes them from a query.
    fn read(query: &mut Query) -> Self;
}

/// The API while it is put together.
#[derive(Default)]
pub struct Api {
    tag: &'static str,
    resources: Vec<(String, Vec<(Method, Route)>)>,
    document: Document,
}

/// What any operation with a token can answer besides success.
const ALWAYS: [ProblemKind; 6] = [
    ProblemKind::UnreadableRequest,
    ProblemKind::SignInRequired,
    ProblemKind::InvalidEntries,
    ProblemKind::InternalError,
    ProblemKind::Busy,
    ProblemKind::Unavailable,
];

impl Api {
    /// Begins a group of routes.
    pub fn group(&mut self, tag: &'static str) {
        self.tag = tag;
    }

    /// Adds a route and its description.
    fn add<F: Future<Output = Result<HttpResponse, Problem>> + 'static>(
        &mut self,
        described: Described,
        handle: impl Fn(Call) -> F + 'static,
    ) {
        let handle = Rc::new(handle);
        let handler = move |request: HttpRequest, payload: web::Payload, state: web::Data<ApiState>| {
            let state = state.asked_by(&request);
            handle(Call::new(request, payload, state))
        };
        let (method, path) = (described.method.clone(), described.path.clone());
        let route = web::method(method.clone()).to(handler);
        match self.resources.iter_mut().find(|(known, _)| *known == path) {
            Some((_, routes)) => routes.push((method, route)),
            None => self.resources.push((path, vec![(method, route)])),
        }
        self.document.add(described);
    }

    /// A description to be completed by the kind of route.
    fn described(&self, method: Method, path: &str, summary: &'static str) -> Described {
        Described {
            method,
            path: format!("/api/v1{path}"),
            tag: self.tag,
            summary,
            parameters: Vec::new(),
            body: None,
            answers: Vec::new(),
            problems: ALWAYS.to_vec(),
            signed_in: true,
        }
    }

    /// Adds a route that needs no token and takes no query, described without a body schema.
    pub fn open<F: Future<Output = Result<HttpResponse, Problem>> + 'static>(
        &mut self,
        path: &str,
        summary: &'static str,
        answer: (u16, Value),
        problems: &[ProblemKind],
        handle: impl Fn(Call) -> F + 'static,
    ) {
        let described = Described {
            path: path.to_owned(),
            answers: vec![answer],
            problems: problems.to_vec(),
            signed_in: false,
            ..self.described(Method::GET, path, summary)
        };
        self.add(described, handle);
    }

    /// The OpenAPI document.
    pub fn document(self) -> Value {
        self.document.finish()
    }

    /// Everything that is to be served; another method than those of a path is answered with 405.
    pub fn resources(self) -> Vec<Resource> {
        let resource = |(path, routes): (String, Vec<(Method, Route)>)| {
            let mut methods: Vec<&str> = routes.iter().map(|(method, _)| method.as_str()).collect();
            if methods.contains(&"GET") {
                methods.push("HEAD");
            }
            let allow = methods.join(", ");
            let refuse = move || {
                let detail = format!("This address knows {allow}");
                let problem = Problem::new(ProblemKind::MethodNotAllowed, detail);
                std::future::ready(Err::<HttpResponse, _>(Problem { allow: Some(allow.as_str().into()), ..problem }))
            };
            let resource = web::resource(path).default_service(web::to(refuse));
            routes.into_iter().fold(resource, |resource, (_, route)| resource.route(route))
        };
        self.resources.into_iter().map(resource).collect()
    }
}
