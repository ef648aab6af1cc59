//! Opening with a staff member's secrets, and sealing what only someone who has opened a report may add.
//!
//! `service::intake`, `service::admin` and `worker` must not name this module.

mod proposal;
mod rekey;
mod wrap;

use zeroize::Zeroizing;

pub use proposal::{open_proposal, seal_export, seal_proposal};
pub use rekey::{Rekeyed, rekey};
pub use wrap::{KeyRecord, open_wrap, read_wrap, seal_wrap};
#[cfg(test)]
pub(super) use wrap::{parse_wrap, wrap_to_bytes};

use super::SealError;
use super::age_file;
use super::card::ReportContents;
use super::frame::{self, Kind, Place};
use super::grant;
use super::keys::{AuthKey, Identity, Recipient, Seed, SigningKey};
use super::random;
use super::sealing;
use crate::domain::ids::{MailItemId, ObjectId, ReportId};
use crate::domain::sealed::{Grant, MailItem, Object, Sealed};
use crate::domain::submission::SealedObject;

/// A report's key.
#[derive(Debug)]
pub struct OpenGrant {
    report: ReportId,
    identity: Identity,
    recipient: Recipient,
    binding: [u8; 32],
}

/// A report whose card was opened and found to be the one its key was bound to.
#[derive(Debug)]
pub struct OpenReport {
    grant: OpenGrant,
    auth: AuthKey,
    mailbox: Recipient,
    lookup: [u8; 32],
    summary: Zeroizing<Vec<u8>>,
}

/// An object of a report.
pub struct Opened {
    /// What it is.
    pub kind: Kind,
    /// Its place in the report's history.
    pub sequence: u64,
    /// What it says.
    pub body: Zeroizing<Vec<u8>>,
}

/// The secrets of a team generation: what opens its grants, and what signs its successor.
#[derive(Debug, Clone)]
pub struct TeamSecrets {
    identity: Identity,
    signing: SigningKey,
}

impl OpenGrant {
    /// The report it opens.
    #[cfg_attr(rooms_closed, expect(dead_code, reason = "for tests and benchmarks"))]
    pub const fn report(&self) -> ReportId {
        self.report
    }

    /// The report's public key.
    #[cfg_attr(rooms_closed, expect(dead_code, reason = "for tests and benchmarks"))]
    pub const fn recipient(&self) -> &Recipient {
        &self.recipient
    }

    /// The report's key. For `kapea open` and for tests; nothing else needs it by name.
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }
}

impl OpenReport {
    /// Its id.
    pub const fn report(&self) -> ReportId {
        self.grant.report
    }

    /// What the queue shows of it.
    pub fn summary(&self) -> &[u8] {
        &self.summary
    }

    /// The hash by which its mailbox is found.
    pub const fn lookup(&self) -> &[u8; 32] {
        &self.lookup
    }

    /// Its key, to grant it to others.
    pub const fn grant(&self) -> &OpenGrant {
        &self.grant
    }
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opened({:?}, {})", self.kind, self.sequence)
    }
}

impl TeamSecrets {
    /// New ones.
    pub fn generate() -> Self {
        Self::of(Identity::generate(), SigningKey::from_seed(&Seed::random()))
    }

    pub(super) const fn of(identity: Identity, signing: SigningKey) -> Self {
        Self { identity, signing }
    }

    /// What opens the team's grants.
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What signs for the team.
    pub const fn signing(&self) -> &SigningKey {
        &self.signing
    }
}

/// Opens a grant; `recipient` is the report's public key as it is stored.
///
/// # Errors
/// [`SealError`] if it is not for this holder, belongs to another report, or holds another key than the report's.
pub fn open_grant(
    holder: &Identity,
    sealed: &Sealed<Grant>,
    report: ReportId,
    recipient: &str,
) -> Result<OpenGrant, SealError> {
    let contents = grant::open(holder, sealed)?;
    if contents.report != report {
        return Err(SealError::WrongReport);
    }
    let identity = Identity::from_seed(&contents.secret);
    let own = identity.recipient();
    if own.as_str() != recipient {
        return Err(SealError::WrongKey);
    }
    Ok(OpenGrant {
        report,
        identity,
        recipient: own,
        binding: contents.binding,
    })
}

/// Opens a report's card and checks that the mailbox and the reporter's key it names are those the grant is bound to.
///
/// # Errors
/// [`SealError`] if it is not this report's card.
pub fn open_card(
    grant: OpenGrant,
    id: ObjectId,
    card: &Sealed<Object>,
) -> Result<OpenReport, SealError> {
    let plaintext = age_file::decrypt(&grant.identity, card)?;
    let frame = frame::parse(&plaintext)?;
    if frame.kind != Kind::Card {
        return Err(SealError::WrongKind);
    }
    let named = ReportContents::parse(frame.unauthenticated_body())?;
    let binding = grant::binding(grant.report, &grant.recipient, &named.mailbox, &named.auth);
    if binding != grant.binding {
        return Err(SealError::WrongBinding);
    }
    frame.authenticate(&named.auth, Place::object(grant.report, id))?;
    Ok(OpenReport {
        lookup: named.lookup,
        summary: Zeroizing::new(named.summary.to_vec()),
        auth: named.auth,
        mailbox: named.mailbox,
        grant,
    })
}

/// Opens an object of the report.
///
/// # Errors
/// [`SealError`] if it is another object than its row says, belongs to another report, or was written by an outsider.
pub fn open_object(
    report: &OpenReport,
    id: ObjectId,
    object: &Sealed<Object>,
) -> Result<Opened, SealError> {
    let plaintext = age_file::decrypt(&report.grant.identity, object)?;
    let frame = frame::parse(&plaintext)?;
    if matches!(
        frame.kind,
        Kind::MailboxCard | Kind::MailItem | Kind::Proposal
    ) {
        return Err(SealError::WrongKind);
    }
    Ok(Opened {
        kind: frame.kind,
        sequence: frame.sequence,
        body: frame.authenticate(&report.auth, Place::object(report.report(), id))?,
    })
}

/// The id of a note or a message of staff: of what the page carries and of the words, as [`sealing::reporter_message_id`].
pub fn staff_object_id(report: &OpenReport, kind: Kind, page: ObjectId, text: &str) -> ObjectId {
    sealing::id_of(
        &report.auth,
        &[
            b"kapea/staff-object-id/v1",
            &[kind.byte()],
            page.as_bytes(),
            text.as_bytes(),
        ],
    )
}

/// Seals what staff add to the report: a message, a note, a decision. `id` is that of [`staff_object_id`], or random.
///
/// # Errors
/// [`SealError::WrongKind`] for a kind that staff do not add, [`SealError::Failed`] if encryption fails.
pub fn seal_object(
    report: &OpenReport,
    id: ObjectId,
    kind: Kind,
    sequence: u64,
    body: &[u8],
) -> Result<SealedObject, SealError> {
    if !matches!(kind, Kind::StaffMessage | Kind::Note | Kind::Decision) {
        return Err(SealError::WrongKind);
    }
    let grant = &report.grant;
    sealing::object_as(
        id,
        &grant.recipient,
        &report.auth,
        grant.report,
        kind,
        sequence,
        body,
    )
}

/// Seals a message for the reporter's mailbox.
///
/// # Errors
/// [`SealError::Failed`] if encryption fails.
pub fn seal_mail_item(
    report: &OpenReport,
    body: &[u8],
) -> Result<(MailItemId, Sealed<MailItem>), SealError> {
    let id = random::mail_item_id();
    let place = Place::mail_item(report.report(), id);
    let frame = frame::build(&report.auth, place, Kind::MailItem, 0, body)?;
    Ok((id, age_file::encrypt(&report.mailbox, &frame)?))
}

/// The report's key for another holder.
///
/// # Errors
/// [`SealError::Failed`] if encryption fails.
pub fn regrant(grant: &OpenGrant, holder: &Recipient) -> Result<Sealed<Grant>, SealError> {
    grant::seal(
        holder,
        &grant::Contents {
            report: grant.report,
            binding: grant.binding,
            secret: grant.identity.seed().clone(),
        },
    )
}

/// The same key for another holder, as a change of a team's key needs it: opened, checked, sealed, opened again and compared.
///
/// # Errors
/// [`SealError`] if it is not for this holder or belongs to another report.
pub fn rewrap(
    holder: &Identity,
    sealed: &Sealed<Grant>,
    report: ReportId,
    next: &Identity,
    next_recipient: &Recipient,
) -> Result<Sealed<Grant>, SealError> {
    let contents = grant::open(holder, sealed)?;
    if contents.report != report {
        return Err(SealError::WrongReport);
    }
    let made = grant::seal(next_recipient, &contents)?;
    let read = grant::open(next, &made)?;
    let same = read.report == contents.report
        && read.binding == contents.binding
        && read.secret.expose() == contents.secret.expose();
    if same {
        Ok(made)
    } else {
        Err(SealError::Failed)
    }
}
