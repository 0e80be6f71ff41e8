//! `serve`: the API, the pages and the workers in one process.

use anyhow::{Context, Result};

use crate::app::{App, system_clock};
use crate::config::Config;

/// Serves until Ctrl-C or a termination signal, then finishes what is under way.
pub fn run(config: Config) -> Result<()> {
    super::die_at::arm();
    let app = App::build(config, system_clock())?;
    serve(&app, |address| println!("Co-op Scheduler is at {address}"))
}

/// Serves an app that is built; `ready` is told the address once it can be asked.
pub fn serve(app: &App, ready: impl FnOnce(&str)) -> Result<()> {
    let workers = app.start_workers()?;
    let outcome = actix_web::rt::System::new().block_on(async {
        let bound = crate::web::bind(&app.config.server, &app.config.coop, &app.operations)
            .context("the HTTP server could not be started")?;
        ready(&bound.address);
        bound.server.await.context("the HTTP server ended unexpectedly")
    });
    workers.stop();
    outcome
}
