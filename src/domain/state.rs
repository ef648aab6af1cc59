//! The states of a report and the one table of moves between them.

use super::named::named;

named! {
    /// Where a report stands, in the order of a report's life.
    State {
        /// Arrived, nobody has it.
        Received = "received",
        /// Arrived among many that are much alike, nobody has it: the queue shows them as one group.
        Alike = "alike",
        /// A caseworker has claimed it.
        InTriage = "in_triage",
        /// A question to the reporter lies in the mailbox.
        NeedsInformation = "needs_information",
        /// Tells of the same event as another report; both are kept.
        Linked = "linked",
        /// Thought to be spam: quarantined for 30 days, any reply revives it.
        SuspectedSpam = "suspected_spam",
        /// Closed without anything being done; whatever the reporter writes reopens it.
        NoAction = "no_action",
        /// Thought to hold or lead to illegal images: out of sight for all but team leads.
        Locked = "locked",
    }
}

named! {
    /// What moves a report from one state to another.
    Transition {
        /// A caseworker takes it.
        Claim = "claim",
        /// The caseworker, or 15 idle minutes, gives it back.
        Release = "release",
        /// The caseworker asks the reporter and waits.
        AskReporter = "ask-reporter",
        /// The reporter wrote.
        ReporterWrote = "reporter-wrote",
        /// The caseworker takes it up again.
        Resume = "resume",
        /// It tells of the same event as another.
        Link = "link",
        /// It looks like spam.
        MarkSpam = "mark-spam",
        /// Two people close it without anything being done.
        Close = "close",
        /// It must not be looked at by others.
        Lock = "lock",
        /// A team lead lifts the lock.
        Unlock = "unlock",
    }
}

/// There is no such transition from this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a report that is {from} cannot {transition}")]
pub struct TransitionError {
    /// The state it is in.
    pub from: State,
    /// What was tried.
    pub transition: Transition,
}

/// Every move there is. A pair that is not listed is refused.
const TABLE: &[(State, Transition, State)] = &[
    (State::Received, Transition::Claim, State::InTriage),
    (State::Received, Transition::ReporterWrote, State::Received),
    (State::Alike, Transition::Claim, State::InTriage),
    (State::Alike, Transition::ReporterWrote, State::Received),
    (State::Alike, Transition::Lock, State::Locked),
    (State::InTriage, Transition::Release, State::Received),
    (
        State::InTriage,
        Transition::AskReporter,
        State::NeedsInformation,
    ),
    (State::InTriage, Transition::ReporterWrote, State::InTriage),
    (State::InTriage, Transition::Link, State::Linked),
    (State::InTriage, Transition::MarkSpam, State::SuspectedSpam),
    // A report that waits for its reporter may be claimed by whoever is on duty, and stays waiting.
    (
        State::NeedsInformation,
        Transition::Claim,
        State::NeedsInformation,
    ),
    (
        State::NeedsInformation,
        Transition::Release,
        State::NeedsInformation,
    ),
    (
        State::NeedsInformation,
        Transition::ReporterWrote,
        State::Received,
    ),
    (State::NeedsInformation, Transition::Resume, State::InTriage),
    (State::NeedsInformation, Transition::Link, State::Linked),
    (
        State::NeedsInformation,
        Transition::MarkSpam,
        State::SuspectedSpam,
    ),
    (State::Linked, Transition::Claim, State::Linked),
    (State::Linked, Transition::Release, State::Linked),
    (State::Linked, Transition::ReporterWrote, State::Received),
    (State::Linked, Transition::Resume, State::InTriage),
    (
        State::SuspectedSpam,
        Transition::Claim,
        State::SuspectedSpam,
    ),
    (
        State::SuspectedSpam,
        Transition::Release,
        State::SuspectedSpam,
    ),
    (
        State::SuspectedSpam,
        Transition::ReporterWrote,
        State::Received,
    ),
    (State::SuspectedSpam, Transition::Resume, State::InTriage),
    (State::InTriage, Transition::Close, State::NoAction),
    (State::NoAction, Transition::Claim, State::NoAction),
    (State::NoAction, Transition::Release, State::NoAction),
    (State::NoAction, Transition::ReporterWrote, State::Received),
    (State::NoAction, Transition::Resume, State::InTriage),
    (State::NoAction, Transition::Lock, State::Locked),
    (State::Received, Transition::Lock, State::Locked),
    (State::InTriage, Transition::Lock, State::Locked),
    (State::NeedsInformation, Transition::Lock, State::Locked),
    (State::Linked, Transition::Lock, State::Locked),
    (State::SuspectedSpam, Transition::Lock, State::Locked),
    (State::Locked, Transition::ReporterWrote, State::Locked),
    (State::Locked, Transition::Unlock, State::Received),
];

impl State {
    /// Whether it waits for somebody or is in somebody's hands.
    pub const fn is_open(self) -> bool {
        matches!(
            self,
            Self::Received | Self::Alike | Self::InTriage | Self::NeedsInformation
        )
    }

    /// Whether it is in nobody's hands because nobody has taken it.
    pub const fn is_new(self) -> bool {
        matches!(self, Self::Received | Self::Alike)
    }

    /// The state after it.
    ///
    /// # Errors
    /// [`TransitionError`] if the table has no such move.
    pub fn after(self, transition: Transition) -> Result<Self, TransitionError> {
        TABLE
            .iter()
            .find(|(from, by, _)| *from == self && *by == transition)
            .map(|(_, _, to)| *to)
            .ok_or(TransitionError {
                from: self,
                transition,
            })
    }
}

impl Transition {
    /// Whether an act is a choice in the form. Asking is a button beside the message; taking and giving back have buttons of their own; the reporter's is the reporter's.
    pub const fn can_be_chosen(self) -> bool {
        matches!(
            self,
            Self::Resume | Self::Link | Self::MarkSpam | Self::Lock | Self::Unlock
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_moves_are_possible() {
        for from in State::ALL {
            for act in Transition::ALL {
                let listed = TABLE
                    .iter()
                    .filter(|(f, a, _)| *f == from && *a == act)
                    .count();
                assert!(listed <= 1, "{from} {act} is listed twice");
                assert_eq!(from.after(act).is_ok(), listed == 1, "{from} {act}");
            }
        }
    }

    #[test]
    fn a_locked_report_leaves_only_by_unlocking() {
        for act in Transition::ALL {
            if let Ok(to) = State::Locked.after(act) {
                assert!(to == State::Locked || act == Transition::Unlock, "{act}");
            }
        }
    }

    #[test]
    fn a_report_is_closed_out_of_triage_alone_and_opened_again_by_whatever_its_reporter_writes() {
        for from in State::ALL {
            assert_eq!(
                from.after(Transition::Close).is_ok(),
                from == State::InTriage,
                "{from}"
            );
        }
        let again = State::NoAction.after(Transition::ReporterWrote).unwrap();
        assert!(again.is_open());
        assert!(!State::NoAction.is_open());
    }

    #[test]
    fn the_reporter_can_always_write() {
        for from in State::ALL {
            assert!(from.after(Transition::ReporterWrote).is_ok(), "{from}");
        }
    }
}
