//! Brings the tables up to date. `migrations/README.md` says how a change is made.

use std::sync::OnceLock;

use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;
use diesel::{Connection, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{DbConnection, StoreError, StoreResult, write_transaction};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Whether tables, indexes and triggers are those that the migrations make, and no others.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn schema_is_ours(conn: &mut DbConnection) -> StoreResult<bool> {
    Ok(parts(conn)? == *expected()?)
}

/// What the migrations make, from an empty database in memory.
fn expected() -> StoreResult<&'static Vec<Part>> {
    static EXPECTED: OnceLock<Vec<Part>> = OnceLock::new();
    if let Some(known) = EXPECTED.get() {
        return Ok(known);
    }
    let memory = SqliteConnection::establish(":memory:");
    let memory = memory.map_err(|error| StoreError::Other(Box::new(error)))?;
    let mut conn = DbConnection::Sqlite(memory);
    migrate(&mut conn)?;
    let made = parts(&mut conn)?;
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

/// Runs what has not been run yet, all of it in one transaction, so that two processes starting at once do not meet half-way.
pub(super) fn migrate(conn: &mut DbConnection) -> StoreResult<()> {
    write_transaction(conn, |txn| match &mut **txn {
        DbConnection::Sqlite(sqlite) => sqlite
            .run_pending_migrations(SQLITE)
            .map(drop)
            .map_err(StoreError::Other),
    })
}
