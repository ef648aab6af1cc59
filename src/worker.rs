//! What happens without anybody asking: notices go out, clocks run down.
//!
//! Each step is a function that does what is due now and says how much that was; tests call them by hand. The loop that calls
//! them again and again is [`Worker::run`] and decides nothing. Holds no key that opens a report; what needs a key of the
//! server (addresses) or the record of acts is done by the [`Desk`] it is given.

mod anchor;
mod deliver;
mod desk;
mod expand;
mod expire;
mod heartbeat;
mod rest;
mod runner;
mod shred;
mod watch;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

pub use desk::{Desk, DeskError};
pub use expire::Expired;

use crate::domain::clock::{Clock, Day};
use crate::domain::email::EmailAddress;
use crate::domain::notice::NoticeList;
use crate::mail::{Stationery, Transport};
use crate::store::{Store, StoreError};

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

/// The background work of one process. Several may run at once: each row is in one hand.
pub struct Worker {
    store: Store,
    transport: Transport,
    stationery: Stationery,
    desk: Arc<dyn Desk>,
    clock: Clock,
    settings: WorkerSettings,
    memory: Mutex<Memory>,
    wake: Arc<Notify>,
}

/// What is not worth a row, or too exact for one.
#[derive(Debug, Default)]
struct Memory {
    rests: rest::Rests,
    heartbeat: Option<Day>,
    anchor: Option<Day>,
    rotations: Option<Day>,
    watched: watch::Watched,
    /// The day and the number of changes for which the server's keys have been tended to.
    tended: Option<(Day, u64)>,
    checked_log: Option<Day>,
    /// The hour of the last tick, counted from 1970.
    tick: Option<i64>,
}

/// A step could not do its work. It is done at the next look.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The database.
    #[error("storage failed")]
    Store(#[from] StoreError),
    /// The desk.
    #[error("the desk failed")]
    Desk(#[from] DeskError),
}

impl Worker {
    /// Puts a worker together; it does nothing until a step is called.
    pub fn new(
        store: Store,
        transport: Transport,
        stationery: Stationery,
        desk: Arc<dyn Desk>,
        clock: Clock,
        settings: WorkerSettings,
    ) -> Self {
        Self {
            store,
            transport,
            stationery,
            desk,
            clock,
            settings,
            memory: Mutex::default(),
            wake: Arc::default(),
        }
    }

    /// The same, rung by a bell that others have already.
    #[must_use]
    pub fn rung_by(mut self, wake: Arc<Notify>) -> Self {
        self.wake = wake;
        self
    }

    /// Ring it (`notify_one`) when an urgent report has been committed, so that nobody waits for the next look.
    pub fn wake(&self) -> Arc<Notify> {
        Arc::clone(&self.wake)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
