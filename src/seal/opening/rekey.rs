//! A report under a new key: for its named readers alone, or because the old key may be known.

use super::{OpenReport, open_object};
use crate::domain::ids::ObjectId;
use crate::domain::sealed::{Grant, MailboxCard, Object, Sealed};
use crate::domain::submission::SealedObject;
use crate::seal::age_file;
use crate::seal::card::MailboxContents;
use crate::seal::frame::Kind;
use crate::seal::grant;
use crate::seal::keys::{Identity, Recipient};
use crate::seal::{SealError, sealing};

/// Everything of a report that depends on its key.
pub struct Rekeyed {
    /// The new public key.
    pub recipient: Recipient,
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
    card: ObjectId,
    objects: &[(ObjectId, &Sealed<Object>)],
    holders: &[Recipient],
) -> Result<Rekeyed, SealError> {
    let identity = Identity::generate();
    let recipient = identity.recipient();
    let (mut moved, mut digest) = (Vec::new(), None);
    for (id, sealed) in objects {
        if *id != card {
            let Ok(opened) = open_object(report, *id, sealed) else {
                continue;
            };
            if opened.kind == Kind::Answers {
                digest = Some(sealing::content_digest(&report.auth, &opened.body));
            }
        }
        let frame = age_file::decrypt(&report.grant.identity, sealed)?;
        moved.push(SealedObject {
            id: *id,
            sealed: age_file::encrypt(&recipient, &frame)?,
        });
    }
    let mailbox = MailboxContents {
        recipient: recipient.clone(),
        digest: digest.ok_or(SealError::WrongObject)?,
    };
    let contents = grant::Contents {
        report: report.report(),
        binding: grant::binding(report.report(), &recipient, &report.mailbox, &report.auth),
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
    })
}
