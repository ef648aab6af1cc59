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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::keys::Identity;

    const DAY: Day = Day::from_number(20_780);

    #[test]
    fn an_entry_can_be_checked_with_its_salt_and_body() {
        let entry = entry(1, DAY, "report.claimed", b"body", &GENESIS);
        assert_eq!(commitment(&entry.salt, b"body"), entry.commitment);
        assert_ne!(commitment(&entry.salt, b"bodY"), entry.commitment);
        assert_eq!(
            leaf(1, DAY, "report.claimed", &entry.commitment, &GENESIS),
            entry.leaf
        );
    }

    #[test]
    fn every_part_of_an_entry_is_in_its_leaf() {
        let made = |sequence, day, class, commitment, previous| {
            leaf(sequence, day, class, &[commitment; 32], &[previous; 32])
        };
        let original = made(1, DAY, "a", 1, 1);
        for other in [
            made(2, DAY, "a", 1, 1),
            made(1, DAY.plus(1), "a", 1, 1),
            made(1, DAY, "b", 1, 1),
            made(1, DAY, "a", 2, 1),
            made(1, DAY, "a", 1, 2),
        ] {
            assert_ne!(other, original);
        }
    }

    #[test]
    fn the_same_body_is_committed_to_differently_each_time() {
        let commit = || entry(1, DAY, "a", b"body", &GENESIS).commitment;
        assert_ne!(commit(), commit());
    }

    #[test]
    fn a_reader_gets_salt_and_body() {
        let reader = Identity::generate();
        let sealed = seal_body(&reader.recipient(), &[1; 32], b"body").unwrap();
        let opened = age_file::decrypt(&reader, &sealed).unwrap();
        assert_eq!(opened.as_slice(), [[1; 32].as_slice(), b"body"].concat());
    }
}
