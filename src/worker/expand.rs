//! From an event to letters: one for each address that has to hear of it, and never two that say the same at once.

use std::collections::{BTreeMap, BTreeSet};

use super::addresses::Addresses;
use super::{Mail, Worker, WorkerError, WorkerSettings};
use crate::domain::clock::{Quarter, Timestamp};
use crate::domain::email::EmailAddress;
use crate::domain::ids::OutboxId;
use crate::domain::notice::{NoticeList, further, longest_wait, urgent_audience, urgent_repeat};
use crate::seal::random;
use crate::store::{
    AfterExpansion, DbConnection, Delivery, Event, NewDelivery, StoreResult, Wanted, WriteTxn,
    deliveries_waiting, delivery_insert, event_expand, event_is_due, events_due, urgent_is_told,
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
                StoreResult::Ok(event_is_due(conn, wanted, (now, latest))?.then_some(wanted))
            };
            let Some(wanted) = self.store.run(look).await? else {
                return Ok(all);
            };
            let addresses = self.addresses.clone();
            let settings = self.settings.clone();
            let (expanded, rung, standing) = self
                .write(move |conn| {
                    let others_wait = urgent_is_told(conn)?;
                    let events = events_due(conn, wanted, (now, latest))?;
                    let waiting = deliveries_waiting(conn)?;
                    let mut told = Notified::from_waiting(&waiting, &addresses, now);
                    for event in &events {
                        let event = &came_due(event, now);
                        expand(conn, event, &settings, &addresses, &mut told, now)?;
                    }
                    let is_new = |event: &Event| event.urgent.is_some() && event.rounds == 0;
                    let rung = events.iter().any(is_new).then_some(others_wait);
                    Ok((events.len(), rung, told.standing))
                })
                .await?;
            let mut memory = self.memory();
            memory.backoff.wake(&standing);
            if let Some(others_wait) = rung {
                memory.bell.ring(moment, others_wait);
            }
            match expanded {
                0 => return Ok(all),
                expanded => all += expanded,
            }
        }
    }
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
        Mail::Urgent if is_quiet && urgent_is_told(conn)? => Wanted::Repeated,
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
    /// From the letters that wait. One whose address cannot be opened stands for nobody.
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
