//! How often those on call are told of new urgent reports while earlier ones wait: the first at once, then bundled.

use crate::domain::clock::Moment;
use crate::domain::notice::bundled_for;

/// In memory alone: a new process tells once more.
#[derive(Debug, Default)]
pub(super) struct Bell {
    rounds: usize,
    until: Option<Moment>,
    /// Whether anybody was reached since: what has not left keeps nothing back.
    is_heard: bool,
}

impl Bell {
    /// Whether new reports wait to be told of together, if earlier ones still wait to be claimed.
    pub(super) fn is_quiet(&self, now: Moment) -> bool {
        self.is_heard && self.until.is_some_and(|until| now < until)
    }

    /// They were told of a new report; `while_others_wait` if earlier ones were not claimed yet.
    pub(super) fn ring(&mut self, now: Moment, while_others_wait: bool) {
        self.rounds = if while_others_wait {
            self.rounds.saturating_add(1)
        } else {
            1
        };
        self.until = Some(now.plus(bundled_for(self.rounds)));
        self.is_heard = false;
    }

    /// An urgent letter has left.
    pub(super) const fn heard(&mut self) {
        self.is_heard = true;
    }
}
