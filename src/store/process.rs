//! What the processes of the service say of themselves, sealed: one row for each set of roles, and one for its last day.

use super::prelude::*;
use super::schema::processes;

/// Puts what a process says of itself in the place of what it said before.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn pulse_put(conn: &mut WriteTxn<'_>, roles: &str, sealed: &[u8]) -> StoreResult<()> {
    processes::table.find(roles).delete(conn)?;
    let row = (processes::roles.eq(roles), processes::sealed.eq(sealed));
    processes::table.insert(conn, row)
}

/// What each of them has said last: its roles, and what is sealed.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn pulse_list(conn: &mut DbConnection) -> StoreResult<Vec<(String, Vec<u8>)>> {
    processes::table
        .filter(processes::roles.not_like(ANY_DAY))
        .order(processes::roles)
        .readable(conn, "processes")
}

/// What a process has seen in the last day stands in a row of its own, which is written less often.
const ANY_DAY: &str = "% day";
const DAY: &str = " day";

/// The name of that row.
pub fn day_name(roles: &str) -> String {
    format!("{roles}{DAY}")
}

/// Puts what a process has seen in the last day in the place of what it had seen before.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn day_put(conn: &mut WriteTxn<'_>, roles: &str, sealed: &[u8]) -> StoreResult<()> {
    pulse_put(conn, &day_name(roles), sealed)
}

/// What each of them has seen: its roles, and what is sealed.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn day_list(conn: &mut DbConnection) -> StoreResult<Vec<(String, Vec<u8>)>> {
    let days: Vec<(String, Vec<u8>)> = processes::table
        .filter(processes::roles.like(ANY_DAY))
        .order(processes::roles)
        .readable(conn, "processes")?;
    let roles = |name: String| name.trim_end_matches(DAY).to_owned();
    let days = days.into_iter();
    Ok(days.map(|(name, sealed)| (roles(name), sealed)).collect())
}
