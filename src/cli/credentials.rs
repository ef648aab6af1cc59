//! `kapea credentials`: the root of the server's own secrets gets a new version.

use anyhow::ensure;

use super::arguments::ConfigFile;
use super::{configuration, files, offline};
use crate::app::read_credentials;
use crate::config::Config;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::{Clock, Day};
use crate::domain::credential::{PEPPER_GRACE_DAYS, ROOT_DUE_DAYS};
use crate::seal::credentials::Credentials;
use crate::service::audit_log::AuditLog;
use crate::service::credentials::{self, VersionUse};
use crate::service::txn::Txn;
use crate::store::{self, DbConnection, Store, WriteTxn};

/// The file, and what its entries are recorded with.
struct OfflineCredentials {
    config: Config,
    credentials: Credentials,
    audit_log: AuditLog,
    store: Store,
    today: Day,
}

impl OfflineCredentials {
    fn txn<'a>(&'a self, conn: &'a mut WriteTxn<'_>) -> Txn<'a> {
        Txn::new(&self.audit_log, conn.reborrow(), self.today.start())
    }

    fn open(file: &ConfigFile) -> anyhow::Result<Self> {
        let config = configuration(file)?;
        let credentials = read_credentials(&config.data.credentials)?;
        let store = offline::store(&config)?;
        Ok(Self {
            audit_log: offline::audit_log(&config, &store)?,
            store,
            today: Clock::system().today(),
            credentials,
            config,
        })
    }

    fn write(&self, credentials: &Credentials) -> anyhow::Result<()> {
        let text = credentials.to_text();
        files::replace_private(&self.config.data.credentials, text.as_bytes())
    }
}

/// Makes a new version. The entry and the file are one act: the entry is kept if the file is.
pub(super) fn rotate(file: &ConfigFile) -> anyhow::Result<()> {
    let desk = OfflineCredentials::open(file)?;
    let mut credentials = read_credentials(&desk.config.data.credentials)?;
    let version = credentials.rotate(desk.today);
    desk.store.blocking_write(|conn| {
        is_introduced(conn, &desk)?;
        desk.txn(conn)
            .record(None, AuditEvent::CredentialChanged { version })?;
        desk.write(&credentials)
    })?;
    println!(
        "root: version {version} is in {}",
        desk.config.data.credentials.display()
    );
    println!("The running service takes it up with: systemctl reload 'kapea-*' (or SIGHUP)");
    println!(
        "Everybody goes over to it with their next sign-in. Who has not within {PEPPER_GRACE_DAYS} days is locked out."
    );
    println!(
        "Forms that are open go on until they end, and the service seals the addresses anew by itself."
    );
    println!(
        "The next signed head of the audit log introduces it: both keys sign it. Whoever keeps heads needs nothing but them."
    );
    println!("Put a new copy of the file into the safe.");
    Ok(())
}

/// A key that nobody outside has been told of yet could not introduce the next one.
fn is_introduced(conn: &mut DbConnection, desk: &OfflineCredentials) -> anyhow::Result<()> {
    let versions = desk.credentials.versions();
    let made = versions.last().map(|newest| newest.made);
    let is_mailed = store::anchor_last(conn)? > made;
    ensure!(
        versions.len() == 1 || is_mailed || desk.config.audit.anchor_addresses.is_empty(),
        "the present audit key has not gone out with a daily anchor yet: those outside could not follow to the next. Nothing was changed"
    );
    Ok(())
}

/// Prints the versions.
pub(super) fn show(file: &ConfigFile) -> anyhow::Result<()> {
    let desk = OfflineCredentials::open(file)?;
    let uses = desk
        .store
        .blocking(|conn| credentials::usage(conn, &desk.credentials))?;
    for used in &uses {
        println!("{}", line(used, desk.today));
    }
    Ok(())
}

fn line(used: &VersionUse, today: Day) -> String {
    let VersionUse {
        info,
        accounts,
        addresses,
    } = used;
    let days = today.number().saturating_sub(info.made.number());
    let state = match info.ends() {
        None => format!("in force, due {}", info.made.plus(ROOT_DUE_DAYS)),
        Some(day) => format!("replaced, passphrases under it open until {day}"),
    };
    format!(
        "root {}: made {}, {days} days old; {state} ({accounts} accounts, {addresses} addresses)",
        info.number, info.made
    )
}
