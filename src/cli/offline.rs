//! What commands beside the service need: the credentials and the database that a configuration names.

use std::fs;
use std::path::Path;

use anyhow::Context;
use zeroize::Zeroizing;

use crate::config::{Config, Database};
use crate::domain::clock::Timestamp;
use crate::seal::audit;
use crate::seal::credentials::Credentials;
use crate::store::{self, AuditDraft, AuditLink, DbConnection, Location, Store, StoreResult};

/// Reads the server's credentials.
pub(super) fn credentials(path: &Path) -> anyhow::Result<Credentials> {
    let text = fs::read_to_string(path)
        .map(Zeroizing::new)
        .with_context(|| format!("cannot read the credentials in {}", path.display()))?;
    Credentials::parse(&text).with_context(|| path.display().to_string())
}

/// Opens the database, one connection only.
pub(super) fn store(config: &Config) -> anyhow::Result<Store> {
    let Database::Sqlite(path) = &config.data.database;
    Store::open(Location::Sqlite(path.clone()), 1)
        .with_context(|| format!("cannot open the database {}", path.display()))
}

/// Records an act that was done on the command line, where no account stands for the person who did it.
pub(super) fn record_in_txn(
    conn: &mut DbConnection,
    class: &'static str,
    detail: &str,
    now: Timestamp,
) -> StoreResult<()> {
    let draft = AuditDraft {
        day: now.day(),
        class,
    };
    let body = format!("{class}\n\n\n{detail}");
    store::audit_append_in_txn(conn, &draft, |sequence, previous| {
        let entry = audit::entry(sequence, draft.day, class, body.as_bytes(), previous);
        AuditLink {
            commitment: entry.commitment,
            leaf: entry.leaf,
            body: None,
            body_key: None,
        }
    })?;
    Ok(())
}
