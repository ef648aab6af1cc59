//! A person's ways in: a passphrase and a printed recovery code, each with a row that opens the same secrets.

use super::txn::Txn;
use crate::domain::audit::AuditEvent;
use crate::domain::ids::StaffId;
use crate::domain::keys::KeyState;
use crate::domain::staff::{StaffState, UnlockMethod};
use crate::seal::keys::StaffKeys;
use crate::seal::unlock::Unlock;
use crate::store::{self, DbConnection, StoreError, StoreResult, UnlockRow};

/// What becomes of a person's sessions when a way in is set anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sessions {
    End,
    GoOn,
}

/// Puts ways in in force, in the place of those of the same method, and writes down the event, which is told how many sessions ended.
///
/// # Errors
/// [`StoreError::Stale`] if the account is not in use, or the secrets are of a key that was renewed meanwhile.
pub(super) fn put_in_txn(
    txn: &mut Txn<'_>,
    (staff, keys): (StaffId, &StaffKeys),
    rows: &[UnlockRow],
    sessions: Sessions,
    event: impl FnOnce(usize) -> AuditEvent,
) -> StoreResult<()> {
    if store::staff_find(txn, staff)?.state != StaffState::Active {
        return Err(StoreError::Stale);
    }
    is_current(txn, staff, keys)?;
    for row in rows {
        store::unlock_put(txn, row)?;
    }
    let ended = match sessions {
        Sessions::End => store::session_delete_all_of(txn, staff)?,
        Sessions::GoOn => 0,
    };
    txn.record(staff, event(ended))
}

/// The salts of all ways in. They tell one setting of them from every other.
///
/// # Errors
/// From the database.
pub(super) fn salts(conn: &mut DbConnection, staff: StaffId) -> StoreResult<Vec<u8>> {
    let mut salts = Vec::new();
    for method in [UnlockMethod::Passphrase, UnlockMethod::Recovery] {
        if let Some(row) = store::unlock_find(conn, staff, method)? {
            salts.extend(row.salt);
        }
    }
    Ok(salts)
}

/// Whether the ways in are still those of these [`salts`].
///
/// # Errors
/// [`StoreError::Stale`] if one of them was set anew.
pub(super) fn must_be(conn: &mut DbConnection, staff: StaffId, seen: &[u8]) -> StoreResult<()> {
    if salts(conn, staff)? == seen {
        Ok(())
    } else {
        Err(StoreError::Stale)
    }
}

/// Secrets whose key was renewed meanwhile: nothing may be made of them any more.
pub(super) fn is_current(
    conn: &mut DbConnection,
    staff: StaffId,
    keys: &StaffKeys,
) -> StoreResult<()> {
    let own = keys.recipient();
    let is_old = store::keys_of_staff(conn, staff)?
        .iter()
        .any(|key| key.recipient == own.as_str() && key.state != KeyState::Active);
    if is_old {
        Err(StoreError::Stale)
    } else {
        Ok(())
    }
}

pub(super) fn as_row(staff: StaffId, method: UnlockMethod, unlock: Unlock) -> UnlockRow {
    UnlockRow {
        staff,
        method,
        salt: unlock.salt,
        pepper_version: unlock.pepper_version,
        sealed: unlock.sealed,
    }
}

pub(super) fn as_unlock(row: UnlockRow) -> Unlock {
    Unlock {
        salt: row.salt,
        pepper_version: row.pepper_version,
        sealed: row.sealed,
    }
}
