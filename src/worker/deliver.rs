//! Letters leave: leased, sent outside any transaction, struck off when the other side has taken them.

use futures_util::future::join_all;

use super::expand::is_urgent;
use super::{Worker, WorkerError};
use crate::domain::notice::{gives_up, ordinary_retry, urgent_backoff};
use crate::mail::{FailureReason, SendError};
use crate::seal::random;
use crate::store::{
    Delivery, StoreError, WriteTxn, deliveries_lease, delivery_bury, delivery_complete,
    delivery_retry,
};

/// Letters in flight at once. A server that hangs then holds an urgent letter up for one timeout, not for many.
const IN_FLIGHT: i64 = 8;

impl Worker {
    /// Sends every letter that is due. Says how many the other side has taken.
    ///
    /// # Errors
    /// [`WorkerError`] from the database. A letter that could not be sent is no error: it waits.
    pub async fn deliver_due(&self) -> Result<usize, WorkerError> {
        let mut sent = 0;
        loop {
            let now = self.clock.now();
            let resting = self.memory().backoff.resting(now);
            let letters = self
                .store
                .write(move |conn| deliveries_lease(conn, now, IN_FLIGHT, &resting))
                .await?;
            if letters.is_empty() {
                return Ok(sent);
            }
            for outcome in join_all(letters.iter().map(|letter| self.deliver(letter))).await {
                sent += usize::from(outcome?);
            }
        }
    }

    /// Sends one letter and writes down how that went. `true` if it went.
    async fn deliver(&self, letter: &Delivery) -> Result<bool, WorkerError> {
        let id = letter.id;
        if !self.memory().backoff.was_sent(id)
            && let Err(failure) = self.send(letter).await
        {
            self.put_back(letter, failure).await?;
            return Ok(false);
        }
        // Before the row: if striking it off fails now, the next look strikes it off without sending again.
        self.memory().backoff.mark_sent(id);
        self.store
            .write(move |conn| delivery_complete(conn, id))
            .await?;
        self.memory().backoff.forget(id);
        Ok(true)
    }

    async fn send(&self, letter: &Delivery) -> Result<(), SendError> {
        let address = self
            .addresses
            .open(letter.id, &letter.address_ct)
            .map_err(|_| SendError::Permanent(FailureReason::Address))?;
        let (id, now) = (letter.id, self.clock.now());
        let message = match &letter.letter {
            None => self.stationery.notice(id, &address, now),
            Some(words) => self.stationery.anchor(id, &address, words, now),
        };
        self.transport.send(&message).await
    }

    /// A letter did not leave: it is tried again, or given up after three days. A refusal is treated like any other failure,
    /// because a mail server that is set up wrongly must not make a notice vanish.
    async fn put_back(&self, letter: &Delivery, failure: SendError) -> Result<(), WorkerError> {
        let now = self.clock.now();
        let (id, failures) = (letter.id, letter.attempts.saturating_add(1));
        if gives_up(letter.first_due, now) {
            tracing::error!(delivery = %id, %failure, "a notice was given up; an administrator has to look");
            self.memory().backoff.forget(id);
            return self.settle(move |conn| delivery_bury(conn, id)).await;
        }
        tracing::warn!(delivery = %id, %failure, failures, "a notice has to be tried again");
        let due = if is_urgent(letter.list) {
            let until = now.plus(urgent_backoff(failures, random::jitter(200) - 100));
            self.memory().backoff.rest(id, until);
            now.quarter()
        } else {
            ordinary_retry(failures, now, random::jitter(2))
        };
        self.settle(move |conn| delivery_retry(conn, id, due)).await
    }

    /// Changes a letter's row; one that is not waiting any more is somebody else's business.
    async fn settle(
        &self,
        change: impl FnOnce(&mut WriteTxn<'_>) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), WorkerError> {
        match self.store.write(change).await {
            Ok(()) | Err(StoreError::Stale) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
