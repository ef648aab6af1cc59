//! The audit trail's entries: one function that every act goes through.

use serde::{Deserialize, Serialize};

use super::alarm;
use crate::domain::alarm::AlarmKind;
use crate::domain::clock::Day;
use crate::domain::ids::{ReportId, StaffId};
use crate::seal::audit;
use crate::seal::checkpoint::Checkpoint;
use crate::seal::credentials::Credentials;
use crate::seal::keys::{Identity, Recipient, SigningKey, VerifyKey};
use crate::store::{
    self, AuditDraft, AuditLink, AuditRow, CheckpointRow, DbConnection, StoreError, StoreResult,
    audit_append_in_txn,
};

/// The clear class of everything but a tick: which act it was would tell, between two ticks, the hour in which a report came in.
const ACT: &str = "act";
/// The sign of life of the log itself, once an hour, so that silence shows.
pub(super) const TICK: &str = "tick";

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
    reader: Identity,
    signer: SigningKey,
}

/// What the body of an entry says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What was done.
    pub class: String,
    /// Who did it; `None` for a reporter, the service itself or the command line.
    pub actor: Option<StaffId>,
    /// The report that it concerns.
    pub report: Option<ReportId>,
    /// What else is told of it.
    pub detail: String,
}

/// The body of an entry, sealed.
#[derive(Serialize, Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    class: std::borrow::Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    actor: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    report: Option<String>,
    #[serde(default, borrow, skip_serializing_if = "str::is_empty")]
    detail: std::borrow::Cow<'a, str>,
}

impl Journal {
    /// A journal of the installation with these credentials.
    pub fn new(credentials: &Credentials) -> Self {
        let reader = credentials.audit_reader();
        Self {
            credential: reader.recipient(),
            reader,
            signer: credentials.audit_key(),
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
            class: if act.class == TICK { TICK } else { ACT },
        };
        let body = serde_json::to_vec(&Body {
            class: act.class.into(),
            actor: act.actor.map(|id| id.to_string()),
            report: act.report.map(|id| id.to_string()),
            detail: act.detail.into(),
        })
        .map_err(|error| StoreError::Other(error.into()))?;
        let sealed = audit::draft(&self.credential, &body)
            .map_err(|error| StoreError::Other(error.into()))?;
        audit_append_in_txn(conn, &draft, |sequence, previous| AuditLink {
            commitment: sealed.commitment,
            leaf: audit::leaf(sequence, day, draft.class, &sealed.commitment, previous),
            body: Some(sealed.body),
            body_key: None,
        })
    }

    /// What an entry says. `None` if its body does not open or is not the one that was committed to.
    pub fn read(&self, row: &AuditRow) -> Option<Told> {
        let sealed = row.body.as_ref()?;
        let body = audit::open_body(&self.reader, sealed, &row.commitment).ok()?;
        let body: Body<'_> = serde_json::from_slice(&body).ok()?;
        Some(Told {
            class: body.class.into_owned(),
            actor: body.actor.and_then(|id| id.parse().ok()),
            report: body.report.and_then(|id| id.parse().ok()),
            detail: body.detail.into_owned(),
        })
    }

    /// Writes the log's sign of life, and signs its head. Gives the signed note.
    ///
    /// Where a longer log was signed before, this one was cut off: that is told of, and what shows it stays as it is.
    ///
    /// # Errors
    /// From the database.
    pub fn tick_in_txn(&self, conn: &mut DbConnection, day: Day) -> StoreResult<String> {
        let act = Act {
            class: TICK,
            actor: None,
            report: None,
            detail: "",
        };
        self.record_in_txn(conn, day, &act)?;
        let (size, head) = store::audit_head(conn)?.ok_or(StoreError::NotFound)?;
        let note = Checkpoint { size, head }.sign(&self.signer);
        match store::checkpoint_last(conn)? {
            Some(longer) if longer.size >= size => {
                let (kind, subject) = (AlarmKind::AuditBroken, longer.size.to_string());
                alarm::raise_in_txn(self, conn, kind, &subject, day)?;
            }
            _ => {
                let note = note.clone();
                store::checkpoint_insert(conn, &CheckpointRow { size, day, note })?;
            }
        }
        Ok(note)
    }

    /// What the signatures under checkpoints verify with.
    pub fn verify_key(&self) -> VerifyKey {
        self.signer.verify_key()
    }
}
