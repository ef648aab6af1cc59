//! How soon a report needs a person: U0 to U3 (`domain.md` 2.5).

use std::fmt;
use std::str::FromStr;

/// Urgency. `U0` sorts first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// A child is in danger now or today.
    U0,
    /// Harm is likely within days.
    U1,
    /// Serious, with no sign of imminent harm.
    U2,
    /// Historical, vague, or information only.
    U3,
}

/// Not one of `U0`, `U1`, `U2`, `U3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an urgency")]
pub struct InvalidUrgency;

impl Urgency {
    /// All of them, most urgent first.
    pub const ALL: [Self; 4] = [Self::U0, Self::U1, Self::U2, Self::U3];

    /// The name that is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::U0 => "U0",
            Self::U1 => "U1",
            Self::U2 => "U2",
            Self::U3 => "U3",
        }
    }

    /// Seconds within which a report of this urgency should be claimed (`domain.md` 2.5, on-call figures).
    pub const fn claim_within(self) -> i64 {
        match self {
            Self::U0 => 15 * 60,
            Self::U1 => 60 * 60,
            Self::U2 => 8 * 3_600,
            Self::U3 => 24 * 3_600,
        }
    }

    /// Whether the on-call list hears of it at once.
    pub const fn pages_on_call(self) -> bool {
        matches!(self, Self::U0 | Self::U1)
    }
}

impl fmt::Display for Urgency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Urgency {
    type Err = InvalidUrgency;

    fn from_str(text: &str) -> Result<Self, InvalidUrgency> {
        Self::ALL
            .into_iter()
            .find(|urgency| urgency.as_str() == text)
            .ok_or(InvalidUrgency)
    }
}
