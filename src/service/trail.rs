//! The audit log looked through from its first entry to its last, and the first thing named that is not as it was written.

use std::collections::BTreeSet;

use super::audit_chain as chain;
use super::audit_log::{AuditKeys, AuditLog};
use crate::domain::audit::AuditEvent;
use crate::domain::ids::ReportId;
use crate::seal::checkpoint::{Checkpoint, EMPTY, KeyChain, TwoSuccessors};
use crate::store::{self, DbConnection, StoreError};

pub use super::audit_chain::Finding;

const IDS_AT_ONCE: i64 = 10_000;

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

/// What the log knows of and the tables do not, and the other way around.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Reports that were received, are not there, and that nobody has destroyed.
    pub vanished: Vec<ReportId>,
    /// Reports that are there and were never received.
    pub strange: Vec<ReportId>,
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
    look_through(conn, audit_log, given, Bodies::Credential, |_| {})
}

/// Checks every entry and every body, by somebody who holds the auditors' keys.
///
/// # Errors
/// From the database.
#[cfg_attr(rooms_closed, expect(dead_code, reason = "for tests and benchmarks"))]
pub fn verify_bodies(
    conn: &mut DbConnection,
    audit_log: &AuditLog,
    keys: &AuditKeys,
) -> Result<Result<VerifiedLog, Finding>, StoreError> {
    look_through(conn, audit_log, &[], Bodies::All(keys), |_| {})
}

/// [`verify_bodies`], and compares which reports the log knows of with those that there are.
///
/// # Errors
/// From the database.
pub fn reconcile(
    conn: &mut DbConnection,
    audit_log: &AuditLog,
    keys: &AuditKeys,
) -> Result<Result<(VerifiedLog, Reconciled), Finding>, StoreError> {
    let mut received = BTreeSet::new();
    let note = |event: &AuditEvent| match event {
        AuditEvent::ReportReceived { report, .. } => {
            received.insert(*report);
        }
        AuditEvent::ShredBegun { report, .. } => {
            received.remove(report);
        }
        _ => {}
    };
    let log = match look_through(conn, audit_log, &[], Bodies::All(keys), note)? {
        Ok(log) => log,
        Err(finding) => return Ok(Err(finding)),
    };
    let mut there = BTreeSet::new();
    let mut from = ReportId::default();
    loop {
        let (ids, _) = store::report_ids_from(conn, from, IDS_AT_ONCE)?;
        let Some(last) = ids.last() else { break };
        from = *last;
        there.extend(ids);
    }
    let reconciled = Reconciled {
        vanished: received.difference(&there).copied().collect(),
        strange: there.difference(&received).copied().collect(),
    };
    Ok(Ok((log, reconciled)))
}

fn look_through(
    conn: &mut DbConnection,
    audit_log: &AuditLog,
    given: &[String],
    bodies: Bodies<'_>,
    mut told: impl FnMut(&AuditEvent),
) -> Result<Result<VerifiedLog, Finding>, StoreError> {
    let mut heads = match signed(audit_log, given) {
        Ok(heads) => heads,
        Err(finding) => return Ok(Err(finding)),
    };
    heads.extend(audit_log.remembered());
    let compared = heads.iter().filter(|head| head.size > 0).count();
    let (at, finding) = chain::follow(conn, EMPTY, heads, &audit_log.log_keys(), |row| {
        let is_right = match bodies {
            Bodies::Credential if row.body_key.is_some() => row.body.is_some(),
            Bodies::Credential => audit_log.read(row).is_some(),
            Bodies::All(keys) => {
                let body = audit_log.read_with(row, keys);
                body.inspect(|body| told(&body.event)).is_some()
            }
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
