//! Brings the tables up to date. `migrations/README.md` says how a change is made.

use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{DbConnection, StoreError, StoreResult, write_transaction};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// Runs what has not been run yet, all of it in one transaction, so that two processes starting at once do not meet half-way.
pub(super) fn migrate(conn: &mut DbConnection) -> StoreResult<()> {
    write_transaction(conn, |txn| match &mut **txn {
        DbConnection::Sqlite(sqlite) => sqlite
            .run_pending_migrations(SQLITE)
            .map(drop)
            .map_err(StoreError::Other),
    })
}
