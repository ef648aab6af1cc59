//! Which recovery key counts: the newest that enough custodians signed, and no other.

use crate::domain::ids::KeyId;
use crate::domain::keys::KeyState;
use crate::seal::chain::{ChainError, CustodianPins};
use crate::seal::keys::{Signature, VerifyKey};
use crate::seal::recovery_record::RecoveryRecord;
use crate::store::{self, DbConnection, KeyRow, StoreResult};

/// The recovery keys as they stand.
pub(in crate::service) struct RecoveryStatus {
    /// What teams' keys are wrapped to.
    pub(in crate::service) current: Option<RecoveryRecord>,
    /// The key whose record should count and does not verify, or was put in place of a newer one: an alarm.
    pub(in crate::service) broken: Option<KeyId>,
    /// Every key that is not destroyed, first to last.
    pub(in crate::service) rows: Vec<KeyRow>,
}

impl RecoveryStatus {
    /// The row of the key that counts.
    pub(in crate::service) fn current_row(&self) -> Option<&KeyRow> {
        let current = self.current.as_ref()?;
        self.rows.iter().find(|row| row.id == current.key)
    }
}

/// A row as the record that is signed; `None` if it cannot be one.
pub(in crate::service) fn record(row: &KeyRow) -> Option<RecoveryRecord> {
    Some(RecoveryRecord {
        number: row.generation,
        key: row.id,
        recipient: row.recipient.parse().ok()?,
        verify_key: VerifyKey::from_bytes(row.verify_key),
    })
}

/// The signatures under a recovery key, as they are stored.
pub(in crate::service) fn signatures(
    conn: &mut DbConnection,
    key: KeyId,
) -> StoreResult<Vec<(VerifyKey, Signature)>> {
    Ok(store::recovery_signatures(conn, key)?
        .into_iter()
        .map(|signed| {
            (
                VerifyKey::from_bytes(signed.custodian),
                Signature::from_bytes(signed.signature),
            )
        })
        .collect())
}

/// Whether enough of the pinned custodians signed exactly this row.
pub(in crate::service) fn verify(
    conn: &mut DbConnection,
    pins: &CustodianPins,
    row: &KeyRow,
) -> StoreResult<Result<RecoveryRecord, ChainError>> {
    let Some(record) = record(row) else {
        return Ok(Err(ChainError::WrongSigner));
    };
    let signatures = signatures(conn, row.id)?;
    Ok(record.verify(pins, &signatures).map(|()| record))
}

/// Looks at every recovery key. Changes nothing.
pub(in crate::service) fn standing(
    conn: &mut DbConnection,
    pins: &CustodianPins,
) -> StoreResult<RecoveryStatus> {
    let mut rows = store::recovery_keys(conn)?;
    let in_force = rows
        .iter()
        .rev()
        .find(|row| row.state == KeyState::Active)
        .map(|row| (row.id, row.generation));
    let mut newest = None;
    for row in rows.iter().rev() {
        if newest.is_none() {
            newest = verify(conn, pins, row)?
                .ok()
                .map(|record| (record, row.state));
        }
    }
    rows.retain(|row| row.state != KeyState::Destroyed);
    let (current, broken) = match (newest, in_force) {
        // What is in force was exchanged, or its signers do not count any more, and there is no newer one.
        (Some((record, _)), Some((key, number))) if record.number < number => (None, Some(key)),
        (Some((record, KeyState::Active | KeyState::Pending)), _) => (Some(record), None),
        // A newer one was put aside for an older one.
        (Some(_), Some((key, _))) => (None, Some(key)),
        (None, Some((key, _))) => (None, Some(key)),
        (Some(_) | None, None) => (None, None),
    };
    Ok(RecoveryStatus {
        current,
        broken,
        rows,
    })
}

/// What checks the signatures of every recovery key that enough custodians have ever signed.
pub(in crate::service) fn countersigned(
    conn: &mut DbConnection,
    pins: &CustodianPins,
) -> StoreResult<Vec<VerifyKey>> {
    let mut found = Vec::new();
    for row in store::recovery_keys(conn)? {
        if let Ok(record) = verify(conn, pins, &row)? {
            found.push(record.verify_key);
        }
    }
    Ok(found)
}
