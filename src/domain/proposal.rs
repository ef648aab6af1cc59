//! Acts that need two people: one proposes, another one approves.

use super::named::named;

named! {
    /// What is proposed.
    ProposalKind {
        /// A report is no longer of the highest urgency.
        LowerUrgency = "lower_urgency",
        /// A report is closed without anything being done.
        NoAction = "no_action",
        /// A report ends, with what came of it.
        Close = "close",
        /// A report is passed on to whoever is responsible for it.
        Refer = "refer",
        /// A report becomes a case.
        Promote = "promote",
        /// What is known of a report leaves the house, sealed to one recipient.
        Export = "export",
        /// A report is destroyed.
        Shred = "shred",
        /// A legal hold ends.
        LiftHold = "lift_hold",
    }
}
