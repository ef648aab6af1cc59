//! The one clock that everything goes by.
//!
//! It says what the machine's clock says for as long as that goes with the monotonic clock. If the two come apart by more than a leap, the
//! time is *unconfirmed*: it goes on at the monotonic clock's pace, so that whatever waits, repeats or runs down does so as if nothing had
//! happened, and nothing is destroyed, because what destroys takes a [`Confirmed`]. It ends when the machine's clock comes back, or when
//! something else than the machine says the same as it.
//!
//! At the start nothing but what the installation remembers is there to compare with. A clock that is ahead of that may be right (nothing ran
//! for days) or wrong: then time is taken from it, unconfirmed. One that is behind is wrong, and time goes on from what is remembered.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::calendar::{Day, Quarter, Timestamp};

/// Seconds by which the two may come apart where nobody has said.
const LEAP: i64 = 3_600;
/// What the machine's clock is corrected by counts together for so long: one that is always a little too fast leaps as well.
const AT_ONCE: i64 = 86_400;
/// Seconds between two readings of what should be one moment.
const SAME: i64 = 120;
const QUARTER: i64 = 900;

/// See the module. Clones are one clock.
#[derive(Clone)]
pub struct Clock {
    source: Arc<Source>,
    trust: Arc<Mutex<Trust>>,
}

/// Where readings come from.
enum Source {
    /// The system's clocks; the monotonic one counts from here.
    System(Instant),
    /// Hands that tests move.
    Hands { pace: AtomicI64, machine: AtomicI64 },
}

/// What is known, and since when.
struct Trust {
    leap: i64,
    /// Whether it was said what the installation remembers.
    is_founded: bool,
    anchor: Anchor,
    /// Nothing was ever confirmed here: what the machine says is taken, if it is not behind the anchor.
    follows: bool,
    doubt: Option<Leap>,
    /// How often the time came to be confirmed.
    confirmations: u64,
}

/// A moment between two times, by the monotonic clock.
struct Anchor {
    from: i64,
    to: i64,
    pace: i64,
}

/// Both clocks at one moment.
struct Look {
    now: i64,
    machine: i64,
    counted: i64,
}

/// What the two clocks said when they were first seen to differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leap {
    /// The machine's.
    pub machine: Timestamp,
    /// What is remembered and the time that has gone by since: the least that it can be.
    pub counted: Timestamp,
}

/// How far the time is to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The clocks agree.
    Confirmed,
    /// They do not, and nothing else has said which is right.
    Unconfirmed {
        /// What they say now.
        now: Leap,
        /// What they said when that began.
        first: Leap,
    },
}

/// A time that is confirmed. What destroys takes one, and nobody but a [`Clock`] makes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confirmed(Timestamp);

impl Confirmed {
    /// The time.
    pub const fn now(self) -> Timestamp {
        self.0
    }

    /// Its UTC day.
    pub const fn today(self) -> Day {
        self.0.day()
    }
}

/// A moment by the monotonic clock of one process. What is only waited for in its memory goes by it: no correction of the time makes the
/// wait longer or shorter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(i64);

impl Moment {
    /// So many seconds later.
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }
}

impl Clock {
    /// The system's clocks, believed as they are.
    pub fn system() -> Self {
        Self::of(Arc::new(Source::System(Instant::now())))
    }

    /// A clock that stands still until [`Clock::advance`] or [`Clock::leap`] moves it. Its clones move with it.
    pub fn manual(start: Timestamp) -> Self {
        Self::of(Arc::new(Source::Hands {
            pace: AtomicI64::new(0),
            machine: AtomicI64::new(start.seconds()),
        }))
    }

    /// The same machine's clocks as another process has them, which has seen nothing yet.
    #[cfg_attr(rooms_closed, expect(dead_code, reason = "for tests"))]
    #[must_use]
    pub fn of_another_process(&self) -> Self {
        Self::of(Arc::clone(&self.source))
    }

    fn of(source: Arc<Source>) -> Self {
        let (pace, machine) = source.read();
        Self {
            source,
            trust: Arc::new(Mutex::new(Trust {
                leap: LEAP,
                is_founded: false,
                anchor: Anchor::at(machine, pace),
                follows: false,
                doubt: None,
                confirmations: 0,
            })),
        }
    }

    /// At the start: how many seconds are a leap, and between which times the installation was last, if anything is remembered. A second
    /// call changes nothing: what has been seen since counts more.
    pub fn found(&self, leap: i64, known: Option<(Timestamp, Timestamp)>) {
        let mut trust = self.trust();
        if std::mem::replace(&mut trust.is_founded, true) {
            return;
        }
        trust.leap = leap;
        if let Some((from, to)) = known {
            let (pace, machine) = self.source.read();
            trust.anchor = Anchor {
                from: from.seconds(),
                to: to.seconds(),
                pace,
            };
            trust.follows = true;
            if trust.agree(pace, machine) {
                trust.confirm(pace, machine);
            }
        }
    }

    fn look(&self) -> (Look, MutexGuard<'_, Trust>) {
        let mut trust = self.trust();
        let (pace, machine) = self.source.read();
        let look = trust.look(pace, machine);
        (look, trust)
    }

    /// The time to go by.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.look().0.now)
    }

    /// The UTC day now.
    pub fn today(&self) -> Day {
        self.now().day()
    }

    /// This moment, whatever time it is.
    pub fn moment(&self) -> Moment {
        Moment(self.source.read().0)
    }

    /// The time, if it is confirmed.
    pub fn confirmed(&self) -> Option<Confirmed> {
        let (look, trust) = self.look();
        let now = Timestamp::from_seconds(look.now);
        trust.doubt.is_none().then_some(Confirmed(now))
    }

    /// A time that has come, whatever the machine's clock says: what closes for somebody closes by it.
    pub fn at_least(&self) -> Timestamp {
        let (look, trust) = self.look();
        let least = match trust.doubt {
            None => look.now,
            Some(_) => look.counted,
        };
        Timestamp::from_seconds(least)
    }

    /// How far the time is to be believed.
    pub fn standing(&self) -> Standing {
        let (look, trust) = self.look();
        match &trust.doubt {
            None => Standing::Confirmed,
            Some(first) => Standing::Unconfirmed {
                now: Leap::of(look.machine, look.counted),
                first: *first,
            },
        }
    }

    /// What the machine's clock says, if that is unconfirmed: another clock may say the same.
    pub fn doubted(&self) -> Option<Timestamp> {
        match self.standing() {
            Standing::Confirmed => None,
            Standing::Unconfirmed { now, .. } => Some(now.machine),
        }
    }

    /// How often the time came to be confirmed here.
    pub fn confirmations(&self) -> u64 {
        self.trust().confirmations
    }

    /// Another clock says what the machine's said within the last two minutes. `true` if the time is confirmed.
    pub fn confirm(&self, seen: Timestamp) -> bool {
        self.confirm_if(seen.seconds().saturating_sub(SAME), SAME.saturating_mul(2))
    }

    /// A process whose time is confirmed has written that down, within the last minutes. `true` if the time is confirmed.
    pub fn hear(&self, quarter: Quarter) -> bool {
        let from = quarter.seconds().saturating_sub(SAME / 2);
        self.confirm_if(from, QUARTER + SAME / 2 + SAME)
    }

    fn confirm_if(&self, from: i64, seconds: i64) -> bool {
        let mut trust = self.trust();
        let (pace, machine) = self.source.read();
        trust.look(pace, machine);
        if trust.doubt.is_some() && (from..=from.saturating_add(seconds)).contains(&machine) {
            trust.confirm(pace, machine);
        }
        trust.doubt.is_none()
    }

    /// Lets time pass by both hands of a manual clock; does nothing to the system's.
    pub fn advance(&self, seconds: i64) {
        if let Source::Hands { pace, machine } = &*self.source {
            pace.fetch_add(seconds, Ordering::SeqCst);
            machine.fetch_add(seconds, Ordering::SeqCst);
        }
    }

    /// Moves what the machine of a manual clock says, and lets no time pass; does nothing to the system's.
    #[cfg_attr(rooms_closed, expect(dead_code, reason = "for tests"))]
    pub fn leap(&self, seconds: i64) {
        if let Source::Hands { machine, .. } = &*self.source {
            machine.fetch_add(seconds, Ordering::SeqCst);
        }
    }

    fn trust(&self) -> MutexGuard<'_, Trust> {
        self.trust.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Source {
    /// The monotonic clock and the machine's, in seconds.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the system"
    )]
    fn read(&self) -> (i64, i64) {
        let seconds = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        match self {
            Self::Hands { pace, machine } => {
                (pace.load(Ordering::SeqCst), machine.load(Ordering::SeqCst))
            }
            Self::System(start) => {
                let machine = SystemTime::now().duration_since(UNIX_EPOCH);
                (
                    seconds(start.elapsed().as_secs()),
                    machine.map_or(0, |since| seconds(since.as_secs())),
                )
            }
        }
    }
}

impl Trust {
    /// What the time was known to be, and what has gone by since.
    const fn counted(&self, pace: i64) -> (i64, i64) {
        let gone = pace.saturating_sub(self.anchor.pace);
        let Anchor { from, to, .. } = self.anchor;
        (from.saturating_add(gone), to.saturating_add(gone))
    }

    fn agree(&self, pace: i64, machine: i64) -> bool {
        let (from, to) = self.counted(pace);
        machine >= from.saturating_sub(self.leap) && machine <= to.saturating_add(self.leap)
    }

    fn look(&mut self, pace: i64, machine: i64) -> Look {
        let (counted, to) = self.counted(pace);
        let now = if self.agree(pace, machine) {
            if self.follows {
                self.confirm(pace, machine);
            }
            if self.doubt.take().is_some() {
                self.confirmations = self.confirmations.saturating_add(1);
            }
            if pace.saturating_sub(self.anchor.pace) >= AT_ONCE {
                self.anchor = Anchor::at(machine, pace);
            }
            machine
        } else {
            self.doubt.get_or_insert(Leap::of(machine, counted));
            // What was said last was said at the end of that time at the latest: nothing is from the future.
            if self.follows && machine > to {
                machine
            } else {
                to
            }
        };
        Look {
            now,
            machine,
            counted,
        }
    }

    fn confirm(&mut self, pace: i64, machine: i64) {
        self.anchor = Anchor::at(machine, pace);
        self.follows = false;
        self.doubt = None;
        self.confirmations = self.confirmations.saturating_add(1);
    }
}

impl Anchor {
    const fn at(time: i64, pace: i64) -> Self {
        Self {
            from: time,
            to: time,
            pace,
        }
    }
}

impl Leap {
    const fn of(machine: i64, counted: i64) -> Self {
        Self {
            machine: Timestamp::from_seconds(machine),
            counted: Timestamp::from_seconds(counted),
        }
    }
}

impl fmt::Display for Leap {
    /// `2027-11-23 09:06 / 2026-11-23 09:06`, UTC: the machine's first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.machine, self.counted)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &*self.source {
            Source::System(_) => "Clock(system)",
            Source::Hands { .. } => "Clock(manual)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600;
    const DAY: i64 = 86_400;
    const YEAR: i64 = 365 * DAY;
    const START: Timestamp = Timestamp::from_seconds(1_795_392_000);

    fn founded(known: Option<i64>) -> Clock {
        let clock = Clock::manual(START);
        let known = known.map(|ago| (START.plus(-ago), START.plus(-ago + QUARTER)));
        clock.found(HOUR, known);
        clock
    }

    #[test]
    fn a_clock_that_leaps_goes_on_at_its_pace_and_destroys_nothing() {
        for by in [YEAR, -YEAR, HOUR + 1, -HOUR - 1] {
            let clock = founded(Some(0));
            clock.advance(10);
            assert_eq!(clock.confirmed().unwrap().now(), START.plus(10));
            clock.leap(by);
            clock.advance(30);
            assert_eq!(clock.confirmed(), None, "{by}");
            assert_eq!(clock.now(), START.plus(40), "{by}");
            assert_eq!(clock.at_least(), START.plus(40), "{by}");
            assert_eq!(clock.doubted(), Some(START.plus(40 + by)));
            clock.leap(-by);
            assert_eq!(clock.confirmed().unwrap().now(), START.plus(40), "{by}");
        }
    }

    #[test]
    fn small_corrections_are_taken_and_do_not_add_up_to_a_leap() {
        let clock = founded(Some(0));
        clock.leap(HOUR - 1);
        assert_eq!(clock.confirmed().unwrap().now(), START.plus(HOUR - 1));
        clock.advance(60);
        clock.leap(HOUR - 1);
        assert_eq!(clock.confirmed(), None);
        // Back and forth around the edge moves nothing.
        clock.leap(-HOUR);
        assert!(clock.confirmed().is_some());
        clock.leap(HOUR);
        assert_eq!(clock.confirmed(), None);
        clock.leap(-HOUR);
        // A day later what was right then counts.
        clock.advance(DAY);
        assert!(clock.confirmed().is_some());
        clock.leap(HOUR - 1);
        assert!(clock.confirmed().is_some());
    }

    #[test]
    fn at_the_start_what_is_remembered_says_whether_the_machine_is_right() {
        assert!(founded(None).confirmed().is_some());
        assert!(founded(Some(HOUR)).confirmed().is_some());
        assert!(founded(Some(-HOUR + 60)).confirmed().is_some());
        // Nothing ran for a week, or the clock is ahead: time is the machine's, and nothing is destroyed.
        let late = founded(Some(7 * DAY));
        assert_eq!((late.confirmed(), late.now()), (None, START));
        assert_eq!(late.at_least(), START.plus(-7 * DAY));
        // It is set right, or turns out to be right.
        late.leap(-6 * DAY);
        assert_eq!((late.confirmed(), late.now()), (None, START.plus(-6 * DAY)));
        late.advance(60);
        assert!(late.confirm(START.plus(-6 * DAY)));
        assert_eq!(late.now(), START.plus(-6 * DAY + 60));
        // The clock is behind: time goes on from the end of what is remembered.
        let early = founded(Some(-YEAR));
        assert_eq!(early.confirmed(), None);
        assert_eq!(early.now(), START.plus(YEAR + QUARTER));
        early.advance(60);
        assert_eq!(early.now(), START.plus(YEAR + QUARTER + 60));
        assert_eq!(early.at_least(), START.plus(YEAR + 60));
        early.leap(YEAR);
        assert!(early.confirmed().is_some());
    }

    #[test]
    fn another_clock_that_says_the_same_confirms_and_one_that_does_not_does_not() {
        let clock = founded(Some(0));
        clock.leap(YEAR);
        assert!(!clock.confirm(START));
        assert!(!clock.hear(START.quarter()));
        assert_eq!(clock.now(), START);
        assert!(clock.confirm(START.plus(YEAR)));
        assert_eq!(clock.confirmed().unwrap().now(), START.plus(YEAR));
        let beside = clock.of_another_process();
        beside.found(HOUR, Some((START, START)));
        assert_eq!(beside.confirmed(), None);
        assert!(beside.hear(START.plus(YEAR).quarter()));
        assert_eq!(beside.confirmed(), clock.confirmed());
        // What was wrong is taken back the same way.
        clock.leap(-YEAR);
        assert_eq!(clock.now(), START.plus(YEAR));
        assert!(clock.confirm(START));
        assert_eq!(clock.now(), START);
        assert_eq!(clock.confirmations(), 3);
    }
}
