//! What is shown once: the page with a code, and the words of a form that was sent. Whoever takes up the phone after the reporter gets
//! neither by *Back* and *Reload*, which send the same form again.
//!
//! In memory alone, and by a key of this process: a line that breaks before the page has arrived, or a restart, costs nobody their code. One
//! entry a report that was kept, however often its page is asked for: a stranger cannot fill the memory with less than reports.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::clock::Timestamp;
use crate::seal::request::{RequestId, RequestKey};

/// For how many seconds a page whose arrival was not noticed is shown again: a browser that loads no pictures tells nothing.
const UNNOTICED_SECONDS: i64 = 10 * 60;
/// So few are not worth a look.
const LEAST_SWEPT: usize = 64;

/// See the module. Clones share what they know.
#[derive(Clone)]
pub(super) struct ShownOnce {
    key: Arc<RequestKey>,
    known: Arc<Mutex<Known>>,
}

/// How often the page with a code was shown from the page before it; 0 for the one that follows sending.
pub(super) type Showing = u32;

#[derive(Default)]
struct Known {
    reports: HashMap<RequestId, Shown>,
    /// How many there were when those that nobody asks for any more were last taken out.
    swept: usize,
}

struct Shown {
    /// Until when a page that has not arrived is shown for the first time.
    until: Timestamp,
    /// The earliest showing that has not arrived.
    next: Showing,
    /// When its form is refused for other reasons, and can be forgotten.
    known_until: Timestamp,
}

impl ShownOnce {
    pub(super) fn new() -> Self {
        Self {
            key: Arc::new(RequestKey::random()),
            known: Arc::default(),
        }
    }

    /// By what a form is known.
    pub(super) fn id(&self, parts: &[&[u8]]) -> RequestId {
        self.key.id(parts)
    }

    /// Its report is kept, and the page with the code about to be shown.
    pub(super) fn shows(&self, id: RequestId, now: Timestamp, known_until: Timestamp) {
        let mut known = self.known();
        if known.reports.len() >= known.swept.saturating_mul(2) {
            known.reports.retain(|_, shown| shown.known_until > now);
            known.swept = known.reports.len().max(LEAST_SWEPT);
        }
        known.reports.entry(id).or_insert(Shown {
            until: now.plus(UNNOTICED_SECONDS),
            next: 0,
            known_until,
        });
    }

    /// That page has arrived, and is not shown again.
    pub(super) fn arrived(&self, id: &RequestId, showing: Showing) {
        if let Some(shown) = self.known().reports.get_mut(id) {
            shown.next = shown.next.max(showing.saturating_add(1));
        }
    }

    /// Whether its page has been shown.
    pub(super) fn was_shown(&self, id: &RequestId, now: Timestamp) -> bool {
        let known = self.known();
        let shown = known.reports.get(id);
        shown.is_some_and(|shown| shown.known_until > now)
    }

    /// Whether that page is not shown again.
    pub(super) fn is_over(&self, id: &RequestId, showing: Showing, now: Timestamp) -> bool {
        let known = self.known();
        known.reports.get(id).is_some_and(|shown| {
            let unnoticed = showing == 0 && shown.until <= now;
            showing < shown.next || unnoticed
        })
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn a_page_is_shown_until_it_has_arrived_or_for_ten_minutes() {
        let once = ShownOnce::new();
        let (one, other) = (once.id(&[b"a", b"bc"]), once.id(&[b"ab", b"c"]));
        once.shows(one, at(0), at(3_600));
        once.shows(one, at(500), at(3_600));
        assert!(once.was_shown(&one, at(599)) && !once.is_over(&one, 0, at(599)));
        assert!(once.is_over(&one, 0, at(600)), "the first time counts");
        assert!(!once.is_over(&one, 1, at(600)), "the check goes on");
        once.shows(other, at(600), at(3_600));
        assert!(!once.is_over(&other, 0, at(601)));
        once.arrived(&other, 0);
        assert!(once.is_over(&other, 0, at(601)) && !once.is_over(&other, 1, at(601)));
        once.arrived(&other, 2);
        once.arrived(&other, 1);
        assert!(once.is_over(&other, 2, at(601)) && !once.is_over(&other, 3, at(601)));
        assert!(!once.was_shown(&other, at(3_600)), "nobody asks any more");
    }

    #[test]
    fn what_is_remembered_is_no_more_than_what_was_kept() {
        let once = ShownOnce::new();
        for number in 0..10_000_i64 {
            let id = once.id(&[&number.to_be_bytes()]);
            once.arrived(&once.id(&[b"never kept", &number.to_be_bytes()]), 0);
            once.shows(id, at(number), at(number + 10));
        }
        assert!(once.known().reports.len() <= 2 * LEAST_SWEPT);
    }
}
