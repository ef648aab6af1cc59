//! The audit log looked through from its first entry to its last, and the first thing named that is not as it was written.

use std::collections::BTreeSet;

use super::audit_log::{AuditKeys, AuditLog, TICK};
use crate::seal::audit::{GENESIS, leaf};
use crate::seal::checkpoint::{Checkpoint, KeyChain};
use crate::store::{self, AuditRow, DbConnection, StoreError};

/// Entries that are in memory at once.
const PAGE: i64 = 1_000;

/// A log in which nothing is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifiedLog {
    /// How many entries.
    pub size: i64,
    /// The leaf of the last one.
    pub head: [u8; 32],
    /// How many signed heads were compared, those from outside included.
    pub checkpoints: usize,
}

/// The first thing that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// A number is missing.
    #[error("entry {0} is missing: deleted, or moved to another place")]
    Missing(i64),
    /// The entry, or the one before it, is not the one that was written here.
    #[error("entry {0} was changed, exchanged or moved")]
    Changed(i64),
    /// The body of the entry is not the one that was committed to.
    #[error("the body of entry {0} was changed, exchanged or removed")]
    Body(i64),
    /// The head that was signed with this tick is not there.
    #[error("the head that was signed at entry {0} was removed")]
    HeadMissing(i64),
    /// A stored head is not signed by the audit key of its time.
    #[error("the stored checkpoint at entry {0} is not signed by the audit key")]
    Checkpoint(i64),
    /// A head given from outside is not signed by the audit key of its time.
    #[error("checkpoint {0} of those given is not signed by the audit key")]
    Reloadable(usize),
    /// Somebody who has an audit key hands over to a key of their own.
    #[error("an audit key has named two successors: it is in other hands")]
    TwoSuccessors,
    /// The log was rewritten up to here after its head was signed.
    #[error("the log was written anew: at entry {0} it is not what was signed")]
    Forked(i64),
    /// The log ends before a head that was signed.
    #[error(
        "the log ends at entry {ends} although its head was signed at entry {signed}: cut off, or an old copy was put back"
    )]
    Truncated {
        /// The last entry there is.
        ends: i64,
        /// The entry at which a head was signed.
        signed: i64,
    },
}

impl Finding {
    /// The entry that it is about; for a head given from outside, its place among them; 0 for the log as a whole.
    pub fn entry(&self) -> i64 {
        match *self {
            Self::Missing(entry)
            | Self::Changed(entry)
            | Self::Body(entry)
            | Self::HeadMissing(entry)
            | Self::Checkpoint(entry)
            | Self::Forked(entry) => entry,
            Self::Reloadable(place) => i64::try_from(place).unwrap_or(i64::MAX),
            Self::Truncated { ends, .. } => ends.saturating_add(1),
            Self::TwoSuccessors => 0,
        }
    }
}

/// Whether bodies are opened: some 80 µs each.
#[derive(Clone, Copy)]
enum Bodies<'a> {
    /// All of them, by somebody who holds the auditors' keys.
    All(&'a AuditKeys),
    /// Those that are sealed to the credential. The others must be there.
    Credential,
    Left,
}

/// Checks every entry, every stored head, and the signed notes in `given`, which come from outside the database.
///
/// # Errors
/// From the database.
pub fn verify(
    conn: &mut DbConnection,
    audit_log: &AuditLog,
    given: &[String],
) -> Result<Result<VerifiedLog, Finding>, StoreError> {
    look_through(conn, audit_log, given, Bodies::Credential)
}

/// Checks every entry, every stored head and every body, by somebody who holds the auditors' keys.
///
/// # Errors
/// From the database.
pub fn verify_bodies(
    conn: &mut DbConnection,
    audit_log: &AuditLog,
    keys: &AuditKeys,
) -> Result<Result<VerifiedLog, Finding>, StoreError> {
    look_through(conn, audit_log, &[], Bodies::All(keys))
}

/// Checks every entry and every stored head, and leaves bodies closed: some 3 µs an entry.
///
/// # Errors
/// From the database.
pub fn verify_chain(
    conn: &mut DbConnection,
    audit_log: &AuditLog,
) -> Result<Result<VerifiedLog, Finding>, StoreError> {
    look_through(conn, audit_log, &[], Bodies::Left)
}

fn look_through(
    conn: &mut DbConnection,
    audit_log: &AuditLog,
    given: &[String],
    bodies: Bodies<'_>,
) -> Result<Result<VerifiedLog, Finding>, StoreError> {
    let heads = match heads(conn, audit_log, given)? {
        Ok(heads) => heads,
        Err(finding) => return Ok(Err(finding)),
    };
    let stored: BTreeSet<i64> = store::checkpoint_list(conn)?
        .iter()
        .map(|row| row.size)
        .collect();
    let mut signed = heads.iter().peekable();
    let (mut size, mut head) = (0, GENESIS);
    loop {
        let rows = store::audit_after(conn, size, PAGE)?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let followed = follow(&row, size, &head).and_then(|()| match bodies {
                Bodies::All(keys) => body(&row, audit_log.read_with(&row, keys).is_some()),
                Bodies::Credential if row.body_key.is_some() => body(&row, row.body.is_some()),
                Bodies::Credential => body(&row, audit_log.read(&row).is_some()),
                Bodies::Left => Ok(()),
            });
            if let Err(finding) = followed {
                return Ok(Err(finding));
            }
            if row.class == TICK && !stored.contains(&row.seq) {
                return Ok(Err(Finding::HeadMissing(row.seq)));
            }
            (size, head) = (row.seq, row.leaf);
            while let Some(checkpoint) = signed.next_if(|checkpoint| checkpoint.size <= size) {
                if checkpoint.size != size || checkpoint.head != head {
                    return Ok(Err(Finding::Forked(checkpoint.size)));
                }
            }
        }
    }
    if let Some(checkpoint) = signed.next() {
        return Ok(Err(Finding::Truncated {
            ends: size,
            signed: checkpoint.size,
        }));
    }
    Ok(Ok(VerifiedLog {
        size,
        head,
        checkpoints: heads.len(),
    }))
}

/// One entry after the one before it.
fn follow(row: &AuditRow, before: i64, previous: &[u8; 32]) -> Result<(), Finding> {
    let expected = before.saturating_add(1);
    if row.seq != expected {
        return Err(Finding::Missing(expected));
    }
    if leaf(row.seq, row.day, &row.class, &row.commitment, previous) != row.leaf {
        return Err(Finding::Changed(row.seq));
    }
    Ok(())
}

fn body(row: &AuditRow, is_right: bool) -> Result<(), Finding> {
    if is_right {
        Ok(())
    } else {
        Err(Finding::Body(row.seq))
    }
}

/// Every signed head, by size.
fn heads(
    conn: &mut DbConnection,
    audit_log: &AuditLog,
    given: &[String],
) -> Result<Result<Vec<Checkpoint>, Finding>, StoreError> {
    let rows = store::checkpoint_list(conn)?;
    let notes: Vec<&str> = rows
        .iter()
        .map(|row| row.note.as_str())
        .chain(given.iter().map(String::as_str))
        .collect();
    let Ok(chain) = KeyChain::follow(&notes, audit_log.first_verify_key()) else {
        return Ok(Err(Finding::TwoSuccessors));
    };
    let mut heads = Vec::new();
    for row in rows {
        match chain.open(&row.note) {
            Ok(checkpoint) if checkpoint.size == row.size => heads.push(checkpoint),
            _ => return Ok(Err(Finding::Checkpoint(row.size))),
        }
    }
    for (index, note) in given.iter().enumerate() {
        match chain.open(note) {
            Ok(checkpoint) => heads.push(checkpoint),
            Err(_) => return Ok(Err(Finding::Reloadable(index.saturating_add(1)))),
        }
    }
    heads.sort_by_key(|checkpoint| checkpoint.size);
    Ok(Ok(heads))
}
