//! The audit trail's entries: one function that every act goes through.

use serde::Serialize;

use crate::domain::clock::Day;
use crate::domain::ids::{ReportId, StaffId};
use crate::seal::audit;
use crate::seal::credentials::Credentials;
use crate::seal::keys::Recipient;
use crate::store::{
    AuditDraft, AuditLink, DbConnection, StoreError, StoreResult, audit_append_in_txn,
};

/// Who did what to which report on what day.
#[derive(Debug, Clone, Copy)]
pub struct Act<'a> {
    /// What was done, from a closed list.
    pub class: &'static str,
    /// Who did it; `None` for a reporter, the service itself or the command line.
    pub actor: Option<StaffId>,
    /// The report that it concerns.
    pub report: Option<ReportId>,
    /// What else is told of it: ids and numbers, never content.
    pub detail: &'a str,
}

/// Writes entries whose bodies only auditors read. Cheap to clone.
#[derive(Clone)]
pub struct Journal {
    /// Reads bodies from before there is an auditor.
    credential: Recipient,
}

/// The body of an entry, sealed.
#[derive(Serialize)]
struct Body<'a> {
    class: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<String>,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'a str,
}

impl Journal {
    /// A journal of the installation with these credentials.
    pub fn new(credentials: &Credentials) -> Self {
        Self {
            credential: credentials.audit_reader().recipient(),
        }
    }

    /// Appends one entry in the act's own transaction. Returns its number.
    ///
    /// # Errors
    /// From the database, or if the body cannot be sealed.
    pub fn record_in_txn(
        &self,
        conn: &mut DbConnection,
        day: Day,
        act: &Act<'_>,
    ) -> StoreResult<i64> {
        let draft = AuditDraft {
            day,
            class: act.class,
        };
        let body = serde_json::to_vec(&Body {
            class: act.class,
            actor: act.actor.map(|id| id.to_string()),
            report: act.report.map(|id| id.to_string()),
            detail: act.detail,
        })
        .map_err(|error| StoreError::Other(error.into()))?;
        let sealed = audit::draft(&self.credential, &body)
            .map_err(|error| StoreError::Other(error.into()))?;
        audit_append_in_txn(conn, &draft, |sequence, previous| AuditLink {
            commitment: sealed.commitment,
            leaf: audit::leaf(sequence, day, act.class, &sealed.commitment, previous),
            body: Some(sealed.body),
            body_key: None,
        })
    }
}
