//! Reports that are given back: by whoever had them, by a clock, or because somebody leaves.

use super::intake::event;
use super::txn::Txn;
use crate::domain::audit::AuditEvent;
use crate::domain::ids::{ReportId, StaffId};
use crate::domain::look::latest;
use crate::domain::notice::NoticeList;
use crate::domain::state::{State, Transition};
use crate::seal::random;
use crate::store::{self, NewEvent, StoreError, StoreResult};

/// Seconds between two notices of an urgent report, at most.
const LONGEST_REPEAT: i64 = 2 * 86_400;
/// Seconds after which a look counts as missed although somebody has the report in hand.
const AT_IT: i64 = 30 * 60;

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
        // Those whose it was may have left while somebody else held it.
        self.keep_in_hands(report, None)?;
        self.is_due_again(report)?;
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
        for report in store::reports_of_assignee(self, staff)? {
            self.keep_in_hands(report, Some(staff))?;
        }
        Ok(())
    }

    /// A report that rests goes back to the queue if nobody whose it is can read it any more, or only whoever leaves. What somebody else
    /// has claimed stays theirs until they give it back.
    ///
    /// # Errors
    /// From the database.
    pub fn keep_in_hands(&mut self, report: ReportId, leaver: Option<StaffId>) -> StoreResult<()> {
        let Some(row) = store::report_read(self, report)? else {
            return Ok(());
        };
        let is_over = store::shred_is_begun(self, report)?;
        if is_over || !row.state.rests() || row.assignees.is_empty() {
            return Ok(());
        }
        if store::claim_holder(self, report)?.is_some_and(|holder| Some(holder) != leaver) {
            return Ok(());
        }
        for staff in row.assignees() {
            if Some(staff) != leaver && store::can_read(self, report, staff)? {
                return Ok(());
            }
        }
        self.miss_look(report)
    }

    /// Takes a report back into the queue at which somebody should have looked again, if that is so still, and has the on-call list told of
    /// an urgent one.
    ///
    /// # Errors
    /// From the database.
    pub fn give_missed_back(&mut self, report: ReportId) -> StoreResult<()> {
        let now = self.now();
        let row = store::report_by_id(self, report)?;
        let is_over = row.due <= now.quarter() || row.due > latest(row.urgency, now);
        let may_be_held = now < row.due.start().plus(AT_IT) && row.due <= now.quarter();
        let is_held = may_be_held && store::claim_holder(self, report)?.is_some();
        if row.look_again.is_none() || !is_over || is_held {
            return Ok(());
        }
        self.miss_look(report)
    }

    /// What was put off while somebody acted on it is due as if it had come now, once nobody does.
    fn is_due_again(&mut self, report: ReportId) -> StoreResult<()> {
        let row = store::report_by_id(self, report)?;
        let soon = row.urgency.due(self.now());
        match row.state == State::Received && soon < row.due {
            true => store::report_due_set(self, report, soon),
            false => Ok(()),
        }
    }

    fn miss_look(&mut self, report: ReportId) -> StoreResult<()> {
        self.mend(report)?;
        let row = store::report_by_id(self, report)?;
        // One that was mended stands in the queue already.
        let Ok(to) = row.state.after(Transition::MissLook) else {
            return Ok(());
        };
        store::report_state_set(self, report, (row.state, row.version), to)?;
        let soon = row.due.min(row.urgency.due(self.now()));
        store::report_due_set(self, report, soon)?;
        self.record(None, AuditEvent::LookMissed { report })?;
        let class = store::report_by_id(self, report)?.retention;
        if class != row.retention {
            self.record(None, AuditEvent::RetentionSet { report, class })?;
        }
        match row.urgency.pages_on_call() {
            true => self.tell_urgent(report),
            false => {
                let event = event(report, false, self.now());
                store::event_insert(self, &event)
            }
        }
    }

    /// Gives back what nobody has touched for so many seconds, if that is so still.
    ///
    /// # Errors
    /// From the database.
    pub fn give_idle_back(&mut self, report: ReportId, seconds: i64) -> StoreResult<()> {
        let now = self.now();
        if let Some(staff) = store::claim_idle_holder(self, report, now, seconds)? {
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
