//! Wrong codes and passphrases, for as long as they count.

use diesel::prelude::*;

use super::schema::attempts;
use super::{DbConnection, StoreResult};
use crate::domain::clock::Timestamp;
use crate::domain::ids::StaffId;
use crate::domain::staff::Way;

/// Keeps that somebody was wrong. `id` is random and tells two of one second apart.
///
/// # Errors
/// From the database.
pub fn attempt_insert(
    conn: &mut DbConnection,
    id: &[u8; 16],
    staff: StaffId,
    way: Way,
    at: Timestamp,
) -> StoreResult<()> {
    diesel::insert_into(attempts::table)
        .values((
            attempts::staff.eq(staff.as_bytes().as_slice()),
            attempts::way.eq(way.as_str()),
            attempts::at.eq(at.seconds()),
            attempts::id.eq(id.as_slice()),
        ))
        .execute(conn)?;
    Ok(())
}

/// When somebody was wrong after that moment, the last first.
///
/// # Errors
/// From the database.
pub fn attempts_after(
    conn: &mut DbConnection,
    staff: StaffId,
    way: Way,
    moment: Timestamp,
) -> StoreResult<Vec<Timestamp>> {
    Ok(attempts::table
        .filter(attempts::staff.eq(staff.as_bytes().as_slice()))
        .filter(attempts::way.eq(way.as_str()))
        .filter(attempts::at.gt(moment.seconds()))
        .order(attempts::at.desc())
        .select(attempts::at)
        .load(conn)?)
}

/// Forgets those up to that moment. Says how many.
///
/// # Errors
/// From the database.
pub fn attempts_expire(conn: &mut DbConnection, moment: Timestamp) -> StoreResult<usize> {
    let old = attempts::table.filter(attempts::at.le(moment.seconds()));
    Ok(diesel::delete(old).execute(conn)?)
}
