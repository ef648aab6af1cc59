//! What is shown once: the page with a code, and the words of a form that was sent. Whoever takes up the phone after the reporter gets
//! neither by *Back* and *Reload*, which send the same form again.
//!
//! In memory alone, and by a key of this process: a line that breaks before the page has arrived, or a restart, costs nobody their code.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::clock::Timestamp;
use crate::seal::request::{RequestId, RequestKey};

/// For how many seconds a page whose arrival was not noticed is shown again: a browser that loads no pictures tells nothing.
const UNNOTICED_SECONDS: i64 = 10 * 60;

/// See the module. Clones share what they know.
#[derive(Clone)]
pub(super) struct ShownOnce {
    key: Arc<RequestKey>,
    known: Arc<Mutex<HashMap<RequestId, Page>>>,
}

#[derive(Clone, Copy)]
struct Page {
    /// Until when it is shown again.
    shown_until: Timestamp,
    /// When its request is refused for other reasons, and can be forgotten.
    known_until: Timestamp,
}

impl ShownOnce {
    pub(super) fn new() -> Self {
        Self {
            key: Arc::new(RequestKey::random()),
            known: Arc::default(),
        }
    }

    /// By what a request is known.
    pub(super) fn id(&self, parts: &[&[u8]]) -> RequestId {
        self.key.id(parts)
    }

    /// Its page is about to be shown for the first time, or once more.
    pub(super) fn shows(&self, id: RequestId, now: Timestamp, known_until: Timestamp) {
        let page = Page {
            shown_until: now.plus(UNNOTICED_SECONDS),
            known_until,
        };
        self.with(now, |known| {
            known.entry(id).or_insert(page);
        });
    }

    /// Its page has arrived, and is not shown again.
    pub(super) fn arrived(&self, id: RequestId, now: Timestamp, known_until: Timestamp) {
        let page = Page {
            shown_until: now,
            known_until,
        };
        self.with(now, |known| {
            known.insert(id, page);
        });
    }

    /// Whether its page has been shown.
    pub(super) fn was_shown(&self, id: &RequestId, now: Timestamp) -> bool {
        self.with(now, |known| known.contains_key(id))
    }

    /// Whether its page is not shown again.
    pub(super) fn is_over(&self, id: &RequestId, now: Timestamp) -> bool {
        self.with(now, |known| {
            known.get(id).is_some_and(|page| page.shown_until <= now)
        })
    }

    fn with<T>(&self, now: Timestamp, act: impl FnOnce(&mut HashMap<RequestId, Page>) -> T) -> T {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, page| page.known_until > now);
        act(&mut known)
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
        assert!(once.was_shown(&one, at(599)) && !once.is_over(&one, at(599)));
        assert!(once.is_over(&one, at(600)), "the first time counts");
        once.shows(other, at(600), at(3_600));
        assert!(!once.is_over(&other, at(601)));
        once.arrived(other, at(601), at(3_600));
        assert!(once.is_over(&other, at(601)));
        assert!(!once.was_shown(&other, at(3_600)), "nobody asks any more");
    }
}
