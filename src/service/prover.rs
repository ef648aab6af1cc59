//! The proof of a report's row: made at every change, checked wherever the report is opened or destroyed.

use crate::domain::clock::{Day, Quarter};
use crate::domain::ids::{ObjectId, ReportId};
use crate::seal::MacKeys;
use crate::seal::keys::{Signature, SigningKey};
use crate::seal::state::{self, Decided, Resting, Row, StateRecord};
use crate::store::{Prover, Report, Shredded};

/// The standing of a report that the queue shows by default, whatever its state.
const OPEN: &str = "open";

/// Proves rows with the server's key, and signs what is decided with the key of the report that is open, if one is.
pub struct RowProver {
    keys: MacKeys,
    signer: Option<SigningKey>,
}

impl RowProver {
    /// Without a report that is open.
    pub const fn new(keys: MacKeys) -> Self {
        Self { keys, signer: None }
    }

    /// With the key of the report that is open.
    pub const fn signing(keys: MacKeys, key: SigningKey) -> Self {
        let signer = Some(key);
        Self { keys, signer }
    }

    /// Whether the row was written by the server; who decided what it says is not looked at.
    pub fn is_ours(&self, row: &Report) -> bool {
        record(row).is_ours(&self.keys, &row.proof)
    }

    /// Whether the newest of its keys has proven the row.
    pub fn is_newest(&self, row: &Report) -> bool {
        record(row).is_ours(&self.keys.newest(), &row.proof)
    }

    fn signature(&self, row: &Report, record: &StateRecord<'_>) -> Option<Signature> {
        let signer = self.signer.as_ref();
        let fits = |key: &&SigningKey| *key.verify_key().as_bytes() == row.state_key;
        match signer.filter(fits) {
            Some(key) => Some(record.sign(key)),
            // What was decided before and is so still.
            None => record.signature(&row.proof),
        }
    }
}

impl Prover for RowProver {
    fn is_proven(&self, row: &Report) -> bool {
        record(row).is_proven(&self.keys, &row.proof)
            && (is_signed(row) || needs_no_signature(row))
            && is_looked_at_in_time(row)
    }

    fn prove(&self, row: &Report) -> Option<Vec<u8>> {
        let record = record(row);
        let signature = self.signature(row, &record);
        let may = signature.is_some() || needs_no_signature(row);
        let may = may && is_looked_at_in_time(row);
        may.then(|| record.prove(&self.keys, signature.as_ref()))
    }

    fn contents_after(&self, before: &[u8; 32], object: ObjectId, sealed: &[u8]) -> [u8; 32] {
        state::contents_after(before, object, sealed)
    }

    fn is_ending(&self, row: &Report) -> bool {
        record(row).is_ending(&self.keys, &row.proof)
    }

    fn prove_ending(&self, row: &Report) -> Vec<u8> {
        record(row).prove_ending(&self.keys)
    }

    fn is_emptied(&self, report: ReportId, was: &Shredded, proof: &[u8]) -> bool {
        state::is_emptied(&self.keys, report, was.objects, &was.commitment, proof)
    }

    fn prove_emptied(&self, report: ReportId, was: &Shredded) -> Vec<u8> {
        state::prove_emptied(&self.keys, report, was.objects, &was.commitment)
    }
}

/// Whether somebody has decided what the row says.
pub const fn is_signed(row: &Report) -> bool {
    state::is_signed(row.proof.as_slice())
}

/// Nothing is hidden and nothing destroyed by it: so a report comes in, and so it comes back.
fn needs_no_signature(row: &Report) -> bool {
    let rests = row.state.rests() && row.look_again.is_some();
    row.state.is_open() && row.retain_until.is_none() && !rests
}

/// Nobody but whoever has said it puts the next look off.
fn is_looked_at_in_time(row: &Report) -> bool {
    let look = row.look_again.filter(|_| row.state.rests());
    look.is_none_or(|look| row.due <= look)
}

fn record(row: &Report) -> StateRecord<'_> {
    let standing = if row.state.is_open() {
        OPEN
    } else {
        row.state.as_str()
    };
    StateRecord {
        decided: Decided {
            report: row.id,
            recipient: &row.recipient,
            standing,
            urgency: row.urgency.as_str(),
            retention: row.retention.as_str(),
            retain_until: row.retain_until.map(Day::number),
            review_day: row.review_day.map(Day::number),
            hold: row.hold,
            restricted: row.restricted,
            rest: Resting {
                look_again: row.look_again.map(Quarter::seconds),
                assignees: &row.assignees,
            },
        },
        row: Row {
            channel: &row.channel,
            day: row.day.number(),
            state: row.state.as_str(),
            due: row.due.start().seconds(),
            card: row.card,
            version: row.version.number(),
            objects: row.objects,
            contents: row.contents,
            holders: &row.holders,
            state_key: row.state_key,
        },
    }
}
