//! While reports come in, the staff read one after another and rest in between. Priority alone does not keep a flood of pages off the
//! reporters: reading fills the moments in which intake waits for the disk, and slows the hash beside it by the memory it uses.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So long after a reporter's last write reports are said to come in.
const RUSH: Duration = Duration::from_secs(1);
/// The rest after a look, in multiples of the time it took: so the staff use a third of one processor at most.
const REST: u32 = 2;
/// No rest is longer, so that one long look does not keep the next waiting.
const LONGEST_REST: Duration = Duration::from_millis(250);

/// Who reads next.
pub(super) struct Pace {
    written: Mutex<Option<Instant>>,
    reader: Arc<Semaphore>,
}

/// Leave to read. Dropped without [`Turn::rest`], it leaves no rest.
pub(super) struct Turn(Option<OwnedSemaphorePermit>);

impl Pace {
    pub(super) fn new() -> Self {
        Self {
            written: Mutex::new(None),
            reader: Arc::new(Semaphore::new(1)),
        }
    }

    /// A reporter wrote something.
    pub(super) fn written(&self) {
        *self.written.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Waits for the rest of others while reports come in; never otherwise.
    pub(super) async fn turn(&self) -> Turn {
        if self.is_rush(Instant::now()) {
            Turn(Arc::clone(&self.reader).acquire_owned().await.ok())
        } else {
            Turn(None)
        }
    }

    fn is_rush(&self, now: Instant) -> bool {
        let written = *self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.is_some_and(|last| now.saturating_duration_since(last) < RUSH)
    }
}

impl Turn {
    /// Keeps others waiting for a while after a look that took `took`.
    pub(super) async fn rest(self, took: Duration) {
        if let Some(turn) = self.0 {
            tokio::time::sleep(rest_after(took)).await;
            drop(turn);
        }
    }
}

fn rest_after(took: Duration) -> Duration {
    took.saturating_mul(REST).min(LONGEST_REST)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn readers_take_turns_while_reports_come_in_and_not_otherwise() {
        let pace = Pace::new();
        let first = pace.turn().now_or_never();
        assert!(first.is_some() && pace.turn().now_or_never().is_some());
        pace.written();
        let first = pace.turn().now_or_never();
        assert!(first.is_some() && pace.turn().now_or_never().is_none());
        drop(first);
        assert!(pace.turn().now_or_never().is_some());
        assert!(!pace.is_rush(Instant::now() + RUSH));
    }

    #[test]
    fn a_rest_is_twice_the_look_and_never_long() {
        let look = Duration::from_millis(20);
        assert_eq!(rest_after(look), look * 2);
        assert_eq!(rest_after(Duration::MAX), LONGEST_REST);
    }
}
