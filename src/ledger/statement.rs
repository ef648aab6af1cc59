//! A statement and its place in its list. Encoded with [Borsh](https://borsh.io), which has one spelling for each value.

use std::ops::RangeInclusive;

use borsh::{BorshDeserialize, BorshSerialize};

use super::Refused;
use crate::domain::clock::Quarter;
use crate::domain::ids::{LedgerId, StaffId};
use crate::domain::suite::Suite;
use crate::seal::digest;
use crate::seal::keys::{Recipient, Signature, SigningKey, VerifyKey, fingerprint};

/// The first bytes of what is signed.
const MAGIC: [u8; 4] = *b"STM1";
/// Where the byte of the kind stands: after everything that all statements have in common.
const KIND_AT: usize = MAGIC.len() + 1 + 16 + 4 + 32 + 16 + 4;

/// Bytes of the longest statement that is read: a root names two public keys, of some two thousand each in a suite with ML-KEM.
const LONGEST: usize = 8_192;

/// SHA-256 of a statement with its signatures.
pub type Digest = [u8; 32];

/// How far a ledger goes. Zeros before the first statement.
pub use crate::seal::witness::LedgerHead as Head;

/// What somebody says. `B` is what may be said in this kind of ledger.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Statement<B> {
    /// Made with these algorithms.
    pub suite: Suite,
    /// In which ledger.
    pub ledger: LedgerId,
    /// Counts the ledger's statements, from 1.
    pub sequence: u32,
    /// The digest of the one before it; zeros before the first.
    pub previous: Digest,
    /// Who says it.
    pub author: StaffId,
    /// When.
    pub at: Quarter,
    /// What.
    pub body: B,
}

/// A statement, and the bytes that were signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed<B> {
    /// What is said.
    pub statement: Statement<B>,
    /// Where the ledger ends with it.
    pub head: Head,
    bytes: Vec<u8>,
    signatures: Vec<Signature>,
}

/// What may be said in a ledger.
pub trait Body: BorshSerialize + BorshDeserialize + Sync {
    /// The kinds that there are: no two sorts of ledger have one in common.
    const KINDS: RangeInclusive<u8>;
}

/// A key pair's public halves.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct PublicKeys {
    /// What is sealed to.
    pub recipient: Recipient,
    /// What checks signatures.
    pub verify_key: VerifyKey,
}

impl PublicKeys {
    /// Whether either half is the same.
    pub fn have_in_common(&self, other: &Self) -> bool {
        self.recipient == other.recipient || self.verify_key == other.verify_key
    }

    /// 30 digits in six groups of five, to be compared by voice.
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.recipient, &self.verify_key)
    }
}

#[derive(BorshSerialize, BorshDeserialize)]
struct Stored {
    bytes: Vec<u8>,
    signatures: Vec<Signature>,
}

impl<B: Body> Statement<B> {
    /// The next statement of a ledger that ends with `head`.
    pub fn after(
        (ledger, head): (LedgerId, Head),
        (author, at): (StaffId, Quarter),
        body: B,
    ) -> Self {
        Self {
            suite: Suite::NEWEST,
            ledger,
            sequence: head.sequence.saturating_add(1),
            previous: head.digest,
            author,
            at,
            body,
        }
    }

    /// Signs with one key or more; whose, its kind says.
    ///
    /// # Errors
    /// [`Refused::Malformed`] if it cannot be written down: a time before 1970.
    pub fn sign(self, keys: &[&SigningKey]) -> Result<Signed<B>, Refused> {
        let mut bytes = MAGIC.to_vec();
        self.serialize(&mut bytes).map_err(|_| Refused::Malformed)?;
        let signatures = keys.iter().map(|key| key.sign(&bytes)).collect();
        Ok(Signed::of(self, bytes, signatures))
    }
}

impl<B: Body> Signed<B> {
    fn of(statement: Statement<B>, bytes: Vec<u8>, signatures: Vec<Signature>) -> Self {
        let head = Head {
            sequence: statement.sequence,
            digest: digest(&[&stored(&bytes, &signatures)]),
        };
        Self {
            statement,
            head,
            bytes,
            signatures,
        }
    }

    /// As it is kept: Borsh of the signed bytes and the list of signatures. The digest is over exactly this.
    pub fn to_bytes(&self) -> Vec<u8> {
        stored(&self.bytes, &self.signatures)
    }

    /// Reads what [`Signed::to_bytes`] wrote, and nothing else. Who signed is not looked at.
    ///
    /// # Errors
    /// [`Refused::Malformed`], [`Refused::UnknownSuite`], [`Refused::UnknownKind`].
    pub fn parse(kept: &[u8]) -> Result<Self, Refused> {
        if kept.len() > LONGEST {
            return Err(Refused::Malformed);
        }
        let Stored { bytes, signatures } =
            borsh::from_slice(kept).map_err(|_| Refused::Malformed)?;
        let (magic, rest) = bytes.split_first_chunk().ok_or(Refused::Malformed)?;
        let suite = rest.first().ok_or(Refused::Malformed)?;
        if *magic != MAGIC {
            return Err(Refused::Malformed);
        }
        if Suite::from_byte(*suite).is_none() {
            return Err(Refused::UnknownSuite(*suite));
        }
        match bytes.get(KIND_AT) {
            Some(kind) if B::KINDS.contains(kind) => {}
            Some(kind) => return Err(Refused::UnknownKind(*kind)),
            None => return Err(Refused::Malformed),
        }
        let statement = borsh::from_slice(rest).map_err(|_| Refused::Malformed)?;
        Ok(Self::of(statement, bytes, signatures))
    }

    /// Whether it is the next statement of that ledger.
    ///
    /// # Errors
    /// [`Refused::OtherLedger`], [`Refused::OutOfOrder`], [`Refused::Forked`].
    pub fn follows(&self, ledger: LedgerId, head: Head) -> Result<(), Refused> {
        if self.statement.ledger != ledger {
            return Err(Refused::OtherLedger);
        }
        if Some(self.statement.sequence) != head.sequence.checked_add(1) {
            return Err(Refused::OutOfOrder);
        }
        if self.statement.previous != head.digest {
            return Err(Refused::Forked);
        }
        Ok(())
    }

    /// Checks that exactly these keys signed, in this order.
    ///
    /// # Errors
    /// [`Refused::WrongSigner`].
    pub fn signed_by(&self, keys: &[VerifyKey]) -> Result<(), Refused> {
        let fits = keys.len() == self.signatures.len()
            && keys
                .iter()
                .zip(&self.signatures)
                .all(|(key, signature)| key.verify(&self.bytes, signature).is_ok());
        fits.then_some(()).ok_or(Refused::WrongSigner)
    }
}

#[expect(
    clippy::expect_used,
    reason = "writing into memory does not fail, and neither list is near 4 GiB"
)]
fn stored(bytes: &[u8], signatures: &[Signature]) -> Vec<u8> {
    borsh::to_vec(&(bytes, signatures)).expect("written into memory")
}
