//! Clocks that run down: claims, sessions, invitations, mailboxes, keys, the log's hour.

use super::{Worker, WorkerError};
use crate::domain::audit::AuditEvent;
use crate::domain::staff::ATTEMPT_SECONDS;
use crate::service::rotation::order::order_due_in_txn;
use crate::service::{Reloadable, admin, credentials, custody};
use crate::store::{
    attempts_expire, claims_expire, invitations_expire, mailboxes_expire, sessions_expire,
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
        self.write(move |txn| {
            let released = claims_expire(txn, now, seconds)?;
            for claim in &released {
                admin::claim_expired_in_txn(txn, claim)?;
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
        self.write(move |txn| {
            let closed = mailboxes_expire(txn, today)?;
            if closed > 0 {
                txn.record(None, AuditEvent::MailboxesExpired { count: closed })?;
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
        let ordered = self
            .write(|txn| {
                let teams = order_due_in_txn(txn)?;
                Ok(teams + admin::order_renewals_due_in_txn(txn)?)
            })
            .await?;
        self.memory().rotations = Some(today);
        Ok(ordered)
    }

    /// Follows changes of the server's own secrets and the custodians' pins: once a day, and after each. Says how much was done.
    ///
    /// # Errors
    /// [`WorkerError`]; nothing has changed then.
    pub async fn tend_keys(&self) -> Result<usize, WorkerError> {
        let state = (self.clock.today(), self.changing.count());
        if self.memory().tended == Some(state) {
            return Ok(0);
        }
        let Reloadable { credentials, pins } = self.changing.now();
        let done = self
            .write(move |txn| {
                credentials::seen_in_txn(txn, &pins, state.0)?;
                let told = custody::charters_end_in_txn(txn, &pins)?;
                let renewed = credentials::addresses_renew_in_txn(txn, &credentials)?;
                Ok(told.saturating_add(renewed))
            })
            .await?;
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
        self.write(|txn| Ok(txn.tick()?)).await?;
        self.memory().tick = Some(hour);
        Ok(true)
    }
}
