//! Brings the tables up to date, and refuses those that are not ours. `migrations/README.md` says how a change is made.

use std::sync::OnceLock;

use diesel::connection::SimpleConnection as _;
use diesel::migration::MigrationSource;
use diesel::sql_types::Text;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{Connection, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::error::{SchemaError, unless_damaged};
use super::{DbConnection, StoreError, StoreResult, write_transaction};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Whether tables, indexes and triggers are those that the migrations make, and no others.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn schema_is_ours(conn: &mut DbConnection) -> StoreResult<bool> {
    Ok(parts(conn)? == *expected()?)
}

/// Whether this program can work with the tables as they are. Writes nothing.
///
/// # Errors
/// [`SchemaError`] if not; [`StoreError`] from the database.
pub fn schema_check(conn: &mut DbConnection) -> StoreResult<()> {
    let known = known()?;
    // Where that list is damaged, the tables themselves tell.
    let ran = unless_damaged(ran(conn))?;
    if let Some(unknown) = ran.iter().find(|version| !known.contains(version)) {
        return Err(SchemaError::Newer(unknown.clone()).into());
    }
    if !ran.is_empty() && ran.len() < known.len() {
        return Err(SchemaError::Older.into());
    }
    match first_difference(&parts(conn)?, expected()?) {
        Some(name) => Err(SchemaError::Unfit(name).into()),
        None => Ok(()),
    }
}

/// What the tables of this release are, as one text: two databases fit together if it is the same.
///
/// # Errors
/// [`StoreError`] from the database in memory that is made for it.
pub fn schema_text() -> StoreResult<String> {
    let lines = expected()?.iter();
    let lines = lines.map(|part| format!("{} {}\n{}\n", part.kind, part.name, part.text));
    Ok(lines.collect())
}

/// What the migrations make, from an empty database in memory.
fn expected() -> StoreResult<&'static Vec<Part>> {
    static EXPECTED: OnceLock<Vec<Part>> = OnceLock::new();
    if let Some(known) = EXPECTED.get() {
        return Ok(known);
    }
    let memory = SqliteConnection::establish(":memory:");
    let mut memory = memory.map_err(|error| StoreError::Other(Box::new(error)))?;
    run_pending(&mut memory)?;
    let made = parts(&mut DbConnection::Sqlite(memory))?;
    Ok(EXPECTED.get_or_init(|| made))
}

/// What the database is built of, whatever it is called. SQLite's own indexes have no text, and its statistics do nothing.
fn parts(conn: &mut DbConnection) -> StoreResult<Vec<Part>> {
    Ok(diesel::sql_query(
        "SELECT type AS kind, name, sql AS text FROM sqlite_schema
         WHERE sql IS NOT NULL AND NOT (type = 'table' AND name IN ('sqlite_stat1', 'sqlite_stat4')) ORDER BY type, name",
    )
    .load(conn)?)
}

/// A table, an index, a view or a trigger.
#[derive(Debug, PartialEq, Eq, diesel::QueryableByName)]
struct Part {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    text: String,
}

/// The name of something that is missing, too much or another one.
fn first_difference(found: &[Part], expected: &[Part]) -> Option<String> {
    let strange = |from: &[Part], other: &[Part]| {
        let mut from = from.iter();
        from.find(|part| !other.contains(part))
            .map(|part| format!("{} {}", part.kind, part.name))
    };
    strange(expected, found).or_else(|| strange(found, expected))
}

/// Those of this release, in order.
fn known() -> StoreResult<Vec<String>> {
    let known = MigrationSource::<Sqlite>::migrations(&SQLITE).map_err(StoreError::Other)?;
    let mut known: Vec<String> = known
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect();
    known.sort();
    Ok(known)
}

/// Those that were run on this database; none on a new one.
fn ran(conn: &mut DbConnection) -> StoreResult<Vec<String>> {
    #[derive(diesel::QueryableByName)]
    struct Ran {
        #[diesel(sql_type = Text)]
        version: String,
    }
    let table =
        "SELECT name AS version FROM sqlite_schema WHERE name = '__diesel_schema_migrations'";
    let table: Vec<Ran> = diesel::sql_query(table).load(conn)?;
    if table.is_empty() {
        return Ok(Vec::new());
    }
    let all = "SELECT version FROM __diesel_schema_migrations ORDER BY version";
    let all: Vec<Ran> = diesel::sql_query(all).load(conn)?;
    Ok(all.into_iter().map(|ran| ran.version).collect())
}

/// Runs what has not been run yet, all of it in one transaction, so that two processes starting at once do not meet half-way, and so that
/// nothing has happened to tables that then turn out not to be ours. Names what it has run.
pub(super) fn migrate(conn: &mut DbConnection) -> StoreResult<Vec<String>> {
    // Where nothing is to be done nothing is written: a start needs no room on the disk.
    if schema_check(conn).is_ok() {
        return Ok(Vec::new());
    }
    // A table that is made anew is what refers to it means from then on. Within a transaction SQLite takes no such word.
    without_foreign_keys(conn, |conn| {
        write_transaction(conn, |txn| {
            match schema_check(txn) {
                Ok(()) => return Ok(Vec::new()),
                // Of an empty file everything is missing.
                Err(StoreError::Schema(SchemaError::Older | SchemaError::Unfit(_))) => {}
                Err(error) => return Err(error),
            }
            let before = ran(txn)?;
            let DbConnection::Sqlite(sqlite) = &mut **txn;
            run_pending(sqlite)?;
            schema_check(txn)?;
            let mut new = ran(txn)?;
            new.retain(|version| !before.contains(version));
            Ok(new)
        })
    })
}

fn without_foreign_keys<T>(
    conn: &mut DbConnection,
    work: impl FnOnce(&mut DbConnection) -> StoreResult<T>,
) -> StoreResult<T> {
    conn.batch_execute("PRAGMA foreign_keys = OFF")?;
    let done = work(conn);
    conn.batch_execute("PRAGMA foreign_keys = ON")?;
    done
}

fn run_pending(conn: &mut SqliteConnection) -> StoreResult<()> {
    let ran = conn.run_pending_migrations(SQLITE);
    ran.map(drop).map_err(StoreError::Other)
}
