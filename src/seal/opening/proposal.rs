//! Acts that wait for a second person, and what leaves the house when two agreed.

use zeroize::Zeroizing;

use super::OpenReport;
use crate::domain::ids::ProposalId;
use crate::domain::sealed::{Export, Proposal, Sealed};
use crate::seal::SealError;
use crate::seal::age_file;
use crate::seal::frame::{self, Kind, Place};
use crate::seal::keys::Recipient;

/// Seals a proposal to its report. It opens under this id and no other.
///
/// # Errors
/// [`SealError::Failed`] if encryption fails.
pub fn seal_proposal(
    report: &OpenReport,
    id: ProposalId,
    body: &[u8],
) -> Result<Sealed<Proposal>, SealError> {
    let place = Place::proposal(report.report(), id);
    let frame = frame::build(&report.auth, place, Kind::Proposal, 0, body)?;
    age_file::encrypt(&report.grant.recipient, &frame)
}

/// Opens a proposal.
///
/// # Errors
/// [`SealError`] if it is another one than its row says, belongs to another report, or was written by an outsider.
pub fn open_proposal(
    report: &OpenReport,
    id: ProposalId,
    proposal: &Sealed<Proposal>,
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let plaintext = age_file::decrypt(&report.grant.identity, proposal)?;
    let frame = frame::parse(&plaintext)?;
    if frame.kind != Kind::Proposal {
        return Err(SealError::WrongKind);
    }
    frame.authenticate(&report.auth, Place::proposal(report.report(), id))
}

/// Seals what leaves the house to its recipient, as any age program opens it.
///
/// # Errors
/// [`SealError::Failed`] if encryption fails.
pub fn seal_export(recipient: &Recipient, contents: &[u8]) -> Result<Sealed<Export>, SealError> {
    age_file::encrypt(recipient, contents)
}
