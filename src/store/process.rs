//! What the processes of the service say of themselves, sealed: one row for each set of roles.

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
    Ok(processes::table.order(processes::roles).load(conn)?)
}
