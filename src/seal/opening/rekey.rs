//! A report under a new key: for its named readers alone, or because the old key may be known.

use super::{Framed, OpenReport};
use crate::domain::ids::ObjectId;
use crate::domain::sealed::{Grant, MailboxCard, Object, Sealed};
use crate::domain::submission::SealedObject;
use crate::seal::age_file;
use crate::seal::card::MailboxContents;
use crate::seal::frame::{self, Auth, Place};
use crate::seal::grant;
use crate::seal::keys::{Identity, Recipient, SigningKey};
use crate::seal::kind::{Kind, Writer};
use crate::seal::{SealError, sealing};

/// Everything of a report that depends on its key.
pub struct Rekeyed {
    /// The new public key.
    pub recipient: Recipient,
    /// What signs the report's state from now on.
    pub state_key: SigningKey,
    /// The objects that opened and are the report's own, under the new key. Others stay as they are.
    pub objects: Vec<SealedObject>,
    /// The mailbox's card, which tells the reporter's side what to seal to.
    pub mailbox: Sealed<MailboxCard>,
    /// The new key for each holder, in their order.
    pub grants: Vec<Sealed<Grant>>,
}

/// Makes a new key and seals everything of the report to it.
///
/// # Errors
/// [`SealError`] if the answers are missing or do not open, or encryption fails.
pub fn rekey(
    report: &OpenReport,
    objects: &[(ObjectId, &Sealed<Object>)],
    holders: &[Recipient],
) -> Result<Rekeyed, SealError> {
    let identity = Identity::generate();
    let (recipient, staff) = (identity.recipient(), identity.staff_auth());
    let (mut moved, mut digest) = (Vec::new(), None);
    for (id, sealed) in objects {
        let Ok(Framed {
            kind,
            position,
            body,
        }) = report.open_frame(*id, sealed)
        else {
            continue;
        };
        if kind == Kind::Answers {
            digest = Some(sealing::content_digest(&report.auth, &body));
        }
        let auth = match kind.writer() {
            Writer::Staff => Auth::Staff(&staff),
            Writer::Reporter => Auth::Reporter(&report.auth),
        };
        let place = Place::object(report.report(), *id);
        let frame = frame::build(auth, place, kind, position, &body)?;
        moved.push(SealedObject {
            id: *id,
            number: position.number,
            sealed: age_file::encrypt(&recipient, &frame)?,
        });
    }
    let mailbox = MailboxContents {
        recipient: recipient.clone(),
        digest: digest.ok_or(SealError::WrongObject)?,
    };
    let contents = grant::Contents {
        report: report.report(),
        binding: grant::binding(
            report.report(),
            &recipient,
            &report.mailbox,
            &report.auth,
            &report.answers,
        ),
        secret: identity.seed().clone(),
    };
    Ok(Rekeyed {
        mailbox: mailbox.seal(&report.mailbox, &report.auth, report.report())?,
        grants: holders
            .iter()
            .map(|holder| grant::seal(holder, &contents))
            .collect::<Result<_, _>>()?,
        objects: moved,
        recipient,
        state_key: identity.state_key(),
    })
}
