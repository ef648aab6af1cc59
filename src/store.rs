//! The database: typed rows in and out, ciphertext that this module cannot read, and nothing else.
//!
//! Owns every table and is the only place that names diesel. Imports `domain` alone. Functions begin with the noun they are
//! about; those that write take a [`WriteTxn`], which [`Store::write`] gives.
//!
//! Nothing is decided by having looked before: a change that depends on a state names the state it has seen, and the number of
//! rows it changed is the answer.

mod apart;
mod check;
mod columns;
mod connection;
mod damage;
mod error;
mod fuse;
mod migrations;
mod noted;
mod pace;
mod patience;
mod prelude;
mod room;
mod rows;
mod schema;
mod source;
mod threads;

pub mod access;
pub mod activity;
pub mod alarm;
pub mod attempt;
pub mod audit;
pub mod beside;
pub mod claim;
pub mod copy;
pub mod credential;
pub mod epoch;
pub mod future;
pub mod journal;
pub mod key;
pub mod look;
pub mod mailbox;
pub mod outbox;
pub mod process;
pub mod proof;
pub mod proposal;
pub mod prover;
pub mod queue;
pub mod recovery;
pub mod rekey;
pub mod renewal;
pub mod report;
pub mod report_row;
pub mod reset;
pub mod retention;
pub mod rotation;
pub mod session;
pub mod settings;
pub mod shred;
pub mod staff;
pub mod statement;
pub mod team;
pub mod ticket;

#[cfg(test)]
pub(crate) mod tests;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use crate::domain::clock::Timestamp;
use crate::domain::disk::{Disk, DiskFault};

pub use self::access::*;
pub use self::activity::*;
pub use self::alarm::*;
pub use self::attempt::*;
pub use self::audit::*;
pub use self::beside::*;
pub use self::claim::*;
pub use self::connection::{DbConnection, Location, WriteTxn, read_transaction, write_transaction};
pub use self::copy::*;
pub use self::credential::*;
pub use self::epoch::*;
pub use self::error::{SchemaError, StoreError, StoreResult, unless_damaged};
pub use self::future::*;
pub use self::journal::*;
pub use self::key::*;
pub use self::look::*;
pub use self::mailbox::*;
pub use self::migrations::{schema_check, schema_is_ours, schema_text};
pub use self::noted::Unreadable;
pub use self::outbox::*;
pub use self::process::*;
pub use self::proof::*;
pub use self::proposal::*;
pub use self::prover::*;
pub use self::queue::*;
pub use self::recovery::*;
pub use self::rekey::*;
pub use self::renewal::*;
pub use self::report::*;
pub use self::report_row::*;
pub use self::reset::*;
pub use self::retention::*;
pub use self::room::disk_at;
pub use self::rotation::*;
pub use self::session::*;
pub use self::settings::*;
pub use self::shred::*;
pub use self::staff::*;
pub use self::statement::*;
pub use self::team::*;
pub use self::ticket::*;

use self::connection::{Access, ConnectionPool};
use self::damage::{Damage, Reason};
use self::fuse::Fuse;
use self::pace::Pace;
use self::patience::Patience;
use self::source::Source;
pub use self::threads::{aside, aside_behind, aside_in_lane_behind, keep as keep_threads};

/// How many connections each side has unless the configuration says otherwise.
pub const DEFAULT_POOL: u32 = 4;
/// Connections of the background work. Urgent mail waits for nobody.
const BACKGROUND: u32 = 2;

/// How long a use case waits for its turn before it is told that the database is busy.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);

/// Counts the changes of a report. A change names the version it has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(i64);

impl Version {
    /// From a number that a form carried.
    pub const fn from_number(number: i64) -> Self {
        Self(number)
    }

    /// The one after a change.
    const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The number, to be carried by a form.
    pub const fn number(self) -> i64 {
        self.0
    }
}

/// On whose behalf the database is used. Each side has connections of its own and does not wait for those of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Reporters.
    Public,
    /// Everybody who signs in.
    Staff,
    /// The worker.
    Background,
}

/// The database. Clones share its connections.
#[derive(Clone)]
pub struct Store {
    source: Arc<Source>,
    side: Side,
    lines: Arc<Lines>,
    fuse: Arc<Fuse>,
}

/// Where uses of the database wait.
struct Lines {
    public: Line,
    staff: Line,
    background: Line,
    pace: Pace,
    patience: Arc<Patience>,
    /// One of each side at most waits here, so that a write waits for two others however many the staff have in mind.
    writer: Arc<Semaphore>,
}

/// Where the uses of one side wait.
struct Line {
    turns: Arc<Semaphore>,
    writes: Arc<Semaphore>,
}

impl Line {
    fn new(connections: u32) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(usize::try_from(connections).unwrap_or(1))),
            writes: Arc::new(Semaphore::new(1)),
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    /// Opens the database, makes it if it is not there, and brings its tables up to date.
    ///
    /// # Errors
    /// [`StoreError::Schema`] if its tables are not ours, and then nothing has happened to them; another if it cannot be opened.
    pub fn open(location: Location, connections: u32) -> StoreResult<Self> {
        let store = Self::with_access(location, Access::ReadWrite, connections)?;
        store.blocking(migrations::migrate)?;
        Ok(store)
    }

    /// The same for the service itself: where its start would find no room, what is kept in reserve for that is given up.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_to_serve(location: Location, connections: u32) -> StoreResult<Self> {
        let Location::Sqlite(path) = &location;
        room::file_give_up(path);
        Self::open(location, connections)
    }

    /// Brings the tables up to date. Names the changes that were made.
    ///
    /// # Errors
    /// As [`Store::open`]; [`StoreError::NotFound`] if there is no such file.
    pub fn migrate(location: Location) -> StoreResult<Vec<String>> {
        Self::open_as_it_is(location)?.blocking(migrations::migrate)
    }

    /// Opens a database that is there, and brings nothing up to date.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such file; another if it cannot be opened.
    pub fn open_as_it_is(location: Location) -> StoreResult<Self> {
        let Location::Sqlite(path) = &location;
        if !path.is_file() {
            return Err(StoreError::NotFound);
        }
        Self::with_access(location, Access::ReadWrite, 1)
    }

    /// [`Store::open`] of one SQLite file with [`DEFAULT_POOL`] connections for each side.
    ///
    /// # Errors
    /// As [`Store::open`].
    #[cfg_attr(rooms_closed, expect(dead_code, reason = "for tests and benchmarks"))]
    pub fn open_path(path: &Path) -> StoreResult<Self> {
        Self::open(Location::Sqlite(path.to_owned()), DEFAULT_POOL)
    }

    /// Opens a copy that must not change, as `kapea open` does. Every write fails.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such file; another if it cannot be read.
    pub fn open_read_only(location: Location) -> StoreResult<Self> {
        Self::with_access(location, Access::ReadOnly, 1)
    }

    fn with_access(location: Location, access: Access, connections: u32) -> StoreResult<Self> {
        let connections = connections.max(1);
        let all = match access {
            Access::ReadOnly => 1,
            // And one for what takes no turn: a command, the end of a report.
            Access::ReadWrite => connections.saturating_mul(2).saturating_add(BACKGROUND + 1),
        };
        let pool = connection::pool(location.clone(), access, all)?;
        Ok(Self::over(location, Ok(pool), connections))
    }

    /// In the place of a database that is too damaged to be opened: every use fails with the same error. So the service starts, and says whom
    /// to call.
    pub fn broken(location: Location, why: StoreError) -> Self {
        let store = Self::over(location, Err(why), 1);
        let found = BTreeMap::new();
        store.source.damage.checked(Reason::Suspect, found);
        store
    }

    fn over(
        location: Location,
        pool: Result<ConnectionPool, StoreError>,
        connections: u32,
    ) -> Self {
        Self {
            source: Arc::new(Source {
                location,
                pool,
                damage: Damage::default(),
                said: Mutex::default(),
                seen: room::Seen::default(),
            }),
            side: Side::Staff,
            lines: Arc::new(Lines {
                public: Line::new(connections),
                staff: Line::new(connections),
                background: Line::new(BACKGROUND),
                pace: Pace::new(),
                patience: Arc::default(),
                writer: Arc::new(Semaphore::new(1)),
            }),
            fuse: Arc::default(),
        }
    }

    /// The same database for another side. A store that was just opened is the staff's.
    #[must_use]
    pub fn on_behalf_of(&self, side: Side) -> Self {
        Self {
            side,
            ..self.clone()
        }
    }

    fn line(&self) -> &Line {
        match self.side {
            Side::Public => &self.lines.public,
            Side::Staff => &self.lines.staff,
            Side::Background => &self.lines.background,
        }
    }

    /// Runs one use case on a connection, on the pool of blocking threads. It runs to its end even if the caller is dropped.
    ///
    /// For reading, and for acts that mix transactions. A use case that is one writing transaction is better off in
    /// [`Store::write`].
    ///
    /// # Errors
    /// The error of `work`; [`StoreError::Busy`] if its turn did not come in time.
    pub async fn run<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        if self.side != Side::Staff {
            let turn = turn(&self.line().turns).await?;
            return self.in_turn(turn, false, work).await;
        }
        let reading = in_time(self.lines.pace.turn()).await?;
        let turn = turn(&self.line().turns).await?;
        self.in_turn(turn, true, move |conn| {
            let start = Instant::now();
            let done = work(conn);
            reading.end(start.elapsed());
            done
        })
        .await
    }

    /// On a thread that gives way to others, or on one that does not, as whoever holds the database's lock must not.
    async fn in_turn<T, E, F>(
        &self,
        turn: impl Send + 'static,
        gives_way: bool,
        work: F,
    ) -> Result<T, E>
    where
        F: FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.fuse.check()?;
        let source = Arc::clone(&self.source);
        let work = move || {
            let _turn = turn;
            source.on_connection(work)
        };
        let done = if gives_way {
            aside_behind(work)
        } else {
            aside(work)
        };
        done.await
            .map_err(|error| StoreError::Other(Box::new(error)))?
    }

    /// Runs one use case as one writing transaction: committed and durable when this returns `Ok`, undone if `work` fails.
    ///
    /// Writers of this process queue here, first come first served on each side, so that none of them ever meets another at the
    /// database's lock, and none waits for more than one of each other side.
    ///
    /// # Errors
    /// As [`Store::run`].
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut WriteTxn<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        // The database's lock comes last: who has it waits for nothing more.
        let line = self.line();
        if self.side == Side::Public {
            self.lines.pace.written();
        }
        let waits = (turn(&line.writes).await?, turn(&line.turns).await?);
        let waits = (waits, turn(&self.lines.writer).await?);
        let (fuse, patience) = (Arc::clone(&self.fuse), Arc::clone(&self.lines.patience));
        let reporters = (self.side == Side::Public).then(|| Arc::clone(&self.source));
        self.in_turn(waits, false, move |conn| {
            fuse.check()?;
            reporters.map_or(Ok(()), |source| source.check_room(conn))?;
            patience.begin(conn)?;
            let done = connection::written(conn, work)?;
            fuse.committed();
            Ok(done)
        })
        .await
    }

    /// [`Store::run`] for code that is not asynchronous: the command line, tests.
    ///
    /// # Errors
    /// As [`Store::run`].
    pub fn blocking<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.fuse.check()?;
        self.source.on_connection(work)
    }

    /// [`Store::write`] for code that is not asynchronous. It queues at the database's own lock.
    ///
    /// # Errors
    /// As [`Store::run`].
    pub fn blocking_write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut WriteTxn<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.fuse.check()?;
        let write = |conn: &mut DbConnection| write_transaction(conn, work);
        let done = self.source.on_connection(write)?;
        self.fuse.committed();
        Ok(done)
    }

    /// The tables in which something is known to be damaged, and what of each: a row that could not be read, or what the last check of the file
    /// has found.
    pub fn damaged(&self) -> BTreeMap<String, String> {
        self.source.damage.tables()
    }

    /// The rows of a table that could not be read, as they are called on a page.
    pub fn unreadable(&self, table: &str) -> Vec<Unreadable> {
        self.source.damage.rows(table)
    }

    /// What the disk refuses to the database, or has refused and nobody was told of, and whether somebody was.
    pub fn refused(&self) -> Option<(DiskFault, bool)> {
        self.source.damage.refused()
    }

    /// Somebody was told of that.
    pub fn tell_refused(&self) {
        self.source.damage.tell_refused();
    }

    /// Something was written: what the disk had refused has passed.
    pub fn was_written(&self) {
        self.source.damage.written();
    }

    /// The disk that the database is on, if the system says how full it is.
    pub fn disk(&self) -> Option<Disk> {
        self.source.disk()
    }

    /// Whether there is room for what reporters write: on the disk, or in the reserve. It is asked for each form, and so may be a few seconds old.
    ///
    /// # Errors
    /// As [`Store::run`].
    pub async fn has_room(&self) -> StoreResult<bool> {
        let source = Arc::clone(&self.source);
        let disk = source.disk_lately().await;
        if disk.is_none_or(|disk| !room::is_short(disk)) {
            return Ok(true);
        }
        match self.run(move |conn| source.check_room(conn)).await {
            Err(StoreError::Full) => Ok(false),
            other => other.map(|()| true),
        }
    }

    /// Makes what is kept in reserve for a full disk, and what was used of it again, as long as there is room. `true` if pages were made: they
    /// are in the journal until that is emptied.
    ///
    /// # Errors
    /// As [`Store::run`].
    pub async fn reserve(&self) -> StoreResult<bool> {
        let Some(disk) = self.disk().filter(|_| !self.source.is_said()) else {
            return Ok(false);
        };
        let are_few = self
            .run(move |conn| room::pages_are_few(conn, disk))
            .await?;
        if are_few {
            self.write(room::pages_make).await?;
        }
        Ok(are_few)
    }

    /// From here on this is how full the disk is, and no reserve is made; `None`: what it is. For tests.
    #[doc(hidden)]
    #[cfg_attr(rooms_closed, expect(dead_code, reason = "for tests and benchmarks"))]
    pub fn say_disk(&self, disk: Option<Disk>) {
        *self
            .source
            .said
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = disk;
    }

    /// Checks the whole file, if that was not done on this day or something was met since that cannot be read; one check at a time, and one an
    /// hour because of what was met. On a thread of its own behind
    /// all others, over a connection of its own that only reads; what is found is known when it is done. `true` if it has begun.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if the system gives no thread.
    pub fn check(&self, now: Timestamp) -> StoreResult<bool> {
        if self.source.pool.is_err() {
            return Ok(false);
        }
        let Some(reason) = self.source.damage.take_check(now) else {
            return Ok(false);
        };
        let source = Arc::clone(&self.source);
        let check = move || match check_file(&source.location) {
            Ok(tables) => source.damage.checked(reason, tables),
            Err(_) => source.damage.not_checked(reason, now),
        };
        if threads::spawn_behind("kapea-check", check).is_err() {
            self.source.damage.not_checked(reason, now);
            return Err(StoreError::Busy);
        }
        Ok(true)
    }

    /// After so many more commits every use fails, as if the process had died between two of them; `None` mends it.
    /// For tests of what is left behind.
    #[doc(hidden)]
    #[cfg_attr(rooms_closed, expect(dead_code, reason = "for tests and benchmarks"))]
    pub fn fail_after_commits(&self, commits: Option<u32>) {
        self.fuse.set(commits);
    }
}

async fn turn(of: &Arc<Semaphore>) -> StoreResult<tokio::sync::OwnedSemaphorePermit> {
    in_time(Arc::clone(of).acquire_owned())
        .await?
        .map_err(|_| StoreError::Busy)
}

async fn in_time<T>(waiting: impl Future<Output = T>) -> StoreResult<T> {
    tokio::time::timeout(TURN_TIMEOUT, waiting)
        .await
        .map_err(|_| StoreError::Busy)
}

fn check_file(location: &Location) -> StoreResult<BTreeMap<String, String>> {
    match connection::pool(location.clone(), Access::ReadOnly, 1) {
        Err(error) if error.is_damage() => Ok(check::file_damaged(&error)),
        pool => {
            let mut conn = pool?.get().map_err(|_| StoreError::Busy)?;
            check::tables_damaged(&mut conn)
        }
    }
}
