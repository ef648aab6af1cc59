//! Room on the disk, and what is kept in reserve for when there is none.
//!
//! What a report, a sign-in, an entry or a letter takes are pages of the database and room in its journal. Both are kept beforehand, inside
//! what is the database's already, so that nothing else on the disk can fill them: free pages **within** the file, and room behind the
//! journal's end. With no byte free on the disk the service goes on with those. Reporters may use most of the pages; the rest is for whoever
//! signs in and reads, and for mail.
//!
//! A third part is a file: a start makes the journal and its index anew, and needs room for them.
//!
//! On a file system that copies what is overwritten (btrfs, ZFS) pages within the file are no reserve; the rest holds there too.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel::sql_types::{BigInt, Text};
use rustix::fs::{FallocateFlags, fallocate, statvfs};

use super::prelude::*;
use super::threads::aside;
use crate::domain::disk::Disk;

/// Free pages in the file: some 250 reports of text, and what is left after them. In bytes.
const PAGES: u64 = 16 << 20;
/// Pages are made again when fewer are left.
const FEW_PAGES: u64 = 12 << 20;
/// Pages that reporters leave to the staff, in bytes: some thousand sign-ins and readings.
const OF_THE_STAFF: u64 = 4 << 20;
/// Room for the journal, in bytes: what it has before it goes into the file, twice.
const JOURNAL: u64 = 8 << 20;
/// So much must be free on the disk for pages to be made: they go through the journal.
const TO_MAKE: u64 = 2 * PAGES;
/// Beside the database. Its length, in bytes, is the journal's room and that of its index.
const FILE: &str = "reserve";
/// For how long what was seen of a disk holds for those who ask for each form.
const HOLDS: Duration = Duration::from_secs(5);
/// One row is written at a time, in bytes.
const ROW: u64 = 1 << 20;

/// The disk that a file or folder is on; `None` if the system does not say.
pub fn disk_at(path: &Path) -> Option<Disk> {
    let disk = statvfs(path).ok()?;
    Some(Disk {
        free: disk.f_bavail.saturating_mul(disk.f_frsize),
        size: disk.f_blocks.saturating_mul(disk.f_frsize),
    })
}

/// Whether what is free now may be gone with the next write of something else.
pub(super) const fn is_short(disk: Disk) -> bool {
    disk.free < TO_MAKE
}

/// How full a disk was a moment ago: nobody who opens a form makes the system look.
#[derive(Default)]
pub(super) struct Seen(Mutex<Option<(Instant, Option<Disk>)>>);

impl Seen {
    /// How full that disk is, or was.
    pub(super) async fn disk(&self, path: PathBuf) -> Option<Disk> {
        let seen = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, disk)) = seen.filter(|(at, _)| at.elapsed() < HOLDS) {
            return disk;
        }
        let disk = aside(move || disk_at(&path)).await.ok()?;
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = Some((Instant::now(), disk));
        disk
    }
}

/// The file of a connection's database; `None` in memory.
fn file_of(conn: &mut DbConnection) -> StoreResult<Option<PathBuf>> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        file: String,
    }
    let file = "SELECT file FROM pragma_database_list WHERE name = 'main'";
    let file: Vec<Line> = diesel::sql_query(file).load(conn)?;
    let file = file.into_iter().map(|line| line.file);
    Ok(file
        .filter(|file| !file.is_empty())
        .map(PathBuf::from)
        .next())
}

/// The disk of a connection's database.
///
/// # Errors
/// [`StoreError`] from the database.
pub(super) fn disk_of(conn: &mut DbConnection) -> StoreResult<Option<Disk>> {
    Ok(file_of(conn)?.as_deref().and_then(disk_at))
}

/// Free pages within the file, in bytes.
fn pages_free(conn: &mut DbConnection) -> StoreResult<u64> {
    #[derive(QueryableByName)]
    struct Free {
        #[diesel(sql_type = BigInt)]
        bytes: i64,
    }
    let free =
        "SELECT freelist_count * page_size AS bytes FROM pragma_freelist_count, pragma_page_size";
    let free: Free = diesel::sql_query(free).get_result(conn)?;
    Ok(u64::try_from(free.bytes).unwrap_or(0))
}

/// Whether reporters may write, on such a disk.
///
/// # Errors
/// [`StoreError`] from the database.
pub(super) fn is_for_reporters(conn: &mut DbConnection, disk: Disk) -> StoreResult<bool> {
    Ok(!is_short(disk) || pages_free(conn)? >= OF_THE_STAFF)
}

/// Whether pages of the reserve were used, and there is room on that disk to make them again. Makes the file again, too.
///
/// # Errors
/// [`StoreError`] from the database.
pub(super) fn pages_are_few(conn: &mut DbConnection, disk: Disk) -> StoreResult<bool> {
    let Some(file) = file_of(conn)?.filter(|_| !is_short(disk)) else {
        return Ok(false);
    };
    file_make(&file);
    Ok(pages_free(conn)? < FEW_PAGES)
}

/// Makes the pages of the reserve, as many as are missing. They are in the journal until that is emptied.
///
/// # Errors
/// [`StoreError`] from the database.
pub(super) fn pages_make(conn: &mut WriteTxn<'_>) -> StoreResult<()> {
    // Rows take the pages that are free before they take new ones, and leave all of them.
    for number in 0..PAGES / ROW {
        let row = "INSERT INTO settings VALUES ('reserve ' || ?, hex(zeroblob(? / 2)))";
        diesel::sql_query(row)
            .bind::<BigInt, _>(i64::try_from(number).unwrap_or_default())
            .bind::<BigInt, _>(i64::try_from(ROW).unwrap_or_default())
            .execute(&mut **conn)?;
    }
    diesel::sql_query("DELETE FROM settings WHERE key LIKE 'reserve %'").execute(&mut **conn)?;
    Ok(())
}

/// Room behind the journal's end.
pub(super) fn journal_keep(conn: &mut DbConnection) -> StoreResult<()> {
    let Some(file) = file_of(conn)? else {
        return Ok(());
    };
    let journal = OpenOptions::new().write(true).open(beside(&file, "-wal"));
    if let Ok(journal) = journal {
        // No lock of SQLite's is on the journal itself, which closing this would give up. Without that room the reserve is smaller.
        fallocate(&journal, FallocateFlags::KEEP_SIZE, 0, JOURNAL).ok();
    }
    Ok(())
}

fn beside(database: &Path, what: &str) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(what);
    path.into()
}

fn file_path(database: &Path) -> PathBuf {
    database.with_file_name(FILE)
}

/// The file that a start without room gives up. Where it cannot be made, only that is missing.
fn file_make(database: &Path) {
    let path = file_path(database);
    let is_whole = |path: &Path| std::fs::metadata(path).is_ok_and(|found| found.len() >= JOURNAL);
    if is_whole(&path) {
        return;
    }
    let made = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&path)
        .and_then(|mut file| fill(&mut file));
    if made.is_err() {
        std::fs::remove_file(path).ok();
    }
}

/// With blocks of its own, which a hole would not have.
fn fill(file: &mut File) -> std::io::Result<()> {
    let zeros = vec![0; 64 << 10];
    for _ in 0..JOURNAL / (64 << 10) + 1 {
        file.write_all(&zeros)?;
    }
    file.sync_all()
}

/// Gives the file up if a start would not find room: the journal needs it more.
pub(super) fn file_give_up(database: &Path) {
    let folder = database
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let disk = disk_at(folder.unwrap_or(Path::new(".")));
    if disk.is_some_and(|disk| disk.free < JOURNAL) {
        std::fs::remove_file(file_path(database)).ok();
    }
}
