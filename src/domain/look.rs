//! When somebody looks again at a report that rests.

use super::clock::{Quarter, Timestamp};
use super::ids::StaffId;
use super::urgency::Urgency;

const HOUR: i64 = 3_600;
/// What can be chosen, in hours.
const CHOICES: [u32; 9] = [1, 4, 12, 24, 72, 168, 336, 720, 2_160];
/// Whose a report can be at most.
pub const MOST_ASSIGNEES: usize = 16;

/// Who acts on a report, and by when they look again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rest {
    /// Whose it is, sorted: somebody at least.
    pub assignees: Vec<StaffId>,
    /// By when one of them looks again.
    pub look_again: Quarter,
}

/// In so many hours: one of those that an urgency allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookIn(u32);

/// Not a time after which such a report may be looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too late for a report of this urgency")]
pub struct TooLate;

impl LookIn {
    /// So many hours.
    ///
    /// # Errors
    /// [`TooLate`] for what cannot be chosen.
    pub fn hours(hours: u32, urgency: Urgency) -> Result<Self, TooLate> {
        let mut all = Self::choices(urgency);
        all.find(|choice| choice.0 == hours).ok_or(TooLate)
    }

    /// What can be chosen for a report of this urgency, the soonest first.
    pub fn choices(urgency: Urgency) -> impl Iterator<Item = Self> {
        let fits = move |hours: &u32| *hours <= longest(urgency);
        CHOICES.into_iter().filter(fits).map(Self)
    }

    /// What is proposed: a report in which a child is in danger is looked at again every four hours, others when a plan is due.
    pub const fn usual(urgency: Urgency) -> Self {
        Self(match urgency {
            Urgency::U0 => 4,
            Urgency::U1 => 24,
            Urgency::U2 => 72,
            Urgency::U3 => 336,
        })
    }

    /// How many hours.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// By when, from now on.
    pub fn from(self, now: Timestamp) -> Quarter {
        now.plus(i64::from(self.0) * HOUR).quarter().next()
    }
}

/// The longest for which a report of this urgency may rest, in hours.
const fn longest(urgency: Urgency) -> u32 {
    match urgency {
        Urgency::U0 => 12,
        Urgency::U1 => 72,
        Urgency::U2 => 720,
        Urgency::U3 => 2_160,
    }
}

/// The latest look at a report of this urgency that rests from now on.
pub fn latest(urgency: Urgency, now: Timestamp) -> Quarter {
    now.plus(i64::from(longest(urgency)) * HOUR)
        .quarter()
        .next()
}

/// By when whoever acts on a report reads what its reporter has written since: of one that is not urgent by the end of the next day, so that
/// what is kept does not tell the hour.
pub const fn read_by(urgency: Urgency, now: Timestamp) -> Quarter {
    match urgency.pages_on_call() {
        true => now.plus(urgency.claim_within()).quarter().next(),
        false => now.day().plus(2).start().quarter(),
    }
}

/// By when a question to a reporter is looked at again if no answer comes: a week, or as soon as the urgency asks for.
pub fn of_question(urgency: Urgency, now: Timestamp) -> Quarter {
    now.plus(168 * HOUR).quarter().min(latest(urgency, now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_proposed_can_be_chosen_and_what_is_more_urgent_is_looked_at_sooner() {
        let now = Timestamp::from_seconds(1_000_000);
        let mut before = 0;
        for urgency in Urgency::ALL {
            let usual = LookIn::usual(urgency);
            assert_eq!(LookIn::hours(usual.number(), urgency), Ok(usual));
            assert!(usual.number() > before);
            before = usual.number();
            let last = LookIn::choices(urgency).last().unwrap();
            assert!(last.from(now) <= latest(urgency, now));
            assert!(of_question(urgency, now) <= latest(urgency, now));
            assert_eq!(LookIn::hours(2, urgency), Err(TooLate));
        }
        assert_eq!(LookIn::hours(720, Urgency::U0), Err(TooLate));
    }
}
