//! Bounded lanes for the slow hash (argon2id), so that a flood of guesses delays neither a new report nor a caseworker.
//!
//! Waiting is cheap and work is not: the permits are few and the queue is long. Whoever waits is served in the order of arrival. No lane
//! ever holds more blocking threads than it has permits, so that the database's are never taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;

use crate::domain::sample::Tally;

/// The lane's queue is full, or the process is stopping. The answer is 503 with `Retry-After`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too much work is waiting")]
pub struct BulkheadFull;

/// How many may run at once and how many may wait.
#[derive(Debug, Clone, Copy)]
pub struct BulkheadSize {
    /// Evaluations at once.
    pub permits: usize,
    /// Further ones that may wait.
    pub queue: usize,
}

/// A bounded pool of blocking work.
#[derive(Debug, Clone)]
pub struct Bulkhead {
    permits: Arc<Semaphore>,
    present: Arc<AtomicUsize>,
    running: usize,
    limit: usize,
    /// How many waited at the most, since somebody asked.
    pub(super) waited: Tally,
    /// How many were turned away, since somebody asked.
    pub(super) refused: Tally,
}

/// The four bulkheads. None takes a permit of another.
#[derive(Debug, Clone)]
pub struct Bulkheads {
    /// New reports.
    pub report: Bulkhead,
    /// Receipt codes presented at the mailbox.
    pub receipt: Bulkhead,
    /// Passphrases of people who are signed in, or have been on this device before, at 64 MiB each.
    pub colleague: Bulkhead,
    /// Passphrases of anybody else, at 64 MiB each.
    pub stranger: Bulkhead,
}

impl Bulkhead {
    /// An empty lane.
    pub fn new(size: BulkheadSize) -> Self {
        let running = size.permits.max(1);
        Self {
            permits: Arc::new(Semaphore::new(running)),
            present: Arc::new(AtomicUsize::new(0)),
            running,
            limit: running.saturating_add(size.queue),
            waited: Tally::default(),
            refused: Tally::default(),
        }
    }

    /// Runs `work` on a blocking thread when a place is free.
    ///
    /// # Errors
    /// [`BulkheadFull`] at once if the queue is full.
    pub async fn run<T, F>(&self, work: F) -> Result<T, BulkheadFull>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let place = Place::take(&self.present, self.limit);
        let place = place.inspect_err(|_| self.refused.count())?;
        let present = self.present.load(Ordering::SeqCst);
        self.waited.reach(present.saturating_sub(self.running));
        let permit = Arc::clone(&self.permits)
            .acquire_owned()
            .await
            .map_err(|_| BulkheadFull)?;
        // The permit and the place move into the thread: a client that goes away frees neither before the work is done.
        crate::store::aside(move || {
            let outcome = work();
            drop((permit, place));
            outcome
        })
        .await
        .map_err(|_| BulkheadFull)
    }
}

struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(present: &Arc<AtomicUsize>, limit: usize) -> Result<Self, BulkheadFull> {
        present
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| {
                (n < limit).then_some(n + 1)
            })
            .map(|_| Self(Arc::clone(present)))
            .map_err(|_| BulkheadFull)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_lane_refuses_at_once_and_recovers() {
        let lane = Bulkhead::new(BulkheadSize {
            permits: 1,
            queue: 1,
        });
        let (open, gate) = std::sync::mpsc::channel::<()>();
        let first = tokio::spawn({
            let lane = lane.clone();
            async move { lane.run(move || gate.recv()).await }
        });
        while lane.present.load(Ordering::SeqCst) < 1 {
            tokio::task::yield_now().await;
        }
        let second = tokio::spawn({
            let lane = lane.clone();
            async move { lane.run(|| 2).await }
        });
        while lane.present.load(Ordering::SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
        assert_eq!(lane.run(|| 3).await, Err(BulkheadFull));
        open.send(()).expect("the first is waiting");
        assert!(first.await.expect("joined").is_ok());
        assert_eq!(second.await.expect("joined"), Ok(2));
        assert_eq!(lane.run(|| 4).await, Ok(4));
    }
}
