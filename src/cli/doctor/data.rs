//! What is kept: whether it is whole, ours, and what it should be; and whether sealing and opening work on this machine.

use anyhow::{Context as _, bail, ensure};

use super::finding::Finding;
use super::network::Service;
use crate::cli::healthcheck::Remark;
use crate::cli::{audit, offline};
use crate::config::Config;
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::ids::KeyId;
use crate::domain::suite::Suite;
use crate::domain::urgency::Urgency;
use crate::seal::opening;
use crate::seal::receipt::Master;
use crate::seal::sealing::{self, Draft};
use crate::seal::{SealError, keys::Identity, random};
use crate::service::audit_log::AuditLog;
use crate::service::{trail, watch};
use crate::store::{self, Store};

const TAMPERED: &str = "somebody has changed what only custodians and members may change. Reports go to the last good key; look at the alarms, and ask the keepers of anchors (docs/key-custody.md)";

/// The lines about the database, each on what the one before has found.
pub(super) fn look(config: &Config, services: &[Service]) -> Vec<Finding> {
    let others = ["clock", "ledgers", "audit log", "last backup"];
    let skipped = |why: &str| {
        let all = others.iter();
        all.map(|check| Finding::skipped(check, why))
            .collect::<Vec<_>>()
    };
    let mut findings = Vec::new();
    let store = match whole(config) {
        Ok(store) => {
            findings.push(Finding::good(
                "database",
                "whole, with the tables of this release",
            ));
            store
        }
        Err(error) => {
            let advice = "stop the service, keep the file, and restore the newest backup (deploy/backup-and-restore.md)";
            findings.push(Finding::bad("database", format!("{error:#}"), advice));
            findings.extend(skipped("the database comes first"));
            return findings;
        }
    };
    let audit_log = match offline::audit_log(config, &store) {
        Ok(audit_log) => audit_log,
        Err(error) => {
            findings.extend(skipped(&format!("{error:#}")));
            return findings;
        }
    };
    let now = Clock::system().now();
    findings.push(Finding::of(
        "clock",
        clock(&audit_log, now, services),
        "set this machine's clock and keep it right (timedatectl set-ntp true): days, codes and what is deleted hang on it",
    ));
    findings.push(Finding::of(
        "ledgers",
        ledgers(&store, &audit_log),
        TAMPERED,
    ));
    findings.push(Finding::of("audit log", log(&store, &audit_log), TAMPERED));
    findings.push(Finding::of(
        "last backup",
        backup(&store, now),
        "set up kapea-backup.timer, and look why it failed: journalctl -u kapea-backup (deploy/backup-and-restore.md)",
    ));
    findings
}

fn whole(config: &Config) -> anyhow::Result<Store> {
    let store = audit::read_only(config)?;
    store.blocking(|conn| {
        store::schema_check(conn)?;
        match store::file_damage(conn)? {
            Some(damage) => bail!("it is damaged: {damage}"),
            None => Ok(()),
        }
    })?;
    Ok(store)
}

/// Time does not go back behind what was seen, and the running service believes it.
fn clock(audit_log: &AuditLog, now: Timestamp, services: &[Service]) -> anyhow::Result<String> {
    for service in services {
        if let Ok(Some(doubt @ Remark::Clock(_))) = &service.answer {
            bail!("it says {} (UTC). {doubt}", now.day());
        }
    }
    let seen = audit_log.witness().record().time.start();
    ensure!(
        now >= seen,
        "it says {}, and the witness file has seen {} already",
        now.day(),
        seen.day()
    );
    Ok(format!(
        "{} (UTC), not before what was seen last",
        now.day()
    ))
}

fn ledgers(store: &Store, audit_log: &AuditLog) -> anyhow::Result<String> {
    if let Some(fault) = audit_log.witness().fault() {
        return Err(fault.into());
    }
    let faults = store.blocking(|conn| watch::faults(conn, audit_log.authority()))?;
    if let Some(fault) = faults.first() {
        bail!("{} {}: {}", fault.kind, fault.subject, fault.why);
    }
    Ok("every channel, team and the office hold".to_owned())
}

fn log(store: &Store, audit_log: &AuditLog) -> anyhow::Result<String> {
    let sound = store.blocking(|conn| trail::verify(conn, audit_log, &[]))??;
    Ok(format!("{} entries, nothing is wrong", sound.size))
}

fn backup(store: &Store, now: Timestamp) -> anyhow::Result<String> {
    let last = store.blocking(store::backup_last)?;
    let verified = last.verified.context("there was none yet")?;
    if let Some(day) = last.failed {
        bail!("one failed on {day}; the last that was read again whole is of {verified}");
    }
    ensure!(!last.is_late(now.day()), "the last one is of {verified}");
    Ok(format!("of {verified}, read again whole"))
}

/// A report to a key that is made for it and gone afterwards.
pub(super) fn seal_and_open() -> Finding {
    let said = "a report was sealed to a key of a moment, and opened with it".to_owned();
    Finding::of(
        "seal and open",
        sealed_and_opened()
            .map(|()| said)
            .map_err(anyhow::Error::from),
        "this program or this machine is broken: take no reports with it; install the release anew, test the memory",
    )
}

fn sealed_and_opened() -> Result<(), SealError> {
    const WORDS: &[u8] = b"doctor";
    let team = Identity::generate(Suite::NEWEST);
    let now = Timestamp::from_seconds(0);
    let report = sealing::seal_submission(&Draft {
        channel: "doctor",
        key: KeyId::from_bytes([0; 16]),
        team: &team.recipient(),
        answers: WORDS,
        summary: WORDS,
        master: &Master::from_bytes(random::bytes()),
        urgency: Urgency::U3,
        day: now.day(),
        due: now.quarter(),
        retention: "open",
        is_alike: false,
        mailbox_expires: now.day(),
    })?;
    let grant = opening::open_grant(&team, &report.grant, report.report, &report.recipient, &[])?;
    let card = report.objects.first().ok_or(SealError::Malformed)?;
    let opened = opening::open_card(grant, card.id, &card.sealed)?;
    for object in report.objects.iter().skip(1) {
        opening::open_object(&opened, object.id, &object.sealed)?;
    }
    match opened.summary() == WORDS {
        true => Ok(()),
        false => Err(SealError::Malformed),
    }
}
