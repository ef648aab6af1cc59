//! The records of who may receive, looked at while no report comes in.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Worker, WorkerError};
use crate::domain::alarm::Fault;
use crate::domain::clock::Day;

/// What was wrong at the last look, and when that was.
#[derive(Debug, Default)]
pub(super) struct Watched {
    faults: BTreeSet<Fault>,
    day: Option<Day>,
}

impl Watched {
    /// What is to be told of now. What stays wrong sounds again once a day, also when somebody has looked into it.
    fn news(&self, found: &BTreeSet<Fault>, today: Day) -> Vec<Fault> {
        if self.day != Some(today) {
            return found.iter().cloned().collect();
        }
        found.difference(&self.faults).cloned().collect()
    }
}

impl Worker {
    /// Looks at the records of every channel and every team, and raises alarms. Says how many. Some milliseconds.
    ///
    /// # Errors
    /// [`WorkerError`]; it is told of at the next look then.
    pub async fn watch(&self) -> Result<usize, WorkerError> {
        let today = self.clock.today();
        let desk = Arc::clone(&self.desk);
        let found: Result<_, WorkerError> =
            self.store.run(move |conn| Ok(desk.faults(conn)?)).await;
        let found = found?;
        let news = self.memory().watched.news(&found, today);
        let mut raised = 0;
        if !news.is_empty() || self.desk.must_remember() {
            let desk = Arc::clone(&self.desk);
            let written: Result<usize, WorkerError> = self
                .store
                .write(move |conn| {
                    let mut raised = 0;
                    for fault in &news {
                        raised += usize::from(desk.raise_in_txn(conn, fault, today)?);
                    }
                    desk.remember_in_txn(conn)?;
                    Ok(raised)
                })
                .await;
            raised = written?;
        }
        self.memory().watched = Watched {
            faults: found,
            day: Some(today),
        };
        Ok(raised)
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
        let desk = Arc::clone(&self.desk);
        let found: Result<_, WorkerError> =
            self.store.run(move |conn| Ok(desk.log_fault(conn)?)).await;
        let mut raised = false;
        if let Some(fault) = found? {
            let desk = Arc::clone(&self.desk);
            let written: Result<bool, WorkerError> = self
                .store
                .write(move |conn| Ok(desk.raise_in_txn(conn, &fault, today)?))
                .await;
            raised = written?;
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
            let desk = Arc::clone(&self.desk);
            let moved: Result<usize, WorkerError> = self
                .store
                .write(move |conn| Ok(desk.hand_over_in_txn(conn)?))
                .await;
            match moved? {
                0 => return Ok(all),
                moved => all += moved,
            }
        }
    }
}
