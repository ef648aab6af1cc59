//! Recovery keys, and what is wrapped to them.

use super::KeyRow;
use super::prelude::*;
use super::schema::{keys, wraps};
use crate::domain::ids::{KeyId, TeamId};
use crate::domain::keys::{KeyKind, KeyState};

/// Every recovery key, first to last. Whether one counts is for the office's ledger to say.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn recovery_keys(conn: &mut DbConnection) -> StoreResult<Vec<KeyRow>> {
    keys::table
        .filter(keys::kind.eq(KeyKind::Recovery))
        .order(keys::generation)
        .readable(conn, "keys")
}

/// Forgets a recovery key that never came into force.
///
/// # Errors
/// [`StoreError::Stale`] if it is not pending.
pub fn recovery_forget(conn: &mut WriteTxn<'_>, key: KeyId) -> StoreResult<()> {
    let pending = keys::table
        .find(key)
        .filter(keys::kind.eq(KeyKind::Recovery))
        .filter(keys::state.eq(KeyState::Pending));
    diesel::delete(pending).or_stale(conn)
}

/// Every wrap to a recovery key: whose key it is, and which key is in it.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn recovery_wraps(conn: &mut DbConnection) -> StoreResult<Vec<(KeyId, KeyId)>> {
    // All or none: keys are destroyed where there is none.
    Ok(wraps::table
        .inner_join(keys::table.on(keys::id.eq(wraps::parent)))
        .filter(keys::kind.eq(KeyKind::Recovery))
        .select((wraps::parent, wraps::child))
        .load(conn)?)
}

/// Every generation of any team that still opens something.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn team_keys_live(conn: &mut DbConnection) -> StoreResult<Vec<(TeamId, KeyId)>> {
    let live = [KeyState::Active, KeyState::Retiring];
    Ok(keys::table
        .filter(keys::kind.eq(KeyKind::Team))
        .filter(keys::state.eq_any(live))
        .order((keys::owner, keys::generation))
        .select((keys::owner, keys::id))
        .load(conn)?)
}
