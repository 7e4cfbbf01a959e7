//! The database: opening, migrations, and a small pool of connections used from blocking threads.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Result};
use crate::faults::{Fault, planted};

/// One more than the writers that `SQLite` admits plus a few readers; more only waits for the disk.
const MAX_CONNECTIONS: usize = 4;
/// How long a connection waits for the one that is writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// The schema's versions, oldest first. `PRAGMA user_version` says how many were applied.
const MIGRATIONS: &[&str] =
    &[include_str!("schema.sql"), include_str!("schema_2.sql"), include_str!("campus/number.sql")];

#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("cannot open the database {path}")]
    Open { path: PathBuf, source: rusqlite::Error },
    #[error("cannot bring the schema of {path} up to date")]
    Migrate { path: PathBuf, source: rusqlite::Error },
    #[error("the database {path} was made by a newer version of this program (schema {found})")]
    TooNew { path: PathBuf, found: u32 },
}

/// The database of the running server; clones share their connections.
#[derive(Clone)]
pub(crate) struct Db(Arc<Pool>);

struct Pool {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Db {
    /// Opens the database file, makes it if there is none, and brings its schema up to date.
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        Self::open_with(path, MIGRATIONS, MAX_CONNECTIONS)
    }

    /// The same for a database of another schema, and with another number of connections.
    pub(crate) fn open_with(path: &Path, migrations: &[&str], connections: usize) -> Result<Self, OpenError> {
        let connection = connect_and_migrate_with(path, migrations)?;
        Ok(Self(Arc::new(Pool {
            path: path.to_owned(),
            idle: Mutex::new(vec![connection]),
            permits: Arc::new(Semaphore::new(connections)),
        })))
    }

    /// Takes one of the connections out of use, until what is returned is dropped. None is free: an error.
    pub(crate) fn keep_connection(&self) -> Result<OwnedSemaphorePermit> {
        Arc::clone(&self.0.permits).try_acquire_owned().map_err(Error::internal)
    }

    /// Runs `work` on a blocking thread, in a transaction that sees one state of the database.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    {
        self.transact(TransactionBehavior::Deferred, work).await
    }

    /// Runs `work` on a blocking thread, as the only writer. What it checks stays true until its own
    /// changes are in; an `Err` undoes them.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    {
        self.transact(TransactionBehavior::Immediate, work).await
    }

    async fn transact<T, F>(&self, behavior: TransactionBehavior, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    {
        let permit = Arc::clone(&self.0.permits).acquire_owned().await.map_err(Error::internal)?;
        let pool = Arc::clone(&self.0);
        // The permit goes along: a request that is given up must not free a connection still at work.
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let mut connection = pool.take()?;
            let transaction = connection.transaction_with_behavior(behavior)?;
            let result = work(&transaction);
            if Fault::CacheWithoutViewer.is_on() && matches!(behavior, TransactionBehavior::Immediate) {
                planted::cache::changed();
            }
            match result {
                Ok(_) => transaction.commit()?,
                Err(_) => transaction.rollback()?,
            }
            pool.give_back(connection);
            result
        })
        .await
        .map_err(Error::internal)?
    }
}

impl Pool {
    fn take(&self) -> Result<Connection> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match idle {
            Some(connection) => Ok(connection),
            None => Ok(connect(&self.path)?),
        }
    }

    fn give_back(&self, connection: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

/// A connection of its own, for the commands that are not a server.
pub(crate) fn connect_and_migrate(path: &Path) -> Result<Connection, OpenError> {
    connect_and_migrate_with(path, MIGRATIONS)
}

fn connect_and_migrate_with(path: &Path, migrations: &[&str]) -> Result<Connection, OpenError> {
    let mut connection = connect(path).map_err(|source| OpenError::Open { path: path.to_owned(), source })?;
    let applied = migrate_with(&mut connection, migrations)
        .map_err(|source| OpenError::Migrate { path: path.to_owned(), source })?;
    if usize::try_from(applied).is_ok_and(|applied| applied > migrations.len()) {
        return Err(OpenError::TooNew { path: path.to_owned(), found: applied });
    }
    Ok(connection)
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    if Fault::DatabaseLocked.is_on() {
        connection.busy_timeout(Duration::ZERO)?;
        connection.execute_batch("PRAGMA foreign_keys = ON;")?;
        return Ok(connection);
    }
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // Answers with a row (the new mode), so it cannot be part of a batch of statements.
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    connection.execute_batch("PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;")?;
    Ok(connection)
}

/// Applies what is missing and returns the schema's version. Two servers that start at once on the same
/// new file take turns: the version is read inside the transaction.
pub(crate) fn migrate(connection: &mut Connection) -> rusqlite::Result<u32> {
    migrate_with(connection, MIGRATIONS)
}

fn migrate_with(connection: &mut Connection, migrations: &[&str]) -> rusqlite::Result<u32> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let applied: u32 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let mut version = applied;
    for (number, script) in (1..).zip(migrations).filter(|(number, _)| *number > applied) {
        transaction.execute_batch(script)?;
        version = number;
    }
    transaction.pragma_update(None, "user_version", version)?;
    transaction.commit()?;
    Ok(version)
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::{MIGRATIONS, migrate};

    #[test]
    fn a_database_of_the_first_version_keeps_its_accounts() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(MIGRATIONS[0]).unwrap();
        let account = "INSERT INTO users (email, display_name, role, password_hash, created_at)
             VALUES ('a@b.test', 'Ada', 'site_admin', 'x', 'now')";
        connection.execute_batch(account).unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        for _ in 0..2 {
            migrate(&mut connection).unwrap();
        }
        let verified: bool =
            connection.query_row("SELECT is_verified FROM users", [], |row| row.get(0)).unwrap();
        assert!(verified);
        let version: u32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert_eq!(usize::try_from(version), Ok(MIGRATIONS.len()));
    }
}
