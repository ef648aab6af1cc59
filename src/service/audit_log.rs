//! The audit trail's entries: one function that every act goes through.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use serde::{Deserialize, Serialize};

use super::audit_chain::{self as chain, Finding, LogKeys};
use super::authority::Authority;
use crate::domain::alarm::AlarmKind;
use crate::domain::audit::AuditEvent;
use crate::domain::clock::{Confirmed, Day, Quarter, Timestamp};
use crate::domain::ids::{AlarmId, KeyId, ReportId, StaffId};
use crate::domain::keys::AUDIT_CHANNEL;
use crate::domain::sealed::{self, Sealed};
use crate::seal::MacKeys;
use crate::seal::audit::{self, NO_BODY};
use crate::seal::chain::VerifiedKey;
use crate::seal::checkpoint::{Checkpoint, EMPTY};
use crate::seal::credentials::Credentials;
use crate::seal::keys::{Identity, Recipient, Signature, SigningKey, VerifyKey};
use crate::seal::shred;
use crate::store::{
    self, AuditRow, DbConnection, NewAudit, StoreError, StoreResult, WriteTxn, audit_append,
};
use crate::witness::{Witness, WitnessError};

/// The clear class of everything but a tick: which act it was would tell, between two ticks, the hour in which a report came in.
const ACT: &str = "act";
/// The sign of life of the log itself, once an hour, so that silence shows. It has no body. More often it would tell the minutes in which
/// something was done to whoever sees the clear columns.
pub const TICK: &str = "tick";
/// Bodies are filled up to a multiple of so many bytes with spaces, which JSON passes over: how long one is would tell the act.
pub const BODY_BYTES: usize = 512;

/// Writes entries whose bodies only auditors read. Cheap to clone.
#[derive(Clone)]
pub struct AuditLog {
    /// Clones share it.
    credential: Arc<RwLock<Arc<Credential>>>,
    authority: Authority,
    witness: Witness,
    /// Clones share it.
    memory: Arc<Mutex<LogMemory>>,
    /// Clones share it.
    behind: Arc<OnceLock<Behind>>,
}

/// Whether there are newer credentials than those that this process goes on with.
type Behind = Box<dyn Fn() -> bool + Send + Sync>;

/// The audit credential in its versions.
struct Credential {
    /// Reads bodies from before there is an auditor.
    credential: Recipient,
    /// The newest first.
    readers: Vec<Identity>,
    signer: SigningKey,
    /// The one before it, which introduces it.
    previous: Option<SigningKey>,
    first: VerifyKey,
    /// What entries are authenticated with.
    log_keys: LogKeys,
    /// What reports' rows are.
    report_macs: MacKeys,
}

/// What this process knows of the log.
struct LogMemory {
    /// The newest entry that was written here.
    written: Checkpoint,
    /// Up to here nothing was wrong.
    followed: Checkpoint,
    /// The first thing that is.
    finding: Option<Finding>,
    /// The day on which that was told of last.
    told: Option<Day>,
    /// Sign-ins that failed and are in no entry yet: how many in each quarter hour for whose account, or for nobody's.
    failures: BTreeMap<Failures, u32>,
}

/// When sign-ins failed, and for whose account; `None` if nobody has that handle.
pub(super) type Failures = (Quarter, Option<StaffId>);

/// See [`AuditLog::content`].
struct Content {
    class: &'static str,
    commitment: [u8; 32],
    body: Option<Sealed<sealed::AuditBody>>,
    body_key: Option<KeyId>,
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
    /// The log of the installation with these credentials, which knows of no custodian.
    pub fn new(credentials: &Credentials) -> Self {
        let credential = Credential::of(credentials);
        Self {
            credential: Arc::new(RwLock::new(Arc::new(credential))),
            authority: Authority::default(),
            witness: Witness::of_process(credentials.witness_keys()),
            memory: Arc::new(Mutex::new(LogMemory {
                written: EMPTY,
                followed: EMPTY,
                finding: None,
                told: None,
                failures: BTreeMap::new(),
            })),
            behind: Arc::default(),
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

    /// From here on it is asked whether there are newer credentials than those in force here.
    pub fn heed(&self, behind: impl Fn() -> bool + Send + Sync + 'static) {
        if self.behind.set(Box::new(behind)).is_err() {
            tracing::debug!("what tells of newer credentials is known");
        }
    }

    /// Whether another process may go on with newer credentials already: what it has made looks forged here, and is none of our business.
    pub fn is_behind(&self) -> bool {
        self.behind.get().is_some_and(|behind| behind())
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
    pub fn under(self, authority: Authority) -> Self {
        Self { authority, ..self }
    }

    /// The ledgers in force.
    pub const fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The auditors' key, if custodians' signatures lead to one.
    fn auditors_key(&self, conn: &mut DbConnection) -> StoreResult<Option<VerifiedKey>> {
        let verdict = self.authority.of_channel(conn, AUDIT_CHANNEL)?;
        match verdict.key {
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
    pub fn hand_over_in_txn(&self, conn: &mut WriteTxn<'_>, limit: i64) -> StoreResult<usize> {
        let Some(key) = self.auditors_key(conn)? else {
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

    /// Appends one entry in the act's own transaction. A log that is not the one that was written here takes it all the same, and that is
    /// remembered.
    ///
    /// # Errors
    /// From the database, or if the body cannot be sealed.
    pub fn record_in_txn(
        &self,
        conn: &mut WriteTxn<'_>,
        day: Day,
        by: Option<StaffId>,
        event: AuditEvent,
    ) -> StoreResult<()> {
        let (before, written) = (chain::head(conn)?, self.memory().written);
        if before != written
            && let Some(finding) = chain::lacks(conn, written)?
        {
            self.memory().finding.get_or_insert(finding);
        }
        let seq = before.size.saturating_add(1);
        let Content {
            class,
            commitment,
            body,
            body_key,
        } = self.content(conn, by, event)?;
        let leaf = audit::leaf(seq, day, class, &commitment, &before.head);
        let entry = NewAudit {
            seq,
            day,
            class,
            commitment,
            leaf,
            mac: audit::mac(&self.keys().log_keys.macs, &leaf),
            body,
            body_key,
        };
        audit_append(conn, &entry)?;
        let audit_log = self.clone();
        conn.after_commit(move || {
            let mut memory = audit_log.memory();
            if memory.written.size < seq {
                memory.written = Checkpoint {
                    size: seq,
                    head: leaf,
                };
            }
        });
        Ok(())
    }

    /// What an entry holds besides its place.
    fn content(
        &self,
        conn: &mut DbConnection,
        by: Option<StaffId>,
        event: AuditEvent,
    ) -> StoreResult<Content> {
        if matches!(event, AuditEvent::Tick {}) {
            return Ok(Content {
                class: TICK,
                commitment: NO_BODY,
                body: None,
                body_key: None,
            });
        }
        let mut body = serde_json::to_vec(&AuditBody { by, event })
            .map_err(|error| StoreError::Other(error.into()))?;
        body.resize(body.len().next_multiple_of(BODY_BYTES), b' ');
        let auditors = self.auditors_key(conn)?;
        let credential = self.keys();
        let (recipient, body_key) = match &auditors {
            Some(key) => (&key.recipient, Some(key.key)),
            None => (&credential.credential, None),
        };
        let sealed =
            audit::draft(recipient, &body).map_err(|error| StoreError::Other(error.into()))?;
        Ok(Content {
            class: ACT,
            commitment: sealed.commitment,
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
        if row.class == TICK {
            let is_bare = row.body.is_none() && row.commitment == NO_BODY;
            let event = AuditEvent::Tick {};
            return is_bare.then_some(AuditBody { by: None, event });
        }
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

    /// Follows the log from where it was followed last, or from its first entry, to its end: links, MACs, and that it goes on from what was
    /// written here or seen by the witness. What is wrong is remembered until the process ends.
    ///
    /// # Errors
    /// From the database.
    pub fn follow(&self, conn: &mut DbConnection, whole: bool) -> StoreResult<Option<Finding>> {
        let (from, known) = {
            let memory = self.memory();
            if memory.finding.is_some() {
                return Ok(memory.finding);
            }
            let from = if whole { EMPTY } else { memory.followed };
            (from, self.heads_of(&memory))
        };
        let (at, finding) = chain::follow(conn, from, known, &self.log_keys(), |_| Ok(()))?;
        let finding = finding.filter(|_| !self.is_behind());
        let mut memory = self.memory();
        memory.followed = at;
        memory.finding = memory.finding.or(finding);
        Ok(memory.finding)
    }

    /// The head of the log as a signed note; of the last entry up to which nothing is wrong, where something is. For as long as there is a
    /// key before the newest, both sign.
    ///
    /// # Errors
    /// From the database.
    pub fn signed_head(&self, conn: &mut DbConnection) -> StoreResult<String> {
        let sound = {
            let memory = self.memory();
            memory.finding.map(|_| memory.followed)
        };
        let head = match sound {
            Some(sound) => sound,
            None => chain::head(conn)?,
        };
        let keys = self.keys();
        Ok(match &keys.previous {
            Some(previous) => head.sign_succession(previous, &keys.signer),
            None => head.sign(&keys.signer),
        })
    }

    /// Heads that the log must pass through.
    pub(super) fn remembered(&self) -> Vec<Checkpoint> {
        self.heads_of(&self.memory())
    }

    fn heads_of(&self, memory: &LogMemory) -> Vec<Checkpoint> {
        vec![self.witness.record().log, memory.written]
    }

    /// Tells the witness how far the log has come, as long as nothing is wrong with it, and what time it is, if that is confirmed. Waits for
    /// the disk.
    ///
    /// # Errors
    /// [`WitnessError`]
    pub fn tell_witness(&self, now: Option<Confirmed>) -> Result<(), WitnessError> {
        let known = {
            let memory = self.memory();
            let heads = [memory.written, memory.followed];
            let newest = heads.into_iter().max_by_key(|head| head.size);
            newest.filter(|_| memory.finding.is_none())
        };
        let time = now.map_or(Quarter::from_seconds(0), |now| now.now().quarter());
        self.witness.audit_head(known.unwrap_or(EMPTY), time)
    }

    /// The day of the newest entry, if the server wrote it.
    ///
    /// # Errors
    /// From the database.
    pub fn newest_day(&self, conn: &mut DbConnection) -> StoreResult<Option<Day>> {
        let last = chain::head(conn)?.size.saturating_sub(1);
        let head = store::audit_leaf(conn, last)?.unwrap_or(EMPTY.head);
        let before = Checkpoint {
            size: last.max(0),
            head,
        };
        let mut day = None;
        let (_, finding) = chain::follow(conn, before, Vec::new(), &self.log_keys(), |row| {
            day = Some(row.day);
            Ok(())
        })?;
        Ok(day.filter(|_| finding.is_none()))
    }

    /// What is wrong with the log and was not told of on this day yet.
    pub(super) fn untold(&self, day: Day) -> Option<Finding> {
        let memory = self.memory();
        memory.finding.filter(|_| memory.told != Some(day))
    }

    /// Remembers that it was told of.
    pub(super) fn told(&self, day: Day) {
        self.memory().told = Some(day);
    }

    /// Counts a sign-in that failed. A stranger makes no more entries by it than one for each account and quarter hour.
    pub(super) fn sign_in_failed(&self, person: Option<StaffId>, now: Timestamp) {
        let mut memory = self.memory();
        let count = memory.failures.entry((now.quarter(), person)).or_default();
        *count = count.saturating_add(1);
    }

    /// How many failed in earlier quarter hours.
    pub(super) fn failures_before(&self, quarter: Quarter) -> Vec<(Failures, u32)> {
        let memory = self.memory();
        let counts = memory
            .failures
            .iter()
            .map(|(failures, count)| (*failures, *count));
        counts.filter(|((at, _), _)| *at < quarter).collect()
    }

    /// They are in an entry now.
    pub(super) fn failures_told(&self, told: &[(Failures, u32)]) {
        let mut memory = self.memory();
        for (failures, _) in told {
            memory.failures.remove(failures);
        }
    }

    /// What reports' rows are authenticated with: not by a key whose rows have all been proven anew.
    pub fn report_keys(&self) -> MacKeys {
        self.keys().report_macs.without(self.witness.outdated())
    }

    /// How many of the earliest keys prove nothing that is of that day.
    pub fn outdated(&self, today: Day) -> u32 {
        self.keys().log_keys.succession.outdated(today)
    }

    /// The ids that an alarm of that day may have, the newest credential's first: nobody else lays one in its place.
    pub(super) fn alarm_ids(&self, kind: AlarmKind, subject: &str, day: Day) -> Vec<AlarmId> {
        let day = day.number().to_be_bytes();
        let parts: [&[u8]; 5] = [
            b"kapea/alarm/v1",
            &day,
            kind.as_str().as_bytes(),
            b" ",
            subject.as_bytes(),
        ];
        let ids = self.keys().log_keys.macs.ids(&parts);
        ids.into_iter().map(AlarmId::from_bytes).collect()
    }

    /// What entries are authenticated with.
    pub(super) fn log_keys(&self) -> LogKeys {
        self.keys().log_keys.share()
    }

    fn memory(&self) -> MutexGuard<'_, LogMemory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
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
        Self {
            credential: credentials.audit_reader().recipient(),
            readers: credentials.audit_readers(),
            signer,
            previous: keys.pop(),
            first,
            log_keys: LogKeys {
                macs: credentials.log_keys(),
                succession: credentials.succession(),
            },
            report_macs: credentials.report_keys(),
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
