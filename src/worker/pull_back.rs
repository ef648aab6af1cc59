//! What a clock that was ahead has left, once the time is confirmed again.

use super::{Worker, WorkerError};
use crate::store;

impl Worker {
    /// Pulls back what waits for a time that has not come: whenever the time comes to be confirmed, and once an hour. Says how many rows.
    ///
    /// # Errors
    /// [`WorkerError`]; the next look tries again.
    pub async fn pull_back(&self) -> Result<usize, WorkerError> {
        let Some(now) = self.clock.confirmed() else {
            return Ok(0);
        };
        let hour = now.now().seconds().div_euclid(3_600);
        let state = (self.clock.confirmations(), hour);
        if self.memory().pulled == Some(state) {
            return Ok(0);
        }
        let pulled = self.write(move |txn| Ok(store::pull_back(txn, now)?));
        let pulled = pulled.await?;
        if pulled > 0 {
            tracing::warn!(
                event = "pulled-back",
                pulled,
                "what waited for a time that did not come waits no longer"
            );
        }
        self.memory().pulled = Some(state);
        Ok(pulled)
    }
}
