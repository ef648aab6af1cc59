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
        /// Somebody acts on it and looks again at a time that they have set.
        ActedUpon = "acted_upon",
        /// Passed on to whoever is responsible for it; somebody asks there at a time that is set.
        Referred = "referred",
        /// A case that named people work on for a long time.
        Promoted = "promoted",
        /// Tells of the same event as another report; both are kept.
        Linked = "linked",
        /// Thought to be spam: quarantined for 30 days, any reply revives it.
        SuspectedSpam = "suspected_spam",
        /// Closed without anything being done; whatever the reporter writes reopens it.
        NoAction = "no_action",
        /// Thought to hold or lead to illegal images: out of sight for all but team leads.
        Locked = "locked",
        /// At its end, with what came of it; whatever the reporter writes reopens it.
        Closed = "closed",
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
        /// A caseworker acts on it, and says when somebody looks again.
        ActUpon = "act-upon",
        /// Two people pass it on to whoever is responsible for it.
        Refer = "refer",
        /// A lead makes it a case, as somebody has proposed.
        Promote = "promote",
        /// The time has come at which somebody should have looked again, and nobody has.
        MissLook = "miss-look",
        /// It tells of the same event as another.
        Link = "link",
        /// It looks like spam.
        MarkSpam = "mark-spam",
        /// Two people close it without anything being done.
        Close = "close",
        /// Two people end it with what came of it.
        Conclude = "conclude",
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

/// Every move there is: from which states, by what, and to which; `None` where it stays as it is. What is not listed is refused.
const TABLE: &[(&[State], Transition, Option<State>)] = {
    use State::{
        ActedUpon, Alike, Closed, InTriage, Linked, Locked, NeedsInformation, NoAction, Promoted,
        Received, Referred, SuspectedSpam,
    };
    use Transition as By;
    &[
        (&[Received, Alike], By::Claim, Some(InTriage)),
        (&[InTriage], By::Release, Some(Received)),
        // What waits for somebody or is at its end is claimed for an act on it, and stays what it is.
        (ASIDE, By::Claim, None),
        (ASIDE, By::Release, None),
        (ASIDE, By::Resume, Some(InTriage)),
        (&[InTriage], By::AskReporter, Some(NeedsInformation)),
        (&[InTriage, NeedsInformation], By::ActUpon, Some(ActedUpon)),
        (&[ActedUpon, Referred, Promoted], By::ActUpon, None),
        (&[InTriage, ActedUpon], By::Refer, Some(Referred)),
        (&[InTriage, ActedUpon], By::Promote, Some(Promoted)),
        (
            &[NeedsInformation, ActedUpon, Referred, Promoted],
            By::MissLook,
            Some(Received),
        ),
        (
            &[InTriage, NeedsInformation, ActedUpon, Referred, Promoted],
            By::Link,
            Some(Linked),
        ),
        (
            &[InTriage, NeedsInformation],
            By::MarkSpam,
            Some(SuspectedSpam),
        ),
        (&[InTriage], By::Close, Some(NoAction)),
        (
            &[InTriage, ActedUpon, Referred, Promoted],
            By::Conclude,
            Some(Closed),
        ),
        // Whoever acts on it has it look sooner; whatever nobody acts on is new again.
        (
            &[Received, InTriage, Locked, ActedUpon, Referred, Promoted],
            By::ReporterWrote,
            None,
        ),
        (
            &[
                Alike,
                NeedsInformation,
                Linked,
                SuspectedSpam,
                NoAction,
                Closed,
            ],
            By::ReporterWrote,
            Some(Received),
        ),
        (&[Received, Alike, InTriage], By::Lock, Some(Locked)),
        (ASIDE, By::Lock, Some(Locked)),
        (&[Locked], By::Unlock, Some(Received)),
    ]
};

/// Decided upon, for now or for good.
const ASIDE: &[State] = &[
    State::NeedsInformation,
    State::ActedUpon,
    State::Referred,
    State::Promoted,
    State::Linked,
    State::SuspectedSpam,
    State::NoAction,
    State::Closed,
];

impl State {
    /// Whether it waits for somebody or is in somebody's hands: the queue shows it, and nobody need have signed that.
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

    /// Whether nobody need touch it until somebody looks again, at a time that is set.
    pub const fn rests(self) -> bool {
        matches!(
            self,
            Self::NeedsInformation | Self::ActedUpon | Self::Referred | Self::Promoted
        )
    }

    /// Whether a clock alone may destroy it, if its class says so.
    pub const fn may_end_unattended(self) -> bool {
        matches!(self, Self::Linked | Self::SuspectedSpam) || self.is_closed()
    }

    /// Whether it is at its end.
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::NoAction | Self::Closed)
    }

    /// The state after it.
    ///
    /// # Errors
    /// [`TransitionError`] if the table has no such move.
    pub fn after(self, transition: Transition) -> Result<Self, TransitionError> {
        TABLE
            .iter()
            .find(|(from, by, _)| from.contains(&self) && *by == transition)
            .map(|(_, _, to)| to.unwrap_or(self))
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
                    .filter(|(f, a, _)| f.contains(&from) && *a == act)
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
    fn a_report_is_closed_without_an_act_out_of_triage_alone_and_opened_again_by_whatever_its_reporter_writes()
     {
        for from in State::ALL {
            assert_eq!(
                from.after(Transition::Close).is_ok(),
                from == State::InTriage,
                "{from}"
            );
            if from.is_closed() {
                let again = from.after(Transition::ReporterWrote).unwrap();
                assert!(again.is_open() && !from.is_open());
            }
        }
    }

    #[test]
    fn what_rests_comes_back_when_nobody_looks_and_is_not_open_in_the_meantime() {
        for from in State::ALL {
            let back = from.after(Transition::MissLook);
            assert_eq!(back.is_ok(), from.rests(), "{from}");
            assert!(back.is_err() || back == Ok(State::Received), "{from}");
        }
    }

    #[test]
    fn no_way_out_of_a_lock_leads_to_an_end() {
        for act in Transition::ALL {
            let to = State::Locked.after(act);
            assert!(to.is_err() || !to.unwrap().is_closed(), "{act}");
        }
    }

    #[test]
    fn the_reporter_can_always_write() {
        for from in State::ALL {
            assert!(from.after(Transition::ReporterWrote).is_ok(), "{from}");
        }
    }
}
