//! Whether a report is much like many others of the last minutes, as those of a flood are. Kept is a sketch of each, made with a key that
//! this process forgets: near sketches mean near texts, and nothing can be read in one.
//!
//! The sketch is Charikar's SimHash ("Similarity estimation techniques from rounding algorithms", 2002) over runs of four letters, because
//! Khmer puts no spaces between words.

use std::collections::VecDeque;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// For how long a report is compared with.
const SPAN: Duration = Duration::from_secs(10 * 60);
/// Bits in which two sketches may differ: texts in which a few words differ. Of texts that have nothing in common half of them do, give or
/// take six.
const NEAR: u32 = 28;
/// Bits of a sketch.
const BITS: usize = 128;
/// So many are kept at most: the most recent.
const MOST: usize = 4_096;
/// Letters that are looked at.
const LETTERS: usize = 4_096;
const RUN: usize = 4;

/// What was kept lately. Clones share it.
#[derive(Clone)]
pub struct Alike {
    many: usize,
    keys: RandomState,
    kept: Arc<Mutex<VecDeque<Kept>>>,
}

/// Of the words of one report; `None` of a report without a letter, such as a telephone number alone: it is like no other.
#[derive(Debug, Clone, Copy)]
pub struct Sketch(Option<u128>);

struct Kept {
    at: Instant,
    has_rung: bool,
    sketch: Sketch,
}

impl Alike {
    /// So many others make one of many; with 0 none is.
    pub fn new(many: usize) -> Self {
        Self {
            many,
            keys: RandomState::new(),
            kept: Arc::default(),
        }
    }

    /// Whether many others that were kept are much like this one. To one that is urgent only those count of which on-call was told for
    /// themselves: neither what was not kept nor what stands in a group keeps it from ringing.
    pub fn is_one_of_many(&self, sketch: Sketch, is_urgent: bool) -> bool {
        self.asks(sketch, is_urgent, Instant::now())
    }

    /// One was kept, and on-call is told of it, or not.
    pub fn keep(&self, sketch: Sketch, has_rung: bool) {
        self.keeps(sketch, has_rung, Instant::now());
    }

    fn asks(&self, sketch: Sketch, is_urgent: bool, now: Instant) -> bool {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = |one: &&Kept| !one.is_over(now) && (one.has_rung || !is_urgent);
        let others = kept.iter().filter(counts);
        let near = others.filter(|one| one.sketch.is_near(sketch));
        self.many > 0 && near.take(self.many).count() >= self.many
    }

    fn keeps(&self, sketch: Sketch, has_rung: bool, now: Instant) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        while kept.len() >= MOST || kept.front().is_some_and(|one| one.is_over(now)) {
            kept.pop_front();
        }
        kept.push_back(Kept {
            at: now,
            has_rung,
            sketch,
        });
    }

    /// Takes about a millisecond for a long text.
    pub fn sketch(&self, words: &str) -> Sketch {
        let letters = words.chars().filter(|letter| letter.is_alphabetic());
        let letters: Vec<char> = letters.flat_map(char::to_lowercase).take(LETTERS).collect();
        let mut balance = [0_i32; BITS];
        let mut runs = std::collections::HashSet::with_hasher(self.keys.clone());
        // A text that is shorter than a run is a run.
        for run in letters.windows(RUN.min(letters.len().max(1))) {
            if !runs.insert(run) {
                continue;
            }
            let half = |which: u8| u128::from(self.keys.hash_one((which, run)));
            let hash = half(0) << 64 | half(1);
            for (bit, balance) in balance.iter_mut().enumerate() {
                *balance += if hash >> bit & 1 == 1 { 1 } else { -1 };
            }
        }
        let bits = balance.iter().enumerate();
        let sketch = bits.fold(0, |sketch, (bit, balance)| {
            sketch | u128::from(*balance > 0) << bit
        });
        Sketch((!letters.is_empty()).then_some(sketch))
    }
}

impl Sketch {
    fn is_near(self, other: Self) -> bool {
        let both = self.0.zip(other.0);
        both.is_some_and(|(one, other)| (one ^ other).count_ones() <= NEAR)
    }
}

impl Kept {
    fn is_over(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.at) > SPAN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANY: usize = 12;

    /// How many of the texts are one of many, each kept before the next comes.
    fn found<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
        let alike = Alike::new(MANY);
        let is_one = |text: &&str| {
            let sketch = alike.sketch(text);
            let is_one = alike.is_one_of_many(sketch, false);
            alike.keep(sketch, false);
            is_one
        };
        texts.filter(is_one).count()
    }

    const STORY: &str = "My neighbour hits his daughter every evening when he comes home from the market, and nobody in the lane dares to say a word.";

    #[test]
    fn a_flood_of_one_text_is_seen_also_with_other_numbers_and_a_few_other_words() {
        let flood: Vec<String> = (0..60)
            .map(|number| format!("{STORY} {number} {}", ["now", "again", "today"][number % 3]))
            .collect();
        let found = found(flood.iter().map(String::as_str));
        // The key of the sketches is another each time: a sketch may lie a little off.
        assert!((40..=60 - MANY).contains(&found), "{found}");
    }

    #[test]
    fn people_who_tell_of_the_same_kind_of_thing_are_not_a_flood() {
        let who = ["uncle", "teacher", "stepfather", "coach", "cousin", "monk"];
        let what = [
            "touched my sister",
            "beats the little boy with a belt",
            "asked her for pictures on the phone",
        ];
        let place = [
            "in Battambang, after school, since the rains began",
            "at the guest house beside the river",
            "and the mother knows it",
        ];
        let mut told = Vec::new();
        for who in who {
            for what in what {
                for place in place {
                    told.push(format!("The {who} {what} {place}."));
                }
            }
        }
        assert_eq!(found(told.iter().map(String::as_str)), 0);
    }

    #[test]
    fn what_was_not_kept_counts_for_nothing_and_after_a_while_nothing_counts() {
        let alike = Alike::new(MANY);
        let (story, now) = (alike.sketch(STORY), Instant::now());
        for _ in 0..MANY {
            assert!(!alike.asks(story, false, now));
        }
        for _ in 0..MANY {
            assert!(!alike.asks(story, false, now));
            alike.keeps(story, false, now);
        }
        assert!(alike.asks(story, false, now));
        let later = now + SPAN + Duration::from_secs(1);
        assert!(!alike.asks(story, false, later));
    }

    #[test]
    fn a_flood_silences_its_words_for_no_longer_than_those_hold_that_rang() {
        let alike = Alike::new(MANY);
        let (story, begin) = (alike.sketch(STORY), Instant::now());
        let mut rung = Vec::new();
        for second in (0..3_600).step_by(10) {
            let now = begin + Duration::from_secs(second);
            let rings = !alike.asks(story, true, now);
            alike.keeps(story, rings, now);
            if rings {
                rung.push(second);
            }
        }
        let span = SPAN.as_secs() + 20;
        let quiet = rung.windows(2).map(|pair| pair[1] - pair[0]).max();
        assert!(quiet < Some(span), "{rung:?}");
        let most = rung.iter().map(|from| {
            let within = *from..from + SPAN.as_secs();
            rung.iter().filter(|at| within.contains(at)).count()
        });
        assert_eq!(most.max(), Some(MANY));
        assert!(rung.last() > Some(&3_000), "{rung:?}");
    }

    #[test]
    fn what_has_no_letters_is_like_nothing() {
        let numbers: Vec<String> = (0..60).map(|last| format!("012 345 6{last}")).collect();
        assert_eq!(found(numbers.iter().map(String::as_str)), 0);
        assert_eq!(found(std::iter::repeat_n("1", 60)), 0);
        // As few as they are, letters are words.
        assert_eq!(found(std::iter::repeat_n("no", 60)), 60 - MANY);
    }

    #[test]
    fn what_rings_nobody_keeps_none_from_ringing() {
        let alike = Alike::new(MANY);
        let (story, now) = (alike.sketch(STORY), Instant::now());
        for _ in 0..MANY {
            alike.keeps(story, false, now);
        }
        assert!(alike.asks(story, false, now));
        assert!(!alike.asks(story, true, now));
    }
}
