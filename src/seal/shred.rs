//! The statement that a report was destroyed: what it was is told by a commitment to its ciphertext, and nothing else of it.

use super::derive::sha256;
use super::keys::{Signature, SigningKey};
use crate::domain::clock::Day;
use crate::domain::ids::{ObjectId, ReportId};
use crate::domain::sealed::{Object, Sealed};

const STATEMENT: &[u8] = b"kapea/shredded/v1";

/// Commits to every object of a report: whoever holds a copy of the ciphertext can show that it was this one, and nobody can show it of
/// another. `objects` must be in the order of their ids.
pub fn commitment<'a>(
    report: ReportId,
    objects: impl IntoIterator<Item = (ObjectId, &'a Sealed<Object>)>,
) -> [u8; 32] {
    let mut hash = sha256(&[b"kapea/shred-commitment/v1", report.as_bytes()]);
    for (id, sealed) in objects {
        hash = sha256(&[&hash, id.as_bytes(), &sha256(&[sealed.as_bytes()])]);
    }
    hash
}

/// Signs that a report was destroyed.
pub fn sign(
    key: &SigningKey,
    report: ReportId,
    objects: i64,
    commitment: &[u8; 32],
    day: Day,
) -> Signature {
    key.sign(&statement(report, objects, commitment, day))
}

/// What is signed: `"kapea/shredded/v1" ‖ report (16) ‖ objects (8) ‖ commitment (32) ‖ day (8)`, numbers big-endian.
pub fn statement(report: ReportId, objects: i64, commitment: &[u8; 32], day: Day) -> Vec<u8> {
    let parts: [&[u8]; 5] = [
        STATEMENT,
        report.as_bytes(),
        &objects.to_be_bytes(),
        commitment,
        &day.number().to_be_bytes(),
    ];
    parts.concat()
}
