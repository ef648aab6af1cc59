//! While reports come in, the staff read one after another and rest in between. Priority alone does not keep a flood of pages off the
//! reporters: reading fills the moments in which intake waits for the disk, and slows the hash beside it by the memory it uses.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// So long after a reporter's last write reports are said to come in.
const RUSH: Duration = Duration::from_secs(1);
/// The rest after a look, in multiples of the time it took: so the staff use a third of one processor at most.
const REST: u32 = 2;
/// No look and no rest keeps the next one waiting for longer: reports that come in must not shut a colleague out behind another's long look.
const LONGEST: Duration = Duration::from_millis(250);

/// Who reads next.
pub(super) struct Pace {
    written: Mutex<Option<Instant>>,
    reader: Arc<Semaphore>,
}

/// Leave to read. Dropped without [`Turn::end`], it leaves no rest.
pub(super) struct Turn(Option<oneshot::Sender<Duration>>);

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
        if !self.is_rush(Instant::now()) {
            return Turn(None);
        }
        let Ok(turn) = Arc::clone(&self.reader).acquire_owned().await else {
            return Turn(None);
        };
        let (end, ended) = oneshot::channel();
        // Apart from whoever waits for the answer: they may go away.
        tokio::spawn(hold(turn, ended));
        Turn(Some(end))
    }

    fn is_rush(&self, now: Instant) -> bool {
        let written = *self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.is_some_and(|last| now.saturating_duration_since(last) < RUSH)
    }
}

impl Turn {
    /// The look took so long.
    pub(super) fn end(self, took: Duration) {
        if let Some(end) = self.0 {
            // Nobody listens if the look was too long to be waited for.
            end.send(took).ok();
        }
    }
}

/// Keeps others waiting for a look and the rest after it.
async fn hold(turn: OwnedSemaphorePermit, ended: oneshot::Receiver<Duration>) {
    if let Ok(Ok(took)) = tokio::time::timeout(LONGEST, ended).await {
        tokio::time::sleep(rest_after(took)).await;
    }
    drop(turn);
}

fn rest_after(took: Duration) -> Duration {
    took.saturating_mul(REST).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn readers_take_turns_while_reports_come_in_and_not_otherwise() {
        let pace = Pace::new();
        let first = pace.turn().await;
        assert!(pace.turn().now_or_never().is_some());
        drop(first);
        pace.written();
        let first = pace.turn().await;
        assert!(pace.turn().now_or_never().is_none());
        drop(first);
        drop(pace.turn().await);
        assert!(!pace.is_rush(Instant::now() + RUSH));
    }

    #[tokio::test]
    async fn a_long_look_shuts_nobody_out() {
        let pace = Pace::new();
        pace.written();
        let _long = pace.turn().await;
        let next = tokio::time::timeout(Duration::from_secs(20), pace.turn()).await;
        assert!(next.is_ok());
    }

    #[test]
    fn a_rest_is_twice_the_look_and_never_long() {
        let look = Duration::from_millis(20);
        assert_eq!(rest_after(look), look * 2);
        assert_eq!(rest_after(Duration::MAX), LONGEST);
    }
}
