//! Clocks that run down: claims, sessions, invitations, mailboxes, keys, the log's five minutes and its hour.

use super::passed::Passed;
use super::{Worker, WorkerError};
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Confirmed;
use crate::domain::staff::ATTEMPT_SECONDS;
use crate::service::rotation::order::{due_or_owed, order_due_in_txn};
use crate::service::{Reloadable, admin, credentials};
use crate::store::{
    DbConnection, attempts_expire, claims_idle, file_reorder, invitations_expire, journal_scrub,
    mailbox_close, mailboxes_expire, mailboxes_over, sessions_expire, ticket_keys_are_over,
    ticket_keys_expire,
};

/// Between two looks at what is new in the audit log.
const TICK_SECONDS: i64 = 300;
/// A file of this size is written anew in less than a second.
const REORDERED_BYTES: i64 = 64 << 20;

/// What ended with [`Worker::expire_sessions`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
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
    /// [`WorkerError`]; the next look goes on. One that fails keeps no other from being given back.
    pub async fn expire_claims(&self) -> Result<usize, WorkerError> {
        let (seconds, now) = (self.settings.claim_idle_seconds, self.clock.now());
        let look = move |conn: &mut DbConnection| claims_idle(conn, now, seconds);
        let (mut given, mut passed) = (0, Passed::default());
        for report in self.store.run(look).await? {
            let give = self.write(move |txn| Ok(txn.give_idle_back(report, seconds)?));
            given += usize::from(passed.unless_alone(give.await)?.is_some());
        }
        passed.or(given)
    }

    /// Deletes sessions and invitations that have ended, and the attempts that count no more.
    ///
    /// # Errors
    /// [`WorkerError`]; the next look goes on.
    pub async fn expire_sessions(&self) -> Result<Expired, WorkerError> {
        let Some(now) = self.clock.confirmed() else {
            return Ok(Expired::default());
        };
        // Each on its own: where one of these tables is damaged, what is in the others ends.
        let attempts = self.write(move |txn| Ok(attempts_expire(txn, now, ATTEMPT_SECONDS)?));
        let attempts = attempts.await;
        let sessions = self.write(move |txn| Ok(sessions_expire(txn, now)?)).await;
        let invitations = self.write(move |txn| {
            let invited = invitations_expire(txn, now)?;
            for person in &invited {
                let person = *person;
                txn.record(None, AuditEvent::InvitationExpired { person })?;
            }
            Ok(invited.len())
        });
        let invitations = invitations.await;
        attempts?;
        Ok(Expired {
            sessions: sessions?,
            invitations: invitations?,
        })
    }

    /// Deletes mailboxes whose day has come, with everything in them. Says how many. One that fails keeps no other from it.
    ///
    /// # Errors
    /// [`WorkerError`]; the next look goes on.
    pub async fn expire_mailboxes(&self) -> Result<usize, WorkerError> {
        let Some(now) = self.clock.confirmed() else {
            return Ok(0);
        };
        let all = self.write(move |txn| {
            let closed = mailboxes_expire(txn, now)?;
            if closed > 0 {
                txn.record(None, AuditEvent::MailboxesExpired { count: closed })?;
            }
            Ok(closed)
        });
        match all.await {
            // It may lie with one of them.
            Err(error) if !error.is_of_all() => {}
            all => return all,
        }
        let look = move |conn: &mut DbConnection| mailboxes_over(conn, now);
        let (mut all, mut passed) = (0, Passed::default());
        for lookup in self.store.run(look).await? {
            let close = self.write(move |txn| {
                let is_closed = mailbox_close(txn, &lookup)?;
                if is_closed {
                    txn.record(None, AuditEvent::MailboxesExpired { count: 1 })?;
                }
                Ok(is_closed)
            });
            all += usize::from(passed.unless_alone(close.await)? == Some(true));
        }
        passed.or(all)
    }

    /// Deletes the keys of forms that are of other days than today and the day before. Says how many.
    ///
    /// # Errors
    /// [`WorkerError`]; the next look goes on.
    pub async fn expire_tickets(&self) -> Result<usize, WorkerError> {
        let Some(now) = self.clock.confirmed() else {
            return Ok(0);
        };
        let look = move |conn: &mut DbConnection| ticket_keys_are_over(conn, now.today());
        if !self.store.run(look).await? {
            return Ok(0);
        }
        let gone = self.write(move |txn| Ok(ticket_keys_expire(txn, now)?));
        let gone = gone.await?;
        self.memory().scrubbed = None;
        Ok(gone)
    }

    /// Writes the database's file anew once a day, while that is small work. `true` if it did.
    ///
    /// # Errors
    /// [`WorkerError`]; the next day tries again.
    pub async fn reorder(&self) -> Result<bool, WorkerError> {
        let today = self.clock.today();
        if self.memory().reordered.replace(today) == Some(today) {
            return Ok(false);
        }
        let reorder = |conn: &mut DbConnection| file_reorder(conn, REORDERED_BYTES);
        let is_done = self.store.run(reorder).await?;
        self.memory().scrubbed = None;
        Ok(is_done)
    }

    /// Looks once a minute whether the reserve for a full disk is whole, and makes it so. `true` if it was not. What was made goes into the file
    /// at once: in the journal it reserves nothing.
    ///
    /// # Errors
    /// [`WorkerError`]; the next minute tries again.
    pub async fn reserve(&self) -> Result<bool, WorkerError> {
        let minute = self.clock.now().seconds().div_euclid(60);
        if self.memory().reserved.replace(minute) == Some(minute) {
            return Ok(false);
        }
        let is_made = self.store.reserve().await?;
        if is_made {
            self.memory().scrubbed = None;
        }
        Ok(is_made)
    }

    /// Empties the write-ahead log once a minute, and after keys of forms were deleted: it has what was written together side by side and in
    /// its order, and what was deleted. `true` if it is empty now.
    ///
    /// # Errors
    /// [`WorkerError`]; the next look goes on.
    pub async fn scrub(&self) -> Result<bool, WorkerError> {
        let minute = self.clock.now().seconds().div_euclid(60);
        if self.memory().scrubbed == Some(minute) {
            return Ok(false);
        }
        let is_empty = self.store.run(journal_scrub).await?;
        self.memory().scrubbed = is_empty.then_some(minute);
        Ok(is_empty)
    }

    /// Orders the change of keys that have reached their age, once a day, and at once of those for which an order is missing. Says how many.
    ///
    /// # Errors
    /// [`WorkerError`]; the next look goes on. One that fails keeps no other from being ordered.
    pub async fn order_rotations(&self) -> Result<usize, WorkerError> {
        let now = self.clock.confirmed();
        let today = now.map(Confirmed::today);
        let authority = self.authority.clone();
        let is_of_the_day = now.is_some() && self.memory().rotations != today;
        let look = move |conn: &mut DbConnection| due_or_owed(conn, &authority, is_of_the_day);
        let (mut ordered, mut passed) = (0, Passed::default());
        for team in self.store.run(look).await? {
            let order = self.write(move |txn| Ok(order_due_in_txn(txn, &team, now)?));
            ordered += usize::from(passed.unless_alone(order.await)? == Some(true));
        }
        if let Some(now) = now.filter(|_| is_of_the_day) {
            let look = move |conn: &mut DbConnection| admin::renewals_due(conn, now);
            for person in self.store.run(look).await? {
                let order = self.write(move |txn| Ok(admin::order_renewal_in_txn(txn, person)?));
                ordered += usize::from(passed.unless_alone(order.await)? == Some(true));
            }
        }
        let ordered = passed.or(ordered)?;
        self.memory().rotations = today;
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
                Ok(credentials::addresses_renew_in_txn(txn, &credentials)?)
            })
            .await?;
        self.memory().tended = Some(state);
        Ok(done)
    }

    /// Follows the audit log to its end every five minutes, from its first entry once a day, and writes its sign of life once an hour.
    /// `true` if it did and nothing is wrong. Where something is, that is told of, and nothing is written over it.
    ///
    /// # Errors
    /// [`WorkerError`]; nothing has changed then.
    pub async fn tick(&self) -> Result<bool, WorkerError> {
        let now = self.clock.now();
        let turn = now.seconds().div_euclid(TICK_SECONDS);
        let hour = now.seconds().div_euclid(3_600);
        if self.memory().tick == Some(turn) {
            return Ok(false);
        }
        self.follow_log().await?;
        let is_due = self.memory().hour != Some(hour);
        let is_sound = self.write(move |txn| Ok(txn.tick(is_due)?)).await?;
        self.memory().tick = Some(turn);
        self.memory().hour = Some(hour);
        Ok(is_sound)
    }

    /// Outside of any transaction, so that nobody waits for it.
    pub(super) async fn follow_log(&self) -> Result<(), WorkerError> {
        let today = self.clock.today();
        let whole = self.memory().followed != Some(today);
        let audit_log = self.audit_log.clone();
        let follow = move |conn: &mut DbConnection| audit_log.follow(conn, whole);
        self.store.run(follow).await?;
        self.memory().followed = Some(today);
        Ok(())
    }
}
