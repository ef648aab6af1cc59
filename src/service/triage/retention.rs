//! How long a report is kept, as leads decide it, and a legal hold, which a lead sets alone and two people lift.

use super::{Triage, reason_of};
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Day;
use crate::domain::ids::ReportId;
use crate::domain::retention::{Clocks, RetentionClass};
use crate::domain::state::{State, Transition};
use crate::seal::random;
use crate::service::accounts::Caller;
use crate::service::error::Error;
use crate::store::{self, Version};

impl Triage {
    /// Gives a report its retention class.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the caller leads no team; [`Error::Day`] if the class needs another day;
    /// [`Error::NotPossible`] for a class that does not fit where the report stands.
    pub async fn retain(
        &self,
        caller: &Caller,
        report: ReportId,
        version: i64,
        class: RetentionClass,
        until: Option<Day>,
        reason: &str,
    ) -> Result<(), Error> {
        let reason = reason_of(reason)?;
        let opened = self.open_as_lead(caller, report).await?;
        if !choices(opened.row.state).contains(&class) {
            return Err(Error::NotPossible);
        }
        let now = self.context.clock.now();
        let until = until.filter(|_| class.takes_a_day());
        let clocks = self.clocks(class, (opened.row.day, now.day()), until)?;
        let object = self.decision(caller, &opened, reason, now)?;
        let (actor, key) = (caller.staff, opened.open.grant().state_key());
        let (recipient, seen) = (opened.row.recipient.clone(), Version::from_number(version));
        self.context
            .write(move |txn| -> Result<(), Error> {
                txn.sign_with(key);
                txn.must_read(report, actor)?;
                store::report_retention_set(txn, report, seen, class, clocks)?;
                store::object_insert(txn, report, &recipient, &object)?;
                Ok(txn.record(actor, AuditEvent::RetentionSet { report, class })?)
            })
            .await
    }

    /// Stops every clock of a report and keeps it from being destroyed, until two people lift it.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the caller leads no team; [`Error::NotPossible`] if there is one.
    pub async fn hold(
        &self,
        caller: &Caller,
        report: ReportId,
        version: i64,
        reason: &str,
    ) -> Result<(), Error> {
        let reason = reason_of(reason)?;
        let opened = self.open_as_lead(caller, report).await?;
        if opened.row.hold {
            return Err(Error::NotPossible);
        }
        let now = self.context.clock.now();
        let object = self.decision(caller, &opened, reason, now)?;
        let (actor, key) = (caller.staff, opened.open.grant().state_key());
        let (recipient, seen) = (opened.row.recipient.clone(), Version::from_number(version));
        self.context
            .write(move |txn| -> Result<(), Error> {
                txn.sign_with(key);
                txn.must_read(report, actor)?;
                store::report_hold_set(txn, report, seen, true)?;
                store::object_insert(txn, report, &recipient, &object)?;
                Ok(txn.record(actor, AuditEvent::HoldSet { report })?)
            })
            .await
    }

    /// The clocks of a class that a report gets; `days` are that of its arrival and today.
    pub(super) fn clocks(
        &self,
        class: RetentionClass,
        days: (Day, Day),
        given: Option<Day>,
    ) -> Result<Clocks, Error> {
        let policy = &self.context.settings.retention;
        class
            .clocks(policy, days, given, random::jitter(policy.jitter_days))
            .map_err(|_| Error::Day)
    }

    /// The class and clocks that an act brings with it.
    pub(super) fn clocks_after(
        &self,
        act: Transition,
        today: Day,
    ) -> Option<(RetentionClass, Clocks)> {
        let class = match act {
            Transition::MarkSpam => RetentionClass::Spam,
            Transition::Claim
            | Transition::Release
            | Transition::AskReporter
            | Transition::ReporterWrote
            | Transition::Resume
            | Transition::ActUpon
            | Transition::Refer
            | Transition::Promote
            | Transition::MissLook
            | Transition::Link
            | Transition::Close
            | Transition::Conclude
            | Transition::Lock
            | Transition::Unlock => return None,
        };
        let clocks = self.clocks(class, (today, today), None).ok()?;
        Some((class, clocks))
    }

    /// A clock that a hold has stopped begins anew: otherwise lifting it could destroy the report the same night.
    pub(super) fn clocks_anew(
        &self,
        row: &store::Report,
        today: Day,
    ) -> Option<(RetentionClass, Clocks)> {
        let class = row.retention;
        let runs = class.ends_unattended() && row.retain_until.is_some();
        let clocks = runs.then(|| self.clocks(class, (row.day, today), None).ok());
        clocks.flatten().map(|clocks| (class, clocks))
    }
}

/// The classes that a report in this state can get. A clock that destroys by itself runs for closed reports alone.
pub(super) fn choices(state: State) -> Vec<RetentionClass> {
    let fits = |class: &RetentionClass| match class {
        RetentionClass::Undecided | RetentionClass::ChildIdentified | RetentionClass::Referred => {
            state != State::Locked
        }
        RetentionClass::Spam => state == State::SuspectedSpam,
        RetentionClass::NoAction => state.may_end_unattended(),
        RetentionClass::SuspectedIllegal => state == State::Locked,
    };
    RetentionClass::ALL.iter().copied().filter(fits).collect()
}
