//! `kapea credentials`: the server's own secrets get new versions, and lose those that nothing needs any more.

use anyhow::ensure;

use super::arguments::{ConfigFile, CredentialsRotateArguments};
use super::{configuration, files, offline};
use crate::config::Config;
use crate::domain::clock::{Clock, Day};
use crate::domain::credential::CredentialKind;
use crate::seal::credentials::Credentials;
use crate::service::audit_log::AuditLog;
use crate::service::credentials::{self, Horizons, VersionUse};
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
        let credentials = offline::credentials(&config.data.credentials)?;
        let store = offline::store(&config)?;
        Ok(Self {
            audit_log: offline::audit_log(&config, &store)?,
            store,
            today: Clock::system().today(),
            credentials,
            config,
        })
    }

    fn horizons(&self) -> Horizons {
        let limits = &self.config.limits;
        Horizons {
            form: i64::from(limits.ticket_hours)
                .div_euclid(24)
                .saturating_add(1),
            mailbox: i64::from(limits.mailbox_days),
        }
    }

    fn write(&self, credentials: &Credentials) -> anyhow::Result<()> {
        let text = credentials.to_text();
        files::replace_private(&self.config.data.credentials, text.as_bytes())
    }
}

/// Makes a new version. The entry and the file are one act: the entry is kept if the file is.
pub(super) fn rotate(arguments: &CredentialsRotateArguments) -> anyhow::Result<()> {
    let desk = OfflineCredentials::open(&arguments.config)?;
    let kind = arguments.secret;
    let mut credentials = desk.credentials.clone();
    let number = credentials.rotate(kind, desk.today);
    desk.store.blocking_write(|conn| {
        if kind == CredentialKind::Audit {
            is_introduced(conn, &desk)?;
        }
        credentials::rotated_in_txn(&mut desk.txn(conn), kind, number)?;
        desk.write(&credentials)
    })?;
    println!(
        "{kind}: version {number} is in {}",
        desk.config.data.credentials.display()
    );
    println!("The running service takes it up with: systemctl reload kapea (or SIGHUP)");
    println!("{}", afterwards(kind));
    println!("Put a new copy of the file into the safe.");
    Ok(())
}

/// A key that nobody outside has been told of yet could not introduce the next one.
fn is_introduced(conn: &mut DbConnection, desk: &OfflineCredentials) -> anyhow::Result<()> {
    let versions = desk.credentials.versions(CredentialKind::Audit);
    let made = versions.last().and_then(|newest| newest.made);
    let is_mailed = store::anchor_last(conn)? > made;
    ensure!(
        versions.len() == 1 || is_mailed || desk.config.audit.anchor_addresses.is_empty(),
        "the present audit key has not gone out with a daily anchor yet: those outside could not follow to the next. Nothing was changed"
    );
    Ok(())
}

const fn afterwards(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::Pepper => {
            "Everybody goes over to it with their next sign-in. Who has not within 90 days is locked out."
        }
        CredentialKind::Contact => "The service seals the addresses anew by itself.",
        CredentialKind::Ticket => "Forms that are open go on until they end.",
        CredentialKind::Audit => {
            "The next signed head introduces it: both keys sign it. Whoever keeps heads needs nothing but them."
        }
        CredentialKind::Salt => "Codes of earlier reports go on opening until their mailboxes end.",
    }
}

/// Prints the versions.
pub(super) fn show(file: &ConfigFile) -> anyhow::Result<()> {
    let desk = OfflineCredentials::open(file)?;
    let (credentials, horizons, today) = (&desk.credentials, desk.horizons(), desk.today);
    let uses = desk
        .store
        .blocking(|conn| credentials::usage(conn, credentials, horizons, today))?;
    for used in &uses {
        println!("{}", line(used, today));
    }
    Ok(())
}

/// Takes away what nothing needs.
pub(super) fn prune(file: &ConfigFile) -> anyhow::Result<()> {
    let desk = OfflineCredentials::open(file)?;
    let mut credentials = desk.credentials.clone();
    let (horizons, today) = (desk.horizons(), desk.today);
    let gone = desk.store.blocking_write(|conn| {
        let gone = credentials::prune_in_txn(&mut desk.txn(conn), &mut credentials, horizons)?;
        if !gone.is_empty() {
            desk.write(&credentials)?;
        }
        Ok::<_, anyhow::Error>(gone)
    })?;
    for used in &gone {
        println!("gone: {}", line(used, today));
    }
    let left = desk
        .store
        .blocking(|conn| credentials::usage(conn, &credentials, horizons, today))?;
    for used in left.iter().filter(|used| !used.info.is_newest) {
        println!("kept: {}", line(used, today));
    }
    if gone.is_empty() {
        println!("nothing was taken away");
    }
    Ok(())
}

fn line(used: &VersionUse, today: Day) -> String {
    let info = used.info;
    let age = match info.made {
        Some(day) => {
            let days = today.number().saturating_sub(day.number());
            format!("made {day}, {days} days old")
        }
        None => "made on an unknown day".to_owned(),
    };
    let state = match (info.is_newest, used.is_needed) {
        (true, _) => match info.made {
            Some(day) => format!("in force, due {}", day.plus(used.kind.due_days())),
            None => "in force, due now".to_owned(),
        },
        (false, true) => "still needed".to_owned(),
        (false, false) => "not needed any more".to_owned(),
    };
    format!(
        "{} {}: {age}; {state}{}",
        used.kind,
        info.number,
        what(used)
    )
}

/// What needs it, in words.
fn what(used: &VersionUse) -> String {
    let until = used.ends.map(|day| format!(" until {day}"));
    let until = until.unwrap_or_default();
    match used.kind {
        CredentialKind::Pepper => format!(" ({} accounts{until})", used.rows),
        CredentialKind::Contact => format!(" ({} addresses)", used.rows),
        CredentialKind::Ticket if !used.info.is_newest => format!(" (open forms{until})"),
        CredentialKind::Salt if !used.info.is_newest => format!(" (open mailboxes{until})"),
        CredentialKind::Audit if !used.info.is_newest => " (entries of its time)".to_owned(),
        CredentialKind::Ticket | CredentialKind::Salt | CredentialKind::Audit => String::new(),
    }
}
