//! The worker's hands: the server's contact key and the trail, without any key that opens a report.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::alarm::Fault;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::{Clock, Day};
use crate::domain::email::EmailAddress;
use crate::domain::ids::OutboxId;
use crate::seal::credentials::Credentials;
use crate::seal::random;
use crate::service::journal::Journal;
use crate::service::txn::Txn;
use crate::service::watch;
use crate::service::{self, Changing, Context, Given, Receivers};
use crate::store::{DbConnection, Released, Store, StoreResult};
use crate::worker::{Desk, DeskError};

/// Bodies that go over to the auditors in one transaction: some 50 ms.
const BODIES: i64 = 256;

/// [`Desk`] over the server's credentials as they are at each moment.
pub(super) struct ServerDesk {
    changing: Changing,
    journal: Journal,
    clock: Clock,
    receivers: Receivers,
}

impl ServerDesk {
    pub(super) fn new(context: &Context) -> Self {
        Self {
            journal: context.journal.clone(),
            clock: context.clock.clone(),
            changing: context.changing.clone(),
            receivers: context.receivers.clone(),
        }
    }

    fn credentials(&self) -> Arc<Credentials> {
        self.changing.now().credentials
    }
}

impl ServerDesk {
    /// The worker's own transactions are dated by the day that it counts in.
    fn txn<'a>(&'a self, conn: &'a mut DbConnection, today: Day) -> Txn<'a> {
        Txn::new(&self.journal, conn, today.start())
    }
}

impl Desk for ServerDesk {
    fn outbox_id(&self) -> OutboxId {
        random::outbox_id()
    }

    fn jitter(&self, max: i64) -> i64 {
        random::jitter(max)
    }

    fn seal_address(&self, row: OutboxId, address: &EmailAddress) -> Result<Vec<u8>, DeskError> {
        self.credentials()
            .contact_seal(row.as_bytes(), address.as_str())
            .map_err(|_| DeskError)
    }

    fn open_address(&self, row: OutboxId, sealed: &[u8]) -> Result<EmailAddress, DeskError> {
        let text = self
            .credentials()
            .contact_open(row.as_bytes(), sealed)
            .map_err(|_| DeskError)?;
        text.parse().map_err(|_| DeskError)
    }

    fn claim_expired_in_txn(
        &self,
        conn: &mut DbConnection,
        released: &Released,
    ) -> StoreResult<()> {
        service::admin::claim_expired_in_txn(
            &mut Txn::new(&self.journal, conn, self.clock.now()),
            released,
        )
    }

    fn tick_in_txn(&self, conn: &mut DbConnection, today: Day) -> StoreResult<()> {
        self.txn(conn, today).tick().map(|_| ())
    }

    fn order_due_in_txn(&self, conn: &mut DbConnection, today: Day) -> StoreResult<usize> {
        let mut txn = self.txn(conn, today);
        let teams = service::rotation::order::order_due_in_txn(&mut txn)?;
        let people = service::admin::order_renewals_due_in_txn(&mut txn)?;
        Ok(teams + people)
    }

    fn anchor_in_txn(&self, conn: &mut DbConnection, today: Day) -> StoreResult<String> {
        service::anchor::make_in_txn(&mut self.txn(conn, today))
    }

    fn faults(&self, conn: &mut DbConnection) -> StoreResult<BTreeSet<Fault>> {
        let pins = self.changing.now().pins.on(self.clock.today());
        watch::faults(conn, &pins, &self.receivers)
    }

    fn hand_over_in_txn(&self, conn: &mut DbConnection) -> StoreResult<usize> {
        self.journal
            .hand_over_in_txn(conn, BODIES, self.clock.today())
    }

    fn log_fault(&self, conn: &mut DbConnection) -> StoreResult<Option<Fault>> {
        watch::log_fault(conn, &self.journal)
    }

    fn raise_in_txn(
        &self,
        conn: &mut DbConnection,
        fault: &Fault,
        today: Day,
    ) -> StoreResult<bool> {
        let Fault { kind, subject, .. } = fault;
        self.txn(conn, today).raise(*kind, subject)
    }

    fn must_remember(&self) -> bool {
        self.receivers.must_remember()
    }

    fn remember_in_txn(&self, conn: &mut DbConnection) -> StoreResult<()> {
        self.receivers.remember_in_txn(conn)
    }

    fn shred_due_in_txn(&self, conn: &mut DbConnection, today: Day) -> StoreResult<usize> {
        service::shred::begin_due_in_txn(&mut self.txn(conn, today))
    }

    fn finish_shreds(&self, store: &Store, today: Day) -> StoreResult<usize> {
        service::shred::finish(store, &self.journal, today)
    }

    fn record_in_txn(
        &self,
        conn: &mut DbConnection,
        event: AuditEvent,
        today: Day,
    ) -> StoreResult<()> {
        self.txn(conn, today).record(None, event)
    }

    fn changes(&self) -> u64 {
        self.changing.count()
    }

    fn tend_keys_in_txn(&self, conn: &mut DbConnection, today: Day) -> StoreResult<usize> {
        let Given { credentials, pins } = self.changing.now();
        service::credentials::seen_in_txn(conn, &pins, today)?;
        let mut txn = self.txn(conn, today);
        let told = service::custody::charters_end_in_txn(&mut txn, &pins)?;
        let renewed = service::credentials::addresses_renew_in_txn(&mut txn, &credentials)?;
        Ok(told.saturating_add(renewed))
    }
}
