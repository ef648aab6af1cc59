//! The audit trail's entries: one function that every act goes through.

use crate::domain::clock::Day;
use crate::domain::ids::{ReportId, StaffId};
use crate::seal::audit;
use crate::store::{AuditDraft, AuditLink, DbConnection, StoreResult, audit_append_in_txn};

/// Who did what to which report on what day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Act<'a> {
    pub class: &'static str,
    pub actor: Option<StaffId>,
    pub report: Option<ReportId>,
    /// What else the commitment covers: ids and numbers, never content.
    pub detail: &'a str,
}

/// Appends one entry in the act's own transaction.
pub(super) fn record_in_txn(conn: &mut DbConnection, day: Day, act: &Act<'_>) -> StoreResult<i64> {
    let draft = AuditDraft {
        day,
        class: act.class,
    };
    let body = format!(
        "{}\n{}\n{}\n{}",
        act.class,
        act.actor.map(|id| id.to_string()).unwrap_or_default(),
        act.report.map(|id| id.to_string()).unwrap_or_default(),
        act.detail
    );
    audit_append_in_txn(conn, &draft, |sequence, previous| {
        let entry = audit::entry(sequence, day, act.class, body.as_bytes(), previous);
        AuditLink {
            commitment: entry.commitment,
            leaf: entry.leaf,
            body: None,
            body_key: None,
        }
    })
}
