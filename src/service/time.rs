//! When the machine's clock has leapt: what another process has found out, and what somebody's phone says.

use super::context::Context;
use super::txn::Txn;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::{Clock, Standing, Timestamp};
use crate::domain::ids::StaffId;
use crate::store::StoreResult;

impl Context {
    /// Believes the machine's clock once another process does, and says in the log that nobody believes it. For every minute.
    pub async fn tend_clock(&self) {
        if self.clock.confirmed().is_some() {
            return;
        }
        let (clock, witness) = (self.clock.clone(), self.audit_log.witness().clone());
        let heard = crate::store::aside(move || {
            // A file that cannot be read is told of elsewhere, and confirms nothing.
            witness.look().is_ok() && clock.hear(witness.record().time)
        });
        if heard.await.is_ok_and(|is_confirmed| is_confirmed) {
            tracing::info!("the machine's clock is confirmed by another process");
            return;
        }
        if let Standing::Unconfirmed { now, .. } = self.clock.standing() {
            let (machine, counted) = (now.machine.to_string(), now.counted.to_string());
            tracing::error!(
                event = "clock-unconfirmed",
                machine,
                counted,
                "the machine's clock is not believed: nothing is destroyed or closed until it is set right, or somebody signs in with a code of a phone that says the same (UTC)"
            );
        }
    }
}

impl Txn<'_> {
    /// Somebody's phone says the same as the machine's clock said just now, and is believed once this is committed.
    ///
    /// # Errors
    /// From the database.
    pub(super) fn confirm_clock(
        &mut self,
        clock: &Clock,
        by: StaffId,
        machine: Timestamp,
    ) -> StoreResult<()> {
        let reading = machine.to_string();
        self.record(by, AuditEvent::ClockConfirmed { reading })?;
        let (clock, witness) = (clock.clone(), self.witness().clone());
        self.after_commit(move || {
            if clock.confirm(machine)
                && let Err(error) = witness.set_time(machine.quarter())
            {
                tracing::error!(event = "witness-failing", %error, "no other process hears that the clock is right");
            }
        });
        Ok(())
    }
}
