//! How long a writer waits for whoever else writes to the file: as long as SQLite waits, until one has waited in vain. From then on, and until
//! somebody writes again, each of those behind it waits a fraction of that, so that they are not told so one after another.

use std::sync::atomic::{AtomicBool, Ordering};

use super::connection::{BUSY_TIMEOUT, DbConnection, begin_immediate};
use super::error::StoreResult;
use super::journal::set_busy_timeout;

/// Once one has waited in vain, in milliseconds.
const SHORT: u32 = 250;

#[derive(Default)]
pub(super) struct Patience {
    is_short: AtomicBool,
}

impl Patience {
    /// Begins a transaction that may write.
    ///
    /// # Errors
    /// [`StoreError::Busy`](super::StoreError::Busy) where somebody else writes and does not end.
    pub(super) fn begin(&self, conn: &mut DbConnection) -> StoreResult<()> {
        let begun = match self.is_short() {
            false => begin_immediate(conn),
            true => {
                let DbConnection::Sqlite(sqlite) = &mut *conn;
                set_busy_timeout(sqlite, SHORT)?;
                let begun = begin_immediate(conn);
                let DbConnection::Sqlite(sqlite) = conn;
                set_busy_timeout(sqlite, BUSY_TIMEOUT)?;
                begun
            }
        };
        self.is_short.store(begun.is_err(), Ordering::Relaxed);
        begun
    }

    fn is_short(&self) -> bool {
        self.is_short.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection as _;

    use super::*;
    use crate::store::tests::fixture::World;

    #[test]
    fn whoever_waits_behind_one_who_waited_in_vain_waits_a_fraction_until_somebody_writes() {
        let world = World::new();
        let patience = Patience::default();
        world.write(|_| {
            // From within the only transaction there is.
            world.read(|conn| {
                assert!(patience.begin(conn).is_err() && patience.is_short());
                assert!(patience.begin(conn).is_err() && patience.is_short());
                Ok(())
            });
            Ok(())
        });
        world.read(|conn| {
            patience.begin(conn)?;
            assert!(!patience.is_short());
            Ok(conn.batch_execute("ROLLBACK")?)
        });
    }
}
