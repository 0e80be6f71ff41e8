//! Audit and privacy. The tests are named after the requirements in docs/security.md.

mod chain;
mod coverage;
mod data_map;
mod erasure;
mod finance;
mod member_export;
mod small_cells;
mod views;

use coop_scheduler::db::audit::Filter;
use coop_scheduler::domain::audit::AuditEntry;
use coop_scheduler::operations::{PageRequest, audit};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};

use crate::support::app::TestApp;

/// The whole trail, read as the office.
pub fn trail(app: &TestApp) -> Vec<AuditEntry> {
    let filter = Filter::default();
    let read = app.app.operations.look(app.actor.clone(), |tx, ctx| audit::list(tx, ctx, &filter, PageRequest::ALL));
    read.expect("the trail").items
}

/// Does something to the database that the program never does, as somebody who has got hold of it.
pub fn meddle(app: &TestApp, on_both: &str) -> Result<(), diesel::result::Error> {
    meddle_with(app, on_both, on_both)
}

/// The same in the words of each database.
pub fn meddle_with(app: &TestApp, sqlite: &str, postgres: &str) -> Result<(), diesel::result::Error> {
    let url = &app.app.config.database.url;
    match url.strip_prefix("sqlite:") {
        Some(path) => SqliteConnection::establish(path).expect("a file").batch_execute(sqlite),
        None => PgConnection::establish(url).expect("a server").batch_execute(postgres),
    }
}
