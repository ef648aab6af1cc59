//! How soon a report needs a person: U0 to U3.

use super::clock::{Quarter, Timestamp};
use super::named::named;

named! {
    /// Urgency, the most urgent first. `U0` sorts first.
    Urgency {
        /// A child is in danger now or today.
        U0 = "U0",
        /// Harm is likely within days.
        U1 = "U1",
        /// Serious, with no sign of imminent harm.
        U2 = "U2",
        /// Historical, vague, or information only.
        U3 = "U3",
    }
}

impl Urgency {
    /// By when a report of this urgency that comes in now should be claimed: an urgent one to the quarter hour, any other by the end of the
    /// day, so that what is kept of it does not tell the hour at which it came.
    pub const fn due(self, now: Timestamp) -> Quarter {
        match self {
            Self::U0 | Self::U1 => now.plus(self.claim_within()).quarter(),
            Self::U2 | Self::U3 => now.day().plus(1).start().quarter(),
        }
    }

    /// Seconds in which somebody takes a report that comes in.
    pub const fn claim_within(self) -> i64 {
        match self {
            Self::U0 => 15 * 60,
            Self::U1 => 3_600,
            Self::U2 => 8 * 3_600,
            Self::U3 => 24 * 3_600,
        }
    }

    /// Seconds in which whoever has it decides what happens to it.
    pub const fn decide_within(self) -> i64 {
        match self {
            Self::U0 => 3_600,
            Self::U1 => 4 * 3_600,
            Self::U2 => 24 * 3_600,
            Self::U3 => 3 * 24 * 3_600,
        }
    }

    /// Whether the on-call list hears of it at once.
    pub const fn pages_on_call(self) -> bool {
        matches!(self, Self::U0 | Self::U1)
    }
}
