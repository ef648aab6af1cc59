//! The states of a report and the one table of moves between them (`domain.md` 6.1).

use std::fmt;
use std::str::FromStr;

/// Where a report stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Arrived, nobody has it.
    Received,
    /// A caseworker has claimed it.
    InTriage,
    /// A question to the reporter lies in the mailbox.
    NeedsInformation,
    /// Tells of the same event as another report; both are kept.
    Linked,
    /// Thought to be spam: quarantined for 30 days, any reply revives it.
    SuspectedSpam,
    /// Thought to hold or lead to illegal images: out of sight for all but team leads (`domain.md` 2.9).
    Locked,
    /// Closed without anything being done; whatever the reporter writes reopens it.
    NoAction,
}

/// What moves a report from one state to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// A caseworker takes it.
    Claim,
    /// The caseworker, or 15 idle minutes, gives it back.
    Release,
    /// The caseworker asks the reporter and waits.
    AskReporter,
    /// The reporter wrote.
    ReporterWrote,
    /// The caseworker takes it up again.
    Resume,
    /// It tells of the same event as another.
    Link,
    /// It looks like spam.
    MarkSpam,
    /// Two people close it without anything being done.
    Close,
    /// It must not be looked at by others.
    Lock,
    /// A team lead lifts the lock.
    Unlock,
}

/// The act is not possible in this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a report that is {from} cannot {act:?}")]
pub struct TransitionError {
    /// The state it is in.
    pub from: State,
    /// The act that was tried.
    pub act: Act,
}

/// Not the name of a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a state")]
pub struct InvalidState;

/// Every move there is. A pair that is not listed is refused.
const TABLE: &[(State, Act, State)] = &[
    (State::Received, Act::Claim, State::InTriage),
    (State::Received, Act::ReporterWrote, State::Received),
    (State::InTriage, Act::Release, State::Received),
    (State::InTriage, Act::AskReporter, State::NeedsInformation),
    (State::InTriage, Act::ReporterWrote, State::InTriage),
    (State::InTriage, Act::Link, State::Linked),
    (State::InTriage, Act::MarkSpam, State::SuspectedSpam),
    // A report that waits for its reporter may be claimed by whoever is on duty, and stays waiting.
    (State::NeedsInformation, Act::Claim, State::NeedsInformation),
    (
        State::NeedsInformation,
        Act::Release,
        State::NeedsInformation,
    ),
    (State::NeedsInformation, Act::ReporterWrote, State::Received),
    (State::NeedsInformation, Act::Resume, State::InTriage),
    (State::NeedsInformation, Act::Link, State::Linked),
    (State::NeedsInformation, Act::MarkSpam, State::SuspectedSpam),
    (State::Linked, Act::Claim, State::Linked),
    (State::Linked, Act::Release, State::Linked),
    (State::Linked, Act::ReporterWrote, State::Received),
    (State::Linked, Act::Resume, State::InTriage),
    (State::SuspectedSpam, Act::Claim, State::SuspectedSpam),
    (State::SuspectedSpam, Act::Release, State::SuspectedSpam),
    (State::SuspectedSpam, Act::ReporterWrote, State::Received),
    (State::SuspectedSpam, Act::Resume, State::InTriage),
    (State::InTriage, Act::Close, State::NoAction),
    (State::NoAction, Act::Claim, State::NoAction),
    (State::NoAction, Act::Release, State::NoAction),
    (State::NoAction, Act::ReporterWrote, State::Received),
    (State::NoAction, Act::Resume, State::InTriage),
    (State::NoAction, Act::Lock, State::Locked),
    (State::Received, Act::Lock, State::Locked),
    (State::InTriage, Act::Lock, State::Locked),
    (State::NeedsInformation, Act::Lock, State::Locked),
    (State::Linked, Act::Lock, State::Locked),
    (State::SuspectedSpam, Act::Lock, State::Locked),
    (State::Locked, Act::ReporterWrote, State::Locked),
    (State::Locked, Act::Unlock, State::Received),
];

impl State {
    /// All of them, in the order of a report's life.
    pub const ALL: [Self; 7] = [
        Self::Received,
        Self::InTriage,
        Self::NeedsInformation,
        Self::Linked,
        Self::SuspectedSpam,
        Self::NoAction,
        Self::Locked,
    ];

    /// The name that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::InTriage => "in_triage",
            Self::NeedsInformation => "needs_information",
            Self::Linked => "linked",
            Self::SuspectedSpam => "suspected_spam",
            Self::Locked => "locked",
            Self::NoAction => "no_action",
        }
    }

    /// Whether the queue shows it by default.
    pub const fn is_open(self) -> bool {
        matches!(
            self,
            Self::Received | Self::InTriage | Self::NeedsInformation
        )
    }

    /// The state after `act`.
    ///
    /// # Errors
    /// [`TransitionError`] if the table has no such move.
    pub fn after(self, act: Act) -> Result<Self, TransitionError> {
        TABLE
            .iter()
            .find(|(from, by, _)| *from == self && *by == act)
            .map(|(_, _, to)| *to)
            .ok_or(TransitionError { from: self, act })
    }
}

impl Act {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Claim,
        Self::Release,
        Self::AskReporter,
        Self::ReporterWrote,
        Self::Resume,
        Self::Link,
        Self::MarkSpam,
        Self::Close,
        Self::Lock,
        Self::Unlock,
    ];
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for State {
    type Err = InvalidState;

    fn from_str(text: &str) -> Result<Self, InvalidState> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(InvalidState)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_moves_are_possible() {
        for from in State::ALL {
            for act in Act::ALL {
                let listed = TABLE
                    .iter()
                    .filter(|(f, a, _)| *f == from && *a == act)
                    .count();
                assert!(listed <= 1, "{from} {act:?} is listed twice");
                assert_eq!(from.after(act).is_ok(), listed == 1, "{from} {act:?}");
            }
        }
    }

    #[test]
    fn a_locked_report_leaves_only_by_unlocking() {
        for act in Act::ALL {
            if let Ok(to) = State::Locked.after(act) {
                assert!(to == State::Locked || act == Act::Unlock, "{act:?}");
            }
        }
    }

    #[test]
    fn a_report_is_closed_out_of_triage_alone_and_opened_again_by_whatever_its_reporter_writes() {
        for from in State::ALL {
            assert_eq!(
                from.after(Act::Close).is_ok(),
                from == State::InTriage,
                "{from}"
            );
        }
        let again = State::NoAction.after(Act::ReporterWrote).unwrap();
        assert!(again.is_open());
        assert!(!State::NoAction.is_open());
    }

    #[test]
    fn the_reporter_can_always_write() {
        for from in State::ALL {
            assert!(from.after(Act::ReporterWrote).is_ok(), "{from}");
        }
    }
}
