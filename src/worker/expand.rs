//! From an event to letters: one for each address that has to hear of it, and never two that say the same at once.

use std::collections::{BTreeMap, BTreeSet};

use super::addresses::Addresses;
use super::passed::Passed;
use super::{Mail, Worker, WorkerError, WorkerSettings, not_sent};
use crate::domain::clock::{Moment, Quarter, Timestamp};
use crate::domain::email::EmailAddress;
use crate::domain::ids::OutboxId;
use crate::domain::notice::{NoticeList, further, longest_wait, urgent_audience, urgent_repeat};
use crate::seal::random;
use crate::store::{
    AfterExpansion, DbConnection, Delivery, Event, NewDelivery, StoreResult, Wanted, WriteTxn,
    deliveries_waiting, delivery_insert, event_expand, event_is_due, events_due,
    events_due_readable, unless_damaged, urgent_is_told,
};

/// A waiting letter this old no longer stands for a new event: it would be given up too soon after it.
const STANDS_FOR: i64 = 86_400;

/// The addresses that will hear soon anyway.
///
/// The notice is always the same, so a second one to the same person says nothing more; it would only tell whoever counts
/// mails how many reports there are, and bury people in mail after an outage.
pub(super) struct Notified {
    urgent: BTreeMap<EmailAddress, OutboxId>,
    any: BTreeSet<EmailAddress>,
    /// Urgent letters that stand for a new one: they must not rest any longer.
    standing: Vec<OutboxId>,
}

/// What to write, to whom, for what.
pub(super) struct Round<'a> {
    pub(super) addresses: &'a [EmailAddress],
    /// Decides how eagerly it is tried again; see [`NoticeList::is_urgent`].
    pub(super) list: NoticeList,
}

impl Worker {
    /// Turns every event of this kind that is due into deliveries. Says how many events there were. New urgent reports are told of together
    /// while those on call were told of earlier ones a moment ago and nobody has claimed them.
    ///
    /// # Errors
    /// [`WorkerError`]; what was expanded before stays so.
    pub async fn expand(&self, mail: Mail) -> Result<usize, WorkerError> {
        let mut all = 0;
        loop {
            let (now, moment) = (self.clock.now(), self.clock.moment());
            let latest = now.plus(longest_wait(self.settings.urgent_repeat_minutes));
            let is_quiet = self.memory().bell.is_quiet(moment);
            // Almost always there is nothing to be done, and then nobody who writes is to wait for it.
            let look = move |conn: &mut DbConnection| {
                let wanted = wanted(conn, mail, is_quiet)?;
                let is_due = match event_is_due(conn, wanted, (now, latest)) {
                    // One may be due that can be read.
                    Err(error) if error.is_damage() => true,
                    is_due => is_due?,
                };
                StoreResult::Ok(is_due.then_some(wanted))
            };
            let Some(wanted) = self.store.run(look).await? else {
                return Ok(all);
            };
            let (addresses, settings) = (self.addresses.clone(), self.settings.clone());
            let sent = self.memory().backoff.sent();
            let expand = self.write(move |txn| {
                let others_wait = urgent_is_told(txn)?;
                let events = events_due(txn, wanted, (now, latest))?;
                let waiting = not_sent(deliveries_waiting(txn)?, &sent);
                let told = Notified::from_waiting(&waiting, &addresses, now);
                expand_in_txn(
                    txn,
                    &events,
                    (&settings, &addresses),
                    told,
                    (others_wait, now),
                )
            });
            let expanded = match expand.await {
                // It may lie with one of them.
                Err(error) if !error.is_of_all() => {
                    return Ok(all + self.expand_each(wanted, (now, latest)).await?);
                }
                expanded => self.expanded(expanded?, moment),
            };
            match expanded {
                0 => return Ok(all),
                expanded => all += expanded,
            }
        }
    }

    /// The same where one fails, or a page cannot be read: each in a write of its own, without those that fail.
    async fn expand_each(
        &self,
        wanted: Wanted,
        times: (Timestamp, Timestamp),
    ) -> Result<usize, WorkerError> {
        let look = move |conn: &mut DbConnection| {
            let others_wait = unless_damaged(urgent_is_told(conn))?;
            StoreResult::Ok((others_wait, events_due_readable(conn, wanted, times)?))
        };
        let (others_wait, events) = self.store.run(look).await?;
        let (now, mut all, mut passed) = (times.0, 0, Passed::default());
        for event in events {
            let (addresses, settings) = (self.addresses.clone(), self.settings.clone());
            let expand = self.write_beside(move |txn, waiting| {
                let told = Notified::from_waiting(waiting, &addresses, now);
                expand_in_txn(
                    txn,
                    &[event],
                    (&settings, &addresses),
                    told,
                    (others_wait, now),
                )
            });
            if let Some(expanded) = passed.unless_alone(expand.await)? {
                all += self.expanded(expanded, self.clock.moment());
            }
        }
        passed.or(all)
    }

    fn expanded(&self, done: Expanded, moment: Moment) -> usize {
        let mut memory = self.memory();
        memory.backoff.wake(&done.standing);
        if let Some(others_wait) = done.rung {
            memory.bell.ring(moment, others_wait);
        }
        done.events
    }
}

/// What was told of.
struct Expanded {
    events: usize,
    /// If one of them was new and urgent: whether earlier ones waited that were told of.
    rung: Option<bool>,
    /// Letters that stand for a new one.
    standing: Vec<OutboxId>,
}

fn expand_in_txn(
    txn: &mut WriteTxn<'_>,
    events: &[Event],
    (settings, addresses): (&WorkerSettings, &Addresses),
    mut told: Notified,
    (others_wait, now): (bool, Timestamp),
) -> Result<Expanded, WorkerError> {
    for event in events {
        let event = &came_due(event, now);
        expand(txn, event, settings, addresses, &mut told, now)?;
    }
    let is_new = |event: &Event| event.urgent.is_some() && event.rounds == 0;
    Ok(Expanded {
        events: events.len(),
        rung: events.iter().any(is_new).then_some(others_wait),
        standing: told.standing,
    })
}

/// Nothing that goes now was to go later: what comes of it would seem younger than it is.
fn came_due(event: &Event, now: Timestamp) -> Event {
    Event {
        due: event.due.min(now.quarter()),
        ..*event
    }
}

fn wanted(conn: &mut DbConnection, mail: Mail, is_quiet: bool) -> StoreResult<Wanted> {
    Ok(match mail {
        Mail::Other => Wanted::Ordinary,
        // What cannot be read puts nothing off.
        Mail::Urgent if is_quiet && unless_damaged(urgent_is_told(conn))? => Wanted::Repeated,
        Mail::Urgent => Wanted::Urgent,
    })
}

fn expand(
    conn: &mut WriteTxn<'_>,
    event: &Event,
    settings: &WorkerSettings,
    addresses: &Addresses,
    told: &mut Notified,
    now: Timestamp,
) -> Result<(), WorkerError> {
    let (lists, after) = match event.urgent {
        Some(_) => (urgent_audience(event.list), again(event, settings, now)),
        None => (std::slice::from_ref(&event.list), AfterExpansion::Done),
    };
    let mut letters = Vec::new();
    for &list in lists {
        let round = Round {
            addresses: settings.list(list),
            // The hotline's people stand in for those on call when they are reached by an urgent event.
            list: match (event.urgent, list) {
                (Some(_), NoticeList::Hotline) => NoticeList::Backup,
                _ => list,
            },
        };
        letters.extend(told.letters(&round, addresses)?);
    }
    // `false`: another worker was faster, and its letters are under way.
    event_expand(conn, event, &letters, after)?;
    Ok(())
}

fn again(event: &Event, settings: &WorkerSettings, now: Timestamp) -> AfterExpansion {
    AfterExpansion::Again {
        due: urgent_repeat(event.rounds, settings.urgent_repeat_minutes, now),
        list: further(event.list),
    }
}

/// Writes letters down that no event asked for.
pub(super) fn write_letters(
    conn: &mut WriteTxn<'_>,
    letters: &[NewDelivery],
    due: Quarter,
) -> StoreResult<()> {
    letters
        .iter()
        .try_for_each(|letter| delivery_insert(conn, letter, due))
}

impl Notified {
    /// From the letters that wait and were not sent. One whose address cannot be opened stands for nobody.
    pub(super) fn from_waiting(
        waiting: &[Delivery],
        addresses: &Addresses,
        now: Timestamp,
    ) -> Self {
        let mut told = Self {
            urgent: BTreeMap::new(),
            any: BTreeSet::new(),
            standing: Vec::new(),
        };
        let young = |letter: &&Delivery| {
            let age = now.seconds().saturating_sub(letter.first_due.seconds());
            age < STANDS_FOR
        };
        for letter in waiting.iter().filter(young) {
            if let Ok(address) = addresses.open(letter.id, &letter.address_ct) {
                told.note(&address, letter.list, letter.id);
            }
        }
        told
    }

    /// A letter to everybody of the round who does not hear anyway.
    pub(super) fn letters(
        &mut self,
        round: &Round<'_>,
        addresses: &Addresses,
    ) -> Result<Vec<NewDelivery>, WorkerError> {
        let mut letters = Vec::new();
        for address in round.addresses {
            let hears = if round.list.is_urgent() {
                let waiting = self.urgent.get(address);
                self.standing.extend(waiting);
                waiting.is_some()
            } else {
                self.any.contains(address)
            };
            if hears {
                continue;
            }
            let id = random::outbox_id();
            letters.push(NewDelivery {
                id,
                list: round.list,
                address_ct: addresses.seal(id, address)?,
            });
            self.note(address, round.list, id);
        }
        Ok(letters)
    }

    fn note(&mut self, address: &EmailAddress, list: NoticeList, id: OutboxId) {
        if list.is_urgent() {
            self.urgent.insert(address.clone(), id);
        }
        self.any.insert(address.clone());
    }
}
