//! A report as it arrives in storage: sealed. The form handler is one producer of it; a browser can be another.

use crate::domain::clock::{Day, Quarter};
use crate::domain::ids::{KeyId, ObjectId, ReportId};
use crate::domain::sealed::{Grant, MailboxCard, Object, Sealed};
use crate::domain::urgency::Urgency;

/// A whole report, ready to be stored. Storage takes no other form of it.
#[derive(Debug, Clone)]
pub struct SealedSubmission {
    /// Its id.
    pub report: ReportId,
    /// The public half of the report's key, as age writes it: `age1…`.
    pub recipient: String,
    /// The channel it came by.
    pub channel: String,
    /// The team generation that the grant is for.
    pub key: KeyId,
    /// The report's key, for that generation.
    pub grant: Sealed<Grant>,
    /// Card and answers.
    pub objects: Vec<SealedObject>,
    /// The reporter's side of the conversation.
    pub mailbox: SealedMailbox,
    /// What verifies the signatures under its state: the public half of a key that comes from the report's own.
    pub state_key: [u8; 32],
    /// How soon it needs a person.
    pub urgency: Urgency,
    /// The day it arrived.
    pub day: Day,
    /// When it should have been claimed.
    pub due: Quarter,
    /// The retention class.
    pub retention: String,
    /// Whether it is much like many others of the last minutes.
    pub is_alike: bool,
}

/// A key that a report had before, sealed to the one after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierKey {
    /// Its public half.
    pub recipient: String,
    /// The number in the report's history from which on all is written under the key after it.
    pub until: u32,
    /// A grant of it to the key after it.
    pub sealed: Sealed<Grant>,
}

/// One object of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedObject {
    /// Its id, also named inside.
    pub id: ObjectId,
    /// Its number in the report's history, also named inside; the card's is 0.
    pub number: u32,
    /// The object.
    pub sealed: Sealed<Object>,
}

/// The mailbox that belongs to a report. Only ciphertext says so.
#[derive(Debug, Clone)]
pub struct SealedMailbox {
    /// The hash by which a presented code finds it.
    pub lookup: [u8; 32],
    /// What it needs to know of the report.
    pub card: Sealed<MailboxCard>,
    /// The day it is deleted.
    pub expires: Day,
}
