//! Brings the schema up to date when the program starts; safe when several start at once.

use diesel::connection::SimpleConnection;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::connection::AnyConnection;
use super::error::DbError;

const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Any number, the same in every release: the advisory lock that makes migrators wait for each other.
const MIGRATION_LOCK: &str = "7345021";

/// Runs the pending migrations.
pub fn run(connection: &mut AnyConnection) -> Result<(), DbError> {
    match connection {
        AnyConnection::Postgres(connection) => {
            connection.batch_execute(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})"))?;
            let outcome = connection.run_pending_migrations(POSTGRES).map(|_| ()).map_err(DbError::Migration);
            connection.batch_execute(&format!("SELECT pg_advisory_unlock({MIGRATION_LOCK})"))?;
            outcome
        }
        AnyConnection::Sqlite(connection) => {
            // The write lock is taken before the list of applied migrations is read.
            let mut failure = None;
            let outcome = connection.immediate_transaction(|connection| {
                connection.run_pending_migrations(SQLITE).map(|_| ()).map_err(|error| {
                    failure = Some(error);
                    diesel::result::Error::RollbackTransaction
                })
            });
            match failure {
                Some(error) => Err(DbError::Migration(error)),
                None => Ok(outcome?),
            }
        }
    }
}
