//! Recovery keys: their signatures, what is wrapped to them.

use super::prelude::*;
use super::schema::{keys, recovery_signatures, wraps};
use super::{CharterSignature, KeyRow};
use crate::domain::ids::{KeyId, TeamId};
use crate::domain::keys::{KeyKind, KeyState};

/// Every recovery key, first to last. Whether one counts is for its signatures to say.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn recovery_keys(conn: &mut DbConnection) -> StoreResult<Vec<KeyRow>> {
    Ok(keys::table
        .filter(keys::kind.eq(KeyKind::Recovery))
        .order(keys::generation)
        .load(conn)?)
}

/// The custodians' signatures under a recovery key.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn recovery_signatures(
    conn: &mut DbConnection,
    key: KeyId,
) -> StoreResult<Vec<CharterSignature>> {
    Ok(recovery_signatures::table
        .filter(recovery_signatures::key.eq(key))
        .order(recovery_signatures::custodian)
        .select((
            recovery_signatures::custodian,
            recovery_signatures::signature,
        ))
        .load(conn)?)
}

/// Adds a custodian's signature, in place of one of theirs that was there.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such key.
pub fn recovery_sign(
    conn: &mut WriteTxn<'_>,
    key: KeyId,
    signed: &CharterSignature,
) -> StoreResult<()> {
    recovery_signatures::table
        .find((key, signed.custodian))
        .delete(conn)?;
    let row = (
        recovery_signatures::key.eq(key),
        recovery_signatures::custodian.eq(signed.custodian),
        recovery_signatures::signature.eq(signed.signature),
    );
    recovery_signatures::table.insert(conn, row)
}

/// Forgets a recovery key that never came into force, with its signatures.
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
