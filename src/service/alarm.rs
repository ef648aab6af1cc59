//! Alarms: one function that everything goes through which nobody may be able to hide.

use super::audit_log::AuditLog;
use crate::domain::alarm::AlarmKind;
use crate::domain::audit::{AlarmSubject, AuditEvent};
use crate::domain::clock::Day;
use crate::domain::notice::NoticeList;
use crate::seal::random;
use crate::store::{self, NewEvent, StoreResult, WriteTxn};

/// Raises an alarm with its entry in the trail and a notice to those who must look. `false` if the same one is open already: it is not told of twice.
///
/// # Errors
/// From the database.
pub fn raise_in_txn(
    audit_log: &AuditLog,
    conn: &mut WriteTxn<'_>,
    kind: AlarmKind,
    subject: &str,
    day: Day,
) -> StoreResult<bool> {
    let ids = |day| audit_log.alarm_ids(kind, subject, day);
    let new = store::alarm_raise(conn, kind, subject, day, ids)?;
    if new {
        tracing::error!(event = "alarm", %kind, "ALARM");
        let alarm = AlarmSubject {
            kind,
            subject: subject.to_owned(),
        };
        audit_log.record_in_txn(conn, day, None, AuditEvent::AlarmRaised { alarm })?;
        notice_in_txn(conn, day)?;
    }
    Ok(new)
}

/// Has those told who must look.
///
/// # Errors
/// From the database.
pub fn notice_in_txn(conn: &mut WriteTxn<'_>, day: Day) -> StoreResult<()> {
    let event = NewEvent {
        id: random::outbox_id(),
        urgent: None,
        list: NoticeList::Alarm,
        // Due at once, and told no finer than the alarm's own row tells it.
        due: day.start().quarter(),
    };
    store::event_insert(conn, &event)
}
