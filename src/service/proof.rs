//! Reports' rows that are not as they were proven: found in a round through all of them, and put where nothing is lost.

use std::sync::Arc;

use super::audit_log::AuditLog;
use super::prover::RowProver;
use super::txn::Txn;
use crate::domain::alarm::AlarmKind;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Timestamp;
use crate::domain::ids::ReportId;
use crate::domain::state::State;
use crate::domain::suite::Suite;
use crate::seal::keys::SigningKey;
use crate::store::{self, DbConnection, Known, Prover, Report, StoreError, StoreResult};

/// Reports that one look goes through: some milliseconds.
const AT_ONCE: i64 = 256;
/// After every other.
const LAST: ReportId = ReportId::from_bytes([0xff; 16]);
/// What an alarm about rows is about: which reports, the trail says to auditors alone.
const SUBJECT: &str = "reports";

impl Txn<'_> {
    /// From here on what is decided about a report is signed with its key.
    pub fn sign_with(&mut self, key: SigningKey) {
        let keys = self.audit_log().report_keys();
        self.prove_with(Arc::new(RowProver::signing(keys, key)));
    }

    /// Whether a report stands as it was written: its row, its objects, whom it is granted to, and whose hands it is in.
    ///
    /// # Errors
    /// From the database.
    pub fn is_sound(&mut self, row: &Report) -> StoreResult<bool> {
        let prover = RowProver::new(self.audit_log().report_keys());
        is_sound(self, &prover, row)
    }

    /// A report that does not stand as it was written, if that is so still, stands where nothing is lost by it, and those who must look
    /// hear of it.
    ///
    /// # Errors
    /// From the database.
    pub fn mend(&mut self, report: ReportId) -> StoreResult<()> {
        if self.audit_log().is_behind() {
            return Ok(());
        }
        if store::shred_is_begun(self, report)? || !store::report_exists(self, report)? {
            return Ok(());
        }
        match store::report_read(self, report)? {
            Some(row) if self.is_sound(&row)? => Ok(()),
            Some(_) | None => self.put_back(report),
        }
    }

    /// What whoever has opened a report knows of its row, and the row does not say, or not any more.
    ///
    /// # Errors
    /// From the database.
    pub fn learn(&mut self, report: ReportId, known: &Known) -> StoreResult<()> {
        let row = store::report_by_id(self, report)?;
        if !row.recipient.is_empty() {
            if row.state_key == known.state_key {
                return Ok(());
            }
            self.put_back(report)?;
        }
        store::report_learn(self, report, known)
    }

    fn put_back(&mut self, report: ReportId) -> StoreResult<()> {
        self.tell_forged()?;
        let now = self.now().quarter();
        store::report_mend(self, report, now)?;
        self.record(None, AuditEvent::ReportMended { report })?;
        self.tell_urgent(report)
    }

    /// The newest suite that a team that reads reports has come to.
    ///
    /// # Errors
    /// From the database.
    pub fn readers_suite(&mut self) -> StoreResult<Option<Suite>> {
        let (authority, mut newest) = (self.authority(), None);
        for team in store::team_list(self)? {
            let ledger = authority.team(self, team.id)?;
            let team = ledger.state.as_ref().filter(|team| !team.is_audit);
            newest = newest.max(team.map(|team| team.generation.keys.recipient.suite()));
        }
        Ok(newest)
    }

    /// Those who must look hear that somebody writes to the database.
    ///
    /// # Errors
    /// From the database.
    pub fn tell_forged(&mut self) -> StoreResult<()> {
        self.raise(AlarmKind::ReportForged, SUBJECT).map(drop)
    }
}

fn is_sound(conn: &mut DbConnection, prover: &RowProver, row: &Report) -> StoreResult<bool> {
    Ok(prover.is_proven(row)
        && store::beside_fits(conn, prover, row)?
        && store::claim_fits(conn, row)?)
}

/// What a part of the round found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// What is to be done about those that were looked at.
    pub repairs: Vec<Repair>,
    /// Whether one is left out, and what its row says is not proven anew: it is being destroyed, or cannot be read.
    is_partial: bool,
    last: ReportId,
}

/// What is to be done about a report. Each in a write of its own: one that cannot be mended keeps no other from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// A report that is not as it was written.
    Forged(ReportId),
    /// One that an earlier key has proven.
    Aged(ReportId),
    /// An urgent one that waits and that nobody is told of.
    Untold(ReportId),
    /// One that no key opens: those who must look are to hear of it.
    Lost(ReportId),
    /// Lines of the queue's copy that are not what the rows say, of the reports after the first up to the second.
    Strayed(ReportId, ReportId),
}

/// Looks at the next reports, after the one with which the last look ended. An urgent one should be told of before `until`.
///
/// # Errors
/// From the database.
pub fn look(
    conn: &mut DbConnection,
    audit_log: &AuditLog,
    from: ReportId,
    until: Timestamp,
) -> StoreResult<Round> {
    let prover = RowProver::new(audit_log.report_keys());
    let (ids, is_whole) = store::report_ids_from(conn, from, AT_ONCE)?;
    let goes_on = i64::try_from(ids.len()).is_ok_and(|found| found == AT_ONCE);
    let last = ids.last().filter(|_| goes_on);
    let mut round = Round {
        is_partial: !is_whole,
        last: last.copied().unwrap_or(LAST),
        ..Round::default()
    };
    for id in ids {
        match round.look_at(conn, &prover, id, until) {
            // Nothing can be mended on a page that cannot be read: a check of the file names it.
            Err(error) if error.is_damage() => round.is_partial = true,
            looked => looked?,
        }
    }
    if store::unless_damaged(store::queue_strayed(conn, from, round.last))? > 0 {
        round.repairs.push(Repair::Strayed(from, round.last));
    }
    Ok(round)
}

impl Round {
    fn look_at(
        &mut self,
        conn: &mut DbConnection,
        prover: &RowProver,
        id: ReportId,
        until: Timestamp,
    ) -> StoreResult<()> {
        if store::shred_is_begun(conn, id)? {
            self.is_partial = true;
            return Ok(());
        }
        if !store::report_is_granted(conn, id)? {
            self.repairs.push(Repair::Lost(id));
        }
        match store::report_read(conn, id)? {
            Some(row) if is_sound(conn, prover, &row)? => {
                if !prover.is_newest(&row) {
                    self.repairs.push(Repair::Aged(id));
                }
                if row.state == State::Received
                    && row.urgency.pages_on_call()
                    && !store::report_is_told(conn, id, until)?
                {
                    self.repairs.push(Repair::Untold(id));
                }
            }
            Some(_) | None => self.repairs.push(Repair::Forged(id)),
        }
        Ok(())
    }

    /// Where the next look begins.
    pub fn next(&self) -> ReportId {
        Some(self.last)
            .filter(|last| *last != LAST)
            .unwrap_or_default()
    }

    /// Whether every report that was looked at is proven with the newest key once it is mended.
    pub const fn is_renewed(&self) -> bool {
        !self.is_partial
    }
}

impl Repair {
    /// Does it. Says how many reports that were.
    ///
    /// # Errors
    /// From the database.
    pub fn in_txn(self, txn: &mut Txn<'_>) -> StoreResult<usize> {
        match self {
            Self::Forged(report) => return txn.mend(report).map(|()| 1),
            Self::Aged(report) => match store::report_prove_anew(txn, report) {
                // It was changed, or has gone, since it was looked at.
                Err(StoreError::Stale | StoreError::NotFound) => {}
                other => other?,
            },
            Self::Untold(report) => {
                store::report_untell(txn, report)?;
                txn.tell_urgent(report)?;
            }
            Self::Lost(_) => {
                txn.raise(AlarmKind::ReportBroken, SUBJECT)?;
            }
            Self::Strayed(from, last) => {
                let strayed = store::queue_mend(txn, from, last)?;
                if strayed > 0 {
                    txn.tell_forged()?;
                }
                return Ok(strayed);
            }
        }
        Ok(0)
    }
}
