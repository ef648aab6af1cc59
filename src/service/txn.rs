//! One writing transaction of a use case: the connection, the moment it began, and the audit log, as one value. What looks in one
//! transaction and acts in another does not compile by accident: whoever acts needs a [`Txn`].

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::alarm;
use super::audit_log::AuditLog;
use super::authority::{Authority, Kept};
use super::context::Context;
use super::prover::RowProver;
use crate::domain::alarm::AlarmKind;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::{Day, Quarter, Timestamp};
use crate::domain::ids::{LedgerId, ReportId, StaffId, TeamId};
use crate::ledger::office::{OfficeBody, OfficeState};
use crate::ledger::replay::{Ledger, State as _};
use crate::ledger::statement::{Signed, Statement};
use crate::ledger::team::{TeamBody, TeamState};
use crate::seal::keys::SigningKey;
use crate::service::error::Error;
use crate::store::{self, StoreError, StoreResult, WriteTxn};
use crate::witness::Witness;

/// See the module. Reads as the connection.
pub struct Txn<'a> {
    conn: WriteTxn<'a>,
    audit_log: &'a AuditLog,
    now: Timestamp,
    /// Whether the sign-ins that failed have their entries.
    has_told_failures: bool,
}

impl<'a> Txn<'a> {
    /// Of a connection that is in a writing transaction.
    pub fn new(audit_log: &'a AuditLog, mut conn: WriteTxn<'a>, now: Timestamp) -> Self {
        conn.prove_with(Arc::new(RowProver::new(audit_log.report_keys())));
        Self {
            conn,
            audit_log,
            now,
            has_told_failures: false,
        }
    }

    /// When it began.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// The UTC day on which it began.
    pub const fn today(&self) -> Day {
        self.now.day()
    }

    /// The day that what is done is of for good: as long as nobody knows whether the machine's clock is right, one that has come for certain.
    /// What is written with it is read for years: which key proves it hangs on it, and how late it is at the next start.
    pub fn log_day(&self) -> Day {
        self.authority().certain_day(self.today())
    }

    /// The audit log.
    pub const fn audit_log(&self) -> &'a AuditLog {
        self.audit_log
    }

    /// The ledgers in force.
    pub const fn authority(&self) -> &'a Authority {
        self.audit_log.authority()
    }

    /// A team as its ledger says at this moment, if nothing is wrong with it.
    ///
    /// # Errors
    /// As [`Authority::sound_team`].
    pub fn team(&mut self, team: TeamId) -> Result<TeamState, Error> {
        self.authority().sound_team(&mut self.conn, team)
    }

    /// Says something in a team's ledger, signed with these keys. Gives what the team is then.
    ///
    /// # Errors
    /// What the ledger's rules refuse, as the caller would be told of it; from the database.
    pub fn say(
        &mut self,
        team: TeamId,
        author: StaffId,
        keys: &[&SigningKey],
        body: TeamBody,
    ) -> Result<TeamState, Error> {
        let ledger = self.authority().team(&mut self.conn, team)?;
        let newest = ledger.state.as_ref().map(|state| state.at);
        self.say_in(team.into(), newest, (author, keys), body)
    }

    /// A custodian's word in the office's ledger. Gives its number.
    ///
    /// # Errors
    /// As [`Txn::say`].
    pub fn say_in_office(
        &mut self,
        author: Option<StaffId>,
        key: &SigningKey,
        body: OfficeBody,
    ) -> Result<u32, Error> {
        let authority = self.authority();
        let id = authority.office_id(&mut self.conn)?;
        let ledger = authority.office(&mut self.conn)?;
        let newest = ledger.state.as_ref().map(OfficeState::at);
        let author = author.unwrap_or(StaffId::from_bytes([0; 16]));
        self.say_in::<OfficeState>(id, newest, (author, &[key]), body)?;
        Ok(ledger.head.sequence.saturating_add(1))
    }

    fn say_in<S: Kept>(
        &mut self,
        id: LedgerId,
        newest: Option<Quarter>,
        (author, keys): (StaffId, &[&SigningKey]),
        body: S::Body,
    ) -> Result<S, Error> {
        let authority = self.authority();
        let ledger = authority.ledger::<S>(&mut self.conn, id)?;
        let now = self.now.quarter();
        let at = newest.map_or(now, |newest| newest.max(now));
        let statement = Statement::after((id, ledger.head), (author, at), body);
        let suite = authority.newest_suite().max(ledger.suite);
        let signed = Statement { suite, ..statement }.sign(keys)?;
        self.take_in(id, &signed)
    }

    /// Takes a statement into a team's ledger that was signed elsewhere. Gives what the team is then.
    ///
    /// # Errors
    /// As [`Txn::say`].
    pub fn take(&mut self, team: TeamId, signed: &Signed<TeamBody>) -> Result<TeamState, Error> {
        self.take_in(team.into(), signed)
    }

    fn take_in<S: Kept>(&mut self, id: LedgerId, signed: &Signed<S::Body>) -> Result<S, Error> {
        let authority = self.authority();
        let mut ledger = Ledger::<S>::clone(&*authority.ledger(&mut self.conn, id)?);
        if ledger.fault.is_some() {
            return Err(Error::Refused);
        }
        if authority.is_laid(id, ledger.head) {
            // What follows it hides it from the next look.
            self.raise(S::ALARM, &id.to_string())?;
        }
        let recovery = S::recovery_keys(authority, &mut self.conn)?;
        ledger.take(id, signed, authority.trust(&|key| recovery.contains(key)))?;
        let sequence = signed.head.sequence;
        store::statement_insert(&mut self.conn, id, sequence, &signed.to_bytes())?;
        let state = ledger.state.clone().ok_or(Error::Unavailable)?;
        self.remember(id, ledger)?;
        Ok(state)
    }

    /// What the installation remembers outside its database.
    pub const fn witness(&self) -> &'a Witness {
        self.audit_log.witness()
    }

    /// A power cut on either side of the commit is no alarm: what is about to be written is remembered before it, what is written after it.
    /// Nothing may fall below that from then on, after a restart too. A witness that cannot be written is told of elsewhere.
    fn remember<S: Kept>(&mut self, id: LedgerId, ledger: Ledger<S>) -> StoreResult<()> {
        let (witness, authority) = (self.witness().clone(), self.authority().clone());
        let receivers = authority.receivers(&mut self.conn)?;
        let heads = [(id, ledger.head)];
        if let Err(error) = witness.announce(&heads) {
            tracing::error!(event = "witness-failing", %error, "a ledger's next head is not remembered outside the database");
        }
        self.conn.after_commit(move || {
            authority.remember(id, &Arc::new(ledger));
            if let Err(error) = witness.confirm(&heads) {
                tracing::error!(event = "witness-failing", %error, "a ledger's new head is not remembered outside the database");
            }
            for (channel, key) in &receivers {
                authority.receives(channel, key);
            }
        });
        Ok(())
    }

    /// Appends one entry to the audit log: what was done, and by whom, if not by a reporter, the service itself or the command line.
    ///
    /// # Errors
    /// From the database, or if the body cannot be sealed.
    pub fn record(&mut self, by: impl Into<Option<StaffId>>, event: AuditEvent) -> StoreResult<()> {
        let day = self.log_day();
        self.audit_log
            .record_in_txn(&mut self.conn, day, by.into(), event)?;
        self.tell_failures(self.now.quarter())?;
        self.tell_finding()
    }

    /// Looks at what is new in the log, and writes its sign of life if that is due. `false` where something is wrong: that is told of
    /// instead.
    ///
    /// # Errors
    /// From the database.
    pub fn tick(&mut self, is_due: bool) -> StoreResult<bool> {
        let day = self.log_day();
        let finding = self.audit_log.follow(&mut self.conn, false)?;
        if finding.is_none() && is_due {
            let tick = AuditEvent::Tick {};
            self.audit_log
                .record_in_txn(&mut self.conn, day, None, tick)?;
        }
        self.tell_failures(self.now.quarter())?;
        self.tell_finding()?;
        Ok(finding.is_none())
    }

    /// Writes one entry for each account at which somebody failed to sign in before that quarter hour.
    ///
    /// # Errors
    /// As [`Txn::record`].
    pub fn tell_failures(&mut self, before: Quarter) -> StoreResult<()> {
        if std::mem::replace(&mut self.has_told_failures, true) {
            return Ok(());
        }
        let (day, audit_log) = (self.log_day(), self.audit_log.clone());
        let failures = audit_log.failures_before(before);
        for ((_, person), count) in &failures {
            let (person, count) = (*person, *count);
            let event = AuditEvent::SignInsFailed { person, count };
            audit_log.record_in_txn(&mut self.conn, day, None, event)?;
        }
        self.conn
            .after_commit(move || audit_log.failures_told(&failures));
        Ok(())
    }

    /// Raises an alarm about what is wrong with the log: once a day.
    fn tell_finding(&mut self) -> StoreResult<()> {
        let (today, audit_log) = (self.today(), self.audit_log.clone());
        if let Some(finding) = audit_log.untold(today) {
            self.raise(AlarmKind::AuditBroken, &finding.entry().to_string())?;
            self.conn.after_commit(move || audit_log.told(today));
        }
        Ok(())
    }

    /// Raises an alarm. `false` if the same one is open already.
    ///
    /// # Errors
    /// From the database.
    pub fn raise(&mut self, kind: AlarmKind, subject: &str) -> StoreResult<bool> {
        let day = self.log_day();
        alarm::raise_in_txn(self.audit_log, &mut self.conn, kind, subject, day)
    }
}

impl Txn<'_> {
    /// Somebody can read the report and has it in hand, at this moment. Counts as activity.
    ///
    /// # Errors
    /// As [`Txn::must_read`]; [`Error::HeldBy`] or [`Error::NotClaimed`].
    pub fn must_hold(&mut self, report: ReportId, by: StaffId) -> Result<(), Error> {
        self.must_read(report, by)?;
        if store::claim_touch(&mut self.conn, report, by, self.now)? {
            return Ok(());
        }
        match store::claim_holder(&mut self.conn, report)? {
            Some(holder) => Err(Error::HeldBy(store::staff_handle(&mut self.conn, holder)?)),
            None => Err(Error::NotClaimed),
        }
    }

    /// Somebody who has opened the report can still read it at this moment: nobody has taken it, or the account, from them since.
    ///
    /// # Errors
    /// [`Error::NotFound`], as if there were no such report.
    pub fn must_read(&mut self, report: ReportId, by: StaffId) -> Result<(), Error> {
        let can_read = store::can_read(&mut self.conn, report, by)?;
        can_read.then_some(()).ok_or(Error::NotFound)
    }
}

impl<'a> Deref for Txn<'a> {
    type Target = WriteTxn<'a>;

    fn deref(&self) -> &WriteTxn<'a> {
        &self.conn
    }
}

impl<'a> DerefMut for Txn<'a> {
    fn deref_mut(&mut self) -> &mut WriteTxn<'a> {
        &mut self.conn
    }
}

impl Context {
    /// Runs one use case as one writing transaction: committed and durable when this returns `Ok`, undone if `work` fails.
    ///
    /// # Errors
    /// The error of `work`; [`StoreError::Busy`] if its turn did not come in time.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Txn<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (audit_log, now) = (self.audit_log.clone(), self.clock.now());
        self.store
            .write(move |conn| work(&mut Txn::new(&audit_log, conn.reborrow(), now)))
            .await
    }

    /// [`Context::write`] for code that is not asynchronous: the command line.
    ///
    /// # Errors
    /// As [`Context::write`].
    pub fn blocking_write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Txn<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let now = self.clock.now();
        self.store
            .blocking_write(|conn| work(&mut Txn::new(&self.audit_log, conn.reborrow(), now)))
    }
}
