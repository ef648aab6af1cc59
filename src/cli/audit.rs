//! `kapea audit`: the log checked from its first entry to its last, and its signed head to be kept elsewhere.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use data_encoding::BASE64;

use super::arguments::{AuditVerifyAnchorsArguments, AuditVerifyArguments, ConfigFile};
use super::{configuration, offline};
use crate::app::read_credentials;
use crate::config::{Config, Database};
use crate::mail::unpack::unpack;
use crate::seal::anchor::check::AnchorFinding;
use crate::seal::{anchor, checkpoint};
use crate::service::audit_log::AuditLog;
use crate::service::{self, trail};
use crate::store::{Location, Store};

/// Checks the log. Changes nothing.
pub(super) fn verify(arguments: &AuditVerifyArguments) -> anyhow::Result<()> {
    let config = configuration(&arguments.config)?;
    let store = read_only(&config)?;
    let audit_log = offline::audit_log(&config, &store)?;
    let given = match &arguments.anchors {
        None => Vec::new(),
        Some(path) => {
            let notes = checkpoint::find_all(&said(path)?);
            if notes.is_empty() {
                bail!("there is no signed head in {}", path.display());
            }
            notes
        }
    };
    match store.blocking(|conn| trail::verify(conn, &audit_log, &given))? {
        Ok(sound) => {
            println!("{} entries, nothing is wrong", sound.size);
            println!("head: {}", BASE64.encode(&sound.head));
            println!("compared with {} heads from outside", sound.compared);
            println!("audit key: {}", audit_log.verify_key());
            println!(
                "first audit key, from which the others are introduced: {}",
                audit_log.first_verify_key()
            );
            match audit_log.witness().fault() {
                None => Ok(()),
                Some(error) => Err(anyhow::Error::from(error)
                    .context("whether the log was cut or put back cannot be told")),
            }
        }
        Err(finding) => Err(finding.into()),
    }
}

/// Checks the log, and signs and prints its head.
pub(super) fn head(file: &ConfigFile) -> anyhow::Result<()> {
    let config = configuration(file)?;
    let store = read_only(&config)?;
    let audit_log = offline::audit_log(&config, &store)?;
    store.blocking(|conn| trail::verify(conn, &audit_log, &[]))??;
    print!("{}", store.blocking(|conn| audit_log.signed_head(conn))?);
    Ok(())
}

/// Prints the key from which all others that sign heads are introduced.
pub(super) fn key(file: &ConfigFile) -> anyhow::Result<()> {
    let config = configuration(file)?;
    let credentials = read_credentials(&config.data.credentials)?;
    println!("{}", AuditLog::new(&credentials).first_verify_key());
    Ok(())
}

/// Checks the log from the mails that somebody has kept, and compares them with the running one if that is given.
pub(super) fn verify_anchors(arguments: &AuditVerifyAnchorsArguments) -> anyhow::Result<()> {
    let found = anchor::find_all(&said(&arguments.mails)?);
    let checked = anchor::check::check(&found, &arguments.keys)?;
    let (Some(first), Some(last)) = (
        checked.entries.keys().next(),
        checked.entries.keys().next_back(),
    ) else {
        bail!("there is no entry in these anchors");
    };
    println!("{} anchors, nothing is wrong in them", checked.anchors);
    println!(
        "entries {first} to {last}, under a signature up to {}",
        checked.covered
    );
    println!("newest anchor: {}", checked.newest);
    let Some(path) = &arguments.config else {
        return Ok(());
    };
    let file = ConfigFile { path: path.clone() };
    let config = configuration(&file)?;
    let store = read_only(&config)?;
    let audit_log = offline::audit_log(&config, &store)?;
    let notes: Vec<String> = found
        .into_iter()
        .flatten()
        .map(|anchor| anchor.note)
        .collect();
    if let Some(finding) = store.blocking(|conn| service::anchor::compare(conn, &checked))? {
        return Err(finding.into());
    }
    let authority = audit_log.authority();
    let lost = store.blocking(|conn| service::anchor::lost_ledger(conn, authority, &checked))?;
    if let Some(id) = lost {
        return Err(AnchorFinding::Ledger(id).into());
    }
    match store.blocking(|conn| trail::verify(conn, &audit_log, &notes))? {
        Ok(sound) => {
            println!("the running log has {} entries and agrees", sound.size);
            Ok(())
        }
        Err(finding) => Err(finding.into()),
    }
}

/// What is said in a mailbox file, however the mails in it are packed.
fn said(path: &Path) -> anyhow::Result<String> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(unpack(&bytes))
}

pub(super) fn read_only(config: &Config) -> anyhow::Result<Store> {
    let Database::Sqlite(path) = &config.data.database;
    Store::open_read_only(Location::Sqlite(path.clone()))
        .with_context(|| format!("cannot read {}", path.display()))
}
