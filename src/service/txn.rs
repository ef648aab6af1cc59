//! One writing transaction of a use case: the connection, the moment it began, and the audit log, as one value. What looks in one
//! transaction and acts in another does not compile by accident: whoever acts needs a [`Txn`].

use std::ops::{Deref, DerefMut};

use super::alarm;
use super::audit_log::AuditLog;
use super::context::Context;
use crate::domain::alarm::AlarmKind;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::{Day, Timestamp};
use crate::domain::ids::{ReportId, StaffId};
use crate::service::error::Error;
use crate::store::{self, StoreError, StoreResult, WriteTxn};
use crate::witness::Witness;

/// See the module. Reads as the connection.
pub struct Txn<'a> {
    conn: WriteTxn<'a>,
    audit_log: &'a AuditLog,
    now: Timestamp,
}

impl<'a> Txn<'a> {
    /// Of a connection that is in a writing transaction.
    pub fn new(audit_log: &'a AuditLog, conn: WriteTxn<'a>, now: Timestamp) -> Self {
        Self {
            conn,
            audit_log,
            now,
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

    /// The audit log.
    pub const fn audit_log(&self) -> &'a AuditLog {
        self.audit_log
    }

    /// What the installation remembers outside its database.
    pub const fn witness(&self) -> &'a Witness {
        self.audit_log.witness()
    }

    /// Appends one entry to the audit log: what was done, and by whom, if not by a reporter, the service itself or the command line.
    ///
    /// # Errors
    /// From the database, or if the body cannot be sealed.
    pub fn record(&mut self, by: impl Into<Option<StaffId>>, event: AuditEvent) -> StoreResult<()> {
        self.audit_log
            .record_in_txn(&mut self.conn, self.now.day(), by.into(), event)
            .map(|_| ())
    }

    /// Writes the log's sign of life, and signs its head. Gives the signed note. Where the log was cut off, that is told of.
    ///
    /// # Errors
    /// From the database.
    pub fn tick(&mut self) -> StoreResult<String> {
        let (note, longer) = self.audit_log.tick_in_txn(&mut self.conn, self.now.day())?;
        if let Some(size) = longer {
            self.raise(AlarmKind::AuditBroken, &size.to_string())?;
        }
        Ok(note)
    }

    /// Raises an alarm. `false` if the same one is open already.
    ///
    /// # Errors
    /// From the database.
    pub fn raise(&mut self, kind: AlarmKind, subject: &str) -> StoreResult<bool> {
        alarm::raise_in_txn(
            self.audit_log,
            &mut self.conn,
            kind,
            subject,
            self.now.day(),
        )
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
            Some(holder) => Err(Error::HeldBy(
                store::staff_find(&mut self.conn, holder)?.handle,
            )),
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
