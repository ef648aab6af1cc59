//! Bounded lanes for the slow hash (argon2id), so that a flood of guesses delays neither a new report nor a caseworker.
//!
//! Waiting is cheap and work is not: the permits are few and the queue is long. No lane ever holds more blocking threads than it has permits,
//! so that the database's are never taken; nor does one that gives way hold a thread of a page.

use super::turns::{NoRoom, Place, Turns};
use crate::store;

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
    turns: Turns,
    /// On threads that give way to the others'.
    is_behind: bool,
}

/// The bulkheads. None takes a permit of another.
#[derive(Debug, Clone)]
pub struct Bulkheads {
    /// New reports.
    pub report: Bulkhead,
    /// The words of new reports, to be compared with those of others.
    pub compare: Bulkhead,
    /// New reports that are much like many others of the last minutes.
    pub alike: Bulkhead,
    /// Receipt codes presented at the mailbox: behind new reports.
    pub receipt: Bulkhead,
    /// Passphrases of people who are signed in, or have been on this device before, at 64 MiB each.
    pub colleague: Bulkhead,
    /// Passphrases of anybody else, at 64 MiB each.
    pub stranger: Bulkhead,
}

impl Bulkhead {
    /// An empty lane.
    pub fn new(size: BulkheadSize) -> Self {
        Self {
            turns: Turns::new(size.permits, size.queue),
            is_behind: false,
        }
    }

    /// The same, giving way to lanes that do not.
    #[must_use]
    pub fn behind(self) -> Self {
        Self {
            is_behind: true,
            ..self
        }
    }

    /// Runs `work` on a blocking thread when its turn has come.
    ///
    /// # Errors
    /// [`BulkheadFull`] at once if the queue is full.
    pub async fn run<T, F>(&self, work: F) -> Result<T, BulkheadFull>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        self.run_at(Place::default(), work).await
    }

    /// The same, at a place of its own among those who wait.
    ///
    /// # Errors
    /// [`BulkheadFull`] if the queue is full, or somebody else has come to the same place.
    pub async fn run_at<T, F>(&self, place: Place, work: F) -> Result<T, BulkheadFull>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let turn = self.turns.turn(place).await?;
        // The turn moves into the thread: a client that goes away does not end it before the work is done.
        let work = move || {
            let outcome = work();
            drop(turn);
            outcome
        };
        let done = if self.is_behind {
            store::aside_in_lane_behind(work)
        } else {
            store::aside(work)
        };
        done.await.map_err(|_| BulkheadFull)
    }

    /// Where those wait who have no turn yet.
    pub fn turns(&self) -> &Turns {
        &self.turns
    }
}

impl From<NoRoom> for BulkheadFull {
    fn from(_: NoRoom) -> Self {
        Self
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
        while lane.turns.taken() < 1 {
            tokio::task::yield_now().await;
        }
        let second = tokio::spawn({
            let lane = lane.clone();
            async move { lane.run(|| 2).await }
        });
        while lane.turns.waiting() < 1 {
            tokio::task::yield_now().await;
        }
        assert_eq!(lane.run(|| 3).await, Err(BulkheadFull));
        open.send(()).expect("the first is waiting");
        assert!(first.await.expect("joined").is_ok());
        assert_eq!(second.await.expect("joined"), Ok(2));
        assert_eq!(lane.run(|| 4).await, Ok(4));
    }
}
