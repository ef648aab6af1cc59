//! Orders to change a team's key, and the grants that go from one generation to the next.

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::schema::{grants, keys, quarantine, rotations};
use super::staff::one_or;
use super::{DbConnection, GrantRow, StoreError, StoreResult};
use crate::domain::clock::Day;
use crate::domain::ids::{KeyId, ReportId, RotationId, TeamId};
use crate::domain::keys::KeyState;
use crate::domain::rotation::{RotationReason, RotationState};
use crate::domain::sealed::{Grant, Sealed};

/// An order to change a team's key.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Rotation {
    /// Its id.
    pub id: RotationId,
    /// Whose key.
    pub team: TeamId,
    /// Why.
    pub reason: RotationReason,
    /// The day of the order.
    pub ordered: Day,
    /// How far it has come.
    pub state: RotationState,
    /// The new generation, once there is one.
    pub key: Option<KeyId>,
    /// The day it was finished.
    pub done: Option<Day>,
}

/// Orders a change. `false` if one is ordered already that no member has begun: that one will do.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such team.
pub fn rotation_order_in_txn(
    conn: &mut DbConnection,
    id: RotationId,
    team: TeamId,
    reason: RotationReason,
    day: Day,
) -> StoreResult<bool> {
    let waiting = rotations_open(conn, team)?
        .iter()
        .any(|rotation| rotation.state == RotationState::Ordered);
    if waiting {
        return Ok(false);
    }
    diesel::insert_into(rotations::table)
        .values((
            rotations::id.eq(id.as_bytes().as_slice()),
            rotations::team.eq(team.as_bytes().as_slice()),
            rotations::reason.eq(reason.as_str()),
            rotations::ordered_day.eq(day.number()),
            rotations::state.eq(RotationState::Ordered.as_str()),
        ))
        .execute(conn)?;
    Ok(true)
}

/// A team's orders that are not done, the one that has begun first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn rotations_open(conn: &mut DbConnection, team: TeamId) -> StoreResult<Vec<Rotation>> {
    Ok(rotations::table
        .filter(rotations::team.eq(team.as_bytes().as_slice()))
        .filter(rotations::state.ne(RotationState::Done.as_str()))
        .order(rotations::state)
        .load(conn)?)
}

/// Whether any team has an order that is not done.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn rotation_any_open(conn: &mut DbConnection) -> StoreResult<bool> {
    let open = rotations::table.filter(rotations::state.ne(RotationState::Done.as_str()));
    Ok(diesel::select(diesel::dsl::exists(open)).get_result(conn)?)
}

/// The day on which the team's newest finished change was finished.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn rotation_last_done(conn: &mut DbConnection, team: TeamId) -> StoreResult<Option<Day>> {
    let day: Option<Option<Day>> = rotations::table
        .filter(rotations::team.eq(team.as_bytes().as_slice()))
        .filter(rotations::state.eq(RotationState::Done.as_str()))
        .order(rotations::done_day.desc())
        .select(rotations::done_day)
        .first(conn)
        .optional()?;
    Ok(day.flatten())
}

/// An order has its new generation.
///
/// # Errors
/// [`StoreError::Stale`] if somebody else began it; [`StoreError::Conflict`] while another one of the team runs.
pub fn rotation_begin(conn: &mut DbConnection, id: RotationId, key: KeyId) -> StoreResult<()> {
    let row = rotations::table
        .find(id.as_bytes().as_slice())
        .filter(rotations::state.eq(RotationState::Ordered.as_str()));
    let changed = diesel::update(row)
        .set((
            rotations::state.eq(RotationState::Begun.as_str()),
            rotations::key.eq(key.as_bytes().as_slice()),
        ))
        .execute(conn)?;
    one_or(changed, StoreError::Stale)
}

/// An order is done.
///
/// # Errors
/// [`StoreError::Stale`] if somebody else was faster.
pub fn rotation_finish(conn: &mut DbConnection, id: RotationId, day: Day) -> StoreResult<()> {
    let row = rotations::table
        .find(id.as_bytes().as_slice())
        .filter(rotations::state.eq(RotationState::Begun.as_str()));
    let changed = diesel::update(row)
        .set((
            rotations::state.eq(RotationState::Done.as_str()),
            rotations::done_day.eq(day.number()),
        ))
        .execute(conn)?;
    one_or(changed, StoreError::Stale)
}

/// At most `limit` grants under a key, by report from `from` on.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn grants_of_key(
    conn: &mut DbConnection,
    key: KeyId,
    from: ReportId,
    limit: i64,
) -> StoreResult<Vec<GrantRow>> {
    Ok(grants::table
        .filter(grants::key.eq(key.as_bytes().as_slice()))
        .filter(grants::report.ge(from.as_bytes().as_slice()))
        .order(grants::report)
        .limit(limit)
        .load(conn)?)
}

/// How many grants are under a key.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn grants_count(conn: &mut DbConnection, key: KeyId) -> StoreResult<i64> {
    Ok(grants::table
        .filter(grants::key.eq(key.as_bytes().as_slice()))
        .count()
        .get_result(conn)?)
}

/// Puts the grant under a new key in the place of the one under an old key. `false` if the old one was gone: it was revoked, or
/// another hand was faster, and nothing comes back.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn grant_replace_in_txn(
    conn: &mut DbConnection,
    report: ReportId,
    old: KeyId,
    new: KeyId,
    sealed: &Sealed<Grant>,
) -> StoreResult<bool> {
    let row = grants::table.find((report.as_bytes().as_slice(), old.as_bytes().as_slice()));
    if diesel::delete(row).execute(conn)? != 1 {
        return Ok(false);
    }
    grant_put(conn, report, new, sealed)?;
    Ok(true)
}

/// A grant that was opened before it was kept counts for more than one that lies there already.
fn grant_put(
    conn: &mut DbConnection,
    report: ReportId,
    key: KeyId,
    sealed: &Sealed<Grant>,
) -> StoreResult<()> {
    let row = grants::table.find((report.as_bytes().as_slice(), key.as_bytes().as_slice()));
    diesel::delete(row).execute(conn)?;
    diesel::insert_into(grants::table)
        .values((
            grants::report.eq(report.as_bytes().as_slice()),
            grants::key.eq(key.as_bytes().as_slice()),
            grants::sealed.eq(sealed.as_bytes()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Sets a grant aside as it is, byte for byte, in the place of one that lies there: whoever can write to the database lays it there
/// again and again, and the change goes on. `false` if it was gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn grant_quarantine_in_txn(
    conn: &mut DbConnection,
    report: ReportId,
    key: KeyId,
    day: Day,
) -> StoreResult<bool> {
    let row = grants::table.find((report.as_bytes().as_slice(), key.as_bytes().as_slice()));
    let kept = row.select((
        grants::report,
        grants::key,
        grants::sealed,
        day.number().into_sql::<BigInt>(),
    ));
    let aside = quarantine::table.find((report.as_bytes().as_slice(), key.as_bytes().as_slice()));
    if is_there(conn, report, key)? {
        diesel::delete(aside).execute(conn)?;
    }
    diesel::insert_into(quarantine::table)
        .values(kept)
        .into_columns((
            quarantine::report,
            quarantine::key,
            quarantine::sealed,
            quarantine::day,
        ))
        .execute(conn)?;
    Ok(diesel::delete(row).execute(conn)? == 1)
}

fn is_there(conn: &mut DbConnection, report: ReportId, key: KeyId) -> StoreResult<bool> {
    let row = grants::table.find((report.as_bytes().as_slice(), key.as_bytes().as_slice()));
    Ok(diesel::select(diesel::dsl::exists(row)).get_result(conn)?)
}

/// Grants that were set aside under a key.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn quarantine_of_key(conn: &mut DbConnection, key: KeyId) -> StoreResult<Vec<GrantRow>> {
    Ok(quarantine::table
        .filter(quarantine::key.eq(key.as_bytes().as_slice()))
        .order(quarantine::report)
        .select((quarantine::report, quarantine::key, quarantine::sealed))
        .load(conn)?)
}

/// How many grants were set aside under a key.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn quarantine_count(conn: &mut DbConnection, key: KeyId) -> StoreResult<i64> {
    Ok(quarantine::table
        .filter(quarantine::key.eq(key.as_bytes().as_slice()))
        .count()
        .get_result(conn)?)
}

/// Brings a grant back that was set aside and now opens, under a new key. `false` if it was gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn quarantine_release_in_txn(
    conn: &mut DbConnection,
    report: ReportId,
    old: KeyId,
    new: KeyId,
    sealed: &Sealed<Grant>,
) -> StoreResult<bool> {
    let row = quarantine::table.find((report.as_bytes().as_slice(), old.as_bytes().as_slice()));
    if diesel::delete(row).execute(conn)? != 1 {
        return Ok(false);
    }
    grant_put(conn, report, new, sealed)?;
    Ok(true)
}

/// Whether a key is active, inside the transaction that depends on it.
///
/// # Errors
/// [`StoreError::Stale`] if it is not.
pub fn key_is_active_in_txn(conn: &mut DbConnection, key: KeyId) -> StoreResult<()> {
    let active = keys::table
        .find(key.as_bytes().as_slice())
        .filter(keys::state.eq(KeyState::Active.as_str()));
    let is_active: bool = diesel::select(diesel::dsl::exists(active)).get_result(conn)?;
    if is_active {
        Ok(())
    } else {
        Err(StoreError::Stale)
    }
}
