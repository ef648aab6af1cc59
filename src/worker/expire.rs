//! Clocks that run down: claims, sessions, invitations, mailboxes, keys, the log's hour.

use std::sync::Arc;

use super::{Worker, WorkerError};
use crate::domain::audit::AuditEvent;
use crate::domain::staff::ATTEMPT_SECONDS;
use crate::store::{
    attempts_expire, claims_expire_in_txn, invitations_expire, mailboxes_expire, sessions_expire,
};

/// What ended with [`Worker::expire_sessions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expired {
    /// Sessions.
    pub sessions: usize,
    /// Invitations.
    pub invitations: usize,
}

impl Worker {
    /// Gives reports back whose holder has been idle too long. Says how many.
    ///
    /// # Errors
    /// [`WorkerError`]; nothing has changed then.
    pub async fn expire_claims(&self) -> Result<usize, WorkerError> {
        let now = self.clock.now();
        let seconds = self.settings.claim_idle_seconds;
        let desk = Arc::clone(&self.desk);
        self.store
            .write(move |conn| {
                let released = claims_expire_in_txn(conn, now, seconds)?;
                for claim in &released {
                    desk.claim_expired_in_txn(conn, claim)?;
                }
                Ok(released.len())
            })
            .await
    }

    /// Deletes sessions and invitations that have ended, and the attempts that count no more.
    ///
    /// # Errors
    /// [`WorkerError`]; nothing has changed then.
    pub async fn expire_sessions(&self) -> Result<Expired, WorkerError> {
        let now = self.clock.now();
        self.store
            .write(move |conn| {
                attempts_expire(conn, now.plus(-ATTEMPT_SECONDS))?;
                Ok(Expired {
                    sessions: sessions_expire(conn, now)?,
                    invitations: invitations_expire(conn, now)?,
                })
            })
            .await
    }

    /// Deletes mailboxes whose day has come, with everything in them. Says how many.
    ///
    /// # Errors
    /// [`WorkerError`]; nothing has changed then.
    pub async fn expire_mailboxes(&self) -> Result<usize, WorkerError> {
        let today = self.clock.today();
        let desk = Arc::clone(&self.desk);
        self.store
            .write(move |conn| {
                let closed = mailboxes_expire(conn, today)?;
                if closed > 0 {
                    let event = AuditEvent::MailboxesExpired { count: closed };
                    desk.record_in_txn(conn, event, today)?;
                }
                Ok(closed)
            })
            .await
    }

    /// Orders the change of keys that have reached their age, once a day. Says how many.
    ///
    /// # Errors
    /// [`WorkerError`]; nothing has changed then.
    pub async fn order_rotations(&self) -> Result<usize, WorkerError> {
        let today = self.clock.today();
        if self.memory().rotations == Some(today) {
            return Ok(0);
        }
        let desk = Arc::clone(&self.desk);
        let ordered: Result<usize, WorkerError> = self
            .store
            .write(move |conn| Ok(desk.order_due_in_txn(conn, today)?))
            .await;
        let ordered = ordered?;
        self.memory().rotations = Some(today);
        Ok(ordered)
    }

    /// Follows changes of the server's own secrets and the custodians' pins: once a day, and after each. Says how much was done.
    ///
    /// # Errors
    /// [`WorkerError`]; nothing has changed then.
    pub async fn tend_keys(&self) -> Result<usize, WorkerError> {
        let state = (self.clock.today(), self.desk.changes());
        if self.memory().tended == Some(state) {
            return Ok(0);
        }
        let desk = Arc::clone(&self.desk);
        let done: Result<usize, WorkerError> = self
            .store
            .write(move |conn| Ok(desk.tend_keys_in_txn(conn, state.0)?))
            .await;
        let done = done?;
        self.memory().tended = Some(state);
        Ok(done)
    }

    /// Writes the audit log's sign of life and signs its head, once an hour. `true` if it did.
    ///
    /// # Errors
    /// [`WorkerError`]; nothing has changed then.
    pub async fn tick(&self) -> Result<bool, WorkerError> {
        let now = self.clock.now();
        let hour = now.seconds().div_euclid(3_600);
        if self.memory().tick == Some(hour) {
            return Ok(false);
        }
        let desk = Arc::clone(&self.desk);
        let ticked: Result<(), WorkerError> = self
            .store
            .write(move |conn| Ok(desk.tick_in_txn(conn, now.day())?))
            .await;
        ticked?;
        self.memory().tick = Some(hour);
        Ok(true)
    }
}
