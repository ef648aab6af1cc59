//! Recovery keys: their signatures, what is wrapped to them, and which teams do without.

use diesel::prelude::*;

use super::schema::{admissions, keys, recovery_signatures, teams, wraps};
use super::staff::one_or;
use super::{CharterSignature, DbConnection, KeyRow, StoreError, StoreResult};
use crate::domain::ids::{KeyId, StaffId, TeamId};
use crate::domain::keys::{KeyKind, KeyState};

/// Every recovery key, first to last. Whether one counts is for its signatures to say.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn recovery_keys(conn: &mut DbConnection) -> StoreResult<Vec<KeyRow>> {
    Ok(keys::table
        .filter(keys::kind.eq(KeyKind::Recovery.as_str()))
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
        .filter(recovery_signatures::key.eq(key.as_bytes().as_slice()))
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
pub fn recovery_sign_in_txn(
    conn: &mut DbConnection,
    key: KeyId,
    signed: &CharterSignature,
) -> StoreResult<()> {
    let (id, custodian) = (key.as_bytes().as_slice(), signed.custodian.as_slice());
    diesel::delete(recovery_signatures::table.find((id, custodian))).execute(conn)?;
    diesel::insert_into(recovery_signatures::table)
        .values((
            recovery_signatures::key.eq(id),
            recovery_signatures::custodian.eq(custodian),
            recovery_signatures::signature.eq(signed.signature.as_slice()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Forgets a recovery key that never came into force, with its signatures.
///
/// # Errors
/// [`StoreError::Stale`] if it is not pending.
pub fn recovery_forget(conn: &mut DbConnection, key: KeyId) -> StoreResult<()> {
    let pending = keys::table
        .find(key.as_bytes().as_slice())
        .filter(keys::kind.eq(KeyKind::Recovery.as_str()))
        .filter(keys::state.eq(KeyState::Pending.as_str()));
    one_or(diesel::delete(pending).execute(conn)?, StoreError::Stale)
}

/// Every wrap to a recovery key: whose key it is, and which key is in it.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn recovery_wraps(conn: &mut DbConnection) -> StoreResult<Vec<(KeyId, KeyId)>> {
    Ok(wraps::table
        .inner_join(keys::table.on(keys::id.eq(wraps::parent)))
        .filter(keys::kind.eq(KeyKind::Recovery.as_str()))
        .select((wraps::parent, wraps::child))
        .load(conn)?)
}

/// Every generation of any team that still opens something.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn team_keys_live(conn: &mut DbConnection) -> StoreResult<Vec<(TeamId, KeyId)>> {
    let live = [KeyState::Active.as_str(), KeyState::Retiring.as_str()];
    Ok(keys::table
        .filter(keys::kind.eq(KeyKind::Team.as_str()))
        .filter(keys::state.eq_any(live))
        .order((keys::owner, keys::generation))
        .select((keys::owner, keys::id))
        .load(conn)?)
}

/// Decides whether a team's key is also wrapped to the recovery key.
///
/// # Errors
/// [`StoreError::Stale`] if that is decided already.
pub fn team_recovery_set(conn: &mut DbConnection, team: TeamId, recovery: bool) -> StoreResult<()> {
    let row = teams::table
        .find(team.as_bytes().as_slice())
        .filter(teams::recovery.eq(!recovery));
    let changed = diesel::update(row)
        .set(teams::recovery.eq(recovery))
        .execute(conn)?;
    one_or(changed, StoreError::Stale)
}

/// Forgets who vouched for a newcomer.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn admissions_forget(conn: &mut DbConnection, team: TeamId, staff: StaffId) -> StoreResult<()> {
    let rows = admissions::table
        .filter(admissions::team.eq(team.as_bytes().as_slice()))
        .filter(admissions::staff.eq(staff.as_bytes().as_slice()));
    diesel::delete(rows).execute(conn)?;
    Ok(())
}
