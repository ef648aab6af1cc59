//! What came of a report, by the codes under which a hotline counts.

use super::named::named;

named! {
    /// What came of it.
    Outcome {
        /// The child is safe.
        ChildSafe = "child_safe",
        /// The child was found and gets help.
        ChildHelped = "child_helped",
        /// Whoever did it is known.
        SuspectIdentified = "suspect_identified",
        /// Whoever did it was arrested.
        SuspectArrested = "suspect_arrested",
        /// Whoever did it is before a court.
        SuspectProsecuted = "suspect_prosecuted",
        /// Whoever did it was convicted.
        SuspectConvicted = "suspect_convicted",
        /// What was online is removed.
        ContentRemoved = "content_removed",
        /// Passed on, and nothing was heard of it.
        PassedOn = "passed_on",
        /// Looked into, and not confirmed.
        NotConfirmed = "not_confirmed",
        /// There is too little to act on.
        CannotAct = "cannot_act",
        /// Nothing that a hotline for children is for.
        OutOfScope = "out_of_scope",
        /// Told of by another report already.
        Duplicate = "duplicate",
        /// Looked into, and not true.
        False = "false",
    }
}

impl Outcome {
    /// Whether it can be that of a report on which nobody has acted.
    pub const fn is_of_no_action(self) -> bool {
        matches!(
            self,
            Self::NotConfirmed | Self::CannotAct | Self::OutOfScope | Self::Duplicate | Self::False
        )
    }
}
