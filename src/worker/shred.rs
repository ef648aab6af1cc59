//! Reports whose time has come, and what was begun to be destroyed and was not finished.

use super::passed::Passed;
use super::{Worker, WorkerError};
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Confirmed;
use crate::service::shred;
use crate::store::{DbConnection, StoreError, export_expire, exports_over, reports_run_out};

/// Reports that one look at the clocks begins to destroy.
const AT_ONCE: usize = 100;

impl Worker {
    /// Begins to destroy reports whose clock has run out, and finishes what was begun, by whomever. Says how many reports are gone.
    ///
    /// # Errors
    /// [`WorkerError`]; the next look goes on where this one stopped.
    pub async fn shred(&self) -> Result<usize, WorkerError> {
        let today = self.clock.today();
        let begun = match self.clock.confirmed() {
            Some(now) => self.begin_due(now).await,
            None => Ok(()),
        };
        let (audit_log, store) = (self.audit_log.clone(), self.store.clone());
        let gone = crate::store::aside(move || shred::finish(&store, &audit_log, today))
            .await
            .map_err(|error| StoreError::Other(Box::new(error)))?;
        // Whatever kept others from being begun.
        begun?;
        Ok(gone?)
    }

    /// Each in a write of its own: one that fails keeps no other from being destroyed.
    async fn begin_due(&self, now: Confirmed) -> Result<(), WorkerError> {
        let look = move |conn: &mut DbConnection| reports_run_out(conn, now);
        let (mut begun, mut passed) = (0, Passed::default());
        for report in self.store.run(look).await? {
            let begin = self.write(move |txn| Ok(shred::begin_due_in_txn(txn, report, now)?));
            begun += usize::from(passed.unless_alone(begin.await)? == Some(true));
            if begun >= AT_ONCE {
                break;
            }
        }
        passed.or(())
    }

    /// Deletes exports that nobody fetched in time. Says how many. One that fails keeps no other from it.
    ///
    /// # Errors
    /// [`WorkerError`]; the next look goes on.
    pub async fn expire_exports(&self) -> Result<usize, WorkerError> {
        let Some(now) = self.clock.confirmed() else {
            return Ok(0);
        };
        let look = move |conn: &mut DbConnection| exports_over(conn, now);
        let (mut all, mut passed) = (0, Passed::default());
        for export in self.store.run(look).await? {
            let delete = self.write(move |txn| {
                let is_gone = export_expire(txn, export, now)?;
                if is_gone {
                    txn.record(None, AuditEvent::ExportsExpired { count: 1 })?;
                }
                Ok(is_gone)
            });
            all += usize::from(passed.unless_alone(delete.await)? == Some(true));
        }
        passed.or(all)
    }
}
