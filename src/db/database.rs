//! The two verbs: a read-only snapshot, and one atomic change.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::r2d2::{Pool, PooledConnection};

use super::connection::{Address, AnyConnection, Manager};
use super::error::DbError;
use super::migrations;

/// Writers take turns on PostgreSQL too: each appends to the audit trail, whose entries are chained. The lock on a table
/// that nobody changes is taken before the first query, so that the snapshot holds what the writer before left; readers
/// are not in its way.
const BEGIN_IN_TURN: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE disciplines IN SHARE ROW EXCLUSIVE MODE";
/// How often a change is tried when others get in its way.
const WRITE_TRIES: u32 = 5;

/// The co-op's data. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    pool: Pool<Manager>,
    is_sqlite: bool,
    changes: Arc<AtomicU64>,
}

/// A read-only snapshot.
pub struct ReadTx {
    connection: PooledConnection<Manager>,
}

/// One atomic change. Reads too: it derefs to [`ReadTx`], never the reverse.
pub struct WriteTx {
    read: ReadTx,
}

impl ReadTx {
    /// The connection, for the query functions of this ring only.
    pub(in crate::db) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }
}

impl Deref for WriteTx {
    type Target = ReadTx;

    fn deref(&self) -> &ReadTx {
        &self.read
    }
}

impl DerefMut for WriteTx {
    fn deref_mut(&mut self) -> &mut ReadTx {
        &mut self.read
    }
}

impl Database {
    /// Opens the database at a URL and brings its schema up to date.
    ///
    /// # Errors
    /// [`DbError::Address`] for a URL of neither database, [`DbError::Unavailable`] when it cannot be reached.
    pub fn open(url: &str, connections_max: u32) -> Result<Database, DbError> {
        let address = Address::parse(url)?;
        let is_sqlite = matches!(address, Address::Sqlite(_));
        let mut first = address.connect().map_err(|error| DbError::Unavailable(Box::new(error)))?;
        migrations::run(&mut first)?;
        drop(first);
        let pool = Pool::builder()
            .max_size(connections_max)
            .min_idle(Some(1))
            .connection_timeout(Duration::from_secs(5))
            .build(Manager { address })
            .map_err(|error| DbError::Unavailable(Box::new(error)))?;
        Ok(Database { pool, is_sqlite, changes: Arc::default() })
    }

    /// How many changes this process made: what was read stays as it is while this number does, as far as no other process
    /// writes.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }

    /// Runs `look` on a snapshot: everything it reads is of one moment.
    pub fn read<T, E: From<DbError>>(&self, look: impl FnOnce(&mut ReadTx) -> Result<T, E>) -> Result<T, E> {
        let begin = if self.is_sqlite { "BEGIN" } else { "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" };
        let mut tx = Open::begin(self.connection()?, begin)?;
        let outcome = look(&mut tx.held.read);
        tx.end("ROLLBACK")?;
        outcome
    }

    /// Runs `change` as one transaction: all of it is kept, or nothing. Where others get in its way it is run again
    /// from the start, so `change` must do nothing but read and write the database.
    pub fn write<T, E: From<DbError> + RetryHint>(
        &self,
        mut change: impl FnMut(&mut WriteTx) -> Result<T, E>,
    ) -> Result<T, E> {
        let begin = if self.is_sqlite { "BEGIN IMMEDIATE" } else { BEGIN_IN_TURN };
        let mut tries = 0;
        loop {
            tries += 1;
            let outcome = self.write_once(begin, &mut change);
            match outcome {
                Err(error) if error.is_worth_a_retry() && tries < WRITE_TRIES => {
                    std::thread::sleep(Duration::from_millis(u64::from(tries * tries) * 10 + jitter_milliseconds()));
                }
                outcome => return outcome,
            }
        }
    }

    /// Makes the database forget what was deleted or overwritten: its files are written anew, without free pages, dead
    /// rows and the log of changes. Others wait meanwhile.
    pub fn forget_deleted(&self) -> Result<(), DbError> {
        let mut connection = self.connection()?;
        let steps: &[&str] = match self.is_sqlite {
            true => &["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"],
            false => &["SET statement_timeout = 0", "VACUUM (FULL)", "SET statement_timeout = '30s'"],
        };
        // One at a time: several in one message would be a transaction, in which neither database does this.
        steps.iter().try_for_each(|step| Ok(connection.batch_execute(step)?))
    }

    fn write_once<T, E: From<DbError>>(
        &self,
        begin: &str,
        change: &mut impl FnMut(&mut WriteTx) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut tx = Open::begin(self.connection()?, begin)?;
        match change(&mut tx.held) {
            Ok(value) => {
                let ended = tx.end("COMMIT");
                // Also when it is not known whether it was kept: counting one too many does no harm.
                self.changes.fetch_add(1, Ordering::SeqCst);
                ended.map(|()| value).map_err(E::from)
            }
            Err(error) => {
                // The change failed for its own reason; that reason counts, not a failing rollback.
                let _ = tx.end("ROLLBACK");
                Err(error)
            }
        }
    }

    fn connection(&self) -> Result<PooledConnection<Manager>, DbError> {
        self.pool.get().map_err(|error| DbError::Unavailable(Box::new(error)))
    }
}

/// Whether an error says "try again".
pub trait RetryHint {
    /// True where the same change may succeed at once.
    fn is_worth_a_retry(&self) -> bool;
}

impl RetryHint for DbError {
    fn is_worth_a_retry(&self) -> bool {
        DbError::is_worth_a_retry(self)
    }
}

/// An open transaction; rolled back when it is dropped without an end, for example by a panic.
struct Open {
    held: WriteTx,
    ended: bool,
}

impl Open {
    fn begin(connection: PooledConnection<Manager>, begin: &str) -> Result<Open, DbError> {
        // Made first: where waiting for the turn fails, the transaction is open already and is rolled back.
        let mut open = Open { held: WriteTx { read: ReadTx { connection } }, ended: false };
        open.held.connection().batch_execute(begin)?;
        Ok(open)
    }

    fn end(mut self, how: &str) -> Result<(), DbError> {
        self.held.connection().batch_execute(how)?;
        self.ended = true;
        Ok(())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if !self.ended {
            let _ = self.held.connection().batch_execute("ROLLBACK");
        }
    }
}

/// A few milliseconds that differ between threads, so that two writers do not meet again.
fn jitter_milliseconds() -> u64 {
    u64::from(uuid::Uuid::now_v7().as_bytes()[15]) % 16
}
