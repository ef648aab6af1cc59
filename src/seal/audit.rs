//! The chain of the audit log: each entry commits to its body by a salted hash and to the entry before it.
//!
//! Delete a body and its salt, and the chain still holds while the commitment says nothing any more.

use zeroize::Zeroizing;

use super::SealError;
use super::age_file;
use super::derive::sha256;
use super::keys::{Identity, Recipient};
use super::mac::MacKeys;
use super::random;
use crate::domain::clock::Day;
use crate::domain::sealed::{AuditBody, Sealed};

/// The leaf before the first.
pub const GENESIS: [u8; 32] = [0; 32];

/// The commitment of an entry without a body.
pub const NO_BODY: [u8; 32] = [0; 32];

/// Bytes of the salt before each body.
const SALT: usize = 32;

/// The body of a coming entry, committed to and sealed for its reader.
#[derive(Debug, Clone)]
pub struct Draft {
    /// `SHA-256(salt ‖ body)`.
    pub commitment: [u8; 32],
    /// Salt and body, sealed. The salt hides the body behind the commitment and is nowhere else.
    pub body: Sealed<AuditBody>,
}

/// Commits to a body under a fresh salt and seals both for a reader.
///
/// # Errors
/// [`SealError::Failed`] if encryption fails.
pub fn draft(reader: &Recipient, body: &[u8]) -> Result<Draft, SealError> {
    let salt: [u8; SALT] = random::bytes();
    Ok(Draft {
        commitment: commitment(&salt, body),
        body: age_file::encrypt(reader, &Zeroizing::new([salt.as_slice(), body].concat()))?,
    })
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

/// That the server wrote the entry of this leaf, and whoever only writes to the database did not.
pub fn mac(keys: &MacKeys, leaf: &[u8; 32]) -> [u8; 32] {
    keys.mac(&[leaf])
}

/// Whether the server wrote the entry of this leaf.
pub fn is_ours(keys: &MacKeys, leaf: &[u8; 32], mac: &[u8; 32]) -> bool {
    keys.verify(&[leaf], mac)
}

/// Opens a body and checks it against its entry's commitment.
///
/// # Errors
/// [`SealError::Failed`] if the identity does not open it, or it is not the one that was committed to.
pub fn open_body(
    reader: &Identity,
    sealed: &Sealed<AuditBody>,
    committed: &[u8; 32],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let opened = age_file::decrypt(reader, sealed)?;
    let (salt, body) = opened
        .split_first_chunk::<SALT>()
        .ok_or(SealError::Failed)?;
    if commitment(salt, body) != *committed {
        return Err(SealError::Failed);
    }
    Ok(Zeroizing::new(body.to_vec()))
}

/// Seals a body for another reader. The commitment stays what it was, and so does the chain.
///
/// # Errors
/// As [`open_body`]; and if encryption fails.
pub fn reseal(
    reader: &Identity,
    sealed: &Sealed<AuditBody>,
    committed: &[u8; 32],
    next: &Recipient,
) -> Result<Sealed<AuditBody>, SealError> {
    open_body(reader, sealed, committed)?;
    age_file::encrypt(next, &age_file::decrypt(reader, sealed)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::suite::Suite;

    const DAY: Day = Day::from_number(20_780);

    #[test]
    fn its_reader_opens_a_body_and_nobody_else() {
        let reader = Identity::generate(Suite::X25519);
        let made = draft(&reader.recipient(), b"body").unwrap();
        let opened = open_body(&reader, &made.body, &made.commitment).unwrap();
        assert_eq!(opened.as_slice(), b"body");
        assert!(
            open_body(
                &Identity::generate(Suite::X25519),
                &made.body,
                &made.commitment
            )
            .is_err()
        );
    }

    #[test]
    fn a_body_goes_over_to_another_reader_and_is_the_same() {
        let [old, new] = [(); 2].map(|()| Identity::generate(Suite::X25519));
        let made = draft(&old.recipient(), b"body").unwrap();
        let moved = reseal(&old, &made.body, &made.commitment, &new.recipient()).unwrap();
        let opened = open_body(&new, &moved, &made.commitment).unwrap();
        assert_eq!(opened.as_slice(), b"body");
        assert!(open_body(&old, &moved, &made.commitment).is_err());
        assert!(reseal(&old, &made.body, &[0; 32], &new.recipient()).is_err());
    }

    #[test]
    fn a_body_of_another_entry_is_refused() {
        let reader = Identity::generate(Suite::X25519);
        let [one, other] = [b"body", b"bodY"].map(|body| draft(&reader.recipient(), body).unwrap());
        assert!(open_body(&reader, &one.body, &other.commitment).is_err());
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
        let reader = Identity::generate(Suite::X25519).recipient();
        let commit = || draft(&reader, b"body").unwrap().commitment;
        assert_ne!(commit(), commit());
    }
}
