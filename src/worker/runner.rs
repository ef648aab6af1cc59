//! The loop: every step, then a rest until the next look, a ring, or the end. A ring is for mail alone: whatever it costs, an urgent
//! report costs it again.

use std::fmt::Debug;
use std::future::Future;

use tokio::time::MissedTickBehavior;

use super::{Worker, WorkerError};

impl Worker {
    /// Does what is due, again and again, until `shutdown` is done. A step in progress is finished first.
    pub async fn run(&self, shutdown: impl Future<Output = ()>) {
        let mut shutdown = std::pin::pin!(shutdown);
        let mut tick = tokio::time::interval(self.settings.tick);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = &mut shutdown => return,
                () = self.wake.notified() => self.mail().await,
                _ = tick.tick() => { self.step().await; }
            }
        }
    }

    /// What has to be told is told.
    async fn mail(&self) {
        report("expand_events", self.expand_events().await);
        report("deliver_due", self.deliver_due().await);
    }

    /// Every step once, mail first. A step that fails does not keep the others from their work. Names those that failed.
    pub async fn step(&self) -> Vec<&'static str> {
        let failed = [
            report("pull_back", self.pull_back().await),
            report("watch", self.watch().await),
            report("expand_events", self.expand_events().await),
            report("heartbeat", self.heartbeat().await),
            report("anchor", self.anchor().await),
            report("deliver_due", self.deliver_due().await),
            report("expire_claims", self.expire_claims().await),
            report("expire_sessions", self.expire_sessions().await),
            report("expire_mailboxes", self.expire_mailboxes().await),
            report("expire_tickets", self.expire_tickets().await),
            report("expire_exports", self.expire_exports().await),
            report("look_at_reports", self.look_at_reports().await),
            report("shred", self.shred().await),
            report("hand_over", self.hand_over().await),
            report("tick", self.tick().await),
            report("order_rotations", self.order_rotations().await),
            report("tend_keys", self.tend_keys().await),
            report("reorder", self.reorder().await),
            report("scrub", self.scrub().await),
        ];
        failed.into_iter().flatten().collect()
    }
}

/// The step's name if it failed.
fn report<T: Debug>(step: &'static str, outcome: Result<T, WorkerError>) -> Option<&'static str> {
    match outcome {
        Ok(done) => {
            tracing::trace!(step, ?done, "background step");
            None
        }
        Err(error) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::error!(step, %error, cause, "background step failed");
            Some(step)
        }
    }
}
