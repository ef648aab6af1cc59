//! What comes of a step of a key's change, or why there was none.

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// There is nothing to do.
    Idle,
    /// A new generation is in force.
    Begun,
    /// Grants went over to it.
    Moved {
        /// How many.
        grants: usize,
        /// How many did not open and were set aside.
        set_aside: usize,
    },
    /// The change is done, or an old generation is destroyed.
    Finished,
    /// The team's wraps to the recovery key are as they should be.
    Recovery,
}
