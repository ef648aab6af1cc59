//! The chain of the audit log: each entry commits to its body by a salted hash and to the entry before it.
//!
//! Delete a body and its salt, and the chain still holds while the commitment says nothing any more.

use zeroize::Zeroizing;

use super::SealError;
use super::age_file;
use super::derive::sha256;
use super::keys::Recipient;
use super::random;
use crate::domain::clock::Day;
use crate::domain::sealed::{AuditBody, Sealed};

/// The leaf before the first.
pub const GENESIS: [u8; 32] = [0; 32];

/// What an entry adds to the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Hides the body behind the commitment. Kept with the body, and nowhere else.
    pub salt: [u8; 32],
    /// `SHA-256(salt ‖ body)`.
    pub commitment: [u8; 32],
    /// What the next entry builds on.
    pub leaf: [u8; 32],
}

/// Makes the next entry.
pub fn entry(sequence: i64, day: Day, class: &str, body: &[u8], previous: &[u8; 32]) -> Entry {
    let salt = random::bytes();
    let commitment = commitment(&salt, body);
    Entry {
        salt,
        commitment,
        leaf: leaf(sequence, day, class, &commitment, previous),
    }
}

/// The commitment to a body.
pub fn commitment(salt: &[u8; 32], body: &[u8]) -> [u8; 32] {
    sha256(&[b"kapea/audit/body/v1", salt, body])
}

/// The leaf of an entry, to check the chain.
pub fn leaf(
    sequence: i64,
    day: Day,
    class: &str,
    commitment: &[u8; 32],
    previous: &[u8; 32],
) -> [u8; 32] {
    // The class is the one part of varying length; a hash of it stands in, so that no two entries have the same bytes.
    sha256(&[
        b"kapea/audit/v1",
        &sequence.to_be_bytes(),
        &day.number().to_be_bytes(),
        &sha256(&[class.as_bytes()]),
        commitment,
        previous,
    ])
}

/// Salt and body for one reader.
///
/// # Errors
/// [`SealError::Failed`] if encryption fails.
pub fn seal_body(
    reader: &Recipient,
    salt: &[u8; 32],
    body: &[u8],
) -> Result<Sealed<AuditBody>, SealError> {
    age_file::encrypt(reader, &Zeroizing::new([salt.as_slice(), body].concat()))
}
