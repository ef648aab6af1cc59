//! A report under a new key: for its named readers alone, or because the old key may be known.

use super::{Framed, OpenReport, regrant};
use crate::domain::ids::ObjectId;
use crate::domain::sealed::{Grant, MailboxCard, Object, Sealed};
use crate::domain::submission::{EarlierKey, SealedObject};
use crate::domain::suite::Suite;
use crate::seal::card::MailboxContents;
use crate::seal::frame::{self, Auth, Place};
use crate::seal::grant::{self, Binding};
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
    let identity = Identity::generate(suite(report, holders));
    let (recipient, staff) = (identity.recipient(), identity.staff_auth());
    let (mut moved, mut has_answers) = (Vec::new(), false);
    for (id, sealed) in objects {
        let Ok(Framed {
            kind,
            position,
            body,
        }) = report.open_frame(*id, sealed)
        else {
            continue;
        };
        has_answers |= kind == Kind::Answers;
        let auth = match kind.writer() {
            Writer::Staff => Auth::Staff(&staff),
            Writer::Reporter => Auth::Reporter(&report.auth),
        };
        let place = Place::object(report.report(), *id);
        moved.push(SealedObject {
            id: *id,
            number: position.number,
            sealed: frame::seal(&recipient, auth, place, kind, position, &body)?,
        });
    }
    if !has_answers {
        return Err(SealError::WrongObject);
    }
    let next = next(report, &identity, &[], holders)?;
    Ok(Rekeyed {
        mailbox: next.mailbox,
        grants: next.grants,
        state_key: next.state_key,
        objects: moved,
        recipient,
    })
}

/// A report's next key: what is written from now on goes to it, and it opens those before.
pub struct NextKey {
    /// The new public key.
    pub recipient: Recipient,
    /// What signs the report's state from now on.
    pub state_key: SigningKey,
    /// The key before, sealed to this one.
    pub before: EarlierKey,
    /// The mailbox's card, which tells the reporter's side what to seal to.
    pub mailbox: Sealed<MailboxCard>,
    /// The new key for each holder, in their order.
    pub grants: Vec<Sealed<Grant>>,
}

/// Makes the next key of a report, for all that is written from the number `until` on. Nothing is sealed again.
///
/// # Errors
/// [`SealError`] if encryption fails.
pub fn next_key(
    report: &OpenReport,
    until: u32,
    holders: &[Recipient],
) -> Result<NextKey, SealError> {
    let identity = Identity::generate(suite(report, holders));
    let now = &report.grant;
    let earlier: Vec<_> = std::iter::once((now.recipient.clone(), until))
        .chain(now.earlier.1.iter().cloned())
        .collect();
    let recipient = identity.recipient();
    let next = next(report, &identity, &earlier, holders)?;
    Ok(NextKey {
        before: EarlierKey {
            recipient: now.recipient.to_string(),
            until,
            sealed: regrant(now, &recipient)?,
        },
        mailbox: next.mailbox,
        grants: next.grants,
        state_key: next.state_key,
        recipient,
    })
}

/// The newest that a reader of the report has, and never an earlier one than it has now.
fn suite(report: &OpenReport, holders: &[Recipient]) -> Suite {
    let holders = holders.iter().map(Recipient::suite);
    holders.fold(report.grant.recipient.suite(), Suite::max)
}

struct Next {
    state_key: SigningKey,
    mailbox: Sealed<MailboxCard>,
    grants: Vec<Sealed<Grant>>,
}

/// What depends on a report's newest key and on nothing that was written before.
fn next(
    report: &OpenReport,
    identity: &Identity,
    earlier: &[(Recipient, u32)],
    holders: &[Recipient],
) -> Result<Next, SealError> {
    let recipient = identity.recipient();
    let mailbox = MailboxContents {
        digest: sealing::keyed_digest(&report.auth, &report.answers.digest),
        recipient: recipient.clone(),
    };
    let binding = Binding {
        report: report.report(),
        recipient: &recipient,
        earlier,
        mailbox: &report.mailbox,
        auth: &report.auth,
        answers: &report.answers,
    };
    let contents = grant::Contents {
        report: report.report(),
        binding: binding.digest(),
        secret: identity.secret(),
    };
    Ok(Next {
        state_key: identity.state_key(),
        mailbox: mailbox.seal(&report.mailbox, &report.auth, report.report())?,
        grants: holders
            .iter()
            .map(|holder| grant::seal(holder, &contents))
            .collect::<Result<_, _>>()?,
    })
}
