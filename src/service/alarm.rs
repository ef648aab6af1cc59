//! Alarms: one function that everything goes through which nobody may be able to hide.

use super::journal::{Act, Journal};
use crate::domain::alarm::AlarmKind;
use crate::domain::clock::Day;
use crate::seal::random;
use crate::store::{self, DbConnection, StoreResult};

/// Raises an alarm with its entry in the trail. `false` if the same one is open already: it is not told of twice.
///
/// # Errors
/// From the database.
pub fn raise_in_txn(
    journal: &Journal,
    conn: &mut DbConnection,
    kind: AlarmKind,
    subject: &str,
    day: Day,
) -> StoreResult<bool> {
    let new = store::alarm_raise_in_txn(conn, random::alarm_id(), kind, subject, day)?;
    if new {
        tracing::error!(%kind, "ALARM");
        let act = Act {
            class: "alarm-raised",
            actor: None,
            report: None,
            detail: &format!("{kind} {subject}"),
        };
        journal.record_in_txn(conn, day, &act)?;
    }
    Ok(new)
}
