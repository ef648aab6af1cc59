//! Reports whose time has come, and what was begun to be destroyed and was not finished.

use super::{Worker, WorkerError};
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Confirmed;
use crate::service::shred;
use crate::store::{DbConnection, StoreError, exports_expire, reports_run_out};

/// Reports that one look at the clocks begins to destroy.
const AT_ONCE: usize = 100;

impl Worker {
    /// Begins to destroy reports whose clock has run out, and finishes what was begun, by whomever. Says how many reports are gone.
    ///
    /// # Errors
    /// [`WorkerError`]; the next look goes on where this one stopped.
    pub async fn shred(&self) -> Result<usize, WorkerError> {
        let today = self.clock.today();
        if let Some(now) = self.clock.confirmed() {
            self.begin_due(now).await?;
        }
        let (audit_log, store) = (self.audit_log.clone(), self.store.clone());
        let gone = crate::store::aside(move || shred::finish(&store, &audit_log, today))
            .await
            .map_err(|error| StoreError::Other(Box::new(error)))?;
        Ok(gone?)
    }

    /// Each in a write of its own: one that cannot be read keeps no other from being destroyed.
    async fn begin_due(&self, now: Confirmed) -> Result<(), WorkerError> {
        let look = move |conn: &mut DbConnection| reports_run_out(conn, now);
        let mut begun = 0;
        for report in self.store.run(look).await? {
            let begin = self.write(move |txn| Ok(shred::begin_due_in_txn(txn, report, now)?));
            match begin.await {
                Err(WorkerError::Store(error)) if error.is_damage() => {}
                other => begun += usize::from(other?),
            }
            if begun >= AT_ONCE {
                break;
            }
        }
        Ok(())
    }

    /// Deletes exports that nobody fetched in time. Says how many.
    ///
    /// # Errors
    /// [`WorkerError`]; nothing has changed then.
    pub async fn expire_exports(&self) -> Result<usize, WorkerError> {
        let Some(now) = self.clock.confirmed() else {
            return Ok(0);
        };
        self.write(move |txn| {
            let expired = exports_expire(txn, now)?;
            if expired > 0 {
                txn.record(None, AuditEvent::ExportsExpired { count: expired })?;
            }
            Ok(expired)
        })
        .await
    }
}
