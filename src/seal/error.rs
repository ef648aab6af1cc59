//! Why something could not be sealed or opened. Never says what was inside.

/// A refusal, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The key does not open it, or it was changed or cut after it was sealed.
    #[error("does not open with this key, or was changed")]
    NotOpened,
    /// It opens, but what is inside has not the form it should have.
    #[error("has not the expected form inside")]
    Malformed,
    /// It was made by a suite of algorithms this version does not know.
    #[error("is of an unknown suite")]
    UnknownSuite,
    /// It is written under a key that the report no longer had.
    #[error("is written under an earlier key of the report")]
    EarlierKey,
    /// It is of another suite than the key that it was sealed to.
    #[error("is of another suite than its key")]
    OtherSuite,
    /// It belongs to another report.
    #[error("belongs to another report")]
    WrongReport,
    /// It is another object than the row says.
    #[error("is another object than its row says")]
    WrongObject,
    /// It is of another kind than it should be.
    #[error("is of another kind")]
    WrongKind,
    /// The key inside is not the one that the report or the key record names.
    #[error("holds another key than the one recorded")]
    WrongKey,
    /// The mailbox or reporter key inside is not the one the grant was bound to.
    #[error("is bound to another mailbox or reporter")]
    WrongBinding,
    /// It belongs to another person.
    #[error("belongs to another person")]
    WrongStaff,
    /// Somebody wrote it who has the public key only.
    #[error("is not authenticated")]
    Unauthenticated,
    /// A key in text form could not be read.
    #[error("is not a key")]
    InvalidKey,
    /// A secret needed for it (a version of the pepper or of the contact key) is not among the credentials.
    #[error("needs a credential that is not there")]
    MissingCredential,
    /// The algorithm refused to run. Does not happen with our sizes.
    #[error("could not be computed")]
    Failed,
}
