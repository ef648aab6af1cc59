//! Acts that wait for a second person, and what leaves the house when two agreed.

use zeroize::Zeroizing;

use super::OpenReport;
use crate::domain::ids::ProposalId;
use crate::domain::sealed::{Export, Proposal, Sealed};
use crate::seal::SealError;
use crate::seal::age_file;
use crate::seal::frame::{self, Place, Position};
use crate::seal::keys::Recipient;
use crate::seal::kind::Kind;
use crate::seal::said::{self, Said, Signer};

/// A proposal that was opened.
#[derive(Debug)]
pub struct OpenProposal {
    /// Who signed it.
    pub said: Said,
    /// What it says.
    pub text: Zeroizing<Vec<u8>>,
    /// Both as they were sealed, to be kept after it was agreed on; [`proposal_of_body`](crate::seal::proposal_of_body) reads it.
    pub body: Zeroizing<Vec<u8>>,
}

/// Seals what somebody proposes to its report. It opens under this id and no other.
///
/// # Errors
/// [`SealError::Failed`] if encryption fails.
pub fn seal_proposal(
    report: &OpenReport,
    id: ProposalId,
    by: Signer<'_>,
    text: &[u8],
) -> Result<Sealed<Proposal>, SealError> {
    let recipient = &report.grant.recipient;
    let place = Place::proposal(report.report(), id);
    let (kind, position) = (Kind::Proposal, Position::default());
    let body = said::to_body(recipient.suite(), (place, kind, position), by, text);
    frame::seal(recipient, report.auth(kind), place, kind, position, &body)
}

/// Opens a proposal.
///
/// # Errors
/// [`SealError`] if it is another one than its row says, belongs to another report, or was written by an outsider, the reporter for one.
pub fn open_proposal(
    report: &OpenReport,
    id: ProposalId,
    proposal: &Sealed<Proposal>,
) -> Result<OpenProposal, SealError> {
    let (key, plaintext) = report.grant.decrypt(proposal)?;
    let frame = frame::parse(&plaintext, key.identity.suite())?;
    if frame.kind != Kind::Proposal {
        return Err(SealError::WrongKind);
    }
    let place = Place::proposal(report.report(), id);
    let auth = report.auth_beneath(key, Kind::Proposal);
    let body = frame.authenticate(auth, place)?;
    let (said, text) = said::of_body((place, Kind::Proposal, frame.position), &body)?;
    Ok(OpenProposal { said, text, body })
}

/// Seals what leaves the house to its recipient, as any age program opens it.
///
/// # Errors
/// [`SealError::Failed`] if encryption fails.
pub fn seal_export(recipient: &Recipient, contents: &[u8]) -> Result<Sealed<Export>, SealError> {
    age_file::encrypt(recipient, contents)
}
