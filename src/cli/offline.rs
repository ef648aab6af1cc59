//! What commands beside the service need: the credentials and the database that a configuration names.

use std::fs;
use std::path::Path;

use anyhow::Context;
use zeroize::Zeroizing;

use crate::config::{Config, Database};
use crate::domain::clock::Clock;
use crate::domain::suite::Suite;
use crate::seal::credentials::Credentials;
use crate::service::Authority;
use crate::service::audit_log::AuditLog;
use crate::store::{Location, Store};
use crate::witness::Witness;

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

/// The audit log that acts on the command line are recorded in, where no account stands for the person who did it.
pub(super) fn audit_log(config: &Config, store: &Store) -> anyhow::Result<AuditLog> {
    let credentials = credentials(&config.data.credentials)?;
    let witness = crate::app::witness(config, store, &credentials)?;
    let authority = authority(config, Some(witness.clone()))?;
    Ok(AuditLog::new(&credentials)
        .with_witness(witness)
        .under(authority))
}

/// The ledgers in force, by the custodians that the configuration names.
pub(super) fn authority(config: &Config, witness: Option<Witness>) -> anyhow::Result<Authority> {
    let clock = Clock::system();
    let pins = crate::app::pins(config, clock.today())?;
    Ok(Authority::new((clock, Suite::NEWEST), witness, move || {
        pins.clone()
    }))
}
