//! The REST API and the pages.
//!
//! A request passes [`boundary`], finds its route in [`routes`], is taken apart by [`call`], runs one operation through
//! [`state`], and leaves as an answer or a [`problem`]. [`mod@api`] holds the kinds of routes; each also describes itself in
//! the OpenAPI document.

mod address;
pub mod answer;
pub mod api;
mod body;
mod boundary;
pub mod call;
pub mod document;
pub mod entries;
mod feed;
mod limits;
mod plain;
pub mod problem;
mod problem_kind;
pub mod query;
pub mod record;
pub mod routes;
pub mod schema;
pub mod shape;
pub mod state;
pub mod ui;

use std::io;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, Redirect, ServiceConfig};
use actix_web::{App, HttpResponse, HttpServer};
use utoipa_swagger_ui::SwaggerUi;

use crate::config;
use crate::operations::Operations;
use limits::Limits;
use problem::Problem;
use state::ApiState;

/// A client that takes longer to send its request line and headers is disconnected.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// An idle connection is kept so long.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Requests under way at a stop may take so long.
const STOP_SECONDS: u64 = 10;
/// Open connections a worker thread; more wait.
const CONNECTIONS_MAX: usize = 1000;

/// A server that holds its port and waits to be awaited.
pub struct Bound {
    /// Where it listens, for example `http://127.0.0.1:8080`.
    pub address: String,
    /// The server.
    pub server: Server,
}

/// Takes the port and prepares the server.
pub fn bind(settings: &config::Server, coop: &config::Coop, operations: &Operations) -> io::Result<Bound> {
    bind_with(settings, coop, operations, |_| {})
}

/// The same with more routes, for tests that need a handler that fails.
pub fn bind_with(
    settings: &config::Server,
    coop: &config::Coop,
    operations: &Operations,
    more: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
) -> io::Result<Bound> {
    let limits = web::Data::new(Limits::new(settings));
    let state = web::Data::new(ApiState::new(operations.clone(), settings.clone(), limits.clone()));
    let pages = web::Data::new(ui::UiSettings {
        coop_name: coop.name.clone(),
        city: coop.city.clone(),
        public_url: settings.public_url.clone(),
        trusted_proxies: settings.trusted_proxies.clone(),
        body_seconds_max: settings.body_seconds_max,
        open_pages: settings.open_pages,
        secure_cookies: settings.public_url.starts_with("https:"),
    });
    let operations = web::Data::new(operations.clone());
    let calendars = web::Data::new(feed::Calendars::default());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .app_data(pages.clone())
            .app_data(limits.clone())
            .app_data(operations.clone())
            .app_data(calendars.clone())
            .configure(more.clone())
            .configure(api)
            .configure(feed::configure)
            .configure(ui::configure)
            .default_service(web::to(ui::not_found))
            .wrap(Compress::default())
            .wrap(from_fn(boundary::boundary))
    })
    .workers(settings.workers)
    .max_connections(CONNECTIONS_MAX)
    .client_request_timeout(REQUEST_TIMEOUT)
    .keep_alive(KEEP_ALIVE)
    .shutdown_timeout(STOP_SECONDS)
    .bind((settings.host.as_str(), settings.port))?;
    let address = server.addrs().first().map(|address| format!("http://{address}")).unwrap_or_default();
    Ok(Bound { address, server: server.run() })
}

/// The API with its description and the viewer of it.
fn api(app: &mut ServiceConfig) {
    for resource in routes::api().resources() {
        app.service(resource);
    }
    app.service(web::scope("/api").default_service(web::to(not_found)))
        .service(Redirect::new("/docs", "/docs/").permanent())
        .service(
            SwaggerUi::new("/docs/{_:.*}")
                .external_urls_from_iter_unchecked([("/openapi.json", routes::api().document())]),
        );
}

async fn not_found() -> Result<HttpResponse, Problem> {
    Err(Problem::not_found())
}

/// The OpenAPI document.
pub fn openapi_json() -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(&routes::api().document())
}
