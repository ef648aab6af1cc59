//! A grant: the report's key for one holder, bound to the report's mailbox and reporter key.
//!
//! `"GRT1" ‖ suite of R ‖ report (16) ‖ binding (32) ‖ R (32)`. Only someone who has R can write one, so whoever can merely write to the
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
use crate::domain::suite::Suite;

const MAGIC: &[u8; 4] = b"GRT1";

/// What a grant holds.
pub(super) struct Contents {
    pub(super) report: ReportId,
    pub(super) binding: [u8; 32],
    /// R, and the suite that it is of.
    pub(super) secret: (Suite, Seed),
}

/// What a report's key is tied to.
pub(super) struct Binding<'a> {
    pub(super) report: ReportId,
    pub(super) recipient: &'a Recipient,
    /// Those that the report had before, the newest first, and until which number: nobody who has not had one of them lays another
    /// beneath it, and nobody who has had one goes on writing under it.
    pub(super) earlier: &'a [(Recipient, u32)],
    pub(super) mailbox: &'a Recipient,
    pub(super) auth: &'a ReporterAuthKey,
    pub(super) answers: &'a Answers,
}

impl Binding<'_> {
    /// SHA-256 of `"kapea/bind/v1" ‖ suite ‖ report (16) ‖ n (2) ‖ R recipient ‖ n (2) ‖ M recipient ‖ SHA-256(RK) ‖ answers' id (16) ‖
    /// SHA-256(answers) ‖ for each earlier key: n (2) ‖ recipient ‖ until which number (4)`.
    pub(super) fn digest(&self) -> [u8; 32] {
        let earlier = self.earlier.iter();
        let earlier: Vec<Vec<u8>> = earlier
            .map(|(key, until)| [key.to_field().as_slice(), &until.to_be_bytes()].concat())
            .collect();
        sha256(&[
            b"kapea/bind/v1",
            &[self.recipient.suite().byte()],
            self.report.as_bytes(),
            &self.recipient.to_field(),
            &self.mailbox.to_field(),
            &sha256(&[self.auth.expose()]),
            self.answers.id.as_bytes(),
            &self.answers.digest,
            &earlier.concat(),
        ])
    }
}

impl Contents {
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let parts: [&[u8]; 5] = [
            MAGIC,
            &[self.secret.0.byte()],
            self.report.as_bytes(),
            &self.binding,
            self.secret.1.expose(),
        ];
        Zeroizing::new(parts.concat())
    }

    pub(super) fn parse(plaintext: &[u8]) -> Result<Self, SealError> {
        let mut fields = Fields(plaintext);
        let suite = fields.begin(MAGIC)?;
        let contents = Self {
            report: ReportId::from_bytes(fields.take()?),
            binding: fields.take()?,
            secret: (suite, Seed::from_bytes(fields.take()?)),
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
