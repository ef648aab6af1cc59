//! Wrong codes and passphrases, for as long as they count.

use super::prelude::*;
use super::schema::attempts;
use crate::domain::clock::{Confirmed, Timestamp};
use crate::domain::ids::StaffId;
use crate::domain::staff::Way;

/// Keeps that somebody was wrong. `id` is random and tells two of one second apart.
///
/// # Errors
/// From the database.
pub fn attempt_insert(
    conn: &mut WriteTxn<'_>,
    id: &[u8; 16],
    staff: StaffId,
    way: Way,
    at: Timestamp,
) -> StoreResult<()> {
    let row = (
        attempts::staff.eq(staff),
        attempts::way.eq(way),
        attempts::at.eq(at),
        attempts::id.eq(id),
    );
    attempts::table.insert(conn, row)
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
        .filter(attempts::staff.eq(staff))
        .filter(attempts::way.eq(way))
        .filter(attempts::at.gt(moment))
        .order(attempts::at.desc())
        .select(attempts::at)
        .load(conn)?)
}

/// Forgets those that are that many seconds old. Says how many.
///
/// # Errors
/// From the database.
pub fn attempts_expire(
    conn: &mut WriteTxn<'_>,
    now: Confirmed,
    seconds: i64,
) -> StoreResult<usize> {
    let moment = now.now().plus(seconds.saturating_neg());
    let old = attempts::table.filter(attempts::at.le(moment));
    old.delete(conn)
}
