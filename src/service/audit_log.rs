//! The audit trail's entries: one function that every act goes through.

use std::sync::{Arc, PoisonError, RwLock};

use serde::{Deserialize, Serialize};

use super::changing::Changing;
use super::receivers::Receivers;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::Day;
use crate::domain::credential::{CredentialKind, SUCCESSION_DAYS};
use crate::domain::ids::{KeyId, ReportId, StaffId};
use crate::domain::keys::AUDIT_CHANNEL;
use crate::seal::audit;
use crate::seal::chain::VerifiedKey;
use crate::seal::checkpoint::Checkpoint;
use crate::seal::credentials::Credentials;
use crate::seal::keys::{Identity, Recipient, Signature, SigningKey, VerifyKey};
use crate::seal::shred;
use crate::store::{
    self, AuditDraft, AuditLink, AuditRow, CheckpointRow, DbConnection, StoreError, StoreResult,
    WriteTxn, audit_append,
};
use crate::witness::Witness;

/// The clear class of everything but a tick: which act it was would tell, between two ticks, the hour in which a report came in.
const ACT: &str = "act";
/// The sign of life of the log itself, once an hour, so that silence shows.
pub const TICK: &str = "tick";
/// Bodies are filled up to a multiple of so many bytes with spaces, which JSON passes over: how long one is would tell the act.
pub const BODY_BYTES: usize = 512;

/// Writes entries whose bodies only auditors read. Cheap to clone.
#[derive(Clone)]
pub struct AuditLog {
    /// Clones share it.
    credential: Arc<RwLock<Arc<Credential>>>,
    auditors: Option<Auditors>,
    witness: Witness,
}

/// The audit credential in its versions.
struct Credential {
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

/// Where the auditors' key is found.
#[derive(Clone)]
struct Auditors {
    changing: Changing,
    receivers: Receivers,
}

/// Keys of the auditors' team that somebody has opened.
pub type AuditKeys = [(KeyId, Identity)];

/// What the body of an entry says, sealed as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditBody {
    /// Who did it; `None` for a reporter, the service itself or the command line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<StaffId>,
    /// What was done.
    #[serde(flatten)]
    pub event: AuditEvent,
}

impl AuditLog {
    /// The log of the installation with these credentials.
    pub fn new(credentials: &Credentials) -> Self {
        let credential = Credential::of(credentials);
        Self {
            credential: Arc::new(RwLock::new(Arc::new(credential))),
            auditors: None,
            witness: Witness::of_process(credentials.witness_keys()),
        }
    }

    /// The same with what the installation remembers outside its database.
    #[must_use]
    pub fn with_witness(self, witness: Witness) -> Self {
        Self { witness, ..self }
    }

    /// What the installation remembers outside its database.
    pub const fn witness(&self) -> &Witness {
        &self.witness
    }

    /// Goes on with these credentials, in every clone.
    pub fn renew(&self, credentials: &Credentials) {
        self.witness.renew(credentials.witness_keys());
        let keys = Arc::new(Credential::of(credentials));
        *self
            .credential
            .write()
            .unwrap_or_else(PoisonError::into_inner) = keys;
    }

    fn keys(&self) -> Arc<Credential> {
        Arc::clone(
            &self
                .credential
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// The same, which seals to the auditors once custodians have signed for their key.
    #[must_use]
    pub fn for_auditors(self, changing: Changing, receivers: Receivers) -> Self {
        Self {
            auditors: Some(Auditors {
                changing,
                receivers,
            }),
            ..self
        }
    }

    /// The auditors' key, if custodians' signatures lead to one. It is verified each time: some 0.2 ms.
    fn auditors_key(
        &self,
        conn: &mut DbConnection,
        today: Day,
    ) -> StoreResult<Option<VerifiedKey>> {
        let Some(auditors) = &self.auditors else {
            return Ok(None);
        };
        let pins = auditors.changing.now().pins.on(today);
        let key = auditors.receivers.of_channel(conn, &pins, AUDIT_CHANNEL)?;
        match key {
            // The last good one may be gone from the table: what happened is written down all the same.
            Some(key) => match store::key_find(conn, key.key) {
                Ok(_) => Ok(Some(key)),
                Err(StoreError::NotFound) => Ok(None),
                Err(error) => Err(error),
            },
            None => Ok(None),
        }
    }

    /// Seals at most `limit` bodies from before there was an auditor to the auditors' key. Says how many.
    ///
    /// # Errors
    /// From the database.
    pub fn hand_over_in_txn(
        &self,
        conn: &mut WriteTxn<'_>,
        limit: i64,
        today: Day,
    ) -> StoreResult<usize> {
        let Some(key) = self.auditors_key(conn, today)? else {
            return Ok(0);
        };
        let credential = self.keys();
        let mut moved = 0;
        let mut after = 0;
        loop {
            let rows = store::audit_of_key(conn, None, after, limit)?;
            for row in &rows {
                after = row.seq;
                for reader in &credential.readers {
                    moved += usize::from(reseal(conn, row, reader, &key.recipient, key.key)?);
                }
            }
            // What does not open is left where it is; the look through the log names it.
            if rows.is_empty() || moved > 0 {
                return Ok(moved);
            }
        }
    }

    /// Appends one entry in the act's own transaction. Returns its number.
    ///
    /// # Errors
    /// From the database, or if the body cannot be sealed.
    pub fn record_in_txn(
        &self,
        conn: &mut WriteTxn<'_>,
        day: Day,
        by: Option<StaffId>,
        event: AuditEvent,
    ) -> StoreResult<i64> {
        let is_tick = matches!(event, AuditEvent::Tick {});
        let draft = AuditDraft {
            day,
            class: if is_tick { TICK } else { ACT },
        };
        let mut body = serde_json::to_vec(&AuditBody { by, event })
            .map_err(|error| StoreError::Other(error.into()))?;
        body.resize(body.len().next_multiple_of(BODY_BYTES), b' ');
        let auditors = self.auditors_key(conn, day)?;
        let credential = self.keys();
        let (recipient, body_key) = match &auditors {
            Some(key) => (&key.recipient, Some(key.key)),
            None => (&credential.credential, None),
        };
        let sealed =
            audit::draft(recipient, &body).map_err(|error| StoreError::Other(error.into()))?;
        audit_append(conn, &draft, |sequence, previous| AuditLink {
            commitment: sealed.commitment,
            leaf: audit::leaf(sequence, day, draft.class, &sealed.commitment, previous),
            body: Some(sealed.body),
            body_key,
        })
    }

    /// What an entry says that is sealed to the credential. `None` if its body is sealed to auditors, does not open, or is not the
    /// one that was committed to.
    pub fn read(&self, row: &AuditRow) -> Option<AuditBody> {
        self.read_with(row, &[])
    }

    /// What an entry says, by the auditors' keys or the credential. `None` if its body does not open, or is not the one that was
    /// committed to.
    pub fn read_with(&self, row: &AuditRow, keys: &AuditKeys) -> Option<AuditBody> {
        let sealed = row.body.as_ref()?;
        let credential = self.keys();
        let readers = match row.body_key {
            None => credential.readers.iter().collect(),
            Some(key) => keys
                .iter()
                .filter(|(id, _)| *id == key)
                .map(|(_, identity)| identity)
                .collect::<Vec<_>>(),
        };
        let mut readers = readers.into_iter();
        let body = readers.find_map(|key| audit::open_body(key, sealed, &row.commitment).ok())?;
        serde_json::from_slice(&body).ok()
    }

    /// Writes the log's sign of life, and signs its head. Gives the signed note.
    ///
    /// Where a longer log was signed before, this one was cut off: its size is given as well, to be told of, and what shows it stays as
    /// it is.
    ///
    /// # Errors
    /// From the database.
    pub fn tick_in_txn(
        &self,
        conn: &mut WriteTxn<'_>,
        day: Day,
    ) -> StoreResult<(String, Option<i64>)> {
        self.record_in_txn(conn, day, None, AuditEvent::Tick {})?;
        let (size, head) = store::audit_head(conn)?.ok_or(StoreError::NotFound)?;
        let last = store::checkpoint_last(conn)?;
        let note = self
            .keys()
            .sign(Checkpoint { size, head }, last.as_ref(), day);
        let longer = last.map(|last| last.size).filter(|last| *last >= size);
        if longer.is_none() {
            let note = note.clone();
            store::checkpoint_insert(conn, &CheckpointRow { size, day, note })?;
        }
        Ok((note, longer))
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

impl Credential {
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

/// Seals one body for another key. `false` if it does not open, or somebody else has done so.
pub(super) fn reseal(
    conn: &mut WriteTxn<'_>,
    row: &AuditRow,
    reader: &Identity,
    next: &Recipient,
    to: KeyId,
) -> StoreResult<bool> {
    let Some(sealed) = &row.body else {
        return Ok(false);
    };
    match audit::reseal(reader, sealed, &row.commitment, next) {
        Ok(moved) => store::audit_body_move(conn, row.seq, row.body_key, to, &moved),
        Err(_) => Ok(false),
    }
}
