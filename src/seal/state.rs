//! The proof of a report's row: HMAC by a key of the server (32), and where somebody decided something about it, their signature (64) with
//! the key that only the report's own key gives. So neither whoever writes to the database alone nor the server alone can hide a report or
//! start its clock.

use borsh::BorshSerialize;

use super::derive::sha256;
use super::keys::{Signature, SigningKey, VerifyKey};
use super::mac::MacKeys;
use crate::domain::ids::{ObjectId, ReportId};
use crate::domain::suite::Suite;

const DECIDED: &[u8] = b"kapea/report/decided/v1";
const RESTING: &[u8] = b"kapea/report/decided/v2";
const ROW: &[u8] = b"kapea/report/row/v1";
const RESTING_ROW: &[u8] = b"kapea/report/row/v2";
const ENDING: &[u8] = b"kapea/report/ending/v1";
const EMPTIED: &[u8] = b"kapea/report/emptied/v1";
const CONTENTS: &[u8] = b"kapea/report/contents/v1";
/// Of a proof that nobody has signed, in bytes.
const MAC_BYTES: usize = 32;

/// What people decide about a report, in Borsh.
#[derive(Debug, Clone, BorshSerialize)]
pub struct Decided<'a> {
    /// Which.
    pub report: ReportId,
    /// Its public key.
    pub recipient: &'a str,
    /// The name of its state; `open` for any in which the queue shows it.
    pub standing: &'a str,
    /// `U0` to `U3`.
    pub urgency: &'a str,
    /// Its retention class.
    pub retention: &'a str,
    /// The day on which its clock ends, from 1970-01-01.
    pub retain_until: Option<i64>,
    /// The day from which on somebody should look at it again.
    pub review_day: Option<i64>,
    /// Whether it is under a legal hold.
    pub hold: bool,
    /// Whether it is for named people only.
    pub restricted: bool,
    /// Whose it is and when they look again. What nobody has said anything of is written as before there was such a thing.
    #[borsh(skip)]
    pub rest: Resting<'a>,
}

/// Whose a report is, and when they look again, in Borsh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, BorshSerialize)]
pub struct Resting<'a> {
    /// By when somebody looks again, in seconds since 1970.
    pub look_again: Option<i64>,
    /// Whose it is: their ids (16 bytes each), sorted.
    pub assignees: &'a [u8],
}

/// The rest of a report's row, in Borsh.
#[derive(Debug, Clone, BorshSerialize)]
pub struct Row<'a> {
    /// The form it came through.
    pub channel: &'a str,
    /// The UTC day it came, from 1970-01-01.
    pub day: i64,
    /// The name of its state.
    pub state: &'a str,
    /// By when it should be claimed, in seconds since 1970.
    pub due: i64,
    /// Which of its objects is the card.
    pub card: ObjectId,
    /// Counts its changes.
    pub version: i64,
    /// How many objects it has.
    pub objects: i64,
    /// A digest over them: [`contents_after`] each.
    pub contents: [u8; 32],
    /// The owners of the keys it is granted to: their ids (16 bytes each), sorted.
    pub holders: &'a [u8],
    /// What verifies the signature.
    pub state_key: [u8; 32],
}

/// A row that is to be proven or checked.
#[derive(Debug, Clone)]
pub struct StateRecord<'a> {
    /// What people decide.
    pub decided: Decided<'a>,
    /// The rest.
    pub row: Row<'a>,
}

/// Whether a proof says that somebody who could open the report has signed what is decided.
pub const fn is_signed(proof: &[u8]) -> bool {
    proof.len() > MAC_BYTES
}

/// The digest over these objects, which are all that a report has, in the order in which they came.
pub fn contents_of<'a>(objects: impl Iterator<Item = (ObjectId, &'a [u8])>) -> [u8; 32] {
    objects.fold([0; 32], |before, (object, sealed)| {
        contents_after(&before, object, sealed)
    })
}

/// The digest over a report's objects in the order in which they came, with one more. Before the first it is zeros.
pub fn contents_after(before: &[u8; 32], object: ObjectId, sealed: &[u8]) -> [u8; 32] {
    sha256(&[CONTENTS, before, object.as_bytes(), &sha256(&[sealed])])
}

/// The proof that the server has emptied a report that had so many objects, with this hash over them.
pub fn prove_emptied(
    keys: &MacKeys,
    report: ReportId,
    objects: i64,
    commitment: &[u8; 32],
) -> Vec<u8> {
    let parts = (report, objects, commitment);
    keys.mac(&[EMPTIED, &to_borsh(&parts)]).to_vec()
}

/// Whether it is that proof.
pub fn is_emptied(
    keys: &MacKeys,
    report: ReportId,
    objects: i64,
    commitment: &[u8; 32],
    proof: &[u8],
) -> bool {
    let parts = (report, objects, commitment);
    let mac = proof.try_into();
    mac.is_ok_and(|mac| keys.verify(&[EMPTIED, &to_borsh(&parts)], mac))
}

impl StateRecord<'_> {
    /// Signs what is decided.
    pub fn sign(&self, key: &SigningKey) -> Signature {
        key.sign(&self.decided())
    }

    /// The proof of the row, with this signature beneath it.
    pub fn prove(&self, keys: &MacKeys, signature: Option<&Signature>) -> Vec<u8> {
        let signature = signature.map_or([].as_slice(), |signature| signature.as_bytes());
        let mac = keys.mac(&[&self.whole(), signature]);
        [mac.as_slice(), signature].concat()
    }

    /// Whether it is the proof of this row, and the signature beneath it, if there is one, is over what is decided.
    pub fn is_proven(&self, keys: &MacKeys, proof: &[u8]) -> bool {
        self.is_ours(keys, proof) && (!is_signed(proof) || self.signature(proof).is_some())
    }

    /// Whether the server made the proof, whoever may have signed beneath it.
    pub fn is_ours(&self, keys: &MacKeys, proof: &[u8]) -> bool {
        let parts = proof.split_first_chunk::<MAC_BYTES>();
        parts.is_some_and(|(mac, signature)| keys.verify(&[&self.whole(), signature], mac))
    }

    /// The proof of a row whose report the server destroys: from here on it only goes.
    pub fn prove_ending(&self, keys: &MacKeys) -> Vec<u8> {
        keys.mac(&[ENDING, &self.whole()]).to_vec()
    }

    /// Whether the server made the proof, and destroys the report.
    pub fn is_ending(&self, keys: &MacKeys, proof: &[u8]) -> bool {
        let mac = proof.try_into();
        mac.is_ok_and(|mac| keys.verify(&[ENDING, &self.whole()], mac))
    }

    /// The signature in a proof, if it is one over what is decided now.
    pub fn signature(&self, proof: &[u8]) -> Option<Signature> {
        let (_, signature) = proof.split_first_chunk::<MAC_BYTES>()?;
        let signature = Signature::from_bytes(signature.try_into().ok()?);
        let key = VerifyKey::from_bytes(self.row.state_key);
        key.verify(&self.decided(), &signature).ok()?;
        Some(signature)
    }

    /// The report's key's; 0, which is none's, where it is no key.
    fn suite(&self) -> u8 {
        Suite::of_recipient(self.decided.recipient).map_or(0, Suite::byte)
    }

    fn decided(&self) -> Vec<u8> {
        let label = match self.rest().is_empty() {
            true => DECIDED,
            false => RESTING,
        };
        let (decided, rest) = (to_borsh(&self.decided), self.rest());
        [label, &[self.suite()], &decided, &rest].concat()
    }

    /// Nothing, where nobody has said anything of it.
    fn rest(&self) -> Vec<u8> {
        let rest = &self.decided.rest;
        match *rest == Resting::default() {
            true => Vec::new(),
            false => to_borsh(rest),
        }
    }

    fn whole(&self) -> Vec<u8> {
        let rest = self.rest();
        let label = if rest.is_empty() { ROW } else { RESTING_ROW };
        let (decided, row) = (to_borsh(&self.decided), to_borsh(&self.row));
        [label, &[self.suite()], &decided, &rest, &row].concat()
    }
}

/// Writing to memory does not fail.
fn to_borsh(value: &impl BorshSerialize) -> Vec<u8> {
    borsh::to_vec(value).unwrap_or_default()
}
