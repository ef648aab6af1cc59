//! Opening with a staff member's secrets, and sealing what only someone who has opened a report may add.
//!
//! `service::intake`, `service::admin` and `worker` must not name this module.

mod proposal;
mod rekey;
mod wrap;

use zeroize::Zeroizing;

pub use proposal::{OpenProposal, open_proposal, seal_export, seal_proposal};
pub use rekey::{NextKey, Rekeyed, next_key, rekey};
pub use wrap::{KeyRecord, open_wrap, read_wrap, seal_wrap};
#[cfg(test)]
pub(super) use wrap::{parse_wrap, wrap_to_bytes};

use super::SealError;
use super::age_file;
use super::card::{Answers, ReportContents};
use super::frame::{self, Auth, Place, Position};
use super::grant::{self, Binding};
use super::keys::{Identity, Recipient, ReporterAuthKey, Seed, SigningKey, StaffAuthKey};
use super::kind::{Kind, Writer};
use super::said::{self, Said, Signer};
use super::sealing;
use crate::domain::ids::{MailItemId, ObjectId, ReportId};
use crate::domain::sealed::{Grant, MailItem, Object, Sealed};
use crate::domain::submission::{EarlierKey, SealedObject};
use crate::domain::suite::Suite;

/// A report's key, and those that it had before.
#[derive(Debug)]
pub struct OpenGrant {
    report: ReportId,
    newest: ReportKey,
    recipient: Recipient,
    /// The newest first, and their public halves with the number until which each is written under.
    earlier: (Vec<ReportKey>, Vec<(Recipient, u32)>),
    binding: [u8; 32],
}

/// A key of a report's own, and what staff authenticate with beneath it.
#[derive(Debug)]
struct ReportKey {
    identity: Identity,
    /// What has this number in the report's history, or a higher one, is of a later key.
    until: Option<u32>,
    staff: StaffAuthKey,
}

/// A report whose card was opened and found to be the one its key was bound to.
#[derive(Debug)]
pub struct OpenReport {
    grant: OpenGrant,
    auth: ReporterAuthKey,
    mailbox: Recipient,
    lookup: [u8; 32],
    answers: Answers,
    summary: Zeroizing<Vec<u8>>,
}

/// An object of a report.
pub struct Opened {
    /// What it is.
    pub kind: Kind,
    /// When it was written, and its place in the report's history.
    pub position: Position,
    /// Who signed it, where somebody of the staff says it.
    pub said: Option<Said>,
    /// What it says.
    pub body: Zeroizing<Vec<u8>>,
}

/// An object as its frame holds it.
struct Framed {
    kind: Kind,
    position: Position,
    body: Zeroizing<Vec<u8>>,
}

/// The secrets of a team generation: what opens its grants, and what signs its successor.
#[derive(Debug)]
pub struct TeamSecrets {
    identity: Identity,
    signing: SigningKey,
}

impl OpenGrant {
    /// The report it opens.
    pub const fn report(&self) -> ReportId {
        self.report
    }

    /// The report's public key.
    pub const fn recipient(&self) -> &Recipient {
        &self.recipient
    }

    /// What signs the report's state.
    pub fn state_key(&self) -> SigningKey {
        self.newest.identity.state_key()
    }

    /// Its key and those that the report had before, the newest first. For `kapea open`.
    pub fn identities(&self) -> impl Iterator<Item = &Identity> {
        self.keys().map(|key| &key.identity)
    }

    /// The same, each with the number from which on another is used.
    pub(super) fn each_until(&self) -> impl Iterator<Item = (&Identity, Option<u32>)> {
        self.keys().map(|key| (&key.identity, key.until))
    }

    fn keys(&self) -> impl Iterator<Item = &ReportKey> {
        std::iter::once(&self.newest).chain(&self.earlier.0)
    }

    /// Opens what is sealed to one of its keys, and says which.
    fn decrypt<T>(
        &self,
        sealed: &Sealed<T>,
    ) -> Result<(&ReportKey, Zeroizing<Vec<u8>>), SealError> {
        let mut keys = self.keys();
        keys.find_map(|key| match age_file::decrypt(&key.identity, sealed) {
            Err(SealError::NotOpened) => None,
            other => Some(other.map(|plaintext| (key, plaintext))),
        })
        .unwrap_or(Err(SealError::NotOpened))
    }
}

impl ReportKey {
    fn of(identity: Identity) -> Self {
        let staff = identity.staff_auth();
        Self {
            identity,
            until: None,
            staff,
        }
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

    /// What authenticates an object of that kind that is written now.
    fn auth(&self, kind: Kind) -> Auth<'_> {
        self.auth_beneath(&self.grant.newest, kind)
    }

    fn auth_beneath<'a>(&'a self, key: &'a ReportKey, kind: Kind) -> Auth<'a> {
        match kind.writer() {
            Writer::Staff => Auth::Staff(&key.staff),
            Writer::Reporter => Auth::Reporter(&self.auth),
        }
    }

    /// Opens an object's frame, and checks that it is the report's.
    fn open_frame(&self, id: ObjectId, object: &Sealed<Object>) -> Result<Framed, SealError> {
        let (key, plaintext) = self.grant.decrypt(object)?;
        let frame = frame::parse(&plaintext, key.identity.suite())?;
        let (kind, position) = (frame.kind, frame.position);
        if !kind.is_of_report() {
            return Err(SealError::WrongKind);
        }
        // Whoever has kept an earlier key, or has broken it, puts nothing in the place of what came after.
        if key.until.is_some_and(|until| position.number >= until) {
            return Err(SealError::EarlierKey);
        }
        let place = Place::object(self.report(), id);
        let body = frame.authenticate(self.auth_beneath(key, kind), place)?;
        if kind == Kind::Answers && Answers::of(id, &body) != self.answers {
            return Err(SealError::WrongObject);
        }
        Ok(Framed {
            kind,
            position,
            body,
        })
    }
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Opened({:?}, {})", self.kind, self.position.number)
    }
}

impl TeamSecrets {
    /// New ones.
    pub fn generate(suite: Suite) -> Self {
        Self::of(
            Identity::generate(suite),
            SigningKey::from_seed(&Seed::random()),
        )
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

/// Opens a grant; `recipient` is the report's public key as it is stored, empty where it is not known, and `earlier` are those that it had before, the newest first.
///
/// # Errors
/// [`SealError`] if it is not for this holder, belongs to another report, or holds another key than the report's.
pub fn open_grant(
    holder: &Identity,
    sealed: &Sealed<Grant>,
    report: ReportId,
    recipient: &str,
    earlier: &[EarlierKey],
) -> Result<OpenGrant, SealError> {
    let mut grant = open_newest(holder, sealed, report, recipient)?;
    for key in earlier {
        let after = grant.earlier.0.last().unwrap_or(&grant.newest);
        let before = open_newest(&after.identity, &key.sealed, report, &key.recipient)?;
        grant.earlier.0.push(ReportKey {
            until: Some(key.until),
            ..before.newest
        });
        grant.earlier.1.push((before.recipient, key.until));
    }
    Ok(grant)
}

fn open_newest(
    holder: &Identity,
    sealed: &Sealed<Grant>,
    report: ReportId,
    recipient: &str,
) -> Result<OpenGrant, SealError> {
    let contents = grant::open(holder, sealed)?;
    if contents.report != report {
        return Err(SealError::WrongReport);
    }
    let identity = Identity::from_seed(contents.secret.0, &contents.secret.1);
    let own = identity.recipient();
    if !recipient.is_empty() && own.as_str() != recipient {
        return Err(SealError::WrongKey);
    }
    Ok(OpenGrant {
        report,
        newest: ReportKey::of(identity),
        recipient: own,
        earlier: (Vec::new(), Vec::new()),
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
    let (key, plaintext) = grant.decrypt(card)?;
    let frame = frame::parse(&plaintext, key.identity.suite())?;
    if frame.kind != Kind::Card {
        return Err(SealError::WrongKind);
    }
    let named = ReportContents::parse(frame.unauthenticated_body())?;
    let binding = Binding {
        report: grant.report,
        recipient: &grant.recipient,
        earlier: &grant.earlier.1,
        mailbox: &named.mailbox,
        auth: &named.auth,
        answers: &named.answers,
    };
    if binding.digest() != grant.binding {
        return Err(SealError::WrongBinding);
    }
    let place = Place::object(grant.report, id);
    frame.authenticate(Auth::Staff(&key.staff), place)?;
    Ok(OpenReport {
        answers: named.answers,
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
/// [`SealError`] if it is another object than its row says, belongs to another report, or was written by an outsider: for what staff or
/// intake write, that is also the reporter. Answers are those that the card names, and no others.
pub fn open_object(
    report: &OpenReport,
    id: ObjectId,
    object: &Sealed<Object>,
) -> Result<Opened, SealError> {
    let framed = report.open_frame(id, object)?;
    let (kind, position) = (framed.kind, framed.position);
    let (said, body) = if kind.is_said() {
        let at = (Place::object(report.report(), id), kind, position);
        let (said, text) = said::of_body(at, &framed.body)?;
        (Some(said), text)
    } else {
        (None, framed.body)
    };
    Ok(Opened {
        kind,
        position,
        said,
        body,
    })
}

/// The id of a note or a message of staff: of what the page carries and of the words, as [`sealing::reporter_message_id`].
pub fn staff_object_id(report: &OpenReport, kind: Kind, page: ObjectId, text: &str) -> ObjectId {
    sealing::id_of(
        report.grant.newest.staff.expose(),
        &[
            b"kapea/staff-object-id/v1",
            &[kind.byte()],
            page.as_bytes(),
            text.as_bytes(),
        ],
    )
}

/// Seals what somebody of the staff adds to the report: a message, a note, a decision. `id` is that of [`staff_object_id`], or random.
///
/// # Errors
/// [`SealError::WrongKind`] for a kind that staff do not add, [`SealError::Failed`] if encryption fails.
pub fn seal_object(
    report: &OpenReport,
    id: ObjectId,
    (kind, position): (Kind, Position),
    by: Signer<'_>,
    text: &[u8],
) -> Result<SealedObject, SealError> {
    if !(kind.is_said() && kind.is_of_report()) {
        return Err(SealError::WrongKind);
    }
    let grant = &report.grant;
    let at = (Place::object(grant.report, id), kind, position);
    sealing::object(
        (id, &grant.recipient),
        report.auth(kind),
        grant.report,
        (kind, position),
        &said::to_body(grant.recipient.suite(), at, by, text),
    )
}

/// Seals a message for the reporter's mailbox.
///
/// # Errors
/// [`SealError::Failed`] if encryption fails.
pub fn seal_mail_item(
    report: &OpenReport,
    id: MailItemId,
    position: Position,
    body: &[u8],
) -> Result<Sealed<MailItem>, SealError> {
    let place = Place::mail_item(report.report(), id);
    let auth = report.auth(Kind::MailItem);
    let mailbox = &report.mailbox;
    frame::seal(mailbox, auth, place, Kind::MailItem, position, body)
}

/// The id of what tells the reporter that somebody has read the report: one for each report, so that it is told once.
pub fn read_id(report: &OpenReport) -> MailItemId {
    let id = sealing::id_of(report.auth.expose(), &[b"kapea/read-id/v1"]);
    MailItemId::from_bytes(*id.as_bytes())
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
            secret: grant.newest.identity.secret(),
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
        && read.secret.0 == contents.secret.0
        && read.secret.1.expose() == contents.secret.1.expose();
    if same {
        Ok(made)
    } else {
        Err(SealError::Failed)
    }
}
