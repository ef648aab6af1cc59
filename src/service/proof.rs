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
    /// Reports to be mended.
    forged: Vec<ReportId>,
    /// Urgent ones that wait and that nobody is told of.
    untold: Vec<ReportId>,
    /// Those that no key opens.
    lost: Vec<ReportId>,
    /// Those that an earlier key has proven.
    aged: Vec<ReportId>,
    /// Whether one is being destroyed: what its row says is not proven anew.
    is_ending: bool,
    /// Up to here the queue's copy is to be compared.
    from: ReportId,
    last: ReportId,
    /// Lines of the queue's copy that are not what the rows say.
    strayed: i64,
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
    let ids = store::report_ids_from(conn, from, AT_ONCE)?;
    let goes_on = i64::try_from(ids.len()).is_ok_and(|found| found == AT_ONCE);
    let last = ids.last().filter(|_| goes_on);
    let mut round = Round {
        from,
        last: last.copied().unwrap_or(LAST),
        ..Round::default()
    };
    for id in ids {
        match round.look_at(conn, &prover, id, until) {
            // Nothing can be mended on a page that cannot be read: a check of the file names it.
            Err(error) if error.is_damage() => {}
            looked => looked?,
        }
    }
    round.strayed = store::unless_damaged(store::queue_strayed(conn, from, round.last))?;
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
            self.is_ending = true;
            return Ok(());
        }
        if !store::report_is_granted(conn, id)? {
            self.lost.push(id);
        }
        match store::report_read(conn, id)? {
            Some(row) if is_sound(conn, prover, &row)? => {
                if !prover.is_newest(&row) {
                    self.aged.push(id);
                }
                if row.state == State::Received
                    && row.urgency.pages_on_call()
                    && !store::report_is_told(conn, id, until)?
                {
                    self.untold.push(id);
                }
            }
            Some(_) | None => self.forged.push(id),
        }
        Ok(())
    }

    /// Where the next look begins.
    pub fn next(&self) -> ReportId {
        Some(self.last)
            .filter(|last| *last != LAST)
            .unwrap_or_default()
    }

    /// Leaves out what those who must look have heard of.
    pub fn leave_known(&mut self, is_news: impl Fn(ReportId) -> bool) {
        self.lost.retain(|report| is_news(*report));
    }

    /// Whether there is nothing to mend.
    pub const fn is_sound(&self) -> bool {
        self.forged.is_empty()
            && self.untold.is_empty()
            && self.lost.is_empty()
            && self.aged.is_empty()
            && self.strayed == 0
    }

    /// Whether every report that was looked at is proven with the newest key once it is mended.
    pub const fn is_renewed(&self) -> bool {
        !self.is_ending
    }

    /// Mends what was found, in the queue's copy too. Says how many reports that were.
    ///
    /// # Errors
    /// From the database.
    pub fn mend_in_txn(&self, txn: &mut Txn<'_>) -> StoreResult<usize> {
        for report in &self.forged {
            match txn.mend(*report) {
                // One that cannot be mended keeps no other from it.
                Err(error @ (StoreError::Other(_) | StoreError::Damaged | StoreError::Io)) => {
                    tracing::error!(event = "report-damaged", %error, "ALARM: a report cannot be mended");
                }
                other => other?,
            }
        }
        for report in &self.aged {
            match store::report_prove_anew(txn, *report) {
                // It was changed, or has gone, since it was looked at.
                Err(StoreError::Stale | StoreError::NotFound) => {}
                other => other?,
            }
        }
        for report in &self.untold {
            store::report_untell(txn, *report)?;
            txn.tell_urgent(*report)?;
        }
        if !self.lost.is_empty() {
            txn.raise(AlarmKind::ReportBroken, SUBJECT)?;
        }
        let strayed = store::unless_damaged(store::queue_mend(txn, self.from, self.last))?;
        if strayed > 0 {
            txn.tell_forged()?;
        }
        Ok(self.forged.len().saturating_add(strayed))
    }
}
