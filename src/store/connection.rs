//! Connections: which database an address means, how a connection is set up, and the pool.

use std::any::Any;
use std::fs::{OpenOptions, Permissions};
use std::ops::{Deref, DerefMut};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use diesel::connection::{
    AnsiTransactionManager, Connection, SimpleConnection, TransactionManager,
};
use diesel::r2d2::{ManageConnection, Pool};
use diesel::sqlite::SqliteConnection;

use super::{StoreError, StoreResult, noted};
use crate::domain::sharing;

/// The size of a page, in bytes: a report's card and its grant fit without overflow pages, so that a page of the queue is few reads.
/// Holds for a file that is made; one that is there keeps its own.
const PAGE_SIZE: u32 = 16_384;
/// After how many pages the journal goes into the file: 4 MiB.
const CHECKPOINT_PAGES: u32 = 256;
/// How long a connection waits for another process that holds the lock, in milliseconds.
pub(super) const BUSY_TIMEOUT: u32 = 5_000;
/// How long a use case waits for a connection. The semaphore of [`super::Store`] lets nobody wait in practice.
const POOL_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection to whichever database is in use. One variant for each.
#[derive(diesel::MultiConnection)]
pub enum DbConnection {
    /// SQLite, the default.
    Sqlite(SqliteConnection),
}

/// Where the data are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// One SQLite file.
    Sqlite(PathBuf),
}

/// How a database is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Made if it is not there.
    ReadWrite,
    /// A copy that must not change.
    ReadOnly,
}

/// Opens connections for the pool.
#[derive(Debug)]
pub(super) struct Manager {
    location: Location,
    access: Access,
}

pub(super) type ConnectionPool = Pool<Manager>;

pub(super) fn pool(location: Location, access: Access, size: u32) -> StoreResult<ConnectionPool> {
    let Location::Sqlite(path) = &location;
    if access == Access::ReadWrite {
        make_private_file(path)?;
    } else if !path.is_file() {
        return Err(StoreError::NotFound);
    }
    let manager = Manager { location, access };
    // The pool itself would say no more than "timed out": connect once to hear the reason.
    drop(manager.connect()?);
    Pool::builder()
        .max_size(size.max(1))
        .test_on_check_out(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connection_timeout(POOL_TIMEOUT)
        .error_handler(Box::new(diesel::r2d2::NopErrorHandler))
        .build(manager)
        .map_err(|error| StoreError::Other(Box::new(error)))
}

/// SQLite gives its journal files the mode of the database file, so that this one decides for all.
fn make_private_file(path: &Path) -> StoreResult<()> {
    private_file(path).map_err(io_error)
}

fn private_file(path: &Path) -> std::io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = std::fs::metadata(folder.unwrap_or(Path::new(".")))?;
    let mode = sharing::file_mode(folder.permissions().mode());
    let mut options = OpenOptions::new();
    let file = options.create(true).append(true).mode(mode).open(path)?;
    // Of two accounts that share it one alone may set it.
    if file.metadata()?.permissions().mode() & 0o777 == mode {
        return Ok(());
    }
    file.set_permissions(Permissions::from_mode(mode))
}

fn io_error(error: std::io::Error) -> StoreError {
    match error.kind() {
        std::io::ErrorKind::StorageFull => StoreError::Full,
        std::io::ErrorKind::ReadOnlyFilesystem => StoreError::ReadOnly,
        _ => StoreError::Other(Box::new(error)),
    }
}

impl ManageConnection for Manager {
    type Connection = DbConnection;
    type Error = StoreError;

    fn connect(&self) -> Result<DbConnection, StoreError> {
        let Location::Sqlite(path) = &self.location;
        let connection = match self.access {
            Access::ReadWrite => sqlite_read_write(path)?,
            Access::ReadOnly => sqlite_read_only(path)?,
        };
        Ok(DbConnection::Sqlite(connection))
    }

    fn is_valid(&self, conn: &mut DbConnection) -> Result<(), StoreError> {
        Ok(conn.batch_execute("SELECT 1")?)
    }

    fn has_broken(&self, conn: &mut DbConnection) -> bool {
        std::thread::panicking()
            || <DbConnection as Connection>::TransactionManager::is_broken_transaction_manager(conn)
    }
}

fn sqlite_read_write(path: &Path) -> StoreResult<SqliteConnection> {
    let mut conn = SqliteConnection::establish(utf8(path)?)?;
    // The timeout comes first: switching to WAL itself may have to wait. After that the size of a page cannot be chosen any more.
    conn.batch_execute(&format!(
        "PRAGMA busy_timeout = {BUSY_TIMEOUT};
         PRAGMA page_size = {PAGE_SIZE};
         PRAGMA journal_mode = WAL;
         PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES};
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA trusted_schema = OFF;"
    ))?;
    Ok(conn)
}

/// A database in WAL mode can be read from a folder that may not be written only when nothing waits in the WAL:
/// then, and only then, SQLite is told that the file does not change.
fn sqlite_read_only(path: &Path) -> StoreResult<SqliteConnection> {
    let mut ordinary = open_uri(path, "mode=ro");
    if ordinary.is_err() && !has_waiting_wal(path) {
        ordinary = open_uri(path, "mode=ro&immutable=1");
    }
    ordinary
}

fn open_uri(path: &Path, options: &str) -> StoreResult<SqliteConnection> {
    let escaped: String = utf8(path)?
        .chars()
        .map(|c| match c {
            '%' => "%25".to_owned(),
            '?' => "%3f".to_owned(),
            '#' => "%23".to_owned(),
            other => other.to_string(),
        })
        .collect();
    let mut conn = SqliteConnection::establish(&format!("file:{escaped}?{options}"))?;
    conn.batch_execute(&format!(
        "PRAGMA busy_timeout = {BUSY_TIMEOUT};
         PRAGMA query_only = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA trusted_schema = OFF;
         SELECT count(*) FROM sqlite_schema;"
    ))?;
    Ok(conn)
}

fn has_waiting_wal(path: &Path) -> bool {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    std::fs::metadata(wal).is_ok_and(|found| found.len() > 0)
}

pub(super) fn utf8(path: &Path) -> StoreResult<&str> {
    path.to_str()
        .ok_or_else(|| StoreError::other("the path is not UTF-8"))
}

/// A connection in a transaction that may write, begun so that nobody else writes meanwhile. Whatever reads and then writes, or writes more
/// than one row, takes one of these: outside such a transaction it cannot be called. Reads as the connection.
pub struct WriteTxn<'a> {
    conn: &'a mut DbConnection,
    after: &'a mut Vec<AfterCommit>,
    /// What the use case gives along, for whoever knows its type.
    beside: Option<Arc<dyn Any + Send + Sync>>,
}

/// What is done once a transaction is durable.
type AfterCommit = Box<dyn FnOnce()>;

impl WriteTxn<'_> {
    /// The same for a shorter while.
    pub fn reborrow(&mut self) -> WriteTxn<'_> {
        WriteTxn {
            conn: self.conn,
            after: self.after,
            beside: self.beside.clone(),
        }
    }

    /// Gives something along.
    pub(super) fn give<T: Any + Send + Sync>(&mut self, what: T) {
        self.beside = Some(Arc::new(what));
    }

    /// What was given along last, if it is that.
    pub(super) fn given<T: Any>(&self) -> Option<&T> {
        self.beside.as_deref()?.downcast_ref()
    }

    /// Does it once this transaction is durable, on the same thread; never if it is undone. It may block, and the next writer waits.
    pub fn after_commit(&mut self, work: impl FnOnce() + 'static) {
        self.after.push(Box::new(work));
    }
}

impl Deref for WriteTxn<'_> {
    type Target = DbConnection;

    fn deref(&self) -> &DbConnection {
        self.conn
    }
}

impl DerefMut for WriteTxn<'_> {
    fn deref_mut(&mut self) -> &mut DbConnection {
        self.conn
    }
}

/// Runs `work` in a transaction that may write, and commits it if it succeeds.
///
/// On SQLite it begins with `BEGIN IMMEDIATE`: a transaction that begins by reading cannot wait to become a writer, and
/// fails at once when another one writes. Use [`super::Store::write`] where that will do: it queues writers fairly.
///
/// # Errors
/// The error of `work`, after a rollback; or [`StoreError`] from beginning or committing.
pub fn write_transaction<T, E: From<StoreError>>(
    conn: &mut DbConnection,
    work: impl FnOnce(&mut WriteTxn<'_>) -> Result<T, E>,
) -> Result<T, E> {
    begin_immediate(conn)?;
    written(conn, work)
}

/// The same in a transaction that has begun.
pub(super) fn written<T, E: From<StoreError>>(
    conn: &mut DbConnection,
    work: impl FnOnce(&mut WriteTxn<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let mut after = Vec::new();
    let txn = &mut WriteTxn {
        conn,
        after: &mut after,
        beside: None,
    };
    let (done, is_lost) = noted::writing(|| work(txn));
    let done = done.and_then(|value| match is_lost {
        // What is not read on the way may be what decides. After an error of the disk there is no transaction to commit, either.
        true => Err(StoreError::Damaged.into()),
        false => Ok(value),
    });
    match done {
        Ok(value) => {
            commit(conn)?;
            after.into_iter().for_each(|work| work());
            Ok(value)
        }
        Err(error) => {
            // The connection is dropped by the pool if this fails; the first error is the one that tells.
            drop(Manage::rollback_transaction(conn));
            Err(error)
        }
    }
}

/// Runs `work` on one state of the database, however many queries it takes. It must not write: what it did is undone, because SQLite does not
/// commit a transaction that has met a damaged page, and this one may go on without it.
///
/// # Errors
/// The error of `work`, or [`StoreError`] from beginning.
pub fn read_transaction<T>(
    conn: &mut DbConnection,
    work: impl FnOnce(&mut DbConnection) -> StoreResult<T>,
) -> StoreResult<T> {
    Manage::begin_transaction(conn)?;
    let done = work(conn);
    let ended = Manage::rollback_transaction(conn);
    let done = done?;
    ended?;
    Ok(done)
}

type Manage = <DbConnection as Connection>::TransactionManager;

pub(super) fn begin_immediate(conn: &mut DbConnection) -> StoreResult<()> {
    match conn {
        DbConnection::Sqlite(sqlite) => {
            AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE")?;
        }
    }
    Ok(())
}

fn commit(conn: &mut DbConnection) -> StoreResult<()> {
    Manage::commit_transaction(conn).map_err(|error| {
        drop(Manage::rollback_transaction(conn));
        StoreError::from(error)
    })
}
