//! What a key record is, and the one way through its states.

use super::named::named;

named! {
    /// Whose key it is.
    KeyKind {
        /// A generation of a team's key.
        Team = "team",
        /// A person's key.
        Staff = "staff",
        /// The recovery key, whose secret is on paper, in shares.
        Recovery = "recovery",
    }
}

named! {
    /// Where a key stands. One way only: pending, active, retiring, retired, destroyed.
    KeyState {
        /// Made, not yet in force.
        Pending = "pending",
        /// New grants and wraps are made under it.
        Active = "active",
        /// Still opens what it opened; nothing new is made under it.
        Retiring = "retiring",
        /// Nothing is left under it.
        Retired = "retired",
        /// Its wraps are gone too.
        Destroyed = "destroyed",
    }
}

impl KeyState {
    /// Whether a key may go from this state to `next`.
    pub fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Pending, Self::Active)
                | (Self::Active, Self::Retiring)
                | (Self::Retiring, Self::Retired)
                | (Self::Retired, Self::Destroyed)
        )
    }
}

/// The channel that leads custodians' signatures to the auditors' team. No form feeds it: the bodies of the audit log go there.
pub const AUDIT_CHANNEL: &str = "audit";
