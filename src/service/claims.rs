//! Reports that are given back: by whoever had them, by a clock, or because somebody leaves.

use super::txn::Txn;
use crate::domain::audit::AuditEvent;
use crate::domain::ids::{ReportId, StaffId};
use crate::domain::notice::NoticeList;
use crate::domain::state::State;
use crate::seal::random;
use crate::store::{self, NewEvent, StoreError, StoreResult};

/// Seconds between two notices of an urgent report, at most.
const LONGEST_REPEAT: i64 = 2 * 86_400;

impl Txn<'_> {
    /// Gives a report back. One that is received and urgent is told of again; one whose row somebody has changed is mended.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if that person does not hold it.
    pub fn give_back(&mut self, report: ReportId, staff: StaffId) -> StoreResult<()> {
        if store::claim_holder(self, report)? != Some(staff) {
            return Err(StoreError::Stale);
        }
        if store::shred_is_begun(self, report)? || !store::report_exists(self, report)? {
            // A row that somebody laid there: the others go on.
            return store::claim_drop(self, report);
        }
        self.mend(report)?;
        if store::claim_holder(self, report)? == Some(staff) {
            store::claim_release(self, report, staff)?;
        }
        self.tell_urgent(report)
    }

    /// Gives everything back that a person holds.
    ///
    /// # Errors
    /// From the database.
    pub fn give_all_back(&mut self, staff: StaffId) -> StoreResult<()> {
        for report in store::claims_of_staff(self, staff)? {
            self.give_back(report, staff)?;
        }
        Ok(())
    }

    /// Gives back what nobody has touched for so many seconds, if that is so still.
    ///
    /// # Errors
    /// From the database.
    pub fn give_idle_back(
        &mut self,
        (report, staff): (ReportId, StaffId),
        seconds: i64,
    ) -> StoreResult<()> {
        let now = self.now();
        if store::claims_idle(self, now, seconds)?.contains(&(report, staff)) {
            self.give_back(report, staff)?;
            self.record(staff, AuditEvent::ClaimExpired { report })?;
        }
        Ok(())
    }

    /// Has the on-call list told of an urgent report that waits and of which nobody is told.
    ///
    /// # Errors
    /// From the database.
    pub fn tell_urgent(&mut self, report: ReportId) -> StoreResult<()> {
        let row = store::report_by_id(self, report)?;
        let longest = self.now().plus(LONGEST_REPEAT);
        let waits = row.state == State::Received && row.urgency.pages_on_call();
        if !waits
            || store::claim_holder(self, report)?.is_some()
            || store::report_is_told(self, report, longest)?
            || store::shred_is_begun(self, report)?
        {
            return Ok(());
        }
        let event = NewEvent {
            id: random::outbox_id(),
            urgent: Some(report),
            list: NoticeList::OnCall,
            due: self.now().quarter(),
        };
        store::event_insert(self, &event)
    }
}
