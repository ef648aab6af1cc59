//! A copy of the whole database to keep elsewhere, whether a file is whole, and when the last backup was made.

use std::path::Path;

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::SqliteConnection;

use super::connection::utf8;
use super::prelude::*;
use super::schema::ticket_keys;
use super::settings::{setting_find, setting_put};
use crate::domain::backup::{BackupCounts, LastBackup};
use crate::domain::clock::Day;

const VERIFIED: &str = "backup_day";
const FAILED: &str = "backup_failed_day";

/// Writes the database as it is at this moment into a new file, beside everybody who works with it: each table in the order of its keys, so
/// that the copy does not keep which rows were written together. Works on a connection that may not write, too.
///
/// # Errors
/// [`StoreError::Full`] if there is no room, or the file is there already; another from the database.
pub fn copy_make(conn: &mut DbConnection, to: &Path) -> StoreResult<()> {
    #[derive(QueryableByName)]
    struct ReadOnly {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        query_only: i32,
    }
    match conn {
        DbConnection::Sqlite(sqlite) => {
            let to = utf8(to)?;
            let asked: ReadOnly = diesel::sql_query("PRAGMA query_only").get_result(sqlite)?;
            // It forbids to write into the copy as well; the file itself was opened for reading.
            sqlite.batch_execute("PRAGMA query_only = OFF")?;
            let made = diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(to);
            let made = made.execute(sqlite);
            let back = format!("PRAGMA query_only = {}", asked.query_only);
            sqlite.batch_execute(&back)?;
            made?;
            Ok(())
        }
    }
}

/// Takes out of a copy what must be in no backup: the keys of forms live two days, and a code that is shown once must not come of one. And
/// what processes say of themselves, which is old within minutes: the quarter hours of a day in which urgent reports came are in it.
///
/// # Errors
/// [`StoreError`] if the keys are still in it.
pub fn copy_forget(copy: &Path) -> StoreResult<()> {
    let mut conn = DbConnection::Sqlite(SqliteConnection::establish(utf8(copy)?)?);
    // No journal on the disk, which would keep them.
    conn.batch_execute(
        "PRAGMA journal_mode = MEMORY; PRAGMA secure_delete = ON; DELETE FROM ticket_keys; DELETE FROM processes;",
    )?;
    match ticket_keys::table
        .select(ticket_keys::day)
        .exists(&mut conn)?
    {
        true => Err(StoreError::other("the keys of forms are still in the copy")),
        false => Ok(()),
    }
}

/// What is damaged in the file, in SQLite's words; `None` if it is whole.
///
/// # Errors
/// [`StoreError`] if it cannot even be read.
pub fn file_damage(conn: &mut DbConnection) -> StoreResult<Option<String>> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        quick_check: String,
    }
    let lines: Vec<Line> = diesel::sql_query("PRAGMA quick_check(1)").load(conn)?;
    let lines = lines.into_iter().map(|line| line.quick_check);
    Ok(lines.into_iter().find(|line| line != "ok"))
}

/// How much is in it.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn copy_counts(conn: &mut DbConnection) -> StoreResult<BackupCounts> {
    #[derive(QueryableByName)]
    struct Counts {
        #[diesel(sql_type = BigInt)]
        staff: i64,
        #[diesel(sql_type = BigInt)]
        reports: i64,
        #[diesel(sql_type = BigInt)]
        entries: i64,
    }
    let counts = "SELECT (SELECT count(*) FROM staff) AS staff, (SELECT count(*) FROM reports) AS reports, \
        (SELECT count(*) FROM audit) AS entries";
    let counts: Counts = diesel::sql_query(counts).get_result(conn)?;
    Ok(BackupCounts {
        staff: counts.staff,
        reports: counts.reports,
        entries: counts.entries,
    })
}

/// Says how the backup of a day ended.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn backup_said(conn: &mut WriteTxn<'_>, day: Day, is_verified: bool) -> StoreResult<()> {
    let day = day.number().to_string();
    if is_verified {
        setting_put(conn, VERIFIED, &day)?;
        return setting_put(conn, FAILED, "");
    }
    setting_put(conn, FAILED, &day)
}

/// What was said last.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn backup_last(conn: &mut DbConnection) -> StoreResult<LastBackup> {
    let mut day = |key| -> StoreResult<Option<Day>> {
        let day = setting_find(conn, key)?.and_then(|day| day.parse().ok());
        Ok(day.map(Day::from_number))
    };
    Ok(LastBackup {
        verified: day(VERIFIED)?,
        failed: day(FAILED)?,
    })
}
