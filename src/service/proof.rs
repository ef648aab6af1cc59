//! Reports' rows as they are proven: made at every change, checked wherever one is opened or destroyed, and in a round through all of them.

use std::sync::Arc;

use super::audit_log::AuditLog;
use super::txn::Txn;
use crate::domain::alarm::AlarmKind;
use crate::domain::audit::AuditEvent;
use crate::domain::ids::ReportId;
use crate::domain::state::State;
use crate::seal::MacKeys;
use crate::seal::keys::{Signature, SigningKey};
use crate::seal::state::{Decided, MAC_BYTES, Row, StateRecord};
use crate::store::{self, DbConnection, Prover, Report, StoreResult};

/// Reports that one look goes through: some milliseconds.
const AT_ONCE: i64 = 256;
/// What an alarm about rows is about: which reports, the trail says to auditors alone.
const SUBJECT: &str = "reports";
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
        let proof = record(row).check(&self.keys, &row.proof);
        proof.is_some_and(|proof| proof.is_signed || needs_no_signature(row))
    }

    fn prove(&self, row: &Report) -> Option<Vec<u8>> {
        let record = record(row);
        let signature = self.signature(row, &record);
        let may = signature.is_some() || needs_no_signature(row);
        may.then(|| record.prove(&self.keys, signature.as_ref()))
    }
}

/// Whether somebody has decided what the row says.
pub const fn is_signed(row: &Report) -> bool {
    row.proof.len() > MAC_BYTES
}

/// Nothing is hidden and nothing destroyed by it: so a report comes in, and so it comes back.
fn needs_no_signature(row: &Report) -> bool {
    row.state.is_open() && row.retain_until.is_none()
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
            retain_until: row.retain_until.map(crate::domain::clock::Day::number),
            review_day: row.review_day.map(crate::domain::clock::Day::number),
            hold: row.hold,
            restricted: row.restricted,
        },
        row: Row {
            channel: &row.channel,
            day: row.day.number(),
            state: row.state.as_str(),
            due: row.due.start().seconds(),
            card: row.card,
            version: row.version.number(),
            objects: row.objects,
            state_key: row.state_key,
        },
    }
}

impl Txn<'_> {
    /// From here on what is decided about a report is signed with its key.
    pub fn sign_with(&mut self, key: SigningKey) {
        let keys = self.audit_log().report_keys();
        self.prove_with(Arc::new(RowProver::signing(keys, key)));
    }

    /// Whether a report's row is as it was written.
    pub fn is_proven(&self, row: &Report) -> bool {
        RowProver::new(self.audit_log().report_keys()).is_proven(row)
    }

    /// A report whose row is not as it was proven, if that is so still, stands where nothing is lost by it, and those who must look hear of it.
    ///
    /// # Errors
    /// From the database.
    pub fn mend(&mut self, report: ReportId, state_key: Option<&[u8; 32]>) -> StoreResult<()> {
        let row = store::report_by_id(self, report)?;
        let has_key = state_key.is_none_or(|key| *key == row.state_key);
        // Somebody else was faster.
        if has_key && self.is_proven(&row) {
            return Ok(());
        }
        store::report_mend(self, report, state_key)?;
        self.record(None, AuditEvent::ReportMended { report })?;
        self.raise(AlarmKind::ReportForged, SUBJECT)?;
        self.tell_urgent(report)
    }
}

/// What a part of the round found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Reports to be mended.
    forged: Vec<ReportId>,
    /// Urgent ones that wait and that nobody is told of.
    untold: Vec<ReportId>,
    /// Up to here the queue's copy is to be compared.
    from: ReportId,
    last: Option<ReportId>,
    /// Lines of the queue's copy that are not what the rows say.
    strayed: i64,
}

/// Looks at the next reports, after the one with which the last look ended.
///
/// # Errors
/// From the database.
pub fn look(conn: &mut DbConnection, audit_log: &AuditLog, from: ReportId) -> StoreResult<Round> {
    let prover = RowProver::new(audit_log.report_keys());
    let mut round = Round {
        from,
        ..Round::default()
    };
    for row in store::reports_from(conn, from, AT_ONCE)? {
        round.last = Some(row.id);
        if store::shred_is_begun(conn, row.id)? {
            continue;
        }
        if !prover.is_proven(&row) {
            round.forged.push(row.id);
        } else if row.state == State::Received
            && row.urgency.pages_on_call()
            && store::claim_holder(conn, row.id)?.is_none()
            && !store::report_is_told(conn, row.id)?
        {
            round.untold.push(row.id);
        }
    }
    if let Some(last) = round.last {
        round.strayed = store::queue_strayed(conn, from, last)?;
    }
    Ok(round)
}

impl Round {
    /// Where the next look begins.
    pub fn next(&self) -> ReportId {
        self.last.unwrap_or_default()
    }

    /// Whether there is nothing to mend.
    pub const fn is_sound(&self) -> bool {
        self.forged.is_empty() && self.untold.is_empty() && self.strayed == 0
    }

    /// Mends what was found, in the queue's copy too. Says how many reports that were.
    ///
    /// # Errors
    /// From the database.
    pub fn mend_in_txn(&self, txn: &mut Txn<'_>) -> StoreResult<usize> {
        let mut mended = 0;
        for report in &self.forged {
            // It may have been destroyed since it was looked at.
            if !store::shred_is_begun(txn, *report)? && store::report_exists(txn, *report)? {
                txn.mend(*report, None)?;
                mended += 1;
            }
        }
        for report in &self.untold {
            txn.tell_urgent(*report)?;
        }
        let strayed = match self.last {
            Some(last) => store::queue_mend(txn, self.from, last)?,
            None => 0,
        };
        if strayed > 0 {
            txn.raise(AlarmKind::ReportForged, SUBJECT)?;
        }
        Ok(mended + strayed)
    }
}
