//! The REST API and the pages.

pub mod ui;

use std::io;

use actix_web::dev::Server;
use actix_web::{App, HttpResponse, HttpServer, web};

use crate::config;
use crate::operations::Operations;

/// A server that holds its port and waits to be awaited.
pub struct Bound {
    /// Where it listens, for example `http://127.0.0.1:8080`.
    pub address: String,
    /// The server.
    pub server: Server,
}

/// Takes the port and prepares the server.
pub fn bind(settings: &config::Server, coop: &config::Coop, operations: &Operations) -> io::Result<Bound> {
    let pages = ui::UiSettings {
        coop_name: coop.name.clone(),
        city: coop.city.clone(),
        open_pages: settings.open_pages,
        secure_cookies: settings.public_url.starts_with("https:"),
    };
    let (pages, operations) = (web::Data::new(pages), web::Data::new(operations.clone()));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(pages.clone())
            .app_data(operations.clone())
            .route("/healthz", web::get().to(HttpResponse::NoContent))
            .configure(ui::configure)
            .default_service(web::to(ui::not_found))
    })
        .workers(settings.workers)
        .bind((settings.host.as_str(), settings.port))?;
    let address = server.addrs().first().map(|address| format!("http://{address}")).unwrap_or_default();
    Ok(Bound { address, server: server.run() })
}

/// The OpenAPI document.
pub fn openapi_json() -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(&serde_json::json!({}))
}
