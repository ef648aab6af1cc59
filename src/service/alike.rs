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

/// What was seen lately. Clones share it.
#[derive(Clone)]
pub struct Alike {
    many: usize,
    keys: RandomState,
    seen: Arc<Mutex<VecDeque<Seen>>>,
}

struct Seen {
    at: Instant,
    is_urgent: bool,
    form: u64,
    sketch: u128,
}

impl Alike {
    /// So many others make one of many; with 0 none is.
    pub fn new(many: usize) -> Self {
        Self {
            many,
            keys: RandomState::new(),
            seen: Arc::default(),
        }
    }

    /// Whether many others were much like these words. One form counts once, however often it is sent. To one that is urgent only urgent
    /// ones count, of which on-call has heard: no others can keep it from ringing.
    pub fn is_one_of_many(&self, nonce: &[u8; 16], words: &str, is_urgent: bool) -> bool {
        self.looks(nonce, (words, is_urgent), Instant::now())
    }

    fn looks(&self, nonce: &[u8; 16], (words, is_urgent): (&str, bool), now: Instant) -> bool {
        if self.many == 0 {
            return false;
        }
        let (form, sketch) = (self.keys.hash_one(nonce), self.sketch(words));
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |one: &Seen| now.saturating_duration_since(one.at) > SPAN;
        while seen.len() >= MOST || seen.front().is_some_and(is_over) {
            seen.pop_front();
        }
        let near = |one: &&Seen| (one.sketch ^ sketch).count_ones() <= NEAR;
        let counts = |one: &&Seen| one.form != form && (one.is_urgent || !is_urgent);
        let others = seen.iter().filter(counts);
        let is_one = others.filter(near).take(self.many).count() >= self.many;
        if !seen.iter().any(|one| one.form == form) {
            seen.push_back(Seen {
                at: now,
                is_urgent,
                form,
                sketch,
            });
        }
        is_one
    }

    fn sketch(&self, words: &str) -> u128 {
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
        bits.fold(0, |sketch, (bit, balance)| {
            sketch | u128::from(*balance > 0) << bit
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANY: usize = 12;

    fn nonce(number: usize) -> [u8; 16] {
        u128::try_from(number).unwrap().to_be_bytes()
    }

    /// How many of the texts are one of many.
    fn found<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
        let alike = Alike::new(MANY);
        let texts = texts.enumerate();
        texts
            .filter(|(number, text)| alike.is_one_of_many(&nonce(*number), text, false))
            .count()
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
    fn one_form_counts_once_and_after_a_while_nothing_counts() {
        let alike = Alike::new(MANY);
        let now = Instant::now();
        for _ in 0..100 {
            assert!(!alike.looks(&nonce(0), (STORY, false), now));
        }
        for number in 1..MANY {
            assert!(!alike.looks(&nonce(number), (STORY, false), now));
        }
        assert!(!alike.looks(&nonce(MANY), (STORY, true), now));
        assert!(alike.looks(&nonce(MANY + 2), (STORY, false), now));
        let later = now + SPAN + Duration::from_secs(1);
        assert!(!alike.looks(&nonce(MANY + 1), (STORY, false), later));
    }
}
