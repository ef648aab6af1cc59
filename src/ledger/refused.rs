//! Why a statement does not extend a ledger.

/// See the module. The statement changes nothing then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Its bytes are no statement.
    #[error("not a statement")]
    Malformed,
    /// Made with algorithms that this release does not know.
    #[error("a statement of suite {0}: a newer release than {version} wrote it", version = env!("CARGO_PKG_VERSION"))]
    UnknownSuite(u8),
    /// Of an earlier suite than the one before it, or with a key that is.
    #[error("of an earlier suite than what it follows")]
    OlderSuite,
    /// Of a kind that this release does not know.
    #[error("a statement of kind {0}: a newer release than {version} wrote it", version = env!("CARGO_PKG_VERSION"))]
    UnknownKind(u8),
    /// Of another team, or another installation.
    #[error("a statement of another ledger")]
    OtherLedger,
    /// Its number is not the next one.
    #[error("a statement is missing, or stands twice")]
    OutOfOrder,
    /// It follows another statement than the one that stands before it.
    #[error("it follows another statement than the one before it")]
    Forked,
    /// Older than the statement before it.
    #[error("it is older than the one before it")]
    BackDated,
    /// From a time that has not come.
    #[error("it is from a time that has not come")]
    FromTheFuture,
    /// The list is shorter than it was, or another one.
    #[error("the list is shorter than it was, or another one")]
    RolledBack,
    /// A signature is missing, is over something else, or is somebody else's.
    #[error("not signed by who may")]
    WrongSigner,
    /// Its author is not in the team.
    #[error("its author is not a member")]
    NotAMember,
    /// Its author does not lead the team.
    #[error("its author does not lead the team")]
    NotALead,
    /// Nobody would lead the team any more.
    #[error("nobody would lead the team any more")]
    LastLead,
    /// The person that it is about does not stand as it says.
    #[error("the person does not stand as it says")]
    WrongStanding,
    /// Keys that were there before, or that somebody else has.
    #[error("keys that were there before")]
    KnownKeys,
    /// The rules for newcomers ask for more words, or for words for these keys.
    #[error("too few members have approved")]
    TooFew,
    /// The time that the others have to object is not over.
    #[error("the time to object is not over")]
    TooEarly,
    /// Rules that are none, or that ask for more than there are members.
    #[error("rules that cannot be")]
    InvalidRules,
    /// A generation whose number does not follow the newest's.
    #[error("a generation that does not follow the newest")]
    WrongGeneration,
    /// The recovery key that signed is not one that custodians countersigned, or the team does without.
    #[error("no recovery key of this team")]
    NoRecovery,
}
