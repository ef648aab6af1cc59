//! What somebody of the staff says about a report, with their own signature: `suite ‖ author (16) ‖ signature (64) ‖ what is said`, the body of a
//! message, a note, a decision or a proposal. Whoever holds the report's key could write one in a colleague's name; nobody else can sign it.

use zeroize::Zeroizing;

use super::SealError;
use super::derive::sha256;
use super::frame::{Fields, Place, Position};
use super::keys::{Signature, SigningKey, VerifyKey};
use super::kind::Kind;
use crate::domain::ids::{ProposalId, ReportId, StaffId};
use crate::domain::suite::Suite;

const LABEL: &[u8] = b"kapea/said/v1";

/// Who says something, and their signing key.
#[derive(Debug, Clone, Copy)]
pub struct Signer<'a> {
    /// Who.
    pub staff: StaffId,
    /// Their own.
    pub key: &'a SigningKey,
}

/// Who is named as the author, and what their signature is over.
#[derive(Debug, Clone)]
pub struct Said {
    /// Who.
    pub author: StaffId,
    statement: Vec<u8>,
    signature: Signature,
}

impl Said {
    #[cfg(test)]
    pub(super) fn unsigned(author: StaffId) -> Self {
        Self {
            author,
            statement: Vec::new(),
            signature: Signature::from_bytes([0; 64]),
        }
    }

    /// Whether this key of the author's signed it.
    pub fn is_signed_with(&self, key: &VerifyKey) -> bool {
        key.verify(&self.statement, &self.signature).is_ok()
    }
}

/// `"kapea/said/v1" ‖ suite ‖ kind ‖ report (16) ‖ object (16) ‖ seconds (8) ‖ number (4) ‖ author (16) ‖ SHA-256(what is said)`.
fn statement(
    suite: Suite,
    (place, kind, position): (Place, Kind, Position),
    author: StaffId,
    text: &[u8],
) -> Vec<u8> {
    let parts: [&[u8]; 7] = [
        LABEL,
        &[suite.byte(), kind.byte()],
        &place.to_bytes(),
        &position.seconds.to_be_bytes(),
        &position.number.to_be_bytes(),
        author.as_bytes(),
        &sha256(&[text]),
    ];
    parts.concat()
}

/// The body of what somebody says. It has a suite of its own: where a report is sealed anew, what was signed stays as it is.
pub(super) fn to_body(
    suite: Suite,
    at: (Place, Kind, Position),
    by: Signer<'_>,
    text: &[u8],
) -> Zeroizing<Vec<u8>> {
    let signature = by.key.sign(&statement(suite, at, by.staff, text));
    let parts: [&[u8]; 4] = [
        &[suite.byte()],
        by.staff.as_bytes(),
        signature.as_bytes(),
        text,
    ];
    Zeroizing::new(parts.concat())
}

/// Takes such a body apart. Whether it is the author's, [`Said::is_signed_with`] says.
pub(super) fn of_body(
    at: (Place, Kind, Position),
    body: &[u8],
) -> Result<(Said, Zeroizing<Vec<u8>>), SealError> {
    let mut fields = Fields(body);
    let suite = fields.take_suite()?;
    let author = StaffId::from_bytes(fields.take()?);
    let signature = Signature::from_bytes(fields.take()?);
    let said = Said {
        author,
        statement: statement(suite, at, author, fields.0),
        signature,
    };
    Ok((said, Zeroizing::new(fields.0.to_vec())))
}

/// Takes the body of a proposal apart that was kept after it was agreed on.
///
/// # Errors
/// [`SealError::Malformed`] if it is none.
pub fn proposal_of_body(
    report: ReportId,
    id: ProposalId,
    body: &[u8],
) -> Result<(Said, Zeroizing<Vec<u8>>), SealError> {
    let at = (
        Place::proposal(report, id),
        Kind::Proposal,
        Position::default(),
    );
    of_body(at, body)
}
