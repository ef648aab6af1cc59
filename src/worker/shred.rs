//! Reports whose time has come, and what was begun to be destroyed and was not finished.

use std::sync::Arc;

use super::{Worker, WorkerError};
use crate::domain::audit::AuditEvent;
use crate::store::{StoreError, exports_expire};

impl Worker {
    /// Begins to destroy reports whose clock has run out, and finishes what was begun, by whomever. Says how many reports are gone.
    ///
    /// # Errors
    /// [`WorkerError`]; the next look goes on where this one stopped.
    pub async fn shred(&self) -> Result<usize, WorkerError> {
        let today = self.clock.today();
        let desk = Arc::clone(&self.desk);
        let begun: Result<usize, WorkerError> = self
            .store
            .write(move |conn| Ok(desk.shred_due_in_txn(conn, today)?))
            .await;
        begun?;
        let (desk, store) = (Arc::clone(&self.desk), self.store.clone());
        let gone = tokio::task::spawn_blocking(move || desk.finish_shreds(&store, today))
            .await
            .map_err(|error| StoreError::Other(Box::new(error)))?;
        Ok(gone?)
    }

    /// Deletes exports that nobody fetched in time. Says how many.
    ///
    /// # Errors
    /// [`WorkerError`]; nothing has changed then.
    pub async fn expire_exports(&self) -> Result<usize, WorkerError> {
        let now = self.clock.now();
        let desk = Arc::clone(&self.desk);
        self.store
            .write(move |conn| {
                let expired = exports_expire(conn, now)?;
                if expired > 0 {
                    let event = AuditEvent::ExportsExpired { count: expired };
                    desk.record_in_txn(conn, event, now.day())?;
                }
                Ok(expired)
            })
            .await
    }
}
