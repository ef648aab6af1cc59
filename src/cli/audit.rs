//! `kapea audit`: the log checked from its first entry to its last, and its signed head to be kept elsewhere.

use std::fs;

use anyhow::{Context, bail};
use data_encoding::BASE64;

use super::arguments::{AuditVerifyArguments, ConfigFile};
use super::{configuration, offline};
use crate::config::{Config, Database};
use crate::seal::checkpoint;
use crate::service::trail;
use crate::store::{self, Location, Store};

/// Checks the log. Changes nothing.
pub(super) fn verify(arguments: &AuditVerifyArguments) -> anyhow::Result<()> {
    let config = configuration(&arguments.config)?;
    let journal = offline::journal(&config)?;
    let given = match &arguments.anchors {
        None => Vec::new(),
        Some(path) => {
            let text = fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            let notes = checkpoint::find_all(&text);
            if notes.is_empty() {
                bail!("there is no signed head in {}", path.display());
            }
            notes
        }
    };
    let store = read_only(&config)?;
    match store.blocking(|conn| trail::verify(conn, &journal, &given))? {
        Ok(sound) => {
            println!("{} entries, nothing is wrong", sound.size);
            println!("head: {}", BASE64.encode(&sound.head));
            println!("compared with {} signed heads", sound.checkpoints);
            println!("audit key: {}", journal.verify_key());
            Ok(())
        }
        Err(finding) => Err(finding.into()),
    }
}

/// Prints the newest signed head.
pub(super) fn head(file: &ConfigFile) -> anyhow::Result<()> {
    let config = configuration(file)?;
    let newest = read_only(&config)?.blocking(store::checkpoint_last)?;
    let newest = newest.context("no head has been signed yet; the service does it once an hour")?;
    print!("{}", newest.note);
    Ok(())
}

fn read_only(config: &Config) -> anyhow::Result<Store> {
    let Database::Sqlite(path) = &config.data.database;
    Store::open_read_only(Location::Sqlite(path.clone()))
        .with_context(|| format!("cannot read {}", path.display()))
}
