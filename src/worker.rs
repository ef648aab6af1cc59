//! What happens without anybody asking: notices go out, clocks run down.
//!
//! Each step is a function that does what is due now and says how much that was; tests call them by hand. The loop that calls
//! them again and again is [`Worker::run`] and decides nothing. Holds no key that opens a report.

mod addresses;
mod anchor;
mod backoff;
mod bell;
mod deliver;
mod expand;
mod expire;
mod heartbeat;
mod look;
mod memory;
mod passed;
mod pull_back;
mod runner;
mod shred;
mod watch;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

pub use addresses::AddressError;
pub use expire::Expired;

use addresses::Addresses;
use memory::Memory;

use crate::domain::clock::Clock;
use crate::domain::email::EmailAddress;
use crate::domain::ids::OutboxId;
use crate::domain::notice::NoticeList;
use crate::mail::{Stationery, Transport};
use crate::service::audit_log::AuditLog;
use crate::service::txn::Txn;
use crate::service::{Authority, Changing, Steps};
use crate::store::{Delivery, Store, StoreError, deliveries_waiting, deliveries_waiting_readable};

/// Who is told, and how often the clocks are looked at.
#[derive(Debug, Clone)]
pub struct WorkerSettings {
    /// Hears of ordinary reports.
    pub hotline: Vec<EmailAddress>,
    /// Hears of urgent reports.
    pub on_call: Vec<EmailAddress>,
    /// Hears of an urgent report that nobody has claimed.
    pub on_call_backup: Vec<EmailAddress>,
    /// Hears of alarms.
    pub alarm: Vec<EmailAddress>,
    /// Keeps the anchors of the audit log.
    pub anchor: Vec<EmailAddress>,
    /// The hour of the day's anchor, UTC.
    pub anchor_hour: u8,
    /// Minutes until an unclaimed urgent report is told of again.
    pub urgent_repeat_minutes: u32,
    /// The hour of the heartbeat, UTC.
    pub heartbeat_hour: u8,
    /// Seconds after which an idle claim goes back.
    pub claim_idle_seconds: i64,
    /// Between two looks at the clocks.
    pub tick: Duration,
}

/// Which part of the mail: neither waits for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mail {
    /// What rings the people on call.
    Urgent,
    /// The rest.
    Other,
}

impl Mail {
    const fn lists(self) -> &'static [NoticeList] {
        match self {
            Self::Urgent => &NoticeList::URGENT,
            Self::Other => &[NoticeList::Hotline, NoticeList::Alarm, NoticeList::Anchor],
        }
    }
}

/// What the worker works with.
pub struct Parts {
    /// What the process does, by which it is known after a restart.
    pub name: String,
    /// The database.
    pub store: Store,
    /// Time.
    pub clock: Clock,
    /// The audit log.
    pub audit_log: AuditLog,
    /// The server's own secrets, and the custodians' pins.
    pub changing: Changing,
    /// Which key each channel's reports are sealed to.
    pub authority: Authority,
    /// Which steps fail, for whoever looks.
    pub steps: Steps,
    /// Rung when an urgent notice waits, so that nobody waits for the next look.
    pub wake: Arc<Notify>,
}

/// The background work of one process. Several may run at once: each row is in one hand.
pub struct Worker {
    name: String,
    store: Store,
    clock: Clock,
    audit_log: AuditLog,
    changing: Changing,
    authority: Authority,
    steps: Steps,
    wake: Arc<Notify>,
    addresses: Addresses,
    transport: Transport,
    stationery: Stationery,
    settings: WorkerSettings,
    memory: Mutex<Memory>,
}

/// A step could not do its work. It is done at the next look.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The database.
    #[error("storage failed")]
    Store(#[from] StoreError),
    /// The key of addresses.
    #[error("an address failed")]
    Address(#[from] AddressError),
}

impl WorkerError {
    /// Whether whatever else was done would fail as well.
    const fn is_of_all(&self) -> bool {
        match self {
            Self::Store(error) => error.is_of_all(),
            Self::Address(_) => true,
        }
    }
}

impl Worker {
    /// Puts a worker together; it does nothing until a step is called.
    pub fn new(
        parts: Parts,
        transport: Transport,
        stationery: Stationery,
        settings: WorkerSettings,
    ) -> Self {
        Self {
            name: parts.name,
            addresses: Addresses(parts.changing.clone()),
            store: parts.store,
            clock: parts.clock,
            audit_log: parts.audit_log,
            changing: parts.changing,
            authority: parts.authority,
            steps: parts.steps,
            wake: parts.wake,
            transport,
            stationery,
            settings,
            memory: Mutex::default(),
        }
    }

    /// Tells of everything that has to be told: what is urgent first. Says how many letters the other side has taken.
    ///
    /// # Errors
    /// [`WorkerError`]; it is told of at the next look then.
    #[cfg_attr(rooms_closed, expect(dead_code, reason = "for tests and benchmarks"))]
    pub async fn tell(&self) -> Result<usize, WorkerError> {
        let mut sent = 0;
        for mail in [Mail::Urgent, Mail::Other] {
            self.expand(mail).await?;
        }
        for mail in [Mail::Urgent, Mail::Other] {
            sent += self.deliver(mail).await?;
        }
        Ok(sent)
    }

    /// Runs what a step writes as one transaction.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Txn<'_>) -> Result<T, WorkerError> + Send + 'static,
    ) -> Result<T, WorkerError> {
        let (audit_log, now) = (self.audit_log.clone(), self.clock.now());
        self.store
            .write(move |conn| work(&mut Txn::new(&audit_log, conn.reborrow(), now)))
            .await
    }

    /// [`Worker::write`] with the letters that wait and were not sent. Where one of them cannot be read, with those that can.
    async fn write_beside<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Txn<'_>, &[Delivery]) -> Result<T, WorkerError> + Clone + Send + 'static,
    ) -> Result<T, WorkerError> {
        let (again, sent) = (work.clone(), self.memory().backoff.sent());
        let others = sent.clone();
        let written = self.write(move |txn| {
            let waiting = not_sent(deliveries_waiting(txn)?, &sent);
            work(txn, &waiting)
        });
        match written.await {
            Err(WorkerError::Store(error)) if error.is_damage() => {
                let waiting = self.store.run(deliveries_waiting_readable).await?;
                let waiting = not_sent(waiting, &others);
                self.write(move |txn| again(txn, &waiting)).await
            }
            written => written,
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A letter that is gone and could not be struck off tells nobody anything any more.
fn not_sent(mut waiting: Vec<Delivery>, sent: &BTreeSet<OutboxId>) -> Vec<Delivery> {
    waiting.retain(|letter| !sent.contains(&letter.id));
    waiting
}

impl WorkerSettings {
    fn list(&self, list: NoticeList) -> &[EmailAddress] {
        match list {
            NoticeList::Hotline => &self.hotline,
            NoticeList::OnCall => &self.on_call,
            NoticeList::Backup => &self.on_call_backup,
            NoticeList::Alarm => &self.alarm,
            NoticeList::Anchor => &self.anchor,
        }
    }
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Worker")
    }
}
