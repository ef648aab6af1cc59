//! What a presented receipt code opens: one conversation, and never the report.

use std::sync::OnceLock;

use zeroize::Zeroizing;

use super::SealError;
use super::age_file;
use super::card::MailboxContents;
use super::frame::{self, Auth, Place, Position};
use super::keys::{Identity, Recipient, ReporterAuthKey};
use super::kind::Kind;
use super::random;
use super::receipt::Master;
use crate::domain::ids::{MailItemId, ReportId};
use crate::domain::sealed::{MailItem, MailboxCard, Sealed};
use crate::domain::suite::Suite;

/// A mailbox, for one request.
#[derive(Debug)]
pub struct OpenMailbox {
    report: ReportId,
    recipient: Recipient,
    digest: [u8; 32],
    identity: Identity,
    auth: ReporterAuthKey,
    lookup: [u8; 32],
}

impl OpenMailbox {
    /// The report it belongs to.
    pub const fn report(&self) -> ReportId {
        self.report
    }

    /// The report's public key.
    pub const fn recipient(&self) -> &Recipient {
        &self.recipient
    }

    /// The digest of the answers it began with, to tell a form that is sent twice from another one.
    pub const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// The reporter's authentication key.
    pub const fn auth(&self) -> &ReporterAuthKey {
        &self.auth
    }

    /// The hash by which it is found.
    pub const fn lookup(&self) -> &[u8; 32] {
        &self.lookup
    }
}

/// A mailbox that belongs to nobody, opened in place of one that was not found, so that a miss costs what a hit costs.
#[derive(Debug)]
pub struct DummyCard {
    master: Master,
    card: Sealed<MailboxCard>,
}

impl DummyCard {
    /// Its keys.
    pub const fn master(&self) -> &Master {
        &self.master
    }

    /// Its card.
    pub const fn card(&self) -> &Sealed<MailboxCard> {
        &self.card
    }
}

/// Opens the mailbox's card.
///
/// # Errors
/// [`SealError`] if it is not that mailbox's, or was changed.
pub fn open_card(master: &Master, card: &Sealed<MailboxCard>) -> Result<OpenMailbox, SealError> {
    let identity = master.mailbox(card.suite());
    let auth = master.auth();
    let (report, contents) = MailboxContents::open(&identity, &auth, card)?;
    Ok(OpenMailbox {
        report,
        recipient: contents.recipient,
        digest: contents.digest,
        identity,
        auth,
        lookup: master.lookup(),
    })
}

/// A message that lies in a mailbox.
pub struct OpenItem {
    /// When it was written, and its number among those of the mailbox.
    pub position: Position,
    /// What it says; empty where the reporter deleted it.
    pub body: Zeroizing<Vec<u8>>,
}

/// Opens a message that lies in the mailbox, and checks that the team wrote it.
///
/// # Errors
/// [`SealError`] if it is another message than its row says, belongs to another report, or was not written by the team.
pub fn open_item(
    mailbox: &OpenMailbox,
    id: MailItemId,
    item: &Sealed<MailItem>,
) -> Result<OpenItem, SealError> {
    let plaintext = age_file::decrypt(&mailbox.identity, item)?;
    let frame = frame::parse(&plaintext, mailbox.identity.suite())?;
    if frame.kind != Kind::MailItem {
        return Err(SealError::WrongKind);
    }
    let place = Place::mail_item(mailbox.report, id);
    Ok(OpenItem {
        position: frame.position,
        body: frame.authenticate(Auth::Reporter(&mailbox.auth), place)?,
    })
}

/// What stands in place of a message that its reporter deletes: its number, and nothing else. So a message that somebody else took away
/// shows.
///
/// # Errors
/// [`SealError::Failed`] if encryption fails.
pub fn seal_gone(
    mailbox: &OpenMailbox,
    id: MailItemId,
    position: Position,
) -> Result<Sealed<MailItem>, SealError> {
    seal_item(mailbox, id, position, b"")
}

/// What a reporter puts there to read again.
///
/// # Errors
/// [`SealError::Failed`] if encryption fails.
pub fn seal_item(
    mailbox: &OpenMailbox,
    id: MailItemId,
    position: Position,
    body: &[u8],
) -> Result<Sealed<MailItem>, SealError> {
    let place = Place::mail_item(mailbox.report, id);
    let auth = Auth::Reporter(&mailbox.auth);
    let recipient = mailbox.identity.recipient();
    frame::seal(&recipient, auth, place, Kind::MailItem, position, body)
}

/// The card to open when a code leads nowhere. The same one for the life of the process.
///
/// # Errors
/// [`SealError::Failed`] if it cannot be made.
pub fn dummy_card() -> Result<&'static DummyCard, SealError> {
    static DUMMY: OnceLock<Result<DummyCard, SealError>> = OnceLock::new();
    DUMMY
        .get_or_init(make_dummy)
        .as_ref()
        .map_err(|error| *error)
}

fn make_dummy() -> Result<DummyCard, SealError> {
    let master = Master::from_bytes(random::bytes());
    let contents = MailboxContents {
        recipient: Identity::generate(Suite::NEWEST).recipient(),
        digest: [0; 32],
    };
    let card = contents.seal(
        &master.mailbox(Suite::NEWEST).recipient(),
        &master.auth(),
        random::report_id(),
    )?;
    Ok(DummyCard { master, card })
}
