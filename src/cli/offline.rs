//! What commands beside the service need: the credentials and the database that a configuration names.

use anyhow::Context;

use crate::app::read_credentials;
use crate::config::{Config, Database};
use crate::domain::clock::Clock;
use crate::domain::suite::Suite;
use crate::service::Authority;
use crate::service::audit_log::AuditLog;
use crate::store::{Location, Store};
use crate::witness::Witness;

/// Opens the database, one connection only.
pub(super) fn store(config: &Config) -> anyhow::Result<Store> {
    let Database::Sqlite(path) = &config.data.database;
    Store::open(Location::Sqlite(path.clone()), 1)
        .with_context(|| format!("cannot open the database {}", path.display()))
}

/// The audit log that acts on the command line are recorded in, where no account stands for the person who did it.
pub(super) fn audit_log(config: &Config, store: &Store) -> anyhow::Result<AuditLog> {
    let credentials = read_credentials(&config.data.credentials)?;
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
