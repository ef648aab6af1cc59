//! The two cards that tie a report and its mailbox together. Only ciphertext says that they belong to each other.

use zeroize::Zeroizing;

use super::SealError;
use super::age_file;
use super::derive::sha256;
use super::frame::{self, Auth, Fields, Place, Position};
use super::keys::{Identity, Recipient, ReporterAuthKey, Seed};
use super::kind::Kind;
use crate::domain::ids::{ObjectId, ReportId};
use crate::domain::sealed::{MailboxCard, Sealed};

/// The answers that a report came with, and no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answers {
    /// Which object they are.
    pub(super) id: ObjectId,
    /// SHA-256 of them.
    pub(super) digest: [u8; 32],
}

impl Answers {
    pub(super) fn of(id: ObjectId, answers: &[u8]) -> Self {
        let digest = sha256(&[answers]);
        Self { id, digest }
    }
}

/// The report's card: `lookup (32) ‖ RK (32) ‖ n (2) ‖ M recipient ‖ answers' id (16) ‖ SHA-256(answers) ‖ summary`.
pub(super) struct ReportContents<'a> {
    pub(super) lookup: [u8; 32],
    pub(super) auth: ReporterAuthKey,
    pub(super) mailbox: Recipient,
    pub(super) answers: Answers,
    pub(super) summary: &'a [u8],
}

impl<'a> ReportContents<'a> {
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let parts: [&[u8]; 6] = [
            &self.lookup,
            self.auth.expose(),
            &self.mailbox.to_field(),
            self.answers.id.as_bytes(),
            &self.answers.digest,
            self.summary,
        ];
        Zeroizing::new(parts.concat())
    }

    pub(super) fn parse(body: &'a [u8]) -> Result<Self, SealError> {
        let mut fields = Fields(body);
        Ok(Self {
            lookup: fields.take()?,
            auth: ReporterAuthKey::new(Seed::from_bytes(fields.take()?)),
            mailbox: fields.take_recipient()?,
            answers: Answers {
                id: ObjectId::from_bytes(fields.take()?),
                digest: fields.take()?,
            },
            summary: fields.0,
        })
    }
}

/// The mailbox's card: `n (2) ‖ R recipient ‖ content digest (32)`.
pub(super) struct MailboxContents {
    pub(super) recipient: Recipient,
    pub(super) digest: [u8; 32],
}

impl MailboxContents {
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let parts: [&[u8]; 2] = [&self.recipient.to_field(), &self.digest];
        Zeroizing::new(parts.concat())
    }

    pub(super) fn parse(body: &[u8]) -> Result<Self, SealError> {
        let mut fields = Fields(body);
        let contents = Self {
            recipient: fields.take_recipient()?,
            digest: fields.take()?,
        };
        fields.finish()?;
        Ok(contents)
    }

    pub(super) fn seal(
        &self,
        mailbox: &Recipient,
        auth: &ReporterAuthKey,
        report: ReportId,
    ) -> Result<Sealed<MailboxCard>, SealError> {
        let place = Place::mailbox_card(report);
        let (auth, at) = (Auth::Reporter(auth), Position::default());
        let body = self.to_bytes();
        frame::seal(mailbox, auth, place, Kind::MailboxCard, at, &body)
    }

    /// The report is named inside and nowhere else.
    pub(super) fn open(
        mailbox: &Identity,
        auth: &ReporterAuthKey,
        card: &Sealed<MailboxCard>,
    ) -> Result<(ReportId, Self), SealError> {
        let plaintext = age_file::decrypt(mailbox, card)?;
        let frame = frame::parse(&plaintext, mailbox.suite())?;
        if frame.kind != Kind::MailboxCard {
            return Err(SealError::WrongKind);
        }
        let place = Place::mailbox_card(frame.report);
        let body = frame.authenticate(Auth::Reporter(auth), place)?;
        Ok((frame.report, Self::parse(&body)?))
    }
}
