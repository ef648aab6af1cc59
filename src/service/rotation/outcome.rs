//! What comes of a step of a key's change, or why there was none.

use crate::store::StoreError;

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

/// Why a change was not ordered or not carried on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RotationError {
    /// There is no such team, or the caller has no part in it.
    #[error("not found")]
    NotFound,
    /// The team's records do not verify: its key is not changed until somebody has looked.
    #[error("refused")]
    Refused,
    /// Somebody was faster.
    #[error("changed meanwhile")]
    Changed,
    /// The database does not answer.
    #[error("unavailable")]
    Unavailable,
}

impl From<StoreError> for RotationError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Stale | StoreError::Conflict => Self::Changed,
            StoreError::Busy | StoreError::Full | StoreError::Other(_) => {
                tracing::error!(%error, "a change of a key could not reach the database");
                Self::Unavailable
            }
        }
    }
}
