//! The exact moments at which urgent deliveries are tried again, and what was sent but could not be struck off.
//!
//! In memory alone: on disk they would tell when a report came in, to the second.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::clock::Moment;
use crate::domain::ids::OutboxId;

#[derive(Debug, Default)]
pub(super) struct Backoff {
    until: BTreeMap<OutboxId, Moment>,
    sent: BTreeSet<OutboxId>,
    /// Letters that did not leave, of which others have been told.
    told: BTreeSet<OutboxId>,
}

impl Backoff {
    /// The deliveries that are not to be tried yet. Forgets the others.
    pub(super) fn resting(&mut self, now: Moment) -> Vec<OutboxId> {
        self.until.retain(|_, until| *until > now);
        self.until.keys().copied().collect()
    }

    pub(super) fn rest(&mut self, id: OutboxId, until: Moment) {
        self.until.insert(id, until);
    }

    /// They are tried at once: somebody new waits for what they say.
    pub(super) fn wake(&mut self, ids: &[OutboxId]) {
        for id in ids {
            self.until.remove(id);
        }
    }

    /// Others have been told that it does not leave.
    pub(super) fn mark_told(&mut self, id: OutboxId) {
        self.told.insert(id);
    }

    pub(super) fn was_told(&self, id: OutboxId) -> bool {
        self.told.contains(&id)
    }

    /// The other side has taken it over: whatever happens to the row, it must not be sent again.
    pub(super) fn mark_sent(&mut self, id: OutboxId) {
        self.sent.insert(id);
    }

    pub(super) fn was_sent(&self, id: OutboxId) -> bool {
        self.sent.contains(&id)
    }

    /// All of them.
    pub(super) fn sent(&self) -> BTreeSet<OutboxId> {
        self.sent.clone()
    }

    /// The row is gone.
    pub(super) fn forget(&mut self, id: OutboxId) {
        self.until.remove(&id);
        self.sent.remove(&id);
        self.told.remove(&id);
    }
}
