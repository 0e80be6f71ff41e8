//! One connection type for both databases, and how a connection is made ready.

use diesel::connection::SimpleConnection;
use diesel::r2d2::ManageConnection;
use diesel::{Connection, PgConnection, SqliteConnection};

use super::error::DbError;

/// A connection to either database. Made by [`Address::connect`], never by `establish`, which would take
/// `postgres:x` for the name of a SQLite file.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// A server shared by several machines.
    Postgres(PgConnection),
    /// A file beside the program.
    Sqlite(SqliteConnection),
}

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// `postgres://user:password@host/name`
    Postgres(String),
    /// The path of `sqlite:path`
    Sqlite(String),
}

impl Address {
    /// Reads a database URL.
    ///
    /// # Errors
    /// A sentence that says which two schemes there are.
    pub fn parse(url: &str) -> Result<Address, DbError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Address::Postgres(url.to_owned()));
        }
        match url.strip_prefix("sqlite:") {
            Some(path) if !path.is_empty() && !path.contains('\0') => Ok(Address::Sqlite(path.to_owned())),
            _ => Err(DbError::Address),
        }
    }

    /// Opens a connection and sets its limits.
    pub fn connect(&self) -> Result<AnyConnection, diesel::ConnectionError> {
        match self {
            Address::Postgres(url) => {
                let mut connection = PgConnection::establish(url)?;
                connection
                    .batch_execute(
                        "SET statement_timeout = '30s'; SET lock_timeout = '5s'; \
                         SET idle_in_transaction_session_timeout = '60s'; SET timezone = 'UTC'",
                    )
                    .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
                Ok(AnyConnection::Postgres(connection))
            }
            Address::Sqlite(path) => {
                let mut connection = SqliteConnection::establish(path)?;
                // secure_delete: what is deleted is overwritten, not only unlinked.
                // FULL: a commit that was answered is on the disk. The write rate of a co-op makes it free.
                connection
                    .batch_execute(
                        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                         PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON",
                    )
                    .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
                Ok(AnyConnection::Sqlite(connection))
            }
        }
    }
}

/// Hands connections to the pool.
#[derive(Debug)]
pub struct Manager {
    /// Where to connect.
    pub address: Address,
}

impl ManageConnection for Manager {
    type Connection = AnyConnection;
    type Error = diesel::r2d2::Error;

    fn connect(&self) -> Result<AnyConnection, diesel::r2d2::Error> {
        self.address.connect().map_err(diesel::r2d2::Error::ConnectionError)
    }

    fn is_valid(&self, connection: &mut AnyConnection) -> Result<(), diesel::r2d2::Error> {
        connection.batch_execute("SELECT 1").map_err(diesel::r2d2::Error::QueryError)
    }

    fn has_broken(&self, _: &mut AnyConnection) -> bool {
        std::thread::panicking()
    }
}
