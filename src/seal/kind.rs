//! What an object is, and who writes it.

use super::SealError;

/// Makes [`Kind`], so that none can be written and not read.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $byte:literal),+ $(,)?) => {
        /// What an object is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Kind { $($(#[$doc])* $name),+ }

        impl Kind {
            pub(super) const fn byte(self) -> u8 {
                match self { $(Self::$name => $byte),+ }
            }

            pub(super) const fn from_byte(byte: u8) -> Result<Self, SealError> {
                match byte {
                    $($byte => Ok(Self::$name),)+
                    _ => Err(SealError::WrongKind),
                }
            }
        }
    };
}

kinds! {
    /// The summary that the queue shows.
    Card = 0x01,
    /// The form as the reporter answered it.
    Answers = 0x02,
    /// The reporter wrote back.
    ReporterMessage = 0x03,
    /// The team wrote to the reporter.
    StaffMessage = 0x04,
    /// A note between caseworkers.
    Note = 0x05,
    /// A decision and its reason.
    Decision = 0x06,
    /// What a mailbox needs to know of its report. Sealed to the mailbox, not to the report.
    MailboxCard = 0x41,
    /// A message for the reporter. Sealed to the mailbox, not to the report.
    MailItem = 0x42,
    /// An act that waits for a second person. Sealed to the report, and no object of it.
    Proposal = 0x51,
}

/// Whose key authenticates an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writer {
    /// Whoever holds the report's own key: staff, and intake at the moment of sealing. No receipt code gives it.
    Staff,
    /// Whoever holds the reporter's key: the reporter, and staff where they write for the mailbox.
    Reporter,
}

impl Kind {
    /// Whose key authenticates it.
    pub(super) const fn writer(self) -> Writer {
        match self {
            Self::Card
            | Self::Answers
            | Self::StaffMessage
            | Self::Note
            | Self::Decision
            | Self::Proposal => Writer::Staff,
            Self::ReporterMessage | Self::MailboxCard | Self::MailItem => Writer::Reporter,
        }
    }

    /// Whether it is said by somebody of the staff, whose signature it carries.
    pub(super) const fn is_said(self) -> bool {
        matches!(
            self,
            Self::StaffMessage | Self::Note | Self::Decision | Self::Proposal
        )
    }

    /// Whether it has a number: in the report's history, or in the mailbox.
    pub(super) const fn is_numbered(self) -> bool {
        !matches!(self, Self::Card | Self::MailboxCard | Self::Proposal)
    }

    /// Whether it is one of a report's objects.
    pub(super) const fn is_of_report(self) -> bool {
        !matches!(self, Self::MailboxCard | Self::MailItem | Self::Proposal)
    }
}
