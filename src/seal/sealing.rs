//! Sealing with public keys only: a report as it comes in, and what its reporter adds later.

use super::SealError;
use super::card::{Answers, MailboxContents, ReportContents};
use super::derive::{hmac, sha256};
use super::frame::{self, Auth, Place, Position};
use super::grant::{self, Binding};
use super::keys::{Identity, Recipient, ReporterAuthKey};
use super::kind::Kind;
use super::mailbox::OpenMailbox;
use super::random;
use super::receipt::Master;
use crate::domain::clock::{Day, Quarter};
use crate::domain::ids::{KeyId, MailItemId, ObjectId, ReportId};
use crate::domain::submission::{SealedMailbox, SealedObject, SealedSubmission};
use crate::domain::urgency::Urgency;

/// The answers' place in the history. When they came, they say themselves.
const FIRST: Position = Position {
    seconds: 0,
    number: 1,
};

/// A report before it is sealed.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// The channel it came by.
    pub channel: &'a str,
    /// The team generation it is for.
    pub key: KeyId,
    /// That generation's public key.
    pub team: &'a Recipient,
    /// The answers, as the form engine writes them.
    pub answers: &'a [u8],
    /// What the queue shows of it.
    pub summary: &'a [u8],
    /// What the receipt code leads to.
    pub master: &'a Master,
    /// How soon it needs a person.
    pub urgency: Urgency,
    /// Today.
    pub day: Day,
    /// When it should have been claimed.
    pub due: Quarter,
    /// The retention class.
    pub retention: &'a str,
    /// Whether it is much like many others of the last minutes.
    pub is_alike: bool,
    /// The day the mailbox is deleted.
    pub mailbox_expires: Day,
}

/// Seals a report under a key of its own and leaves nothing to open it but the grant to the team.
///
/// # Errors
/// [`SealError::Failed`] if encryption fails, which means a fault of the machine.
pub fn seal_submission(draft: &Draft<'_>) -> Result<SealedSubmission, SealError> {
    let report = random::report_id();
    // As new as the key of those who read it.
    let suite = draft.team.suite();
    let identity = Identity::generate(suite);
    let recipient = identity.recipient();
    let mailbox = draft.master.mailbox(suite).recipient();
    let auth = draft.master.auth();
    let lookup = draft.master.lookup();

    let (staff, card_id, answers_id) = (
        identity.staff_auth(),
        random::object_id(),
        random::object_id(),
    );
    let answers = Answers::of(answers_id, draft.answers);

    let card = ReportContents {
        lookup,
        auth: auth.share(),
        mailbox: mailbox.clone(),
        answers,
        summary: draft.summary,
    }
    .to_bytes();
    let mailbox_card = MailboxContents {
        recipient: recipient.clone(),
        digest: content_digest(&auth, draft.answers),
    };
    let grant = grant::Contents {
        report,
        binding: Binding {
            report,
            recipient: &recipient,
            earlier: &[],
            mailbox: &mailbox,
            auth: &auth,
            answers: &answers,
        }
        .digest(),
        secret: identity.secret(),
    };
    Ok(SealedSubmission {
        report,
        recipient: recipient.to_string(),
        channel: draft.channel.to_owned(),
        key: draft.key,
        grant: grant::seal(draft.team, &grant)?,
        objects: vec![
            object(
                (card_id, &recipient),
                Auth::Staff(&staff),
                report,
                (Kind::Card, Position::default()),
                &card,
            )?,
            object(
                (answers_id, &recipient),
                Auth::Staff(&staff),
                report,
                (Kind::Answers, FIRST),
                draft.answers,
            )?,
        ],
        mailbox: SealedMailbox {
            lookup,
            card: mailbox_card.seal(&mailbox, &auth, report)?,
            expires: draft.mailbox_expires,
        },
        state_key: *identity.state_key().verify_key().as_bytes(),
        urgency: draft.urgency,
        day: draft.day,
        due: draft.due,
        retention: draft.retention.to_owned(),
        is_alike: draft.is_alike,
    })
}

/// The id of what the reporter writes back: of the page's nonce and of the words, so that the same words sent twice from one page are
/// one message and other words another one. Keyed, so that whoever reads ids cannot try words against them.
pub fn reporter_message_id(mailbox: &OpenMailbox, nonce: &[u8; 16], text: &str) -> ObjectId {
    id_of(
        mailbox.auth().expose(),
        &[b"kapea/message-id/v1", nonce, text.as_bytes()],
    )
}

/// The id of the reporter's own copy of a message in the mailbox: of the message's, so that there is one.
pub fn copy_id(mailbox: &OpenMailbox, message: ObjectId) -> MailItemId {
    let parts: [&[u8]; 2] = [b"kapea/copy-id/v1", message.as_bytes()];
    let id = id_of(mailbox.auth().expose(), &parts);
    MailItemId::from_bytes(*id.as_bytes())
}

pub(super) fn id_of(key: &[u8; 32], parts: &[&[u8]]) -> ObjectId {
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(hmac(key, parts)) {
        *to = from;
    }
    ObjectId::from_bytes(id)
}

/// Seals what the reporter writes back, for the team. `id` is that of [`reporter_message_id`].
///
/// # Errors
/// As [`seal_submission`].
pub fn seal_reporter_message(
    mailbox: &OpenMailbox,
    id: ObjectId,
    position: Position,
    body: &[u8],
) -> Result<SealedObject, SealError> {
    object(
        (id, mailbox.recipient()),
        Auth::Reporter(mailbox.auth()),
        mailbox.report(),
        (Kind::ReporterMessage, position),
        body,
    )
}

/// Tells whether a form that is sent again says the same.
pub fn content_digest(auth: &ReporterAuthKey, answers: &[u8]) -> [u8; 32] {
    keyed_digest(auth, &sha256(&[answers]))
}

/// [`content_digest`] of the answers with this SHA-256.
pub(super) fn keyed_digest(auth: &ReporterAuthKey, answers: &[u8; 32]) -> [u8; 32] {
    hmac(auth.expose(), &[b"kapea/content/v1", answers])
}

pub(super) fn object(
    (id, recipient): (ObjectId, &Recipient),
    auth: Auth<'_>,
    report: ReportId,
    (kind, position): (Kind, Position),
    body: &[u8],
) -> Result<SealedObject, SealError> {
    let place = Place::object(report, id);
    Ok(SealedObject {
        id,
        number: position.number,
        sealed: frame::seal(recipient, auth, place, kind, position, body)?,
    })
}
