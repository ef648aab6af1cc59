//! `kapea witness`: what is remembered outside the database, shown, and after a backup was put back made to agree with it.

use std::path::Path;

use anyhow::{Context as _, bail};

use super::arguments::{ConfigFile, WitnessAcceptArguments};
use super::{configuration, offline, prompt};
use crate::app;
use crate::app::read_credentials;
use crate::config::Config;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Clock;
use crate::seal::credentials::Credentials;
use crate::seal::random;
use crate::seal::witness::{LedgerHead, WitnessRecord};
use crate::service::audit_chain;
use crate::service::txn::Txn;
use crate::store::{self, DbConnection, Store, StoreResult};
use crate::witness::Witness;

/// Gives a new installation its id, in the database and in its first witness file.
///
/// # Errors
/// If either cannot be written.
pub fn begin_witness(
    store: &Store,
    credentials: &Credentials,
    folder: &Path,
) -> anyhow::Result<()> {
    let installation = random::installation_id();
    store.blocking_write(|conn| store::installation_put(conn, installation))?;
    let record = WitnessRecord::new(installation);
    Witness::create(folder, &credentials.witness_keys(), &record)
        .with_context(|| folder.display().to_string())
}

/// Prints both sides. Changes nothing.
pub(super) fn show(file: &ConfigFile) -> anyhow::Result<()> {
    let config = configuration(file)?;
    let store = super::audit::read_only(&config)?;
    let credentials = read_credentials(&config.data.credentials)?;
    let witness = app::witness(&config, &store, &credentials)?;
    tell(&config, &store, &witness)?;
    match witness.fault() {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}

fn tell(config: &Config, store: &Store, witness: &Witness) -> anyhow::Result<()> {
    println!("witness file in {}", config.data.witness.display());
    match witness.fault() {
        Some(error) => println!("  {error}"),
        None => said(&witness.record()),
    }
    println!("database");
    match store.blocking(found)? {
        Some(record) => said(&record),
        None => println!("  does not say which installation it is of"),
    }
    Ok(())
}

fn said(record: &WitnessRecord) {
    println!("  installation: {}", record.installation);
    println!("  audit log: {} entries", record.log.size);
    for (id, heads) in &record.ledgers {
        let number = |head: Option<LedgerHead>| {
            head.map_or("none".to_owned(), |head| head.sequence.to_string())
        };
        println!(
            "  ledger {id}: statement {}, about to be written: {}",
            number(heads.last),
            number(heads.next)
        );
    }
}

/// What a witness would say that had seen this database.
fn found(conn: &mut DbConnection) -> StoreResult<Option<WitnessRecord>> {
    let Some(installation) = store::installation_find(conn)? else {
        return Ok(None);
    };
    Ok(Some(WitnessRecord {
        log: audit_chain::head(conn)?,
        ..WitnessRecord::new(installation)
    }))
}

/// Takes the database for true. It is an entry in the audit log.
pub(super) fn accept(arguments: &WitnessAcceptArguments) -> anyhow::Result<()> {
    let config = configuration(&arguments.config)?;
    let store = offline::store(&config)?;
    let audit_log = offline::audit_log(&config, &store)?;
    let witness = audit_log.witness();
    tell(&config, &store, witness)?;
    println!(
        "What the witness file said is given up, and what is in the database now is taken for true. Do this only after a backup was"
    );
    println!(
        "put back, with the service stopped, and when somebody else has compared the numbers with the newest anchor mail."
    );
    if !arguments.yes && !prompt::confirmed("Take it for true?")? {
        bail!("nothing was changed");
    }
    let now = Clock::system().now();
    let record = store.blocking_write(|conn| -> anyhow::Result<_> {
        if store::installation_find(conn)?.is_none() {
            store::installation_put(conn, random::installation_id())?;
        }
        let event = AuditEvent::WitnessAccepted {
            witnessed: witness.record().log.size,
            found: audit_chain::head(conn)?.size,
        };
        Txn::new(&audit_log, conn.reborrow(), now).record(None, event)?;
        found(conn)?.context("the installation has an id")
    })?;
    let entry = record.log.size;
    let time = now.quarter();
    witness.accept(WitnessRecord { time, ..record })?;
    println!("Accepted. It is entry {entry} of the audit log.");
    Ok(())
}
