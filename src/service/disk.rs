//! How full the disk is: told of while there is still room, and shown to whoever runs the service. And what it refuses.

use super::audit_log::AuditLog;
use super::context::Context;
use super::txn::Txn;
use crate::domain::alarm::AlarmKind;
use crate::domain::clock::Timestamp;
use crate::store::{Store, StoreError, WriteTxn};

/// What an alarm about the disk is about.
const SUBJECT: &str = "disk";

/// How full the disk is, as a page shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskView {
    /// What is free, in MiB.
    pub free: i64,
    /// All of it, in MiB.
    pub size: i64,
    /// Whether somebody should make room.
    pub is_low: bool,
    /// Whether the form is closed, because not even the reserve is left.
    pub is_full: bool,
}

impl Context {
    /// How full the disk is; `None` if the system does not say.
    pub(super) async fn disk(&self) -> Option<DiskView> {
        let disk = self.store.disk()?;
        Some(DiskView {
            free: mib(disk.free),
            size: mib(disk.size),
            is_low: disk.is_low(),
            is_full: self.store.has_room().await.is_ok_and(|has_room| !has_room),
        })
    }

    /// Has those told who must make room, or look at the disk. For every minute.
    pub async fn tend_disk(&self) {
        let now = self.clock.now();
        tell(&self.store, &self.audit_log, now).await;
        tell_refused(&self.store, &self.audit_log, now).await;
    }
}

fn mib(bytes: u64) -> i64 {
    i64::try_from(bytes >> 20).unwrap_or(i64::MAX)
}

/// Raises an alarm while little room is left: once a day. `true` if it is new.
pub async fn tell(store: &Store, audit_log: &AuditLog, now: Timestamp) -> bool {
    let (today, known) = (now.day().to_string(), audit_log.authority());
    let Some(disk) = store.disk() else {
        return false;
    };
    if disk.is_ample() {
        return known.is_news(SUBJECT, None);
    }
    if !disk.is_low() {
        return false;
    }
    if !known.is_news(SUBJECT, Some(&today)) {
        return false;
    }
    tracing::error!(
        event = "disk-low",
        free_mib = disk.free >> 20,
        "ALARM: the disk is nearly full"
    );
    let log = audit_log.clone();
    let raise = move |txn: &mut WriteTxn<'_>| {
        Txn::new(&log, txn.reborrow(), now).raise(AlarmKind::DiskLow, SUBJECT)
    };
    let raised: Result<bool, StoreError> = store.write(raise).await;
    raised.unwrap_or_else(|error| {
        tracing::error!(event = "alarm-unraised", %error, "an alarm could not be raised");
        // The next look tries again.
        known.is_news(SUBJECT, None)
    })
}

/// Raises an alarm for what the disk refuses, as soon as it lets one be written. `false` while it does not.
pub async fn tell_refused(store: &Store, audit_log: &AuditLog, now: Timestamp) -> bool {
    let Some((fault, false)) = store.refused() else {
        return true;
    };
    tracing::error!(
        event = "disk-refuses",
        %fault,
        "ALARM: the disk refuses something to the database"
    );
    let log = audit_log.clone();
    let raise = move |txn: &mut WriteTxn<'_>| {
        Txn::new(&log, txn.reborrow(), now).raise(AlarmKind::DiskRefuses, fault.as_str())
    };
    let raised: Result<bool, StoreError> = store.write(raise).await;
    if let Err(error) = &raised {
        tracing::error!(event = "alarm-unraised", %error, "an alarm could not be raised");
        return false;
    }
    store.tell_refused();
    true
}
