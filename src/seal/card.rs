//! The two cards that tie a report and its mailbox together. Only ciphertext says that they belong to each other.

use zeroize::Zeroizing;

use super::SealError;
use super::age_file;
use super::frame::{self, Fields, Kind, Place};
use super::keys::{AuthKey, Identity, Recipient, Seed};
use crate::domain::ids::ReportId;
use crate::domain::sealed::{MailboxCard, Sealed};

const RECIPIENT_LENGTH: usize = 62;

/// The report's card: `lookup (32) ‖ RK (32) ‖ M recipient (62) ‖ summary`.
pub(super) struct ReportContents<'a> {
    pub(super) lookup: [u8; 32],
    pub(super) auth: AuthKey,
    pub(super) mailbox: Recipient,
    pub(super) summary: &'a [u8],
}

impl<'a> ReportContents<'a> {
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let parts: [&[u8]; 4] = [
            &self.lookup,
            self.auth.expose(),
            self.mailbox.as_str().as_bytes(),
            self.summary,
        ];
        Zeroizing::new(parts.concat())
    }

    pub(super) fn parse(body: &'a [u8]) -> Result<Self, SealError> {
        let mut fields = Fields(body);
        Ok(Self {
            lookup: fields.take()?,
            auth: AuthKey::new(Seed::from_bytes(fields.take()?)),
            mailbox: take_recipient(&mut fields)?,
            summary: fields.0,
        })
    }
}

/// The mailbox's card: `R recipient (62) ‖ content digest (32)`.
pub(super) struct MailboxContents {
    pub(super) recipient: Recipient,
    pub(super) digest: [u8; 32],
}

impl MailboxContents {
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let parts: [&[u8]; 2] = [self.recipient.as_str().as_bytes(), &self.digest];
        Zeroizing::new(parts.concat())
    }

    pub(super) fn parse(body: &[u8]) -> Result<Self, SealError> {
        let mut fields = Fields(body);
        let contents = Self {
            recipient: take_recipient(&mut fields)?,
            digest: fields.take()?,
        };
        fields.finish()?;
        Ok(contents)
    }

    pub(super) fn seal(
        &self,
        mailbox: &Recipient,
        auth: &AuthKey,
        report: ReportId,
    ) -> Result<Sealed<MailboxCard>, SealError> {
        let place = Place::mailbox_card(report);
        let frame = frame::build(auth, place, Kind::MailboxCard, 0, &self.to_bytes())?;
        age_file::encrypt(mailbox, &frame)
    }

    /// The report is named inside and nowhere else.
    pub(super) fn open(
        mailbox: &Identity,
        auth: &AuthKey,
        card: &Sealed<MailboxCard>,
    ) -> Result<(ReportId, Self), SealError> {
        let plaintext = age_file::decrypt(mailbox, card)?;
        let frame = frame::parse(&plaintext)?;
        if frame.kind != Kind::MailboxCard {
            return Err(SealError::WrongKind);
        }
        let body = frame.authenticate(auth, Place::mailbox_card(frame.report))?;
        Ok((frame.report, Self::parse(&body)?))
    }
}

fn take_recipient(fields: &mut Fields<'_>) -> Result<Recipient, SealError> {
    std::str::from_utf8(fields.take_slice(RECIPIENT_LENGTH)?)
        .map_err(|_| SealError::Malformed)?
        .parse()
}
