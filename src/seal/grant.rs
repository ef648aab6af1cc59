//! A grant: the report's key for one holder, bound to the report's mailbox and reporter key.
//!
//! `"GRT1" ‖ suite ‖ report (16) ‖ binding (32) ‖ R (32)`. Only someone who has R can write one, so whoever can merely write to the
//! database cannot exchange the card, the mailbox or the reporter's key under it.

use zeroize::Zeroizing;

use super::SealError;
use super::age_file;
use super::card::Answers;
use super::derive::sha256;
use super::frame::Fields;
use super::keys::{Identity, Recipient, ReporterAuthKey, Seed};
use crate::domain::ids::ReportId;
use crate::domain::sealed::{Grant, Sealed};
use crate::domain::submission::SUITE_X25519;

const MAGIC: &[u8; 4] = b"GRT1";

/// What a grant holds.
pub(super) struct Contents {
    pub(super) report: ReportId,
    pub(super) binding: [u8; 32],
    pub(super) secret: Seed,
}

/// What ties a report's key to its mailbox, to its reporter and to the answers that came: SHA-256 of
/// `"kapea/bind/v1" ‖ suite ‖ report (16) ‖ n (2) ‖ R recipient ‖ n (2) ‖ M recipient ‖ SHA-256(RK) ‖ answers' id (16) ‖ SHA-256(answers)`.
pub(super) fn binding(
    report: ReportId,
    recipient: &Recipient,
    mailbox: &Recipient,
    auth: &ReporterAuthKey,
    answers: &Answers,
) -> [u8; 32] {
    sha256(&[
        b"kapea/bind/v1",
        &[SUITE_X25519],
        report.as_bytes(),
        &recipient.to_field(),
        &mailbox.to_field(),
        &sha256(&[auth.expose()]),
        answers.id.as_bytes(),
        &answers.digest,
    ])
}

impl Contents {
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let parts: [&[u8]; 5] = [
            MAGIC,
            &[SUITE_X25519],
            self.report.as_bytes(),
            &self.binding,
            self.secret.expose(),
        ];
        Zeroizing::new(parts.concat())
    }

    pub(super) fn parse(plaintext: &[u8]) -> Result<Self, SealError> {
        let mut fields = Fields(plaintext);
        fields.begin(MAGIC)?;
        let contents = Self {
            report: ReportId::from_bytes(fields.take()?),
            binding: fields.take()?,
            secret: Seed::from_bytes(fields.take()?),
        };
        fields.finish()?;
        Ok(contents)
    }
}

pub(super) fn seal(holder: &Recipient, contents: &Contents) -> Result<Sealed<Grant>, SealError> {
    age_file::encrypt(holder, &contents.to_bytes())
}

pub(super) fn open(holder: &Identity, sealed: &Sealed<Grant>) -> Result<Contents, SealError> {
    Contents::parse(&age_file::decrypt(holder, sealed)?)
}
