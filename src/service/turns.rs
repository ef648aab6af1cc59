//! Who is next where many wait: by turns whoever's form has been open longest, and whoever has come first.
//!
//! A flood opens its forms when it sends them; a person has read and typed. So she goes before it, without anybody's address being looked at.
//! A form that has been open for a minute is as good as an older one, or hoarded forms would go before hers. The other half of the turns goes
//! by arrival, so that nobody waits for ever. One form has one place, however often it is sent: who was sent away or broke off and comes
//! again within minutes is no younger than at first, or a crowd that came meanwhile would go before.

use std::collections::hash_map::{HashMap, RandomState};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::domain::clock::Timestamp;
use crate::domain::sample::Tally;

/// Seconds after which a form that is open counts as no older.
const RIPE: i64 = 60;
/// Seconds for which it is known when a form came first.
const KNOWN: i64 = 5 * 60;
/// So many forms are known at most: those that came last.
const MOST_KNOWN: usize = 20_000;

/// By what a place is found and ranked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    /// Lower ones first.
    rank: i64,
    /// Of one form; keyed, so that nothing of it is kept.
    form: Option<u64>,
    is_first: bool,
}

/// There is no room for more who wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRoom;

/// Where they wait. Clones share it.
#[derive(Debug, Clone)]
pub struct Turns(Arc<Room>);

#[derive(Debug)]
struct Room {
    permits: usize,
    most_waiting: usize,
    forms: RandomState,
    known: Mutex<Known>,
    state: Mutex<State>,
    waited: Tally,
    refused: Tally,
}

#[derive(Debug, Default)]
struct State {
    taken: usize,
    arrived: u64,
    waiting: BTreeMap<u64, Waiting>,
    by_rank: BTreeSet<(i64, u64)>,
    by_form: HashMap<u64, u64>,
    is_by_arrival: bool,
}

/// The first ranks of forms that had no turn yet.
#[derive(Debug, Default)]
struct Known {
    ranks: HashMap<u64, i64>,
    oldest: BTreeSet<(i64, u64)>,
}

#[derive(Debug)]
struct Waiting {
    place: Place,
    call: oneshot::Sender<Turn>,
}

/// Gives the turn to the next when dropped.
#[derive(Debug)]
pub struct Turn(Arc<Room>);

/// Whoever goes away leaves the room.
struct Leaving<'a> {
    room: &'a Room,
    arrival: u64,
    call: oneshot::Receiver<Turn>,
}

impl Turns {
    /// So many at once, and so many more who wait.
    pub fn new(permits: usize, most_waiting: usize) -> Self {
        Self(Arc::new(Room {
            permits: permits.max(1),
            most_waiting,
            forms: RandomState::new(),
            known: Mutex::default(),
            state: Mutex::default(),
            waited: Tally::default(),
            refused: Tally::default(),
        }))
    }

    /// The place of a form that was opened then: the one that it had before, if it was sent before.
    pub fn of_form(&self, nonce: &[u8; 16], opened: Timestamp, now: Timestamp) -> Place {
        let (form, now) = (self.0.forms.hash_one(nonce), now.seconds());
        let rank = opened.seconds().max(now.saturating_sub(RIPE));
        Place {
            rank: self.0.known().first_rank(form, rank, now),
            form: Some(form),
            is_first: false,
        }
    }

    /// Who had that place needs it no more.
    pub fn served(&self, place: Place) {
        if let Some(form) = place.form {
            self.0.known().forget(form);
        }
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// [`NoRoom`], at once if too many wait; later if the same form was sent again, which then has the place.
    pub async fn turn(&self, place: Place) -> Result<Turn, NoRoom> {
        let mut leaving = {
            let mut state = self.0.state();
            if state.taken < self.0.permits && state.waiting.is_empty() {
                state.taken += 1;
                return Ok(Turn(Arc::clone(&self.0)));
            }
            let (call, heard) = oneshot::channel();
            let arrival = state.wait(Waiting { place, call }, self.0.most_waiting);
            let arrival = arrival.inspect_err(|_| self.0.refused.count())?;
            self.0.waited.reach(state.waiting.len());
            Leaving {
                room: &self.0,
                arrival,
                call: heard,
            }
        };
        (&mut leaving.call).await.map_err(|_| NoRoom)
    }

    /// How many waited at the most.
    pub(super) fn waited(&self) -> &Tally {
        &self.0.waited
    }

    /// How many were turned away.
    pub(super) fn refused(&self) -> &Tally {
        &self.0.refused
    }

    /// How many wait.
    #[cfg_attr(rooms_closed, expect(dead_code, reason = "for tests and benchmarks"))]
    pub fn waiting(&self) -> usize {
        self.0.state().waiting.len()
    }

    /// How many have a turn.
    #[cfg_attr(rooms_closed, expect(dead_code, reason = "for tests and benchmarks"))]
    pub fn taken(&self) -> usize {
        self.0.state().taken
    }
}

impl Place {
    /// Before all others, and never refused: for whoever looks whether it goes on here.
    pub const FIRST: Self = Self {
        rank: i64::MIN,
        form: None,
        is_first: true,
    };
}

impl Room {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn first_rank(&mut self, form: u64, rank: i64, now: i64) -> i64 {
        let until = now.saturating_sub(RIPE + KNOWN);
        while let Some((rank, oldest)) = self.oldest.first().copied()
            && (rank < until || self.ranks.len() >= MOST_KNOWN)
        {
            self.oldest.remove(&(rank, oldest));
            self.ranks.remove(&oldest);
        }
        let known = *self.ranks.entry(form).or_insert(rank);
        self.oldest.insert((known, form));
        known
    }

    fn forget(&mut self, form: u64) {
        if let Some(rank) = self.ranks.remove(&form) {
            self.oldest.remove(&(rank, form));
        }
    }
}

impl State {
    /// The arrival by which it is found. A form that waits already gives its place.
    fn wait(&mut self, one: Waiting, most: usize) -> Result<u64, NoRoom> {
        let same = one.place.form.and_then(|form| self.by_form.get(&form));
        if let Some(arrival) = same.copied()
            && let Some(waiting) = self.waiting.get_mut(&arrival)
        {
            waiting.call = one.call;
            return Ok(arrival);
        }
        if self.waiting.len() >= most && !one.place.is_first {
            return Err(NoRoom);
        }
        let arrival = self.arrived;
        self.arrived += 1;
        self.by_rank.insert((one.place.rank, arrival));
        if let Some(form) = one.place.form {
            self.by_form.insert(form, arrival);
        }
        self.waiting.insert(arrival, one);
        Ok(arrival)
    }

    fn take(&mut self, arrival: u64) -> Option<Waiting> {
        let one = self.waiting.remove(&arrival)?;
        self.by_rank.remove(&(one.place.rank, arrival));
        if let Some(form) = one.place.form {
            self.by_form.remove(&form);
        }
        Some(one)
    }

    fn next(&mut self) -> Option<Waiting> {
        self.is_by_arrival = !self.is_by_arrival;
        let arrival = if self.is_by_arrival {
            self.waiting.keys().next().copied()
        } else {
            self.by_rank.first().map(|(_, arrival)| *arrival)
        };
        self.take(arrival?)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let next = {
            let mut state = self.0.state();
            let next = state.next();
            if next.is_none() {
                state.taken = state.taken.saturating_sub(1);
            }
            next
        };
        if let Some(next) = next {
            // Whoever has just gone gives it on in turn.
            drop(next.call.send(Self(Arc::clone(&self.0))));
        }
    }
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        let mut state = self.room.state();
        let waiting = state.waiting.get(&self.arrival);
        // The same form, sent again, may have the place.
        self.call.close();
        if waiting.is_some_and(|one| one.call.is_closed()) {
            drop(state.take(self.arrival));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_392_030);

    /// Who got the turns, in order, of those who came in this order while somebody else had the only one: seconds for which their forms had
    /// been open.
    async fn served(open: &[i64]) -> Vec<usize> {
        let turns = Turns::new(1, open.len());
        let first = turns.turn(Place::default()).await.unwrap();
        let served = Arc::new(Mutex::new(Vec::new()));
        let mut waiting = Vec::new();
        for (number, open) in open.iter().enumerate() {
            let nonce = u128::try_from(number).unwrap().to_be_bytes();
            let place = turns.of_form(&nonce, NOW.plus(-open), NOW);
            let (turns, served) = (turns.clone(), Arc::clone(&served));
            waiting.push(tokio::spawn(async move {
                let turn = turns.turn(place).await.unwrap();
                served.lock().unwrap().push(number);
                drop(turn);
            }));
            tokio::task::yield_now().await;
        }
        assert_eq!(turns.waiting(), open.len());
        drop(first);
        for one in waiting {
            one.await.unwrap();
        }
        assert_eq!((turns.waiting(), turns.taken()), (0, 0));
        let served = served.lock().unwrap();
        served.clone()
    }

    #[tokio::test]
    async fn who_has_typed_goes_before_a_flood_of_fresh_forms() {
        let mut open = vec![4; 200];
        open.push(30);
        let place = served(&open).await.iter().position(|one| *one == 200);
        assert!(place <= Some(1), "{place:?}");
    }

    #[tokio::test]
    async fn hoarded_forms_do_not_keep_a_fresh_one_out_and_none_goes_before_one_of_a_minute() {
        let mut open = vec![5, 60];
        open.extend(vec![20 * 3_600; 200]);
        let served = served(&open).await;
        assert_eq!(served.first(), Some(&0));
        assert_eq!(served.get(1), Some(&1));
    }

    #[tokio::test]
    async fn who_comes_again_goes_before_a_crowd_of_ripe_forms_that_came_meanwhile() {
        let turns = Turns::new(1, 300);
        let held = turns.turn(Place::default()).await.unwrap();
        let place = |form: u8, open: i64, now| turns.of_form(&[form; 16], NOW.plus(-open), now);
        // She waits, and is sent away or breaks off.
        let mut hers = Box::pin(turns.turn(place(0, 30, NOW)));
        assert!(futures_util::poll!(&mut hers).is_pending());
        drop(hers);
        let served = Arc::new(Mutex::new(Vec::new()));
        let mut waiting = Vec::new();
        for form in (1..=200).chain([0]) {
            let now = NOW.plus(if form == 0 { 60 } else { 50 });
            let place = place(form, if form == 0 { 30 } else { 20 * 3_600 }, now);
            let (turns, served) = (turns.clone(), Arc::clone(&served));
            waiting.push(tokio::spawn(async move {
                let turn = turns.turn(place).await.unwrap();
                served.lock().unwrap().push(form);
                drop(turn);
            }));
            tokio::task::yield_now().await;
        }
        drop(held);
        for one in waiting {
            one.await.unwrap();
        }
        let position = served.lock().unwrap().iter().position(|form| *form == 0);
        assert!(position <= Some(1), "{position:?}");
    }

    #[test]
    fn what_is_known_of_forms_is_bounded_and_ends() {
        let turns = Turns::new(1, 1);
        let place = |form, now| turns.of_form(&u128::to_be_bytes(form), NOW, now);
        let first = place(0, NOW);
        let after = |seconds| NOW.plus(seconds);
        assert_eq!(place(0, after(RIPE + KNOWN)), first);
        turns.served(first);
        assert_ne!(place(0, after(RIPE + KNOWN)), first);
        assert_eq!(place(1, NOW).rank, first.rank);
        assert_ne!(place(1, after(RIPE + KNOWN + 1)).rank, first.rank);
        for form in 0..2 * u128::try_from(MOST_KNOWN).unwrap() {
            place(form, after(3_600));
        }
        let known = turns.0.known();
        assert_eq!(
            (known.ranks.len(), known.oldest.len()),
            (MOST_KNOWN, MOST_KNOWN)
        );
    }

    #[tokio::test]
    async fn without_forms_all_go_by_arrival() {
        let turns = Turns::new(1, 3);
        let first = turns.turn(Place::default()).await.unwrap();
        let one = turns.turn(Place::default());
        let other = turns.turn(Place::default());
        tokio::pin!(one, other);
        assert!(futures_util::poll!(&mut one).is_pending());
        assert!(futures_util::poll!(&mut other).is_pending());
        drop(first);
        assert!(futures_util::poll!(&mut other).is_pending());
        drop(one.await);
        assert!(other.await.is_ok());
    }

    #[tokio::test]
    async fn one_form_has_one_place_and_whoever_goes_away_none() {
        let turns = Turns::new(1, 1);
        let first = turns.turn(Place::default()).await.unwrap();
        let place = turns.of_form(&[1; 16], NOW, NOW);
        let mut earlier = Box::pin(turns.turn(place));
        assert!(futures_util::poll!(&mut earlier).is_pending());
        let mut again = Box::pin(turns.turn(place));
        assert!(futures_util::poll!(&mut again).is_pending());
        assert_eq!(turns.waiting(), 1);
        assert_eq!(earlier.await.err(), Some(NoRoom));
        assert_eq!(turns.turn(Place::default()).await.err(), Some(NoRoom));
        let mut probe = Box::pin(turns.turn(Place::FIRST));
        assert!(futures_util::poll!(&mut probe).is_pending());
        drop(again);
        assert_eq!(turns.waiting(), 1);
        drop(first);
        drop(probe.await);
        assert_eq!((turns.waiting(), turns.taken()), (0, 0));
    }
}
