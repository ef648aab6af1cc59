//! The loops: urgent mail, other mail, and the clocks. None waits for another, so that neither a mail server that hangs nor a database
//! that is busy keeps an urgent notice back.

use std::fmt::Debug;
use std::future::Future;
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior};

use super::{Mail, Worker, WorkerError};

/// Urgent letters in flight at once: whoever's server hangs holds up no other.
const URGENT_IN_FLIGHT: usize = 32;
/// How long what is under way may take at the end. A letter that is not through by then goes again at the next start, as the same message.
const PATIENCE: Duration = Duration::from_secs(3);

impl Worker {
    /// Does what is due, again and again, until `shutdown` is done. What is under way is finished first, if that does not take long.
    pub async fn run(&self, shutdown: impl Future<Output = ()>) {
        self.report("give_back_leases", self.give_back_leases().await);
        let (stop, stopped) = watch::channel(false);
        let work = async {
            tokio::join!(
                self.urgent(stopped.clone()),
                self.again(stopped.clone(), || async {
                    self.other_mail().await;
                }),
                self.again(stopped.clone(), || async {
                    self.look_round().await;
                    self.run_down().await;
                }),
            )
        };
        let mut work = std::pin::pin!(work);
        tokio::select! {
            _ = &mut work => {}
            () = shutdown => {
                stop.send_replace(true);
                if tokio::time::timeout(PATIENCE, work).await.is_err() {
                    tracing::warn!(event = "put-off", "what was under way is done at the next start");
                }
            }
        }
    }

    /// Everything once, mail before what ends. A step that fails does not keep the others from their work. Names those that failed.
    #[cfg_attr(rooms_closed, expect(dead_code, reason = "for tests and benchmarks"))]
    pub async fn step(&self) -> Vec<&'static str> {
        let mut failed = self.look_round().await;
        failed.extend(self.report("expand_urgent", self.expand(Mail::Urgent).await));
        failed.extend(self.report("deliver_urgent", self.deliver(Mail::Urgent).await));
        failed.extend(self.other_mail().await);
        failed.extend(self.run_down().await);
        failed
    }

    /// New events and letters, whatever becomes of those that are in flight. A ring is for these alone: whatever it costs, an urgent report
    /// costs it again.
    async fn urgent(&self, mut stopped: watch::Receiver<bool>) {
        let mut tick = self.ticks();
        let mut flights = FuturesUnordered::new();
        loop {
            tokio::select! {
                () = is_set(&mut stopped) => break,
                Some(outcome) = flights.next() => { self.report("deliver_urgent", outcome); }
                () = self.wake.notified() => {}
                _ = tick.tick() => {}
            }
            self.report("expand_urgent", self.expand(Mail::Urgent).await);
            let room = URGENT_IN_FLIGHT.saturating_sub(flights.len());
            let leased = self.lease(Mail::Urgent, room).await;
            if let Ok(letters) = &leased {
                flights.extend(letters.iter().cloned().map(|letter| self.send_one(letter)));
            }
            self.report("lease_urgent", leased.map(|letters| letters.len()));
        }
        while let Some(outcome) = flights.next().await {
            self.report("deliver_urgent", outcome);
        }
    }

    async fn again<F: Future<Output = ()>>(
        &self,
        mut stopped: watch::Receiver<bool>,
        work: impl Fn() -> F,
    ) {
        let mut tick = self.ticks();
        loop {
            tokio::select! {
                () = is_set(&mut stopped) => return,
                _ = tick.tick() => work().await,
            }
        }
    }

    fn ticks(&self) -> Interval {
        let mut tick = tokio::time::interval(self.settings.tick);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        tick
    }

    async fn other_mail(&self) -> Vec<&'static str> {
        let mut failed = vec![
            self.report("expand_other", self.expand(Mail::Other).await),
            self.report("heartbeat", self.heartbeat().await),
            self.report("anchor", self.anchor().await),
        ];
        loop {
            let sent = self.deliver_some(Mail::Other).await;
            let goes_on = matches!(sent, Ok(Some(_)));
            failed.push(self.report("deliver_other", sent));
            if !goes_on {
                return failed.into_iter().flatten().collect();
            }
            // What has come meanwhile does not wait for all of them.
            failed.push(self.report("expand_other", self.expand(Mail::Other).await));
        }
    }

    async fn look_round(&self) -> Vec<&'static str> {
        let failed = [
            self.report("pull_back", self.pull_back().await),
            self.report("watch", self.watch().await),
            self.report("check_file", self.check_file().await),
        ];
        failed.into_iter().flatten().collect()
    }

    async fn run_down(&self) -> Vec<&'static str> {
        let failed = [
            self.report("expire_claims", self.expire_claims().await),
            self.report("miss_looks", self.miss_looks().await),
            self.report("expire_sessions", self.expire_sessions().await),
            self.report("expire_mailboxes", self.expire_mailboxes().await),
            self.report("expire_tickets", self.expire_tickets().await),
            self.report("expire_exports", self.expire_exports().await),
            self.report("look_at_reports", self.look_at_reports().await),
            self.report("shred", self.shred().await),
            self.report("hand_over", self.hand_over().await),
            self.report("tick", self.tick().await),
            self.report("order_rotations", self.order_rotations().await),
            self.report("tend_keys", self.tend_keys().await),
            self.report("reorder", self.reorder().await),
            self.report("reserve", self.reserve().await),
            self.report("scrub", self.scrub().await),
        ];
        failed.into_iter().flatten().collect()
    }

    /// The step's name if it failed.
    fn report<T: Debug>(
        &self,
        step: &'static str,
        outcome: Result<T, WorkerError>,
    ) -> Option<&'static str> {
        self.steps.note(step, outcome.is_ok(), self.clock.moment());
        match outcome {
            Ok(done) => {
                tracing::trace!(step, ?done, "background step");
                None
            }
            Err(error) => {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::error!(event = "step-failed", step, %error, cause, "background step failed");
                Some(step)
            }
        }
    }
}

async fn is_set(stopped: &mut watch::Receiver<bool>) {
    // Nobody can tell any more: that is the end as well.
    drop(stopped.wait_for(|stop| *stop).await);
}
