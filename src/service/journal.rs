//! The audit trail's entries: one function that every act goes through.

use std::sync::{Arc, PoisonError, RwLock};

use serde::{Deserialize, Serialize};

use crate::domain::clock::Day;
use crate::domain::credential::{CredentialKind, SUCCESSION_DAYS};
use crate::domain::ids::{ReportId, StaffId};
use crate::seal::audit;
use crate::seal::checkpoint::Checkpoint;
use crate::seal::credentials::Credentials;
use crate::seal::keys::{Identity, Recipient, Signature, SigningKey, VerifyKey};
use crate::seal::shred;
use crate::store::{
    self, AuditDraft, AuditLink, AuditRow, CheckpointRow, DbConnection, StoreError, StoreResult,
    audit_append_in_txn,
};

/// The clear class of everything but a tick: which act it was would tell, between two ticks, the hour in which a report came in.
const ACT: &str = "act";
/// The sign of life of the log itself, once an hour, so that silence shows.
const TICK: &str = "tick";

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
pub struct Journal(Arc<RwLock<Arc<AuditKeys>>>);

/// The audit credential in its versions. Clones of a journal share them.
struct AuditKeys {
    /// Reads bodies from before there is an auditor.
    credential: Recipient,
    /// The newest first.
    readers: Vec<Identity>,
    signer: SigningKey,
    /// The UTC day it was made, if it is known.
    made: Option<Day>,
    /// The one before it, which introduces it.
    previous: Option<SigningKey>,
    first: VerifyKey,
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
        Self(Arc::new(RwLock::new(Arc::new(AuditKeys::of(credentials)))))
    }

    /// Goes on with these credentials, in every clone.
    pub fn renew(&self, credentials: &Credentials) {
        let keys = Arc::new(AuditKeys::of(credentials));
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    fn keys(&self) -> Arc<AuditKeys> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
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
        let sealed = audit::draft(&self.keys().credential, &body)
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
        let keys = self.keys();
        let mut readers = keys.readers.iter();
        let body = readers.find_map(|key| audit::open_body(key, sealed, &row.commitment).ok())?;
        let body: Body<'_> = serde_json::from_slice(&body).ok()?;
        Some(Told {
            class: body.class.into_owned(),
            actor: body.actor.and_then(|id| id.parse().ok()),
            report: body.report.and_then(|id| id.parse().ok()),
            detail: body.detail.into_owned(),
        })
    }

    /// Writes the log's sign of life, and signs its head.
    ///
    /// # Errors
    /// From the database.
    pub fn tick_in_txn(&self, conn: &mut DbConnection, day: Day) -> StoreResult<()> {
        let act = Act {
            class: TICK,
            actor: None,
            report: None,
            detail: "",
        };
        self.record_in_txn(conn, day, &act)?;
        let Some((size, head)) = store::audit_head(conn)? else {
            return Ok(());
        };
        let last = store::checkpoint_last(conn)?;
        let checkpoint = Checkpoint { size, head };
        let note = self.keys().sign(checkpoint, last.as_ref(), day);
        store::checkpoint_insert(conn, &CheckpointRow { size, day, note })
    }

    /// Signs that a report was destroyed.
    pub fn sign_shredded(
        &self,
        report: ReportId,
        objects: i64,
        commitment: &[u8; 32],
        day: Day,
    ) -> Signature {
        shred::sign(&self.keys().signer, report, objects, commitment, day)
    }

    /// What the signatures under new checkpoints verify with.
    pub fn verify_key(&self) -> VerifyKey {
        self.keys().signer.verify_key()
    }

    /// What the signatures under the first checkpoints verify with, and from where all later keys are introduced.
    pub fn first_verify_key(&self) -> VerifyKey {
        self.keys().first
    }
}

impl AuditKeys {
    fn of(credentials: &Credentials) -> Self {
        let mut keys = credentials.audit_keys();
        let signer = credentials.audit_key();
        let first = keys.first().unwrap_or(&signer).verify_key();
        keys.pop();
        let newest = credentials.versions(CredentialKind::Audit).pop();
        Self {
            credential: credentials.audit_reader().recipient(),
            readers: credentials.audit_readers(),
            signer,
            made: newest.and_then(|info| info.made),
            previous: keys.pop(),
            first,
        }
    }

    /// A head, signed by the newest key. For a month after a change, and until it has happened once, by the one before it as well.
    fn sign(&self, checkpoint: Checkpoint, last: Option<&CheckpointRow>, today: Day) -> String {
        let key = self.signer.verify_key();
        let is_introduced = last.is_some_and(|row| Checkpoint::open(&row.note, &key).is_ok());
        let is_new = self
            .made
            .is_some_and(|day| day.plus(SUCCESSION_DAYS) > today);
        match &self.previous {
            Some(previous) if is_new || !is_introduced => {
                checkpoint.sign_succession(previous, &self.signer)
            }
            _ => checkpoint.sign(&self.signer),
        }
    }
}
