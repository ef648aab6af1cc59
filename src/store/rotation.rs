//! Orders to change a team's key, and the grants that go from one generation to the next.

use diesel::sql_types::BigInt;

use super::GrantRow;
use super::prelude::*;
use super::report::grant_row_insert;
use super::schema::{grants, quarantine, rotations};
use crate::domain::clock::Day;
use crate::domain::ids::{KeyId, ReportId, RotationId, TeamId};
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

/// Orders a change. `false` if one is ordered already that no member has begun: that one will do, for the graver of both reasons.
///
/// # Errors
/// [`StoreError::NotFound`] if there is no such team.
pub fn rotation_order(
    conn: &mut WriteTxn<'_>,
    id: RotationId,
    team: TeamId,
    reason: RotationReason,
    day: Day,
) -> StoreResult<bool> {
    let open = rotations_open(conn, team)?;
    let waiting = |rotation: &&Rotation| rotation.state == RotationState::Ordered;
    if let Some(waiting) = open.iter().find(waiting) {
        if reason > waiting.reason {
            diesel::update(rotations::table.find(waiting.id))
                .set(rotations::reason.eq(reason))
                .done(conn)?;
        }
        return Ok(false);
    }
    let row = (
        rotations::id.eq(id),
        rotations::team.eq(team),
        rotations::reason.eq(reason),
        rotations::ordered_day.eq(day),
        rotations::state.eq(RotationState::Ordered),
    );
    rotations::table.insert(conn, row)?;
    Ok(true)
}

/// A team's orders that are not done, the one that has begun first.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn rotations_open(conn: &mut DbConnection, team: TeamId) -> StoreResult<Vec<Rotation>> {
    rotations::table
        .filter(rotations::team.eq(team))
        .filter(rotations::state.ne(RotationState::Done))
        .order(rotations::state)
        .readable(conn, "rotations")
}

/// Whether any team has an order that is not done.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn rotation_any_open(conn: &mut DbConnection) -> StoreResult<bool> {
    rotations::table
        .filter(rotations::state.ne(RotationState::Done))
        .exists(conn)
}

/// An order has its new generation.
///
/// # Errors
/// [`StoreError::Stale`] if somebody else began it; [`StoreError::Conflict`] while another one of the team runs.
pub fn rotation_begin(conn: &mut WriteTxn<'_>, id: RotationId, key: KeyId) -> StoreResult<()> {
    let row = rotations::table
        .find(id)
        .filter(rotations::state.eq(RotationState::Ordered));
    diesel::update(row)
        .set((
            rotations::state.eq(RotationState::Begun),
            rotations::key.eq(key),
        ))
        .or_stale(conn)
}

/// An order is done.
///
/// # Errors
/// [`StoreError::Stale`] if somebody else was faster.
pub fn rotation_finish(conn: &mut WriteTxn<'_>, id: RotationId, day: Day) -> StoreResult<()> {
    let row = rotations::table
        .find(id)
        .filter(rotations::state.eq(RotationState::Begun));
    diesel::update(row)
        .set((
            rotations::state.eq(RotationState::Done),
            rotations::done_day.eq(day),
        ))
        .or_stale(conn)
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
        .filter(grants::key.eq(key))
        .filter(grants::report.ge(from))
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
        .filter(grants::key.eq(key))
        .count()
        .get_result(conn)?)
}

/// Puts the grant under a new key in the place of the one under an old key. `false` if the old one was gone: it was revoked, or
/// another hand was faster, and nothing comes back.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn grant_replace(
    conn: &mut WriteTxn<'_>,
    report: ReportId,
    old: KeyId,
    new: KeyId,
    sealed: &Sealed<Grant>,
) -> StoreResult<bool> {
    let taken = diesel::delete(grants::table.find((report, old))).one(conn)?;
    if taken {
        grant_put(conn, report, new, sealed)?;
    }
    Ok(taken)
}

/// A grant that was opened before it was kept counts for more than one that lies there already.
fn grant_put(
    conn: &mut WriteTxn<'_>,
    report: ReportId,
    key: KeyId,
    sealed: &Sealed<Grant>,
) -> StoreResult<()> {
    grants::table.find((report, key)).delete(conn)?;
    grant_row_insert(conn, report, key, sealed)
}

/// Sets a grant aside as it is, byte for byte, in the place of one that lies there: whoever can write to the database lays it there
/// again and again, and the change goes on. `false` if it was gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn grant_quarantine(
    conn: &mut WriteTxn<'_>,
    report: ReportId,
    key: KeyId,
    day: Day,
) -> StoreResult<bool> {
    let row = grants::table.find((report, key));
    let day = day.into_sql::<BigInt>();
    let kept = row.select((grants::report, grants::key, grants::sealed, day));
    let aside = quarantine::table.find((report, key));
    if row.exists(conn)? {
        aside.delete(conn)?;
    }
    diesel::insert_into(quarantine::table)
        .values(kept)
        .into_columns(quarantine::all_columns)
        .execute(&mut **conn)?;
    diesel::delete(row).one(conn)
}

/// Grants that were set aside under a key.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn quarantine_of_key(conn: &mut DbConnection, key: KeyId) -> StoreResult<Vec<GrantRow>> {
    Ok(quarantine::table
        .filter(quarantine::key.eq(key))
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
        .filter(quarantine::key.eq(key))
        .count()
        .get_result(conn)?)
}

/// Brings a grant back that was set aside and now opens, under a new key. `false` if it was gone.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn quarantine_release(
    conn: &mut WriteTxn<'_>,
    report: ReportId,
    old: KeyId,
    new: KeyId,
    sealed: &Sealed<Grant>,
) -> StoreResult<bool> {
    let taken = diesel::delete(quarantine::table.find((report, old))).one(conn)?;
    if taken {
        grant_put(conn, report, new, sealed)?;
    }
    Ok(taken)
}
