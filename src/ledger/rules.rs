//! How newcomers are let into a team: how many members must approve, and how long the others have to object.

use borsh::{BorshDeserialize, BorshSerialize};

use crate::domain::clock::{Quarter, Timestamp};

/// The longest delay, in hours.
pub const LONGEST_DELAY: u8 = 168;
/// Weaker rules of a team with one lead wait at least so many hours.
const SHORTEST_WAIT: u8 = 24;

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Rules {
    approvals: u8,
    delay_hours: u8,
}

impl Rules {
    /// Those of a new team: one approval, and no delay.
    pub const USUAL: Self = Self {
        approvals: 1,
        delay_hours: 0,
    };

    /// `None` unless one or two approvals and at most [`LONGEST_DELAY`] hours are asked for.
    pub fn new(approvals: u8, delay_hours: u8) -> Option<Self> {
        let rules = Self {
            approvals,
            delay_hours,
        };
        rules.are_valid().then_some(rules)
    }

    pub(super) fn are_valid(self) -> bool {
        (1..=2).contains(&self.approvals) && self.delay_hours <= LONGEST_DELAY
    }

    /// How many members must approve.
    pub fn approvals(self) -> usize {
        usize::from(self.approvals)
    }

    /// Hours for the others to object.
    pub const fn delay_hours(self) -> u8 {
        self.delay_hours
    }

    /// When the door opens after the last word that was needed. A delay is never shorter than it says.
    pub fn opens(self, last: Quarter) -> Timestamp {
        match self.delay_hours {
            0 => last.start(),
            hours => after(last, hours),
        }
    }

    /// When weaker rules that were wished at that time come into force by themselves: as long as these had the others wait, at least a day.
    pub fn yield_to_a_wish_of(self, wished: Quarter) -> Timestamp {
        after(wished, self.delay_hours.max(SHORTEST_WAIT))
    }

    /// Whether a newcomer needs no less under these than under those.
    pub const fn is_at_least(self, other: Self) -> bool {
        self.approvals >= other.approvals && self.delay_hours >= other.delay_hours
    }
}

fn after(quarter: Quarter, hours: u8) -> Timestamp {
    quarter.next().start().plus(i64::from(hours) * 3_600)
}
