//! Why a use case was not done. What is told differently to whom it concerns has a variant; the rest are few.

use super::bulkhead::BulkheadFull;
use crate::domain::receipt::InvalidReceipt;
use crate::ledger::Refused;
use crate::seal::SealError;
use crate::seal::ticket::TicketError;
use crate::store::StoreError;

/// See the module. Says nothing of what was typed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or it is not the caller's to see.
    #[error("not found")]
    NotFound,
    /// The state is another one by now.
    #[error("changed meanwhile")]
    Changed,
    /// Something was written that the page does not show.
    #[error("something was written meanwhile")]
    News,
    /// The six-digit code is wrong or was used; or it is not said which of several proofs is.
    #[error("the code is wrong")]
    WrongCode,
    /// The passphrase is wrong.
    #[error("the passphrase is wrong")]
    WrongPassphrase,
    /// The passphrase is too easy to guess.
    #[error("the passphrase is weak")]
    WeakPassphrase,
    /// The end of the new recovery code was not typed back.
    #[error("the new recovery code was not typed back")]
    NotTypedBack,
    /// The page was open for too long.
    #[error("the page is too old")]
    Expired,
    /// A custodian's key is pinned in the configuration file: it is changed by a change of custodians.
    #[error("the key is pinned in the configuration file")]
    Pinned,
    /// The form was sent, and the page that answered it is shown only once.
    #[error("shown once")]
    ShownOnce,
    /// Something that is sealed to the key does not open: renewing would lose it.
    #[error("something does not open")]
    Damaged,
    /// Too much is asked for at once.
    #[error("too much to do")]
    Busy,
    /// The database does not answer, or it is a fault of ours.
    #[error("unavailable")]
    Unavailable,
    /// The caller's key is not one that custodians' pins name.
    #[error("the key is not pinned")]
    NotPinned,
    /// Not a handle.
    #[error("not a handle")]
    InvalidHandle,
    /// The handle is taken.
    #[error("the handle is taken")]
    HandleTaken,
    /// A caseworker needs a team, others have none.
    #[error("the role and the team do not fit")]
    TeamMissing,
    /// Empty or over 80 characters.
    #[error("not a name")]
    InvalidName,
    /// One cannot close one's own account.
    #[error("not one's own account")]
    OwnAccount,
    /// A restricted report would lose its last reader.
    #[error("a restricted report would lose its last reader")]
    LastReader,
    /// Nobody would hold a team's key any more, and no recovery key either: its reports would be lost for good.
    #[error("the reports of a team would be lost for good")]
    WouldLose,
    /// Not the public line of a recovery key.
    #[error("not the line of a recovery key")]
    NotALine,
    /// That recovery key is registered.
    #[error("known already")]
    Known,
    /// The caller has given their word for this person.
    #[error("approved already")]
    Already,
    /// The newcomer has not waited long enough, or too few have given their word.
    #[error("not yet")]
    NotYet,
    /// The team has fewer members than must agree.
    #[error("the team has too few members")]
    TooFew,
    /// The records of a team's key do not verify, or it does not vouch for the member.
    #[error("the team's key is not changed")]
    Refused,
    /// A colleague has the report.
    #[error("a colleague has it")]
    HeldBy(String),
    /// The caller does not have the report (any more).
    #[error("not claimed")]
    NotClaimed,
    /// Not in this state.
    #[error("not possible in this state")]
    NotPossible,
    /// A reason must be given.
    #[error("a reason is missing")]
    ReasonMissing,
    /// The text is empty.
    #[error("the text is empty")]
    Empty,
    /// The text holds control characters.
    #[error("the text holds control characters")]
    ControlCharacters,
    /// What was typed cannot be a receipt code, whatever mailboxes there are.
    #[error("not a code: {0}")]
    NotACode(InvalidReceipt),
    /// No key to seal to.
    #[error("the form is closed")]
    Closed,
    /// This form was sent before with other answers.
    #[error("this form was sent before with other answers")]
    SentDifferently,
    /// The text is longer than [`super::triage::LONGEST`].
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
    /// Nobody approves their own.
    #[error("one's own proposal")]
    Own,
    /// The same is proposed already.
    #[error("proposed already")]
    Waiting,
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
    /// Nobody is named whose it is, too many are, or somebody who cannot read it.
    #[error("not people whose it can be")]
    Assignees,
    /// Somebody has to look again sooner.
    #[error("the next look comes too late")]
    Look,
    /// What came of it is missing, or does not go with closing it without an act.
    #[error("another outcome")]
    Outcome,
    /// What came of it must be kept for longer.
    #[error("the class keeps it for too short a time")]
    Kept,
    /// Nothing is said of whether the child is safe.
    #[error("nothing is said of the child's safety")]
    Safety,
    /// The reporter is told nothing, and nothing is said of why.
    #[error("neither a message nor why there is none")]
    Feedback,
    /// It is not said to whom it is passed on.
    #[error("to nobody")]
    ToNobody,
    /// Only a lead makes a report a case.
    #[error("a lead is needed")]
    LeadNeeded,
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::Stale | StoreError::Conflict => Self::Changed,
            StoreError::Busy => Self::Busy,
            StoreError::Full
            | StoreError::ReadOnly
            | StoreError::CannotOpen
            | StoreError::Io
            | StoreError::Damaged
            | StoreError::Schema(_)
            | StoreError::Other(_) => {
                tracing::error!(event = "database-failing", %error, "the database did not do what was asked");
                Self::Unavailable
            }
        }
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NotAMember | Refused::NotALead => Self::NotFound,
            Refused::WrongStanding | Refused::KnownKeys => Self::Changed,
            Refused::TooEarly | Refused::TooFew => Self::NotYet,
            Refused::InvalidRules => Self::TooFew,
            Refused::LastLead => Self::NotPossible,
            other => {
                tracing::error!(event = "statement-refused", refused = %other, "a statement was not made");
                Self::Refused
            }
        }
    }
}

impl From<BulkheadFull> for Error {
    fn from(_: BulkheadFull) -> Self {
        Self::Busy
    }
}

/// A hidden field that is too old, or that is none of ours: whoever sent it gets a new one.
impl From<TicketError> for Error {
    fn from(_: TicketError) -> Self {
        Self::Expired
    }
}

impl From<SealError> for Error {
    fn from(error: SealError) -> Self {
        tracing::error!(event = "seal-failing", %error, "something could not be sealed");
        Self::Unavailable
    }
}

impl Error {
    /// Of something in a report that does not open for somebody who holds its key.
    pub(super) fn unreadable(error: &SealError) -> Self {
        tracing::error!(event = "report-damaged", %error, "ALARM: a report does not open with a key that it was granted to");
        Self::Unreadable
    }
}
