//! Reports' rows that are not as they were proven: found in a round through all of them, and put where nothing is lost.

use std::sync::Arc;

use super::audit_log::AuditLog;
use super::prover::RowProver;
use super::txn::Txn;
use crate::domain::alarm::AlarmKind;
use crate::domain::audit::AuditEvent;
use crate::domain::ids::ReportId;
use crate::domain::state::State;
use crate::seal::keys::SigningKey;
use crate::store::{self, DbConnection, Prover, Report, StoreResult};

/// Reports that one look goes through: some milliseconds.
const AT_ONCE: i64 = 256;
/// What an alarm about rows is about: which reports, the trail says to auditors alone.
const SUBJECT: &str = "reports";

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
