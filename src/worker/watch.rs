//! The records of who may receive, looked at while no report comes in.

use super::memory::WatchState;
use super::{Worker, WorkerError};
use crate::domain::alarm::{AlarmKind, Fault};
use crate::service::watch;
use crate::store::DbConnection;

/// Bodies that go over to the auditors in one transaction: some 50 ms.
const BODIES: i64 = 256;
/// What an alarm about the witness file is about.
const WITNESS: &str = "witness";

impl Worker {
    /// Looks at the records of every channel and every team, and raises alarms. Says how many. Some milliseconds.
    ///
    /// # Errors
    /// [`WorkerError`]; it is told of at the next look then.
    pub async fn watch(&self) -> Result<usize, WorkerError> {
        let today = self.clock.today();
        let pins = self.changing.now().pins.on(today);
        let receivers = self.receivers.clone();
        let look = move |conn: &mut DbConnection| watch::faults(conn, &pins, &receivers);
        let mut found = self.store.run(look).await?;
        found.extend(self.witness_fault().await);
        let news = self.memory().watched.news(&found, today);
        let mut raised = 0;
        if !news.is_empty() || self.receivers.must_remember() {
            let receivers = self.receivers.clone();
            raised = self
                .write(move |txn| {
                    let mut raised = 0;
                    for Fault { kind, subject, .. } in &news {
                        raised += usize::from(txn.raise(*kind, subject)?);
                    }
                    receivers.remember_in_txn(txn)?;
                    Ok(raised)
                })
                .await?;
        }
        self.memory().watched = WatchState {
            faults: found,
            day: Some(today),
        };
        Ok(raised)
    }

    /// What is wrong with what is remembered outside the database.
    async fn witness_fault(&self) -> Option<Fault> {
        let witness = self.audit_log.witness().clone();
        let looked = tokio::task::spawn_blocking(move || witness.look()).await;
        let error = looked.ok()?.err()?;
        Some(Fault {
            kind: AlarmKind::WitnessBroken,
            subject: WITNESS.to_owned(),
            why: error.to_string(),
        })
    }

    /// Looks through the audit log once a day, and raises an alarm if it is not as it was written. `true` if it did.
    ///
    /// # Errors
    /// [`WorkerError`]; it is done at the next look then.
    pub async fn check_log(&self) -> Result<bool, WorkerError> {
        let today = self.clock.today();
        if self.memory().checked_log == Some(today) {
            return Ok(false);
        }
        let audit_log = self.audit_log.clone();
        let look = move |conn: &mut DbConnection| watch::log_fault(conn, &audit_log);
        let mut raised = false;
        if let Some(Fault { kind, subject, .. }) = self.store.run(look).await? {
            raised = self
                .write(move |txn| Ok(txn.raise(kind, &subject)?))
                .await?;
        }
        self.memory().checked_log = Some(today);
        Ok(raised)
    }

    /// Hands the bodies of the audit log over to the auditors, once there are some and custodians have signed. Says how many.
    ///
    /// # Errors
    /// [`WorkerError`]; what went over has gone over.
    pub async fn hand_over(&self) -> Result<usize, WorkerError> {
        let mut all = 0;
        loop {
            let audit_log = self.audit_log.clone();
            let moved = self
                .write(move |txn| {
                    let today = txn.today();
                    Ok(audit_log.hand_over_in_txn(txn, BODIES, today)?)
                })
                .await?;
            match moved {
                0 => return Ok(all),
                moved => all += moved,
            }
        }
    }
}
