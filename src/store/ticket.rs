//! The keys of forms' tickets, sealed: one a day, so that a new process goes on with what the one before it made.

use super::prelude::*;
use super::schema::ticket_keys;
use crate::domain::clock::{Confirmed, Day};

/// The sealed key of a day.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn ticket_key_find(conn: &mut DbConnection, day: Day) -> StoreResult<Option<Vec<u8>>> {
    ticket_keys::table
        .find(day)
        .select(ticket_keys::sealed)
        .maybe(conn)
}

/// Puts the sealed key of a day there, in place of any other.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn ticket_key_put(conn: &mut WriteTxn<'_>, day: Day, sealed: &[u8]) -> StoreResult<()> {
    ticket_keys::table.find(day).delete(conn)?;
    let row = (ticket_keys::day.eq(day), ticket_keys::sealed.eq(sealed));
    ticket_keys::table.insert(conn, row)
}

/// Whether there are keys of other days than today and the day before.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn ticket_keys_are_over(conn: &mut DbConnection, today: Day) -> StoreResult<bool> {
    let live = ticket_keys::day.between(today.plus(-1), today);
    ticket_keys::table
        .filter(diesel::dsl::not(live))
        .exists(conn)
}

/// Deletes those. Says how many.
///
/// # Errors
/// [`StoreError`] from the database.
pub fn ticket_keys_expire(conn: &mut WriteTxn<'_>, now: Confirmed) -> StoreResult<usize> {
    let today = now.today();
    let live = ticket_keys::day.between(today.plus(-1), today);
    ticket_keys::table
        .filter(diesel::dsl::not(live))
        .delete(conn)
}
