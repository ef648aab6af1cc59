//! The journal beside the file, emptied, and the file written anew: so that neither keeps what was deleted, or in which order rows came.

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::sqlite::SqliteConnection;

use super::connection::{BUSY_TIMEOUT, DbConnection};
use super::error::StoreResult;
use super::room;

/// How long emptying the journal waits for readers, in milliseconds.
const SCRUB_TIMEOUT: u32 = 100;

pub(super) fn set_busy_timeout(conn: &mut SqliteConnection, milliseconds: u32) -> StoreResult<()> {
    Ok(conn.batch_execute(&format!("PRAGMA busy_timeout = {milliseconds}"))?)
}

/// Moves everything into the database file and empties the journal beside it, where deleted bytes live on until then.
/// Call it after deleting content, outside a transaction. `false` if a reader was in the way, or the disk is
/// full and the journal keeps the room it has: try again later.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn journal_scrub(conn: &mut DbConnection) -> StoreResult<bool> {
    // Where others fill the disk, what the journal gave back would be theirs.
    if room::disk_of(conn)?.is_some_and(room::is_short) {
        return Ok(false);
    }
    let is_empty = journal_truncate(conn)?;
    room::journal_keep(conn)?;
    Ok(is_empty)
}

fn journal_truncate(conn: &mut DbConnection) -> StoreResult<bool> {
    #[derive(diesel::QueryableByName)]
    struct Checkpoint {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        busy: i64,
    }
    match conn {
        DbConnection::Sqlite(sqlite) => {
            // It holds the lock of writers while it waits for readers: a reader who stays must keep no reporter out.
            set_busy_timeout(sqlite, SCRUB_TIMEOUT)?;
            let done: Result<Checkpoint, _> =
                diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(sqlite);
            set_busy_timeout(sqlite, BUSY_TIMEOUT)?;
            Ok(done?.busy == 0)
        }
    }
}

/// Writes the whole file anew, each table in the order of its keys, so that it no longer tells in which order and with what else a row came.
/// Takes memory and journal of the file's size and keeps writers waiting meanwhile, so that a file of more than `most` bytes stays as it is:
/// there rows of one day seldom share a page. `false` then, and where the disk has no room for it. Outside a transaction.
///
/// # Errors
/// [`StoreError`] from the database; nothing has changed then.
pub fn file_reorder(conn: &mut DbConnection, most: i64) -> StoreResult<bool> {
    let disk = room::disk_of(conn)?;
    #[derive(diesel::QueryableByName)]
    struct Size {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        bytes: i64,
    }
    match conn {
        DbConnection::Sqlite(sqlite) => {
            let size =
                "SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size";
            let size: Size = diesel::sql_query(size).get_result(sqlite)?;
            let needed = u64::try_from(size.bytes)
                .unwrap_or(u64::MAX)
                .saturating_mul(3);
            let has_room = disk.is_none_or(|disk| !room::is_short(disk) && disk.free > needed);
            let is_small = size.bytes <= most && has_room;
            if is_small {
                sqlite.batch_execute("VACUUM")?;
            }
            Ok(is_small)
        }
    }
}
