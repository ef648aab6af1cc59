//! The audit log looked through from its first entry to its last, and the first thing named that is not as it was written.

use super::audit_chain as chain;
use super::audit_log::{AuditKeys, AuditLog};
use crate::seal::checkpoint::{Checkpoint, EMPTY, KeyChain, TwoSuccessors};
use crate::store::{DbConnection, StoreError};

pub use super::audit_chain::Finding;

/// A log in which nothing is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifiedLog {
    /// How many entries.
    pub size: i64,
    /// The leaf of the last one.
    pub head: [u8; 32],
    /// How many heads from outside the database it was compared with.
    pub compared: usize,
}

/// Whose bodies are opened: some 80 µs each.
#[derive(Clone, Copy)]
enum Bodies<'a> {
    /// All of them, by somebody who holds the auditors' keys.
    All(&'a AuditKeys),
    /// Those that are sealed to the credential. The others must be there.
    Credential,
}

/// Checks every entry, what was remembered of the log, and the signed notes in `given`, which come from outside the database.
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

/// Checks every entry and every body, by somebody who holds the auditors' keys.
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

fn look_through(
    conn: &mut DbConnection,
    audit_log: &AuditLog,
    given: &[String],
    bodies: Bodies<'_>,
) -> Result<Result<VerifiedLog, Finding>, StoreError> {
    let mut heads = match signed(audit_log, given) {
        Ok(heads) => heads,
        Err(finding) => return Ok(Err(finding)),
    };
    heads.extend(audit_log.remembered());
    let compared = heads.iter().filter(|head| head.size > 0).count();
    let (at, finding) = chain::follow(conn, EMPTY, heads, &audit_log.macs(), |row| {
        let is_right = match bodies {
            Bodies::Credential if row.body_key.is_some() => row.body.is_some(),
            Bodies::Credential => audit_log.read(row).is_some(),
            Bodies::All(keys) => audit_log.read_with(row, keys).is_some(),
        };
        is_right.then_some(()).ok_or(Finding::Body(row.seq))
    })?;
    Ok(match finding {
        Some(finding) => Err(finding),
        None => Ok(VerifiedLog {
            size: at.size,
            head: at.head,
            compared,
        }),
    })
}

/// The heads that are signed from outside the database.
fn signed(audit_log: &AuditLog, given: &[String]) -> Result<Vec<Checkpoint>, Finding> {
    let chain = KeyChain::follow(given, audit_log.first_verify_key())
        .map_err(|TwoSuccessors| Finding::TwoSuccessors)?;
    let notes = given.iter().enumerate();
    notes
        .map(|(index, note)| {
            let place = index.saturating_add(1);
            chain.open(note).map_err(|_| Finding::Reloadable(place))
        })
        .collect()
}
