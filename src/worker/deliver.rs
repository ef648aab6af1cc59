//! Letters leave: leased, sent outside any transaction, struck off when the other side has taken them.

use futures_util::future::join_all;

use super::expand::{Notified, Round, write_letters};
use super::passed::Passed;
use super::{Mail, Worker, WorkerError};
use crate::domain::clock::Timestamp;
use crate::domain::ids::OutboxId;
use crate::domain::mail_fault::{MailFailure, MailFault};
use crate::domain::notice::{NoticeList, fails_for_long, gives_up, ordinary_retry, urgent_backoff};
use crate::seal::random;
use crate::store::{
    DbConnection, Delivery, StoreError, WriteTxn, dead_letter_dismiss, dead_letters,
    deliveries_due_readable, deliveries_lease, delivery_bury, delivery_complete, delivery_could_go,
    delivery_lease, delivery_retry, leases_give_back,
};

/// Letters in flight at once that are not urgent.
const IN_FLIGHT: usize = 8;

impl Worker {
    /// Sends every letter of this kind that is due. Says how many the other side has taken.
    ///
    /// # Errors
    /// [`WorkerError`] from the database. A letter that could not be sent is no error: it waits.
    pub async fn deliver(&self, mail: Mail) -> Result<usize, WorkerError> {
        let mut sent = 0;
        while let Some(more) = self.deliver_some(mail).await? {
            sent += more;
        }
        Ok(sent)
    }

    /// Sends as many of them as go at once, so that what has come meanwhile need not wait for all. `None` if none is due.
    ///
    /// # Errors
    /// As [`Worker::deliver`].
    pub(super) async fn deliver_some(&self, mail: Mail) -> Result<Option<usize>, WorkerError> {
        let letters = self.lease(mail, IN_FLIGHT).await?;
        if letters.is_empty() {
            return Ok(None);
        }
        let flights = letters.into_iter().map(|letter| self.send_one(letter));
        let mut sent = 0;
        for outcome in join_all(flights).await {
            sent += usize::from(outcome?);
        }
        Ok(Some(sent))
    }

    /// Takes letters that are due into hand.
    pub(super) async fn lease(
        &self,
        mail: Mail,
        room: usize,
    ) -> Result<Vec<Delivery>, WorkerError> {
        let (now, lists) = (self.clock.now(), mail.lists());
        let resting = self.memory().backoff.resting(self.clock.moment());
        let rests = resting.clone();
        // Almost always there is nothing to be done, and then nobody who writes is to wait for it.
        let is_due =
            self.store.run(
                move |conn| match delivery_could_go(conn, lists, now, &rests) {
                    // One may be due that can be read.
                    Err(error) if error.is_damage() => Ok(true),
                    is_due => is_due,
                },
            );
        if room == 0 || !is_due.await? {
            return Ok(Vec::new());
        }
        let (name, rests) = (self.name.clone(), resting.clone());
        let lease =
            move |txn: &mut WriteTxn<'_>| deliveries_lease(txn, (lists, &name), now, room, &rests);
        match self.store.write(lease).await {
            // It may lie with one of them.
            Err(error) if !error.is_of_all() => self.lease_each(lists, now, room, resting).await,
            leased => Ok(leased?),
        }
    }

    /// The same where one fails, or a page cannot be read: each in a write of its own, without those that fail. What is in hand is sent, whatever
    /// came after it: that there is something else is told when nothing is in hand.
    async fn lease_each(
        &self,
        lists: &'static [NoticeList],
        now: Timestamp,
        room: usize,
        resting: Vec<OutboxId>,
    ) -> Result<Vec<Delivery>, WorkerError> {
        let look =
            move |conn: &mut DbConnection| deliveries_due_readable(conn, lists, now, &resting);
        let (mut leased, mut passed) = (Vec::new(), Passed::default());
        for letter in self.store.run(look).await? {
            let (name, id) = (self.name.clone(), letter.id);
            let lease = move |txn: &mut WriteTxn<'_>| delivery_lease(txn, id, &name, now);
            match passed.unless_alone(self.store.write(lease).await) {
                Ok(is_ours) => leased.extend(is_ours.unwrap_or_default().then_some(letter)),
                Err(_) if !leased.is_empty() => break,
                Err(error) => return Err(error),
            }
            if leased.len() >= room {
                break;
            }
        }
        match leased.is_empty() {
            true => passed.or(leased),
            false => Ok(leased),
        }
    }

    /// What a process of this name had in hand when it ended is free again: it is this one's.
    pub(super) async fn give_back_leases(&self) -> Result<usize, WorkerError> {
        let name = self.name.clone();
        let give_back = move |txn: &mut WriteTxn<'_>| leases_give_back(txn, &name);
        Ok(self.store.write(give_back).await?)
    }

    /// Sends one letter and writes down how that went. `true` if it went.
    pub(super) async fn send_one(&self, letter: Delivery) -> Result<bool, WorkerError> {
        let id = letter.id;
        if !self.memory().backoff.was_sent(id)
            && let Err(failure) = self.send(&letter).await
        {
            self.put_back(letter, failure).await?;
            return Ok(false);
        }
        // Before the row: if striking it off fails now, the next look strikes it off without sending again.
        self.memory().backoff.mark_sent(id);
        if letter.list.is_urgent() {
            self.memory().bell.heard();
        }
        self.store
            .write(move |conn| delivery_complete(conn, id))
            .await?;
        self.memory().backoff.forget(id);
        Ok(true)
    }

    async fn send(&self, letter: &Delivery) -> Result<(), MailFailure> {
        let address = self
            .addresses
            .open(letter.id, &letter.address_ct)
            .map_err(|_| MailFailure::of(MailFault::Address))?;
        let (id, now) = (letter.id, self.clock.now());
        let message = match &letter.letter {
            None => self.stationery.notice(id, &address, now),
            Some(words) => self.stationery.anchor(id, &address, words, now),
        };
        self.transport.send(&message).await
    }

    /// A letter did not leave: it is tried again, for three days, or given up at once if it was refused for good. Others hear of an urgent
    /// one that does not leave.
    async fn put_back(
        &self,
        mut letter: Delivery,
        failure: MailFailure,
    ) -> Result<(), WorkerError> {
        let now = self.clock.now();
        let id = letter.id;
        // By a clock that was ahead it would have failed for too short a time, for as long as that was.
        letter.first_due = letter.first_due.min(now.quarter());
        let first_due = letter.first_due;
        // By one that is ahead nothing is given up.
        let is_over = failure.is_final() || gives_up(first_due, self.clock.at_least());
        if letter.list.is_urgent() && (is_over || fails_for_long(first_due, now)) {
            self.tell_others(&letter, now).await?;
        }
        if is_over {
            tracing::error!(event = "mail-given-up", delivery = %id, %failure, "a notice was given up; an administrator has to look");
            return self.bury(letter, failure).await;
        }
        let failures = letter.attempts.saturating_add(1);
        tracing::warn!(event = "mail-failing", delivery = %id, %failure, failures, "a notice has to be tried again");
        let due = if letter.list.is_urgent() {
            let rest = urgent_backoff(failures, random::jitter(200) - 100);
            let until = self.clock.moment().plus(rest);
            self.memory().backoff.rest(id, until);
            now.quarter()
        } else {
            ordinary_retry(failures, now, random::jitter(2))
        };
        self.settle(move |conn| delivery_retry(conn, (id, failure), first_due, due))
            .await
    }

    /// One dead letter an address and list is enough: it stands for those before it.
    async fn bury(&self, letter: Delivery, failure: MailFailure) -> Result<(), WorkerError> {
        let id = letter.id;
        self.memory().backoff.forget(id);
        let to = |letter: &Delivery| self.addresses.open(letter.id, &letter.address_ct).ok();
        let address = to(&letter).filter(|_| letter.list != NoticeList::Anchor);
        let mut others = self.store.run(dead_letters).await?;
        others
            .retain(|other| address.is_some() && other.list == letter.list && to(other) == address);
        self.settle(move |txn| {
            let mut since = letter.first_due;
            for other in others {
                since = since.min(other.first_due);
                match dead_letter_dismiss(txn, other.id) {
                    // Somebody has let it go meanwhile.
                    Err(StoreError::Stale) => {}
                    dismissed => dismissed?,
                }
            }
            delivery_bury(txn, id, failure, since)
        })
        .await
    }

    /// Once a letter: the next list in the chain hears at once, by letters that are urgent themselves and wait for no other mail.
    async fn tell_others(&self, letter: &Delivery, now: Timestamp) -> Result<(), WorkerError> {
        if self.memory().backoff.was_told(letter.id) {
            return Ok(());
        }
        let chain = [NoticeList::OnCall, NoticeList::Backup, NoticeList::Alarm];
        let mut further = chain
            .into_iter()
            .skip_while(|list| *list != letter.list)
            .skip(1);
        let further = further.find(|list| !self.settings.list(*list).is_empty());
        let further = further.unwrap_or(NoticeList::Hotline);
        tracing::error!(event = "urgent-mail-failing", list = %letter.list, to = %further, "urgent notices do not leave: others hear");
        let (addresses, settings) = (self.addresses.clone(), self.settings.clone());
        self.write_beside(move |txn, waiting| {
            let mut told = Notified::from_waiting(waiting, &addresses, now);
            let round = Round {
                addresses: settings.list(further),
                list: NoticeList::Backup,
            };
            let letters = told.letters(&round, &addresses)?;
            Ok(write_letters(txn, &letters, now.quarter())?)
        })
        .await?;
        self.memory().backoff.mark_told(letter.id);
        self.wake.notify_one();
        Ok(())
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
