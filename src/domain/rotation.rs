//! Orders to change a team's key: why, and how far it has come.

use super::named::named;

named! {
    /// Why a team's key is changed, the graver after the lighter.
    RotationReason {
        /// It has reached the age that the team's rules name.
        Schedule = "schedule",
        /// An administrator wants it.
        Order = "order",
        /// Somebody has left the team.
        Leaving = "leaving",
        /// Somebody's key may be in wrong hands.
        Compromise = "compromise",
    }
}

named! {
    /// How far an order has come.
    RotationState {
        /// No member has come by yet.
        Ordered = "ordered",
        /// The new generation is in force; older grants are being sealed to it.
        Begun = "begun",
        /// Nothing that opens is left under an older generation.
        Done = "done",
    }
}
