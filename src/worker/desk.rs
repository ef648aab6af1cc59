//! What the worker has done by those who hold the server's keys and keep the record of acts.

use std::collections::BTreeSet;

use crate::domain::alarm::Fault;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Day;
use crate::domain::email::EmailAddress;
use crate::domain::ids::OutboxId;
use crate::store::{DbConnection, Released, Store, StoreResult};

/// An address could not be sealed or opened: its key is gone, or the row was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an address could not be sealed or opened")]
pub struct DeskError;

/// The hands that the worker lacks. The service layer implements it over the server's credentials.
pub trait Desk: Send + Sync {
    /// A new random id.
    fn outbox_id(&self) -> OutboxId;

    /// A random number from 0 to `max`.
    fn jitter(&self, max: i64) -> i64;

    /// Seals an address for its row.
    ///
    /// # Errors
    /// [`DeskError`] if there is no contact key.
    fn seal_address(&self, row: OutboxId, address: &EmailAddress) -> Result<Vec<u8>, DeskError>;

    /// Opens the address of a row.
    ///
    /// # Errors
    /// [`DeskError`] if it is not this row's, or its key is gone.
    fn open_address(&self, row: OutboxId, sealed: &[u8]) -> Result<EmailAddress, DeskError>;

    /// Records, in the transaction of the act, that a clock gave a report back, and has the on-call list told again if the
    /// report is urgent and waits for somebody once more.
    ///
    /// # Errors
    /// [`crate::store::StoreError`] from the database.
    fn claim_expired_in_txn(&self, conn: &mut DbConnection, released: &Released)
    -> StoreResult<()>;

    /// Writes the audit log's sign of life and signs its head, in one transaction.
    ///
    /// # Errors
    /// [`crate::store::StoreError`] from the database.
    fn tick_in_txn(&self, conn: &mut DbConnection, today: Day) -> StoreResult<()>;

    /// Orders, in one transaction, that every team's and every person's key that has reached its age be changed. Says how many.
    ///
    /// # Errors
    /// [`crate::store::StoreError`] from the database.
    fn order_due_in_txn(&self, conn: &mut DbConnection, today: Day) -> StoreResult<usize>;

    /// Signs the head of the audit log and gives the text of the day's anchor, in one transaction.
    ///
    /// # Errors
    /// [`crate::store::StoreError`] from the database.
    fn anchor_in_txn(&self, conn: &mut DbConnection, today: Day) -> StoreResult<String>;

    /// What is wrong with the records of who may receive.
    ///
    /// # Errors
    /// [`crate::store::StoreError`] from the database.
    fn faults(&self, conn: &mut DbConnection) -> StoreResult<BTreeSet<Fault>>;

    /// Seals some bodies of the audit log from before there was an auditor to the auditors, in one transaction. Says how many.
    ///
    /// # Errors
    /// [`crate::store::StoreError`] from the database.
    fn hand_over_in_txn(&self, conn: &mut DbConnection) -> StoreResult<usize>;

    /// What is wrong with the audit log itself, looked through from its first entry.
    ///
    /// # Errors
    /// [`crate::store::StoreError`] from the database.
    fn log_fault(&self, conn: &mut DbConnection) -> StoreResult<Option<Fault>>;

    /// Raises an alarm. `false` if the same one is open already.
    ///
    /// # Errors
    /// [`crate::store::StoreError`] from the database.
    fn raise_in_txn(&self, conn: &mut DbConnection, fault: &Fault, today: Day)
    -> StoreResult<bool>;

    /// Whether [`Desk::remember_in_txn`] has something to write.
    fn must_remember(&self) -> bool;

    /// Writes down how far the records of who may receive have been seen.
    ///
    /// # Errors
    /// [`crate::store::StoreError`] from the database.
    fn remember_in_txn(&self, conn: &mut DbConnection) -> StoreResult<()>;

    /// Begins, in one transaction, to destroy every report whose clock has run out. Says how many.
    ///
    /// # Errors
    /// [`crate::store::StoreError`] from the database.
    fn shred_due_in_txn(&self, conn: &mut DbConnection, today: Day) -> StoreResult<usize>;

    /// Finishes, in several transactions, what was begun to be destroyed. Says how many reports are gone. Blocks.
    ///
    /// # Errors
    /// [`crate::store::StoreError`] from the database.
    fn finish_shreds(&self, store: &Store, today: Day) -> StoreResult<usize>;

    /// Records, in the transaction of the act, what a clock has done.
    ///
    /// # Errors
    /// [`crate::store::StoreError`] from the database.
    fn record_in_txn(
        &self,
        _conn: &mut DbConnection,
        _event: AuditEvent,
        _today: Day,
    ) -> StoreResult<()> {
        Ok(())
    }

    /// How often the server's own secrets or the custodians' pins have been exchanged.
    fn changes(&self) -> u64 {
        0
    }

    /// Puts what the worker may put under the newest of the server's own secrets there, and tells of charters that soon lose a
    /// signature that they need, in one transaction. Says how many of both.
    ///
    /// # Errors
    /// [`crate::store::StoreError`] from the database.
    fn tend_keys_in_txn(&self, _conn: &mut DbConnection, _today: Day) -> StoreResult<usize> {
        Ok(0)
    }
}
