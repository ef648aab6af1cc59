//! Who is next where many wait: by turns whoever's form has been open longest, and whoever has come first.
//!
//! A flood opens its forms when it sends them; a person has read and typed. So she goes before it, without anybody's address being looked at.
//! A form that has been open for a minute is as good as an older one, or hoarded forms would go before hers. The other half of the turns goes
//! by arrival, so that nobody waits for ever. One form has one place, however often it is sent: who was sent away, or waited for some seconds,
//! and comes again within minutes is no younger than at first, or a crowd that came meanwhile would go before. Who breaks off at once has no
//! place: hoarded forms that were sent so would be older than any.

use std::collections::hash_map::{HashMap, RandomState};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::domain::clock::Timestamp;
use crate::domain::sample::Tally;

/// Seconds after which a form that is open counts as no older.
const RIPE: i64 = 60;
/// Seconds for which it is known when a form came first.
const KNOWN: i64 = 5 * 60;
/// Who has waited for so long has a place to lose.
const WAITED: Duration = Duration::from_secs(5);
/// So many forms are known at most; then those go first that came first, and would go soon.
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
    has_waited: Duration,
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

/// The first ranks of forms that were sent away, or have waited, and were not served yet.
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
    place: Place,
    since: Instant,
    arrival: u64,
    call: oneshot::Receiver<Turn>,
}

impl Turns {
    /// So many at once, and so many more who wait.
    pub fn new(permits: usize, most_waiting: usize) -> Self {
        Self::losing_after(WAITED, permits, most_waiting)
    }

    fn losing_after(has_waited: Duration, permits: usize, most_waiting: usize) -> Self {
        Self(Arc::new(Room {
            permits: permits.max(1),
            most_waiting,
            has_waited,
            forms: RandomState::new(),
            known: Mutex::default(),
            state: Mutex::default(),
            waited: Tally::default(),
            refused: Tally::default(),
        }))
    }

    /// The place of a form that was opened then.
    pub fn of_form(&self, nonce: &[u8; 16], opened: Timestamp, now: Timestamp) -> Place {
        Place {
            rank: opened.seconds().max(now.seconds().saturating_sub(RIPE)),
            form: Some(self.0.forms.hash_one(nonce)),
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
        let place = self.0.known().first(place);
        let mut leaving = {
            let mut state = self.0.state();
            if state.taken < self.0.permits && state.waiting.is_empty() {
                state.taken += 1;
                return Ok(Turn(Arc::clone(&self.0)));
            }
            let (call, heard) = oneshot::channel();
            let arrival = state.wait(Waiting { place, call }, self.0.most_waiting);
            let arrival = arrival.inspect_err(|_| {
                self.0.refused.count();
                self.0.known().keep(place);
            })?;
            self.0.waited.reach(state.waiting.len());
            Leaving {
                room: &self.0,
                place,
                since: Instant::now(),
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
    /// The place that a form had at first.
    fn first(&mut self, place: Place) -> Place {
        let until = place.rank.saturating_sub(RIPE + KNOWN);
        while let Some((rank, form)) = self.oldest.first().copied()
            && rank < until
        {
            self.oldest.remove(&(rank, form));
            self.ranks.remove(&form);
        }
        let known = place.form.and_then(|form| self.ranks.get(&form));
        let rank = known.map_or(place.rank, |known| place.rank.min(*known));
        Place { rank, ..place }
    }

    /// That place is its form's for minutes.
    fn keep(&mut self, place: Place) {
        let Some(form) = place.form else { return };
        if self.ranks.contains_key(&form) {
            return;
        }
        if self.ranks.len() >= MOST_KNOWN
            && let Some((_, oldest)) = self.oldest.pop_first()
        {
            self.ranks.remove(&oldest);
        }
        self.ranks.insert(form, place.rank);
        self.oldest.insert((place.rank, form));
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
        if self.since.elapsed() >= self.room.has_waited {
            self.room.known().keep(self.place);
        }
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
        served_at(&Turns::new(1, open.len()), open).await
    }

    fn nonce(number: usize) -> [u8; 16] {
        u128::try_from(number).unwrap().to_be_bytes()
    }

    /// Comes at that place, and breaks off at once.
    async fn break_off(turns: &Turns, place: Place) {
        let mut turn = Box::pin(turns.turn(place));
        assert!(futures_util::poll!(&mut turn).is_pending());
    }

    async fn served_at(turns: &Turns, open: &[i64]) -> Vec<usize> {
        let first = turns.turn(Place::default()).await.unwrap();
        let served = Arc::new(Mutex::new(Vec::new()));
        let mut waiting = Vec::new();
        for (number, open) in open.iter().enumerate() {
            let place = turns.of_form(&nonce(number), NOW.plus(-open), NOW);
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
    async fn hoarded_forms_that_were_sent_once_and_broken_off_are_no_older_the_second_time() {
        let mut open = vec![5, 60];
        open.extend(vec![20 * 3_600; 200]);
        let turns = Turns::new(1, open.len());
        let held = turns.turn(Place::default()).await.unwrap();
        let earlier = NOW.plus(-200);
        for number in 2..open.len() {
            let place = turns.of_form(&nonce(number), NOW.plus(-20 * 3_600), earlier);
            break_off(&turns, place).await;
        }
        drop(held);
        // One by arrival and one by rank.
        let served = served_at(&turns, &open).await;
        assert_eq!(served[..2].iter().sum::<usize>(), 1, "{served:?}");
    }

    #[tokio::test]
    async fn who_comes_again_goes_before_a_crowd_of_ripe_forms_that_came_meanwhile() {
        // She has waited for long enough, and breaks off.
        let turns = Turns::losing_after(Duration::ZERO, 1, 300);
        let held = turns.turn(Place::default()).await.unwrap();
        break_off(&turns, turns.of_form(&[0; 16], NOW.plus(-30), NOW)).await;
        goes_before_a_crowd(turns, held).await;

        // There is no room for her.
        let turns = Turns::new(1, 201);
        let held = turns.turn(Place::default()).await.unwrap();
        let others = (0..201).map(|_| Box::pin(turns.turn(Place::default())));
        let mut others: Vec<_> = others.collect();
        for one in &mut others {
            assert!(futures_util::poll!(one).is_pending());
        }
        let hers = turns.of_form(&[0; 16], NOW.plus(-30), NOW);
        assert_eq!(turns.turn(hers).await.err(), Some(NoRoom));
        drop(others);
        goes_before_a_crowd(turns, held).await;
    }

    /// Whose form has nothing but noughts comes again a minute later, behind a crowd.
    async fn goes_before_a_crowd(turns: Turns, held: Turn) {
        let place = |form: u8, open: i64, now| turns.of_form(&[form; 16], NOW.plus(-open), now);
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
        let after = |seconds| NOW.plus(seconds);
        let place = |form, now| turns.of_form(&nonce(form), NOW, now);
        let first = |form, now| turns.0.known().first(place(form, now));
        let keep = |form, now| turns.0.known().keep(place(form, now));
        assert_ne!(first(0, after(KNOWN)), place(0, NOW), "not known");
        keep(0, NOW);
        keep(0, after(KNOWN));
        assert_eq!(first(0, after(KNOWN)), place(0, NOW));
        turns.served(place(0, NOW));
        assert_ne!(first(0, after(KNOWN)), place(0, NOW));
        keep(1, NOW);
        assert_eq!(first(1, after(KNOWN)), place(1, NOW));
        let over = after(2 * RIPE + KNOWN + 1);
        assert_eq!(first(1, over), place(1, over));
        let came = |form| after(3_600 + i64::try_from(form).unwrap());
        for form in 0..2 * MOST_KNOWN {
            keep(form, came(form));
        }
        // The one that would be the next to go comes again.
        let next = MOST_KNOWN;
        keep(next, came(next + 1));
        assert_eq!(first(next, came(next + 1)), place(next, came(next)));
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
