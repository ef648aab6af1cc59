//! Why something was not done with a report.

use crate::seal::SealError;
use crate::store::StoreError;

/// Why an act was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TriageError {
    /// There is no such report, or the caller's keys do not open it.
    #[error("not found")]
    NotFound,
    /// A colleague has it.
    #[error("a colleague has it")]
    HeldBy(String),
    /// The caller does not have it (any more).
    #[error("not claimed")]
    NotClaimed,
    /// Not in this state.
    #[error("not possible in this state")]
    NotPossible,
    /// Somebody was faster.
    #[error("changed meanwhile")]
    Changed,
    /// A reason must be given.
    #[error("a reason is missing")]
    ReasonMissing,
    /// The text is empty.
    #[error("the text is empty")]
    Empty,
    /// The text is longer than [`LONGEST`](super::LONGEST).
    #[error("the text is too long")]
    TooLong,
    /// U0 is lowered only by two.
    #[error("a second person is needed")]
    SecondPersonNeeded,
    /// The reporter has closed the mailbox, or it has expired.
    #[error("the mailbox is closed")]
    MailboxClosed,
    /// The report is there and does not open.
    #[error("unreadable")]
    Unreadable,
    /// The database is busy.
    #[error("busy")]
    Busy,
    /// The database does not answer.
    #[error("unavailable")]
    Unavailable,
}

/// Why a decision was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecisionError {
    /// Nobody approves their own.
    #[error("one's own proposal")]
    Own,
    /// The same is proposed already.
    #[error("proposed already")]
    Waiting,
    /// The six-digit code is wrong or was used.
    #[error("the code is wrong")]
    WrongCode,
    /// A legal hold is in the way.
    #[error("under a legal hold")]
    Held,
    /// Whoever proposed it has left, or it has run out.
    #[error("void")]
    Void,
    /// The reporter has written since.
    #[error("the reporter has written since")]
    Written,
    /// Not an age recipient.
    #[error("not an age recipient")]
    Recipient,
    /// The message to the reporter is too long.
    #[error("the message is too long")]
    MessageTooLong,
    /// The retention class needs another day.
    #[error("the class needs another day")]
    Day,
    /// As for any other act on a report.
    #[error(transparent)]
    Triage(#[from] TriageError),
}

pub(super) fn unreadable(error: &SealError) -> TriageError {
    tracing::error!(%error, "ALARM: a report does not open with a key that it was granted to");
    TriageError::Unreadable
}

impl From<StoreError> for TriageError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Stale | StoreError::Conflict => Self::Changed,
            StoreError::Busy => Self::Busy,
            StoreError::Full | StoreError::Other(_) => {
                tracing::error!(%error, "triage could not reach the database");
                Self::Unavailable
            }
        }
    }
}

impl From<SealError> for TriageError {
    fn from(error: SealError) -> Self {
        tracing::error!(%error, "something could not be sealed");
        Self::Unavailable
    }
}

impl From<StoreError> for DecisionError {
    fn from(error: StoreError) -> Self {
        Self::Triage(error.into())
    }
}

impl From<SealError> for DecisionError {
    fn from(error: SealError) -> Self {
        Self::Triage(error.into())
    }
}
